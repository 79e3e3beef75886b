"""When rules alarm, when they end, and what neither gaps, resets nor silence of the counters may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.engine.alerts import Watched
from mptcp_top.engine.events import Happening
from mptcp_top.model import Identity, Severity, Target
from mptcp_top.rules.defaults import default_watches
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import Watch
from tests.feed import NETSCALER, Feed, Feeds, linux

if TYPE_CHECKING:
    from collections.abc import Mapping

WELL: Mapping[str, int] = {"MPJoinSynRx": 20, "MPJoinAckRx": 20}
ILL: Mapping[str, int] = {"MPJoinSynRx": 20, "MPJoinAckRx": 5}


def watched(text: str, feed: Feed | None = None, clean_hours: float = 24.0) -> Feed:
    feed = feed or Feed()
    feed.store.watch(Watched((Watch("mine", parse(text)),) if text else (), clean_hours))
    return feed


def play(feed: Feed, seconds: int, increases: Mapping[str, int] | None = None) -> None:
    for _ in range(seconds):
        feed.tick(**increases or {})


def names(feed: Feed, cursor: float | None = None) -> list[str]:
    return [alert.name for alert in feed.store.alerts(feed.target.name, cursor)]


def happened(feed: Feed) -> list[tuple[Happening, float]]:
    found = feed.store.events(feed.target.name)
    return [(event.kind, event.monotonic) for event in found if event.kind is not Happening.RISE]


def test_an_alert_begins_when_its_rule_has_been_true_for_as_long_as_it_asks() -> None:
    feed = watched("MPFailRx > 2/s for 5s")
    play(feed, 20)
    play(feed, 9, {"MPFailRx": 3})  # over ten seconds that is 3 x 9 / 10 a second: above 2 since the seventh
    assert names(feed) == []
    play(feed, 3, {"MPFailRx": 3})
    assert names(feed) == ["mine"]
    assert happened(feed) == [(Happening.ALERT, 32.0)]


def test_a_rule_that_is_true_now_and_then_never_alarms() -> None:
    feed = watched("sessions < 10 for 5s")
    feed.values["MPCurrEstab"] = 5
    for turn in range(40):
        feed.values["MPCurrEstab"] = 15 if turn % 4 == 3 else 5
        feed.tick()
    assert happened(feed) == []


def test_without_an_end_of_its_own_it_ends_a_tenth_back_and_after_as_long() -> None:
    feed = watched("sessions > 100 for 3s")
    levels = {10: 200, 20: 95, 30: 89}
    for _ in range(36):
        feed.values["MPCurrEstab"] = levels.get(int(feed.now), feed.values.get("MPCurrEstab", 0))
        feed.tick()
    assert happened(feed) == [(Happening.ALERT, 14.0), (Happening.OVER, 34.0)]


def test_with_an_end_of_its_own_it_ends_by_that() -> None:
    feed = watched("sessions > 100 until < 50 for 2s")
    for level in (200, 60, 40, 60, 40, 40, 40):
        feed.values["MPCurrEstab"] = level
        feed.tick()
    assert happened(feed) == [(Happening.ALERT, 1.0), (Happening.OVER, 7.0)]


def test_a_share_of_too_few_says_nothing_and_changes_nothing() -> None:
    feed = watched("join_success < 90%")
    play(feed, 5, {"MPJoinSynRx": 1})
    assert names(feed) == []
    play(feed, 5, ILL)
    assert names(feed) == ["mine"]
    play(feed, 400)  # nothing joins any more: whether joins work is not known
    assert names(feed) == ["mine"]
    (alert,) = feed.store.alerts("local")
    assert alert.brief == "mine: –"
    play(feed, 1, WELL)
    assert names(feed) == []


def test_missed_polls_keep_an_alert_and_their_time_does_not_count() -> None:
    feed = watched("sessions < 10 for 5s")
    play(feed, 4)
    for _ in range(60):
        feed.fail()
    play(feed, 2)
    assert names(feed) == []
    play(feed, 2)
    assert names(feed) == ["mine"]
    feed.values["MPCurrEstab"] = 50
    for _ in range(60):
        feed.fail()
    play(feed, 3)
    assert names(feed) == ["mine"]


def test_time_in_which_nobody_polled_does_not_count() -> None:
    feed = watched("sessions < 10 for 20s")
    feed.tick()
    feed.now += 3600.0
    feed.tick()
    assert names(feed) == []


def test_a_reset_begins_the_time_anew() -> None:
    feed = watched("sessions < 10 for 5s")
    play(feed, 4)
    feed.identity = Identity("ns1", "Linux", "another boot")
    play(feed, 5)
    assert names(feed) == []
    play(feed, 2)
    assert names(feed) == ["mine"]


def test_what_was_counted_before_a_reset_is_no_part_of_a_rate() -> None:
    feed = watched("MPFailRx > 1/min")
    play(feed, 40, {"MPFailRx": 1})
    assert names(feed) == ["mine"]
    feed.values["MPFailRx"] = 0
    feed.identity = Identity("ns1", "Linux", "another boot")
    play(feed, 90)
    assert names(feed) == []


def test_a_rate_of_a_stretch_known_in_part_is_at_least_what_was_counted() -> None:
    feed = watched("MPFailRx > 5/min")
    feed.tick()
    feed.tick(MPFailRx=1)  # one in a second is sixty a minute only if it goes on
    assert names(feed) == []
    feed.tick(MPFailRx=5)  # six are more than five, whatever comes
    assert names(feed) == ["mine"]
    few = watched("MPFailRx < 5/min")
    play(few, 20)
    assert names(few) == []
    play(few, 20)
    assert names(few) == ["mine"]


def test_what_rises_alarms_while_it_does_and_half_a_minute_longer() -> None:
    feed = watched("MPJoinNoTokenFound rises")
    play(feed, 40)
    play(feed, 1, {"MPJoinNoTokenFound": 1})
    play(feed, 29)
    assert names(feed) == ["mine"]
    play(feed, 2)
    assert names(feed) == []


def test_resets_that_fastcloses_explain_are_no_errors() -> None:
    feed = watched("errors > 0/s or MPRstTx rises")
    play(feed, 60, {"MPRstTx": 5, "MPFastcloseTx": 5})
    assert names(feed) == []
    play(feed, 5, {"MPRstTx": 5})
    assert names(feed) == ["mine"]


def test_at_a_moment_of_the_past_the_alerts_are_those_of_then() -> None:
    feed = watched("sessions < 10 for 2s")
    play(feed, 5)
    feed.values["MPCurrEstab"] = 50
    play(feed, 5)
    assert [names(feed, moment) for moment in (2.0, 3.0, 7.0, 8.0, 9.0)] == [[], ["mine"], ["mine"], [], []]


def test_fast_polls_do_not_ask_more_than_once_a_second() -> None:
    feed = watched("sessions < 10 for 2s")
    feed.interval_seconds = 0.1
    play(feed, 35)
    (kind, moment) = happened(feed)[-1]
    assert kind is Happening.ALERT
    assert 2.0 <= moment <= 3.2


def test_an_appliance_is_asked_when_it_has_taken_stock() -> None:
    feed = watched(
        "mptcperrunknowntoken > 1/s for 10s", Feed(Target("local", "netscaler"), NETSCALER, interval_seconds=5.0)
    )
    feed.refresh_seconds = 7.0
    for poll in range(30):
        refreshed = int(feed.now + 5.0) // 7 - int(feed.now) // 7
        feed.tick(mptcperrunknowntoken=20 * refreshed if poll > 6 else 0, mptcptotmpjoinsyn=70 * refreshed)
    assert names(feed) == ["mine"]
    (alert,) = feed.store.alerts("local")
    assert alert.brief == "mine: 2.86 /s"


def test_a_rule_for_some_targets_leaves_the_others_alone() -> None:
    feeds = Feeds(linux("a"), linux("b"))
    feeds.store.watch(Watched((Watch("mine", parse("sessions < 10"), Severity.ERROR, ("b",)),)))
    feeds.tick()
    assert [names(feeds[name]) for name in ("a", "b")] == [[], ["mine"]]
    (event,) = [one for one in feeds.store.events("b") if one.kind is Happening.ALERT]
    assert (event.severity, event.alarming, event.subject) == (Severity.ERROR, True, "mine")


def test_two_alerts_of_one_moment_are_two_events() -> None:
    feed = Feed()
    feed.store.watch(Watched(tuple(Watch(name, parse("sessions < 10")) for name in ("one", "other"))))
    feed.tick()
    assert len({event.key for event in feed.store.events("local")}) == 2


def test_the_first_error_after_long_without_is_told_as_that() -> None:
    feed = watched("", clean_hours=0.5)
    feed.interval_seconds = 60.0
    play(feed, 20)
    feed.tick(MPJoinNoTokenFound=1)  # after 20 minutes: nothing special
    play(feed, 20)
    for _ in range(30):
        feed.fail()  # half an hour that nobody watched
    play(feed, 8)
    feed.tick(DataCsumErr=1)
    assert [kind for kind, _ in happened(feed) if kind is Happening.FIRST] == []
    play(feed, 32)
    feed.tick(DataCsumErr=1)
    (first,) = [event for event in feed.store.events("local") if event.kind is Happening.FIRST]
    assert first.says == "first error after 32 min: DSS bad checksum"
    assert first.subject == "DataCsumErr"


def test_healthy_traffic_of_a_kernel_alarms_nothing_that_is_shipped() -> None:
    feed = Feed()
    feed.store.watch(Watched(default_watches()))
    ordinary = {"MPCapableSYNRX": 30, "MPCapableACKRX": 29, "MPJoinSynRx": 20, "MPJoinAckRx": 19, "MPFastcloseTx": 9}
    play(feed, 600, {**ordinary, "MPRstTx": 9, "MPCapableSYNTX": 5, "MPCapableFallbackSYNACK": 5, "AddAddrTx": 20})
    assert happened(feed) == []
