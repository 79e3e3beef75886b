"""A path's middle: a forwarder in user space that may edit, drop or duplicate what passes."""

from __future__ import annotations

import fcntl
import os
import selectors
import struct
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from socket import AF_INET, AF_PACKET, SOCK_DGRAM, SOCK_RAW, SOL_SOCKET, htons, socket
from threading import Thread
from typing import TYPE_CHECKING, Final, Self

from .packets import Segment

if TYPE_CHECKING:
    from .namespace import Namespace

Rule = Callable[[Segment], Sequence[bytes]]

ETH_P_ALL: Final = 3
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
SO_RCVBUFFORCE: Final = 33
SIOCETHTOOL: Final = 0x8946
ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO = 0x17, 0x1F, 0x24, 0x2C


def switch_offloads_off(interface: str) -> None:
    """Make an interface of this namespace send whole frames: no super-packets, complete checksums."""
    with socket(AF_INET, SOCK_DGRAM) as control:
        for command in (ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO):
            value = array("I", [command, 0])
            request = struct.pack("16sP16x", interface.encode(), value.buffer_info()[0])
            fcntl.ioctl(control, SIOCETHTOOL, request)


def _tap(interface: str) -> socket:
    """Return a socket that receives every frame arriving at an interface and sends any."""
    tap = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))
    tap.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    tap.setsockopt(SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
    tap.bind((interface, 0))
    tap.setblocking(False)
    return tap


def _pass(segment: Segment) -> Sequence[bytes]:
    """Let everything through."""
    return (segment.frame,)


class Middlebox:
    """Two interfaces of a namespace, and a thread that carries frames between them."""

    def __init__(self, namespace: Namespace, interfaces: tuple[str, str]) -> None:
        self._namespace = namespace
        self._interfaces = interfaces
        self._rule: Rule = _pass
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            left, right = (
                opened.enter_context(self._namespace.call(_tap, interface)) for interface in self._interfaces
            )
            selector = opened.enter_context(selectors.DefaultSelector())
            selector.register(left, selectors.EVENT_READ, right)
            selector.register(right, selectors.EVENT_READ, left)
            stop = os.eventfd(0)
            opened.callback(os.close, stop)
            selector.register(stop, selectors.EVENT_READ)
            thread = Thread(target=self._carry, args=(selector,), name="middlebox")
            thread.start()
            opened.callback(thread.join)
            opened.callback(os.eventfd_write, stop, 1)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @contextmanager
    def applying(self, rule: Rule) -> Iterator[None]:
        """Pass every TCP segment through a rule, which returns the frames to send on in its place."""
        before, self._rule = self._rule, rule
        try:
            yield
        finally:
            self._rule = before

    def _carry(self, selector: selectors.BaseSelector) -> None:
        while True:
            for key, _ in selector.select():
                if not isinstance(key.fileobj, socket):
                    return
                self._forward(key.fileobj, key.data)

    def _forward(self, arrival: socket, departure: socket) -> None:
        """Send on one frame."""
        frame = arrival.recv(65536)
        segment = Segment.of(frame)
        for edited in (frame,) if segment is None else self._rule(segment):
            departure.send(edited)
