"""Losses between two counters over all the history there is: a look at some 150 rows, the newest closest together."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.history import GAP, RESET
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
    from mptcp_top.model import Layout, Metric

_CLOSE: Final = 32
"""How many of the newest rows are looked at one by one; of those before them every second, then every fourth..."""


class Found(NamedTuple):
    """Where a share of losses turned for the worse: the row, and what it was and is."""

    row: int
    turn: Turn


class Past:
    """The history of one target up to a good row. Its user holds the lock."""

    def __init__(self, history: History, layout: Layout, last: int, wrap_bits: int | None) -> None:
        self.history = history
        self._layout = layout
        self._last = last
        self._wrap_bits = wrap_bits

    def turn(self, begins: Metric, arrives: Metric) -> Found | None:
        """Return where the share of those that begin and do not arrive turned for the worse, None if it did not."""
        if not may_have_turned(self._points(self._glance, begins, arrives)):
            return None
        points, rows = self._points(self._rows, begins, arrives), self._rows
        turn = turn_for_the_worse(points)
        if turn is None:
            return None
        around = range(rows[turn.place - 1] + 1, rows[turn.place + 1])
        between = self._good(around[:: max(1, len(around) // _CLOSE)])
        closer = sorted({*rows[begin_of_before(points, turn.place) :], *between})
        points = self._points(closer, begins, arrives)
        best = max((place for place, row in enumerate(closer) if row in around), key=lambda at: evidence(points, at))
        return Found(closer[best], turn)

    def turned_at(self, row: int, begins: Metric, arrives: Metric) -> Found | None:
        """Return what the share is after a row and was as long before it, None where it is not for the worse."""
        since, now = self.history.times(row)[0], self.history.times(self._last)[0]
        first = max(self.history.first, self.history.row_at(since - (now - since)))
        rows = sorted({*(number for number in self._rows if number > first), *self._good([first]), row})
        place = rows.index(row)
        if not 0 < place < len(rows) - 1:
            return None
        turn = turned_at(self._points(rows, begins, arrives), place)
        return None if turn is None else Found(row, turn)

    def growth_since(self, row: int) -> Growth | None:
        """Return how far all counters grew since a row, or since the last reset after it."""
        if row >= self._last:
            return None
        begin = row + 1 + self.history.states(row + 1, self._last).rfind(RESET)
        over = Window(begin, self._last, 0.0)
        return growth_of_all(self.history, self._layout, over, self._wrap_bits) if begin < self._last else None

    @cached_property
    def _rows(self) -> list[int]:
        """The good rows to look at, the oldest first, at numbers that stay the same as time goes on."""
        numbers, row = [self.history.first], self._last
        while row > self.history.first:
            numbers.append(row)
            step = 1 << ((self._last - row) // _CLOSE).bit_length()
            row = (row - 1) // step * step
        return self._good(sorted(set(numbers)))

    @cached_property
    def _glance(self) -> list[int]:
        """A handful of rows of the last minute: enough to see that little is lost."""
        now = self.history.times(self._last)[0]
        numbers = {max(self.history.first, self.history.row_at(now - seconds)) for seconds in (2.0, 10.0, 60.0)}
        return self._good(sorted({*numbers, self._last}))

    def _good(self, rows: Sequence[int]) -> list[int]:
        return [row for row in rows if self.history.state(row) != GAP]

    def _points(self, rows: Sequence[int], begins: Metric, arrives: Metric) -> list[Point]:
        """Return what had begun and what had been lost at each row; stretches with a reset inside count for nothing."""
        history, began, lost = self.history, 0, 0
        points: list[Point] = []
        before: tuple[int, int | None, int | None] | None = None
        for row in rows:
            now = row, history.value(row, begins.name), history.value(row, arrives.name)
            if before is not None and RESET not in history.states(before[0] + 1, row):
                more = self._grown(before[1], now[1])
                arrived = self._grown(before[2], now[2])
                if more is not None and arrived is not None:
                    began += more
                    lost += more - arrived
            points.append(Point(history.data_time(row), began, lost))
            before = now
        return points

    def _grown(self, before: int | None, now: int | None) -> int | None:
        return None if before is None or now is None else increase(before, now, self._wrap_bits)
