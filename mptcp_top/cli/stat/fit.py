"""Columns that fit a terminal: numbers are abbreviated first, then whole columns left out, and it says which.

Where even that is too wide, a name that is too long stands in a line of its own, with its numbers below.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.cli.stat.cells import padded, width_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP = "  "


class Column(NamedTuple):
    """One column of a table: the lightest go first when it is too wide; those without a weight stay.

    ``short`` are the same cells abbreviated, ``least`` is how wide it is where there is room, so that tables printed
    one after the other stand under each other.
    """

    name: str
    cells: Sequence[str]
    weight: int | None = None
    short: Sequence[str] | None = None
    least: int = 0
    right: bool = False


class Fitted(NamedTuple):
    """The lines of each row of a table, mostly one, and the names of the columns there was no room for."""

    rows: list[list[str]]
    left_out: tuple[str, ...]


def fit(columns: Sequence[Column], width: int | None, *, abbreviate: bool) -> Fitted:
    """Return the rows of a table in at most ``width`` columns; None is as wide as it takes, so nothing is left out.

    >>> table = (Column("name", ["SYNs"]), Column("value", ["1,234,567"], short=["1.23M"]), Column("label", ["x"], 1))
    >>> fit(table, None, abbreviate=True).rows, fit(table, 14, abbreviate=True)
    ([['SYNs  1,234,567  x']], Fitted(rows=[['SYNs  1.23M  x']], left_out=()))
    >>> fit(table, 15, abbreviate=False)
    Fitted(rows=[['SYNs  1,234,567']], left_out=('label',))
    >>> fit(table, 10, abbreviate=True)
    Fitted(rows=[['SYNs', '     1.23M']], left_out=('label',))
    """
    kept = [column for column in columns if any(column.cells)]
    full = list(kept)
    while True:
        for short, least in product((False, True) if abbreviate else (False,), (True, False)):
            widths = [_width(column, short=short, least=least) for column in kept]
            if width is None or _sum(widths) <= width:
                return Fitted(_rows(kept, widths, short=short), _names(full, kept))
        lightest = min((column for column in kept if column.weight is not None), key=_weight, default=None)
        if lightest is None:
            return Fitted(_narrow_rows(kept, width or 0, short=abbreviate), _names(full, kept))
        kept.remove(lightest)


def _weight(column: Column) -> int:
    return column.weight or 0


def _cells(column: Column, *, short: bool) -> Sequence[str]:
    return column.short if short and column.short is not None else column.cells


def _width(column: Column, *, short: bool, least: bool) -> int:
    longest = max(map(width_of, _cells(column, short=short)))
    return max(longest, column.least) if least and not short else longest


def _sum(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _names(full: Sequence[Column], kept: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.name for column in full if column not in kept)


def _rows(columns: Sequence[Column], widths: Sequence[int], *, short: bool) -> list[list[str]]:
    return [[_line(row, columns, widths)] for row in _cells_of_rows(columns, short=short)]


def _narrow_rows(columns: Sequence[Column], width: int, *, short: bool) -> list[list[str]]:
    """Return the lines of each row; what is too long in the first column stands above the others."""
    widths = [_width(column, short=short, least=False) for column in columns]
    widths[0] = max(0, widths[0] + width - _sum(widths))
    found = []
    for first, *others in _cells_of_rows(columns, short=short):
        above = wrapped(first, width) if width_of(first) > widths[0] else []
        line = _line(["" if above else first, *others], columns, widths)
        below = [line] if width_of(line) <= width else wrapped(line.strip(), width)
        found.append([*above, *below] if line or not above else above)
    return found


def _cells_of_rows(columns: Sequence[Column], *, short: bool) -> Iterable[tuple[str, ...]]:
    return zip(*(_cells(column, short=short) for column in columns), strict=True)


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    padding = zip(cells, columns, widths, strict=True)
    return GAP.join(padded(cell, width, right=column.right) for cell, column, width in padding).rstrip()
