"""The charts of a report before anybody draws them: which counters, over which time, and what they did in it."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.series import Between
from mptcp_top.engine.trend import Break
from mptcp_top.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mptcp_top.engine.series import Stretch
    from mptcp_top.engine.store import Store
    from mptcp_top.report.story import Rise, Story

DRAWN: Final = 8
"""So many counters have a chart, those of the worst targets first."""

STRETCHES: Final = 180
STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
TICKS: Final = (*STEPS[3:], 172800, 604800)
_ROUND: Final = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
AROUND: Final = 0.25
AROUND_SECONDS: Final = 60.0


class Point(NamedTuple):
    """A stretch of time by the wall clock, and the rate in it, or why there is none."""

    begin: float
    end: float
    rate: float | None
    why: Break | None = None


class Band(NamedTuple):
    """A stretch of time, or a moment, to be shown as such."""

    begin: float
    end: float
    called: str = ""


class Curve(NamedTuple):
    """One counter of one target over time. Times are of the wall clock."""

    rise: Rise
    begin: float
    end: float
    step_seconds: float
    points: tuple[Point, ...]
    bands: tuple[Band, ...]
    marks: tuple[Band, ...]

    @property
    def highest(self) -> float:
        """The highest rate in it."""
        return max((point.rate for point in self.points if point.rate is not None), default=0.0)

    @property
    def title(self) -> str:
        """What it shows."""
        return f"{self.rise.target.name}: {self.rise.metric.name} ({self.rise.metric.label})"

    @property
    def numbers(self) -> str:
        """What its episodes come to."""
        peak = f"peak {text.rate(self.rise.peak_rate)} /s between two readings"
        return f"+{self.rise.total:,} in {counted(len(self.rise.episodes), 'episode')}, {peak}"


def curves_of(store: Store, story: Story) -> list[Curve]:
    """Return the charts: what matters most first."""
    return [_curve(store, rise, story) for rise in story.rises[:DRAWN]]


def nice_step(longest: float, among: Sequence[int] = STEPS) -> float:
    """Return the shortest step that is not shorter than so many seconds.

    >>> nice_step(0.3), nice_step(31.0), nice_step(1e9)
    (1.0, 60.0, 86400.0)
    """
    return float(next((step for step in among if step >= longest), among[-1]))


def nice_ceiling(highest: float) -> float:
    """Return a round number that is not lower.

    >>> nice_ceiling(0.013), nice_ceiling(7.2), nice_ceiling(10.0), nice_ceiling(0.0)
    (0.015, 8.0, 10.0, 1.0)
    """
    if highest <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(highest))
    return next(float(f"{unit * one:.9g}") for one in _ROUND if unit * one >= highest * 0.999999)


def time_ticks(begin: float, end: float, at_most: int, offset: float) -> Iterator[float]:
    """Yield round moments between two, by a clock that is ahead of UTC by so many seconds.

    >>> list(time_ticks(100.0, 400.0, 4, 0.0))
    [120.0, 240.0, 360.0]
    """
    step = nice_step((end - begin) / at_most, TICKS)
    moment = ceil((begin + offset) / step) * step - offset
    while moment <= end:
        yield moment
        moment += step


def _curve(store: Store, rise: Rise, story: Story) -> Curve:
    """Return a chart of all the episodes of a counter, and some time around them."""
    span = story.span
    ahead = span.clock.begin - span.begin
    first = min(one.first for one in rise.episodes)
    last = max(one.last for one in rise.episodes)
    around = max(AROUND_SECONDS, AROUND * (last - first))
    begin, end = max(span.begin, first - around), min(span.end, last + around)
    step = nice_step((end - begin) / STRETCHES)
    found = store.series(rise.target.name, [(rise.metric,)], Between(begin, end, step))
    points = tuple(_point(one, ahead) for one in (found[0] if found else ()))
    bands = tuple(Band(one.first + ahead, one.last + ahead) for one in rise.episodes)
    marks = tuple(
        Band(mark.monotonic + ahead, mark.monotonic + ahead, mark.name)
        for mark in story.marks
        if begin <= mark.monotonic <= end
    )
    return Curve(rise, begin + ahead, end + ahead, step, points, bands, marks)


def _point(one: Stretch, ahead: float) -> Point:
    if isinstance(one.cell, Break):
        return Point(one.begin + ahead, one.end + ahead, None, one.cell)
    return Point(one.begin + ahead, one.end + ahead, one.cell)
