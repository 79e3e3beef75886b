"""Every fault, as it arrives at the other end."""

from __future__ import annotations

import http.client
import json
import socket
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.simulator.faults import FAULT_NAMES
from tests.simulator.calls import LOGIN, MPTCP, PASSWORD, STATELESS, call, everything, login, running, token_of

if TYPE_CHECKING:
    from mptcp_top.simulator.running import Box


def head_and_body(raw: bytes) -> tuple[bytes, bytes]:
    head, _, body = raw.partition(b"\r\n\r\n")
    return head, body


def _read_into(got: bytearray, connection: socket.socket) -> None:
    while part := connection.recv(4096):
        got += part


def promised(head: bytes) -> int:
    return next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))


def test_a_fault_meets_its_resource_only_as_often_as_it_should(box: Box) -> None:
    box.fault("unavailable", on="protocolmptcp", times=2, skip=1)
    assert [call(box).status for _ in range(4)] == [200, 503, 503, 200]
    box.fault("unavailable", on="login")
    assert [call(box).status, login(box).status, login(box).status] == [200, 503, 503]
    box.mend("login")
    assert login(box).status == 201
    box.fault("unavailable")
    assert {call(box).status, login(box).status} == {503}
    box.mend()
    assert call(box).status == 200


def test_the_audit_names_the_fault(box: Box) -> None:
    box.fault("html-401", times=1)
    call(box)
    call(box)
    assert [(record.fault, record.status) for record in box.audit().records] == [("html-401", 401), ("", 200)]


def test_a_fault_nobody_knows_is_refused(box: Box) -> None:
    with pytest.raises(ValueError, match=r"there is no fault gremlin: there are unavailable, "):
        box.fault("gremlin")
    with pytest.raises(TypeError, match="unexpected keyword argument 'after'"):
        box.fault("stall", after=3)


@pytest.mark.parametrize(("name", "status"), [("unavailable", 503), ("html-401", 401), ("login-page", 200)])
def test_pages_instead_of_json(box: Box, name: str, status: int) -> None:
    box.fault(name)
    answer = call(box)
    assert (answer.status, answer.header("Content-Type")) == (status, "text/html; charset=utf-8")
    assert answer.body.startswith(b"<html>")


def test_a_specific_error_with_a_code(box: Box) -> None:
    box.fault("specific-error", code=2652, message="Operation failed")
    answer = call(box)
    assert (answer.status, answer.reason) == (599, "Netscaler specific error")
    assert answer.json == {"errorcode": 2652, "message": "Operation failed", "severity": "ERROR"}


@pytest.mark.parametrize("code", [444, 1027])
@pytest.mark.parametrize("status", [401, 200, 403])
def test_an_expired_session_under_any_status(box: Box, code: int, status: int) -> None:
    box.fault("expired", on="protocolmptcp", code=code, status=status)
    answer = call(box)
    assert (answer.status, answer.json["errorcode"]) == (status, code)


@pytest.mark.parametrize("status", [400, 503, 200])
def test_a_full_table_at_login(box: Box, status: int) -> None:
    box.fault("full", on="login", status=status)
    answer = login(box)
    assert (answer.status, answer.json["errorcode"]) == (status, 446)
    assert box.audit().logins == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("on", ["login", "protocolmptcp"])
def test_redirects_of_every_kind(box: Box, status: int, on: str) -> None:
    box.fault("redirect", on=on, to="http://192.0.2.66/steal", status=status)
    answer = login(box) if on == "login" else call(box)
    assert (answer.status, answer.header("Location")) == (status, "http://192.0.2.66/steal")


def test_any_bytes_as_a_body(box: Box) -> None:
    box.fault("body", raw=b'{"protocolmptcp": NaN}', content_type="text/plain")
    answer = call(box)
    assert (answer.status, answer.body) == (200, b'{"protocolmptcp": NaN}')
    assert answer.header("Content-Type") == "text/plain"


