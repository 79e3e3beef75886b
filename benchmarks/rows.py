"""One line of what it costs: ours over another's, or a figure of ours alone, with its spread and its goal."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

ALONE: Final = ""
"""Against nobody: a figure with a unit."""
HEAD: Final = ("| what | against | measured | spread | goal |", "| --- | --- | --- | --- | --- |")


class Row(NamedTuple):
    """A median with the least and the most of it. Without a goal it is told for comparison only."""

    what: str
    against: str
    value: float
    low: float
    high: float
    goal: float | None = None
    unit: str = ""

    @property
    def missed(self) -> bool:
        """Whether the goal is not reached; what has no goal misses none."""
        return self.goal is not None and self.value > self.goal


class Unmeasured(NamedTuple):
    """What could not be measured here, and what to do about that."""

    what: str
    advice: str


Found = Iterator[Row | Unmeasured]


def figure(what: str, values: Sequence[float], goal: float | None, unit: str) -> Row:
    """Return the row of a figure that is compared with nothing.

    >>> figure("a key", [2.0, 1.0, 9.0], 5.0, "ms")
    Row(what='a key', against='', value=2.0, low=1.0, high=9.0, goal=5.0, unit='ms')
    """
    return Row(what, ALONE, statistics.median(values), min(values), max(values), goal, unit)


def ratio(what: str, ours: Sequence[float], against: tuple[str, Sequence[float]], goal: float | None = None) -> Row:
    """Return the row of ours over another's: the median over the rounds, as those of one round are side by side.

    >>> ratio("CPU", [1.0, 2.0, 2.0], ("htop", [2.0, 2.0, 0.0]), 0.5)
    Row(what='CPU', against='htop', value=0.75, low=0.5, high=1.0, goal=0.5, unit='')
    """
    other, theirs = against
    pairs = [mine / its for mine, its in zip(ours, theirs, strict=False) if its]
    return Row(what, other, statistics.median(pairs), min(pairs), max(pairs), goal)


def number(value: float) -> str:
    """Return a figure with as many places as it takes to tell it from its neighbours.

    >>> [number(value) for value in (0, 0.0334, 0.84, 12.3, 430.1)]
    ['0', '0.033', '0.84', '12', '430']
    """
    if not value:
        return "0"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def text(row: Row) -> str:
    """Return a row as a line on a terminal.

    >>> text(Row("CPU", "glances", 0.31, 0.29, 0.4, 0.3))
    'CPU                                            0.31 x glances         (0.29 to 0.40)     goal 0.3  MISSED'
    """
    measured = f"{number(row.value):>8} {f'x {row.against}' if row.against else row.unit}"
    goal = "" if row.goal is None else f"goal {row.goal:g}  {'MISSED' if row.missed else 'within'}"
    return f"{row.what:<42} {measured:<26} {f'({number(row.low)} to {number(row.high)})':<18} {goal}".rstrip()


def _cells(row: Row) -> str:
    measured = f"{number(row.value)} {row.unit or '×'}"
    goal = "" if row.goal is None else f"{row.goal:g} {row.unit or '×'}"
    against = row.against or "–"
    verdict = f"**{goal}, missed**" if row.missed else goal
    return f"| {row.what} | {against} | {measured} | {number(row.low)} to {number(row.high)} | {verdict} |"


def _together(what: str, rows: Sequence[Row]) -> str:
    """Return the line of one thing that is compared with several and has no goal."""
    against, measured, spread = (
        " · ".join(cells)
        for cells in zip(
            *((row.against, number(row.value), f"{number(row.low)} to {number(row.high)}") for row in rows),
            strict=True,
        )
    )
    return f"| {what} | {against} | {measured} × | {spread} | |"


def markdown(rows: Iterable[Row]) -> Iterator[str]:
    r"""Yield the table: what has a goal line by line, then what has none, one line for all it is compared with.

    >>> print(*markdown([Row("CPU", "a", 0.5, 0.4, 1.25), Row("CPU", "b", 2, 2, 2), Row("key", "", 6, 1, 9, 5, "ms")]),
    ...       sep="\n")
    | what | against | measured | spread | goal |
    | --- | --- | --- | --- | --- |
    | key | – | 6.00 ms | 1.00 to 9.00 | **5 ms, missed** |
    | CPU | a · b | 0.50 · 2.00 × | 0.40 to 1.25 · 2.00 to 2.00 | |
    """
    rows = list(rows)
    yield from HEAD
    yield from (_cells(row) for row in rows if row.goal is not None or row.unit)
    rest = sorted((row for row in rows if row.goal is None and not row.unit), key=_order(rows).__getitem__)
    for what, each in groupby(rest, key=lambda row: row.what):
        yield _together(what, list(each))


def _order(rows: Sequence[Row]) -> Mapping[Row, int]:
    """Return where a row stands: with the first of its name."""
    first = {row.what: place for place, row in reversed(list(enumerate(rows)))}
    return {row: first[row.what] for row in rows}
