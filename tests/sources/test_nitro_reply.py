"""What an appliance says, and the reaction it calls for: errorcodes, HTTP statuses, and texts that are no JSON."""

from __future__ import annotations

import json

import pytest

from mptcp_top.errors import AuthFailed, BadReply, NoAccess, SourceError, Unreachable, Unsupported
from mptcp_top.sources.nitro.context import PARTS, Part, _facts_in
from mptcp_top.sources.nitro.reply import Answer, SessionOver, TableFull, document_of, understand
from tests.sources.nitro_replies import WHAT, body, error_body, good_fields

HTML = b"<html><head><title>NetScaler</title></head><body><form action='/login/do_login'></form></body></html>"
REACTIONS: list[tuple[int, type[SourceError]]] = [
    *((code, AuthFailed) for code in (354, 355, 1034, 1045, 1046, 1047)),
    *((code, SessionOver) for code in (352, 444, 471, 1026, 1027)),
    *((code, TableFull) for code in (445, 446, 10020)),
    *((code, NoAccess) for code in (257, 269, 371, 2138)),
    *((code, Unsupported) for code in (258, 460, 1232, 356, 1066, 1067)),
    *((code, BadReply) for code in (1, -1, 278, 1090, 1097, 1244, 2652, 999_999_999_999)),
]
HOSTILE = [
    "\x1b]0;owned\x07",
    "\x1b[2J\x1b[31m",
    "\x9b31m",
    "\x1b]52;c;aGk=\x07",
    "a\u202eb",
    "a\u200bb",
    "\x00",
    "x[/nope]y\x1b",
    "[@click=app.quit]host[/]\x7f",
    "\ud800",
    "\u2028",
    "\r\nX",
    "x" * 100_000,
]


def fate(status: int, raw: bytes, location: str = "") -> SourceError:
    with pytest.raises(SourceError) as caught:
        understand(Answer(status, raw, location), WHAT)
    return caught.value


@pytest.mark.parametrize(("code", "error"), REACTIONS)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 503, 599])
def test_the_errorcode_decides_whatever_the_http_status_is(code: int, error: type[SourceError], status: int) -> None:
    assert type(fate(status, error_body(code))) is error
    assert type(fate(status, error_body(str(code)))) is (error if code >= 0 else type(fate(status, b"{}")))


@pytest.mark.parametrize(("code", "_error"), REACTIONS)
def test_the_reason_holds_the_code_and_what_the_appliance_says(code: int, _error: type[SourceError]) -> None:
    reason = fate(599, error_body(code, "In its own words")).reason
    assert f"NITRO error {code}: In its own words" in reason


def test_a_missing_right_names_the_command() -> None:
    error = fate(403, error_body(2138, "Not authorized to execute this command [stat protocol mptcp]"))
    assert error.reason == (
        "the user has no right to: stat protocol mptcp "
        "(NITRO error 2138: Not authorized to execute this command [stat protocol mptcp])"
    )
    assert '"^stat protocol mptcp$"' in error.advice  # without the end it would allow clearing them


def test_braces_in_a_message_are_text() -> None:
    assert "{what} {0} {said}" in fate(599, error_body(2138, "{what} {0} {said}")).reason


@pytest.mark.parametrize("code", [1034, 1045, 1046, 1047])
def test_who_cannot_enter_by_a_machine_is_told_to_log_in_by_hand(code: int) -> None:
    assert "by hand" in fate(401, error_body(code)).advice


def test_a_warning_is_no_error() -> None:
    raw = body(good_fields()).replace(b'"errorcode": 0', b'"errorcode": 1028').replace(b"NONE", b"WARNING")
    assert understand(Answer(209, raw), WHAT).last("errorcode") == 1028


@pytest.mark.parametrize("message", [None, 3, ["a"], {"a": 1}, True])
def test_a_message_that_is_no_text_is_left_out(message: object) -> None:
    assert "no message" in fate(599, error_body(2652, message)).reason


def test_a_message_nested_as_deep_as_can_be_is_left_out() -> None:
    raw = b'{"errorcode": 2652, "severity": "ERROR", "message": ' + b"[" * 900 + b"]" * 900 + b"}"
    assert isinstance(fate(599, raw), BadReply)


