"""Losses over all the history there is: a look at some 150 rows, the newest closest together."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.history import GAP, RESET
from mptcp_top.engine.past import good_row
from mptcp_top.engine.rates import increase
from mptcp_top.engine.trend import Growth, Window, growth_of_all
from mptcp_top.engine.turning import (
    Point,
    Turn,
    begin_of_before,
    evidence,
    may_have_turned,
    turn_for_the_worse,
    turned_at,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.history import History
    from mptcp_top.engine.track import Track
    from mptcp_top.model import Layout, Metric

_CLOSE: Final = 32
"""How many of the newest rows are looked at one by one; of those before them every second, then every fourth..."""


class Found(NamedTuple):
    """Where a share of losses turned for the worse: the row, and what it was and is."""

    row: int
    turn: Turn


class Flow(NamedTuple):
    """Counters of those that begin, and of those that arrive, or else of those that are lost."""

    begin: tuple[Metric, ...]
    arrive: tuple[Metric, ...] = ()
    lost: tuple[Metric, ...] = ()


class Past:
    """The history of one target up to a good row. Its user holds the lock."""

    def __init__(self, history: History, layout: Layout, last: int, wrap_bits: int | None) -> None:
        self.history = history
        self.layout = layout
        self.last = last
        self._wrap_bits = wrap_bits

    def turn(self, flow: Flow, since: float | None = None) -> Found | None:
        """Return where the share of the lost turned for the worse, None if it did not.

        Given ``since`` (monotonic), the time after it is held against as much time before it, and no other moment.
        """
        return self._newest_turn(flow) if since is None else self._turned_at(since, flow)

    def _newest_turn(self, flow: Flow) -> Found | None:
        if not may_have_turned(self._points(self._glance, flow)):
            return None
        points, rows = self._points(self._rows, flow), self._rows
        turn = turn_for_the_worse(points)
        if turn is None:
            return None
        around = range(rows[turn.place - 1] + 1, rows[turn.place + 1])
        between = self._good(around[:: max(1, len(around) // _CLOSE)])
        closer = sorted({*rows[begin_of_before(points, turn.place) :], *between})
        points = self._points(closer, flow)
        best = max((place for place, row in enumerate(closer) if row in around), key=lambda at: evidence(points, at))
        return Found(closer[best], turn)

    def _turned_at(self, since: float, flow: Flow) -> Found | None:
        row = good_row(self.history, self.history.row_at(since))
        if row is None:
            return None
        now = self.history.times(self.last)[0]
        first = max(self.history.first, self.history.row_at(since - (now - since)))
        rows = sorted({*(number for number in self._rows if number > first), *self._good([first]), row})
        place = rows.index(row)
        if not 0 < place < len(rows) - 1:
            return None
        turn = turned_at(self._points(rows, flow), place)
        return None if turn is None else Found(row, turn)

    def growth_since(self, row: int) -> Growth | None:
        """Return how far all counters grew since a row, or since the last reset after it."""
        if row >= self.last:
            return None
        begin = row + 1 + self.history.states(row + 1, self.last).rfind(RESET)
        over = Window(begin, self.last, 0.0)
        return growth_of_all(self.history, self.layout, over, self._wrap_bits) if begin < self.last else None

    @cached_property
    def _rows(self) -> list[int]:
        """The good rows to look at, the oldest first, at numbers that stay the same as time goes on."""
        numbers, row = [self.history.first], self.last
        while row > self.history.first:
            numbers.append(row)
            step = 1 << ((self.last - row) // _CLOSE).bit_length()
            row = (row - 1) // step * step
        return self._good(sorted(set(numbers)))

    @cached_property
    def _glance(self) -> list[int]:
        """A handful of rows of the last minute: enough to see that little is lost."""
        now = self.history.times(self.last)[0]
        numbers = {max(self.history.first, self.history.row_at(now - seconds)) for seconds in (2.0, 10.0, 60.0)}
        return self._good(sorted({*numbers, self.last}))

    def _good(self, rows: Sequence[int]) -> list[int]:
        return [row for row in rows if self.history.state(row) != GAP]

    def _points(self, rows: Sequence[int], flow: Flow) -> list[Point]:
        """Return what had begun and what had been lost at each row; stretches with a reset inside count for nothing."""
        history, began, lost = self.history, 0, 0
        names = [metric.name for metric in (*flow.begin, *(flow.lost or flow.arrive))]
        points: list[Point] = []
        before: tuple[int, list[int | None]] | None = None
        for row in rows:
            now = row, [history.value(row, name) for name in names]
            if before is not None and RESET not in history.states(before[0] + 1, row):
                grown = self._grown(before[1], now[1])
                more, others = sum(grown[: len(flow.begin)]), sum(grown[len(flow.begin) :])
                began += more
                lost += others if flow.lost or not grown else more - others
            points.append(Point(history.data_time(row), began, lost))
            before = now
        return points

    def _grown(self, before: list[int | None], now: list[int | None]) -> list[int]:
        """Return how far counters grew, nothing at all where that is not known of one of them."""
        grown = [
            None if one is None or other is None else increase(one, other, self._wrap_bits)
            for one, other in zip(before, now, strict=True)
        ]
        known = [growth for growth in grown if growth is not None]
        return known if len(known) == len(grown) else []


def past_of(track: Track, cursor: float | None) -> Past | None:
    """Return the history of a target up to a moment, None where there is none. Under the track's lock."""
    history, sample = track.history, track.sample_at(cursor)
    last = good_row(history, history.last if cursor is None else history.row_at(cursor))
    return None if sample is None or last is None else Past(history, sample.layout, last, sample.wrap_bits)
