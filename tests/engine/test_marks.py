"""Marks are named zeros: what grew since one is exact, and a reset begins anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.engine.basis import Basis
from mptcp_top.engine.shift import moves_of
from tests.feed import WALL, Feed, Feeds, appliance, linux

if TYPE_CHECKING:
    from mptcp_top.engine.marks import Moved


def marked(feed: Feed, name: str = "before the change") -> None:
    feed.mark(name, feed.now, WALL + feed.now)


def grown(feed: Feed, name: str, basis: Basis = Basis.MARK, cursor: float | None = None) -> int | None:
    growth = feed.store.grown(feed.target.name, basis, cursor)
    return None if growth is None else growth.of(name)


def listed(feed: Feed) -> tuple[Moved, ...]:
    found = moves_of(feed.store, "local")
    assert found is not None
    return found.moved


def test_growth_since_a_mark_is_exact_and_that_since_the_start_goes_on() -> None:
    feed = Feed()
    feed.tick(MPJoinSynRx=100)
    feed.tick(MPJoinSynRx=7)
    marked(feed)
    for _ in range(5):
        feed.tick(MPJoinSynRx=3)
    assert grown(feed, "MPJoinSynRx") == 15
    assert grown(feed, "MPJoinSynRx", Basis.START) == 22
    assert grown(feed, "MPJoinSynRx", Basis.INTERVAL) == 3


def test_growth_since_a_mark_is_exact_when_history_has_forgotten_it() -> None:
    feed = Feed()
    feed.tick()
    marked(feed)
    for _ in range(4000):
        feed.tick(MPJoinSynRx=1)
    assert grown(feed, "MPJoinSynRx") == 4000


def test_without_a_mark_since_the_mark_is_since_the_start() -> None:
    feed = Feed()
    feed.tick(MPJoinSynRx=50)
    feed.tick(MPJoinSynRx=4)
    assert grown(feed, "MPJoinSynRx") == 4


def test_a_mark_is_set_on_all_targets_at_one_moment() -> None:
    feeds = Feeds(linux("a"), linux("b"))
    feeds.tick()
    feeds.mark("m", 5001.0, WALL)
    feeds["a"].tick(MPJoinSynRx=2)
    feeds["b"].tick(MPJoinSynRx=3)
    assert [grown(feeds[name], "MPJoinSynRx") for name in ("a", "b")] == [2, 3]


def test_a_target_read_first_after_the_mark_is_counted_from_its_first_sample() -> None:
    feeds = Feeds(linux("a"), linux("b"))
    feeds["a"].tick()
    feeds.mark("m", 5001.0, WALL)
    feeds["b"].now = 5005.0
    feeds["b"].tick(MPJoinSynRx=900)
    feeds["b"].tick(MPJoinSynRx=1)
    assert grown(feeds["b"], "MPJoinSynRx") == 1


def test_after_a_reset_growth_since_the_mark_begins_anew_and_says_when() -> None:
    feed = Feed()
    feed.tick(MPJoinSynRx=100)
    marked(feed)
    feed.tick(MPJoinSynRx=50)
    feed.values = {}
    feed.tick(MPJoinSynRx=2)
    feed.tick(MPJoinSynRx=5)
    growth = feed.store.grown("local", Basis.MARK)
    assert growth is not None
    assert (growth.of("MPJoinSynRx"), growth.since) == (5, WALL + 3)


def test_an_earlier_moment_knows_the_marks_of_then_and_no_later_ones() -> None:
    feed = Feed()
    feed.tick()
    marked(feed, "one")
    for _ in range(10):
        feed.tick(MPJoinSynRx=1)
    marked(feed, "two")
    feed.tick(MPJoinSynRx=1)
    then = feed.store.mark_at(5.0)
    assert then is not None
    assert then.name == "one"
    assert grown(feed, "MPJoinSynRx", cursor=5.0) == 4
    assert grown(feed, "MPJoinSynRx") == 1
    assert feed.store.mark_at(0.5) is None


def test_a_mark_while_a_target_is_down_counts_from_what_was_read_last() -> None:
    feed = Feed()
    feed.tick(MPJoinSynRx=100)
    feed.fail()
    marked(feed)
    feed.tick(MPJoinSynRx=6)
    assert grown(feed, "MPJoinSynRx") == 6


def test_what_moved_is_listed_with_its_first_and_its_last_rise() -> None:
    feed = Feed()
    feed.tick(MPJoinSynRx=100, MPFailRx=3)
    marked(feed)
    for second in range(2, 12):
        feed.tick(MPJoinSynRx=1, **({"MPJoinNoTokenFound": 2} if second in {4, 7} else {}))
    found = {one.metric.name: one for one in listed(feed)}
    assert set(found) == {"MPJoinSynRx", "MPJoinNoTokenFound"}
    token = found["MPJoinNoTokenFound"]
    assert (token.grown, token.first, token.last) == (4, WALL + 4, WALL + 7)


def test_a_rise_older_than_all_memory_has_no_known_time() -> None:
    feed = Feed()
    feed.tick()
    marked(feed)
    feed.tick(MPJoinNoTokenFound=2)
    for _ in range(4000):
        feed.tick()
    (token,) = listed(feed)
    assert (token.grown, token.first, token.last) == (2, None, None)


def test_the_last_interval_of_an_appliance_is_its_last_refresh() -> None:
    feed = appliance("ns1")
    feed.refresh_seconds = 7.0
    for _ in range(4):
        feed.tick(mptcptotmpjoinsyn=700)
        for _ in range(6):
            feed.tick()  # the same numbers until the next refresh
    assert grown(feed, "mptcptotmpjoinsyn", Basis.INTERVAL) == 700


def test_a_missed_poll_makes_the_last_interval_unknown_and_nothing_else() -> None:
    feed = Feed()
    feed.tick()
    feed.tick(MPJoinSynRx=8)
    feed.fail()
    assert grown(feed, "MPJoinSynRx", Basis.INTERVAL) is None
    assert grown(feed, "MPJoinSynRx", Basis.START) == 8


def test_a_mark_can_be_given_another_name_afterwards() -> None:
    feed = Feed()
    feed.tick()
    mark = feed.mark("mark 1", feed.now, WALL)
    feed.rename(mark, "after the rollback")
    assert [one.name for one in feed.store.marks] == ["after the rollback"]
