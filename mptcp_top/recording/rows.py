"""What a recording's rows hold, made and read again: pure functions between our terms and SQLite's."""

from __future__ import annotations

import json
from operator import add, sub
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.model import Group, Identity, Kind, Layout, Metric, Severity
from mptcp_top.recording import strict
from mptcp_top.recording.schema import TARGET_BITS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TARGETS_AT_MOST: Final = (1 << TARGET_BITS) - 1
_LARGEST: Final = 2**63 - 1
_UNKNOWABLE: Final = 2**64 - 1
_DIGITS: Final = 20
_HALF: Final = 2**62
_KNOWN: Final = frozenset({int, type(None)})

Value = int | str | None
"""A value in a row: a text where 64 bits with a sign cannot hold it, None where it is not known."""


class Stretch(NamedTuple):
    """A run of samples of one target in which nothing changed but the values: they stand above one base row."""

    number: int
    target: int
    session: int
    layout: int
    identity: int
    first: int
    interval_ms: int
    refresh_ms: int
    wrap_bits: int | None


def row_id(microseconds: int, target: int) -> int:
    """Return the number of a row: when, and of which target.

    >>> row_id(1_000_000, 3), when_and_whose(2048000003)
    (2048000003, (1000000, 3))
    """
    return microseconds << TARGET_BITS | target


def when_and_whose(number: int) -> tuple[int, int]:
    """Return the time and the target of a row."""
    return strict.moment(number >> TARGET_BITS), number & TARGETS_AT_MOST


def written(value: int) -> int | str:
    """Return a number as a row holds it where it is not counted from another.

    >>> written(7), written(2**64 - 2)
    (7, '18446744073709551614')
    """
    return value if -_LARGEST <= value <= _LARGEST else str(value)


def skew_of(microseconds: int, wall: float) -> int:
    """Return how many milliseconds the wall clock is ahead of the recording's at a moment."""
    return round(wall * 1e3 - microseconds / 1e3)


def wall_of(microseconds: int, skew: int) -> float:
    """Return the wall clock at a moment of the recording, to the millisecond that `skew_of` keeps.

    >>> wall_of(1_000_000, skew_of(1_000_000, 1760000000.0004))
    1760000000.0
    """
    return (microseconds + skew * 1000) / 1e6


def same_wall(microseconds: int, wall: float) -> float:
    """Return a wall-clock time just as a reading of that moment has it, so that both compare as they did."""
    return wall_of(microseconds, skew_of(microseconds, wall))


def base_row(values: Sequence[int | None]) -> list[Value]:
    """Return the values that a stretch begins with, as the others are counted from them.

    >>> base_row((7, None, 2**64 - 2))
    [7, None, '18446744073709551614']
    """
    return [str(value) if value is not None and value > _HALF else value for value in values]


def above(values: Sequence[int | None], base: Sequence[Value]) -> list[Value] | None:
    """Return how far values are above a base row, None if they need another one.

    No sum of the two is more than 64 bits with a sign can hold: SQL adds them up, too.

    >>> above((9, None, 2**64 - 1), [7, 4, "18446744073709551614"]), above((9,), [None]), above((2**63,), [9])
    ([2, None, '18446744073709551615'], None, None)
    """
    try:
        found: list[Value] = list(map(sub, values, base))
    except TypeError:  # some are not known, or too large
        return _above(values, base)
    return found if max(found, default=0) < _HALF else None  # type: ignore[type-var, operator]  # they are numbers


def _above(values: Sequence[int | None], base: Sequence[Value]) -> list[Value] | None:
    found: list[Value] = []
    for value, begin in zip(values, base, strict=True):
        if value is None:
            found.append(None)
        elif type(begin) is int and value - begin < _HALF:
            found.append(value - begin)
        elif isinstance(begin, str):
            found.append(str(value))
        else:
            return None
    return found


