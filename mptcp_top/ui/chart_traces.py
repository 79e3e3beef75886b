"""What a chart shows of a counter: a trace, what is to be said of it, and the strokes it is drawn with. Pure."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.trend import Break
from mptcp_top.model import Group, Kind, Layout, Metric, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mptcp_top.engine.series import Stretch
    from mptcp_top.ui.chart_window import Window

TOGETHER: Final = Metric(
    "", "all errors together", Group.ERRORS, severity=Severity.ERROR, concept="=errors", unit="errors"
)
"""All flagged counters of a target as one."""

LETTERS: Final = "ABCD"
"""What the traces are known by. More of them nobody can tell apart."""

Stroke = tuple[tuple[float, float], ...]


class Trace(NamedTuple):
    """A counter of a target over time. Without stretches, the target has no such counter.

    The letter is a small one where the trace is of the second target, which is drawn ``beside`` the first.
    """

    letter: str
    target: str
    metric: Metric
    stretches: tuple[Stretch, ...] | None
    beside: bool = False

    @property
    def level(self) -> bool:
        """Whether it is the level of a gauge, not a rate."""
        return self.metric.kind is Kind.GAUGE


class Facts(NamedTuple):
    """What a trace comes to in a window: the highest point and when that was, how far it grew, and for how long over.

    None is not known. ``over_seconds`` is the time above the threshold, as far as is known.
    """

    peak: float | None = None
    peak_at: float = 0.0
    grown: int | None = None
    over_seconds: float = 0.0

    @property
    def still(self) -> bool:
        """Whether it is known that it never moved."""
        return self.peak == 0 and self.grown == 0


def metrics_in(layout: Layout, metric: Metric, *, same_source: bool) -> tuple[Metric, ...]:
    """Return what a metric is on another target: the same, or what counts the same there; nothing if it has none."""
    if metric == TOGETHER:
        return tuple(layout.metrics[column] for column in layout.flagged)
    if same_source and metric.name in layout.index:
        return (layout.metrics[layout.index[metric.name]],)
    if metric.concept and metric.concept in layout.concepts:
        return (layout.metrics[layout.concepts[metric.concept]],)
    return ()


def at(trace: Trace, moment: float) -> Stretch | None:
    """Return the stretch a moment is in, the last one if it is later; None where nothing is known."""
    stretches = trace.stretches or ()
    place = bisect_left(stretches, moment, key=attrgetter("end"))
    if place == len(stretches):
        return stretches[-1] if stretches else None
    return stretches[place] if stretches[place].begin <= moment else None


def facts_of(trace: Trace, window: Window, threshold: float | None) -> Facts:
    """Return what is to be said of a trace in a window."""
    stretches = [one for one in trace.stretches or () if one.end > window.begin]
    known = [(one.cell, one.end) for one in stretches if not isinstance(one.cell, Break)]
    if not known:
        return Facts()
    peak, peak_at = max(known, key=lambda pair: (pair[0], -pair[1]))
    counts = [one.exact for one in stretches if one.exact is not None]
    over = sum(_seconds_over(one, window, threshold) for one in stretches) if threshold is not None else 0.0
    return Facts(peak, peak_at, None if trace.level else sum(counts), over)


def _seconds_over(one: Stretch, window: Window, threshold: float) -> float:
    if isinstance(one.cell, Break) or one.cell <= threshold:
        return 0.0
    return min(one.end, window.end) - max(one.begin, window.begin)


def highest(traces: Iterable[Trace], window: Window, *, level: bool) -> float:
    """Return the highest of the rates, or of the levels, that are to be seen; 0 if there are none."""
    peaks = [facts_of(trace, window, None).peak for trace in traces if trace.level is level]
    return max((peak for peak in peaks if peak is not None), default=0.0)


def strokes_of(trace: Trace, window: Window, columns: int, top: float) -> tuple[Stroke, ...]:
    """Return the strokes of a trace: rates as plateaus, for they hold over a stretch, and levels from point to point.

    A break ends a stroke. The plateaus of a trace ``beside`` are not connected: so it reads as another line where
    there is no colour.
    """
    strokes: list[list[tuple[float, float]]] = []
    until = None
    for one in _seen(trace.stretches or (), window):
        if isinstance(one.cell, Break):
            until = None
            continue
        begin, end = (window.place(moment, columns) for moment in (max(one.begin, window.begin), one.end))
        share = min(one.cell / top, 1.0)
        if until != one.begin or (trace.beside and not trace.level):
            strokes.append([])
        points = [(end, share)] if trace.level else [(begin, share), (end, share)]
        strokes[-1] += points
        until = one.end
    return tuple(tuple(stroke) for stroke in strokes)


def _seen(stretches: Sequence[Stretch], window: Window) -> Iterator[Stretch]:
    return (one for one in stretches if one.end > window.begin and one.begin < window.end)


def breaks_of(traces: Iterable[Trace], window: Window, columns: int) -> dict[int, Break]:
    """Return the columns in which some target was not read, or was reset; a reset is more."""
    found: dict[int, Break] = {}
    for trace in traces:
        for one in _seen(trace.stretches or (), window):
            last = min(int(window.place(one.end, columns)), columns - 1)
            if one.cell is Break.RESET:
                found[last] = Break.RESET
            elif one.cell is Break.GAP:
                first = max(0, int(window.place(one.begin, columns)))
                for column in range(min(first, last), last + 1):
                    found.setdefault(column, Break.GAP)
    return found


def threshold_of(words: str) -> float | None:
    """Return the rate per second, or the level, that a user typed; None where it is none.

    >>> [threshold_of(words) for words in ("3/s", "180 / min", "1.5k", "0.02", "", "three", "-1", "1e999")]
    [3.0, 3.0, 1500.0, 0.02, None, None, None, None]
    """
    number, _, per = words.replace(" ", "").partition("/")
    size = _SIZES.get(number[-1:], 1.0)
    digits = number[:-1] if number[-1:] in _SIZES else number
    if per not in _TIMES or not digits.replace(".", "", 1).isdecimal() or len(digits) > 20:
        return None
    return float(digits) * size / _TIMES[per]


_SIZES: Final = {"k": 1e3, "M": 1e6, "G": 1e9}
_TIMES: Final = {"": 1.0, "s": 1.0, "min": 60.0, "h": 3600.0}
