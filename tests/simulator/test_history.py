"""What statistics show: ticks, rates that lag, resets, and the two sides of a failover."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mptcp_top.simulator.appliance import Appliance
from mptcp_top.simulator.scenario import Event, What, load_scenario

TOTAL, GAUGE = "mptcperrbadcksum", "mptcpcursfconnections"


def constant(*events: Event, phase: float = 0.0) -> Appliance:
    scenario = load_scenario("constant")
    box = Appliance.of(scenario, scenario.appliances[0], [])
    box.history.phase = phase
    for event in events:
        box.foresee(event)
    return box


@pytest.mark.parametrize(("moment", "shown"), [(0, 0), (6.9, 0), (7, 98), (13.99, 98), (14, 196), (700, 9800)])
def test_totals_stand_still_between_ticks_of_seven_seconds(moment: float, shown: int) -> None:
    assert constant().truth(TOTAL, moment) == shown


@pytest.mark.parametrize(("moment", "shown"), [(0, 0), (2.9, 0), (3, 42), (9.9, 42), (10, 140)])
def test_the_phase_says_when_ticks_are(moment: float, shown: int) -> None:
    assert constant(phase=3).truth(TOTAL, moment) == shown


def test_a_rate_is_the_average_of_the_seven_seconds_before_the_last_tick() -> None:
    scenario = load_scenario("token-mismatch")
    box = Appliance.of(scenario, scenario.appliances[0], [])
    name = "mptcperrunknowntoken"
    assert box.rate(name, 44) == Fraction(box.truth(name, 44) - box.truth(name, 37), 7) > 0
    assert box.rate(name, 50.9) == box.rate(name, 44)
    assert box.rate(name, 51) > box.rate(name, 44)


def test_a_clear_zeroes_totals_at_once_and_leaves_gauges() -> None:
    box = constant(Event(16, "ns1", What.CLEAR))
    assert box.truth(TOTAL, 15.9) == 196
    assert box.truth(TOTAL, 16) == 0
    assert box.rate(TOTAL, 16) == 0
    assert box.truth(TOTAL, 21) == 14 * 5
    assert box.rate(TOTAL, 21) == 10
    assert {box.truth(GAUGE, moment) for moment in (15, 16, 21)} == {1000}
    assert box.start_time(15) == box.start_time(16)


def test_a_reboot_restarts_totals_gauges_and_the_start_time() -> None:
    box = constant(Event(16, "ns1", What.REBOOT, 15))
    assert box.history.booting(16)
    assert not box.history.booting(31)
    assert box.truth(TOTAL, 31) == 0
    assert box.truth(TOTAL, 35) == 14 * 4
    assert box.truth(GAUGE, 35) < 100
    assert box.truth(GAUGE, 100) == 1000
    assert box.start_time(15) != box.start_time(31) == box.start_time(900)


def test_a_reboot_ends_every_session() -> None:
    box = constant(Event(16, "ns1", What.REBOOT))
    token = box.sessions.open("somebody", 900, 10).token
    box.settle(15)
    assert box.sessions.use(token, 15)
    box.settle(16)
    assert box.sessions.use(token, 16) is None


def test_a_failover_freezes_one_box_and_starts_the_other() -> None:
    scenario = load_scenario("failover")
    ns1, ns2 = (Appliance.of(scenario, plan, []) for plan in scenario.appliances)
    name = "mptcptotmpcapsyn"
    assert ns1.truth(name, 39) > ns1.truth(name, 10)
    assert ns2.truth(name, 39) == ns2.truth(name, 10)
    assert ns1.truth(name, 200) == ns1.truth(name, 60)
    assert ns2.truth(name, 200) > ns2.truth(name, 60)
    assert ns1.truth(GAUGE, 60) == 0 < ns2.truth(GAUGE, 60)
    assert ns1.truth(name, 300) > ns1.truth(name, 245)
    assert [box.history.serves(50) for box in (ns1, ns2)] == [False, True]


def test_a_clear_on_a_box_that_has_handed_over_forgets_what_it_counted_before() -> None:
    scenario = load_scenario("failover")
    ns1 = Appliance.of(scenario, scenario.appliances[0], [])
    ns1.foresee(Event(100, "ns1", What.CLEAR))
    name = "mptcptotmpcapsyn"
    assert ns1.truth(name, 99) > 0
    assert ns1.truth(name, 100) == ns1.truth(name, 239) == 0
    assert 0 < ns1.truth(name, 260) < 20 * 60


def test_errors_of_the_weeks_before_are_in_the_totals_in_proportion_to_the_traffic() -> None:
    scenario = load_scenario("demo")
    ns1, ns2, _ = (Appliance.of(scenario, plan, []) for plan in scenario.appliances)
    before = ns1.truth("mptcperrbadcksum", 10)
    assert before > 100
    assert ns2.truth("mptcperrbadcksum", 10) == int(2.3 * before)
    assert ns1.rate("mptcperrbadcksum", 10) == 0
