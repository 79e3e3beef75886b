"""The chart as lines: the plot between its axes, the threshold and the cursor across it. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.ui.chart_axes import (
    LABEL_WIDTH,
    Scale,
    axis_pieces,
    level_top,
    round_top,
    runs,
    time_pieces,
    value_labels,
)
from mptcp_top.ui.chart_traces import LETTERS, breaks_of, facts_of, highest, strokes_of
from mptcp_top.ui.glyphs import CURSOR, LIMIT
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.plot import NOBODY, Canvas, Curve, plot

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mptcp_top.model import Metric
    from mptcp_top.ui.chart_traces import Trace
    from mptcp_top.ui.chart_window import Window

LOOKS: Final = (Look.TREND, Look.SECOND, Look.THIRD, Look.PLAIN)
"""How each letter is drawn; the second target's small ones the same."""

MARGIN: Final = LABEL_WIDTH + 1
AXIS_LINES: Final = 2
_LETTER_EVERY: Final = 24
"""About how many columns lie between two letters on a trace."""


class Scales(NamedTuple):
    """What the left and the right edge of a chart measure; there is a right one beside rates, if there are gauges."""

    left: Scale
    right: Scale | None = None

    def of(self, trace: Trace) -> Scale:
        """Return the scale a trace is drawn by."""
        return self.right if trace.level and self.right is not None else self.left


class Room(NamedTuple):
    """How large the plot itself is, in cells."""

    columns: int
    lines: int


class Picture(NamedTuple):
    """A plot that is drawn, and what is drawn in it."""

    canvas: Canvas
    traces: tuple[Trace, ...]
    window: Window
    scales: Scales


class Across(NamedTuple):
    """What is drawn across a picture: a moment, and a height. The offset makes clock times of moments."""

    wall_offset: float
    cursor: float | None = None
    threshold: float | None = None


def room_of(metrics: Iterable[Metric], width: int, lines: int, *, share: bool) -> Room:
    """Return the room for the plot between its labels, in a chart of this width and so many lines."""
    edges = 2 if not share and len({metric.kind for metric in metrics}) > 1 else 1
    return Room(max(8, width - edges * MARGIN - 1), max(3, lines - AXIS_LINES))


def scales_of(traces: Sequence[Trace], window: Window, threshold: float | None, *, share: bool) -> Scales:
    """Return the scales for what is to be seen: from zero to a round number above it, and above the threshold."""
    if share:
        return Scales(Scale(1.0, share=True))
    rates, levels = (highest(traces, window, level=level) for level in (False, True))
    if traces and all(trace.level for trace in traces):
        return Scales(Scale(level_top(max(levels, threshold or 0.0)), level=True))
    left = Scale(round_top(max(rates, threshold or 0.0)))
    mixed = any(trace.level for trace in traces)
    return Scales(left, Scale(level_top(levels), level=True) if mixed else None)


def picture_of(traces: Sequence[Trace], window: Window, scales: Scales, room: Room, *, ascii_only: bool) -> Picture:
    """Draw some traces."""
    curves = []
    for trace in traces:
        scale = scales.of(trace)
        top = (facts_of(trace, window, None).peak or 1.0) if scale.share else scale.top
        curves.append(Curve(trace.letter, strokes_of(trace, window, room.columns, top)))
    canvas = _torn(plot(curves, room.columns, room.lines, ascii_only=ascii_only), traces, window)
    return Picture(canvas, tuple(traces), window, scales)


def _torn(canvas: Canvas, traces: Sequence[Trace], window: Window) -> Canvas:
    """Return a plot without a trace wherever its target was reset or not read, however short that was."""
    breaks = [breaks_of([trace], window, len(canvas.rows[0])) for trace in traces]
    if not any(breaks):
        return canvas
    owners = tuple(
        tuple(NOBODY if owner != NOBODY and x in breaks[owner] else owner for x, owner in enumerate(row))
        for row in canvas.owners
    )
    rows = zip(canvas.rows, owners, strict=True)
    return Canvas(
        tuple("".join(" " if owner == NOBODY else char for char, owner in zip(*row, strict=True)) for row in rows),
        owners,
    )


