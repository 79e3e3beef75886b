"""The lines above a chart: whose it is, how much time it shows, what rises in it, and what its edges measure. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mptcp_top import text
from mptcp_top.ui.chart_legend import unit_of
from mptcp_top.ui.chart_window import ALL
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.glyphs import DOWN, LIMIT, LIVE, PAUSED, RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.panels import full_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.model import Observation
    from mptcp_top.ui.chart import Scales
    from mptcp_top.ui.chart_legend import Entry
    from mptcp_top.ui.chart_traces import Trace
    from mptcp_top.ui.chart_window import Sight, Window
    from mptcp_top.ui.frame import Moment


class Shown(NamedTuple):
    """Which targets a chart is of, and which time it shows."""

    targets: tuple[str, ...]
    sight: Sight
    window: Window
    wall_offset: float
    now: Moment
    observation: Observation | None = None


def title_line(shown: Shown, width: int) -> Line:
    """Return whose counters these are and which time is shown."""
    window, product = shown.window, shown.observation.identity.product if shown.observation else ""
    whole = shown.sight.zoom_seconds == ALL or window.seconds < shown.sight.zoom_seconds
    span = "everything" if whole else f"last {text.duration(window.seconds)}"
    left = [
        Fact("chart", Look.QUIET, 1),
        Fact(" and ".join(text.shortened(name, width // 4) for name in shown.targets), Look.TITLE, 10),
        Fact(product if len(shown.targets) == 1 else "", Look.PLAIN, 2),
    ]
    point = _point_seconds(shown)
    right = [
        Fact(f"a point is {text.duration(point) if point >= 60 else text.interval(point)}", Look.QUIET, 3),
        Fact(_times(shown) if shown.sight.until is not None else span, Look.PLAIN, 6),
        _state(shown),
        Fact(text.clock(shown.now.wall) if shown.now.live else "", Look.PLAIN, 5),
    ]
    kept = fitting([*left, *right], width - 3)
    return _spread([fact for fact in left if fact in kept], [fact for fact in right if fact in kept], width)


def _point_seconds(shown: Shown) -> float:
    """Return how much time a point stands for: no less than there is between two refreshes, or two polls."""
    seen = shown.observation
    pace = 0.0 if seen is None else seen.refresh_seconds or round(seen.elapsed_seconds or 0.0, 1)
    return max(shown.window.step_seconds, pace)


def _times(shown: Shown) -> str:
    begin, end = (text.clock(moment + shown.wall_offset) for moment in shown.window[:2])
    return f"{begin} to {end}"


def _state(shown: Shown) -> Fact:
    if not shown.now.live:  # the line above says it
        return Fact("", Look.PLAIN, 0)
    if shown.sight.until is not None:
        return Fact(f"{PAUSED} not up to now (0)", Look.WARN, 8)
    failure = shown.observation.failure if shown.observation else None
    return Fact(f"{DOWN} not read", Look.BAD, 8) if failure else Fact(f"{LIVE} live", Look.GOOD, 8)


def verdict_line(entries: Sequence[Entry], shown: Shown, width: int) -> Line:
    """Return what rises of what is drawn, or why there is nothing new."""
    seen = shown.observation
    if seen is not None and seen.failure is not None:
        return _row([Fact(f"{DOWN} {seen.failure.reason}", Look.BAD, 1)], width)
    drawn = [entry for entry in entries if entry.trace is not None and not entry.trace.beside]
    rising = next((entry.metric for entry in drawn if entry.rising), None)
    if seen is None or rising is None:
        quiet = "no error that is drawn rises" if drawn else "nothing is drawn: Space draws a row, a adds a counter"
        return _row([Fact(quiet, Look.QUIET, 1)], width)
    episode = seen.rising.get(rising.name)
    if episode is None:  # all errors together
        return _row([Fact(f"{RISING} {len(seen.rising)} of them rise", Look.BAD, 1)], width)
    facts = [
        Fact(f"{RISING} {full_label(rising)}", Look.BAD, 9),
        Fact(f"rises since {text.when(episode.started, shown.now.wall)}", Look.PLAIN, 8),
        Fact(f"+{text.count(episode.total)}", Look.PLAIN, 5),
        Fact(rising.hint, Look.WARN, 6),
    ]
    return _row(facts, width)


def caption_line(traces: Sequence[Trace], scales: Scales, threshold: float | None, width: int) -> Line:
    """Return what the left edge measures, what the right one, and what the line across is."""
    if scales.left.share:
        return _row(
            [Fact("share of each one's own peak, which stands below (n: one scale for all)", Look.QUIET, 1)], width
        )
    left = [Fact(_units([trace for trace in traces if trace.level is scales.left.level]), Look.QUIET, 10)]
    if threshold is not None:
        unit = "" if scales.left.level else " /s"
        left.append(Fact(f"{LIMIT}{LIMIT} threshold {text.rate(threshold)}{unit} (t)", Look.WARN, 9))
    right = [Fact(_units([trace for trace in traces if trace.level]), Look.QUIET, 8)] if scales.right else []
    kept = fitting([*left, *right], width - 2)
    return _spread([fact for fact in left if fact in kept], [fact for fact in right if fact in kept], width)


def _units(traces: Sequence[Trace]) -> str:
    units = dict.fromkeys(unit_of(trace.metric) for trace in traces)
    if len(units) == 1:
        return next(iter(units))
    return "open" if traces and traces[0].level else "per second"


def _row(facts: list[Fact], width: int) -> Line:
    return _spread(fitting(facts, width - 2), [], width)


def _spread(left: list[Fact], right: list[Fact], width: int) -> Line:
    pieces, tail = [Piece(" "), *_joined(left)], _joined(right)
    used = sum(len(piece.text) for piece in (*pieces, *tail))
    return Line((*pieces, Piece(" " * max(0, width - 1 - used)), *tail))


def _joined(facts: list[Fact]) -> list[Piece]:
    found = [piece for fact in facts if fact.text for piece in (Piece("  "), Piece(fact.text, fact.look))]
    return found[1:]
