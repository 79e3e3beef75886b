"""What is remembered of what happened to a target."""

from __future__ import annotations

from mptcp_top.engine.events import KEPT, Happening
from mptcp_top.model import Identity, Target
from tests.feed import NETSCALER, Feed


def told(feed: Feed, cursor: float | None = None) -> list[tuple[Happening, str]]:
    return [(event.kind, event.says) for event in feed.store.events(feed.target.name, cursor)]


def test_a_target_that_is_only_read_has_no_events() -> None:
    feed = Feed()
    for _ in range(5):
        feed.tick(MPCapableSYNRX=3)
    assert told(feed) == []


def test_lost_and_back_are_told_once_with_reason_and_length() -> None:
    feed = Feed()
    feed.tick()
    for _ in range(4):
        feed.fail("no route to host")
    feed.tick()
    assert told(feed) == [(Happening.LOST, "no route to host"), (Happening.BACK, "read again after 4 s")]


def test_a_rise_is_an_event_from_its_first_moment_on() -> None:
    feed = Feed()
    feed.tick()
    feed.tick(MPJoinNoTokenFound=2)
    feed.tick(MPJoinNoTokenFound=2)
    (rise,) = feed.store.events("local")
    assert rise.episode is not None
    assert (rise.kind, rise.monotonic, rise.episode.total, rise.alarming) == (Happening.RISE, 2.0, 4, True)
    assert feed.store.events("local", cursor=1.0) == []


def test_a_reboot_is_an_event() -> None:
    feed = Feed()
    feed.tick(MPCapableSYNRX=3)
    feed.identity = Identity("ns1", "Linux", "another boot")
    feed.tick()
    assert told(feed) == [(Happening.RESET, "rebooted: counters began anew")]


def test_counters_that_were_cleared_are_told_from_a_reboot() -> None:
    feed = Feed(Target("ns1", "netscaler"), NETSCALER, refresh_seconds=7.0)
    feed.tick(mptcptotmpcapsyn=30)
    feed.values.clear()
    feed.tick()
    assert told(feed) == [(Happening.RESET, "cleared: counters began anew")]


def test_a_change_of_role_is_an_event() -> None:
    feed = Feed(identity=Identity("ns1", "NetScaler", "boot", role="secondary"))
    feed.tick()
    feed.identity = feed.identity._replace(role="primary")
    feed.tick()
    assert told(feed) == [(Happening.ROLE, "secondary became primary")]


def test_another_interval_is_an_event() -> None:
    feed = Feed()
    feed.tick()
    feed.interval_seconds = 5.0
    feed.tick()
    assert told(feed) == [(Happening.PACE, "polled every 5 s")]


def test_only_so_many_events_are_kept() -> None:
    feed = Feed()
    for _ in range(KEPT):
        feed.tick()
        feed.fail()
    assert len(told(feed)) == KEPT
