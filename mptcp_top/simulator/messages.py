"""Requests and replies as values, and every way an appliance says no."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from mptcp_top.simulator.replies import envelope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEADERS: Final = (
    ("Server", "Apache"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Expires", "Thu, 19 Nov 1981 08:52:00 GMT"),
    ("Cache-Control", "no-store, no-cache, must-revalidate, post-check=0, pre-check=0"),
    ("Pragma", "no-cache"),
    ("Vary", "Accept-Encoding"),
    ("Feature-Policy", "camera 'none'; microphone 'none'; geolocation 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-XSS-Protection", "1; mode=block"),
    ("X-Content-Type-Options", "nosniff"),
)
"""The header set of a real 13.x appliance."""

JSON: Final = "application/json; charset=utf-8"
HTML: Final = "text/html; charset=utf-8"
REASONS: Final = {
    200: "OK",
    201: "Created",
    209: "X-NITRO-WARNING",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    503: "Service Unavailable",
    599: "Netscaler specific error",
}

ERRORS: Final = {
    257: (599, "Operation not permitted"),
    258: (404, "No such resource"),
    278: (400, "Invalid argument [{}]"),
    354: (401, "Invalid username or password"),
    444: (401, "Session expired or killed. Please login again"),
    446: (400, "Connection limit to CFE exceeded"),
    1027: (401, "Not logged in or connection timed out"),
    1028: (209, "You are connected to a secondary node; configuration changes made here are not propagated"),
    1034: (200, "Login challenged"),
    1045: (401, "EULA is not accepted"),
    1046: (401, "ForcePasswordChange: the password must be changed before anything else"),
    1047: (401, "The default password is not allowed"),
    1090: (599, "No such argument [{}]"),
    1097: (599, "Invalid argument value [{}]"),
    1232: (599, "Invalid object name [{}]"),
    1244: (401, "Use of Basic Authentication is Disabled."),
    2138: (403, "Not authorized to execute this command [{}]"),
}
"""Errorcodes with the HTTP status they come under and their text; both can be given otherwise."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. ``query`` is as sent, without the question mark; header names are in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def parameters(self) -> dict[str, str]:
        """The parts of the query, decoded."""
        parts = (part.partition("=") for part in self.query.split("&") if part)
        return {unquote(key): unquote(value) for key, _, value in parts}

    @property
    def args(self) -> dict[str, str]:
        """What ``args=`` says: ``detail:true,clearstats:full`` are two of them."""
        parts = (part.partition(":") for part in self.parameters.get("args", "").split(",") if part)
        return {key.strip(): unquote(value.strip()) for key, _, value in parts}

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies, decoded: a token is sent raw by some clients and percent-encoded by others."""
        return dict(cookies_of(self.headers.get("cookie", "")))


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP reply, before anything happens to it on the wire."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    errorcode: int = 0

    @property
    def reason(self) -> str:
        """The words behind the status."""
        return REASONS.get(self.status, "Unknown")

    def all_headers(self) -> list[tuple[str, str]]:
        """Return every header but the length, in order."""
        return [*HEADERS, *self.headers, ("Content-Type", self.content_type)]

    def as_bytes(self) -> bytes:
        """Return the reply as it goes over the wire."""
        return self.head(len(self.body)) + self.body

    def head(self, length: int | None) -> bytes:
        """Return status line and headers, with a length if there is one to claim."""
        lines = [f"HTTP/1.1 {self.status} {self.reason}", *(f"{name}: {value}" for name, value in self.all_headers())]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


class Refused(Exception):
    """The appliance says no."""

    def __init__(self, code: int, about: str = "", status: int | None = None) -> None:
        usual, text = ERRORS[code]
        super().__init__(text.format(about))
        self.code = code
        self.status = usual if status is None else status

    def reply(self) -> Reply:
        """Return what it answers."""
        body = envelope((), self.code, str(self), "ERROR")
        return Reply(self.status, body, errorcode=self.code)


def page(status: int, heading: str, text: str) -> Reply:
    """Return an HTML page, as the web server in front of NITRO gives them."""
    body = f"<html><head><title>{heading}</title></head><body><h1>{heading}</h1><h4>{text}</h4></body></html>\n"
    return Reply(status, body.encode(), HTML)


def cookies_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a Cookie header.

    >>> list(cookies_of("SESSID=x; NITRO_AUTH_TOKEN=%23%23AB"))
    [('SESSID', 'x'), ('NITRO_AUTH_TOKEN', '##AB')]
    """
    for part in text.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            yield name, unquote(value.strip('"'))
