"""What an appliance answered, understood or refused. Pure: no socket, no clock.

The envelope is that of the NITRO reference, ``{"errorcode": 0, "message": "Done", "severity": "NONE", RESOURCE: ...}``;
that the codes matter more than the HTTP status, and how they are spread over statuses, is known from real appliances.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple

from mptcp_top.errors import AuthFailed, BadReply, NoAccess, SourceError, Unreachable, Unsupported
from mptcp_top.text import printable

BODY_AT_MOST: Final = 4 << 20
"""Bytes of a reply that are read; a real one has some 10,000."""

_DIGITS_AT_MOST: Final = 20


class SessionOver(Unreachable):
    """The session is gone: log in again, once."""


class TableFull(Unreachable):
    """The appliance takes no further admin session (20 in all: SSH, GUI and NITRO together)."""


class Answer(NamedTuple):
    """An HTTP reply as it came."""

    status: int
    body: bytes
    location: str = ""
    cookies: tuple[str, ...] = ()


class Fields(list[tuple[str, Any]]):
    """A JSON object as its pairs, in order and with those that occur twice."""

    def last(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  # JSON has any type
        """Return the value of a key, the last one where there are several."""
        return next((value for key, value in reversed(self) if key == name), default)


class Unreadable:
    """Stands for a number no JSON reader should take: NaN, Infinity, thousands of digits."""


UNREADABLE: Final = Unreadable()


def document_of(body: bytes) -> Fields:
    """Return the JSON object in a body.

    Raises:
        ValueError: it holds none; the text says what it holds instead.
    """
    if not body.strip():
        raise ValueError("the reply is empty")
    try:
        found = json.loads(body, object_pairs_hook=Fields, parse_int=_whole, parse_constant=lambda _: UNREADABLE)
    except RecursionError as error:
        raise ValueError("the reply is nested too deep") from error
    except ValueError as error:
        if body.lstrip()[:1] == b"<":
            raise ValueError("the reply is an HTML page, not JSON") from error
        raise ValueError("the reply is no JSON, or is cut off") from error
    if not isinstance(found, Fields):
        raise ValueError("the reply is JSON, but not an object")  # noqa: TRY004  # a foreign value, not a wrong call
    return found


def _whole(digits: str) -> int | Unreadable:
    return int(digits) if len(digits) <= _DIGITS_AT_MOST else UNREADABLE


def understand(answer: Answer, what: str) -> Fields:
    """Return the document of an answer that says it is one; ``what`` is the command it answers, for people.

    Raises:
        SourceError: whatever it says instead, as the reaction it calls for.
    """
    if 300 <= answer.status < 400:
        raise BadReply(
            f"it redirects to {printable(answer.location, 120) or 'nowhere'}, and redirects are never followed",
            "give the address that answers itself, as in --host https://NAME:PORT",
        )
    try:
        document = document_of(answer.body)
    except ValueError as error:
        raise _by_status(answer.status, str(error)) from error
    code, message = _code_of(document), _message_of(document)
    if code and document.last("severity") != "WARNING":
        raise _by_code(code, message, what)
    if code is None or (answer.status >= 400 and not code):
        raise _by_status(answer.status, "the reply does not say whether it is an error")
    return document


def _code_of(document: Fields) -> int | None:
    code = document.last("errorcode")
    if isinstance(code, str) and code.isascii() and code.isdecimal() and len(code) <= _DIGITS_AT_MOST:
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _message_of(document: Fields) -> str:
    message = document.last("message")
    return printable(message, 160) if isinstance(message, str) else ""


class _Reaction(NamedTuple):
    """What some errorcodes call for; ``{said}`` and ``{what}`` stand for the appliance's words and the command."""

    codes: frozenset[int]
    error: type[SourceError]
    reason: str
    advice: str = ""


