"""What became plain TCP, by cause: shares that are known, and those that are not."""

from __future__ import annotations

from mptcp_top.engine.fallbacks import attempts, fallbacks, losses, shares, together
from mptcp_top.engine.trend import Break, Cell, Growth
from tests.feed import LINUX_6_18, NETSCALER


def grown(**counts: int) -> Growth:
    return Growth(LINUX_6_18, tuple(counts.get(metric.name, 0) for metric in LINUX_6_18.metrics), 10.0)


def test_each_cause_is_a_share_of_the_connections_that_wanted_mptcp() -> None:
    found = fallbacks(grown(MPCapableSYNRX=60, MPCapableSYNTX=40, MPCapableFallbackACK=5, DssFallback=3))
    assert (found.attempts, found.number, found.share(found.number)) == (100, 8, 0.08)
    assert {cause.metric.name: cause.number for cause in found.causes if cause.number} == {
        "MPCapableFallbackACK": 5,
        "DssFallback": 3,
    }


def test_one_that_was_paused_wanted_mptcp_too() -> None:
    found = fallbacks(grown(MPCapableSYNTXDisabled=7))
    assert (found.attempts, found.share(found.number)) == (7, 1.0)


def test_no_attempt_is_no_share_and_neither_is_more_than_all() -> None:
    assert fallbacks(grown()).share(0) is None
    earlier = fallbacks(grown(MPCapableSYNRX=2, DssFallback=3))
    assert earlier.share(earlier.number) is None


def test_what_is_not_counted_is_not_known() -> None:
    unknown = fallbacks(Growth(LINUX_6_18, (None,) * len(LINUX_6_18.metrics), 10.0))
    assert (unknown.number, unknown.attempts, unknown.share(unknown.number)) == (None, None, None)


def test_an_appliance_falls_back_for_its_own_causes() -> None:
    counts = {"mptcptotmpcapsyn": 100, "mptcpplainackfallback": 1, "mptcpinfinitemaprecvd": 6}
    found = fallbacks(Growth(NETSCALER, tuple(counts.get(metric.name, 0) for metric in NETSCALER.metrics), 7.0))
    assert found.share(found.number) == 0.07
    assert [metric.name for metric in attempts(NETSCALER)] == ["mptcptotmpcapsyn"]


def test_breaks_of_a_trend_are_breaks_of_a_share_and_nothing_wanted_is_not_known() -> None:
    whole: list[Cell] = [10.0, 0.0, Break.GAP, Break.RESET, 4.0]
    assert shares([1.0, 0.0, 1.0, 1.0, Break.GAP], whole) == [0.1, Break.NOTHING, Break.GAP, Break.RESET, Break.GAP]
    assert losses(whole, [9.0, 0.0, 0.0, 0.0, 4.0]) == [0.1, Break.NOTHING, Break.GAP, Break.RESET, 0.0]
    assert together([whole, [1.0] * 5]) == [11.0, 1.0, Break.GAP, Break.RESET, 5.0]