def chart_lines(picture: Picture, across: Across) -> list[Line]:
    """Return the plot with its labels, and the axis of time below it."""
    canvas, traces, window, scales = picture
    lines, columns = len(canvas.rows), len(canvas.rows[0])
    cursor = None if across.cursor is None else _column(across.cursor, window, columns)
    left = value_labels(scales.left, lines)
    right = value_labels(scales.right, lines) if scales.right else [""] * lines
    limit = _limit_line(across.threshold, scales.left, lines)
    if limit is not None and limit < lines - 1:  # a chart begins at zero, and says so
        left[limit] = scales.left.label(across.threshold or 0.0).rjust(LABEL_WIDTH)
    found = []
    for y, row in enumerate(_dressed(canvas, traces, cursor, limit)):
        label = Piece(f"{left[y]} ", Look.WARN if y == limit else Look.QUIET)
        found.append(Line((label, *row, Piece(f" {right[y]}", Look.QUIET))))
    beside = Piece(" " * MARGIN)
    read = (cursor, text.clock(across.cursor + across.wall_offset)) if across.cursor and cursor is not None else None
    breaks = breaks_of(traces, window, columns)
    found.append(Line((beside, *axis_pieces(window, across.wall_offset, columns, breaks))))
    found.append(Line((beside, *time_pieces(window, across.wall_offset, columns, read))))
    return found


def _column(moment: float, window: Window, columns: int) -> int | None:
    """Return the column of a moment; what ends a stretch belongs to it, not to the next."""
    if not window.begin <= moment <= window.end:
        return None
    return max(0, min(int(window.place(moment, columns) - 1e-6), columns - 1))


def _limit_line(threshold: float | None, scale: Scale, lines: int) -> int | None:
    if threshold is None or scale.share:
        return None
    return lines - 1 - min(lines - 1, int(threshold / scale.top * lines))


def _dressed(canvas: Canvas, traces: Sequence[Trace], cursor: int | None, limit: int | None) -> list[list[Piece]]:
    """Return the rows of a plot in the looks of their traces, with letters on these, the cursor and the threshold."""
    rows = [list(row) for row in canvas.rows]
    looks = [[_look(traces, owner) for owner in owners] for owners in canvas.owners]
    for y, x, letter in _letters(canvas, traces):
        rows[y][x] = letter
    for y, row in enumerate(rows):
        for x, character in enumerate(row):
            if character == " " and x == cursor:
                row[x], looks[y][x] = CURSOR, Look.TITLE
            elif character == " " and y == limit:
                row[x], looks[y][x] = LIMIT, Look.WARN
    return [runs(row, look) for row, look in zip(rows, looks, strict=True)]


def _look(traces: Sequence[Trace], owner: int) -> Look:
    return Look.PLAIN if owner == NOBODY else look_of(traces[owner].letter)


def look_of(letter: str) -> Look:
    """Return how what a letter stands for is drawn."""
    return LOOKS[LETTERS.index(letter.upper())]


def _letters(canvas: Canvas, traces: Sequence[Trace]) -> list[tuple[int, int, str]]:
    """Return where letters go on the traces, so that they can be told apart without colour: staggered, and at the end.

    >>> from mptcp_top.ui.plot import Canvas
    >>> _letters(Canvas(("  xx",), ((NOBODY, NOBODY, 0, 0),)), [])
    []
    """
    if len(traces) < 2:
        return []
    found = []
    for number, trace in enumerate(traces):
        tops: dict[int, int] = {}
        for y, owners in enumerate(canvas.owners):
            for x, owner in enumerate(owners):
                if owner == number:
                    tops.setdefault(x, y)
        shift = number * _LETTER_EVERY // len(traces)
        places = [x for x in tops if x % _LETTER_EVERY == shift] + ([max(tops)] if tops else [])
        found += [(tops[x], x, trace.letter) for x in places]
    return found
