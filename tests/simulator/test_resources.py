"""Arguments, rights, errors, and the other things an appliance can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mptcp_top.model import Secret
from mptcp_top.simulator.accounts import NO_MPTCP, READ_ONLY, SUPERUSER, TIGHT, Account
from tests.simulator.calls import MPTCP, PASSWORD, STATELESS, Clock, call, running, token_of, with_token

if TYPE_CHECKING:
    from mptcp_top.simulator.running import Box

ROOT = "/nitro/v1/"
OBJECTS = (
    *("config/nsversion", "config/nshardware", "config/nstcpparam"),
    *("stat/system", "stat/ns", "stat/protocoltcp", "stat/hanode", "stat/nsglobalcntr"),
)
ARRAYS = ("config/nshostname", "config/hanode", "config/nstcpprofile", "stat/lbvserver", "stat/csvserver")


def allowed(box: Box, policy: str) -> dict[str, str]:
    box.add_account(Account("other", Secret(PASSWORD), policy))
    return {"X-NITRO-USER": "other", "X-NITRO-PASS": PASSWORD}


@pytest.mark.parametrize("path", OBJECTS)
def test_singletons_are_objects(box: Box, path: str) -> None:
    answer = call(box, ROOT + path)
    assert answer.status == 200
    assert isinstance(answer.json[path.rpartition("/")[2]], dict)


@pytest.mark.parametrize("path", ARRAYS)
def test_lists_are_arrays(box: Box, path: str) -> None:
    found = call(box, ROOT + path).json[path.rpartition("/")[2]]
    assert found
    assert all(isinstance(each, dict) for each in found)


def test_identity_is_in_the_companions() -> None:
    with running("failover", Clock(), wall=1_795_255_200.0) as simulation:
        ns1, ns2 = simulation.appliances.values()
        assert call(ns2, ROOT + "config/nshostname").json["nshostname"][0]["hostname"] == "ns2"
        assert "NS14.1: Build" in call(ns1, ROOT + "config/nsversion").json["nsversion"]["version"]
        system = call(ns2, ROOT + "stat/system").json["system"]
        assert system["starttime"] == "Wed Nov 11 10:00:00 2026"
        assert system["timesincestart"] == "00:00:00"
        assert system["cpuusage"] == "4294967295"
        up = call(ns2, ROOT + "stat/nsglobalcntr?args=counters:sys_cur_duration_sincestart").json["nsglobalcntr"]
        assert up == {"sys_cur_duration_sincestart": "864000"}
        assert call(ns1, ROOT + "stat/hanode").json["hanode"]["hacurmasterstate"] == "Primary"
        assert call(ns2, ROOT + "stat/hanode").json["hanode"]["hacurmasterstate"] == "Secondary"
        mine, theirs = call(ns2, ROOT + "config/hanode").json["hanode"]
        assert (mine["id"], mine["ipaddress"], mine["state"]) == ("0", "192.0.2.12", "Secondary")
        assert (theirs["id"], theirs["ipaddress"], theirs["state"]) == ("1", "192.0.2.11", "Primary")


def test_virtual_servers_have_the_sessions_as_strings(box: Box) -> None:
    servers = call(box, ROOT + "stat/lbvserver").json["lbvserver"]
    assert sum(int(server["curmptcpsessions"]) for server in servers) == 1000


def test_the_session_list_needs_more_than_read_only(box: Box) -> None:
    token_of(box)
    refused = call(box, ROOT + "config/systemsession")
    assert (refused.status, refused.json["errorcode"]) == (403, 2138)
    assert "[show system session]" in refused.json["message"]
    sessions = call(box, ROOT + "config/systemsession", headers=allowed(box, SUPERUSER)).json["systemsession"]
    assert [session["username"] for session in sessions] == ["monitor"]


def test_a_missing_right_is_about_one_resource_only(box: Box) -> None:
    headers = allowed(box, NO_MPTCP)
    refused = call(box, headers=headers)
    assert (refused.status, refused.json["errorcode"]) == (403, 2138)
    assert refused.json["message"] == "Not authorized to execute this command [stat protocol mptcp]"
    assert call(box, ROOT + "stat/system", headers=headers).status == 200


@pytest.mark.parametrize("path", ["stat/nosuchthing", "config/protocolmptcp", "stat", "stat/protocolmptcp/x"])
def test_an_unknown_resource_is_258_under_404(box: Box, path: str) -> None:
    answer = call(box, ROOT + path)
    assert (answer.status, answer.json["errorcode"], answer.json["message"]) == (404, 258, "No such resource")


@pytest.mark.parametrize("path", ["/nitro/v1/", "/menu", "/"])
def test_outside_of_nitro_there_are_pages(box: Box, path: str) -> None:
    answer = call(box, path)
    assert (answer.status, answer.header("Content-Type")) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("status", [599, 400])
def test_old_firmware_has_no_such_object(box: Box, status: int) -> None:
    box.switch(old_firmware=True, old_status=status)
    answer = call(box)
    assert (answer.status, answer.json["errorcode"]) == (status, 1232)
    assert answer.json["message"] == "Invalid object name [protocolmptcp]"
    assert call(box, ROOT + "stat/protocoltcp").status == 200


def test_a_specific_error_has_its_own_status_and_reason(box: Box) -> None:
    answer = call(box, f"{MPTCP}?args=nosuchargument:1")
    assert (answer.status, answer.reason, answer.json["errorcode"]) == (599, "Netscaler specific error", 1090)


@pytest.mark.parametrize("args", ["detail:true", "detail:true,fullvalues:true", "detail%3Atrue%2Cfullvalues%3Atrue"])
def test_arguments_are_read_and_noted(box: Box, args: str) -> None:
    assert call(box, f"{MPTCP}?args={args}").status == 200
    assert box.audit().records[-1].args["detail"] == "true"
    assert box.audit().clearstats == 0


@pytest.mark.parametrize("scope", ["basic", "full"])
def test_clearstats_zeroes_totals_and_not_gauges_even_for_a_read_only_user(box: Box, clock: Clock, scope: str) -> None:
    clock.now = 70
    assert call(box).statistics["mptcptotdss"] == str(14 * 70)
    statistics = call(box, f"{MPTCP}?args=clearstats:{scope}", headers=allowed(box, READ_ONLY)).statistics
    assert (statistics["mptcptotdss"], statistics["mptcpcursfconnections"]) == ("0", "1000")
    clock.now = 77
    assert call(box).statistics["mptcptotdss"] == str(14 * 7)
    assert box.audit().clearstats == 1


def test_a_tight_policy_lets_nobody_clear(box: Box, clock: Clock) -> None:
    clock.now = 70
    headers = allowed(box, TIGHT)
    refused = call(box, f"{MPTCP}?args=clearstats:full", headers=headers)
    assert (refused.status, refused.json["errorcode"]) == (403, 2138)
    assert "[stat protocol mptcp -clearstats full]" in refused.json["message"]
    assert call(box, headers=headers).statistics["mptcptotdss"] == str(14 * 70)
    assert [box.audit().of("protocolmptcp")[0].args, box.audit().clearstats] == [{"clearstats": "full"}, 0]


def test_to_ask_in_detail_is_another_command(box: Box) -> None:
    for policy, status in ((r"^stat\s+protocol\s+mptcp$", 403), (TIGHT, 403), (NO_MPTCP, 403), (READ_ONLY, 200)):
        headers = allowed(box, policy)
        answer = call(box, f"{MPTCP}?args=detail:true", headers=headers)
        assert answer.status == status
        if status == 403:
            assert answer.json["errorcode"] == 2138
            assert "[stat protocol mptcp -detail]" in answer.json["message"]
        assert call(box, f"{MPTCP}?args=detail:false", headers=headers).status == (403 if policy == NO_MPTCP else 200)


def test_nothing_can_be_written(box: Box) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = call(box, ROOT + "config/nshostname", method, STATELESS, b'{"nshostname":{}}')
        assert answer.json["errorcode"] == 257
        assert [record.method for record in box.audit().records][-1] == method


def test_a_secondary_warns_under_209_if_asked_to() -> None:
    with running("failover") as simulation:
        ns1, ns2 = simulation.appliances.values()
        warned = call(ns2, f"{MPTCP}?warning=yes")
        assert (warned.status, warned.reason) == (209, "X-NITRO-WARNING")
        assert (warned.json["errorcode"], warned.json["severity"]) == (1028, "WARNING")
        assert len(warned.statistics) == 158
        assert call(ns2).status == call(ns1, f"{MPTCP}?warning=yes").status == 200


def test_while_it_boots_it_says_503_in_html_and_afterwards_sessions_are_gone(box: Box, clock: Clock) -> None:
    clock.now = 70
    token = token_of(box)
    box.reboot(down_seconds=15)
    down = call(box)
    assert (down.status, down.header("Content-Type")) == (503, "text/html; charset=utf-8")
    clock.now = 85
    assert with_token(box, token).json["errorcode"] == 444
    assert call(box).statistics["mptcptotdss"] == "0"
    clock.now = 100
    up = call(box, ROOT + "stat/nsglobalcntr?args=counters:sys_cur_duration_sincestart").json["nsglobalcntr"]
    assert up["sys_cur_duration_sincestart"] == "15"
