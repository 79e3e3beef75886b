"""A counter's recent past in a few cells, for a sparkline: rates that are exact, gaps and resets that are shown."""

from __future__ import annotations

from enum import Enum, StrEnum
from operator import itemgetter, sub
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.episodes import alarming_rise
from mptcp_top.engine.history import GAP, RESET, UNKNOWN, History
from mptcp_top.engine.past import good_row
from mptcp_top.engine.rates import increase, increases
from mptcp_top.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.model import Layout, Metric


class Break(Enum):
    """Why a cell has no rate: nothing was collected yet, every poll of it was missed, or the counters were reset."""

    NOTHING = "nothing"
    GAP = "gap"
    RESET = "reset"


ROWS_OF_A_REFRESH: Final = 100
"""How many polls there may be between two refreshes: at most one in a tenth of a second."""

Cell = float | Break


class Cells(NamedTuple):
    """How many cells, of how many rows each, and whether the newest is shown while it grows."""

    shown: int
    rows: int
    growing: bool = True


class Span(NamedTuple):
    """The rows of one cell: the last good row before it, its own last good row, and whether a reset is inside."""

    before: int | None
    end: int | None
    reset: bool


class Trends:
    """The recent past of one target's metrics, in cells of ``rows_a_cell`` polls, up to row ``last``.

    A cell begins where the row's number divides by ``rows_a_cell``, so that cells stay put while time goes on and only
    the newest grows. Cells that are over do not change any more and are kept for the next look.
    """

    def __init__(self, history: History, wrap_bits: int | None, rows_a_cell: int) -> None:
        self._history = history
        self._wrap_bits = wrap_bits
        self._rows_a_cell = rows_a_cell
        self._spans: dict[int, Span] = {}
        self._cells: dict[str | tuple[str, ...], dict[int, Cell]] = {}
        self._growing: tuple[int, Span] | None = None

    def of(self, metric: Metric, cells: int, last: int, *, growing: bool = True) -> list[Cell]:
        """Return the rate of a counter, or the level of a gauge, in each of the ``cells`` newest cells.

        Without the ``growing`` one they change only when a cell is over.
        """
        newest = last // self._rows_a_cell
        known = self._cells.setdefault(metric.name, {})
        found = []
        for number in range(newest - cells + growing, newest):
            cell = known.get(number)
            if cell is None:
                cell = known[number] = self._cell(metric, number, last)
            found.append(cell)
        if len(known) > 4 * cells:
            self._cells[metric.name] = {number: cell for number, cell in known.items() if number > newest - cells}
        if growing:
            if self._growing is None or self._growing[0] != last:
                self._growing = last, self._span(newest, last)
            found.append(_cell(self._history, metric, self._growing[1], self._wrap_bits))
        return found

    def of_all(self, metrics: Sequence[Metric], cells: int, last: int) -> list[Cell]:
        """Return the rate of several counters together in each of the ``cells`` newest cells that are over."""
        newest = last // self._rows_a_cell
        names = tuple(metric.name for metric in metrics)
        known = self._cells.setdefault(names, {})
        columns = self._history.columns(names)
        pick = None if columns is None else itemgetter(*columns)
        for number in range(newest - cells, newest):
            if number not in known:
                total = None if pick is None else _total(self._history, pick, self._known_span(number, last))
                known[number] = _sum([self._cell(one, number, last) for one in metrics]) if total is None else total
        if len(known) > 4 * cells:
            self._cells[names] = {number: cell for number, cell in known.items() if number >= newest - cells}
        return [known[number] for number in range(newest - cells, newest)]

    def _cell(self, metric: Metric, number: int, last: int) -> Cell:
        return _cell(self._history, metric, self._known_span(number, last), self._wrap_bits)

    def _known_span(self, number: int, last: int) -> Span:
        span = self._spans.get(number)
        if span is None:
            if len(self._spans) > 1000:
                self._spans.clear()
            span = self._spans[number] = self._span(number, last)
        return span

    def _span(self, number: int, last: int) -> Span:
        history, size = self._history, self._rows_a_cell
        rows = range(max(number * size, history.first), min((number + 1) * size - 1, last) + 1)
        if not rows:
            return Span(None, None, reset=False)
        states = [history.state(row) for row in rows]
        good = next((row for row, state in zip(reversed(rows), reversed(states), strict=True) if state != GAP), None)
        before = good_row(history, rows[0] - 1)
        if before is None and good is not None:  # the first cell of all: from its own first sample on
            before = next(row for row in rows if history.state(row) != GAP)
        return Span(before, -1 if good is None else good, RESET in states)


def began(history: History, shape: Cells, last: int) -> list[float | None]:
    """Return when each cell of that shape began, by the wall clock, up to row ``last``; None before the first row."""
    newest = last // shape.rows
    numbers = range(newest - shape.shown + shape.growing, newest + shape.growing)
    firsts = (max(number * shape.rows, history.first) for number in numbers)
    return [
        history.times(row)[1] if row < (number + 1) * shape.rows and row <= last else None
        for number, row in zip(numbers, firsts, strict=True)
    ]


def _sum(cells: Sequence[Cell]) -> Cell:
    """Return cells of the same time as one: a break in any of them is one of all, unknown ones count for nothing.

    >>> _sum([1.0, Break.NOTHING, 2.5]), _sum([Break.NOTHING]), _sum([1.0, Break.GAP])
    (3.5, <Break.NOTHING: 'nothing'>, <Break.GAP: 'gap'>)
    """
    for kind in (Break.RESET, Break.GAP):
        if kind in cells:
            return kind
    known = [cell for cell in cells if not isinstance(cell, Break)]
    return sum(known) if known else Break.NOTHING


