"""Which target is worse, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.engine.alerts import Watched
from mptcp_top.engine.events import Event, Happening
from mptcp_top.engine.evidence import Evidence
from mptcp_top.engine.ratios import JOINS_IN, Passed
from mptcp_top.engine.silences import Silence
from mptcp_top.engine.standing import Concern, Standing
from mptcp_top.engine.verdict import verdict_of
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import Watch
from tests.feed import WALL, Feed

if TYPE_CHECKING:
    from collections.abc import Sequence


def calm() -> Feed:
    feed = Feed()
    feed.tick(MPCapableSYNRX=5)
    return feed


def standing(
    feed: Feed, joins: Passed | None = None, changes: Sequence[Event] = (), stale: float | None = None
) -> Standing:
    silenced = feed.store.silences.of("local", WALL + feed.now)
    evidence = Evidence(feed.store.at("local"), lately={} if joins is None else {JOINS_IN: joins})
    alerts = feed.store.alerts("local")
    found = evidence._replace(alerts=alerts, silenced=silenced, changes=changes, overdue_seconds=stale)
    return verdict_of(found).standing


def alarmed() -> Feed:
    feed = calm()
    feed.store.watch(Watched((Watch("few sessions", parse("sessions < 10")),)))
    feed.tick()
    return feed


def test_worse_stands_before_less_bad_in_the_order_that_is_documented() -> None:
    down, security, errors = calm(), calm(), calm()
    down.fail("no route to host")
    security.tick(MPJoinNoTokenFound=1)
    errors.tick(DataCsumErr=1000)
    ordered = [
        standing(down),
        standing(security),
        standing(errors),
        standing(alarmed()),
        standing(calm(), Passed(100, 90)),
        standing(calm(), changes=[Event(Happening.RESET, "local", 1.0, 1.0, "counters began anew", alarming=True)]),
        standing(calm(), stale=20.0),
        verdict_of(Evidence(None)).standing,
        standing(calm()),
    ]
    assert [one.concern for one in ordered] == sorted(Concern, reverse=True)
    assert ordered == sorted(ordered, reverse=True)


def test_the_reason_names_the_most_severe_error_first() -> None:
    feed = calm()
    feed.tick(DataCsumErr=1000)
    feed.tick(MPJoinNoTokenFound=1)
    assert standing(feed).reason == "unknown token, bad checksum"


def test_a_few_lost_joins_are_no_concern() -> None:
    assert standing(calm(), Passed(5, 1)).concern is Concern.NONE
    assert standing(calm(), Passed(1000, 951)).concern is Concern.NONE


def test_the_reason_of_an_alert_is_its_name_and_its_numbers() -> None:
    assert standing(alarmed()).reason == "few sessions: 0"


def test_what_is_silenced_is_no_concern_and_is_said_all_the_same() -> None:
    feed = alarmed()
    feed.tick(MPJoinNoTokenFound=1, DataCsumErr=1)
    assert standing(feed).concern is Concern.SECURITY
    feed.silence(Silence("local", "MPJoinNoTokenFound", WALL, WALL + 60))
    assert (standing(feed).concern, standing(feed).reason) == (Concern.ERRORS, "bad checksum, few sessions: 0")
    feed.silence(Silence("local", "DataCsumErr", WALL, WALL + 60))
    assert standing(feed).concern is Concern.ALERT
    feed.silence(Silence("local", "few sessions", WALL, WALL + 60))
    assert standing(feed).concern is Concern.NONE
    assert standing(feed).reason == "silenced: unknown token, bad checksum, few sessions"
    feed.silence(Silence("local", "DataCsumErr", WALL + 3, WALL + 3))
    assert standing(feed).concern is Concern.ERRORS


def test_of_two_with_the_same_severity_the_faster_one_is_worse() -> None:
    slow, fast = calm(), calm()
    slow.tick(DataCsumErr=1)
    fast.tick(DataCsumErr=100)
    assert standing(fast) > standing(slow)
