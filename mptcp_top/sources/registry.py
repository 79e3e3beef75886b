"""From what the user calls a target to the source that reads it. A new kind of source adds its line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from mptcp_top.errors import SettingsError
from mptcp_top.model import Sample, Target
from mptcp_top.settings import DEFAULTS_TABLE, FASTEST_SECONDS, Access
from mptcp_top.sources.linux import LinuxSource
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mptcp_top.sources.nitro.session import Credentials


class Source(Protocol):
    """One target's reader. Opened by its first poll, closed by whoever polled it."""

    target: Target

    async def poll(self) -> Sample:
        """Read the target once. Raises `SourceError` and nothing else that is not a bug."""

    async def close(self) -> None:
        """Give back what it holds. Safe to call twice, and raises nothing: at the end nobody can act on it."""


class SourceKind(NamedTuple):
    """A kind of source: how to make one, what people call it, and whether it wants a login.

    It is polled every ``interval_seconds`` unless told otherwise, and never faster than ``fastest_seconds``. It takes
    stock of its counters every ``beat_seconds`` and then gives their rates itself; 0 where it counts at every moment.
    ``same_boot`` says whether two boot identities, of different processes of ours, are of one boot.
    """

    make: Callable[[Target, Access, Credentials | None], Source]
    called: str
    interval_seconds: float
    logs_in: bool
    fastest_seconds: float = FASTEST_SECONDS
    why_no_faster: str = ""
    beat_seconds: float = 0.0
    same_boot: Callable[[str, str], bool] = str.__eq__


def _linux(target: Target, access: Access, credentials: Credentials | None) -> Source:
    del access, credentials  # a kernel asks for neither
    return LinuxSource(target)


def _netscaler(target: Target, access: Access, credentials: Credentials | None) -> Source:
    from mptcp_top.sources.netscaler import NetScalerSource  # noqa: PLC0415  # brings an HTTP client along
    from mptcp_top.sources.nitro.address import address_of  # noqa: PLC0415

    if credentials is None:
        raise SettingsError(f"{target.name}: a NetScaler wants a user and a password")
    return NetScalerSource(target, address_of(target.address), access, credentials)


def _same_boot_of_a_netscaler(one: str, other: str) -> bool:
    from mptcp_top.sources.nitro.context import same_boot  # noqa: PLC0415  # not for those who watch a kernel

    return same_boot(one, other)


SOURCES: Final[Mapping[str, SourceKind]] = {
    "linux": SourceKind(
        _linux,
        "a kernel",
        interval_seconds=1.0,
        logs_in=False,
        why_no_faster="ten times a second is more than anybody reads",
    ),
    "netscaler": SourceKind(
        _netscaler,
        "a NetScaler",
        interval_seconds=5.0,
        logs_in=True,
        fastest_seconds=1.0,
        why_no_faster="it refreshes its counters every 7 s and logs every request",
        beat_seconds=7.0,
        same_boot=_same_boot_of_a_netscaler,
    ),
}


def target_of(name: str, access: Access | None = None) -> Target:
    """Return the target a user calls ``name``, found where ``access`` says, or where the name itself does.

    >>> target_of("local:red")
    Target(name='local:red', source='linux', address='red', caution='')

    Raises:
        SettingsError: there is no such kind of target, or it may not be reached that way.
    """
    access = access or Access(name)
    text = access.address
    kind, _, rest = text.partition(":")
    if kind == "local" and (rest or ":" not in text) and printable(text) == text:
        if "/" in rest and not rest.startswith("/"):
            raise SettingsError(f"{text}: a network namespace is a name (ip netns list) or an absolute path")
        return Target(name, "linux", rest)
    if text == "local:":
        raise SettingsError("local: names no network namespace: give local:NETNS (ip netns list), or just local")
    return _appliance(name, access)


def _appliance(name: str, access: Access) -> Target:
    from mptcp_top.sources.nitro.address import address_of  # noqa: PLC0415  # not for those who watch a kernel

    address = address_of(access.address)
    if not address.secure and not access.allow_http:
        raise SettingsError(
            f"{address.origin} would carry user and password in clear text: give https://, "
            "or --allow-http if that is meant"
        )
    if not address.secure:
        _refuse_checks_without_tls(address.origin, access)
    caution = "TLS not verified" if access.insecure else ""
    return Target(name, "netscaler", address.origin, caution if address.secure else "no TLS")


def _refuse_checks_without_tls(origin: str, access: Access) -> None:
    """Refuse what would be ignored. The defaults of the config file are not meant for this target in particular."""
    for name in ("pin", "cacert", "insecure"):
        whence = access.origins.get(name, "given")
        if getattr(access, name) and whence != DEFAULTS_TABLE:
            raise SettingsError(
                f"{name} ({whence}) is about certificates, and {origin} has none, being unencrypted: give https://, "
                f"or drop {name}"
            )


def source_of(target: Target, access: Access, credentials: Credentials | None = None) -> Source:
    """Return the source that reads ``target``; nothing is opened before its first poll.

    Raises:
        SettingsError: a file it needs is not what it should be.
    """
    return SOURCES[target.source].make(target, access, credentials)
