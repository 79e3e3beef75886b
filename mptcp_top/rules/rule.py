"""What a rule says, as frozen values that read back as the text they were made from."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from mptcp_top.model import Severity

MARGIN: Final = 0.1
"""How far a figure must come back over its limit, in parts of it, before a rule without ``until`` says no."""


class Unit(StrEnum):
    """What a limit is given in."""

    PLAIN = ""
    PERCENT = "%"
    SECOND = "/s"
    MINUTE = "/min"
    HOUR = "/h"

    @property
    def per(self) -> float:
        """What a number of this unit is divided by, to be a share or a rate per second."""
        return {Unit.PERCENT: 100.0, Unit.MINUTE: 60.0, Unit.HOUR: 3600.0}.get(self, 1.0)

    @property
    def is_rate(self) -> bool:
        """Whether it is so much in some time."""
        return self in {Unit.SECOND, Unit.MINUTE, Unit.HOUR}


RATES: Final = tuple(unit for unit in Unit if unit.is_rate)


class Operand(NamedTuple):
    """What is looked at: one figure or counter, or one of them ``over`` another."""

    name: str
    over: str = ""

    def __str__(self) -> str:
        return f"{self.name} / {self.over}" if self.over else self.name


class Comparison(NamedTuple):
    """An operand held against a limit; one that ``rises`` has none.

    >>> str(Comparison(Operand("join_success"), "<", 95.0, Unit.PERCENT))
    'join_success < 95%'
    """

    operand: Operand
    sign: str
    number: float = 0.0
    unit: Unit = Unit.PLAIN

    def __str__(self) -> str:
        return f"{self.operand} {self.test}"

    @property
    def test(self) -> str:
        """What is asked of the operand, as text."""
        return self.sign if self.rises else f"{self.sign} {number_text(self.number)}{self.unit}"

    @property
    def rises(self) -> bool:
        """Whether it asks only that a counter grows."""
        return self.sign == "rises"

    @property
    def limit(self) -> float:
        """The limit as a share, a rate per second or a level."""
        return self.number / self.unit.per

    @property
    def lenient_limit(self) -> float:
        """The limit an alert that holds is measured by: a tenth easier to be on the wrong side of.

        Of a share, a tenth of the way to 0 % or 100 %, whichever is nearer.

        >>> round(Comparison(Operand("join_success"), "<", 95.0, Unit.PERCENT).lenient_limit, 4)
        0.955
        >>> Comparison(Operand("errors"), ">", 10.0, Unit.SECOND).lenient_limit
        9.0
        """
        share = not self.unit.is_rate and 0 <= self.limit <= 1
        margin = MARGIN * (min(self.limit, 1 - self.limit) if share else self.limit)
        return self.limit + margin if self.sign.startswith("<") else self.limit - margin

    def says(self, value: float, *, least: bool = False, lenient: bool = False) -> bool | None:
        """Return whether a value is on the wrong side of the limit.

        Where only the ``least`` it can be is known, that may say nothing.

        >>> many = Comparison(Operand("errors"), ">", 3.0, Unit.SECOND)
        >>> many.says(4.0), many.says(2.0), many.says(2.0, least=True), many.says(4.0, least=True)
        (True, False, None, True)
        """
        limit = self.lenient_limit if lenient else self.limit
        found = _SIGNS[self.sign](value, limit)
        if least and found == self.sign.startswith("<"):
            return None
        return found


_SIGNS: Final = {
    "<": float.__lt__,
    "<=": float.__le__,
    ">": float.__gt__,
    ">=": float.__ge__,
    "rises": float.__gt__,
}
SIGNS: Final = tuple(sign for sign in _SIGNS if sign != "rises")


class AllOf(NamedTuple):
    """Conditions that must all be true."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts)


class AnyOf(NamedTuple):
    """Conditions of which one must be true."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " or ".join(str(part) for part in self.parts)


Condition = Comparison | AllOf | AnyOf


class Rule(NamedTuple):
    """When an alert begins, and when it ends.

    It begins when ``when`` has been true for ``seconds``. It ends when ``until`` has been true for ``until_seconds``;
    without ``until`` when ``when`` has been clearly false (by its lenient limits), and without ``until_seconds`` for
    as long as it had to be true.
    """

    when: Condition
    seconds: float = 0.0
    until: Condition | None = None
    until_seconds: float | None = None

    @property
    def end_seconds(self) -> float:
        """How long it must have been over."""
        return self.seconds if self.until_seconds is None else self.until_seconds

    def __str__(self) -> str:
        parts = [str(self.when)]
        if self.seconds:
            parts.append(f"for {duration_text(self.seconds)}")
        if self.until is not None:
            parts.append(f"until {_until_text(self.when, self.until)}")
            if self.until_seconds is not None:
                parts.append(f"for {duration_text(self.until_seconds)}")
        return " ".join(parts)


class Watch(NamedTuple):
    """A rule with its name, how bad it is when it alarms, and the targets it is for: without any, all."""

    name: str
    rule: Rule
    severity: Severity = Severity.WARNING
    targets: tuple[str, ...] = ()


def comparisons_of(condition: Condition) -> tuple[Comparison, ...]:
    """Return the comparisons of a condition, from left to right."""
    if isinstance(condition, Comparison):
        return (condition,)
    return tuple(one for part in condition.parts for one in comparisons_of(part))


def number_text(number: float) -> str:
    """Return a number as it is typed, so that it reads back as the same.

    >>> number_text(95.0), number_text(0.1), number_text(1e-07)
    ('95', '0.1', '1e-07')
    """
    return repr(number).removesuffix(".0")


def duration_text(seconds: float) -> str:
    """Return a length of time as it is typed, in the largest unit it is whole in.

    >>> duration_text(30.0), duration_text(120.0), duration_text(7200.0), duration_text(0.5)
    ('30s', '2m', '2h', '0.5s')
    """
    for size, unit in ((3600.0, "h"), (60.0, "m")):
        if seconds and seconds % size == 0 and seconds / size * size == seconds:
            return f"{number_text(seconds / size)}{unit}"
    return f"{number_text(seconds)}s"


def _until_text(when: Condition, until: Condition) -> str:
    """Return the end of a rule as text: of the same single operand it need not be said again."""
    if isinstance(when, Comparison) and isinstance(until, Comparison) and when.operand == until.operand:
        return until.test
    return str(until)
