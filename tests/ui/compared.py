"""Targets to compare, and their comparison as lines, for tests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Identity, Target
from mptcp_top.ui.compare import plan_of, row_line
from mptcp_top.ui.compare_head import Choice, head_lines
from mptcp_top.ui.comparison import Comparison, standing_out
from mptcp_top.ui.frame import Moment
from mptcp_top.ui.sides import Mode, side_of
from tests.feed import NETSCALER, WALL, Feed

if TYPE_CHECKING:
    from mptcp_top.ui.line import Line

WIDTHS = (60, 80, 120, 200)
NS = {"mptcptotmpcapsyn": 100, "mptcptotmpcapfackrecvd": 98, "mptcptotmpjoinsyn": 50, "mptcptotmpjoin4thacksent": 49}
LX = {"MPCapableSYNRX": 100, "MPCapableACKRX": 98, "MPJoinSynRx": 50, "MPJoinAckRx": 49}


def linux_box(name: str) -> Feed:
    return Feed(Target(name, "linux"))


def appliance(name: str, role: str = "primary") -> Feed:
    return Feed(Target(name, "netscaler"), layout=NETSCALER, identity=Identity(name, "NetScaler", role=role))


def together(*feeds: Feed, now: float = 0.0) -> list[Feed]:
    """Feeds of one store, whose first poll is at ``now``."""
    store = Store([feed.target for feed in feeds])
    for feed in feeds:
        feed.store, feed.engine, feed.now = store, Engine(store), now
    return list(feeds)


def ticked(feeds: list[Feed], times: int = 70, **odd: int) -> list[Feed]:
    """All do the same, and the first one ``odd`` things beside."""
    for _ in range(times):
        for number, feed in enumerate(feeds):
            usual = NS if feed.layout is NETSCALER else LX
            feed.tick(**(usual | odd if number == 0 else usual))
    return feeds


def three(now: float = 0.0, **odd: int) -> list[Feed]:
    return ticked(together(linux_box("lx1"), appliance("ns1"), appliance("ns2"), now=now), **odd)


def lately() -> float:
    """When to begin so that 70 polls end now: the screens judge how old numbers are."""
    return time.monotonic() - 70


def comparison(feeds: list[Feed], mode: Mode = Mode.RATE) -> Comparison:
    moment = Moment(max(feed.now for feed in feeds), WALL + feeds[0].now)
    return Comparison([side_of(feed.store, feed.target, moment, mode, 1.0) for feed in feeds], mode)


def text_of(line: Line) -> str:
    return "".join(piece.text for piece in line.pieces)


def row(table: Comparison, key: str, width: int = 120, first: int = 0) -> str:
    topic = next(topic for topic in table.alignment.topics if topic.key == key)
    return text_of(row_line(table, topic, plan_of(table, first, width), ""))


def cells(table: Comparison, key: str, width: int = 120) -> list[str]:
    plan = plan_of(table, 0, width)
    line = row(table, key, width)
    starts = [1 + plan.label + number * plan.cell for number in range(plan.shown)]
    return [line[start : start + plan.cell].strip() for start in starts]


def head(table: Comparison, width: int = 120, choice: Choice | None = None) -> list[str]:
    standing = standing_out(table, table.alignment.topics)
    return [text_of(line) for line in head_lines(table, plan_of(table, 0, width), choice or Choice(), standing, width)]