_BY_HAND: Final = "log in by hand once (GUI or ssh), then try again (r in the dashboard)"
_TOO_OLD: Final = "MPTCP counters need NetScaler 12.1 or later"
_REACTIONS: Final = (
    _Reaction(frozenset({352, 444, 471, 1026, 1027}), SessionOver, "the session ended ({said})"),
    _Reaction(
        frozenset({445, 446, 10020}),
        TableFull,
        "every admin session of the appliance is taken ({said})",
        "see who holds them: show system session; SSH, GUI and NITRO share 20",
    ),
    _Reaction(
        frozenset({354, 355}),
        AuthFailed,
        "user name or password refused ({said})",
        "mend it, then try again (r in the dashboard); trying by itself might lock the account",
    ),
    _Reaction(
        frozenset({1034}), AuthFailed, "it asks for a second factor, which nobody can answer here ({said})", _BY_HAND
    ),
    _Reaction(frozenset({1045}), AuthFailed, "its licence agreement is not accepted yet ({said})", _BY_HAND),
    _Reaction(frozenset({1046}), AuthFailed, "the password has to be changed first ({said})", _BY_HAND),
    _Reaction(frozenset({1047}), AuthFailed, "it does not let the default password in ({said})", _BY_HAND),
    _Reaction(
        frozenset({257, 269, 371, 2138}),
        NoAccess,
        "the user has no right to: {what} ({said})",
        'bind a command policy that allows it, as in: add system cmdPolicy mptcp-top ALLOW "^{what}$"',
    ),
    _Reaction(frozenset({258, 460, 1232}), Unsupported, "it does not know the command: {what} ({said})", _TOO_OLD),
    _Reaction(frozenset({356, 1066, 1067}), Unsupported, "the feature is not enabled or not licensed ({said})"),
)


def _by_code(code: int, message: str, what: str) -> SourceError:
    """Return the reaction that an errorcode calls for."""
    said = f"NITRO error {code}: {message or 'no message'}"
    for reaction in _REACTIONS:
        if code in reaction.codes:
            return reaction.error(reaction.reason.format(said=said, what=what), reaction.advice.format(what=what))
    return BadReply(said)


def _by_status(status: int, trouble: str) -> SourceError:
    """Return what an answer without a readable NITRO code means."""
    if status in {502, 503, 504}:
        return Unreachable(f"it is not ready (HTTP {status})", "booting appliances answer so; polling goes on")
    if status == 401:
        return SessionOver(f"it refuses the session (HTTP 401; {trouble})")
    if status == 403:
        return NoAccess(f"it forbids the request (HTTP 403; {trouble})", "see whether the address allows management")
    return BadReply(f"{trouble} (HTTP {status})", "see whether this is a management address (NSIP, or SNIP with GUI)")


def number_of(raw: object) -> float | None:
    """Return a rate in any of the shapes they come in, None where it is none.

    >>> number_of(3), number_of("0.500000"), number_of("4294967295"), number_of("NaN"), number_of(-1), number_of(1e40)
    (3.0, 0.5, None, None, None, None)
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    if isinstance(raw, str) and not _NUMBER.fullmatch(raw):
        return None
    try:
        value = float(raw)
    except OverflowError:
        return None
    return value if 0 <= value < _TOO_LARGE and value != _NOT_AVAILABLE else None


def counter_of(raw: object) -> int | None:
    """Return a total or a gauge in any of the shapes they come in, None where it is not readable.

    Appliances give them as strings, their documents as doubles; -1 in 32 bits means that it is not available.

    >>> counter_of("9007199254740993"), counter_of(17), counter_of("12.000000"), counter_of("4294967295")
    (9007199254740993, 17, 12, None)
    >>> [counter_of(raw) for raw in ("", None, True, "1,234", "-1", "1" * 5000, 1e999, 2**64 - 1)]
    [None, None, None, None, None, None, None, None]
    """
    if isinstance(raw, str):
        if len(raw) <= _DIGITS_AT_MOST and raw.isdecimal() and raw.isascii():
            return _known(int(raw))
        raw = number_of(raw) if "." in raw else None
    if isinstance(raw, float):
        return _known(int(raw)) if raw.is_integer() and 0 <= raw < 1 << 53 else None
    return _known(raw) if isinstance(raw, int) and not isinstance(raw, bool) else None


def _known(value: int) -> int | None:
    return value if 0 <= value < _TOO_LARGE and value != _NOT_AVAILABLE else None


_NUMBER: Final = re.compile(r"[0-9]{1,40}(?:\.[0-9]{0,40})?")
"""A number as a string: Python itself would also read 1_000, blanks around it, and digits of any script."""

_NOT_AVAILABLE: Final = 2**32 - 1
_TOO_LARGE: Final = 2**64 - 1
