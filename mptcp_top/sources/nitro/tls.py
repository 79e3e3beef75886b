"""Whether it is the right appliance: verified by default, pinned where its certificate is self-signed."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from typing import TYPE_CHECKING, Final

from mptcp_top.errors import SettingsError
from mptcp_top.text import printable

if TYPE_CHECKING:
    from mptcp_top.sources.nitro.address import Address

LOOK_SECONDS: Final = 3.0
PIN: Final = "sha256:"


def context_of(cacert: str | None) -> ssl.SSLContext:
    """Return the context that verifies an appliance, against the system's authorities or those in a file.

    Raises:
        SettingsError: the file holds no certificate.
    """
    try:
        context = ssl.create_default_context(cafile=cacert)
    except OSError as error:  # an SSLError is one
        said = error.strerror if error.errno and not isinstance(error, ssl.SSLError) else "no certificate in PEM form"
        raise SettingsError(f"--cacert {printable(str(cacert), 120)}: {printable(str(said))}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def unverified_context() -> ssl.SSLContext:
    """Return a context that takes any certificate: to look at one, or because the user said ``--insecure``."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def digest_of(pin: str) -> bytes:
    """Return the SHA-256 digest in a pin.

    >>> digest_of("sha256:" + "00" * 32) == bytes(32)
    True
    """
    return bytes.fromhex(pin.removeprefix(PIN))


async def fingerprint_of(address: Address) -> str | None:
    """Return the pin of the certificate that is shown there, None if it cannot be had. Nothing is sent but a hello."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            transport, _ = await loop.create_connection(
                asyncio.Protocol, address.host, address.port, ssl=unverified_context(), server_hostname=address.host
            )
    except (OSError, TimeoutError):
        return None  # the reason why it cannot be trusted is on the screen already
    found = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
    transport.abort()
    return PIN + hashlib.sha256(found).hexdigest() if found else None
