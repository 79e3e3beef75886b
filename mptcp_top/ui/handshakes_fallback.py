"""What became plain TCP, by cause, as lines: how many, which share of those that wanted MPTCP, and over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.engine.fallbacks import FALLBACK, TITLE, attempts, shares, together
from mptcp_top.ui.columns import Fact
from mptcp_top.ui.glyphs import LOST, RISING
from mptcp_top.ui.handshakes import worse_line
from mptcp_top.ui.handshakes_row import Numbers, State, cells_of, row_line, trend_of
from mptcp_top.ui.line import Line, Look
from mptcp_top.ui.panels import headline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.fallbacks import Fallbacks
    from mptcp_top.engine.trend import Cell
    from mptcp_top.model import Metric
    from mptcp_top.ui.handshakes import Seen, Sight

_MUCH: Final = 0.05


def fallback_lines(seen: Seen, sight: Sight) -> list[Line]:
    """Return the lines of what became plain TCP; the causes that did not move are left out."""
    found = seen.fallbacks
    if found is None or not found.causes or seen.frame.observation is None:
        return []
    lines = [_headline(seen, found, sight)]
    causes = [cause for cause in found.causes if cause.number or sight.zeros]
    if not causes:
        return lines
    wanted = together([_cells(seen, sight, metric) for metric in attempts(seen.frame.observation.layout)])
    trends = {cause.metric.name: _cells(seen, sight, cause.metric) for cause in found.causes}
    whole = shares(together(list(trends.values())), wanted)
    all_causes = State(quiet=seen.frame.stale, worse=seen.more_fallbacks is not None)
    lines.append(_row(sight, "all causes", found, found.number, whole, all_causes))
    lines += [worse_line(seen.more_fallbacks, sight.plan, seen)] if seen.more_fallbacks else []
    for cause in causes:
        key = f"{cause.metric.name}@{FALLBACK}"
        state = State(key, key == sight.cursor, quiet=seen.frame.stale)
        trend = shares(trends[cause.metric.name], wanted)
        lines.append(_row(sight, f"  {cause.metric.label}", found, cause.number, trend, state))
    return lines


def _headline(seen: Seen, found: Fallbacks, sight: Sight) -> Line:
    share = found.share(found.number)
    if found.number and share is None and found.attempts is not None:
        facts = [Fact("more than wanted MPTCP in that time: connections made before it", Look.WARN, 9)]
    elif share is None:
        facts = [Fact("nothing began" if found.attempts == 0 else f"{text.UNKNOWN} not known", Look.QUIET, 9)]
    else:
        look = Look.WARN if share > _MUCH else Look.QUIET
        facts = [Fact(f"{text.percent(share)} of {text.count(found.attempts)} that wanted MPTCP", look, 9)]
    worse = [Fact(f"{RISING} got worse", Look.BAD, 8)] if seen.more_fallbacks else []
    return headline(f" {TITLE}", [*worse, *facts], sight.plan.width - 1, "", "none")


def _row(sight: Sight, label: str, found: Fallbacks, number: int | None, trend: Sequence[Cell], state: State) -> Line:  # noqa: PLR0913, PLR0917  # one row
    share, plan = found.share(number), sight.plan
    numbers = Numbers(number, found.seconds, text.percent(share))
    if plan.trend:
        numbers = numbers._replace(trend=trend, bar=LOST * cells_of(share or 0.0, plan.bar - 1))
    elif plan.bar:  # there is room for one of the two, and time tells more
        numbers = numbers._replace(bar=trend_of(trend))
    return row_line(plan, label, numbers, state)


def _cells(seen: Seen, sight: Sight, metric: Metric) -> list[Cell]:
    wanted = (sight.plan.trend or sight.plan.bar) - 1
    return seen.frame.trend(metric, wanted, growing=False) if wanted > 0 else []
