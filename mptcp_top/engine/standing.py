"""How badly a target needs a look: the order of the fleet, and the reason for it in words.

The order is a list of concerns, each worse than the one after it: down, security errors that rise, other errors that
rise, alerts, handshakes that do not come through, counters that began anew, numbers that are stale. Within one concern
the more severe counter comes first, then the higher rate. There are no weights to tune and nothing to guess:
`Standing.reason` says which it is.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mptcp_top.model import Observation


class Concern(IntEnum):
    """Why a target needs a look, the worst highest."""

    NONE = 0
    CONNECTING = 1
    STALE = 2
    CHANGED = 3
    HANDSHAKES = 4
    ALERT = 5
    ERRORS = 6
    SECURITY = 7
    DOWN = 8


class Standing(NamedTuple):
    """Where a target stands: larger is worse, and tuples compare in that order."""

    concern: Concern = Concern.NONE
    severity: int = 0
    rate: float = 0.0
    reason: str = ""


def error_rate(seen: Observation) -> float:
    """Return how fast the flagged counters that rise grow together, a second."""
    return sum(seen.error_rate(episode) or 0.0 for episode in seen.rising.values())
