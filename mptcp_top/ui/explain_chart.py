"""A sparkline several rows high, with its maximum, its span and the time of day: the recent past of one counter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.engine.trend import Break, Cell, Cells
from mptcp_top.model import Kind
from mptcp_top.ui.frame import rows_a_cell
from mptcp_top.ui.glyphs import GAP, LEVELS, RESET
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.sparkline import largest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.ui.explain_subject import Subject

GUTTER: Final = 19
"""Cells at the left, for what the rows mean."""

SPAN_SECONDS: Final = 600.0
"""What the chart looks back on at least, where as much is remembered."""

_STEPS: Final = (1, 2, 4, 6, 12)
"""How many cells of the small sparklines may make one of the chart."""

_TICKS: Final = (60, 120, 300, 600, 900, 1800, 3600, 10_800, 21_600, 86_400)
_TICK_ROOM: Final = 8


def bars(cells: Sequence[Cell], rows: int, top: float) -> list[str]:
    """Return the cells as bars up to ``top``, the highest row first. The lowest bar is exactly zero.

    >>> bars([0.0, 1.0, 50.0, 100.0], 2, 100.0)
    ['  ▁█', '▁▂██']
    >>> bars([Break.NOTHING, 0.0, Break.GAP, Break.RESET, 3.0], 2, 3.0)
    ['   ╎█', ' ▁·╎█']
    """
    columns = [_column(cell, rows, top) for cell in cells]
    return ["".join(column[row] for column in columns) for row in reversed(range(rows))]


def _column(cell: Cell, rows: int, top: float) -> str:
    """Return one bar, its lowest character first."""
    if isinstance(cell, Break):
        return {Break.NOTHING: " " * rows, Break.GAP: f"{GAP:<{rows}}", Break.RESET: RESET * rows}[cell]
    steps = rows * len(LEVELS) - 1
    height = 1 if cell <= 0 else 1 + min(steps, 1 + int(cell / top * steps - 1e-9))
    full, rest = divmod(height, len(LEVELS))
    return f"{LEVELS[-1] * full + (LEVELS[rest - 1] if rest else ''):<{rows}}"


def cells_for(subject: Subject, room: int) -> Cells:
    """Return the shape of a trend of ``room`` cells: ten minutes, and back to where the episode began.

    It is no longer than we have been watching, as far as the cells of other screens allow.
    """
    frame = subject.frame
    seen = frame.observation
    rows = rows_a_cell(frame.interval_seconds, seen.refresh_seconds if seen else 0.0)
    began = subject.episode.started if subject.rising and subject.episode else subject.wall
    watched = subject.wall - frame.first.wall if frame.first else 0.0
    wanted = min(max(SPAN_SECONDS, 1.25 * (subject.wall - began)), watched)
    seconds = room * rows * frame.interval_seconds
    step = next((step for step in _STEPS if seconds * step >= wanted), _STEPS[-1])
    return Cells(room, rows * step, growing=subject.metric.flagged)


def chart_lines(subject: Subject, width: int, rows: int) -> list[Line]:
    """Return the chart in ``rows`` rows of bars, one if it never left zero, and a row that says when."""
    frame = subject.frame
    if frame.store is None or subject.change is None:
        return []
    shape = cells_for(subject, max(1, width - GUTTER))
    cells = frame.store.trend(frame.target.name, subject.metric, shape, frame.moment.cursor)
    times = frame.store.cell_times(frame.target.name, shape, frame.moment.cursor)
    top = largest(cells)
    rows = rows if top > 0 else 1
    says = _gutter(subject, top, rows, shape.rows * frame.interval_seconds)
    lines = [
        Line((Piece(f"{said:>{GUTTER - 1}} ", Look.QUIET), Piece(drawn, Look.TREND)))
        for said, drawn in zip(says, bars(cells, rows, top), strict=True)
    ]
    span = _span(subject.wall - next((time for time in times if time is not None), subject.wall))
    now = text.clock(subject.wall) if subject.past else "now"
    return [*lines, Line((Piece(f"{span:>{GUTTER - 1}} {ticks(times, now)}", Look.QUIET),))]


def _span(seconds: float) -> str:
    """Return how long the chart looks back, in few characters.

    >>> _span(44.4), _span(669.2), _span(16_500.0), _span(3 * 86_400.0)
    ('last 44 s', 'last 11 min', 'last 4.6 h', 'last 72 h')
    """
    if seconds < 120:
        return f"last {seconds:.0f} s"
    return f"last {seconds // 60:.0f} min" if seconds < 7200 else f"last {seconds / 3600:.2g} h"


def _gutter(subject: Subject, top: float, rows: int, seconds: float) -> list[str]:
    """Return what stands beside each row of bars: the maximum beside the highest, zero beside the lowest."""
    gauge = subject.metric.kind is Kind.GAUGE
    highest = f"max shown {text.short_count(round(top), 8) if gauge else f'{text.rate(top)} /s'}"
    if rows == 1:
        return [highest]
    between = [subject.metric.unit, f"{text.duration(seconds)} a cell"]
    fitting = [said for said in between if len(said) < GUTTER][-(rows - 2) :] if rows > 2 else []
    return [highest, *fitting, *[""] * (rows - 2 - len(fitting)), "0"]


def ticks(times: Sequence[float | None], last: str) -> str:
    """Return the times of day under cells that began at ``times``, with ``last`` under the newest one.

    A time stands where its minute began, at full minutes as far apart as there is room for.

    >>> ticks([None, None, *(1_795_255_170.0 + 10 * cell for cell in range(24))], "now")[-3:]
    'now'
    >>> len(ticks([1_795_255_200.0 + 5 * cell for cell in range(40)], "now")), ticks([None] * 5, "now")
    (40, '  now')
    """
    drawn = [" "] * len(times)
    known = [time for time in times if time is not None]
    spread = (known[-1] - known[0]) / max(1, len(known) - 1) if known else 0.0
    step = next((step for step in _TICKS if step >= spread * _TICK_ROOM), _TICKS[-1])
    free = 0
    for column, (time, after) in enumerate(pairwise(times)):
        said = "" if time is None or after is None else _full_minute(time, after, step)
        if said and free <= column < len(times) - len(last) - len(said):
            drawn[column : column + len(said)] = said
            free = column + _TICK_ROOM - 1
    room = min(len(last), len(drawn))
    drawn[len(drawn) - room :] = last[:room]
    return "".join(drawn)


def _full_minute(since: float, until: float, step: int) -> str:
    """Return the time of day at which ``step`` seconds are full between two moments, "" if none are."""
    offset = datetime.fromtimestamp(until, tz=UTC).astimezone().utcoffset() or timedelta()
    full = (until + offset.total_seconds()) // step * step - offset.total_seconds()
    return f"{datetime.fromtimestamp(full, tz=UTC).astimezone():%H:%M}" if since < full <= until else ""
