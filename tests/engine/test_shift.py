"""What changed at a mark is what is faster or slower than before by more than chance explains."""

from __future__ import annotations

from mptcp_top.engine.shift import Moves, moves_of
from tests.feed import WALL, Feed, appliance


def marked(feed: Feed) -> None:
    feed.mark("m", feed.now, WALL + feed.now)


def seen(feed: Feed, cursor: float | None = None) -> Moves:
    found = moves_of(feed.store, feed.target.name, cursor)
    assert found is not None
    return found


def after_a_minute(feed: Feed, **a_second: int) -> Feed:
    feed.tick()
    for _ in range(60):
        feed.tick(**a_second)
    marked(feed)
    return feed


def test_what_goes_on_as_before_has_not_changed_and_what_is_faster_has() -> None:
    feed = after_a_minute(Feed(), MPCapableSYNRX=45, MPJoinSynRx=40)
    for _ in range(20):
        feed.tick(MPCapableSYNRX=1100, MPJoinSynRx=42)
    shifts = seen(feed).shifts
    assert shifts["MPCapableSYNRX"][:2] == (45.0, 1100.0)
    assert shifts["MPCapableSYNRX"].far > 20
    assert shifts["MPJoinSynRx"].far == 0


def test_what_ceased_at_the_mark_is_among_what_moved() -> None:
    feed = after_a_minute(Feed(), MPJoinSynRx=40)
    for _ in range(5):
        feed.tick()
    found = seen(feed)
    assert [(one.metric.name, one.grown) for one in found.moved] == [("MPJoinSynRx", 0)]
    assert found.shifts["MPJoinSynRx"].far > 1


def test_before_is_as_long_as_since_but_a_minute_at_least() -> None:
    feed = Feed()
    for second in range(301):
        feed.tick(MPJoinSynRx=1 if second <= 240 else 9)
    marked(feed)
    feed.tick()
    before = seen(feed).before
    assert before is not None
    assert (before.seconds, before.of("MPJoinSynRx")) == (60.0, 540)
    for _ in range(119):
        feed.tick()
    before = seen(feed).before
    assert before is not None
    assert before.seconds == 120.0


def test_before_goes_back_to_the_last_reset_at_most() -> None:
    feed = Feed()
    for _ in range(50):
        feed.tick(MPJoinSynRx=100)
    feed.values = {}
    for _ in range(11):
        feed.tick(MPJoinSynRx=2)
    marked(feed)
    feed.tick(MPJoinSynRx=2)
    before = seen(feed).before
    assert before is not None
    assert (before.seconds, before.of("MPJoinSynRx")) == (10.0, 20)


def test_without_a_mark_or_without_a_time_before_it_nothing_is_known_of_before() -> None:
    feed = Feed()
    feed.tick()
    feed.tick(MPJoinSynRx=5)
    assert seen(feed).before is None
    late = Feed()
    marked(late)
    late.tick()
    late.tick(MPJoinSynRx=5)
    assert seen(late).before is None
    assert seen(late).shifts == {}


def test_before_is_known_when_history_has_forgotten_it() -> None:
    feed = after_a_minute(Feed(), MPJoinSynRx=40)
    for _ in range(4000):
        feed.tick(MPJoinSynRx=4)
    assert seen(feed).shifts["MPJoinSynRx"][:2] == (40.0, 4.0)


def test_an_earlier_moment_is_held_against_the_same_before() -> None:
    feed = after_a_minute(Feed(), MPJoinSynRx=40)
    for second in range(20):
        feed.tick(MPJoinSynRx=40 if second < 10 else 400)
    assert seen(feed).shifts["MPJoinSynRx"].far > 1
    assert seen(feed, cursor=70.0).shifts["MPJoinSynRx"].far == 0


def test_a_reset_after_the_mark_leaves_what_was_before_it() -> None:
    feed = after_a_minute(Feed(), MPJoinSynRx=40)
    feed.values = {}
    feed.tick()
    feed.tick(MPJoinSynRx=400)
    found = seen(feed)
    assert found.base.anew
    assert found.shifts["MPJoinSynRx"][:2] == (40.0, 400.0)


def test_a_share_that_fell_at_the_mark_is_told_with_both_numbers() -> None:
    feed = after_a_minute(Feed(), MPCapableSYNRX=45, MPCapableACKRX=44, MPJoinSynRx=40, MPJoinAckRx=39)
    for _ in range(20):
        feed.tick(MPCapableSYNRX=1100, MPCapableACKRX=44, MPJoinSynRx=40, MPJoinAckRx=39)
    (share,) = seen(feed).shares
    assert (share.name, round(share.before, 3), round(share.since, 3), share.worse) == ("accepted", 0.978, 0.04, True)


def test_the_rates_of_an_appliance_are_over_its_refreshes() -> None:
    feed = appliance("ns1")
    feed.refresh_seconds = 7.0
    for refresh in range(20):
        if refresh == 10:
            marked(feed)
        feed.tick(mptcptotmpjoinsyn=700)
        for _ in range(6):
            feed.tick()  # the same numbers until the next refresh
    found = seen(feed).shifts["mptcptotmpjoinsyn"]
    assert (round(found.before), round(found.since), found.far) == (100, 100, 0.0)
