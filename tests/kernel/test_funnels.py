"""Where handshakes die on this kernel: what was done to them is what the funnels say, and nothing is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from mptcp_top.catalogue import catalogue
from mptcp_top.engine.fallbacks import fallbacks
from mptcp_top.engine.funnels import passages, rest_name
from mptcp_top.engine.trend import Growth
from tests.lab import SCENARIOS, Lab, counters

if TYPE_CHECKING:
    from collections.abc import Mapping


class Told(NamedTuple):
    """What a funnel says: how many began, how many arrived, and what became of the others."""

    began: int
    arrived: int
    lost: Mapping[str, int] = {}
    unsent: Mapping[str, int] = {}


EXPECTED: dict[str, tuple[dict[str, Told], dict[str, Told]]] = {
    # scenario: what is said of the client, and of the server
    "churn": ({"connected": Told(20, 20)}, {"accepted": Told(20, 20)}),
    "join_rejected": ({"joins out": Told(1, 1)}, {"joins in": Told(1, 0, {"refused": 1})}),
    "join_no_token": ({}, {"joins in": Told(10, 0, {"unknown token": 10})}),
    "join_blackholed": ({"joins out": Told(1, 0, {"reset, filtered or lost": 1})}, {}),
    "strip_synack": (
        {"connected": Told(1, 0, {"SYN/ACK not MPTCP": 1})},
        {"accepted": Told(1, 0, {"final ACK not MPTCP": 1})},
    ),
    "syn_blackhole": (
        {"connected": Told(1, 0, {"SYN unanswered, now TCP": 1}, {"paused, sent as TCP": 1})},
        {},
    ),
}


def growth_of(lab: Lab, moved: Mapping[str, int]) -> Growth:
    layout = catalogue.linux().layout(tuple(counters(lab.client)))
    return Growth(layout, tuple(moved.get(metric.name, 0) for metric in layout.metrics), 1.0)


def told(growth: Growth) -> dict[str, Told]:
    found = {}
    for one in passages(growth):
        begin, end = one.steps
        lost = {part.says: part.number for part in end.parts if part.number}
        lost |= {rest_name(begin.metric, end.metric): end.rest} if end.rest else {}
        unsent = {part.says: part.number for part in one.unsent if part.number}
        found[one.handshake.name] = Told(begin.number or 0, end.number or 0, lost, unsent)
    return found


@pytest.mark.parametrize("name", EXPECTED)
def test_the_funnels_say_what_was_done(lab: Lab, name: str) -> None:
    scenario = SCENARIOS[name]
    if lacking := scenario.counters - counters(lab.client).keys():
        pytest.skip(f"this kernel does not count {', '.join(sorted(lacking))}")
    moved = scenario.observe(lab)
    for expected, host in zip(EXPECTED[name], (moved.client, moved.server), strict=True):
        said = told(growth_of(lab, host))
        assert {handshake: said[handshake] for handshake in expected} == expected


@pytest.mark.parametrize(
    ("name", "client", "server"),
    [
        ("strip_synack", {"SYN/ACK not MPTCP"}, {"final ACK not MPTCP"}),
        ("csum_single", {"infinite map sent"}, {"bad mapping, now TCP"}),
        ("syn_blackhole", {"SYN unanswered, now TCP", "paused, sent as TCP"}, set()),
        ("churn", set(), set()),
    ],
)
def test_each_fallback_is_put_down_to_its_cause(lab: Lab, name: str, client: set[str], server: set[str]) -> None:
    moved = SCENARIOS[name].observe(lab)
    for causes, host in ((client, moved.client), (server, moved.server)):
        found = fallbacks(growth_of(lab, host))
        assert {cause.metric.label for cause in found.causes if cause.number} == causes
