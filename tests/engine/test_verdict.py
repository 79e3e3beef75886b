"""The verdict: what is behind the others stands first, and when all is well it says what was wrong last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mptcp_top.catalogue.catalogue import CATALOGUES
from mptcp_top.engine.causes import EXPLAINS, causes_first
from mptcp_top.engine.judge import CHANGED_SECONDS, Look, verdict_at
from mptcp_top.engine.standing import Concern
from mptcp_top.engine.verdict import Verdict
from mptcp_top.model import Identity, Target
from tests.feed import NETSCALER, Feed

if TYPE_CHECKING:
    from mptcp_top.model import Episode

CALM = {"MPCapableSYNRX": 20, "MPCapableACKRX": 20, "MPJoinSynRx": 10, "MPJoinAckRx": 10}


def verdict(feed: Feed) -> Verdict:
    return verdict_at(feed.store, Look(feed.target.name, closely=True))


def says(feed: Feed) -> list[str]:
    return [f"{finding.says} {finding.which}".strip() for finding in verdict(feed).findings]


def calm() -> Feed:
    feed = Feed()
    for _ in range(60):
        feed.tick(**CALM)
    return feed


def test_every_concept_of_the_table_of_causes_is_one_of_the_catalogue() -> None:
    known = {entry.metric.concept for read in CATALOGUES.values() for entry in read().entries.values()}
    assert {*EXPLAINS, *(one for followers in EXPLAINS.values() for one in followers)} <= known


def test_no_error_of_the_table_explains_itself_by_way_of_others() -> None:
    def behind(concept: str, seen: frozenset[str] = frozenset()) -> set[str]:
        found = set(EXPLAINS.get(concept, ())) - seen
        return found.union(*(behind(one, seen | found) for one in found)) if found else set()

    assert not [concept for concept in EXPLAINS if concept in behind(concept)]


def test_what_follows_from_another_error_stands_after_it_whatever_began_first() -> None:
    box = Feed(Target("ns2", "netscaler"), NETSCALER)
    box.tick()
    box.tick(mptcperrnosffreensb=12)
    box.tick(mptcperrnsballocfailed=41)
    labels = [episode.metric.label for episode in causes_first(rising(box))]
    assert labels == ["output packet, no memory", "no subflow to send on"]
    assert says(box) == ["2 errors rising cause: memory output packet, no memory"]


def rising(feed: Feed) -> list[Episode]:
    seen = feed.store.at(feed.target.name)
    assert seen is not None
    return list(seen.rising.values())


def test_errors_that_do_not_explain_each_other_stand_by_severity() -> None:
    feed = calm()
    feed.tick(MPJoinRejected=1)
    feed.tick(SubflowStale=1)
    assert says(feed) == ["2 errors rising worst: DSS path gone stale"]


def test_a_reboot_stands_before_what_rose_after_it_and_after_what_rose_before() -> None:
    for before, first in ((False, "rebooted: counters began anew"), (True, "1 error rising MP_JOIN unknown token")):
        feed = calm()
        if before:
            feed.tick(MPJoinNoTokenFound=1)
        feed.identity = Identity("ns1", "Linux", "another boot")
        feed.values.clear()
        feed.tick()
        if not before:
            feed.tick(MPJoinNoTokenFound=1)
        assert says(feed)[0] == first
        assert len(says(feed)) == 2
        assert verdict(feed).standing.concern is Concern.SECURITY


def test_a_reboot_stands_in_the_verdict_for_a_while_and_then_is_what_was_wrong_last() -> None:
    feed = calm()
    feed.identity = Identity("ns1", "Linux", "another boot")
    feed.values.clear()
    for _ in range(int(CHANGED_SECONDS)):
        feed.tick()
        assert says(feed) == ["rebooted: counters began anew"]
    feed.tick()
    feed.tick()
    assert says(feed) == []
    last = verdict(feed).last
    assert last is not None
    assert (last.says, last.rise) == ("rebooted: counters began anew", False)


def test_joins_that_fail_say_where_unless_an_error_says_why() -> None:
    feed = calm()
    for _ in range(20):
        feed.tick(MPJoinSynRx=10)
    assert says(feed) == ["joins in 0 %, was 100 %"]
    (finding,) = verdict(feed).findings
    assert finding.hint == "lost before final ACK received: lost, stripped or flood"
    assert finding.metric is not None
    assert finding.metric.name == "MPJoinSynRx"


def test_a_flood_stands_before_the_errors_it_makes() -> None:
    feed = calm()
    for _ in range(10):
        feed.tick(**CALM, MPFallbackTokenInit=3)
        feed.values["MPCapableSYNRX"] = (feed.values["MPCapableSYNRX"] or 0) + 400
    assert says(feed) == [
        "21 x as many MP_CAPABLE SYNs accepted 4.8 %, was 100 %",
        "1 error rising MP_CAPABLE no token left, now TCP",
    ]


def test_more_of_everything_is_no_flood_and_no_trouble() -> None:
    feed = calm()
    for _ in range(60):
        feed.tick(**{name: 50 * many for name, many in CALM.items()})
    assert verdict(feed) == Verdict()


@pytest.mark.parametrize("overdue", [None, 30.0])
def test_numbers_that_are_overdue_are_said_to_be(overdue: float | None) -> None:
    found = verdict_at(calm().store, Look("local", overdue_seconds=overdue)).findings
    assert [finding.says for finding in found] == ([] if overdue is None else ["numbers 30 s old"])


def test_the_last_trouble_is_the_newest_of_all_kinds() -> None:
    feed = calm()
    feed.tick(MPJoinNoTokenFound=1)
    for _ in range(40):
        feed.tick(**CALM)
    last = verdict(feed).last
    assert last is not None
    assert (last.says, last.rise) == ("unknown token", True)
    feed.fail("no route to host")
    feed.tick(**CALM)
    last = verdict(feed).last
    assert last is not None
    assert (last.says, last.rise) == ("lost: no route to host", False)
