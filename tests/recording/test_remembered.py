"""How much ``mptcp-top record`` remembers of each target: the least with which it records the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.record import rows_of
from mptcp_top.engine.alerts import Watched
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.recording.tap import Tap
from mptcp_top.rules.defaults import default_watches
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import Watch
from tests.feed import Feed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.recording.seen import Seen

POLLS = 1500
HOURLY = Watch("often", parse("MPFailTx > 40/h"))


def recorded(watched: Watched, rows: Mapping[str, int]) -> list[Seen | None]:
    """What is recorded of half an hour in which handshakes begin to fail, counters rise, and polls are missed."""
    feed = Feed()
    feed.store = Store([feed.target], rows=rows)
    feed.store.watch(watched)
    feed.engine = Engine(feed.store)
    tap = Tap(feed.store)
    found = []
    for tick in range(POLLS):
        if tick % 400 in range(300, 310):
            found.append(tap.seen(feed.fail()))
            continue
        if tick == 900:
            feed.now += 250.0
        fine = not 1000 < tick < 1200
        seen = feed.tick(
            MPCapableSYNRX=5, MPCapableACKRX=5 * fine, MPJoinSynRx=2, MPJoinAckRx=2 * fine,
            MPJoinNoTokenFound=int(tick % 90 == 9), MPFailTx=int(tick % 30 == 0),
        )  # fmt: skip
        found.append(tap.seen(seen))
    return found


@pytest.mark.parametrize("more", [(), (HOURLY,)])
def test_the_same_is_recorded_with_as_few_polls_in_memory_as_with_an_hour_of_them(more: tuple[Watch, ...]) -> None:
    watched = Watched((*default_watches(), *more))
    rows = rows_of({"local": 1.0}, watched)
    few, many = recorded(watched, rows), recorded(watched, {})
    assert few == many
    assert any(seen is not None and seen.alerts for seen in many)


def test_an_hour_is_remembered_only_where_a_rule_asks_for_one() -> None:
    assert rows_of({"local": 1.0}, Watched(tuple(default_watches())))["local"] <= 720
    assert rows_of({"local": 1.0}, Watched((HOURLY,)))["local"] == 3600
