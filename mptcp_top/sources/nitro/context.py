"""Who answers: host name, build, HA role, boot time. Each may be missing; none is worth losing the counters for."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.errors import AuthFailed, BadReply, NoAccess, SourceError, Unsupported
from mptcp_top.model import Identity
from mptcp_top.sources.nitro.counters import resource_of
from mptcp_top.sources.nitro.reply import SessionOver
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.sources.nitro.reply import Fields
    from mptcp_top.sources.nitro.session import Session

EVERY_SECONDS: Final = 60.0
BOOT_JITTER_SECONDS: Final = 5.0
_BUILD: Final = re.compile(
    r"NS\s*(?P<release>[\d.]+).*?Build\s+(?P<build>[\d.]+?)(?:\.[a-z]+)?\s*(?:,|$)", re.IGNORECASE
)
_START: Final = "%a %b %d %H:%M:%S %Y"


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


class Context:
    """What is known of who answers. What cannot be read keeps what was read before."""

    def __init__(self) -> None:
        self._facts: dict[str, str] = {}
        self._withheld: dict[str, str] = {}
        self._due = float("-inf")
        self._boot: str | None = None
        self._started: float | None = None

    @property
    def knows_its_boot(self) -> bool:
        """Whether a change of the boot time would be noticed."""
        return self._started is not None or "started" in self._facts

    def due(self, monotonic: float) -> bool:
        """Whether it is time to look again."""
        return monotonic >= self._due

    def expire(self) -> None:
        """Look again at the next chance: something is not as it was."""
        self._due = float("-inf")

    async def read(self, session: Session, monotonic: float) -> None:
        """Ask for every part once, one after the other; a part that is refused is left out.

        Raises:
            SourceError: the connection or the session is gone, which the counters would notice as well.
        """
        self._due = monotonic + EVERY_SECONDS
        found: dict[str, str] = {}
        for part in PARTS:
            try:
                found.update(_facts_in(await session.get(part.path, part.what), part))
                self._withheld.pop(part.what, None)
            except (NoAccess, Unsupported, BadReply) as error:
                self._withheld[part.what] = error.reason
        self._facts.update(found)
        self._note_boot()

    def _note_boot(self) -> None:
        """Take a new boot identity where the box is another or its start is not the one known, give or take seconds."""
        text = self._facts.get("started", "")
        started = _seconds_of(text)
        same = text and started is not None and self._started is not None
        if same and abs((started or 0.0) - (self._started or 0.0)) <= BOOT_JITTER_SECONDS:
            return
        if text:
            self._started = started
            self._boot = f"{text} {self._facts.get('host', '')}".strip()

    def identity(self, notices: tuple[str, ...]) -> Identity:
        """Return it as the header shows it."""
        facts = dict(self._facts)
        if self._withheld:
            facts["not readable"] = "; ".join(f"{what}: {reason}" for what, reason in self._withheld.items())
        return Identity(
            host=facts.pop("host", ""),
            product=_product_of(facts.get("version", "")),
            boot=self._boot,
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


def _seconds_of(start: str) -> float | None:
    try:
        return time.mktime(time.strptime(start, _START))
    except (ValueError, OverflowError):
        return None
