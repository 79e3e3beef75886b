"""How far one gets with an appliance: name, connection, TLS, login, counters, who it is, and what time it is there."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.catalogue.catalogue import netscaler
from mptcp_top.cli.doctor.finding import Finding, State, fails, fine, note, skipped
from mptcp_top.errors import SettingsError, SourceError
from mptcp_top.sources.netscaler import STAT, TABLE_IS_FULL, WHAT
from mptcp_top.sources.nitro.address import address_of
from mptcp_top.sources.nitro.approach import Handshake, addresses_of, connected_to, days_left, shaken_hands
from mptcp_top.sources.nitro.context import NOT_READABLE, Context
from mptcp_top.sources.nitro.counters import Counters
from mptcp_top.sources.nitro.http import Http
from mptcp_top.sources.nitro.session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from mptcp_top.cli.doctor.targets import Asks
    from mptcp_top.credentials import Credentials

    Step = Callable[[], Awaitable[Finding]]

DAYS_TO_RENEW: Final = 30
SECONDS_APART: Final = 5.0
STEPS: Final = ("name", "connection", "TLS", "login", "counters", "identity", "clock")


async def findings_of(ask: Asks) -> AsyncIterator[Finding]:
    """Yield what each step came to; after one that failed the others are skipped. One login at most, and its logout."""
    visit = _Visit(ask)
    try:
        for number, (name, step) in enumerate(visit.steps()):
            finding = await _bounded(name, step, ask.access.timeout)
            yield finding
            if finding.state is State.FAILS:
                for left in STEPS[number + 1 :]:
                    yield skipped(left, f"{name} comes first")
                break
    finally:
        await visit.close()


async def _bounded(name: str, step: Step, seconds: float) -> Finding:
    """Return what a step came to, within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await step()
    except TimeoutError:
        return fails(
            name, f"no answer within {seconds:g} s", "see that the address, port and ACLs are right, or give --timeout"
        )
    except SourceError as error:
        return fails(name, error.reason, error.advice)
    except SettingsError as error:
        return fails(name, str(error))


class _Visit:
    """One visit to an appliance, a step at a time."""

    def __init__(self, ask: Asks) -> None:
        self._ask = ask
        self._address = address_of(ask.target.address)
        self._found: list[str] = []
        self._ip = ""
        self._http: Http | None = None
        self._session: Session | None = None

    def steps(self) -> Iterator[tuple[str, Step]]:
        """Yield the steps and their names, in order."""
        steps = (self._name, self._connection, self._tls, self._login, self._counters, self._identity, self._clock)
        yield from zip(STEPS, steps, strict=True)

    async def close(self) -> None:
        """Log out, if there was a login."""
        if self._session is not None:
            await self._session.close()

    async def _name(self) -> Finding:
        self._found = await addresses_of(self._address)
        if self._found == [self._address.host]:
            return fine("name", "it is an IP address")
        return fine("name", f"{self._address.host} is {', '.join(self._found)}")

    async def _connection(self) -> Finding:
        began = time.monotonic()
        self._ip = await connected_to(self._address, self._found)
        return fine("connection", f"{self._ip} port {self._address.port}, in {_milliseconds(began)}")

    async def _tls(self) -> Finding:
        if not self._address.secure:
            return note("TLS", "none (--allow-http): user and password cross the network as they are")
        access = self._ask.access
        shown = await shaken_hands(self._ask.target.name, self._address, self._ip, access)
        says = f"{shown.version}, {shown.pin}"
        if access.pin:
            return fine("TLS", f"{says}, as pinned")
        if access.insecure:
            advice = f"trust this certificate only, if it is the right one: --pin {shown.pin}"
            return note("TLS", f"{says}, not verified (--insecure)", advice)
        return _verified(shown, says, access.cacert)

    async def _login(self) -> Finding:
        credentials, access = self._ask.credentials, self._ask.access
        if credentials is None:
            return fails("login", self._ask.trouble)
        self._http = Http(self._ask.target.name, self._address, access)
        self._session = Session(self._ask.target.name, self._http, credentials, access)
        began = time.monotonic()
        if await self._session.enter() is None:
            return note("login", TABLE_IS_FULL)
        return fine("login", f"as {text.printable(credentials.user)}, in {_milliseconds(began)}{_whence(credentials)}")

    async def _counters(self) -> Finding:
        reading = Counters().read(await self._open.get(STAT, WHAT))
        known = netscaler().entries
        names = [metric.name for metric in reading.layout.metrics]
        says = f"{len(names)} of the {len(known)} that are known of any release"
        if unknown := [name for name in names if name not in known]:
            return note("counters", f"{says}, and {len(unknown)} of them are not: {', '.join(unknown[:5])}")
        if unread := [name for name, value in zip(names, reading.values, strict=True) if value is None]:
            return note("counters", f"{says}; {len(unread)} cannot be read: {', '.join(unread[:5])}")
        return fine("counters", says)

    async def _identity(self) -> Finding:
        """Ask who it is; what it does not tell is no reason to fail."""
        context = Context()
        await context.read(self._open, time.monotonic(), self._ask.access.timeout)
        identity = context.identity(())
        says = ", ".join(part for part in (identity.product, identity.host, identity.role) if part)
        if withheld := identity.facts.get(NOT_READABLE):
            return note("identity", f"{says}; not readable: {withheld}", "without these rights the header says less")
        return fine("identity", says)

    async def _clock(self) -> Finding:
        ahead = self._http.date.ahead_seconds if self._http is not None else None
        if ahead is None:
            return note("clock", "it does not say what time it is")
        if abs(ahead) <= SECONDS_APART:
            return fine("clock", "as here, to within seconds")
        which = "ahead of" if ahead > 0 else "behind"
        says = f"it is {text.duration(abs(ahead))} {which} the clock here"
        return note("clock", says, "times in its logs differ by that from those told here; NTP would mend it")

    @property
    def _open(self) -> Session:
        if self._session is None:
            raise SettingsError("there is no session")  # steps come in order, so there always is
        return self._session


def _verified(shown: Handshake, says: str, cacert: str | None) -> Finding:
    by = f"by {text.printable(cacert)}" if cacert else "by the authorities of this system"
    days = days_left(shown)
    if days is not None and days < DAYS_TO_RENEW:
        return note("TLS", f"{says}, verified {by}; it ends in {days} days", "renew the certificate")
    return fine("TLS", f"{says}, verified {by}{'' if days is None else f', good for {days} days'}")


def _whence(credentials: Credentials) -> str:
    return f" (password: {text.printable(credentials.source)})"


def _milliseconds(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f} ms"
