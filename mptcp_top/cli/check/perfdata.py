"""The numbers after the bar: ``'label'=value[UOM];warn;crit;min;max``, by the guidelines of the Monitoring Plugins."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.cli.check.state import State, state_of
from mptcp_top.rules.names import Sort, sort_of
from mptcp_top.rules.rule import Unit
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.cli.check.findings import Finding
    from mptcp_top.rules.rule import Comparison

UNKNOWN: Final = "U"
_IN_LABELS: Final = str.maketrans({"=": "_", "'": "_", "|": "_", " ": ""})


class Perf(NamedTuple):
    """One number with its limits, which are ranges: an alarm is what lies outside, or with an @ inside."""

    label: str
    asked: Comparison
    value: float | None
    limits: dict[State, str]

    def __str__(self) -> str:
        unit = "%" if self.asked.unit is Unit.PERCENT else ""
        value = UNKNOWN if self.value is None else f"{plain(quantity_of(self.asked, self.value))}{unit}"
        warn, crit = (self.limits.get(state, "") for state in (State.WARNING, State.CRITICAL))
        return f"'{self.label}'={value};{warn};{crit};0;{_greatest(self.asked)}".rstrip(";")


def perfdata_of(findings: Iterable[Finding], *, several: bool) -> tuple[Perf, ...]:
    """Return the numbers of all rules, each once; of ``several`` targets their names come first.

    A level without a limit of its own has none; of two limits of one number and one state the first is told.
    """
    found: dict[str, Perf] = {}
    for finding in findings:
        for asked, value, *_ in finding.told:
            unit = Unit.SECOND if asked.rises else asked.unit
            name = f"{asked.operand}{unit if unit.is_rate else ''}"
            label = printable(f"{finding.target}:{name}" if several else name).translate(_IN_LABELS)
            perf = found.setdefault(label, Perf(label, asked, value, {}))
            if finding.one is not None:
                perf.limits.setdefault(state_of(finding.one.watch.severity), range_of(asked))
    return tuple(found.values())


def quantity_of(asked: Comparison, value: float) -> float:
    """Return a value in the unit of the limit it is compared with.

    >>> from mptcp_top.rules.parser import parse
    >>> quantity_of(parse("errors > 6/min").when, 0.1), quantity_of(parse("joins_in < 90%").when, 0.5)
    (6.0, 50.0)
    """
    return value if asked.rises else value * asked.unit.per


def range_of(asked: Comparison) -> str:
    """Return the limit of a comparison as a range of the plugins.

    >>> from mptcp_top.rules.parser import parse
    >>> [range_of(parse(f"sessions {test}").when) for test in ("< 10", "<= 10", "> 10", ">= 10")]
    ['10:', '@~:10', '10', '@10:']
    >>> range_of(parse("errors rises").when)
    '0'
    """
    return _RANGES[asked.sign].format(plain(asked.number))


def plain(value: float) -> str:
    """Return a number of 0 or more in digits and a point, whole ones to the last digit, others to six.

    >>> plain(12345678.0), plain(1 / 3), plain(0.00001), plain(1e20), plain(0.0)
    ('12345678', '0.333333', '0.00001', '100000000000000000000', '0')
    """
    return str(int(value)) if value.is_integer() else f"{Decimal(f'{value:.6g}'):f}"


_RANGES: Final = {"<": "{}:", "<=": "@~:{}", ">": "{}", ">=": "@{}:", "rises": "{}"}


def _greatest(asked: Comparison) -> str:
    """Return the most a value can be, nothing where that is not known."""
    if asked.operand.over or sort_of(asked.operand.name) is not Sort.SHARE:
        return ""
    return "100" if asked.unit is Unit.PERCENT else "1"
