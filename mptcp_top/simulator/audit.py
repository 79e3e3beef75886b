"""What an appliance was asked: so that a test can say one login, one logout, and nothing that changes anything."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Record(NamedTuple):
    """One request and what became of it. ``at`` is in seconds since the start; it never holds a secret.

    ``authentication`` is how it said who it is: ``cookie NITRO_AUTH_TOKEN``, ``cookie sessionid``, ``header
    Set-Cookie``, ``X-NITRO-USER``, ``Basic``, ``login`` or nothing. ``fault`` names the fault that met it.
    """

    at: float
    method: str
    path: str
    args: Mapping[str, str]
    authentication: str
    user: str
    status: int
    errorcode: int
    fault: str = ""


@dataclass
class Audit:
    """Everything an appliance was asked since the start, and what that adds up to."""

    records: list[Record] = field(default_factory=list)
    logins: int = 0
    failed_logins: int = 0
    logouts: int = 0
    stateless: int = 0
    clearstats: int = 0
    secrets_in_url: int = 0
    connections: int = 0
    in_flight: int = 0
    in_flight_maximum: int = 0

    def begin(self) -> None:
        """Note that a request came in."""
        self.in_flight += 1
        self.in_flight_maximum = max(self.in_flight_maximum, self.in_flight)

    def end(self) -> None:
        """Note that it was answered, or given up."""
        self.in_flight -= 1

    def copy(self) -> Audit:
        """Return what it holds now, unchanged by what comes later."""
        return replace(self, records=list(self.records))

    def of(self, resource: str) -> list[Record]:
        """Return the requests for one resource, such as ``protocolmptcp`` or ``login``."""
        return [record for record in self.records if record.path.rstrip("/").rpartition("/")[2] == resource]
