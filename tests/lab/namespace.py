"""One network namespace: how to run things inside it, and what its kernel counters say."""

from __future__ import annotations

import ctypes
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NETNS: Final = Path("/run/netns")
CLONE_NEWNET: Final = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

P = ParamSpec("P")
T = TypeVar("T")


class LabError(Exception):
    """The laboratory could not be built or did not do what it was asked."""


def ip(*words: str) -> str:
    """Run the ``ip`` command and return what it printed."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def _enter(name: str) -> None:
    """Move the calling thread into a namespace."""
    descriptor = os.open(NETNS / name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter namespace {name}")
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A network namespace known to ``ip netns`` by its name."""

    name: str

    def __str__(self) -> str:
        return self.name

    def ip(self, *words: str) -> str:
        """Run ``ip`` inside the namespace."""
        return ip("-n", self.name, *words)

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function inside the namespace.

        It runs in a thread that ends with the call; a socket it makes belongs to the namespace for
        good and may be used from anywhere.
        """

        def inside() -> T:
            _enter(self.name)
            return function(*args, **kwargs)

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(inside).result()

    def read(self, file: str) -> str:
        """Return a file of the namespace's own ``/proc/net``."""
        return self.call(Path("/proc/thread-self/net", file).read_text)

    @contextmanager
    def sysctl(self, name: str, value: int) -> Iterator[None]:
        """Set ``net.mptcp.<name>`` for a while."""
        file = Path("/proc/sys/net/mptcp", name)
        before = self.call(file.read_text)
        self.call(file.write_text, str(value))
        try:
            yield
        finally:
            self.call(file.write_text, before)

    @contextmanager
    def endpoint(self, address: str, device: str, kind: str) -> Iterator[None]:
        """Let the path manager know an address for a while, unless it knows it as such already."""
        if kind in self._endpoint(address):
            yield
            return
        self.ip("mptcp", "endpoint", "add", address, "dev", device, kind)
        try:
            yield
        finally:
            _, _, number, *_ = self._endpoint(address)
            self.ip("mptcp", "endpoint", "delete", "id", number)

    def _endpoint(self, address: str) -> list[str]:
        """Return the words that describe an endpoint: its address, ``id``, a number, its flags."""
        lines = self.ip("mptcp", "endpoint", "show").splitlines()
        return next((words for words in map(str.split, lines) if words[0] == address), [])

    @contextmanager
    def limits(self, subflows: int, addresses: int) -> Iterator[None]:
        """Set the path manager's limits for a while: further subflows, and addresses it accepts."""
        before = self.ip("mptcp", "limits", "show").split()
        self.set_limits(subflows, addresses)
        try:
            yield
        finally:
            self.ip("mptcp", "limits", "set", *before)

    def set_limits(self, subflows: int, addresses: int) -> None:
        """Set the path manager's limits for good."""
        words = ("subflows", str(subflows), "add_addr_accepted", str(addresses))
        self.ip("mptcp", "limits", "set", *words)


def counters(namespace: Namespace) -> dict[str, int]:
    """Return the MPTCP counters of a namespace as its kernel prints them: the yardstick."""
    rows = [line.split()[1:] for line in namespace.read("netstat").splitlines() if line.startswith("MPTcpExt:")]
    if not rows:
        raise LabError("this kernel has no MPTCP")
    names, values = rows
    return dict(zip(names, map(int, values), strict=True))


def mptcp_sockets(namespace: Namespace) -> int:
    """Return how many MPTCP sockets live in a namespace, listeners and closing ones included."""
    rows = (line.split() for line in namespace.read("protocols").splitlines())
    return sum(int(row[2]) for row in rows if row[0] in {"MPTCP", "MPTCPv6"})


def received_bytes(namespace: Namespace) -> dict[str, int]:
    """Return what each interface of a namespace has received so far, headers included."""
    rows = (line.partition(":") for line in namespace.read("dev").splitlines()[2:])
    return {name.strip(): int(figures.split()[0]) for name, _, figures in rows}
