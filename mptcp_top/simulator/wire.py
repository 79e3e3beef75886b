"""Faults of the connection itself: bytes that no HTTP server means to send, sent slowly, or not at all."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from mptcp_top.simulator.messages import Reply

_MEBIBYTE: Final = 1024 * 1024


class Line(Protocol):
    """A connection to a client that is waiting for a reply."""

    async def send(self, data: bytes) -> None:
        """Send bytes and wait until they are nearly gone."""

    async def pause(self, seconds: float | None) -> None:
        """Wait, for ever if None; ends early, and for good, when the client or the simulation is gone."""

    def reset(self) -> None:
        """Reset the connection (RST), throwing away what has not been sent."""


async def stall(line: Line, _reply: Reply, seconds: float | None = None) -> None:
    """Say nothing, not even a status line; after ``seconds``, if given, hang up."""
    await line.pause(seconds)


async def hang_up(_line: Line, _reply: Reply) -> None:
    """Close the connection without a word."""


async def reset(line: Line, reply: Reply, after: int = 0) -> None:
    """Reset the connection after so many bytes of the reply."""
    await line.send(reply.as_bytes()[:after])
    line.reset()


async def short_body(line: Line, reply: Reply, keep: float = 0.6) -> None:
    """Promise the whole length, send a part, and hang up."""
    await line.send(reply.head(len(reply.body)) + reply.body[: int(len(reply.body) * keep)])


async def bad_chunk(line: Line, reply: Reply) -> None:
    """Send a chunk, and then something that is none."""
    first = reply.body[:40]
    head = reply.head(None)[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"
    await line.send(head + b"%x\r\n%b\r\nxyz\r\n%b" % (len(first), first, reply.body[40:]))


async def drip(line: Line, reply: Reply, seconds: float = 0.2, size: int = 1) -> None:
    """Send head and then body ``size`` bytes at a time, with a pause after each."""
    await line.send(reply.head(len(reply.body)))
    for place in range(0, len(reply.body), max(size, 1)):
        await line.send(reply.body[place : place + max(size, 1)])
        await line.pause(seconds)


async def gzip_bomb(line: Line, reply: Reply, size: int = 1024 * _MEBIBYTE) -> None:
    """Send ``size`` bytes of zeros, a thousandth of that on the wire, as a well-formed gzip stream."""
    press = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    zeros = bytes(_MEBIBYTE)
    press.compress(zeros)
    press.flush(zlib.Z_FULL_FLUSH)
    block = press.compress(zeros) + press.flush(zlib.Z_FULL_FLUSH)
    head = reply.head(None)[:-2] + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"
    await line.send(head + b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff")
    checksum = 0
    for _ in range(size // _MEBIBYTE):
        await line.send(block)
        checksum = zlib.crc32(zeros, checksum)
    length = size // _MEBIBYTE * _MEBIBYTE % (1 << 32)
    await line.send(b"\x03\x00" + checksum.to_bytes(4, "little") + length.to_bytes(4, "little"))


async def bad_status_line(line: Line, reply: Reply) -> None:
    """Begin with something that is no status line."""
    await line.send(b"ICY two hundred\r\n" + reply.as_bytes().partition(b"\r\n")[2])


async def huge_headers(line: Line, reply: Reply, size: int = 100_000) -> None:
    """Send a header longer than any client should read."""
    await line.send(reply.head(len(reply.body))[:-2] + b"X-Long: " + b"x" * size + b"\r\n\r\n" + reply.body)


async def raw(line: Line, _reply: Reply, data: bytes = b"") -> None:
    """Send exactly these bytes and hang up."""
    await line.send(data)


WIRES: Final[Mapping[str, Callable[..., Awaitable[Any]]]] = {
    "stall": stall,
    "hang-up": hang_up,
    "reset": reset,
    "short-body": short_body,
    "bad-chunk": bad_chunk,
    "drip": drip,
    "gzip-bomb": gzip_bomb,
    "bad-status-line": bad_status_line,
    "huge-headers": huge_headers,
    "raw": raw,
}
