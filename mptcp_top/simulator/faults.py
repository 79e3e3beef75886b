"""What can go wrong between an appliance and its client, switched on and off while it runs.

There are three kinds. `SUBSTITUTES` answer in the appliance's place, and it never sees the request. `MANGLED` replies
were honest before something spoiled them: a login behind one of them has taken its place in the session table.
`WIRES` (see `mptcp_top.simulator.wire`) take over the connection itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from inspect import signature
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.simulator.messages import HTML, JSON, Refused, Reply, page
from mptcp_top.simulator.replies import envelope
from mptcp_top.simulator.wire import WIRES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ANY: Final = "*"
HUGE: Final = 5 * 1024 * 1024


def unavailable() -> Reply:
    """Answer 503 in HTML, as while booting."""
    return page(503, "Service Unavailable", "The service is temporarily unavailable.")


def html_401() -> Reply:
    """Answer 401 in HTML, as the web server does for Basic authentication."""
    return page(401, "Unauthorized", "Invalid username or password")


def login_page(status: int = 200) -> Reply:
    """Answer with a login page, as some other product on this address would."""
    return page(status, "Please log in", "<form method='post'><input name='user'></form>")


def specific_error(code: int = 2652, message: str = "Operation failed", status: int = 599) -> Reply:
    """Answer with an errorcode in JSON, by default under 599."""
    return Reply(status, envelope((), code, message, "ERROR"), errorcode=code)


def expired(code: int = 444, status: int = 401) -> Reply:
    """Say that the session is gone, although it is not."""
    return Refused(code, status=status).reply()


def full(status: int = 400) -> Reply:
    """Say that every place for a session is taken (446)."""
    return Refused(446, status=status).reply()


def redirect(to: str, status: int = 302) -> Reply:
    """Send the client elsewhere."""
    moved = page(status, "Moved", "The document has moved.")
    return Reply(status, moved.body, HTML, (("Location", to),))


def body(raw: bytes, status: int = 200, content_type: str = JSON) -> Reply:
    """Answer with exactly these bytes as the body."""
    return Reply(status, raw, content_type)


def empty_body(reply: Reply) -> Reply:
    """Leave nothing of the body."""
    return Reply(reply.status, b"", reply.content_type, reply.headers)


def truncated_json(reply: Reply, keep: float = 0.6) -> Reply:
    """Keep a part of the body, under a length that fits it."""
    return Reply(reply.status, reply.body[: int(len(reply.body) * keep)], reply.content_type, reply.headers)


def huge_body(reply: Reply, size: int = HUGE) -> Reply:
    """Add ``size`` bytes of padding to the JSON, which stays valid."""
    return _with_members(reply, b'"padding": "' + b"x" * size + b'"')


def many_fields(reply: Reply, count: int = 100_000) -> Reply:
    """Add fields nobody has heard of to the statistics."""
    return _with_members(reply, b", ".join(b'"mptcpunheardof%d": "%d"' % (number, number) for number in range(count)))


def deep_nesting(reply: Reply, depth: int = 200_000) -> Reply:
    """Answer with brackets within brackets."""
    return Reply(reply.status, b"[" * depth + b"]" * depth, JSON)


def _with_members(reply: Reply, members: bytes) -> Reply:
    """Return a reply with more members in its object, or in that of its first resource if it has one."""
    opened = re.search(rb'"severity": "\w*", "\w+": \[?\{', reply.body) or re.search(rb"\{", reply.body)
    if opened is None:
        return Reply(reply.status, b"{" + members + b"}", JSON)
    changed = reply.body[: opened.end()] + members + b", " + reply.body[opened.end() :].lstrip()
    return Reply(reply.status, changed, reply.content_type, reply.headers, reply.errorcode)


SUBSTITUTES: Final[Mapping[str, Callable[..., Reply]]] = {
    "unavailable": unavailable,
    "html-401": html_401,
    "login-page": login_page,
    "specific-error": specific_error,
    "expired": expired,
    "full": full,
    "redirect": redirect,
    "body": body,
}
MANGLED: Final[Mapping[str, Callable[..., Reply]]] = {
    "empty-body": empty_body,
    "truncated-json": truncated_json,
    "huge-body": huge_body,
    "many-fields": many_fields,
    "deep-nesting": deep_nesting,
}
FAULT_NAMES: Final = (*SUBSTITUTES, *MANGLED, *WIRES)


@dataclass
class Fault:
    """A fault on the way to one resource (``login``, ``protocolmptcp``, ``stat/hanode``, ...) or to any.

    It lets ``skip`` requests pass, then meets the next ``times``, or all until it is removed.
    """

    name: str
    on: str = ANY
    times: int | None = None
    skip: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in FAULT_NAMES:
            raise ValueError(f"there is no fault {self.name}: there are {', '.join(FAULT_NAMES)}")
        given = () if self.name in SUBSTITUTES else ("reply",) if self.name in MANGLED else ("line", "reply")
        signature({**SUBSTITUTES, **MANGLED, **WIRES}[self.name]).bind(*given, **self.options)

    def meets(self, path: str) -> bool:
        """Whether it is about this path, and its turn; counts down."""
        if self.times == 0 or not (self.on == ANY or path.rstrip("/").endswith(f"/{self.on.strip('/')}")):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class Faults:
    """The faults in force; of several that are about the same request, the first one meets it."""

    active: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        self.active.append(fault)

    def remove(self, on: str | None = None) -> None:
        """Switch the faults of one resource off, or all."""
        self.active = [fault for fault in self.active if on is not None and fault.on != on]

    def meeting(self, path: str) -> Fault | None:
        """Return the fault that meets a request, counting down."""
        self.active = [fault for fault in self.active if fault.times != 0]
        return next((fault for fault in self.active if fault.meets(path)), None)
