"""A client and a server in namespaces of their own, joined by three paths."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from .middlebox import Middlebox, switch_offloads_off
from .namespace import NETNS, LabError, Namespace, ip

if TYPE_CHECKING:
    from collections.abc import Iterator

_serial = count(1)
_NAME: Final = re.compile(r"mt(\d+)-\d+[csm]")


@dataclass(frozen=True, slots=True)
class Route:
    """One way from the client to the server; both call their interface by the same name."""

    number: int
    network: str

    @property
    def interface(self) -> str:
        """The interface at either end."""
        return f"path{self.number}"

    @property
    def client(self) -> str:
        """The client's address."""
        return f"{self.network}.1"

    @property
    def server(self) -> str:
        """The server's address."""
        return f"{self.network}.2"


FIRST: Final = Route(1, "192.0.2")
SECOND: Final = Route(2, "198.51.100")
WATCHED: Final = Route(3, "203.0.113")
ROUTES: Final = (FIRST, SECOND, WATCHED)


def why_not() -> str | None:
    """Return why no laboratory can be built on this machine, or None if it can."""
    if os.geteuid() != 0:
        return "the laboratory makes network namespaces: run it as root"
    if not Path("/proc/sys/net/mptcp").is_dir():
        return "this kernel has no MPTCP"
    if shutil.which("ip") is None:
        return "the ip command is missing: install iproute2"
    try:
        ip("mptcp", "limits", "show")
    except LabError as error:
        return f"the ip command cannot set MPTCP up ({error}): install iproute2 5.9 or later"
    try:
        with _made(Namespace(f"mt{os.getpid()}-0c")):
            return None
    except LabError as error:
        return f"this machine does not let us make network namespaces ({error})"


def leftovers() -> list[Namespace]:
    """Return namespaces of laboratories whose process was killed."""
    if not NETNS.is_dir():
        return []
    names = (_NAME.fullmatch(entry.name) for entry in NETNS.iterdir())
    return [Namespace(name[0]) for name in names if name and not Path("/proc", name[1]).exists()]


@contextmanager
def _made(namespace: Namespace) -> Iterator[Namespace]:
    """Make a namespace, and delete it in the end."""
    ip("netns", "add", namespace.name)
    try:
        yield namespace
    finally:
        ip("netns", "delete", namespace.name)


class Lab:
    """Three namespaces and the paths between them, there while the context lasts.

    ``FIRST`` and ``SECOND`` are plain wires. ``WATCHED`` runs through the middlebox in the third
    namespace. The namespaces are called ``mt<pid>-<n>c``, ``s`` and ``m``.
    """

    def __init__(self) -> None:
        prefix = f"mt{os.getpid()}-{next(_serial)}"
        self.client = Namespace(f"{prefix}c")
        self.server = Namespace(f"{prefix}s")
        self.middle = Namespace(f"{prefix}m")
        self.middlebox = Middlebox(self.middle, ("client", "server"))
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            for namespace in (self.client, self.server, self.middle):
                opened.enter_context(_made(namespace))
                self._isolate(namespace)
            for route in (FIRST, SECOND):
                self._wire(self.client, route.interface, self.server, route.interface)
            self._wire(self.client, WATCHED.interface, self.middle, "client")
            self._wire(self.server, WATCHED.interface, self.middle, "server")
            opened.enter_context(self.middlebox)
            for route in ROUTES:
                self.client.ip("address", "add", f"{route.client}/24", "dev", route.interface)
                self.server.ip("address", "add", f"{route.server}/24", "dev", route.interface)
            for host in (self.client, self.server):
                host.set_limits(subflows=8, addresses=8)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def client_joins_by(self, route: Route) -> AbstractContextManager[None]:
        """Let connections of the client open a further subflow from its address on a route."""
        return self.client.endpoint(route.client, route.interface, "subflow")

    def server_signals(self, route: Route) -> AbstractContextManager[None]:
        """Let the server announce its address on a route, then withdraw it."""
        return self.server.endpoint(route.server, route.interface, "signal")

    @staticmethod
    def _isolate(namespace: Namespace) -> None:
        """Bring loopback up, keep IPv6 chatter away, let paths cross (no reverse path filter)."""
        namespace.ip("link", "set", "lo", "up")
        settings = {"ipv6/conf/default/disable_ipv6": "1"}
        settings |= {f"ipv4/conf/{which}/rp_filter": "0" for which in ("all", "default")}
        for name, value in settings.items():
            file = Path("/proc/sys/net", name)
            if namespace.call(file.exists):
                namespace.call(file.write_text, value)

    @staticmethod
    def _wire(left: Namespace, left_end: str, right: Namespace, right_end: str) -> None:
        """Lay a wire between two namespaces."""
        end = ("type", "veth", "peer", "name", right_end, "netns", right.name)
        left.ip("link", "add", left_end, *end)
        for namespace, interface in ((left, left_end), (right, right_end)):
            namespace.call(switch_offloads_off, interface)
            namespace.ip("link", "set", interface, "up")
