"""The table of management sessions: an appliance has 20 places, for SSH, browsers and NITRO together."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

LIMIT: Final = 20
IDLE_SECONDS: Final = 1800.0
"""How long a session lives without a request, unless its login asks for something else."""
RESTRICTED_SECONDS: Final = 900.0
"""The longest idle time a login gets where the system parameter ``restrictedtimeout`` is on."""


class Restricted(StrEnum):
    """What ``restrictedtimeout`` makes of a login that asks for more than 900 s."""

    OFF = "off"
    REFUSE = "refuse"
    CAP = "cap"


@dataclass
class Session:
    """One login, by whom, and until when if nothing more is heard of it."""

    token: str
    user: str
    idle_seconds: float
    expires: float


@dataclass
class SessionTable:
    """Who is logged in. Moments are seconds since the start."""

    limit: int = LIMIT
    restricted: Restricted = Restricted.OFF
    peak: int = 0
    _open: dict[str, Session] = field(default_factory=dict)

    def count(self, now: float) -> int:
        """Return how many places are taken."""
        self._open = {token: session for token, session in self._open.items() if session.expires > now}
        return len(self._open)

    def full(self, now: float) -> bool:
        """Whether the next login meets errorcode 446; notes that it would take a place if not."""
        taken = self.count(now)
        self.peak = max(self.peak, min(taken + 1, self.limit))
        return taken >= self.limit

    def idle_seconds(self, asked: float | None) -> float | None:
        """Return the idle time a login gets, None if what it asks for is refused.

        >>> SessionTable().idle_seconds(None), SessionTable(restricted=Restricted.CAP).idle_seconds(7200)
        (1800.0, 900.0)
        """
        if self.restricted is Restricted.OFF:
            return IDLE_SECONDS if asked is None else asked
        if asked is not None and asked > RESTRICTED_SECONDS and self.restricted is Restricted.REFUSE:
            return None
        return min(asked or RESTRICTED_SECONDS, RESTRICTED_SECONDS)

    def open(self, user: str, idle_seconds: float, now: float) -> Session:
        """Return a new session; there must be a place left."""
        session = Session(f"##{secrets.token_hex(32).upper()}", user, idle_seconds, now + idle_seconds)
        self._open[session.token] = session
        return session

    def use(self, token: str, now: float) -> Session | None:
        """Return the session of a token and let its idle time begin anew, None if it is there no more."""
        self.count(now)
        session = self._open.get(token)
        if session is not None:
            session.expires = now + session.idle_seconds
        return session

    def close(self, token: str) -> None:
        """Free the place of a session, if it has one."""
        self._open.pop(token, None)

    def kill(self) -> int:
        """End every session and return how many there were."""
        killed = len(self._open)
        self._open = {}
        return killed

    def users(self, now: float) -> list[tuple[str, float]]:
        """Return who holds each place, and for how many seconds without a request."""
        self.count(now)
        return [(each.user, each.idle_seconds - (each.expires - now)) for each in self._open.values()]
