"""Marks: named zeros, set on all targets at one moment. They never touch the targets themselves."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.history import GAP
from mptcp_top.engine.rates import increases
from mptcp_top.engine.trend import Astray, Growth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mptcp_top.engine.history import History
    from mptcp_top.model import Layout, Metric, Observation

KEPT: Final = 100
"""Marks that are remembered, and resets of one target; the oldest go first."""

USUAL_SECONDS: Final = 600.0
"""How much of the time before a mark counts as what was usual then."""


class Mark(NamedTuple):
    """A moment from which growth is counted on every target."""

    name: str
    monotonic: float
    wall: float


class Base(NamedTuple):
    """What the counters of one target stood at when counting from there began; ``anew`` is after a reset.

    ``due_seconds`` is how far apart its readings were to be when a mark was set; of other bases it is None.
    """

    layout: Layout
    values: tuple[int | None, ...]
    monotonic: float
    wall: float
    data_time: float
    anew: bool = False
    due_seconds: float | None = None

    @classmethod
    def of(cls, seen: Observation, *, anew: bool = False) -> Base:
        """Return the base that is the state of an observation."""
        return cls(seen.layout, seen.values, seen.monotonic, seen.wall, seen.data_time, anew)

    def astray(self, mark: Mark | None) -> Astray | None:
        """Say why this is not the moment that was asked for, the mark or the start; None where it is, or near it.

        Counters are read every so often, and some owners refresh them seldom: as late as that is no outage.
        """
        if self.anew and (mark is None or self.monotonic > mark.monotonic):
            return Astray.RESET
        if mark is None:
            return None
        if self.due_seconds is None:
            return Astray.FIRST
        return Astray.OUTAGE if mark.monotonic - self.monotonic > 2 * self.due_seconds else None


class Bases:
    """From where the counters of one target may be counted: its first sample, its resets, the marks.

    Written by whoever holds the track's lock, and read so.
    """

    def __init__(self) -> None:
        self._starts: deque[Base] = deque(maxlen=KEPT)
        self._first: Base | None = None
        self._marked: dict[float, Base] = {}
        self._before: dict[float, Growth | None] = {}

    def restart(self, seen: Observation) -> None:
        """Take in the first sample of all, or the first after a reset: what was counted before is another story."""
        base = Base.of(seen, anew=self._first is not None)
        self._first = self._first or base
        self._starts.append(base)

    def mark(
        self, moment: float, seen: Observation | None, interval_seconds: float, before: Growth | None = None
    ) -> None:
        """Take in that a mark was set at a moment, when this was the newest that was known.

        ``before`` is what was usual then: it is wanted when the history does not go back as far any more.
        """
        if seen is not None and seen.values:
            due_seconds = max(interval_seconds, seen.refresh_seconds)
            self._marked[moment], self._before[moment] = Base.of(seen)._replace(due_seconds=due_seconds), before
        for old in sorted(self._marked)[:-KEPT]:
            del self._marked[old], self._before[old]

    def restore(self, starts: Iterable[Base], marked: Mapping[float, tuple[Base, Growth | None]]) -> None:
        """Go on from what is known already: the first samples and the resets in their order, and the marks."""
        self._starts = deque(starts, maxlen=KEPT)
        self._first = self._starts[0] if self._starts else None
        self._marked = {moment: base for moment, (base, _) in marked.items()}
        self._before = {moment: before for moment, (_, before) in marked.items()}

    def before(self, moment: float) -> Growth | None:
        """Return what was usual when a mark was set."""
        return self._before.get(moment)

    def reset_wall(self, until: float) -> float | None:
        """Return when the counters were last seen to be reset up to a moment, None if never."""
        resets = (start.wall for start in reversed(self._starts) if start.anew and start.monotonic <= until)
        return next(resets, None)

    def since(self, moment: float | None, until: float) -> Base | None:
        """Return where counting from a mark (None: from the start) up to a moment begins: not before the last reset.

        A target that was first read after the mark is counted from its first sample.
        """
        starts = [start for start in self._starts if start.monotonic <= until]
        last = starts[-1] if starts else None
        base = self._first if moment is None else self._marked.get(moment)
        if base is None or base.monotonic > until:
            return last
        return last if last is not None and last.monotonic > base.monotonic else base


def growth_since(base: Base, seen: Observation, wrap_bits: int | None) -> Growth:
    """Return how far the counters of an observation grew since a base."""
    before = base.values
    if base.layout is not seen.layout:
        columns = (base.layout.index.get(metric.name) for metric in seen.layout.metrics)
        before = tuple(None if column is None else base.values[column] for column in columns)
    counts = increases(before, seen.values, seen.layout.gauges, wrap_bits)
    return Growth(seen.layout, tuple(counts), seen.data_time - base.data_time, base.wall)


class Moved(NamedTuple):
    """A counter that grew: by how much, and the wall times of its first and its last rise.

    A time is None where the rise was before the oldest sample that is remembered.
    """

    metric: Metric
    grown: int
    first: float | None
    last: float | None


def moved(history: History, grown: Growth, base: Base, until: float) -> Iterator[Moved]:
    """Yield the counters that grew since a base, in the order of their layout."""
    rows = _good_rows(history, base.monotonic, until)
    for metric, count in zip(grown.layout.metrics, grown.counts, strict=True):
        if count:
            column = base.layout.index.get(metric.name)
            before = None if column is None else base.values[column]
            yield Moved(
                metric,
                count,
                *(_first_and_last(history, rows, metric.name, before) if before is not None else (None, None)),
            )


def _good_rows(history: History, since: float, until: float) -> list[int]:
    first, last = max(history.row_at(since), history.first), history.row_at(until)
    if last < first:
        return []
    return [first + place for place, state in enumerate(history.states(first, last)) if state != GAP]


def _first_and_last(history: History, rows: list[int], name: str, before: int) -> tuple[float | None, float | None]:
    """Return when a counter first stood above ``before``, and when it came to where it stands now."""

    def value(row: int) -> int:
        found = history.value(row, name)
        return before if found is None else found

    if not rows:
        return None, None
    places = bisect_right(rows, before, key=value), bisect_left(rows, value(rows[-1]), key=value)
    first, last = (history.times(rows[place])[1] if 0 < place < len(rows) else None for place in places)
    return first, last
