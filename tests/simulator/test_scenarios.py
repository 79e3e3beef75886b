"""The scenarios that are shipped: each shows what it says it shows."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from mptcp_top.errors import SettingsError
from mptcp_top.model import Kind, Severity
from mptcp_top.simulator.appliance import Appliance
from mptcp_top.simulator.counters import fields
from mptcp_top.simulator.scenario import load_scenario, scenario_names, scenario_of

if TYPE_CHECKING:
    from mptcp_top.simulator.scenario import Scenario

ENTRIES = json.loads(files("mptcp_top.catalogue").joinpath("netscaler.json").read_text(encoding="utf-8"))["entries"]
ALARMING = {entry["name"] for entry in ENTRIES if Severity(entry["severity"]).alarming and entry["kind"] == "counter"}
COUNTERS = [each.name for each in fields() if each.kind is Kind.COUNTER]
CARRIER = tuple(name for name in scenario_names() if name != "constant")
LADDERS = (
    ("mptcptotmpcapsyn", "mptcptotmpcapsynacksent", "mptcptotmpcapfackrecvd", "mptcptotconnest"),
    ("mptcptotmpcapsyn", "mptcptotv1mpcapsyn", "mptcptotv1mpcapsession"),
    ("mptcptotmpjoinsyn", "mptcptotmpjoinsynacksent", "mptcptotmpjoinfackrecvd", "mptcptotmpjoin4thacksent"),
    ("mptcptotdss", "mptcptotdssa", "mptcptotdssm", "mptcptotdssfreshack"),
    ("mptcptotdss", "mptcptottxdss", "mptcptotrxdss"),
)


def boxes(scenario: Scenario) -> dict[str, Appliance]:
    return {plan.name: Appliance.of(scenario, plan, []) for plan in scenario.appliances}


def box_of(name: str, box: str = "ns1") -> Appliance:
    return boxes(load_scenario(name))[box]


def risen(box: Appliance, begin: float, end: float) -> dict[str, int]:
    moved = {name: box.truth(name, end) - box.truth(name, begin) for name in COUNTERS}
    return {name: by for name, by in moved.items() if by}


def success(box: Appliance, begin: float, end: float, of: str = "join") -> float:
    moved = risen(box, begin, end)
    done, asked = {"join": ("mptcptotmpjoin4thacksent", "mptcptotmpjoinsyn")}[of]
    return moved[done] / moved[asked]


def test_all_the_scenarios_there_should_be_are_there() -> None:
    assert set(scenario_names()) >= {
        *("day", "constant", "token-mismatch", "checksum-middlebox", "syn-flood", "memory-pressure", "failover"),
        *("reboot", "cleared", "demo"),
    }


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_says_what_it_is_and_names_only_fields_of_the_catalogue(name: str) -> None:
    scenario = load_scenario(name)
    known = {each.name for each in fields()}
    assert scenario.title
    assert scenario.description
    assert all(incident.names <= known for incident in scenario.incidents)


def test_a_scenario_that_names_another_field_is_refused() -> None:
    raw = {
        "title": "t",
        "description": "d",
        "profile": "even",
        "appliance": [{"name": "ns1"}],
        "incident": [{"on": ["ns1"], "from": 1, "adds": {"mptcperrmadeup": 1}}],
    }
    with pytest.raises(ValueError, match="mptcperrmadeup"):
        scenario_of("mine", raw)


@pytest.mark.parametrize("name", scenario_names())
def test_no_total_falls_but_by_a_reboot_or_a_clear(name: str) -> None:
    for box in boxes(load_scenario(name)).values():
        resets = [turn.at for turn in box.history.turns if turn.what in {"reboot", "clear"}]
        before = box.history.values(0.0)
        for moment in range(7, 700, 7):
            now = box.history.values(moment)
            if not any(moment - 7 < at <= moment for at in resets):
                assert all(now[name] >= before[name] for name in COUNTERS), moment
            before = now


@pytest.mark.parametrize("name", CARRIER)
def test_no_step_of_a_handshake_is_taken_more_often_than_the_one_before(name: str) -> None:
    for box in boxes(load_scenario(name)).values():
        for moment in (0, 33, 66, 211, 430, 690):
            values = box.history.values(moment)
            for ladder in LADDERS:
                steps = [values[field] for field in ladder]
                assert all(after <= before + 1 for before, after in pairwise(steps)), ladder


def test_on_an_ordinary_day_no_error_rises_and_most_ordinary_counters_do() -> None:
    moved = risen(box_of("day"), 0, 4 * 3600)
    assert not ALARMING & moved.keys()
    assert len(moved) > 30


def test_joins_that_reach_the_wrong_box_have_unknown_tokens_and_are_not_completed() -> None:
    box = box_of("token-mismatch")
    assert not ALARMING & risen(box, 0, 28).keys()
    assert success(box, 0, 28) > 0.95
    assert success(box, 70, 140) < 0.42
    moved = risen(box, 70, 140)
    assert moved["mptcperrunknowntoken"] == pytest.approx(0.62 * moved["mptcptotmpjoinsyn"], rel=0.01)
    assert ALARMING & moved.keys() == {"mptcperrunknowntoken", "mptcperroptssendrst"}
    assert not ALARMING & risen(box, 640, 700).keys()
    assert success(box, 640, 700) > 0.95


def test_a_middlebox_makes_checksums_fail_and_sessions_fall_back() -> None:
    box = box_of("checksum-middlebox")
    assert not ALARMING & risen(box, 0, 28).keys()
    moved = risen(box, 100, 170)
    assert moved["mptcperrbadcksum"] >= moved["mptcpmpfailsent"] >= moved["mptcpinfinitemaprecvd"] > 100
    assert moved["mptcpplainackfallback"] > 0


def test_a_flood_is_fifty_times_the_syns_and_no_more_final_acks() -> None:
    box = box_of("syn-flood")
    calm, flood = (risen(box, begin, begin + 21) for begin in (0, 70))
    assert flood["mptcptotmpcapsyn"] == pytest.approx(50 * calm["mptcptotmpcapsyn"], rel=0.2)
    assert flood["mptcptotmpcapfackrecvd"] == pytest.approx(calm["mptcptotmpcapfackrecvd"], rel=0.2)


def test_without_memory_allocations_fail_and_sessions_lose_their_subflows() -> None:
    box = box_of("memory-pressure")
    moved = risen(box, 300, 370)
    failures = {entry["name"] for entry in ENTRIES if entry["group"] == "memory"}
    assert failures <= moved.keys()
    assert box.truth("mptcpcursesswithoutsfs", 370) > 20 * box.truth("mptcpcursesswithoutsfs", 0)


def test_the_demo_is_calm_then_interesting_within_30_seconds_and_keeps_evolving() -> None:
    demo = boxes(load_scenario("demo"))
    ns1, ns2, ns3 = demo.values()
    assert len({box.plan.scale for box in demo.values()}) == 3
    for box in demo.values():
        assert not ALARMING & risen(box, 0, 14).keys()
    assert ns1.rate("mptcperrunknowntoken", 30) > 1
    assert success(ns1, 0, 14) > 0.95
    assert success(ns1, 80, 150) < 0.35
    assert "mptcperrbadcksum" in risen(ns3, 140, 210)
    assert success(ns1, 370, 440) > 0.95
    assert "mptcperrnsballocfailed" in risen(ns2, 390, 450)
    assert ALARMING & risen(ns1, 615, 660).keys()


def test_the_demo_begins_again_after_ten_minutes() -> None:
    ns1 = box_of("demo")
    first, again = (
        (ns1.truth("mptcperrunknowntoken", at + 590) - ns1.truth("mptcperrunknowntoken", at)) for at in (5, 4205)
    )
    assert again == pytest.approx(first, rel=0.01)


def test_the_rate_of_the_constant_scenario_is_a_parameter() -> None:
    scenario = load_scenario("constant", {"rate": 3.0})
    box = boxes(scenario)["ns1"]
    assert {box.truth(name, 70) for name in COUNTERS} == {210}
    with pytest.raises(ValueError, match="it has rate, level"):
        load_scenario("constant", {"speed": 3.0})


def test_an_unknown_scenario_is_answered_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match="did you mean token-mismatch"):
        load_scenario("tokenmismatch")
