"""Which stretch of time a chart shows: zoom and pan, where a moment lies, and what is written below. Pure functions."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.engine.series import Extent

ALL: Final = inf
_DAY: Final = 86_400.0
ZOOMS: Final = (30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 6 * 3600.0, _DAY, 7 * _DAY, ALL)
"""How much time may be shown, in seconds; at last, everything there is. Beyond an hour only a recording goes."""

_SHORT: Final = (
    30.0,
    40.0,
    60.0,
    90.0,
    120.0,
    180.0,
    240.0,
    300.0,
    420.0,
    600.0,
    900.0,
    1200.0,
    1800.0,
    2700.0,
    3600.0,
    5400.0,
    7200.0,
    10_800.0,
    14_400.0,
    21_600.0,
    43_200.0,
    *(_DAY * days for days in (1, 2, 3, 5, 7)),
)
"""How long a window is while there is no more to show."""

_LONG: Final = (
    *ZOOMS[:8],
    7200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    *(_DAY * days for days in (1, 2, 3, 5, 7, 10, 14, 20, 30, 60, 90, 180)),
)
_STEPS: Final = (
    0.1,
    0.2,
    0.5,
    1,
    2,
    3,
    5,
    10,
    15,
    20,
    30,
    60,
    120,
    300,
    600,
    1200,
    1800,
    3600,
    7200,
    10_800,
    21_600,
    86_400,
)
_SLIDES: Final = 10
"""In how many jumps a live chart crosses its own width: between two of them only the newest points are drawn."""

_USUAL: Final = 300.0
_POINTS_AT_LEAST: Final = 20
_TICKS: Final = (*_STEPS[3:-4], 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000)


class Sight(NamedTuple):
    """What the user wants to see: how many seconds, up to when on the monotonic clock; None is up to now."""

    zoom_seconds: float = _USUAL
    until: float | None = None


class Window(NamedTuple):
    """What is shown: from when to when, and of how many seconds each point is."""

    begin: float
    end: float
    step_seconds: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.begin

    def place(self, moment: float, columns: int) -> float:
        """Return where a moment lies, in columns from the left.

        >>> Window(100.0, 200.0, 1.0).place(150.0, 80)
        40.0
        """
        return (moment - self.begin) / self.seconds * columns


def window_of(sight: Sight, extent: Extent, columns: int) -> Window:
    """Return what to show: no more than little beyond what there is. A live window slides on in jumps."""
    span = _span(sight, extent)
    step = next((step for step in _STEPS if step >= span / columns), _STEPS[-1])
    if sight.until is not None:
        end = ceil(sight.until / step) * step
        return Window(end - span, end, step)
    slide = step * max(1, round(span / _SLIDES / step))
    end = ceil(extent.last / slide) * slide
    if extent.first > end - span or span < sight.zoom_seconds:  # all there is
        end = floor(extent.first / step) * step + span
    return Window(end - span, end, step)


def _span(sight: Sight, extent: Extent) -> float:
    """Return how long a window is: what was asked for, but while there is less, the next longer one than that.

    One that holds still is as long as it was when it ended now, however much there is by then.
    """
    if sight.until is not None:
        held = sight.until - extent.first
        return min(sight.zoom_seconds, next((span for span in _SHORT if span >= held), ALL))
    lasts = 1.05 * (extent.last - extent.first)  # a first point begins before the first row
    if sight.zoom_seconds == ALL:
        return next((span for span in _LONG if span > lasts), _LONG[-1])
    return min(sight.zoom_seconds, next((span for span in _SHORT if span > lasts), ALL))


def usual_zoom(interval_seconds: float) -> float:
    """Return how much to show at first, so that there are some points at this pace.

    >>> usual_zoom(1.0), usual_zoom(60.0), usual_zoom(3600.0)
    (300.0, 1800.0, 86400.0)
    """
    least = max(_USUAL, _POINTS_AT_LEAST * interval_seconds)
    return next(zoom for zoom in ZOOMS if zoom >= least)


def zoomed(sight: Sight, extent: Extent, columns: int, step: int, hold: float | None) -> Sight:
    """Return a sight of less time (1) or more (-1), with the moment to ``hold`` where it is, else the middle."""
    shown = window_of(sight, extent, columns).seconds
    full = next(zoom for zoom in ZOOMS if zoom >= min(shown, sight.zoom_seconds)) if step > 0 else sight.zoom_seconds
    place = min(max(ZOOMS.index(full) - step, 0), len(ZOOMS) - 1)
    nearer = sight._replace(zoom_seconds=ZOOMS[place])
    if sight.until is None or ZOOMS[place] == ALL:
        return nearer._replace(until=None)
    before = window_of(sight, extent, columns)
    held = hold if hold is not None and before.begin <= hold <= before.end else (before.begin + before.end) / 2
    share = (before.end - held) / before.seconds
    until = held + share * _span(nearer, extent)
    return _bounded(nearer._replace(until=until), extent, columns)


def panned(sight: Sight, extent: Extent, columns: int, quarters: int) -> Sight:
    """Return a sight of so many quarters of a window later, live again where there is nothing later."""
    now = window_of(sight, extent, columns)
    return _bounded(sight._replace(until=now.end + quarters * now.seconds / 4), extent, columns)


def shown_at(sight: Sight, extent: Extent, columns: int, moment: float) -> Sight:
    """Return a sight that holds still and has a moment in it: this one, if it has."""
    now = window_of(sight, extent, columns)
    if now.begin <= moment <= now.end:
        return sight._replace(until=now.end)
    return sight._replace(until=moment + now.seconds / 2)


def _bounded(sight: Sight, extent: Extent, columns: int) -> Sight:
    live = window_of(sight._replace(until=None), extent, columns)
    until = live.end if sight.until is None else max(sight.until, extent.first + live.seconds)
    return sight._replace(until=until if until < live.end else None)


class Tick(NamedTuple):
    """A moment with a round clock time: where it lies, and what it reads."""

    place: float
    label: str


def ticks(window: Window, wall_offset: float, columns: int) -> Iterator[Tick]:
    """Yield the moments whose local clock time is round, as many as have room. The offset is wall minus monotonic."""
    wall = window.begin + wall_offset
    zone = datetime.fromtimestamp(wall, tz=UTC).astimezone().utcoffset()
    shift = wall_offset + (zone.total_seconds() if zone else 0.0)
    spacing = next((one for one in _TICKS if one / window.seconds * columns >= _room(one, window)), _TICKS[-1])
    number = ceil((window.begin + shift) / spacing)
    while (moment := number * spacing - shift) <= window.end:
        yield Tick(window.place(moment, columns), _label(moment + wall_offset, spacing, window))
        number += 1


def _room(spacing: float, window: Window) -> int:
    return len(_label(window.begin, spacing, window)) + 4


def _label(wall: float, spacing: float, window: Window) -> str:
    local = datetime.fromtimestamp(wall, tz=UTC).astimezone()
    if spacing >= _DAY:
        return f"{local:%d %b}"
    if window.seconds > _DAY:
        return f"{local:%a %H:%M}"
    return f"{local:%H:%M:%S}" if spacing < 60 else f"{local:%H:%M}"
