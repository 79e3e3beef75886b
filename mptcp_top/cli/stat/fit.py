"""Columns that fit a terminal: numbers are abbreviated first, then whole columns left out, and it says which."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    """The lines of a table, and the names of the columns there was no room for."""

    lines: list[str]
    left_out: tuple[str, ...]


def fit(columns: Sequence[Column], width: int | None, *, abbreviate: bool) -> Fitted:
    """Return the lines of a table in at most ``width`` columns; None is as wide as it takes, so nothing is left out.

    >>> table = (Column("name", ["SYNs"]), Column("value", ["1,234,567"], short=["1.23M"]), Column("label", ["x"], 1))
    >>> fit(table, None, abbreviate=True).lines, fit(table, 14, abbreviate=True)
    (['SYNs  1,234,567  x'], Fitted(lines=['SYNs  1.23M  x'], left_out=()))
    >>> fit(table, 14, abbreviate=False)
    Fitted(lines=['SYNs  1,234,567'], left_out=('label',))
    """
    kept = [column for column in columns if any(column.cells)]
    full = list(kept)
    while True:
        for short, least in product((False, True) if abbreviate else (False,), (True, False)):
            widths = [_width(column, short=short, least=least) for column in kept]
            if width is None or sum(widths) + len(GAP) * (len(kept) - 1) <= width:
                return Fitted(_lines(kept, widths, short=short), _names(full, kept))
        lightest = min((column for column in kept if column.weight is not None), key=_weight, default=None)
        if lightest is None:
            widths = [_width(column, short=abbreviate, least=False) for column in kept]
            return Fitted(_lines(kept, widths, short=abbreviate), _names(full, kept))
        kept.remove(lightest)


def _weight(column: Column) -> int:
    return column.weight or 0


def _cells(column: Column, *, short: bool) -> Sequence[str]:
    return column.short if short and column.short is not None else column.cells


def _width(column: Column, *, short: bool, least: bool) -> int:
    longest = max(map(len, _cells(column, short=short)))
    return max(longest, column.least) if least and not short else longest


def _names(full: Sequence[Column], kept: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.name for column in full if column not in kept)


def _lines(columns: Sequence[Column], widths: Sequence[int], *, short: bool) -> list[str]:
    rows = zip(*(_cells(column, short=short) for column in columns), strict=True)
    return [
        GAP.join(
            cell.rjust(width) if column.right else cell.ljust(width)
            for cell, column, width in zip(row, columns, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
