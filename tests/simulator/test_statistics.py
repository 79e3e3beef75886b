"""The protocolmptcp reply to the letter, in every form firmware may give it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.model import Kind
from mptcp_top.simulator.counters import TWINS, fields
from mptcp_top.simulator.scenario import load_scenario
from tests.simulator.calls import Clock, call, running

if TYPE_CHECKING:
    from mptcp_top.simulator.running import Box

V1 = {"mptcptotv1mpcapsession", "mptcpcurv1mpcapablesessions", "mptcptotv1mpcapsyn", "mptcperrv1datarecvdpriortokey"}
SYN, SYN_RATE = "mptcptotmpcapsyn", "mptcpmpcapsynrate"


def test_it_is_an_object_of_string_totals_and_number_rates_in_an_envelope_in_order(box: Box, clock: Clock) -> None:
    clock.now = 21.0
    answer = call(box)
    assert answer.status == 200
    assert list(answer.json) == ["errorcode", "message", "severity", "protocolmptcp"]
    assert (answer.json["errorcode"], answer.json["message"], answer.json["severity"]) == (0, "Done", "NONE")
    statistics = answer.statistics
    for field in fields():
        assert statistics[field.name] == ("1000" if field.kind is Kind.GAUGE else str(14 * 21))
        if field.rate_name:
            assert statistics[field.rate_name] == 14
            assert type(statistics[field.rate_name]) is int


def test_14_1_has_157_fields_and_a_marker(box: Box) -> None:
    statistics = call(box).statistics
    assert len(statistics) == 158
    assert isinstance(statistics["_nextgenapiresource"], str)


def test_13_1_has_150_fields_and_none_of_version_1() -> None:
    scenario = load_scenario("constant")
    old = replace(scenario, appliances=(replace(scenario.appliances[0], version="13.1"),))
    with running(old) as simulation:
        box = simulation.appliances["ns1"]
        statistics = call(box).statistics
        assert len(statistics) == 150
        assert not V1 & statistics.keys()
        box.switch(v1=True, marker=True)
        assert len(call(box).statistics) == 158


def test_there_are_81_fields_and_76_rates_by_one_rule() -> None:
    assert len(fields()) == 81
    assert len({field.rate_name for field in fields() if field.rate_name}) == 76
    assert {field.name for field in fields() if not field.known_to("13.1")} == V1


def test_the_header_set_is_that_of_a_real_one(box: Box) -> None:
    headers = dict(call(box).headers)
    assert headers["Server"] == "Apache"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Expires"].startswith("Thu, 19 Nov 1981")
    assert "Content-Length" in headers


def test_a_list_of_one_is_the_other_form(box: Box) -> None:
    box.switch(form="list")
    (statistics,) = call(box).json["protocolmptcp"]
    assert len(statistics) == 158


def test_without_objects_the_resource_is_not_there(box: Box) -> None:
    box.switch(form="none")
    assert call(box).json == {"errorcode": 0, "message": "Done", "severity": "NONE"}


@pytest.mark.parametrize(
    ("totals", "rates", "shown"),
    [("string", "string", ("98", "14")), ("number", "number", (98, 14)), ("string", "number", ("98", 14))],
)
def test_totals_and_rates_are_strings_or_numbers(
    box: Box, clock: Clock, totals: str, rates: str, shown: tuple[object, object]
) -> None:
    clock.now = 7
    box.switch(totals=totals, rates=rates)
    statistics = call(box).statistics
    assert (statistics[SYN], statistics[SYN_RATE]) == shown


def test_rates_are_cut_or_have_six_decimals(clock: Clock) -> None:
    with running(load_scenario("constant", {"rate": 1.5}), clock) as simulation:
        box, clock.now = simulation.appliances["ns1"], 7.0
        assert f'"{SYN_RATE}": 1,' in call(box).body.decode()
        box.switch(rate_digits=6)
        assert f'"{SYN_RATE}": 1.428571,' in call(box).body.decode()
        assert box.rate(SYN) * 7 == 10


def test_a_zero_rate_is_0_or_has_decimals_too(box: Box) -> None:
    assert f'"{SYN_RATE}": 0,' in call(box).body.decode()
    box.switch(rate_digits=6)
    assert f'"{SYN_RATE}": 0.000000,' in call(box).body.decode()


def test_a_field_can_be_unavailable_or_missing_or_unheard_of(box: Box) -> None:
    box.switch(
        unavailable=frozenset({SYN, SYN_RATE}),
        missing=frozenset({"mptcptotdss", "mptcpdssrate"}),
        extra=(("mptcpnewthing", '"7"'), ("sortorder", '"ascending"')),
    )
    statistics = call(box).statistics
    assert (statistics[SYN], statistics[SYN_RATE]) == ("4294967295", 4294967295)
    assert not {"mptcptotdss", "mptcpdssrate"} & statistics.keys()
    assert (statistics["mptcpnewthing"], statistics["sortorder"]) == ("7", "ascending")


def test_three_fields_and_their_rates_can_come_twice_with_different_values(box: Box, clock: Clock) -> None:
    clock.now = 7
    box.switch(twins=True)
    seen: dict[str, list[Any]] = {}

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for name, value in pairs:
            seen.setdefault(name, []).append(value)
        return dict(pairs)

    json.loads(call(box).body, object_pairs_hook=note)
    rates = {field.rate_name for field in fields() if field.name in TWINS}
    twice = {name: values for name, values in seen.items() if len(values) == 2}
    assert twice.keys() == {*TWINS, *rates}
    assert all(first != second for first, second in twice.values())


def test_totals_beyond_53_bits_are_exact(clock: Clock) -> None:
    scenario = load_scenario("constant")
    plan = replace(scenario.appliances[0], past={SYN: 2**63 + 1})
    with running(replace(scenario, appliances=(plan,)), clock) as simulation:
        clock.now = 7
        assert call(simulation.appliances["ns1"]).statistics[SYN] == str(2**63 + 1 + 98)


def test_between_ticks_the_same_reply_comes_again(box: Box, clock: Clock) -> None:
    bodies = []
    for clock.now in (7.0, 9.0, 13.9, 14.0):
        bodies.append(call(box).body)
    assert bodies[0] == bodies[1] == bodies[2] != bodies[3]


def test_a_reply_says_what_the_truth_is_at_the_moment_in_the_audit(clock: Clock) -> None:
    with running("token-mismatch", clock) as simulation:
        box = simulation.appliances["ns1"]
        for clock.now in (0.0, 61.3, 400.0):
            statistics = call(box).statistics
            at = box.audit().records[-1].at
            assert at == clock.now
            for field in fields():
                assert int(statistics[field.name]) == box.truth(field.name, at)
                if field.rate_name:
                    assert statistics[field.rate_name] == int(box.rate(field.name, at))
