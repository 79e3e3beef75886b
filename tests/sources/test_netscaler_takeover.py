"""Another box behind the same address, a reboot, cleared counters: marked, and never shown as a spike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mptcp_top.catalogue.catalogue import netscaler
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Secret
from mptcp_top.simulator.accounts import Account
from mptcp_top.simulator.scenario import load_scenario
from mptcp_top.sources.netscaler import outgrown, rearranged, went_down
from mptcp_top.sources.nitro.counters import Reading
from tests.sources.scene import PASSWORD, USER, Floating, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.model import Observation

INTERVAL = 5.0
ONLY_COUNTERS = r"^stat protocol mptcp$"
FASTEST = 200_000
"""More than any counter of the scenario grows in a second."""


class Watched:
    """A scene behind a floating address, seen through the engine."""

    def __init__(self, scene: Scene, policy: str | None = None) -> None:
        self.scene = scene
        if policy is not None:
            for box in scene.boxes:
                box.add_account(Account(USER, Secret(PASSWORD), policy))
        self.address = Floating(scene, scene.box)
        scene.use(scene.source_at(self.address.url))
        self._engine = Engine(Store([scene.source.target]))

    def poll(self, seconds: float = INTERVAL) -> Observation:
        return self._engine.observe(self.scene.later(seconds), INTERVAL)

    def polls(self, count: int) -> list[Observation]:
        return [self.poll() for _ in range(count)]


@pytest.fixture(params=[None, ONLY_COUNTERS], ids=["all may be read", "only the counters may be read"])
def pair(request: pytest.FixtureRequest) -> Iterator[Watched]:
    with Scene("failover") as scene:
        watched = Watched(scene, request.param)
        yield watched
        scene.close_and_wait()
        watched.address.close()
        scene.assert_well_behaved()


@pytest.fixture(params=[None, ONLY_COUNTERS], ids=["all may be read", "only the counters may be read"])
def alone(request: pytest.FixtureRequest) -> Iterator[Watched]:
    with Scene("cleared") as scene:
        watched = Watched(scene, request.param)
        yield watched
        scene.close_and_wait()
        watched.address.close()
        scene.assert_well_behaved()


def assert_no_spike(observations: list[Observation]) -> None:
    for observation in observations:
        for metric, grown in zip(observation.layout.metrics, observation.increases, strict=True):
            rate = observation.change(metric.name)
            assert grown is None or 0 <= grown < FASTEST * INTERVAL, metric.name
            assert rate is None or rate.rate is None or 0 <= rate.rate < FASTEST, metric.name


def test_calm_polls_are_no_reset(pair: Watched) -> None:
    found = pair.polls(7)
    assert not any(each.reset for each in found)
    assert any(grown for grown in found[-1].increases) or any(grown for grown in found[-2].increases)
    assert_no_spike(found)


def test_a_failover_behind_one_address_is_marked_and_no_spike(pair: Watched) -> None:
    before = pair.polls(7)
    ns1, ns2 = pair.scene.boxes
    pair.scene.simulation.failover()
    pair.address.move(ns2)
    after = pair.polls(6)
    assert [each.reset for each in before + after] == [False] * 7 + [True] + [False] * 5
    assert all(grown is None for grown in after[0].increases)
    assert_no_spike(before + after)
    assert ns2.audit().logins == 1
    pair.scene.simulation.failover()
    pair.address.move(ns1)
    pair.scene.clock.now += 30
    back = pair.polls(3)
    assert [each.reset for each in back] == [True, False, False]
    assert_no_spike(back)


def test_a_failover_to_another_firmware_is_marked_too(pair: Watched) -> None:
    _, ns2 = pair.scene.boxes
    ns2.switch(v1=False, marker=False)
    pair.polls(3)
    pair.address.move(ns2)
    after = pair.polls(3)
    assert [each.reset for each in after] == [True, False, False]
    assert_no_spike(after)


def test_a_failover_without_sessions_is_noticed_by_the_counters_alone(pair: Watched) -> None:
    """The table of sessions is full on both: no login and no end of a session tells of the other box."""
    for box in pair.scene.boxes:
        box.fault("full", on="login")
    pair.polls(3)
    pair.address.move(pair.scene.boxes[1])
    after = pair.polls(3)
    assert [each.reset for each in after] == [True, False, False]
    assert_no_spike(after)


def test_the_role_and_name_follow_the_box_that_answers() -> None:
    with Scene("failover") as scene:
        watched = Watched(scene)
        before = watched.poll().identity
        scene.simulation.failover()
        watched.address.move(scene.boxes[1])
        after = watched.poll().identity
        assert (before.host, before.role, after.host, after.role) == ("ns1", "primary", "ns2", "primary")
        assert before.boot != after.boot
        watched.address.close()


def test_a_reboot_is_marked_and_no_spike(alone: Watched) -> None:
    found = alone.polls(4)
    alone.scene.box.reboot()
    found += alone.polls(3)
    assert [each.reset for each in found] == [False] * 4 + [True] + [False] * 2
    assert_no_spike(found)


def test_a_reboot_seen_only_after_its_counters_grew_past_the_old_ones_is_marked() -> None:
    with Scene("constant") as scene:
        watched = Watched(scene)
        before = watched.polls(2)[-1]
        scene.box.reboot()
        later = watched.poll(3600)
        assert (later.values[-1] or 0) > (before.values[-1] or 0)
        assert later.reset
        assert all(grown is None for grown in later.increases)
        watched.address.close()


def test_cleared_counters_are_marked_and_no_spike(alone: Watched) -> None:
    found = alone.polls(12)  # they are cleared after 40 s
    assert sum(each.reset for each in found) == 1
    assert_no_spike(found)


def test_sessions_ended_by_hand_are_no_reset_where_the_boot_time_can_be_read() -> None:
    with Scene("constant") as scene:
        watched = Watched(scene)
        watched.polls(2)
        scene.box.kill_sessions()
        assert not watched.poll().reset
        watched.address.close()


def test_where_the_boot_time_cannot_be_read_a_session_that_ended_may_mean_another_box() -> None:
    with Scene("constant") as scene:
        watched = Watched(scene, ONLY_COUNTERS)
        watched.polls(2)
        scene.box.kill_sessions()
        assert [watched.poll().reset, watched.poll().reset] == [True, False]
        watched.address.close()


@pytest.mark.parametrize("fault", ["unavailable", "hang-up", "html-401", "truncated-json", "empty-body"])
def test_a_failover_while_the_boot_time_fails_to_be_read_is_marked(fault: str) -> None:
    with Scene("failover") as scene:
        watched = Watched(scene)
        watched.polls(3)
        watched.address.move(scene.boxes[1])
        scene.boxes[1].fault(fault, on="system", times=2)
        after = watched.polls(4)
        assert after[0].reset
        assert_no_spike(after)
        watched.address.close()


def test_two_boxes_that_booted_together_are_two_boxes() -> None:
    scenario = load_scenario("failover")
    together = tuple(replace(plan, up_seconds=864_000.0) for plan in scenario.appliances)
    with Scene(replace(scenario, appliances=together)) as scene:
        watched = Watched(scene)
        watched.polls(3)
        watched.address.move(scene.boxes[1])
        after = watched.polls(3)
        assert [each.reset for each in after] == [True, False, False]
        assert_no_spike(after)
        watched.address.close()


def reading_of(**counters: int | None) -> Reading:
    layout = netscaler().layout(counters)
    return Reading(layout, tuple(counters.values()), (1.0,) * len(counters))


def test_readings_in_different_layouts_are_compared_by_name() -> None:
    before = reading_of(mptcptotdss=10, mptcptotmpcapsyn=20)
    now = reading_of(mptcptotmpcapsyn=20, mptcptottxdss=1, mptcptotdss=9)
    moved = rearranged(before, now.layout)
    assert moved.values == (20, None, 10)
    assert moved.own_rates == (1.0, None, 1.0)
    assert went_down(moved, now)
    assert not went_down(
        moved, reading_of(mptcptotmpcapsyn=20, mptcptottxdss=0, mptcptotdss=None)._replace(layout=now.layout)
    )


def test_a_gauge_that_falls_is_no_reset() -> None:
    assert not went_down(reading_of(mptcpcursfconnections=10), reading_of(mptcpcursfconnections=3))


def test_a_growth_is_implausible_only_far_beyond_the_own_rates() -> None:
    before = reading_of(mptcptotdss=0)
    assert not outgrown(before, reading_of(mptcptotdss=10_000), 5)
    assert outgrown(before, reading_of(mptcptotdss=1_000_000), 5)
    assert not outgrown(before, reading_of(mptcptotdss=1_000_000)._replace(own_rates=(50_000.0,)), 5)
    assert not outgrown(before, reading_of(mptcptotdss=1_000_000)._replace(own_rates=(None,)), 5)


def test_a_failover_to_the_partner_is_noticed_well_before_the_next_look_around() -> None:
    calm = replace(load_scenario("failover"), events=())
    with Scene(calm) as scene:
        assert scene.poll().identity.role == "primary"
        scene.simulation.failover()
        roles = [scene.later(INTERVAL).identity.role for _ in range(7)]
        assert roles[-1] == "secondary"  # its counters stand still, which is how it shows
        assert len(scene.box.audit().of("hanode")) == 2
        scene.close_and_wait()
