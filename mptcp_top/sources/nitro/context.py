"""Who answers: host name, build, HA role, boot time. Each may be missing; none is worth losing the counters for."""

from __future__ import annotations

import asyncio
import re
import time
from calendar import timegm
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.errors import AuthFailed, SourceError
from mptcp_top.model import Identity
from mptcp_top.sources.nitro.counters import resource_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.sources.nitro.reply import Fields
    from mptcp_top.sources.nitro.session import Session

EVERY_SECONDS: Final = 60.0
NOT_READABLE: Final = "not readable"
"""The fact that says what could not be read, and why."""

BOOT_JITTER_SECONDS: Final = 5.0
_BUILD: Final = re.compile(
    r"NS\s*(?P<release>[\d.]+).*?Build\s+(?P<build>[\d.]+?)(?:\.[a-z]+)?\s*(?:,|$)", re.IGNORECASE
)
_START: Final = "%a %b %d %H:%M:%S %Y"
_START_LENGTH: Final = 24


class Part(NamedTuple):
    """One companion of the counters: where it is, the command it answers, and the facts taken from it."""

    path: str
    resource: str
    what: str
    facts: Mapping[str, str]


PARTS: Final = (
    Part("/nitro/v1/stat/system", "system", "stat system", {"starttime": "started"}),
    Part("/nitro/v1/stat/hanode", "hanode", "stat ha node", {"hacurmasterstate": "ha_role", "hacurstatus": "ha"}),
    Part("/nitro/v1/config/nshostname", "nshostname", "show ns hostName", {"hostname": "host"}),
    Part("/nitro/v1/config/nsversion", "nsversion", "show ns version", {"version": "version"}),
)


class _Boot(NamedTuple):
    """When which box began to count, as far as it tells."""

    text: str
    host: str
    seconds: float | None

    def same_as(self, other: _Boot) -> bool:
        """Whether both are one boot of one box; the start it tells of wavers by seconds.

        >>> at_noon = _Boot("12:00", "ns1", 43200.0)
        >>> at_noon.same_as(_Boot("12:00:03", "ns1", 43203.0)), at_noon.same_as(_Boot("12:00", "ns2", 43200.0))
        (True, False)
        """
        if self.host and other.host and self.host != other.host:
            return False
        if self.seconds is None or other.seconds is None:
            return self.text == other.text
        return abs(self.seconds - other.seconds) <= BOOT_JITTER_SECONDS


class Context:
    """What is known of who answers. What cannot be read keeps what was read before."""

    def __init__(self) -> None:
        self._parts = list(PARTS)
        self._facts: dict[str, str] = {}
        self._withheld: dict[str, str] = {}
        self._due = float("-inf")
        self._boot: _Boot | None = None
        self._boot_name: str | None = None

    def due(self, monotonic: float) -> bool:
        """Whether it is time to look again."""
        return monotonic >= self._due

    def expire(self) -> None:
        """Look again at the next chance: something is not as it was."""
        self._due = float("-inf")

    async def read(self, session: Session, monotonic: float, seconds: float) -> bool:
        """Ask for every part once, one after the other, and return whether one of them told the boot time.

        A part that is refused is left out. One that does not answer within these ``seconds`` goes to the end of the
        queue, and what it kept from being asked is asked at the next chance.
        """
        if seconds <= 0:
            return False
        self._due = monotonic + EVERY_SECONDS
        found: dict[str, str] = {}
        deadline = asyncio.get_running_loop().time() + seconds
        for number, part in enumerate(tuple(self._parts), 1):
            try:
                async with asyncio.timeout_at(deadline):
                    found.update(_facts_in(await session.ask(part.path, part.what), part))
            except TimeoutError:
                self._withheld[part.what] = "no answer in time"
                self._parts.remove(part)
                self._parts.append(part)
                if number < len(self._parts):
                    self.expire()
                break
            except SourceError as error:
                self._withheld[part.what] = error.reason
                if isinstance(error, AuthFailed):
                    break
            else:
                self._withheld.pop(part.what, None)
        self._facts.update(found)
        if "started" in found:
            self._note_boot(found)
        return "started" in found

    def _note_boot(self, found: Mapping[str, str]) -> None:
        """Take a new boot identity where the box is another or its start is not the one known, give or take seconds."""
        boot = _Boot(found["started"], found.get("host", ""), _seconds_of(found["started"]))
        if self._boot is None or not boot.same_as(self._boot):
            self._boot_name = f"{boot.text} {boot.host}".strip()
        elif not boot.host:
            boot = boot._replace(host=self._boot.host)
        self._boot = boot

    def identity(self, notices: tuple[str, ...]) -> Identity:
        """Return it as the header shows it."""
        facts = dict(self._facts)
        if self._withheld:
            facts[NOT_READABLE] = "; ".join(f"{what}: {reason}" for what, reason in self._withheld.items())
        return Identity(
            host=facts.pop("host", ""),
            product=_product_of(facts.get("version", "")),
            boot=self._boot_name,
            facts=facts,
            notices=notices,
            role=_role_of(facts),
        )


def _facts_in(document: Fields, part: Part) -> dict[str, str]:
    """Return the facts in a reply; config resources come in a list, whatever the appliance's documents say."""
    fields = resource_of(document, part.resource)
    found = ((fact, fields.last(key)) for key, fact in part.facts.items())
    return {fact: printable(said, 120) for fact, said in found if isinstance(said, str) and said}


def _product_of(version: str) -> str:
    """Return the product and build in a few words.

    >>> _product_of("NetScaler NS14.1: Build 51.80.nc, Date: Sep  5 2025, 07:15:39   (64-bit)"), _product_of("")
    ('NetScaler 14.1-51.80', 'NetScaler')
    """
    found = _BUILD.search(version)
    return f"NetScaler {found['release']}-{found['build']}" if found else "NetScaler"


def _role_of(facts: Mapping[str, str]) -> str:
    """Return the HA role, empty where there is no HA.

    >>> _role_of({"ha_role": "Primary", "ha": "YES"}), _role_of({"ha_role": "Primary", "ha": "NO"}), _role_of({})
    ('primary', '', '')
    """
    return facts.get("ha_role", "").lower() if facts.get("ha", "").upper() == "YES" else ""


def same_boot(one: str, other: str) -> bool:
    """Whether two boot identities that two processes told are of one boot of one box: their seconds may differ.

    >>> same_boot("Sat Nov 21 09:59:58 2026 ns1", "Sat Nov 21 10:00:01 2026 ns1")
    True
    >>> same_boot("Sat Nov 21 09:59:58 2026 ns1", "Sat Nov 21 09:59:58 2026 ns2")
    False
    """
    return _boot_named(one).same_as(_boot_named(other))


def _boot_named(name: str) -> _Boot:
    """Return the boot that has this name (see `Context`): its start, of a fixed length if it is a date, and the host.

    >>> _boot_named("Sat Nov  7 09:59:58 2026").host, _boot_named("at noon ns1").text
    ('', 'at noon ns1')
    """
    start = name[:_START_LENGTH]
    seconds = _seconds_of(start)
    return _Boot(name, "", None) if seconds is None else _Boot(start, name[_START_LENGTH:].strip(), seconds)


def _seconds_of(start: str) -> float | None:
    try:
        return timegm(time.strptime(start, _START))  # in whatever zone: only differences matter
    except (ValueError, OverflowError):
        return None
