"""NITRO REST: from a request and a moment to the reply an appliance gives, and the record it keeps of it."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qs, quote

from mptcp_top.simulator.audit import Record
from mptcp_top.simulator.messages import HTML, JSON, Refused, Reply, Request, cookies_of, page
from mptcp_top.simulator.replies import envelope
from mptcp_top.simulator.resources import RESOURCES

if TYPE_CHECKING:
    from mptcp_top.simulator.accounts import Account
    from mptcp_top.simulator.appliance import Appliance

ROOT: Final = "/nitro/v1/"
VENDOR_LOGIN: Final = "application/vnd.com.citrix.netscaler.login+json"
_TOKENS: Final = ("NITRO_AUTH_TOKEN", "sessionid")
_GONE: Final = "SESSID=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/"


class Caller(NamedTuple):
    """Who asks, how that is known, and the session's token if there is one."""

    account: Account
    authentication: str
    token: str = ""


class HtmlRefused(Exception):
    """The web server in front of NITRO says no, in HTML."""

    def __init__(self, status: int, heading: str, text: str) -> None:
        super().__init__(text)
        self.page = page(status, heading, text)


def answer(box: Appliance, request: Request, now: float, fault: str = "") -> Reply:
    """Return the reply of an appliance at a moment, and note the request in its audit, with what will befall it."""
    box.settle(now)
    visit = _Visit(box, request, now)
    try:
        reply = visit.reply()
    except Refused as refused:
        reply = refused.reply()
    except HtmlRefused as refused:
        reply = refused.page
    who = (visit.authentication, visit.user)
    _record(box, request, Record(now, request.method, "", {}, *who, reply.status, reply.errorcode, fault))
    return reply


def note(box: Appliance, request: Request, now: float, reply: Reply, fault: str = "") -> None:
    """Write a request that the appliance never saw into its audit."""
    _record(box, request, Record(now, request.method, "", {}, "", "", reply.status, reply.errorcode, fault))


def _record(box: Appliance, request: Request, record: Record) -> None:
    box.audit.add(record, request, [account.password for account in box.accounts.values()])