def restorer(base: Sequence[Value]) -> Callable[[Sequence[Value]], tuple[int | None, ...]]:
    """Return what makes the values of a row above a base again.

    >>> restorer([7, 4, 10])([2, 0, 1]), restorer([7, None])([None, None])
    ((9, 4, 11), (None, None))
    >>> restorer([7, "18446744073709551614"])([2, "18446744073709551615"])
    (9, 18446744073709551615)

    Raises:
        ValueError: they are no counters' values; what is returned raises it, too.
    """
    if not _KNOWN.issuperset(map(type, base)):
        return lambda row: _slowly(row, base)
    whole = None not in base

    def restore(row: Sequence[Value]) -> tuple[int | None, ...]:
        try:
            if whole and None not in row:
                found = known = tuple(map(add, base, row))  # whole numbers
            else:
                pairs = zip(row, base, strict=True)
                found = tuple([None if value is None or begin is None else begin + value for value, begin in pairs])  # type: ignore[operator]
                known = tuple([value for value in found if value is not None])
        except TypeError:  # texts
            return _slowly(row, base)
        if type(sum(known)) is not int or min(known, default=0) < 0:
            raise ValueError("a counter is no whole number, or below zero")
        return found

    return restore


def _slowly(row: Sequence[Value], base: Sequence[Value]) -> tuple[int | None, ...]:
    found = [_restored(value, begin) for value, begin in zip(row, base, strict=True)]
    if min((value for value in found if value is not None), default=0) < 0:
        raise ValueError("a counter is below zero")
    return tuple(found)


def _restored(value: Value, begin: Value) -> int | None:
    if value is None or begin is None:
        return None
    if isinstance(value, str) and value.isdecimal() and len(value) <= _DIGITS:
        return min(int(value), _UNKNOWABLE)
    return strict.whole(begin) + strict.whole(value)


def metrics_text(metrics: Sequence[Metric]) -> str:
    """Return metrics as JSON."""
    return json.dumps([list(metric) for metric in metrics], ensure_ascii=False, separators=(",", ":"))


def metrics_of(written: str) -> tuple[Metric, ...]:
    """Return the metrics that a JSON text holds.

    Raises:
        ValueError: it holds none; or TypeError.
    """
    return tuple(metric_of(fields) for fields in strict.loaded(written))


def metric_of(fields: Sequence[object]) -> Metric:
    """Return a metric from its fields.

    Raises:
        ValueError: it is none; or TypeError.
    """
    name, label, group, kind, severity, concept, hint, unit, flag_above, net_of, ambiguous = fields
    return Metric(
        strict.words(name), strict.words(label),
        Group(strict.words(group)), Kind(strict.words(kind)), Severity(strict.words(severity)),
        strict.words(concept), strict.words(hint), strict.words(unit),
        None if flag_above is None else strict.real(flag_above),
        None if net_of is None else strict.words(net_of),
        bool(ambiguous),
    )  # fmt: skip


def identity_row(identity: Identity) -> tuple[str | None, ...]:
    """Return an identity as the columns of its table."""
    facts, notices = (json.dumps(part, ensure_ascii=False) for part in (dict(identity.facts), identity.notices))
    return identity.host, identity.product, identity.boot, facts, notices, identity.prefix, identity.role


def identity_of(row: Sequence[str | None]) -> Identity:
    """Return the identity that a row of its table holds.

    Raises:
        ValueError: it holds none.
    """
    host, product, boot, prefix, role = (row[place] and strict.words(row[place]) for place in (0, 1, 2, 5, 6))
    facts, notices = row[3:5]
    known = {strict.words(name): strict.words(fact) for name, fact in dict(strict.loaded(facts or "{}")).items()}
    told = tuple(strict.words(notice) for notice in strict.loaded(notices or "[]"))
    return Identity(host or "", product or "", boot, known, told, prefix or "", role or "")


def layout_of(written: str) -> Layout:
    """Return the layout that the text of `metrics_text` holds."""
    return Layout(metrics_of(written))