def _total(history: History, pick: Callable[[Sequence[int]], tuple[int, ...]], span: Span) -> float | None:
    """Return the rate of several counters together at C speed in the usual case: all known, none down. Else None."""
    if span.reset or span.before is None or span.end is None or span.end < 0:
        return None
    since = _refreshed_before(history, span.before, span.end)
    seconds = history.seconds(since, span.end)
    if since == span.end or seconds <= 0:
        return None
    before, now = history.picked(since, pick), history.picked(span.end, pick)
    if UNKNOWN in before or UNKNOWN in now or min(map(sub, now, before)) < 0:
        return None
    total: int = sum(map(sub, now, before))
    return total / seconds


def _cell(history: History, metric: Metric, span: Span, wrap_bits: int | None) -> Cell:
    if span.end is None or span.end < 0 or metric.ambiguous:
        return Break.GAP if span.end is not None and span.end < 0 else Break.NOTHING
    now = history.value(span.end, metric.name)
    if metric.kind is Kind.GAUGE:
        return Break.GAP if now is None else float(now)
    if span.reset:
        return Break.RESET
    since = None if span.before is None else _refreshed_before(history, span.before, span.end)
    before = None if since is None else history.value(since, metric.name)
    if since is None or since == span.end or before is None or now is None:
        return Break.NOTHING
    grown, seconds = increase(before, now, wrap_bits), history.seconds(since, span.end)
    if grown is None:
        return Break.RESET
    return grown / seconds if seconds > 0 else Break.NOTHING


def _refreshed_before(history: History, before: int, end: int) -> int:
    """Return the good row a cell is counted from: where nothing was refreshed in it, one of the refresh before.

    A cell may be shorter than a refresh where targets were polled at another pace.
    """
    row: int | None = before
    for _ in range(ROWS_OF_A_REFRESH):
        if row is None or history.state(row) == RESET or history.seconds(row, end) > 0:
            break
        row = good_row(history, row - 1)
    return before if row is None else row


class Window(NamedTuple):
    """A stretch of time without a reset: its first and last good rows, and its length."""

    begin: int
    end: int
    seconds: float


def window(history: History, last: int, seconds: float) -> Window | None:
    """Return the good rows about ``seconds`` apart that end at row ``last``, None where there are not two.

    It begins after the last reset: what was counted before that has nothing to do with what is counted now.
    """
    end = good_row(history, last)
    if end is None:
        return None
    start = max(history.row_at(history.times(last)[0] - seconds), history.first)
    if start >= end:  # the last good row is older than the stretch that was asked for
        return None
    states = history.states(start, end)
    reset = states.rfind(RESET)
    begin = start + (reset if reset >= 0 else len(states) - len(states.lstrip(bytes([GAP]))))
    return Window(begin, end, history.times(end)[0] - history.times(begin)[0]) if begin != end else None


def last_interval(history: History, last: int) -> Window | None:
    """Return the last good row up to ``last`` and the one before it, of an earlier refresh; None after a reset."""
    end = good_row(history, last)
    before = end
    while end is not None and before is not None and history.state(before) != RESET:
        before = good_row(history, before - 1)
        if before is not None and (seconds := history.seconds(before, end)) > 0:
            return Window(before, end, seconds)
    return None


def growth(history: History, names: list[str], over: Window, wrap_bits: int | None) -> dict[str, int]:
    """Return how far counters grew in a window; a name is missing where that is not known."""
    total: dict[str, int] = {}
    for name in names:
        before, now = history.value(over.begin, name), history.value(over.end, name)
        grown = None if before is None or now is None else increase(before, now, wrap_bits)
        if grown is not None:
            total[name] = grown
    return total


class Astray(StrEnum):
    """Why counting did not begin when it was asked to: the counters were reset since, or not read at that time."""

    RESET = "reset"
    FIRST = "first read"
    OUTAGE = "outage"


class Growth(NamedTuple):
    """How far every counter of a target grew in a stretch of time; None where that is not known, and for gauges.

    ``since`` is when that stretch began, by the wall clock, where it is not just so many seconds ago. ``astray`` says
    why that is another moment than the one that was asked for: whoever shows the numbers has to say so.
    """

    layout: Layout
    counts: tuple[int | None, ...]
    seconds: float
    since: float | None = None
    astray: Astray | None = None

    def of(self, name: str) -> int | None:
        """Return how far one counter grew."""
        column = self.layout.index.get(name)
        return None if column is None else self.counts[column]

    @property
    def errors(self) -> int:
        """How far the flagged counters grew together, without what is innocent of them."""
        return sum(
            alarming_rise(self.layout, column, self.counts, self.seconds or 1.0) for column in self.layout.flagged
        )


def growth_of_all(history: History, layout: Layout, over: Window, wrap_bits: int | None) -> Growth:
    """Return how far all counters grew in a window. Its seconds are those between what its two rows stand for."""
    before, now = history.row(over.begin, layout), history.row(over.end, layout)
    counts = increases(before, now, layout.gauges, wrap_bits)
    return Growth(layout, tuple(counts), history.seconds(over.begin, over.end))
