"""Where handshakes die: what adds up, what is named, what is said where nothing is known."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mptcp_top.catalogue import catalogue
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.funnels import passage, passages, rest_name
from mptcp_top.engine.handshake import HANDSHAKES, RESTS
from mptcp_top.engine.trend import Growth
from mptcp_top.sources.netstat import find_table, parse_names
from tests.feed import LINUX_6_18, NETSCALER, appliance, linux

if TYPE_CHECKING:
    from mptcp_top.engine.funnels import Passage
    from mptcp_top.model import Layout

FILES = sorted((Path(__file__).parents[1] / "netstat").glob("linux-*.txt"))
KERNELS = [file for file in FILES if "without" not in file.name]


def grown(layout: Layout = LINUX_6_18, /, **counts: int) -> Growth:
    return Growth(layout, tuple(counts.get(metric.name, 0) for metric in layout.metrics), 10.0)


def went(name: str, growth: Growth) -> Passage:
    (found,) = [one for one in passages(growth) if one.handshake.name == name]
    return found


def layout_of(file: Path) -> Layout:
    names = parse_names(find_table(file.read_bytes()).header)
    return catalogue.linux().layout(names, file.stem.removeprefix("linux-"))


def parts(found: Passage, step: int = 1) -> dict[str, int]:
    return {part.says: part.number for part in found.steps[step].parts if part.number}


def concepts_of(source: catalogue.Catalogue) -> set[str]:
    return {entry.metric.concept for entry in source.entries.values()}


def test_every_concept_of_the_table_is_in_a_catalogue() -> None:
    known = concepts_of(catalogue.linux()) | concepts_of(catalogue.netscaler())
    steps = [step for one in HANDSHAKES for step in one.steps]
    causes = [cause for step in steps for cause in step.causes] + [cause for one in HANDSHAKES for cause in one.unsent]
    assert {step.concept for step in steps} | {cause.concept for cause in causes} <= known
    assert {cause.unless for cause in causes} - {""} <= known


@pytest.mark.parametrize("layout", [NETSCALER, LINUX_6_18, *map(layout_of, KERNELS)])
def test_the_numbers_add_up_whatever_was_counted(layout: Layout) -> None:
    dice = random.Random(7)
    for _ in range(50):
        counts = {metric.name: dice.choice((0, 1, 17, dice.randrange(1000))) for metric in layout.metrics}
        for found in passages(grown(layout, **counts)):
            for before, step in zip(found.steps, found.steps[1:], strict=False):
                sure = sum(part.number for part in step.parts if not part.perhaps)
                assert step.number is not None
                assert before.number == step.number + sure + step.rest - step.beyond
                assert step.rest >= 0 <= step.beyond
                assert 0 <= (step.lost or 0) <= (before.number or 0)


@pytest.mark.parametrize("layout", [NETSCALER, LINUX_6_18, *map(layout_of, KERNELS)])
def test_what_no_counter_speaks_of_has_a_name_between_all_the_steps_a_source_counts(layout: Layout) -> None:
    for found in passages(grown(layout)):
        for before, step in zip(found.steps, found.steps[1:], strict=False):
            assert (before.metric.concept, step.metric.concept) in RESTS


def test_a_kernel_counts_both_directions_and_an_appliance_only_what_comes_in() -> None:
    assert [one.handshake.name for one in passages(grown())] == ["accepted", "connected", "joins in", "joins out"]
    assert [one.handshake.name for one in passages(grown(NETSCALER))] == ["accepted", "joins in"]
    old = layout_of(next(file for file in KERNELS if "5.7" in file.name))
    assert [one.handshake.name for one in passages(grown(old))] == ["accepted", "joins in"]


def test_an_appliance_has_the_steps_between() -> None:
    found = went(
        "joins in", grown(NETSCALER, mptcptotmpjoinsyn=100, mptcptotmpjoinsynacksent=38, mptcperrunknowntoken=60)
    )
    assert [step.metric.concept for step in found.steps] == [
        "join_syn_rx",
        "join_synack_tx",
        "join_ack_arrived",
        "join_ack_rx",
    ]
    assert (found.steps[1].lost, parts(found), found.steps[1].rest) == (62, {"unknown token": 60}, 2)
    assert found.share(1) == 0.38
    assert found.lost_share(1) == 0.62
    assert found.lost_share(2) == 1.0


def test_a_kernel_that_counts_no_step_between_loses_everything_before_the_last() -> None:
    counts = {"MPJoinSynRx": 100, "MPJoinAckRx": 80, "MPJoinNoTokenFound": 9, "MPJoinAckHMacFailure": 4}
    found = went("joins in", grown(**counts))
    assert len(found.steps) == 2
    assert parts(found) == {"unknown token": 9, "final ACK with bad HMAC": 4}
    assert found.steps[1].rest == 7
    assert rest_name(found.steps[0].metric, found.steps[1].metric) == "lost, stripped or flood"


def test_a_join_whose_ack_is_stripped_is_in_the_rest() -> None:
    """As measured: only MPJoinSynRx moves, before 7.3."""
    found = went("joins in", grown(MPJoinSynRx=1))
    assert (found.steps[1].lost, parts(found), found.steps[1].rest) == (1, {}, 1)


def test_a_flood_that_is_never_completed_is_in_the_rest() -> None:
    found = went("accepted", grown(MPCapableSYNRX=170_017, MPFallbackTokenInit=2_135))
    assert parts(found) == {"no token left, now TCP": 2_135}
    assert found.steps[1].rest == 170_017 - 2_135


def test_causes_that_exceed_the_loss_began_earlier_and_are_no_negative_number() -> None:
    """Kernels before 6.9 count every plain TCP client of an MPTCP listener as a fallback."""
    step = went("accepted", grown(MPCapableSYNRX=47, MPCapableACKRX=45, MPCapableFallbackACK=4_630)).steps[1]
    assert (step.lost, step.rest, step.beyond) == (2, 0, 4_628)


def test_more_that_arrive_than_begin_began_earlier() -> None:
    found = went("joins out", grown(MPJoinSynTx=3, MPJoinSynAckRx=5))
    assert (found.steps[1].lost, found.steps[1].beyond) == (0, 2)
    assert (found.share(1), found.lost_share(1)) == (1.0, 0.0)


def test_nothing_that_began_is_no_share_at_all() -> None:
    found = went("joins in", grown())
    assert (found.share(1), found.lost_share(1)) == (None, None)


def test_a_counter_that_both_directions_share_is_certain_only_while_the_other_stands_still() -> None:
    alone = went("accepted", grown(MPCapableSYNRX=9, MPFallbackTokenInit=4)).steps[1]
    both = went("accepted", grown(MPCapableSYNRX=9, MPCapableSYNTX=1, MPFallbackTokenInit=4)).steps[1]
    assert [(part.number, part.perhaps) for part in alone.parts if part.number] == [(4, False)]
    assert [(part.number, part.perhaps) for part in both.parts if part.number] == [(4, True)]
    assert (alone.rest, both.rest) == (5, 9)


def test_what_never_sent_a_syn_of_mptcp_is_no_loss_of_those_that_did() -> None:
    found = went("connected", grown(MPCapableSYNTX=2, MPCapableSYNACKRX=2, MPCapableSYNTXDisabled=40))
    assert [(part.says, part.number) for part in found.unsent if part.number] == [("paused, sent as TCP", 40)]
    assert found.steps[1].lost == 0


def test_a_counter_that_is_not_known_is_not_zero() -> None:
    counts = tuple(None if metric.concept == "join_ack_rx" else 5 for metric in LINUX_6_18.metrics)
    found = went("joins in", Growth(LINUX_6_18, counts, 10.0))
    assert (found.steps[1].number, found.steps[1].lost, found.share(1)) == (None, None, None)


def test_the_same_funnel_can_be_had_on_every_basis() -> None:
    feed = linux("a")
    feed.tick()
    for _ in range(90):
        feed.tick(MPJoinSynRx=10, MPJoinAckRx=9)
    feed.tick(MPJoinSynRx=4, MPJoinAckRx=1)
    joins = next(one for one in HANDSHAKES if one.name == "joins in")
    began = {}
    for basis in (Basis.RATE, Basis.INTERVAL, Basis.START):
        growth = feed.store.grown("a", basis)
        found = passage(joins, growth) if growth else None
        began[basis] = found.began if found else None
    assert began == {Basis.RATE: 594, Basis.INTERVAL: 4, Basis.START: 904}


def test_an_appliance_says_which_losses_may_be_of_memory_and_keeps_them_out_of_the_sum() -> None:
    feed = appliance("ns1")
    feed.tick()
    feed.tick(
        mptcptotmpcapfackrecvd=100, mptcptotconnest=90, mptcptotmpcballocfailed=12, mptcperrmpcapsessionallocfail=9
    )
    growth = feed.store.grown("ns1", Basis.START)
    assert growth is not None
    step = went("accepted", growth).steps[3]
    assert (step.lost, step.rest) == (10, 10)
    assert {part.says for part in step.parts if part.perhaps} == {"session, no memory", "session PCB, no memory"}
