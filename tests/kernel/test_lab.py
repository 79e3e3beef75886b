"""The laboratory does to this kernel what it says it does: otherwise it proves nothing about our tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab import SCENARIOS, WINDOW, Lab, LabError, Watch, counters, mixing, wait_until
from tests.lab.namespace import NETNS, mptcp_sockets
from tests.lab.scenarios import two_subflows

if TYPE_CHECKING:
    from collections.abc import Mapping


def short_of(expected: Mapping[str, int], moved: Mapping[str, int]) -> dict[str, int]:
    """Return what should have moved further than it did."""
    return {name: moved.get(name, 0) for name, least in expected.items() if moved.get(name, 0) < least}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_moves_its_counters_and_no_others(lab: Lab, name: str) -> None:
    scenario = SCENARIOS[name]
    if lacking := scenario.counters - counters(lab.client).keys():
        pytest.skip(f"this kernel does not count {', '.join(sorted(lacking))}")
    moved = scenario.observe(lab)
    assert not short_of(scenario.client, moved.client)
    assert not short_of(scenario.server, moved.server)
    assert moved.client.keys() <= scenario.client.keys() | scenario.besides | WINDOW
    assert moved.server.keys() <= scenario.server.keys() | scenario.besides | WINDOW


def test_a_scenario_leaves_nothing_behind(lab: Lab) -> None:
    hosts = (lab.client, lab.server)
    before = [(host.ip("mptcp", "limits", "show"), host.ip("mptcp", "endpoint", "show")) for host in hosts]
    SCENARIOS["join_rejected"].deed(lab)
    assert [(host.ip("mptcp", "limits", "show"), host.ip("mptcp", "endpoint", "show")) for host in hosts] == before
    assert [mptcp_sockets(host) for host in hosts] == [0, 0]


def test_both_paths_carry_the_bulk_transfer(lab: Lab) -> None:
    arrived = two_subflows(lab)
    assert min(arrived["path1"], arrived["path2"]) > 1 << 16
    assert arrived["path1"] + arrived["path2"] > 4 << 20


def test_the_mix_brings_connections_and_each_kind_of_trouble(lab: Lab) -> None:
    server = Watch(lab.server)
    with mixing(lab, trouble_seconds=0.1):
        wait_until(
            lambda: server.moved(
                MPJoinAckRx=10,
                MPJoinRejected=1,
                MPJoinNoTokenFound=1,
                MPCapableFallbackACK=1,
            ),
            "the mix showed everything it has",
        )
        assert counters(lab.server).get("MPCurrEstab", 3) >= 3
    assert [mptcp_sockets(host) for host in (lab.client, lab.server)] == [0, 0]


@pytest.mark.usefixtures("lab")
def test_a_laboratory_is_gone_when_its_context_ends_in_an_error() -> None:
    with pytest.raises(LabError, match="on purpose"), Lab() as lab:
        raise LabError("on purpose")
    assert not {lab.client.name, lab.server.name, lab.middle.name} & {entry.name for entry in NETNS.iterdir()}


def test_a_wait_that_is_in_vain_says_what_for() -> None:
    with pytest.raises(LabError, match="pigs can fly"):
        wait_until(lambda: False, "pigs can fly", seconds=0.01)
