"""Sparklines: zero-based, one character a cell, gaps and resets shown for what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top.engine.trend import Break, Cell
from mptcp_top.ui.glyphs import GAP, LEVELS, RESET

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BREAKS: Final = {Break.NOTHING: " ", Break.GAP: GAP, Break.RESET: RESET}


def sparkline(cells: Sequence[Cell], top: float | None = None) -> str:
    """Return the cells as characters, scaled from zero to ``top``, or to the largest of them.

    The lowest bar is exactly zero: whatever is more, however little, stands above it.

    >>> sparkline([0.0, 1.0, 50.0, 100.0]), sparkline([5.0, 5.0, 5.0])
    ('▁▂▅█', '███')
    >>> sparkline([Break.NOTHING, 0.0, Break.GAP, Break.RESET, 3.0])
    ' ▁·╎█'
    >>> sparkline([0.0, 10.0, 20.0], top=40.0)
    '▁▃▅'
    """
    if top is None:
        top = largest(cells)
    steps = len(LEVELS) - 1
    return "".join(
        _BREAKS[cell]
        if isinstance(cell, Break)
        else LEVELS[min(steps, 1 + int(cell / top * steps - 1e-9))]
        if cell > 0
        else LEVELS[0]
        for cell in cells
    )


def largest(cells: Iterable[Cell]) -> float:
    """Return the largest of the cells that have a number, 0 if none has: what a sparkline reaches up to."""
    return max((cell for cell in cells if not isinstance(cell, Break)), default=0.0)