def test_an_empty_body_and_a_cut_one(box: Box) -> None:
    whole = call(box).body
    box.fault("empty-body", times=1)
    box.fault("truncated-json", keep=0.25)
    assert call(box).body == b""
    assert call(box).body == whole[: len(whole) // 4]


def test_a_spoilt_login_has_taken_its_place_all_the_same(box: Box) -> None:
    box.fault("empty-body", on="login", times=1)
    assert login(box).body == b""
    assert box.sessions() == 1


def test_a_huge_body_is_valid_json_of_more_than_4_mib(box: Box) -> None:
    box.fault("huge-body")
    answer = call(box)
    assert len(answer.body) > 4 * 1024 * 1024
    assert answer.statistics["mptcptotdss"] == "0"


@pytest.mark.parametrize("form", ["object", "list"])
def test_a_hundred_thousand_fields_are_among_the_others(box: Box, form: str) -> None:
    box.switch(form=form)
    box.fault("many-fields")
    found = call(box).json["protocolmptcp"]
    (statistics,) = found if form == "list" else [found]
    assert len(statistics) == 100_158


def test_deep_nesting_is_too_deep_for_a_parser(box: Box) -> None:
    box.fault("deep-nesting")
    with pytest.raises(RecursionError):
        json.loads(call(box).body)


def test_a_body_shorter_than_its_length(box: Box) -> None:
    box.fault("short-body")
    head, body = head_and_body(everything(box))
    assert 0 < len(body) < promised(head)
    with pytest.raises(http.client.IncompleteRead):
        call(box)


def test_a_chunk_that_is_none(box: Box) -> None:
    box.fault("bad-chunk")
    with pytest.raises(http.client.IncompleteRead):
        call(box)


@pytest.mark.parametrize("after", [0, 1, 17, 700])
def test_a_reset_after_so_many_bytes(box: Box, after: int) -> None:
    box.fault("reset", after=after)
    with socket.create_connection(("127.0.0.1", box.port), timeout=20) as connection:
        connection.sendall(f"GET {MPTCP} HTTP/1.1\r\nHost: ns\r\n\r\n".encode())
        got = bytearray()
        with pytest.raises(ConnectionResetError):
            _read_into(got, connection)
    assert len(got) <= after
    assert b"HTTP/1.1 401 Unauthorized"[:after].startswith(got[:20])


def test_a_connection_closed_without_a_word(box: Box) -> None:
    box.fault("hang-up")
    assert everything(box) == b""


def test_a_stall_says_nothing_until_it_hangs_up(box: Box) -> None:
    box.fault("stall", seconds=0.05)
    assert everything(box) == b""


def test_a_stall_without_end_ends_with_the_simulation() -> None:
    with running() as simulation:
        box = simulation.appliances["ns1"]
        box.fault("stall")
        connection = socket.create_connection(("127.0.0.1", box.port), timeout=20)
        connection.sendall(f"GET {MPTCP} HTTP/1.1\r\nHost: ns\r\n\r\n".encode())
        while not box.audit().in_flight:
            pass
    with connection:
        assert connection.recv(1) == b""


def test_a_dripping_body_is_whole_in_the_end(box: Box) -> None:
    whole = call(box).body
    box.fault("drip", seconds=0.0001, size=50)
    assert call(box).body == whole


def test_a_gzip_bomb_is_small_on_the_wire_and_as_large_as_it_says(box: Box) -> None:
    box.fault("gzip-bomb", size=8 * 1024 * 1024)
    head, body = head_and_body(everything(box))
    assert b"Content-Encoding: gzip" in head
    assert len(body) < 16 * 1024
    unpacked = zlib.decompress(body, wbits=31)
    assert unpacked == bytes(8 * 1024 * 1024)


def test_a_gzip_bomb_of_a_gibibyte_can_be_left_early(box: Box) -> None:
    box.fault("gzip-bomb", times=1)
    assert len(everything(box, most=20_000)) >= 20_000
    assert call(box).status == 200


def test_a_bad_status_line(box: Box) -> None:
    box.fault("bad-status-line")
    with pytest.raises(http.client.BadStatusLine):
        call(box)


def test_headers_too_large(box: Box) -> None:
    box.fault("huge-headers")
    with pytest.raises(http.client.LineTooLong):
        call(box)


def test_any_bytes_on_the_wire(box: Box) -> None:
    box.fault("raw", data=b"SSH-2.0-OpenSSH_9.2\r\n")
    assert everything(box) == b"SSH-2.0-OpenSSH_9.2\r\n"


@pytest.mark.parametrize("name", [name for name in FAULT_NAMES if name not in {"stall", "redirect", "body"}])
def test_after_any_fault_the_next_request_is_answered(box: Box, name: str) -> None:
    token_of(box)
    options: dict[str, dict[str, Any]] = {"drip": {"seconds": 0.0, "size": 500}, "gzip-bomb": {"size": 1 << 20}}
    box.fault(name, times=1, **options.get(name, {}))
    with suppress(ConnectionResetError):
        everything(box, most=1 << 30)
    assert call(box).status == 200
    assert box.audit().in_flight == 0


def test_connections_are_kept_unless_switched_off(box: Box) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=20)
    for _ in range(3):
        connection.request("GET", MPTCP, headers=STATELESS)
        connection.getresponse().read()
    assert box.audit().connections == 1
    box.switch(keep_alive=False)
    connection.request("GET", MPTCP, headers=STATELESS)
    reply = connection.getresponse()
    assert reply.getheader("Connection") == "close"
    reply.read()
    connection.close()


def test_a_redirected_login_arrives_nowhere_by_itself(box: Box) -> None:
    box.fault("redirect", on="login", to=f"{box.url}{LOGIN}x", status=307)
    login(box, password=PASSWORD)
    assert [record.path for record in box.audit().records] == [LOGIN]
