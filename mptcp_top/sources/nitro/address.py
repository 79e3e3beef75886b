"""Where an appliance is: ``[https://]HOST[:PORT]``, or ``http://`` where the user allows it."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.text import printable

_PORTS: Final = {"https": 443, "http": 80}
_SHAPE: Final = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?:(?P<user>[^/?#]*)@)?"
    r"(?P<host>\[[^\]/?#@]*\]|[^:/?#@\[\]]+)(?::(?P<port>[^/?#@:]*))?(?P<rest>[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_NAME: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")


class Address(NamedTuple):
    """One origin: all that is ever sent to an appliance is sent there, and nowhere else."""

    scheme: str
    host: str
    port: int

    @property
    def secure(self) -> bool:
        """Whether it is spoken to over TLS."""
        return self.scheme == "https"

    @property
    def origin(self) -> str:
        """The beginning of every URL there.

        >>> address_of("[2001:db8::1]:8443").origin, address_of("ns1").origin
        ('https://[2001:db8::1]:8443', 'https://ns1')
        """
        place = self.place if self.port != _PORTS[self.scheme] else self.place.removesuffix(f":{self.port}")
        return f"{self.scheme}://{place}"

    @property
    def place(self) -> str:
        """Host and port as people write them.

        >>> address_of("[::1]").place
        '[::1]:443'
        """
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_of(text: str) -> Address:
    """Return the address a user means.

    >>> address_of("http://10.0.0.1:8080")
    Address(scheme='http', host='10.0.0.1', port=8080)

    Raises:
        SettingsError: it is none; the text says what would be one.
    """
    shown = printable(text, 80)
    found = _SHAPE.fullmatch(text)
    if found is None and text.count(":") > 1:
        raise SettingsError(f"{shown!r} is no address: an IPv6 address stands in brackets, as in [fe80::1]:8443")
    if found is None:
        raise SettingsError(f"{shown!r} is no address: give a name or an address, as in ns1, 10.0.0.1:8443, [fe80::1]")
    if found["user"] is not None:
        raise SettingsError("an address holds no user and no password: give --user, and see --help for passwords")
    scheme = (found["scheme"] or "https").lower()
    if scheme not in _PORTS:
        raise SettingsError(f"{shown!r}: give https:// (or http:// with --allow-http), not {scheme}://")
    if found["rest"] not in {None, "/"}:
        raise SettingsError(f"{shown!r}: give only the host and port; the path is NITRO's own (/nitro/v1)")
    port = found["port"]
    if port is not None and not (port.isascii() and port.isdecimal() and len(port) < 6 and 0 < int(port) < 65536):
        raise SettingsError(f"{shown!r}: a port is a number from 1 to 65535")
    return Address(scheme, _host_of(found["host"], shown), int(port) if port else _PORTS[scheme])


def _host_of(host: str, shown: str) -> str:
    if host.startswith("["):
        bare, scoped, zone = host[1:-1].partition("%")
        try:
            address = ip_address(bare)
        except ValueError:
            address = None
        if not isinstance(address, IPv6Address) or (scoped and not _NAME.fullmatch(zone)):
            raise SettingsError(f"{shown!r}: between [ and ] stands an IPv6 address")
        return host[1:-1]
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise SettingsError(f"{shown!r} is no host name: letters, digits, '-' and '.' make one")
    return host
