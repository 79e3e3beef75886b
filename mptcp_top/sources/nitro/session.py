"""The admin session of one appliance: log in once, log out at the end, never loop.

An appliance has 20 admin sessions in all, for SSH, GUI and NITRO together. One that is leaked locks people out, one
login a poll burns its management CPU, and wrong passwords lock the account.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import unquote

from mptcp_top.errors import AuthFailed, BadReply, NoAccess, SettingsError, SourceError, Unreachable
from mptcp_top.model import Secret
from mptcp_top.sources.nitro.reply import Answer, Fields, SessionOver, TableFull, understand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.sources.nitro.http import Http

LOGIN: Final = "/nitro/v1/config/login"
LOGOUT: Final = "/nitro/v1/config/logout"
IDLE_SECONDS: Final = 180
IDLE_AT_MOST_SECONDS: Final = 900
BETWEEN_LOGINS_SECONDS: Final = 30.0
STATELESS_SECONDS: Final = 60.0
LOGOUT_SECONDS: Final = 2.0
MEND: Final = "mend user or password and press r; nothing is tried by itself, so as not to lock the account"
_JSON: Final = {"Content-Type": "application/json"}
_COOKIES: Final = ("NITRO_AUTH_TOKEN", "sessionid")
_TOKEN_AT_MOST: Final = 4096


class Credentials(Protocol):
    """Whoever knows the user and the password; asked at each login, so that a changed password is picked up."""

    @property
    def user(self) -> str:
        """The user name."""

    def password(self) -> Secret:
        """Return the password. Raises SettingsError where it cannot be had any more; may take its time."""


class Session:
    """Reads resources within one session. Not for two tasks at once: an appliance gets one request at a time."""

    def __init__(self, http: Http, credentials: Credentials, interval_seconds: float, login_seconds: float) -> None:
        self._http = http
        self._credentials = credentials
        self._idle_seconds = int(min(max(IDLE_SECONDS, 4 * interval_seconds), IDLE_AT_MOST_SECONDS))
        self._login_seconds = login_seconds
        self._token: Secret | None = None
        self._login: asyncio.Task[None] | None = None
        self._entered_again = self._stateless_until = float("-inf")
        self._kept: Secret | None = None  # for the time without a session only
        self.logins = 0

    @property
    def stateless(self) -> bool:
        """Whether each request brings its own credentials, because the table of sessions is full."""
        return self._token is None and time.monotonic() < self._stateless_until

    async def enter(self) -> None:
        """Log in unless that is done, so that the time a read takes is the read's own.

        Raises:
            SourceError: nobody gets in.
        """
        if self._token is None and not self.stateless:
            try:
                await self._enter()
            except TableFull:
                self._stateless_until = time.monotonic() + STATELESS_SECONDS

    async def get(self, path: str, what: str) -> Fields:
        """Return the document at ``path``, logged in for it if need be; ``what`` is its command, for people.

        Raises:
            SourceError: it cannot be had.
        """
        for again in (False, True):
            await self.enter()
            if self.stateless:
                return await self._get_stateless(path, what)
            try:
                return understand(await self._http.request("GET", path, self._ticket()), what)
            except SessionOver:
                self._token = None
                if again:
                    raise
        raise AssertionError("the loop above returns or raises")

    async def close(self) -> None:
        """Log out and give everything back. What cannot be told to the appliance ends by its idle timeout."""
        with suppress(SourceError, TimeoutError):  # it is the end, and nobody is left to be told
            async with asyncio.timeout(LOGOUT_SECONDS):
                if self._login is not None and not self._login.done():
                    await asyncio.shield(self._login)
                if self._token is not None:
                    await self._http.request("POST", LOGOUT, {**self._ticket(), **_JSON}, b'{"logout":{}}')
        if self._login is not None:
            self._login.cancel()
            await asyncio.gather(self._login, return_exceptions=True)
        self._token = None
        await self._http.close()

    async def _enter(self) -> None:
        """Log in; a login under way is waited for, whoever began it, so that its session is not leaked."""
        if self._login is None or self._login.done():
            left = self._entered_again + BETWEEN_LOGINS_SECONDS - time.monotonic()
            if left > 0:
                raise Unreachable(
                    f"the appliance ended our session again; the next login is in {left:.0f} s",
                    "somebody or something ends sessions there: see show system session",
                )
            self._login = asyncio.create_task(self._log_in(), name="login")
        login = self._login
        await asyncio.shield(login)

    async def _log_in(self) -> None:
        password = await self._password()
        try:
            async with asyncio.timeout(self._login_seconds):
                answer = await self._http.request("POST", LOGIN, _JSON, self._login_body(password).reveal().encode())
        except TimeoutError as error:
            raise Unreachable(f"no answer to the login within {self._login_seconds:g} s") from error
        if self.logins:
            self._entered_again = time.monotonic()
        self._token = _token_of(answer)
        self.logins += 1

    async def _password(self) -> Secret:
        try:
            return await asyncio.to_thread(self._credentials.password)
        except SettingsError as error:
            raise AuthFailed(str(error), MEND) from error

    def _login_body(self, password: Secret) -> Secret:
        login = {"username": self._credentials.user, "password": password.reveal(), "timeout": self._idle_seconds}
        return Secret(json.dumps({"login": login}))

    def _ticket(self) -> Mapping[str, str]:
        return {"Cookie": f"NITRO_AUTH_TOKEN={self._token.reveal()}"} if self._token is not None else {}

    async def _get_stateless(self, path: str, what: str) -> Fields:
        """Ask with user and password in the headers: a session is then taken for the length of the request only."""
        password = self._kept = self._kept or await self._password()
        headers = {"X-NITRO-USER": self._credentials.user, "X-NITRO-PASS": password.reveal()}
        try:
            return understand(await self._http.request("GET", path, headers), what)
        except (SessionOver, AuthFailed) as error:  # there is no session, so it is the password that is refused
            self._kept = None
            raise AuthFailed(error.reason, MEND) from error


def _token_of(answer: Answer) -> Secret:
    """Return the token of an answered login: from its body, else from its cookies, of which one may be a deletion.

    Raises:
        SourceError: the login was refused, or brought no token.
    """
    if not answer.body.strip() and 200 <= answer.status < 300:
        body = None
    else:
        try:
            body = understand(answer, "login")
        except (SessionOver, NoAccess) as error:
            raise AuthFailed(error.reason, MEND) from error
    told = None if body is None else body.last("sessionid")
    token = told if isinstance(told, str) and told else _token_in(answer.cookies)
    if token is None or len(token) > _TOKEN_AT_MOST or not _fits_a_header(token):
        raise BadReply("the login was answered without a session", "see whether this is a NITRO management address")
    return Secret(token)


def _token_in(cookies: tuple[str, ...]) -> str | None:
    for cookie in cookies:
        name, _, value = cookie.partition(";")[0].strip().partition("=")
        if name in _COOKIES and value and value != "deleted":
            return unquote(value)
    return None


def _fits_a_header(token: str) -> bool:
    return token.isascii() and token.isprintable() and not set(token) & set(' ;,"\\')
