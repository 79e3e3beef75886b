"""Connections between the two hosts of a laboratory, and waiting for what they bring about."""

from __future__ import annotations

import select
import time
from contextlib import contextmanager
from dataclasses import dataclass
from socket import AF_INET, SHUT_WR, SOCK_STREAM, socket
from typing import TYPE_CHECKING, Final

from .laboratory import FIRST, Lab, Route
from .namespace import LabError, Namespace, counters, mptcp_sockets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IPPROTO_MPTCP: Final = 262
PATIENCE_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.002
CHUNK: Final = 1 << 16


def wait_until(condition: Callable[[], bool], claim: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Return as soon as a condition holds; raise LabError if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"after {seconds:g} s it is still not so that {claim}")
        time.sleep(POLL_SECONDS)


class Watch:
    """The counters of a namespace, seen from the moment the watch began."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self._before = counters(namespace)

    def increases(self) -> dict[str, int]:
        """Return what moved so far, and by how much."""
        now = counters(self._namespace)
        return {name: value - self._before[name] for name, value in now.items() if value != self._before[name]}

    def moved(self, **least: int) -> bool:
        """Return whether each of some counters has moved by at least so much."""
        increases = self.increases()
        return all(increases.get(name, 0) >= increase for name, increase in least.items())


@contextmanager
def awaiting(namespace: Namespace, **least: int) -> Iterator[None]:
    """Do something, then wait until it has moved counters of a namespace by at least so much."""
    watch = Watch(namespace)
    yield
    wait_until(lambda: watch.moved(**least), f"{least} moved in {namespace}")


@contextmanager
def settling(lab: Lab) -> Iterator[None]:
    """Do something, then wait until the kernels have buried every MPTCP socket it made."""
    hosts = (lab.client, lab.server)
    before = [mptcp_sockets(host) for host in hosts]
    yield
    wait_until(lambda: [mptcp_sockets(host) for host in hosts] == before, "all MPTCP sockets are gone")


def _mptcp_socket() -> socket:
    made = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP)
    made.settimeout(PATIENCE_SECONDS)
    return made


@contextmanager
def listening(lab: Lab) -> Iterator[socket]:
    """Open an MPTCP listener on all addresses of the server."""
    with lab.server.call(_mptcp_socket) as listener:
        listener.bind(("", 0))
        listener.listen(64)
        yield listener


@dataclass(frozen=True, slots=True)
class Connection:
    """Both ends of one established connection."""

    client: socket
    server: socket

    @property
    def port(self) -> int:
        """The server's port."""
        port: int = self.server.getsockname()[1]
        return port

    def exchange(self) -> None:
        """Send a byte to the server and one back: afterwards both ends are fully established."""
        for sender, receiver in ((self.client, self.server), (self.server, self.client)):
            sender.sendall(b"!")
            if receiver.recv(1) != b"!":
                raise LabError("the connection ended in the middle of an exchange")

    def upload(self, size: int) -> int:
        """Send bytes to the server, which reads them as they come; return how many arrived."""
        sent = received = 0
        chunk = bytes(CHUNK)
        while received < size:
            writing = [self.client] if sent < size else []
            readable, writable, _ = select.select([self.server], writing, [], PATIENCE_SECONDS)
            if not readable and not writable:
                raise LabError(f"the transfer stalled at {received} of {size} bytes")
            if writable:
                sent += self.client.send(chunk[: size - sent])
            if readable:
                received += len(self.server.recv(CHUNK))
        return received

    def finish(self) -> None:
        """Close in an orderly way: the client first, nothing left unread."""
        self.client.shutdown(SHUT_WR)
        for end in (self.server, self.client):
            while end.recv(CHUNK):
                pass
            end.close()


def opened(lab: Lab, listener: socket, route: Route = FIRST) -> Connection:
    """Open a connection from the client to a listener."""
    client = lab.client.call(_mptcp_socket)
    try:
        client.connect((route.server, listener.getsockname()[1]))
        server, _ = listener.accept()
    except OSError:
        client.close()
        raise
    server.settimeout(PATIENCE_SECONDS)
    return Connection(client, server)


@contextmanager
def connected(lab: Lab, route: Route = FIRST) -> Iterator[Connection]:
    """Open a connection that has carried a byte each way, and close whatever is left of it."""
    with settling(lab), listening(lab) as listener:
        connection = opened(lab, listener, route)
        with connection.client, connection.server:
            yield connection
