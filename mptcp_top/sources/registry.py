"""From what the user calls a target to the source that reads it. A new kind of source adds its line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from mptcp_top.errors import SettingsError
from mptcp_top.model import Sample, Target
from mptcp_top.sources.linux import LinuxSource
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Source(Protocol):
    """One target's reader. Opened by its first poll, closed by whoever polled it."""

    target: Target

    async def poll(self) -> Sample:
        """Read the target once. Raises `SourceError` and nothing else that is not a bug."""

    async def close(self) -> None:
        """Give back what it holds. Safe to call twice."""


SOURCES: Final[Mapping[str, Callable[[Target], Source]]] = {"linux": LinuxSource}


def target_of(text: str) -> Target:
    """Return the target a user means by ``text``.

    >>> target_of("local:red")
    Target(name='local:red', source='linux', address='red')

    Raises:
        SettingsError: no such kind of target.
    """
    kind, _, address = text.partition(":")
    if kind == "local" and (address or ":" not in text) and printable(text) == text:
        if "/" in address and not address.startswith("/"):
            raise SettingsError(f"{text}: a network namespace is a name (ip netns list) or an absolute path")
        return Target(text, "linux", address)
    raise SettingsError(
        f"{printable(text)!r} is no target this version can read: give local (this host's kernel) "
        "or local:NETNS (one of its network namespaces, see: ip netns list)"
    )


def source_of(target: Target) -> Source:
    """Return the source that reads ``target``; nothing is opened before its first poll."""
    return SOURCES[target.source](target)
