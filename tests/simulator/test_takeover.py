"""Two appliances behind one address: which of them answers, and what it knows of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.simulator.scenario import scenario_of
from tests.simulator.calls import STATELESS, Clock, call, login, running, token_of, with_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.simulator.running import Box

ROOT = "/nitro/v1/"


@pytest.fixture
def address(clock: Clock) -> Iterator[Box]:
    """The address of the scenario `takeover`."""
    with running("takeover", clock) as simulation:
        (box,) = simulation.appliances.values()
        yield box


def host(box: Box) -> str:
    return str(call(box, ROOT + "config/nshostname").json["nshostname"][0]["hostname"])


def started_at(box: Box) -> str:
    return str(call(box, ROOT + "stat/system").json["system"]["starttime"])


def role(box: Box) -> str:
    return str(call(box, ROOT + "stat/hanode").json["hanode"]["hacurmasterstate"])


def test_another_box_answers_for_200_seconds_and_then_the_first_one_again(address: Box, clock: Clock) -> None:
    seen = {}
    for clock.now in (0.0, 39.9, 40.0, 239.9, 240.0, 900.0):
        seen[clock.now] = host(address), started_at(address)
        assert role(address) == "Primary"
    first, second = seen[0.0], seen[40.0]
    assert (first[0], second[0]) == ("ns1", "ns2")
    assert first[1] != second[1]
    assert list(seen.values()) == [first, first, second, second, first, first]


def test_its_totals_are_higher_and_lower_and_those_of_whoever_serves_move(address: Box, clock: Clock) -> None:
    seen = []
    for clock.now in (39.0, 47.0, 239.0, 247.0):
        statistics = call(address).statistics
        assert statistics["mptcptotdss"] == str(address.truth("mptcptotdss"))
        seen.append({name: int(statistics[name]) for name in ("mptcptotmpcapsyn", "mptcperrunknowntoken")})
    syns, errors = ([each[name] for each in seen] for name in ("mptcptotmpcapsyn", "mptcperrunknowntoken"))
    assert syns[0] < syns[3] < syns[1] < syns[2]
    assert errors[0] == errors[3] > errors[1] == errors[2]


def test_a_session_of_one_is_unknown_to_the_other(address: Box, clock: Clock) -> None:
    token = token_of(address)
    assert with_token(address, token).status == 200
    clock.now = 40.0
    gone = with_token(address, token)
    assert (gone.status, gone.json["errorcode"]) == (401, 444)
    other = token_of(address)
    assert with_token(address, other).status == 200
    assert address.sessions() == 2
    clock.now = 240.0
    assert with_token(address, token).status == 200
    assert with_token(address, other).status == 401
    assert address.kill_sessions() == 2


def test_the_audit_accounts_and_switches_are_those_of_the_address(address: Box, clock: Clock) -> None:
    address.switch(expired_code=1027, session_limit=1)
    token = token_of(address)
    clock.now = 40.0
    assert with_token(address, token).json["errorcode"] == 1027
    assert [login(address).status for _ in range(2)] == [201, 400]
    assert (address.audit().logins, len(address.audit().records), address.sessions_peak()) == (2, 4, 1)


def test_a_takeover_a_reboot_and_a_clear_at_run_time_meet_whoever_answers(address: Box, clock: Clock) -> None:
    clock.now = 10.0
    address.take_over()
    assert (host(address), role(address)) == ("ns2", "Primary")
    address.clear()
    assert call(address).statistics["mptcptotdss"] == "0"
    address.reboot(down_seconds=5)
    assert call(address).status == 503
    clock.now = 40.0
    assert host(address) == "ns1"
    assert int(call(address, headers=STATELESS).statistics["mptcptotdss"]) > 1_000_000


@pytest.mark.parametrize(
    "changes", [{"behind": "ns1"}, {"partner": "ns1"}, {"behind": "ns1", "partner": "ns2"}], ids=str
)
def test_only_a_pair_can_share_an_address_and_take_it_over(changes: dict[str, Any]) -> None:
    raw = {
        "title": "t",
        "description": "d",
        "profile": "even",
        "appliance": [{"name": "ns1", "partner": "ns2"}, {"name": "ns2", **changes}],
        "event": [{"at": 1, "on": "ns1", "what": "takeover"}],
    }
    with pytest.raises(ValueError, match="no pair behind the address of ns1"):
        scenario_of("mine", raw)
