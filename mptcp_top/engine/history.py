"""The last hour of one target: a flat ring of exact integers, one row a poll, missed polls included."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.model import Layout

ROWS: Final = 3600
"""An hour at one poll a second: 4.9 MB with 170 counters (8 bytes a value)."""

UNKNOWN: Final = 2**64 - 1
"""A value that is not known. No counter we read gets there: at 100 Gbit/s of bytes it takes 46 years."""

GOOD: Final = 0
GAP: Final = 1
RESET: Final = 2


class Stamp(NamedTuple):
    """When a row was read, by two clocks, and the time its values stand for.

    ``data`` differs from ``monotonic`` where a source takes stock on a beat of its own: only its differences mean
    something, and they are what a growth is divided by.
    """

    monotonic: float
    wall: float
    data: float


class History:
    """Rows addressed by a running number, the newest `last`; a row is a good sample, one after a reset, or a gap.

    Not safe against a writer in another thread: whoever owns it takes a lock.
    """

    def __init__(self, rows: int = ROWS) -> None:
        self._rows = rows
        self._layout: Layout | None = None
        self._width = 0
        self._columns: dict[str, int] = {}
        self._straight = True
        self._values = array("Q")
        self._states = array("B")
        self._monotonic = array("d")
        self._wall = array("d")
        self._data = array("d")
        self._origin = self._next = 0

    def __len__(self) -> int:
        return len(self._states)

    @property
    def first(self) -> int:
        """Number of the oldest row kept."""
        return self._next - len(self._states)

    @property
    def last(self) -> int:
        """Number of the newest row, one less than `first` before there is one."""
        return self._next - 1

    def renumber(self, number: int) -> None:
        """Let the next row have this number, and those before it the ones before it."""
        self._origin += number - self._next
        self._next = number

    def add(self, layout: Layout, values: tuple[int | None, ...], state: int, stamp: Stamp) -> None:
        """Append a sample's row."""
        if layout is not self._layout:
            self._adopt(layout)
        try:
            row: array[int] = array("Q", values)  # type: ignore[arg-type]  # with unknown values: the slow way below
        except TypeError:
            row = array("Q", [UNKNOWN if value is None else value for value in values])
        if not self._straight:
            placed = array("Q", [UNKNOWN]) * self._width
            for metric, value in zip(layout.metrics, row, strict=True):
                placed[self._columns[metric.name]] = value
            row = placed
        self._append(row, state, stamp)

    def add_gap(self, monotonic: float, wall: float) -> None:
        """Append the row of a missed poll."""
        self._append(array("Q", [UNKNOWN]) * self._width, GAP, Stamp(monotonic, wall, monotonic))

    def row_at(self, monotonic: float) -> int:
        """Return the number of the newest row not later than a moment, one less than `first` if there is none."""
        numbers = range(self.first, self._next)
        return self.first - 1 + bisect_right(numbers, monotonic, key=lambda number: self._monotonic[self._slot(number)])

    def state(self, number: int) -> int:
        """Return what kind of row this is: `GOOD`, `GAP` or `RESET`."""
        return self._states[self._slot(number)]

    def states(self, first: int, last: int) -> bytes:
        """Return the kinds of the rows from ``first`` to ``last``, a byte each."""
        begin, end = self._slot(first), self._slot(last) + 1
        if begin < end:
            return self._states[begin:end].tobytes()
        return self._states[begin:].tobytes() + self._states[:end].tobytes()

    def times(self, number: int) -> tuple[float, float]:
        """Return the monotonic and the wall-clock time of a row."""
        slot = self._slot(number)
        return self._monotonic[slot], self._wall[slot]

    def data_time(self, number: int) -> float:
        """Return the time the values of a good row stand for."""
        return self._data[self._slot(number)]

    def seconds(self, before: int, number: int) -> float:
        """Return the time between what two good rows stand for; 0 if nothing was refreshed in between."""
        return self._data[self._slot(number)] - self._data[self._slot(before)]

    def row(self, number: int, layout: Layout) -> tuple[int | None, ...]:
        """Return the values of a row in the order of ``layout``."""
        start = self._slot(number) * self._width
        raw = self._values[start : start + self._width]
        if layout is self._layout and self._straight:
            return tuple(raw) if UNKNOWN not in raw else tuple([None if value == UNKNOWN else value for value in raw])
        columns = (self._columns.get(metric.name) for metric in layout.metrics)
        return tuple(None if column is None or raw[column] == UNKNOWN else raw[column] for column in columns)

    def value(self, number: int, name: str) -> int | None:
        """Return one value of a row."""
        column = self._columns.get(name)
        if column is None:
            return None
        found = self._values[self._slot(number) * self._width + column]
        return None if found == UNKNOWN else found

    def columns(self, names: Sequence[str]) -> tuple[int, ...] | None:
        """Return where `picked` finds counters, None where there are fewer than two or one was never there.

        It holds until a counter is added.
        """
        found = tuple(self._columns.get(name, -1) for name in names)
        return None if len(found) < 2 or -1 in found else found

    def picked(self, number: int, pick: Callable[[Sequence[int]], tuple[int, ...]]) -> tuple[int, ...]:
        """Return some values of a row as they are kept, the unknown ones as `UNKNOWN`, as fast as they can be had."""
        start = self._slot(number) * self._width
        return pick(self._values[start : start + self._width])

    def column(self, name: str, first: int, last: int) -> list[int | None]:
        """Return one value of the rows from ``first`` to ``last``, as fast as they can be had."""
        column = self._columns.get(name)
        if column is None:
            return [None] * (last - first + 1)
        begin, end = self._slot(first), self._slot(last) + 1
        stretches = [(begin, end)] if begin < end else [(begin, len(self._states)), (0, end)]
        raw = [
            value
            for start, stop in stretches
            for value in self._values[start * self._width + column : stop * self._width : self._width]
        ]
        return [None if value == UNKNOWN else value for value in raw]

    def _slot(self, number: int) -> int:
        return (number - self._origin) % self._rows

    def _append(self, row: array[int], state: int, stamp: Stamp) -> None:
        slot = self._slot(self._next)
        if slot < len(self._states):
            self._values[slot * self._width : (slot + 1) * self._width] = row
            self._states[slot], self._monotonic[slot], self._wall[slot], self._data[slot] = state, *stamp
        else:
            self._values.extend(row)
            self._states.append(state)
            self._monotonic.append(stamp.monotonic)
            self._wall.append(stamp.wall)
            self._data.append(stamp.data)
        self._next += 1

    def _adopt(self, layout: Layout) -> None:
        """Take another layout: known names keep their history, old rows do not know new names.

        Names that are gone keep their column as long as there are no more of them than of the others, so that a
        source that makes up names cannot fill the memory.
        """
        names = [metric.name for metric in layout.metrics]
        if any(name not in self._columns for name in names):
            gone = [name for name in self._columns if name not in layout.index]
            self._lay_out(names + gone[: len(names)])
        self._layout = layout
        self._straight = list(self._columns) == names

    def _lay_out(self, order: list[str]) -> None:
        old_columns = [self._columns.get(name) for name in order]
        moved = array("Q")
        for slot in range(len(self._states)):
            start = slot * self._width
            moved.extend(UNKNOWN if column is None else self._values[start + column] for column in old_columns)
        self._values = moved
        self._columns = {name: column for column, name in enumerate(order)}
        self._width = len(order)
