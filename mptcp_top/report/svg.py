"""A chart as an SVG picture: nothing in it is fetched from anywhere, and nothing in it runs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.trend import Break
from mptcp_top.report.clean import xml
from mptcp_top.report.clocks import local, zone_of
from mptcp_top.report.curves import nice_ceiling, time_ticks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mptcp_top.report.curves import Curve, Point

WIDTH: Final = 960
HEIGHT: Final = 320
LEFT: Final = 72
RIGHT: Final = 20
TOP: Final = 58
BOTTOM: Final = 46
LEVELS: Final = 4
_FONT: Final = "font-family='DejaVu Sans, Verdana, sans-serif'"
_INK, _QUIET, _LINE, _EPISODE, _GAP = "#1f2328", "#59636e", "#0550ae", "#ffd8d3", "#d0d7de"


class _Plane(NamedTuple):
    """Where moments and rates are in the picture."""

    begin: float
    end: float
    top: float

    def x(self, wall: float) -> float:
        inside = min(max(wall, self.begin), self.end) - self.begin
        return round(LEFT + inside / max(self.end - self.begin, 1e-9) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, rate: float) -> float:
        return round(HEIGHT - BOTTOM - rate / self.top * (HEIGHT - TOP - BOTTOM), 1)


def svg_of(curve: Curve) -> str:
    """Return the picture."""
    plane = _Plane(curve.begin, curve.end, nice_ceiling(curve.highest))
    parts = (_head(curve), _bands(curve, plane), _grid(curve, plane), _breaks(curve, plane), _lines(curve, plane))
    drawn = [line for part in (*parts, _marks(curve, plane)) for line in part]
    return "\n".join([*drawn, "</svg>\n"])


def _head(curve: Curve) -> Iterator[str]:
    size = f"width='{WIDTH}' height='{HEIGHT}' viewBox='0 0 {WIDTH} {HEIGHT}'"
    yield f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img' {_FONT} font-size='12'>"
    yield f"<title>{xml(curve.title)}</title>"
    yield f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#ffffff'/>"
    yield "<g font-weight='bold' font-size='14'>"
    yield _text(LEFT, 22, text.shortened(curve.title, 120), look=_INK)
    yield "</g>"
    averaged = f", averaged over {text.duration(curve.step_seconds)}" if curve.step_seconds > 1 else ""
    yield _text(LEFT, 42, f"per second{averaged}; {curve.numbers}; times are {zone_of(curve.end)}")


def _bands(curve: Curve, plane: _Plane) -> Iterator[str]:
    for band in curve.bands:
        left, right = plane.x(band.begin), plane.x(band.end)
        yield _box(left - 1, right - left + 2, _EPISODE)


def _grid(curve: Curve, plane: _Plane) -> Iterator[str]:
    for level in range(LEVELS + 1):
        rate = plane.top * level / LEVELS
        y = plane.y(rate)
        yield f"<path d='M{LEFT} {y}H{WIDTH - RIGHT}' stroke='{_GAP}' fill='none'/>"
        yield _text(LEFT - 8, y + 4, text.rate(rate), anchor="end")
    begin = local(curve.begin)
    offset = begin.utcoffset()
    seconds = offset.total_seconds() if offset else 0.0
    shape = "%H:%M:%S" if curve.end - curve.begin < 600 else "%H:%M"
    floor = HEIGHT - BOTTOM
    for moment in time_ticks(curve.begin, curve.end, 9, seconds):
        x = plane.x(moment)
        yield f"<path d='M{x} {floor}v5' stroke='{_QUIET}' fill='none'/>"
        yield _text(x, floor + 19, local(moment).strftime(shape), anchor="middle")
    yield _text(LEFT, HEIGHT - 8, f"{begin:%Y-%m-%d}", anchor="middle")
    if local(curve.end).date() != begin.date():
        yield _text(WIDTH - RIGHT, HEIGHT - 8, f"{local(curve.end):%Y-%m-%d}", anchor="end")


def _breaks(curve: Curve, plane: _Plane) -> Iterator[str]:
    for point in curve.points:
        left, right = plane.x(point.begin), plane.x(point.end)
        if point.why is Break.GAP:
            yield _box(left, max(1.0, right - left), "#eaeef2")
            if right - left > 50:
                yield _text((left + right) / 2, TOP + 14, "not read", anchor="middle")
        elif point.why is Break.RESET:
            yield _upright(right, _QUIET, "4 3")
            yield _text(right + 4, TOP + 14, "reset")


def _lines(curve: Curve, plane: _Plane) -> Iterator[str]:
    for run in _runs(curve.points):
        first = run[0]
        path = f"M{plane.x(first.begin)} {plane.y(first.rate or 0.0)}"
        path += "".join(f"V{plane.y(point.rate or 0.0)}H{plane.x(point.end)}" for point in run)
        floor = plane.y(0.0)
        shade = f"{path}V{floor}H{plane.x(first.begin)}Z"
        yield f"<path d='{shade}' fill='{_LINE}' fill-opacity='0.12' stroke='none'/>"
        yield f"<path d='{path}' fill='none' stroke='{_LINE}' stroke-width='1.6' stroke-linejoin='round'/>"


def _runs(points: Iterable[Point]) -> Iterator[list[Point]]:
    """Yield the points between two breaks."""
    for known, run in groupby(points, key=lambda point: point.rate is not None):
        if known:
            yield list(run)


def _marks(curve: Curve, plane: _Plane) -> Iterator[str]:
    for mark in curve.marks:
        x = plane.x(mark.begin)
        yield _upright(x, _INK, "1 3")
        side = ("end", x - 4) if x > WIDTH * 0.8 else ("start", x + 4)
        yield _text(side[1], TOP + 28, text.shortened(mark.called, 24), anchor=side[0], look=_INK)


def _box(x: float, width: float, fill: str) -> str:
    return f"<rect x='{x:.1f}' y='{TOP}' width='{width:.1f}' height='{HEIGHT - TOP - BOTTOM}' fill='{fill}'/>"


def _upright(x: float, stroke: str, dashes: str) -> str:
    line = f"M{x} {TOP}V{HEIGHT - BOTTOM}"
    return f"<path d='{line}' stroke='{stroke}' stroke-dasharray='{dashes}' fill='none'/>"


def _text(x: float, y: float, words: str, *, anchor: str = "start", look: str = _QUIET) -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' fill='{look}'>{xml(words)}</text>"
