"""The way to an appliance, one step after the other: its name, a connection, TLS. Nothing is sent but a TLS hello."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import time
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.errors import Unreachable
from mptcp_top.sources.nitro import tls
from mptcp_top.sources.nitro.http import distrusted, said_of
from mptcp_top.sources.nitro.session import aside

if TYPE_CHECKING:
    from mptcp_top.settings import Access
    from mptcp_top.sources.nitro.address import Address


class Handshake(NamedTuple):
    """What a TLS handshake showed: the version spoken, the certificate's pin, and when that ends (0: not known)."""

    version: str
    pin: str
    ends: float


async def addresses_of(address: Address) -> list[str]:
    """Return the IP addresses behind a name, the one to be tried first in front. Who gives up waiting is rid of it.

    Raises:
        Unreachable: there are none.
    """
    try:
        found = await aside(lambda: socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        raise Unreachable(
            f"the name {address.host} is not known", f"see: getent hosts {address.host}; or give an IP address"
        ) from error
    return list(dict.fromkeys(str(place[4][0]) for place in found))


async def connected_to(address: Address, found: list[str]) -> str:
    """Return the first of the IP addresses found that takes a connection.

    Raises:
        Unreachable: none does.
    """
    loop = asyncio.get_running_loop()
    reasons = []
    for ip in found:
        try:
            transport, _ = await loop.create_connection(asyncio.Protocol, ip, address.port)
        except OSError as error:
            reasons.append(f"{ip} port {address.port}: {said_of(error)}")
        else:
            transport.abort()
            return ip
    raise Unreachable("; ".join(reasons), "see that the address, port and ACLs are right")


async def shaken_hands(name: str, address: Address, ip: str, access: Access) -> Handshake:
    """Return what TLS shows at one of the addresses, verified as the settings of the target ``name`` ask for it.

    Raises:
        Unreachable: it is not spoken there, or the certificate is not to be trusted.
        SettingsError: there is no certificate in the file of authorities.
    """
    trusted = not (access.pin or access.insecure)
    context = tls.context_of(access.cacert) if trusted else tls.unverified_context()
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_connection(
            asyncio.Protocol, ip, address.port, ssl=context, server_hostname=address.host
        )
    except ssl.SSLCertVerificationError as error:
        raise await distrusted(name, address, error) from error
    except OSError as error:
        raise Unreachable(
            f"{address.place} does not speak TLS as we do ({said_of(error)})",
            "see whether this port is for HTTPS, and whether TLS 1.2 is enabled on it",
        ) from error
    try:
        return _shown(transport.get_extra_info("ssl_object"), access)
    finally:
        transport.abort()


def _shown(spoken: ssl.SSLObject, access: Access) -> Handshake:
    pin = tls.PIN + hashlib.sha256(spoken.getpeercert(binary_form=True) or b"").hexdigest()
    if access.pin and pin != access.pin:
        raise Unreachable(
            f"its certificate is not the pinned one: it shows {pin}, pinned is {access.pin}",
            "nothing was sent; if the certificate was renewed, compare and pin the new one",
        )
    ends = (spoken.getpeercert() or {}).get("notAfter")  # empty where it was not verified
    return Handshake(spoken.version() or "", pin, ssl.cert_time_to_seconds(str(ends)) if ends else 0.0)


def days_left(handshake: Handshake) -> int | None:
    """Return for how many days from now a certificate is good; None where that is not known."""
    return int((handshake.ends - time.time()) // 86_400) if handshake.ends else None
