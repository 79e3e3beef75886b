"""The first screen of several targets. Apart from that of one, which has to start without what a fleet needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.ui.first_paint import Paper, paint
from mptcp_top.ui.fleet import Order, head_lines, plan_of, row_line
from mptcp_top.ui.footer import footer_line
from mptcp_top.ui.glance import glances_of
from mptcp_top.ui.keys import FLEET, at_moment
from mptcp_top.ui.replayed import time_line

if TYPE_CHECKING:
    from mptcp_top.engine.store import Store
    from mptcp_top.ui.deck import Controls
    from mptcp_top.ui.frame import Moment


def first_fleet_paint(store: Store, controls: Controls, now: Moment, paper: Paper) -> str:
    """Return what paints a fleet of which nothing much is known yet."""
    width = paper.columns
    glances = glances_of(store, controls, now)
    plan = plan_of(glances, width)
    lines = [time_line(now, width)] if now.replay else []
    lines += head_lines(glances, "", Order(), now, width)
    lines += [row_line(glance, [], plan, now, "") for glance in glances]
    placed = [(0, y, line) for y, line in enumerate(lines)]
    return paint([*placed, (0, paper.lines - 1, footer_line(at_moment(FLEET, now), width))], paper)
