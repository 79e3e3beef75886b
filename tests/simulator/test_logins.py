"""Logging in, every way there is, and everything that can be said against it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode

import pytest

from mptcp_top.model import Secret
from mptcp_top.simulator.accounts import Account
from mptcp_top.simulator.sessions import Restricted
from tests.simulator.calls import (
    LOGIN,
    MPTCP,
    PASSWORD,
    STATELESS,
    USER,
    Answer,
    Clock,
    call,
    login,
    token_of,
    with_token,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.simulator.running import Box

VENDOR = "application/vnd.com.citrix.netscaler.login+json"


def legacy(box: Box, what: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Answer:
    form = urlencode({"object": json.dumps(what)}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return call(box, "/nitro/v1/config/", "POST", {**kind, **(headers or {})}, form)


def log_out(box: Box, token: str) -> Answer:
    headers = {"Content-Type": "application/json", "Cookie": f"NITRO_AUTH_TOKEN={token}"}
    return call(box, "/nitro/v1/config/logout", "POST", headers, b'{"logout":{}}')


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()}


def error_of(answer: Answer) -> tuple[int, int]:
    assert answer.json["severity"] == "ERROR"
    return answer.status, answer.json["errorcode"]


def test_a_json_login_gives_the_token_raw_in_the_body_and_encoded_in_a_cookie(box: Box) -> None:
    answer = login(box)
    token = answer.json["sessionid"]
    assert answer.status == 201
    assert list(answer.json) == ["errorcode", "message", "severity", "sessionid"]
    assert token.startswith("##")
    assert answer.cookies["sessionid"] == quote(token, safe="")
    assert answer.cookies["SESSID"] == "deleted"
    assert any("path=/nitro/v1" in value for name, value in answer.headers if name == "Set-Cookie")
    assert answer.header("Content-Type") == "application/json; charset=utf-8"


def test_a_vendor_login_gives_an_empty_page_and_the_token_in_a_cookie_only(box: Box) -> None:
    answer = login(box, kind=VENDOR)
    assert (answer.status, answer.body) == (201, b"")
    assert answer.header("Content-Type").startswith("text/html")
    token = unquote(answer.cookies["NITRO_AUTH_TOKEN"])
    assert with_token(box, token).status == 200


def test_a_legacy_login_is_a_form_posted_to_config(box: Box) -> None:
    answer = legacy(box, {"login": {"username": USER, "password": PASSWORD}})
    assert with_token(box, answer.json["sessionid"]).status == 200
    assert legacy(box, {"logout": {}}, {"Cookie": f"sessionid={answer.json['sessionid']}"}).status == 201
    assert box.sessions() == 0


@pytest.mark.parametrize(
    ("header", "value", "noted"),
    [
        ("Cookie", "NITRO_AUTH_TOKEN={raw}", "cookie NITRO_AUTH_TOKEN"),
        ("Cookie", "NITRO_AUTH_TOKEN={encoded}", "cookie NITRO_AUTH_TOKEN"),
        ("Cookie", "SESSID=deleted; sessionid={raw}", "cookie sessionid"),
        ("Cookie", "sessionid={encoded}", "cookie sessionid"),
        ("Set-Cookie", "NITRO_AUTH_TOKEN={raw}", "header Set-Cookie"),
    ],
)
def test_the_token_is_taken_however_clients_send_it(box: Box, header: str, value: str, noted: str) -> None:
    token = token_of(box)
    answer = call(box, headers={header: value.format(raw=token, encoded=quote(token, safe=""))})
    assert answer.status == 200
    assert box.audit().records[-1].authentication == noted


def test_stateless_and_basic_calls_need_no_session_and_leave_none(box: Box) -> None:
    assert call(box, headers=STATELESS).status == 200
    assert call(box, headers=basic(PASSWORD)).status == 200
    audit = box.audit()
    assert (audit.stateless, audit.logins, box.sessions(), box.sessions_peak()) == (2, 0, 0, 1)
    assert [record.authentication for record in audit.records] == ["X-NITRO-USER", "Basic"]


def test_a_wrong_password_is_354_under_401_and_a_page_for_basic(box: Box) -> None:
    assert error_of(login(box, password="wrong")) == (401, 354)
    assert error_of(login(box, user="nobody")) == (401, 354)
    assert error_of(call(box, headers={**STATELESS, "X-NITRO-PASS": "wrong"})) == (401, 354)
    refused = call(box, headers=basic("wrong"))
    assert (refused.status, refused.header("Content-Type")) == (401, "text/html; charset=utf-8")
    assert b"<h4>" in refused.body
    assert box.audit().failed_logins == 4


def test_basic_authentication_can_be_switched_off(box: Box) -> None:
    box.switch(basic=False)
    assert error_of(call(box, headers=basic(PASSWORD))) == (401, 1244)


def test_nobody_is_told_to_log_in(box: Box) -> None:
    assert error_of(call(box, headers={})) == (401, 1027)


@pytest.mark.parametrize(("code", "status"), [(1045, 401), (1046, 401), (1047, 401), (1034, 200)])
def test_a_login_can_be_refused_although_the_password_is_right(box: Box, code: int, status: int) -> None:
    box.add_account(Account("new", Secret("right"), outcome=code))
    assert error_of(login(box, user="new", password="right")) == (status, code)
    assert box.sessions() == 0


def test_a_session_ends_after_half_an_hour_without_a_request(box: Box, clock: Clock) -> None:
    token = token_of(box)
    for clock.now in (1799, 2 * 1799):
        assert with_token(box, token).status == 200
    clock.now += 1801
    assert error_of(with_token(box, token)) == (401, 444)


@pytest.mark.parametrize("timeout", [120, "120"])
def test_a_login_may_ask_for_a_shorter_life_as_a_number_or_a_string(box: Box, clock: Clock, timeout: object) -> None:
    token = token_of(box, timeout=timeout)
    clock.now = 119
    assert with_token(box, token).status == 200
    clock.now = 119 + 120
    assert error_of(with_token(box, token)) == (401, 444)


@pytest.mark.parametrize("timeout", ["soon", 0, -1, True, [300]])
def test_a_life_that_is_none_is_refused(box: Box, timeout: object) -> None:
    assert error_of(login(box, timeout=timeout)) == (599, 1097)


def test_restricted_timeouts_refuse_or_cap_longer_ones(box: Box, clock: Clock) -> None:
    box.switch(restricted=Restricted.REFUSE)
    assert error_of(login(box, timeout=901)) == (599, 1097)
    assert login(box, timeout=900).status == 201
    box.switch(restricted=Restricted.CAP)
    token = token_of(box, timeout=3600)
    clock.now = 901
    assert with_token(box, token).status == 401


@pytest.mark.parametrize(("code", "status"), [(444, 401), (444, 200), (1027, 403), (1027, 401)])
def test_a_killed_session_is_told_so_in_the_way_that_is_set(box: Box, code: int, status: int) -> None:
    token = token_of(box)
    box.switch(expired_code=code, expired_status=status)
    assert box.kill_sessions() == 1
    assert error_of(with_token(box, token)) == (status, code)


@pytest.mark.parametrize("status", [400, 503, 200])
def test_the_twenty_first_login_is_446_until_a_place_is_free(box: Box, status: int) -> None:
    box.switch(full_status=status)
    tokens = [token_of(box) for _ in range(20)]
    assert error_of(login(box)) == (status, 446)
    assert error_of(call(box, headers=STATELESS)) == (status, 446)
    assert log_out(box, tokens[0]).status == 201
    assert call(box, headers=STATELESS).status == 200
    assert login(box).status == 201
    assert box.sessions() == box.sessions_peak() == 20


def test_a_logout_ends_the_session_and_is_counted(box: Box) -> None:
    token = token_of(box)
    assert log_out(box, token).json["errorcode"] == 0
    assert error_of(with_token(box, token)) == (401, 444)
    audit = box.audit()
    assert (audit.logins, audit.logouts, box.sessions()) == (1, 1, 0)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"login":3}', b'{"log":{}}'])
def test_a_login_that_is_none_is_an_error_and_not_a_crash(box: Box, body: bytes) -> None:
    assert call(box, LOGIN, "POST", {"Content-Type": "application/json"}, body).status in {400, 401}


def test_the_audit_holds_no_secret_and_notices_one_in_a_url(box: Box) -> None:
    token = token_of(box)
    call(box, f"{MPTCP}?password={PASSWORD}")
    call(box, f"{MPTCP}?sessionid={quote(token, safe='')}")
    audit = box.audit()
    assert audit.secrets_in_url == 2
    assert PASSWORD not in repr(audit)
    assert token not in repr(audit)
    assert quote(token, safe="") not in repr(audit)
