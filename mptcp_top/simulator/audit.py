"""What an appliance was asked: so that a test can say one login, one logout, and nothing that changes anything."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, unquote, unquote_plus

from mptcp_top.errors import SettingsError
from mptcp_top.model import Secret
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from mptcp_top.simulator.messages import Request

KEPT: Final = 10_000
"""Requests that are remembered at least; twice as many at most."""
WITHHELD: Final = "(held a secret)"
_TOKEN: Final = Secret("##")  # what every token begins with


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
    """What an appliance was asked lately, request by request, and what everything since the start adds up to."""

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
    tell: Callable[[Record], None] | None = None

    def begin(self) -> None:
        """Note that a request came in."""
        self.in_flight += 1
        self.in_flight_maximum = max(self.in_flight_maximum, self.in_flight)

    def end(self) -> None:
        """Note that it was answered, or given up."""
        self.in_flight -= 1

    def add(self, record: Record, request: Request, secrets: Iterable[Secret]) -> None:
        """Note a request, with its path and arguments unless they hold a secret."""
        url, known = f"{request.path}?{request.query}", [each for each in secrets if each]
        leaked = any(_is_in(url, each) for each in (*known, _TOKEN))
        self.secrets_in_url += leaked
        path, args = (WITHHELD, {}) if leaked else (request.path, request.args)
        user = WITHHELD if any(_is_in(record.user, each) for each in known) else record.user
        if len(self.records) >= 2 * KEPT:
            del self.records[:KEPT]
        self.records.append(record._replace(path=path, args=args, user=user))
        if self.tell is not None:
            self.tell(self.records[-1])

    def copy(self) -> Audit:
        """Return what it holds now, unchanged by what comes later."""
        return replace(self, records=list(self.records))

    def of(self, resource: str) -> list[Record]:
        """Return the requests for one resource, such as ``protocolmptcp`` or ``login``."""
        return [record for record in self.records if record.path.rstrip("/").rpartition("/")[2] == resource]


class AuditFile:
    """A file that only its owner can read, with a line of JSON for every request, as they come.

    Raises:
        SettingsError: there is such a file already, or there can be none.
    """

    def __init__(self, path: Path) -> None:
        self._shown = printable(str(path))
        self._error: OSError | None = None
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except FileExistsError as error:
            raise SettingsError(f"{self._shown} is there already: give the name of a new file") from error
        except OSError as error:
            raise SettingsError(f"{self._shown}: {error.strerror}") from error
        self._file = os.fdopen(descriptor, "wb", buffering=0)

    def write(self, appliance: str, record: Record) -> None:
        """Add a request; after the first failure no more, so that a line is whole or the last."""
        said = {"appliance": appliance, **record._asdict(), "at": round(record.at, 3), "args": dict(record.args)}
        if self._error is None:
            try:
                self._file.write(json.dumps(said).encode() + b"\n")
            except OSError as error:
                self._error = error

    def close(self) -> None:
        """Write no more.

        Raises:
            SettingsError: not everything could be written.
        """
        self._file.close()
        if self._error is not None:
            raise SettingsError(f"{self._shown} is not complete: {self._error.strerror}")


def _is_in(text: str, secret: Secret) -> bool:
    forms = (text, unquote(text), unquote_plus(text))
    return any(secret.reveal() in form for form in forms) or quote(secret.reveal(), safe="") in text