class _Visit:
    """One request on its way through an appliance."""

    def __init__(self, box: Appliance, request: Request, now: float) -> None:
        self._box, self._request, self._now = box, request, now
        self.authentication = ""
        self.user = ""

    def reply(self) -> Reply:
        """Return the reply.

        Raises:
            Refused, HtmlRefused: the appliance says no.
        """
        if self._box.history.booting(self._now):
            raise HtmlRefused(503, "Service Unavailable", "The service is temporarily unavailable.")
        method, path = self._request.method, self._request.path
        if not path.startswith(ROOT) or path == ROOT:
            raise HtmlRefused(404, "Not Found", "The requested URL was not found on this server.")
        resource = path.removeprefix(ROOT).rstrip("/")
        if method == "POST" and resource in {"config/login", "config/logout", "config"}:
            return self._log_in_or_out(resource)
        return self._read(resource)

    def _log_in_or_out(self, resource: str) -> Reply:
        kind = self._request.headers.get("content-type", "").split(";")[0].strip().lower()
        text = self._request.body.decode("utf-8", "replace")
        if kind == "application/x-www-form-urlencoded":
            text = parse_qs(text).get("object", [""])[0]
        try:
            asked = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Refused(278, "object") from error
        if not isinstance(asked, dict):
            raise Refused(278, "object")
        wanted = resource.removeprefix("config").strip("/") or next(iter(asked), "")
        if wanted == "logout":
            return self._log_out()
        if wanted != "login" or not isinstance(asked.get("login"), dict):
            raise Refused(278, "login")
        return self._log_in(asked["login"], vendor=kind == VENDOR_LOGIN)

    def _log_in(self, asked: dict[str, Any], *, vendor: bool) -> Reply:
        self.authentication, self.user = "login", str(asked.get("username", ""))
        account = self._proven(self.user, str(asked.get("password", "")))
        idle_seconds = self._box.sessions.idle_seconds(_seconds(asked.get("timeout")))
        if idle_seconds is None:
            raise Refused(1097, "timeout")
        self._need_a_place()
        session = self._box.sessions.open(account.name, idle_seconds, self._now)
        self._box.audit.logins += 1
        encoded = quote(session.token, safe="")
        if vendor:
            return Reply(201, b"", HTML, (("Set-Cookie", f"NITRO_AUTH_TOKEN={encoded}; path=/nitro/v1"),))
        cookies = (("Set-Cookie", _GONE), ("Set-Cookie", f"sessionid={encoded}; path=/nitro/v1"))
        return Reply(201, envelope([("sessionid", json.dumps(session.token))]), JSON, cookies)

    def _log_out(self) -> Reply:
        caller = self._identify()
        self._box.sessions.close(caller.token)
        self._box.audit.logouts += 1
        return Reply(201, envelope())

    def _proven(self, user: str, password: str) -> Account:
        account = self._box.accounts.get(user)
        if account is None or not account.proves(password):
            self._box.audit.failed_logins += 1
            raise Refused(354)
        if account.outcome:
            self._box.audit.failed_logins += 1
            raise Refused(account.outcome)
        return account

    def _need_a_place(self) -> None:
        if self._box.sessions.full(self._now):
            raise Refused(446, status=self._box.switches.full_status)

    def _identify(self) -> Caller:
        """Return who asks.

        Raises:
            Refused, HtmlRefused: nobody we know.
        """
        caller = self._by_token() or self._by_headers() or self._by_basic()
        if caller is None:
            raise Refused(1027)
        self.authentication, self.user = caller.authentication, caller.account.name
        return caller

    def _by_token(self) -> Caller | None:
        headers, cookies = self._request.headers, self._request.cookies
        shown = [(f"cookie {name}", cookies[name]) for name in _TOKENS if name in cookies]
        sent_back = dict(cookies_of(headers.get("set-cookie", "")))
        shown += [("header Set-Cookie", sent_back[name]) for name in _TOKENS if name in sent_back]
        if not shown:
            return None
        self.authentication, token = shown[0]
        session = self._box.sessions.use(token, self._now)
        if session is None:
            switches = self._box.switches
            raise Refused(switches.expired_code, status=switches.expired_status)
        return Caller(self._box.accounts[session.user], self.authentication, token)

    def _by_headers(self) -> Caller | None:
        user = self._request.headers.get("x-nitro-user")
        if user is None:
            return None
        self.authentication, self.user = "X-NITRO-USER", user
        account = self._proven(user, self._request.headers.get("x-nitro-pass", ""))
        return self._for_one_call(account)

    def _by_basic(self) -> Caller | None:
        scheme, _, encoded = self._request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        self.authentication = "Basic"
        if not self._box.switches.basic:
            raise Refused(1244)
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
            account = self._proven(user, password)
        except (binascii.Error, UnicodeDecodeError, Refused) as error:
            raise HtmlRefused(401, "Unauthorized", "Invalid username or password") from error
        return self._for_one_call(account)

    def _for_one_call(self, account: Account) -> Caller:
        """Log in and out around one call, as an appliance does: it needs a free place for that."""
        self._need_a_place()
        self._box.audit.stateless += 1
        return Caller(account, self.authentication)

    def _read(self, name: str) -> Reply:
        caller = self._identify()
        if self._request.method != "GET":
            raise Refused(257)
        resource = RESOURCES.get(name)
        if resource is None:
            raise Refused(258)
        switches, args = self._box.switches, self._request.args
        if switches.old_firmware and name == "stat/protocolmptcp":
            raise Refused(1232, "protocolmptcp", switches.old_status)
        for key in args:
            if key not in resource.args:
                raise Refused(1090, key)
        clears = args.get("clearstats")
        command = resource.command + (" -detail" if args.get("detail", "").lower() == "true" else "")
        command += f" -clearstats {clears}" if clears else ""
        if not caller.account.may(command):
            raise Refused(2138, command)
        if clears:
            self._clear(clears)
        return self._told(resource.members(self._box, self._now))

    def _told(self, members: tuple[tuple[str, str], ...]) -> Reply:
        """Return a good reply; a secondary says so if it is asked for warnings."""
        if self._request.parameters.get("warning") == "yes" and not self._box.history.serves(self._now):
            warning = Refused(1028)
            return Reply(209, envelope(members, 1028, str(warning), "WARNING"), errorcode=1028)
        return Reply(200, envelope(members))

    def _clear(self, scope: str) -> None:
        self._box.audit.clearstats += 1
        if scope not in {"basic", "full"}:
            raise Refused(1097, "clearstats")
        self._box.clear(self._now)


def _seconds(asked: object) -> float | None:
    """Return the idle time a login asks for: a number, or a string of digits."""
    if asked is None:
        return None
    if isinstance(asked, str) and asked.isdecimal() and int(asked):
        return float(asked)
    if isinstance(asked, int | float) and not isinstance(asked, bool) and asked > 0:
        return float(asked)
    raise Refused(1097, "timeout")
