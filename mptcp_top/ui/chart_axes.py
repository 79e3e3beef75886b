"""The axes of a chart: from zero to a round number, clock times below, gaps and resets where they were. Pure."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.trend import Break
from mptcp_top.ui.chart_window import ticks
from mptcp_top.ui.glyphs import AXIS, GAP, RESET, TICK
from mptcp_top.ui.line import Look, Piece

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.ui.chart_window import Window

LABEL_WIDTH: Final = 6
_ROUND: Final = (1.0, 1.2, 1.6, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
_SIGNS: Final = {Break.GAP: GAP, Break.RESET: RESET}
_FEW_LINES: Final = 8
_LEAST_LEVEL: Final = 4.0


class Scale(NamedTuple):
    """What the top of a chart stands for. ``share`` is of each trace's own peak, ``level`` of gauges."""

    top: float
    level: bool = False
    share: bool = False

    def label(self, value: float) -> str:
        """Return what a height reads.

        >>> Scale(1.0, share=True).label(0.25), Scale(40.0).label(10.0), Scale(2e6, level=True).label(5e5)
        ('25 %', '10.0', '500k')
        """
        if self.share:
            return f"{value:.0%}".replace("%", " %")
        return text.short_count(round(value), LABEL_WIDTH) if self.level else text.rate(value)


def round_top(value: float) -> float:
    """Return the round number not below a value that quarters well.

    >>> [round_top(value) for value in (0.0, 0.0017, 3.0, 4.1, 86.1, 103.0)]
    [1.0, 0.002, 3.0, 6.0, 100.0, 120.0]
    """
    if value <= 0:
        return 1.0
    size = floor(log10(value))
    return next(float(f"{step:g}e{size}") for step in _ROUND if value <= step * 10.0**size * (1 + 1e-9))


def level_top(value: float) -> float:
    """Return the round number not below a level, so large that its quarters are whole.

    >>> level_top(0.0), level_top(3.0), level_top(11.0)
    (4.0, 4.0, 12.0)
    """
    return max(_LEAST_LEVEL, round_top(value))


def value_labels(scale: Scale, lines: int) -> list[str]:
    """Return the label of each line of a plot from the top, all of one width.

    >>> value_labels(Scale(4.0), 5)
    ['  4.00', '      ', '  2.00', '      ', '     0']
    """
    parts = 4 if lines > _FEW_LINES else 2
    labels = [" " * LABEL_WIDTH] * lines
    for part in range(parts + 1):
        line = min(lines - 1, part * lines // parts)
        labels[lines - 1 - line] = scale.label(scale.top * part / parts).rjust(LABEL_WIDTH)
    return labels


def axis_pieces(window: Window, wall_offset: float, columns: int, breaks: Mapping[int, Break]) -> list[Piece]:
    """Return the axis of time: where the clock is round, and where nothing was read or counting began anew."""
    marks = {int(tick.place) for tick in ticks(window, wall_offset, columns)}
    line = [TICK if column in marks else AXIS for column in range(columns)]
    looks = [Look.QUIET] * columns
    for column, why in breaks.items():
        line[column], looks[column] = _SIGNS[why], Look.WARN
    return runs(line, looks)


def time_pieces(window: Window, wall_offset: float, columns: int, cursor: tuple[int, str] | None) -> list[Piece]:
    """Return the clock times below the axis; that of the cursor has its place before all others."""
    line, looks = [" "] * columns, [Look.QUIET] * columns
    wanted = [(int(tick.place), tick.label, Look.QUIET) for tick in ticks(window, wall_offset, columns)]
    if cursor is not None:
        wanted.insert(0, (*cursor, Look.TITLE))
    for place, label, look in wanted:
        begin = max(0, min(place - len(label) // 2, columns - len(label)))
        end = begin + len(label)
        if end <= columns and not "".join(line[max(0, begin - 1) : end + 1]).strip():
            line[begin:end] = label
            looks[begin:end] = [look] * len(label)
    return runs(line, looks)


def runs(characters: list[str], looks: list[Look]) -> list[Piece]:
    """Return characters, each with its look, as pieces.

    >>> [piece.text for piece in runs(["a", "b", "c"], [Look.PLAIN, Look.PLAIN, Look.WARN])]
    ['ab', 'c']
    """
    pieces: list[Piece] = []
    begin = 0
    for place in range(1, len(looks) + 1):
        if place == len(looks) or looks[place] is not looks[begin]:
            pieces.append(Piece("".join(characters[begin:place]), looks[begin]))
            begin = place
    return pieces
