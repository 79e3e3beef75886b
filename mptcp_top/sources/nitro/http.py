"""One HTTP exchange with one appliance: bounded, unredirected, with every foreign error translated once."""

from __future__ import annotations

import os
import ssl
import time
from typing import TYPE_CHECKING, Final, NamedTuple

import aiohttp

from mptcp_top import __version__
from mptcp_top.errors import BadReply, SourceError, Unreachable
from mptcp_top.settings import table_of
from mptcp_top.sources.nitro import tls
from mptcp_top.sources.nitro.harmless import is_harmless
from mptcp_top.sources.nitro.reply import BODY_AT_MOST, Answer
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.settings import Access
    from mptcp_top.sources.nitro.address import Address

KEEP_ALIVE_SECONDS: Final = 75.0


class Date(NamedTuple):
    """What time it is there, in the words of the last answer, and what time it was here."""

    said: str = ""
    wall: float = 0.0

    @property
    def ahead_seconds(self) -> float | None:
        """How far the clock there is ahead, to a second; None where that is not known.

        >>> Date("Sat, 21 Nov 2026 10:00:42 GMT", 1795255200.0).ahead_seconds, Date("noon").ahead_seconds
        (42.0, None)
        """
        from email.utils import parsedate_to_datetime  # noqa: PLC0415  # nobody asks while polling

        try:
            there = parsedate_to_datetime(self.said).timestamp()
        except (ValueError, OverflowError):
            return None
        behind, ahead = there - self.wall, there + 1 - self.wall  # it says whole seconds
        return 0.0 if behind <= 0 <= ahead else min(behind, ahead, key=abs)


class Http:
    """The one connection to one appliance. No cookie jar, no proxy, no redirect: what is sent goes there only.

    And only what is known to change nothing is sent at all.
    """

    def __init__(self, name: str, address: Address, access: Access) -> None:
        self._name = name
        self._address = address
        self._pin = access.pin
        self._trust: ssl.SSLContext | aiohttp.Fingerprint | bool = True
        if access.pin:
            self._trust = aiohttp.Fingerprint(tls.digest_of(access.pin))
        elif address.secure:
            self._trust = tls.unverified_context() if access.insecure else tls.context_of(access.cacert)
        self._client: aiohttp.ClientSession | None = None
        self.date = Date()

    async def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Send one request and return its answer.

        Raises:
            SourceError: there was none, or none that can be taken in.
            ValueError: it might change something, which is a bug of whoever made it.
        """
        if not self.may(method, path):
            raise ValueError(f"not sent, because it is not known to be harmless: {method} {printable(path)}")
        client = self._client = self._client or self._open()
        try:
            async with client.request(
                method, self._address.origin + path, headers=headers, data=body, allow_redirects=False
            ) as response:
                self.date = Date(response.headers.get("Date", ""), time.time())
                return Answer(
                    response.status,
                    await _bounded(response.content),
                    response.headers.get("Location", ""),
                    tuple(response.headers.getall("Set-Cookie", ())),
                )
        except (aiohttp.ClientError, aiohttp.http_exceptions.HttpProcessingError, OSError, ValueError) as error:
            raise await self._translated(error) from error

    def may(self, method: str, path: str) -> bool:
        """Whether a request may be sent."""
        return is_harmless(method, path)

    async def close(self) -> None:
        """Give the connection back."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _open(self, *middlewares: aiohttp.ClientMiddlewareType) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._trust, limit=1, keepalive_timeout=KEEP_ALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # the collector bounds the whole poll
            headers={"Accept-Encoding": "identity", "User-Agent": f"mptcp-top/{__version__}"},
            trust_env=False,
            middlewares=middlewares,
        )

    async def _translated(self, error: Exception) -> SourceError:
        """Return what a foreign error means."""
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return await distrusted(self._name, self._address, error.certificate_error)
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ServerFingerprintMismatch):
            return self._not_connected(error)
        place = self._address.place
        if isinstance(error, OSError):
            return Unreachable(f"{place}: {said_of(error)}")
        if isinstance(error, aiohttp.ClientConnectionError):
            advice = "" if self._address.secure else "if it speaks HTTPS there, give https://"
            return Unreachable(f"{place} closed the connection without an answer", advice)
        if isinstance(error, aiohttp.ClientPayloadError):
            return BadReply("the reply broke off or is wrongly encoded")
        return BadReply(f"the reply is no HTTP we can take in ({type(error).__name__})")

    def _not_connected(self, error: aiohttp.ClientConnectorError | aiohttp.ServerFingerprintMismatch) -> SourceError:
        """Return why there is no connection; the most telling kinds first."""
        place = self._address.place
        if isinstance(error, aiohttp.ServerFingerprintMismatch):
            return Unreachable(
                f"its certificate is not the pinned one: it shows {tls.PIN}{error.got.hex()}, pinned is {self._pin}",
                "nothing was sent; if the certificate was renewed, compare and pin the new one",
            )
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            return Unreachable(f"the name {self._address.host} is not known", "see: getent hosts " + self._address.host)
        hung_up = isinstance(error.os_error, ConnectionResetError) and self._address.secure  # at what we offer it
        if hung_up or isinstance(error, aiohttp.ClientConnectorSSLError):
            return Unreachable(
                f"{place} does not speak TLS as we do ({'it hung up' if hung_up else said_of(error.os_error)})",
                "see whether this port is for HTTPS, and whether TLS 1.2 is enabled on it",
            )
        return Unreachable(f"{place}: {said_of(error.os_error)}", "see that the address, port and ACLs are right")


async def distrusted(name: str, address: Address, error: Exception) -> Unreachable:
    """Return what to say where a certificate cannot be verified: which one it is, and how to trust it."""
    said = printable(getattr(error, "verify_message", "") or "it cannot be verified", 100)
    reason = f"its certificate is not trusted: {said}"
    pin = await tls.fingerprint_of(address)
    if pin is None:
        return Unreachable(reason, "give --cacert FILE with the authority that signed it")
    return Unreachable(
        f"{reason}; it is {pin}",
        f"nothing was sent. Compare that with the appliance itself; if it is the same, trust it with: --pin {pin}, "
        f'or for good with pin = "{pin}" under {table_of(name)} in the config file',
    )


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    """Return a body, and no more of it than a reply can have: a small gzip may hold gigabytes."""
    parts, size = [], 0
    async for part in content.iter_any():
        parts.append(part)
        size += len(part)
        if size > BODY_AT_MOST:
            raise BadReply(f"the reply is longer than {BODY_AT_MOST >> 20} MiB")
    return b"".join(parts)


def said_of(error: OSError) -> str:
    """Return what the system says of an error, without the noise around it."""
    if isinstance(error, ssl.SSLError):
        return printable((error.reason or "no reason given").replace("_", " ").lower(), 100)
    text = os.strerror(error.errno) if error.errno else error.strerror or str(error) or type(error).__name__
    return printable(text, 100)
