"""B1 to B7 of the acceptance list, as far as they are about HTTP: named, over real sockets, and each one survived."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.errors import AuthFailed, BadReply, NoAccess, SourceError, Unreachable
from mptcp_top.sources.nitro.reply import SessionOver
from tests.sources.nitro_replies import TOTAL, body, good_fields, raw_body
from tests.sources.scene import COUNTERS, Scene, never_called, value

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HUGE = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b" " * (5 << 20)
B1_STATUSES: list[tuple[str, dict[str, Any], type[SourceError], str]] = [
    ("specific-error", {"status": 200, "code": 2652}, BadReply, "NITRO error 2652"),
    ("specific-error", {"status": 599, "code": 2652}, BadReply, "NITRO error 2652"),
    ("login-page", {}, BadReply, "HTML page"),
    ("login-page", {"status": 404}, BadReply, "HTML page"),
    ("html-401", {}, SessionOver, "HTTP 401"),
    ("login-page", {"status": 403}, NoAccess, "HTTP 403"),
    ("unavailable", {}, Unreachable, "not ready (HTTP 503)"),
    ("body", {"raw": b"", "status": 502}, Unreachable, "not ready (HTTP 502)"),
]
B2_BROKEN: list[tuple[str, dict[str, Any], type[SourceError], str]] = [
    ("truncated-json", {}, BadReply, "cut off"),
    ("empty-body", {}, BadReply, "empty"),
    ("short-body", {}, BadReply, "broke off"),
    ("bad-chunk", {}, BadReply, "the reply "),
    ("hang-up", {}, Unreachable, "closed the connection without an answer"),
    ("reset", {"after": 0}, Unreachable, "reset"),
    ("bad-status-line", {}, BadReply, "no HTTP"),
    ("huge-headers", {}, BadReply, "no HTTP"),
    ("raw", {"data": b"SSH-2.0-OpenSSH_9.2\r\n"}, BadReply, "no HTTP"),
    ("raw", {"data": b"\x15\x03\x01\x00\x02\x02\x46"}, BadReply, "no HTTP"),
    ("raw", {"data": b"HTTP/9.9 200 OK\r\n\r\n"}, SourceError, ""),
    ("raw", {"data": HEAD + b"X-Bad\x1b[2J: \x9b\r\n\r\n{}"}, SourceError, ""),
    ("raw", {"data": HEAD + b"Content-Length: -1\r\n\r\n{}"}, BadReply, "no HTTP"),
    ("raw", {"data": HEAD + b"Content-Length: 1, 2\r\n\r\n{}"}, BadReply, "no HTTP"),
    ("raw", {"data": HEAD + b"Content-Encoding: gzip\r\n\r\nnot gzip"}, BadReply, "broke off"),
    ("raw", {"data": HEAD + b"Content-Encoding: br\r\n\r\nx"}, SourceError, ""),
    ("raw", {"data": HEAD + b"X: y\r\n" * 20_000 + b"\r\n"}, BadReply, "no HTTP"),
    (
        "raw",
        {"data": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"},
        SourceError,
        "",
    ),
    ("raw", {"data": b"HTTP/1.1 100 Continue\r\n\r\n" * 1000}, Unreachable, "closed the connection"),
]
B4_LARGE: list[tuple[str, dict[str, Any], type[SourceError], str]] = [
    ("huge-body", {}, BadReply, "longer than 4 MiB"),
    ("raw", {"data": HUGE}, BadReply, "longer than 4 MiB"),
    ("deep-nesting", {}, BadReply, "nested too deep"),
    ("body", {"raw": b'{"errorcode": 0, "protocolmptcp": ' + b'{"a":' * 100_000}, BadReply, "nested too deep"),
]


def assert_fails_and_recovers(scene: Scene, kind: type[SourceError], says: str) -> None:
    error = scene.failure(kind)
    assert says in error.reason
    scene.box.mend()
    if kind is SessionOver:
        scene.clock.now += 31
    assert len(scene.poll().values) == 81


@pytest.mark.parametrize(("fault", "options", "kind", "says"), [*B1_STATUSES, *B2_BROKEN, *B4_LARGE])
def test_a_fault_of_the_counters_is_named_and_over_when_it_is_mended(
    scene: Scene, fault: str, options: dict[str, Any], kind: type[SourceError], says: str
) -> None:
    scene.poll()
    scene.box.fault(fault, on=COUNTERS, **options)
    assert_fails_and_recovers(scene, kind, says)
    if kind is SessionOver:
        scene.close_and_wait()


@pytest.mark.parametrize(
    ("fault", "options", "kind", "says"),
    [each for each in (*B1_STATUSES, *B2_BROKEN, *B4_LARGE) if each[0] != "empty-body"],  # there, its cookie is enough
)
def test_a_fault_of_the_login_is_named_and_over_when_it_is_mended(
    scene: Scene, fault: str, options: dict[str, Any], kind: type[SourceError], says: str
) -> None:
    scene.box.fault(fault, on="login", **options)
    refusal = kind in {SessionOver, NoAccess}
    assert_fails_and_recovers(scene, AuthFailed if refusal else kind, says)
    scene.close_and_wait()  # a login whose answer was spoilt has taken a place all the same


def test_b2_a_reset_at_every_64th_byte_of_a_good_reply_is_survived(scene: Scene) -> None:
    scene.clock.now = 700
    whole, after = scene.poll().values, 0
    while after < 1 << 16:
        scene.box.fault("reset", on=COUNTERS, after=after)
        try:
            assert scene.poll().values == whole, after  # the reset came after the last byte
        except (Unreachable, BadReply):
            scene.box.mend()
            assert scene.poll().values == whole
            after += 64
        else:
            break
    assert after > 5_000
    assert scene.box.audit().logins == 1


@pytest.mark.parametrize(
    "text", ['""', "null", "true", '"NaN"', "NaN", "Infinity", "1e999", "-1", '"1,234"', "[]", "{}"]
)
def test_b3_what_is_no_number_is_not_known_and_never_zero(scene: Scene, text: str) -> None:
    scene.box.fault(
        "body", on=COUNTERS, raw=raw_body(f'"{TOTAL}": {text}, "mptcpdssrate": {text}, "mptcptottxdss": "5"')
    )
    sample = scene.poll()
    assert set(sample.values) == {None, 5}
    assert sample.own_rates == (None, None)


def test_b4_a_hundred_thousand_fields_are_cut_to_the_catalogue_and_500_more(scene: Scene) -> None:
    scene.poll()
    scene.box.fault("many-fields", on=COUNTERS)
    layout = scene.later(5).layout
    assert len(layout.metrics) == 81 + 500
    assert scene.later(5).layout is layout
    scene.box.mend()
    assert len(scene.later(5).layout.metrics) == 81


def peak_kib() -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def test_b5_a_gzip_bomb_of_a_gibibyte_takes_less_than_50_mib(scene: Scene) -> None:
    scene.poll()
    scene.box.fault("gzip-bomb", on=COUNTERS)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before = peak_kib()
    assert "longer than 4 MiB" in scene.failure(BadReply).reason
    assert peak_kib() - before < 50 * 1024
    scene.box.mend()
    scene.poll()


@pytest.mark.parametrize(
    ("fault", "options"), [("stall", {}), ("drip", {"seconds": 0.02}), ("drip", {"seconds": 30.0})]
)
def test_b6_what_does_not_end_is_given_up_with_the_poll(scene: Scene, fault: str, options: dict[str, Any]) -> None:
    scene.poll()
    scene.box.fault(fault, on=COUNTERS, **options)
    scene.gives_up()
    scene.gives_up()
    scene.box.mend()
    scene.poll()
    assert scene.box.audit().logins == 1


def test_b6_a_login_that_stalls_is_not_begun_anew_by_each_poll(scene: Scene) -> None:
    scene.box.fault("stall", on="login", seconds=0.5)
    for _ in range(3):
        scene.gives_up(0.1)
    scene.box.mend()
    assert len(scene.box.audit().of("login")) == 1
    scene.failure(Unreachable)
    scene.poll()
    scene.close_and_wait()


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    """A listener to which nothing is ever to be sent."""
    with never_called() as listener:
        yield listener


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("on", ["login", COUNTERS])
def test_b7_a_redirect_is_not_followed_and_names_where_it_leads(
    scene: Scene, elsewhere: socket.socket, status: int, on: str
) -> None:
    to = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/steal"
    scene.box.fault("redirect", on=on, to=f"{to}?\u202e", status=status)
    error = scene.failure(BadReply)
    assert f"redirects to {to}?" in error.reason
    scene.box.mend()
    scene.poll()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_b7_a_redirect_of_a_stateless_call_is_not_followed(scene: Scene, elsewhere: socket.socket, status: int) -> None:
    scene.box.fault("full", on="login")
    scene.box.fault("redirect", to=f"http://127.0.0.1:{elsewhere.getsockname()[1]}/steal", status=status)
    scene.failure(BadReply)


@pytest.mark.parametrize("status", [302, 307])
def test_b7_a_redirect_of_the_logout_is_not_followed(scene: Scene, elsewhere: socket.socket, status: int) -> None:
    scene.poll()
    scene.box.fault("redirect", on="logout", to=f"http://127.0.0.1:{elsewhere.getsockname()[1]}/steal", status=status)
    scene.close_and_wait()


def test_no_proxy_of_the_environment_is_used(
    scene: Scene, elsewhere: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{elsewhere.getsockname()[1]}")
    scene.poll()


def test_an_answer_to_a_question_nobody_asked_is_not_taken_for_the_next(scene: Scene) -> None:
    scene.poll()
    stray = HEAD + b"Content-Length: 2\r\n\r\n{}"
    scene.box.fault("raw", on=COUNTERS, times=1, data=HEAD + b"Content-Length: 2\r\n\r\n{}" + stray * 3)
    scene.failure()
    assert value(scene.poll(), TOTAL) == scene.box.truth(TOTAL)


def test_a_reply_of_http_1_0_without_a_length_is_read_to_its_end(scene: Scene) -> None:
    scene.box.fault("raw", on=COUNTERS, data=b"HTTP/1.0 200 OK\r\n\r\n" + body(good_fields()))
    assert value(scene.poll(), TOTAL) == int(good_fields()[TOTAL])


def test_connections_that_are_never_kept_are_no_trouble(scene: Scene) -> None:
    scene.box.switch(keep_alive=False)
    for _ in range(3):
        scene.later(61)
    assert scene.box.audit().logins == 1


def test_an_http_client_that_was_closed_opens_again(scene: Scene) -> None:
    scene.poll()
    scene.run(scene.source._session._http.close())
    scene.poll()
