"""Which target is worse, and why."""

from __future__ import annotations

from mptcp_top.engine.ratios import Passed
from mptcp_top.engine.standing import Circumstances, Concern, Standing, standing_of
from tests.feed import Feed


def calm() -> Feed:
    feed = Feed()
    feed.tick(MPCapableSYNRX=5)
    return feed


def standing(feed: Feed, joins: Passed | None = None, overdue_seconds: float | None = None) -> Standing:
    return standing_of(Circumstances(feed.store.at("local"), joins, overdue_seconds))


def test_worse_stands_before_less_bad_in_the_order_that_is_documented() -> None:
    down, security, errors = calm(), calm(), calm()
    down.fail("no route to host")
    security.tick(MPJoinNoTokenFound=1)
    errors.tick(DataCsumErr=1000)
    ordered = [
        standing(down),
        standing(security),
        standing(errors),
        standing(calm(), Passed(100, 90)),
        standing(calm(), overdue_seconds=20.0),
        standing_of(Circumstances(None)),
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


def test_of_two_with_the_same_severity_the_faster_one_is_worse() -> None:
    slow, fast = calm(), calm()
    slow.tick(DataCsumErr=1)
    fast.tick(DataCsumErr=100)
    assert standing(fast) > standing(slow)
