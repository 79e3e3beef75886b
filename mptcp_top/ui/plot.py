"""Lines through points as characters, drawn by plotext. This file alone knows it, and imports it when it is needed.

plotext has one figure, a global one. It is given numbers and a marker, never a text, and what it returns is taken
apart into characters and whose they are: what it would print, with its escape sequences, goes nowhere.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

NOBODY: Final = -1
_BRAILLE: Final = "braille"


class Curve(NamedTuple):
    """A line to be drawn: points that are connected, stroke by stroke. ``letter`` is what it is drawn with in ASCII.

    A point is so many columns from the left (a fraction of one too), and a share of the height from the bottom.
    """

    letter: str
    strokes: tuple[tuple[tuple[float, float], ...], ...]


class Canvas(NamedTuple):
    """What was drawn: rows of characters from the top, and for each of them the number of the curve it belongs to."""

    rows: tuple[str, ...]
    owners: tuple[tuple[int, ...], ...]


def why_not() -> str:
    """Return why nothing can be drawn here, "" if it can: plotext is in part a library that may not have been built.

    >>> why_not()
    ''
    """
    try:
        _plotext()
    except ImportError as error:
        return str(error).partition("\n")[0]
    return ""


def plot(curves: Sequence[Curve], columns: int, lines: int, *, ascii_only: bool) -> Canvas:
    """Draw curves on a canvas: in braille, or with their letters. Where two meet, the first is on top."""
    plotext = _plotext()
    figure = plotext.figure
    figure.clear.data()
    figure.plot_size(columns, lines)
    figure.ruler("x").lim(0, columns)
    for number, curve in reversed(list(enumerate(curves))):
        marker = plotext.marker(curve.letter if ascii_only else _BRAILLE, plotext.pixel((0, 0, number)))
        for stroke in curve.strokes:
            xs, ys = zip(*stroke, strict=True)
            figure.draw(figure.signal(list(xs), list(ys), marker=marker).lines())
    return _taken_apart(figure.build(), columns, lines)


def _taken_apart(matrix: Any, columns: int, lines: int) -> Canvas:  # noqa: ANN401  # plotext has no types
    rows = tuple(row.ljust(columns)[:columns] for row in matrix.string(colorless=True).split("\n")[:lines])
    owners = tuple(
        tuple(NOBODY if char == " " else matrix.get(y, x).foreground()[2] for x, char in enumerate(row))
        for y, row in enumerate(rows)
    )
    return Canvas(rows, owners)


@cache
def _plotext() -> Any:  # noqa: ANN401  # plotext has no types
    """Return plotext, with a figure that has no frame, no labels, no colour of its own and the size it is told."""
    import plotext  # noqa: PLC0415  # it takes long, and most sessions never open a chart

    plotext.terminal.limit(width=False, height=False)
    figure = plotext.figure
    both = [0, 1]
    figure.axes(active=False)
    figure.legend(active=False)
    figure.canvas("default")
    figure.ruler(both, both).frequency(0)
    figure.ruler(both, both).alignment(lim="edge")
    figure.ruler("y").lim(0, 1)
    return plotext
