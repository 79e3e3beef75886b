"""The admin session of one appliance: log in once, log out at the end, never loop.

An appliance has 20 admin sessions in all, for SSH, GUI and NITRO together. One that is leaked locks people out, one
login a poll burns its management CPU, and wrong passwords lock the account.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, cast
from urllib.parse import unquote

from mptcp_top.errors import AuthFailed, BadReply, NoAccess, SettingsError, SourceError, Unreachable
from mptcp_top.model import Secret
from mptcp_top.sources.nitro.doors import door_of
from mptcp_top.sources.nitro.harmless import LOGIN, LOGOUT
from mptcp_top.sources.nitro.reply import Answer, Fields, SessionOver, TableFull, understand

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mptcp_top.settings import Access
    from mptcp_top.sources.nitro.http import Http

IDLE_SECONDS: Final = 180
IDLE_AT_MOST_SECONDS: Final = 900
BETWEEN_LOGINS_SECONDS: Final = 30.0
STATELESS_SECONDS: Final = 60.0
LOGIN_SECONDS: Final = 60.0
"""How long a login may take: some ask a directory first. One given up leaves a session behind, or a wrong password."""

LOGOUT_SECONDS: Final = 2.0
T = TypeVar("T")
MEND: Final = "mend user or password, then try again (r in the dashboard); trying by itself might lock the account"
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

    def refused(self) -> None:
        """Take note that the target refused the password."""


class Session:
    """Reads resources within one session. Not for two tasks at once: an appliance gets one request at a time."""

    def __init__(
        self,
        name: str,
        http: Http,
        credentials: Credentials,
        access: Access,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._credentials = credentials
        self._clock = clock
        self._idle_seconds = int(min(max(IDLE_SECONDS, 4 * (access.interval or 0.0)), IDLE_AT_MOST_SECONDS))
        self._name = name
        self._patience_seconds = access.timeout * 0.9
        self._held_back = False
        self._answers: dict[str, tuple[Answer, Fields]] = {}
        self._token: Secret | None = None
        self._login: asyncio.Task[None] | None = None
        self._entered_again = self._stateless_until = float("-inf")
        self._kept: Secret | None = None  # for the time without a session only
        self.logins = 0

    @property
    def stateless(self) -> bool:
        """Whether each request brings its own credentials, because the table of sessions is full."""
        return self._token is None and self._clock() < self._stateless_until

    async def enter(self) -> Secret | None:
        """Log in unless that is done, and return the token; None while each request brings its own credentials.

        Raises:
            SourceError: nobody gets in.
        """
        if self._token is None and not self.stateless:
            try:
                await self._enter()
            except TableFull:
                self._stateless_until = self._clock() + STATELESS_SECONDS
        return self._token

    async def get(self, path: str, what: str) -> Fields:
        """Return the document at ``path``, logged in again if need be; ``what`` is its command, for people.

        Raises:
            SourceError: it cannot be had.
        """
        try:
            return await self.ask(path, what)
        except SessionOver:
            self._token = None
        try:
            return await self.ask(path, what)
        except SessionOver:
            self._token = None
            raise

    async def ask(self, path: str, what: str) -> Fields:
        """Return the document at ``path``, and believe in the session even if that one says it is over.

        Raises:
            SourceError: it cannot be had.
        """
        token = await self.enter()
        if token is None:
            return await self._ask_stateless(path, what)
        return self._understood(path, await self._http.request("GET", path, _ticket(token)), what)

    def _understood(self, path: str, answer: Answer, what: str) -> Fields:
        """Return what an answer says; the same object for the same bytes, as they come between two refreshes."""
        known = self._answers.get(path)
        if known is not None and known[0] == answer:
            return known[1]
        document = understand(answer, what)
        self._answers[path] = answer, document
        return document

    async def close(self) -> None:
        """Log out and give everything back. What cannot be told to the appliance ends by its idle timeout."""
        with suppress(SourceError, TimeoutError):  # it is the end, and nobody is left to be told
            async with asyncio.timeout(LOGOUT_SECONDS):
                if self._login is not None and not self._login.done():
                    await asyncio.shield(self._login)
                await self._log_out()
        if self._login is not None:
            self._login.cancel()
            await asyncio.gather(self._login, return_exceptions=True)
        self._token = self._kept = self._login = None
        self._answers.clear()
        await self._http.close()

    async def _log_out(self) -> None:
        """Give the session back; a connection that the appliance closed meanwhile is not the end of it."""
        for _ in range(2):
            if self._token is None:
                break
            with suppress(Unreachable):
                await self._http.request("POST", LOGOUT, {**_ticket(self._token), **_JSON}, b'{"logout":{}}')
                self._token = None

    async def _enter(self) -> None:
        """Log in; a login under way is waited for, whoever began it, so that its session is not leaked."""
        if self._login is None or (self._login.done() and not self._was_refused_unseen()):
            left = self._entered_again + BETWEEN_LOGINS_SECONDS - self._clock()
            if left > 0:
                raise Unreachable(
                    f"the appliance ended our session again; the next login is in {left:.0f} s",
                    "somebody or something ends sessions there: see show system session",
                )
            self._login = asyncio.create_task(self._log_in(), name="login")
        login = self._login
        await asyncio.wait([login], timeout=self._patience_seconds)
        if not login.done():
            raise Unreachable(
                "the login is not answered yet", "nothing else is tried meanwhile; a directory behind it may be slow"
            )
        try:
            login.result()
        except AuthFailed:
            self._login = None
            raise

    def _was_refused_unseen(self) -> bool:
        """Whether a login that its poll did not wait for was refused: trying again may lock the account."""
        task = self._login
        error = None if task is None or task.cancelled() else task.exception()  # a task is no logger
        return isinstance(error, AuthFailed)

    async def _log_in(self) -> None:
        password = await self._password()
        door = door_of(self._credentials.user, password)
        async with door.one_after_the_other():
            if door.refused_by and door.refused_by != self._name and not self._held_back:
                self._held_back = True  # the next try is somebody's wish: nothing is tried by itself
                raise AuthFailed(f"not tried: {door.refused_by} has just refused the same user and password", MEND)
            try:
                self._token = await self._knock(password)
            except AuthFailed:
                door.refused_by = self._name
                self._credentials.refused()
                raise
            door.opened, door.refused_by, self._held_back = True, "", False
        self._kept = None
        if self.logins:
            self._entered_again = self._clock()
        self.logins += 1

    async def _knock(self, password: Secret) -> Secret:
        """Send the login, and return the token it brings."""
        try:
            async with asyncio.timeout(LOGIN_SECONDS):
                answer = await self._http.request("POST", LOGIN, _JSON, self._login_body(password).reveal().encode())
        except TimeoutError as error:
            raise Unreachable(f"no answer to the login within {LOGIN_SECONDS:g} s") from error
        return _token_of(answer)

    async def _password(self) -> Secret:
        try:
            return await aside(self._credentials.password)
        except SettingsError as error:
            raise AuthFailed(str(error), MEND) from error

    def _login_body(self, password: Secret) -> Secret:
        login = {"username": self._credentials.user, "password": password.reveal(), "timeout": self._idle_seconds}
        return Secret(json.dumps({"login": login}))

    async def _ask_stateless(self, path: str, what: str) -> Fields:
        """Ask with user and password in the headers: a session is then taken for the length of the request only."""
        password = self._kept = self._kept or await self._password()
        headers = {"X-NITRO-USER": self._credentials.user, "X-NITRO-PASS": password.reveal()}
        try:
            return understand(await self._http.request("GET", path, headers), what)
        except (SessionOver, AuthFailed) as error:  # there is no session, so it is the password that is refused
            self._kept = None
            raise AuthFailed(error.reason, MEND) from error


async def aside(work: Callable[[], T]) -> T:
    """Do something that may take its time in a thread that nobody waits for at the end, and return its result."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(cast("T", result))

    def run() -> None:
        result, failed = None, None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  # raised again where it is waited for
            failed = error
        with suppress(RuntimeError):  # the loop is closed: it is the end, and nobody asks any more
            loop.call_soon_threadsafe(settle, result, failed)

    Thread(target=run, name="password", daemon=True).start()
    return await outcome


def _ticket(token: Secret) -> Mapping[str, str]:
    return {"Cookie": f"NITRO_AUTH_TOKEN={token.reveal()}"}


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
