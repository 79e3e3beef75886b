"""A chart as a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.engine.trend import Break
from mptcp_top.report.clocks import local
from mptcp_top.report.curves import nice_ceiling, time_ticks
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.report.curves import Curve, Point

WIDTH: Final = 90
HEIGHT: Final = 8
LEVELS: Final = " ▁▂▃▄▅▆▇█"
NOT_READ: Final = "·"
RESET: Final = "╎"
_MARGIN: Final = 8


def drawn(curve: Curve) -> str:
    """Return the chart: its highest rate in each column, episodes underlined."""
    return "\n".join([printable(curve.title), f"  {curve.numbers}", *_rows(curve), *_axis(curve), ""])


def _rows(curve: Curve) -> Iterator[str]:
    top = nice_ceiling(curve.highest)
    columns = [_column(curve, number) for number in range(WIDTH)]
    for row in range(HEIGHT, 0, -1):
        label = text.rate(top * row / HEIGHT) if row in {HEIGHT, HEIGHT // 2} else ""
        yield f"{label:>{_MARGIN - 1}} {''.join(_cell(found, top, row) for found in columns)}".rstrip()


def _cell(found: float | Break | None, top: float, row: int) -> str:
    """Return what stands in one place of the chart; a rate that is not zero is never drawn as nothing.

    >>> _cell(5.0, 10.0, 1), _cell(0.001, 10.0, 1), _cell(0.0, 10.0, 1), _cell(Break.GAP, 10.0, 1)
    ('█', '▁', ' ', '·')
    """
    if isinstance(found, Break):
        return {Break.GAP: NOT_READ, Break.RESET: RESET}.get(found, " ")
    if not found:
        return " "
    eighths = max(1, round(found / top * HEIGHT * 8)) - (row - 1) * 8
    return LEVELS[min(8, max(0, eighths))]


def _column(curve: Curve, number: int) -> float | Break | None:
    """Return the highest rate in one column, or the break in it."""
    wide = (curve.end - curve.begin) / WIDTH
    begin = curve.begin + number * wide
    inside = [point for point in curve.points if point.begin < begin + wide and point.end > begin]
    return _worst(inside)


def _worst(points: list[Point]) -> float | Break | None:
    if any(point.why is Break.RESET for point in points):
        return Break.RESET
    known = [point.rate for point in points if point.rate is not None]
    if known:
        return max(known)
    return Break.GAP if any(point.why is Break.GAP for point in points) else None


def _axis(curve: Curve) -> Iterator[str]:
    wide = (curve.end - curve.begin) / WIDTH
    line = []
    for number in range(WIDTH):
        begin = curve.begin + number * wide
        rising = any(band.begin < begin + wide and band.end >= begin for band in curve.bands)
        line.append("▔" if not rising else "━")
    yield f"{'0':>{_MARGIN - 1}} {''.join(line)}  ━ episode"
    offset = local(curve.begin).utcoffset()
    ticks = [" "] * (WIDTH + 8)
    for moment in time_ticks(curve.begin, curve.end, 7, offset.total_seconds() if offset else 0.0):
        place = min(WIDTH - 1, int((moment - curve.begin) / max(wide, 1e-9)))
        ticks[place : place + 8] = f"{local(moment):%H:%M:%S}"
    yield " " * _MARGIN + "".join(ticks).rstrip()
