"""A self-signed certificate, made by the ``openssl`` command, as an appliance has one from the factory."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from mptcp_top.errors import SettingsError
from mptcp_top.text import printable

_NAMES: Final = {
    "address": ("/CN=ns default {address}", "IP:{address}"),
    "localhost": ("/CN=localhost", "DNS:localhost,IP:{address}"),
    "mismatch": ("/CN=ns.example.net", "DNS:ns.example.net"),
}
Names = Literal["address", "localhost", "mismatch"]
"""Whom a certificate speaks for: the bare address, localhost too, or somebody else altogether."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files of a certificate and its key."""

    cert: Path
    key: Path
    made: bool = False

    def context(self) -> ssl.SSLContext:
        """Return what a server needs.

        Raises:
            SettingsError: the files are not a certificate and its key.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.cert, self.key)
        except OSError as error:  # an SSLError is one, too
            raise SettingsError(
                f"--cert {printable(str(self.cert))} and --key {printable(str(self.key))} are no certificate with its "
                f"key in PEM format: {printable(error.strerror or str(error))}"
            ) from error
        return context

    def discard(self) -> None:
        """Remove the files, if they were made here."""
        if self.made:
            shutil.rmtree(self.cert.parent)


def self_signed(address: str = "127.0.0.1", names: Names = "address") -> Certificate:
    """Return a new self-signed certificate in a directory of its own.

    Raises:
        SettingsError: there is no ``openssl`` command, or it fails.
    """
    command = shutil.which("openssl")
    if command is None:
        raise SettingsError("--tls makes a certificate with openssl, which is not here: install it, or give --cert")
    folder = Path(tempfile.mkdtemp(prefix="mptcp-top-simulate-"))
    made = Certificate(folder / "certificate.pem", folder / "key.pem", made=True)
    subject, alternatives = (text.format(address=address) for text in _NAMES[names])
    arguments = [
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650"),
        *("-keyout", str(made.key), "-out", str(made.cert)),
        *("-subj", subject, "-addext", f"subjectAltName={alternatives}"),
    ]
    done = subprocess.run([command, *arguments], check=False, capture_output=True, text=True)  # noqa: S603  # no shell
    if done.returncode != 0:
        made.discard()
        raise SettingsError(f"openssl could not make a certificate: {printable(done.stderr.strip())}")
    return made
