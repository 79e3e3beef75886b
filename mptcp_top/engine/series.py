"""What counters did between two moments, in stretches of time: what a chart is drawn of."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.history import GAP, RESET, History
from mptcp_top.engine.rates import increase
from mptcp_top.engine.trend import Break, Cell
from mptcp_top.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mptcp_top.model import Metric

_MISSED: Final = bytes([GAP])
_BEGAN_ANEW: Final = bytes([RESET])


class Between(NamedTuple):
    """From when to when on the monotonic clock, and about how long a stretch is to be.

    Stretches end where the time divides by ``step_seconds``: they stay what they are while time goes on.
    """

    begin: float
    end: float
    step_seconds: float

    def edges(self) -> Iterator[float]:
        """Yield the moments at which stretches end.

        >>> list(Between(4.0, 21.0, 5.0).edges())
        [5.0, 10.0, 15.0, 20.0]
        """
        number = ceil(self.begin / self.step_seconds)
        while (edge := number * self.step_seconds) <= self.end:
            if edge > self.begin:
                yield edge
            number += 1


class Stretch(NamedTuple):
    """Some time, and what a counter did in it: its rate per second, or the level of a gauge at its end, or a break.

    ``exact`` is how far the counter grew, or the gauge's level, exactly. Of the time in which nothing was read it is
    how far the counter had come meanwhile, where that is known.
    """

    begin: float
    end: float
    cell: Cell
    exact: int | None = None


class Extent(NamedTuple):
    """When the first and the last row of a history were read, and the wall-clock time of the last."""

    first: float
    last: float
    wall: float


class _Cut(NamedTuple):
    """A stretch before anybody asks what was counted: its last good row, the good row before, or why there is none."""

    begin: float
    end: float
    before: int
    now: int
    why: Break | None = None


def series(
    history: History, wanted: Sequence[Sequence[Metric]], over: Between, wrap_bits: int | None
) -> list[list[Stretch]]:
    """Return the stretches of each of the ``wanted``: a metric, or several counters taken together.

    No stretch is shorter than what was polled, or refreshed, in it: a rate is a growth over the time the counters
    themselves say it took, so that neither slow polls nor an appliance's refreshes make a saw-tooth. What was counted
    before ``over`` began is not looked at, but for the row it starts from.
    """
    cuts = list(_cuts(history, over))
    return [[_stretch(history, metrics, cut, wrap_bits) for cut in cuts] for metrics in wanted]


def extent(history: History) -> Extent | None:
    """Return how far a history reaches, None if there is none."""
    if not len(history):
        return None
    last, wall = history.times(history.last)
    return Extent(history.times(history.first)[0], last, wall)


def freshness(history: History, until: float) -> tuple[float, float]:
    """Return what changes whenever there is more to be seen up to a moment: another refresh, or another missed poll."""
    number = history.row_at(until)
    if number < history.first:
        return 0.0, 0.0
    good = _newest_good(history, history.first, number)
    missed = history.times(number)[0] if good != number else 0.0
    return 0.0 if good is None else history.data_time(good), missed


def _cuts(history: History, over: Between) -> Iterator[_Cut]:
    """Yield where stretches begin and end: at the edges where something new was read by then, at breaks, at resets."""
    if not len(history):
        return
    seen = history.row_at(over.begin)
    walk = _Walk(history, seen, over.begin)
    for edge in over.edges():
        upto = history.row_at(edge)
        if upto > seen:
            yield from walk.take(seen + 1, upto)
            seen = upto
    yield from walk.rest()


class _Walk:
    """Where we are in a history: the good row that growth is counted from, and since when nothing was read."""

    def __init__(self, history: History, seen: int, begin: float) -> None:
        self._history = history
        self._base = _newest_good(history, history.first, seen) if seen >= history.first else None
        self._hole = self._base is not None and self._base != seen
        self._mark = begin if self._base is None else history.times(self._base)[0]
        self._missed_until = begin

    def take(self, first: int, last: int) -> Iterator[_Cut]:
        """Take more rows in, and yield what is over with them."""
        states = self._history.states(first, last)
        while (place := states.find(_BEGAN_ANEW)) >= 0:
            yield from self._piece(first, states[:place])
            yield from self._reset(first + place)
            first, states = first + place + 1, states[place + 1 :]
        yield from self._piece(first, states)

    def rest(self) -> Iterator[_Cut]:
        """Yield the hole that is not over yet."""
        if self._hole:
            yield _Cut(self._mark, self._missed_until, -1, -1, Break.GAP)

    def _piece(self, first: int, states: bytes) -> Iterator[_Cut]:
        """Take rows without a reset in. If all of them were missed, nothing was read; else the last good one counts."""
        if not states:
            return
        good = len(states.rstrip(_MISSED))
        if not good:
            self._miss(first, first + len(states) - 1)
            return
        if self._hole or self._base is None:
            yield from self._found(first + len(states) - len(states.lstrip(_MISSED)))
        yield from self._reach(first + good - 1)

    def _miss(self, first: int, last: int) -> None:
        if not self._hole and self._base is None:
            self._mark = self._history.times(first)[0]
        self._hole, self._missed_until = True, self._history.times(last)[0]

    def _found(self, row: int) -> Iterator[_Cut]:
        """Begin at a good row: the first of all, or the first after a hole."""
        at = self._history.times(row)[0]
        if self._hole:
            before = -1 if self._base is None else self._base
            yield _Cut(self._mark, at, before, row, Break.GAP)
        self._base, self._mark, self._hole = row, at, False

    def _reach(self, row: int) -> Iterator[_Cut]:
        if self._base is not None and self._history.seconds(self._base, row) > 0:
            at = self._history.times(row)[0]
            yield _Cut(self._mark, at, self._base, row)
            self._base, self._mark = row, at

    def _reset(self, row: int) -> Iterator[_Cut]:
        at = self._history.times(row)[0]
        if self._hole:
            yield _Cut(self._mark, at, -1, -1, Break.GAP)
            self._mark = at
        if self._base is not None:
            yield _Cut(self._mark, at, -1, row, Break.RESET)
        self._base, self._mark, self._hole = row, at, False


def _stretch(history: History, metrics: Sequence[Metric], cut: _Cut, wrap_bits: int | None) -> Stretch:
    begin, end, why = cut.begin, cut.end, cut.why
    count = _together([_count(history, metric, cut, wrap_bits) for metric in metrics])
    if why is not None:
        return Stretch(begin, end, why, count)
    if count is None:
        return Stretch(begin, end, Break.NOTHING)
    level = metrics[0].kind is Kind.GAUGE
    return Stretch(begin, end, float(count) if level else count / history.seconds(cut.before, cut.now), count)


def _count(history: History, metric: Metric, cut: _Cut, wrap_bits: int | None) -> int | None:
    """Return how far a counter grew, or the level of a gauge; None if that is not known."""
    if metric.ambiguous or cut.now < 0:
        return None
    now = history.value(cut.now, metric.name)
    if metric.kind is Kind.GAUGE:
        return now if cut.why is None else None
    before = None if cut.before < 0 else history.value(cut.before, metric.name)
    return None if before is None or now is None else increase(before, now, wrap_bits)


def _together(counts: Sequence[int | None]) -> int | None:
    """Return counts as one: those that are not known count for nothing, unless none is.

    >>> _together([1, None, 2**64]), _together([None]), _together([])
    (18446744073709551617, None, None)
    """
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _newest_good(history: History, first: int, last: int) -> int | None:
    good = len(history.states(first, last).rstrip(_MISSED))
    return first + good - 1 if good else None
