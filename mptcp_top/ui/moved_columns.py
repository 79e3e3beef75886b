"""The columns of what moved: each with its words for a change. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.ui.glyphs import HIGHER, LOWER
from mptcp_top.ui.line import Look
from mptcp_top.ui.numbers import count_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.engine.shift import Shift
    from mptcp_top.ui.moved import Change

_COUNT: Final = 11


class Column(NamedTuple):
    """A column: the lightest is left out first. Some are there only where there is a before, or only where not."""

    title: str
    width: int
    weight: int
    shows: Callable[[Change, float], str]
    compares: bool | None = None


def change_text(shift: Shift | None) -> str:
    """Return how a counter changed, in nine characters at most.

    >>> from mptcp_top.engine.shift import Shift
    >>> [change_text(Shift(45.0, since, 9.0)) for since in (1100.0, 76500.0, 117.0, 63.0, 9.0, 0.1, 0.0)]
    ['x24 ▲', 'x1.70k ▲', 'x2.6 ▲', '+40 % ▲', '-80 % ▼', '-99 % ▼', 'stopped ▼']
    >>> [change_text(shift) for shift in (Shift(0.0, 5.0, 9.0), Shift(45.0, 46.0), Shift(0.0, 0.1), None)]
    ['new ▲', 'as before', 'unclear', '–']
    """
    if shift is None:
        return text.UNKNOWN
    if not shift.far:
        return "as before" if shift.alike else "unclear"
    if not shift.before:
        return f"new {HIGHER}"
    if not shift.since:
        return f"stopped {LOWER}"
    times = shift.since / shift.before
    if times < 1:
        return f"-{int(100 * (1 - times))} % {LOWER}"
    return f"{_times(times)} {HIGHER}"


def _times(times: float) -> str:
    if times < 2:
        return f"+{100 * (times - 1):.0f} %"
    if times < 9.95:
        return f"x{times:.1f}"
    return f"x{times:.0f}" if times < 999.5 else f"x{text.magnitude(times)}"


def change_look(change: Change) -> Look:
    """Return how to draw what changed: an error that is faster is bad, one that is slower is good."""
    if change.shift is None or not change.shift.far:
        return Look.QUIET
    if not change.moved.metric.flagged:
        return Look.TITLE
    return Look.BAD if change.shift.since > change.shift.before else Look.GOOD


def _mean(change: Change) -> str:
    known = change.seconds > 0
    return f"{text.rate(change.moved.grown / change.seconds)} /s" if known else text.UNKNOWN


def _before(change: Change) -> str:
    return text.UNKNOWN if change.shift is None else f"{text.rate(change.shift.before)} /s"


def _first(change: Change, wall: float) -> str:
    """Return when a counter first rose; what was before the oldest sample that is remembered is not known."""
    if not change.moved.grown:
        return "none"
    return text.UNKNOWN if change.moved.first is None else text.when(change.moved.first, wall)


def _last(change: Change, wall: float) -> str:
    if not change.moved.grown:
        return "none"
    if change.moved.last is None:
        return text.UNKNOWN
    return "rising" if change.episode is not None else text.when(change.moved.last, wall)


COLUMNS: Final = (
    Column("increase", _COUNT, 7, lambda change, _: count_text(change.moved.grown, _COUNT)),
    Column("mean", 9, 6, lambda change, _: _mean(change), compares=False),
    Column("before", 9, 8, lambda change, _: _before(change), compares=True),
    Column("since", 9, 9, lambda change, _: _mean(change), compares=True),
    Column("change", 9, 10, lambda change, _: change_text(change.shift), compares=True),
    Column("first rise", 10, 4, _first),
    Column("last rise", 10, 5, _last),
)