@pytest.mark.parametrize(
    ("status", "raw", "error", "says"),
    [
        (503, HTML, Unreachable, "not ready"),
        (502, b"", Unreachable, "not ready"),
        (504, b"{}", Unreachable, "not ready"),
        (401, HTML, SessionOver, "refuses the session"),
        (401, b"", SessionOver, "refuses the session"),
        (403, HTML, NoAccess, "forbids"),
        (404, HTML, BadReply, "HTML page"),
        (500, HTML, BadReply, "HTML page"),
        (599, b"", BadReply, "empty"),
        (200, HTML, BadReply, "HTML page"),
        (200, b"\n \t" + HTML, BadReply, "HTML page"),
        (200, b"", BadReply, "empty"),
        (200, b" \r\n", BadReply, "empty"),
        (204, b"", BadReply, "empty"),
        (101, b"", BadReply, "empty"),
        (200, b"{}", BadReply, "does not say whether"),
        (200, b'{"errorcode": null}', BadReply, "does not say whether"),
        (200, b'{"errorcode": true}', BadReply, "does not say whether"),
        (200, b'{"errorcode": 0.0}', BadReply, "does not say whether"),
        (200, b'{"errorcode": NaN}', BadReply, "does not say whether"),
        (200, b'{"errorcode": ' + b"9" * 5000 + b"}", BadReply, "does not say whether"),
        (200, b'{"errorcode": "' + b"9" * 5000 + b'"}', BadReply, "does not say whether"),
        (500, b'{"errorcode": 0}', BadReply, "does not say whether"),
        (200, b"[]", BadReply, "not an object"),
        (200, b"null", BadReply, "not an object"),
        (200, b"0", BadReply, "not an object"),
        (200, b'"errorcode"', BadReply, "not an object"),
        (200, b"9" * 5000, BadReply, "not an object"),
        (200, b"NaN", BadReply, "not an object"),
        (200, b'{"errorcode": 0', BadReply, "cut off"),
        (200, b'{"errorcode": 0}}', BadReply, "cut off"),
        (200, b'{"errorcode": 0} {"errorcode": 0}', BadReply, "cut off"),
        (200, b'{"errorcode": 0, "message": "\xff\xfe"}', BadReply, "cut off"),
        (200, b'{"errorcode": 0, "message": "\x00"}', BadReply, "cut off"),
        (200, b"\x00" * 100, BadReply, "cut off"),
        (200, b"SSH-2.0-OpenSSH_9.2", BadReply, "cut off"),
        (200, b"[" * 200_000, BadReply, "nested too deep"),
        (200, b'{"a":' * 200_000, BadReply, "nested too deep"),
        (200, b'{"errorcode": 0, "protocolmptcp": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", BadReply, "too deep"),
    ],
)
def test_an_answer_without_a_readable_code_goes_by_its_status(
    status: int, raw: bytes, error: type[SourceError], says: str
) -> None:
    found = fate(status, raw)
    assert type(found) is error
    assert says in found.reason


def test_a_byte_order_mark_is_skipped() -> None:
    assert understand(Answer(200, b"\xef\xbb\xbf" + body(good_fields())), WHAT).last("message") == "Done"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_json_in_another_encoding_is_read(encoding: str) -> None:
    raw = body(good_fields()).decode().encode(encoding)
    assert understand(Answer(200, raw), WHAT).last("message") == "Done"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304, 300])
def test_a_redirect_is_an_error_that_names_where_to(status: int) -> None:
    error = fate(status, body(good_fields()), "https://elsewhere.example/\x1b[2J\u202e")
    assert type(error) is BadReply
    assert "redirects to https://elsewhere.example/·[2J·" in error.reason


def test_a_redirect_to_nowhere_is_one_too() -> None:
    assert "redirects to nowhere" in fate(302, b"").reason


def test_keys_that_occur_twice_are_all_there_and_the_last_one_counts() -> None:
    found = document_of(b'{"a": 1, "b": 2, "a": 3}')
    assert found == [("a", 1), ("b", 2), ("a", 3)]
    assert (found.last("a"), found.last("c"), found.last("c", 7)) == (3, None, 7)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_come_out_printable_and_short(text: str) -> None:
    errors = [fate(599, error_body(code, text)) for code, _ in REACTIONS] + [fate(302, b"", text)]
    for error in errors:
        for shown in (error.reason, error.advice, str(error)):
            assert shown.isprintable()
            assert len(shown) <= 400


@pytest.mark.parametrize("part", PARTS, ids=[part.resource for part in PARTS])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_facts_come_out_printable_and_short(part: Part, text: str) -> None:
    fields = dict.fromkeys(part.facts, text)
    for shape in (fields, [fields]):
        raw = json.dumps({"errorcode": 0, part.resource: shape}).encode()
        for said in _facts_in(understand(Answer(200, raw), part.what), part).values():
            assert said.isprintable()
            assert len(said) <= 120
