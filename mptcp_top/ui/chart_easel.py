"""What was drawn last: a chart is worked out again only when there is something new in it, for a plot takes long."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.series import Between, Extent
from mptcp_top.ui.chart import AXIS_LINES, Across, chart_lines, picture_of, room_of, scales_of
from mptcp_top.ui.chart_head import Shown, caption_line, title_line, verdict_line
from mptcp_top.ui.chart_legend import Reading, entries_of, legend_lines
from mptcp_top.ui.chart_traces import Trace, metrics_in
from mptcp_top.ui.chart_window import window_of

if TYPE_CHECKING:
    from mptcp_top.engine.store import Store
    from mptcp_top.model import Target
    from mptcp_top.ui.chart import Picture, Room, Scales
    from mptcp_top.ui.chart_choice import Choice
    from mptcp_top.ui.chart_window import Window
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.line import Line

_AROUND: Final = 5
"""Lines above the plot, the titles of the legend, and the footer."""

_CLOCK_SET_SECONDS: Final = 0.3
_LEGEND_AT_LEAST: Final = 2
_LEGEND_SHARE: Final = 6
"""The legend has at most this part of the screen."""


class Space(NamedTuple):
    """The cells of the whole screen."""

    width: int
    height: int


class Laid(NamedTuple):
    """A chart that is laid out: the lines above the legend, its rows, which time is shown, and its newest moment."""

    head: list[Line]
    legend: list[Line]
    window: Window
    newest: float
    columns: int


def edge_of(window: Window, extent: Extent, now: float) -> float:
    """Return up to when stretches are over: what is still growing is not drawn, so that no point changes any more.

    >>> from mptcp_top.engine.series import Extent
    >>> from mptcp_top.ui.chart_window import Window
    >>> edge_of(Window(0, 300, 5), Extent(0, 92, 0), now=93.2), edge_of(Window(0, 60, 5), Extent(0, 92, 0), now=93.2)
    (90, 60)
    """
    step = window.step_seconds
    return min(window.end, floor(max(extent.last, now) / step) * step)


class Easel:
    """The traces, the picture and its lines, each with what they were made of. ``builds`` counts the pictures."""

    def __init__(self, store: Store, *, ascii_only: bool) -> None:
        self._store = store
        self._ascii_only = ascii_only
        self._traces: tuple[object, tuple[Trace, ...]] = (None, ())
        self._picture: tuple[object, Picture] | None = None
        self._lines: tuple[object, list[Line]] | None = None
        self._offset = float("-inf")
        self.builds = 0

    def laid(self, choice: Choice, now: Moment, space: Space, chosen: str) -> Laid:
        """Lay a chart out. In the past a line above it says so, in the place of the verdict."""
        extent = self._store.extent(choice.target.name) or Extent(now.monotonic, now.monotonic, now.wall)
        room = self.room(choice, space)
        window = window_of(choice.sight, extent, room.columns)
        until, offset = edge_of(window, extent, now.monotonic), self._steady(extent.wall - extent.last)
        traces = self._traces_of(choice, window, until)
        scales = scales_of(traces, window, choice.threshold, share=choice.share)
        picture = self._picture_of(traces, window, scales, room)
        names = tuple(target.name for target in choice.targets)
        seen = [self._store.at(name, now.cursor) for name in names]
        entries = entries_of(choice, traces, window, dict(zip(names, seen, strict=True)))
        newest = min(until, extent.last)
        moment = newest if now.cursor is None else now.cursor
        rows = space.height - _AROUND - AXIS_LINES - room.lines
        read = Reading(moment, offset, choice.threshold, names, window.step_seconds, rows)
        titles, legend = legend_lines(entries, read, chosen, space.width)
        shown = Shown(names, choice.sight, window, offset, now, seen[0])
        head = [title_line(shown, space.width)]
        head += [verdict_line(entries, shown, space.width)] if now.cursor is None else []
        head.append(caption_line(traces, scales, choice.threshold, space.width))
        across = Across(offset, now.cursor, None if choice.share else choice.threshold)
        return Laid([*head, *self._lines_of(picture, across), titles], legend, window, newest, room.columns)

    @staticmethod
    def room(choice: Choice, space: Space) -> Room:
        """Return the room for the plot: what the legend and the lines around leave."""
        rows = len(choice.picks.all) + (len(choice.letters) if choice.second else 0)
        legend = max(_LEGEND_AT_LEAST, min(rows, space.height // _LEGEND_SHARE))
        metrics = [metric for _, metric in choice.letters]
        return room_of(metrics, space.width, space.height - _AROUND - legend, share=choice.share)

    def _steady(self, wall_offset: float) -> float:
        """Return the difference of the two clocks as it was, unless a clock was set: it is never quite the same."""
        if abs(wall_offset - self._offset) > _CLOCK_SET_SECONDS:
            self._offset = wall_offset
        return self._offset

    def _traces_of(self, choice: Choice, window: Window, until: float) -> tuple[Trace, ...]:
        """Return the traces of what is to be drawn, asked for again only where more is known of them."""
        fresh = tuple(self._store.freshness(target.name, until) for target in choice.targets)
        key = (choice.targets, choice.letters, window, fresh)
        if self._traces[0] != key:
            over = Between(window.begin, until, window.step_seconds)
            found = [trace for target in choice.targets for trace in self._asked(choice, target, over)]
            self._traces = key, tuple(found)
        return self._traces[1]

    def _picture_of(self, traces: tuple[Trace, ...], window: Window, scales: Scales, room: Room) -> Picture:
        key = (traces, window, scales, room)
        if self._picture is None or self._picture[0] != key:
            self.builds += 1
            self._picture = key, picture_of(traces, window, scales, room, ascii_only=self._ascii_only)
        return self._picture[1]

    def _lines_of(self, picture: Picture, across: Across) -> list[Line]:
        if self._lines is None or self._lines[0] != (picture, across):
            self._lines = (picture, across), chart_lines(picture, across)
        return self._lines[1]

    def _asked(self, choice: Choice, target: Target, over: Between) -> list[Trace]:
        beside, same = target != choice.target, target.source == choice.target.source
        seen = self._store.at(target.name)
        layout = seen.layout if seen is not None and seen.layout.metrics else None  # else nobody knows what it has
        wanted = [metrics_in(layout, one, same_source=same) if layout else (one,) for _, one in choice.letters]
        found = iter(self._store.series(target.name, [metrics for metrics in wanted if metrics], over))
        stretches = [tuple(next(found)) if metrics else None for metrics in wanted]
        return [
            Trace(letter.lower() if beside else letter, target.name, metric, one, beside)
            for (letter, metric), one in zip(choice.letters, stretches, strict=True)
        ]
