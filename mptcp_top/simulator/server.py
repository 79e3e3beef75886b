"""The HTTP face of an appliance: aiohttp for what is well-formed, the bare connection for what is not."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import struct
from contextlib import suppress
from email.utils import formatdate
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from aiohttp import web

from mptcp_top.errors import SettingsError
from mptcp_top.simulator.faults import MANGLED, SUBSTITUTES
from mptcp_top.simulator.messages import Reply, Request
from mptcp_top.simulator.nitro import answer, note
from mptcp_top.simulator.wire import WIRES
from mptcp_top.text import printable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from threading import RLock

    from aiohttp.abc import AbstractStreamWriter

    from mptcp_top.simulator.appliance import Appliance
    from mptcp_top.simulator.faults import Fault, Faults

_ENOUGH_WAITING: Final = 256 * 1024  # bytes in the send buffer from which on a sender waits
_QUIET: Final = logging.getLogger("mptcp_top.simulator.aiohttp")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


class Server:
    """An address where appliances listen; ``answering`` says which of them it is at a moment.

    It runs in the event loop it was started in; ``lock`` guards what threads share.
    """

    def __init__(
        self, answering: Callable[[float], Appliance], faults: Faults, now: Callable[[], float], lock: RLock
    ) -> None:
        self._answering, self._faults, self._now, self._lock = answering, faults, now, lock
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()
        self.bugs: list[Exception] = []  # ours, not a client's: whoever runs the server raises them
        self._connections: WeakSet[asyncio.BaseTransport] = WeakSet()

    async def start(self, address: str, port: int, tls: ssl.SSLContext | None) -> int:
        """Listen and return the port.

        Raises:
            SettingsError: nobody can listen there.
        """
        application = web.Application(logger=_QUIET, client_max_size=1 << 20)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            application, access_log=None, logger=_QUIET, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, address, port, ssl_context=tls, reuse_address=True)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            self._runner = None
            raise SettingsError(_cannot_listen(address, port, error)) from error
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Hang up on everybody and listen no more."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        asked = Request(
            request.method,
            request.url.raw_path,
            request.url.raw_query_string,
            {name.lower(): value for name, value in request.headers.items()},
            await request.read(),
        )
        audit = self._answering(self._now()).audit
        with self._lock:
            audit.begin()
            if request.transport is not None and request.transport not in self._connections:
                self._connections.add(request.transport)
                audit.connections += 1
        try:
            return await self._respond(request, asked)
        except Exception as error:
            self.bugs.append(error)
            raise
        finally:
            with self._lock:
                audit.end()

    async def _respond(self, request: web.Request, asked: Request) -> web.StreamResponse:
        with self._lock:
            now = self._now()
            box = self._answering(now)
            reply, fault = self._decide(box, asked, now)
            switches = box.switches
        line = _Line(request, self._stopping)
        try:
            if switches.latency_seconds:
                await line.pause(switches.latency_seconds)
            if fault is not None and fault.name in WIRES:
                await WIRES[fault.name](line, reply, **fault.options)
                return _HungUp()
        except _Gone:
            return _HungUp()
        headers = [*reply.all_headers(), ("Date", formatdate(box.born + now, usegmt=True))]
        response = web.Response(status=reply.status, reason=reply.reason, body=reply.body, headers=headers)
        if not switches.keep_alive:
            response.force_close()
        return response

    def _decide(self, box: Appliance, asked: Request, now: float) -> tuple[Reply, Fault | None]:
        """Return the reply, honest or spoilt, and the fault that meets the request if one does."""
        fault = self._faults.meeting(asked.path)
        if fault is not None and fault.name in SUBSTITUTES:
            reply = SUBSTITUTES[fault.name](**fault.options)
            note(box, asked, now, reply, fault.name)
            return reply, fault
        reply = answer(box, asked, now, fault.name if fault else "")
        if fault is not None and fault.name in MANGLED:
            reply = MANGLED[fault.name](reply, **fault.options)
        return reply, fault


class Deaf:
    """A listener that accepts connections and never says a word: a TLS handshake with it stalls."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self, address: str) -> int:
        """Listen and return the port."""
        self._server = await asyncio.start_server(self._accept, address, 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _accept(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)

    async def stop(self) -> None:
        """Hang up on everybody and listen no more."""
        if self._server is None:
            return
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()


class _Gone(Exception):
    """The client or the simulation is gone."""


class _Line:
    """The connection a request came over, for replies that are none."""

    def __init__(self, request: web.Request, stopping: asyncio.Event) -> None:
        self._transport = request.transport
        self._stopping = stopping

    async def send(self, data: bytes) -> None:
        transport = self._open()
        transport.write(data)
        while transport.get_write_buffer_size() > _ENOUGH_WAITING:
            await self.pause(0.005)

    async def pause(self, seconds: float | None) -> None:
        self._open()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        self._open()

    def reset(self) -> None:
        transport = self._open()
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    def _open(self) -> asyncio.Transport:
        if self._transport is None or self._transport.is_closing() or self._stopping.is_set():
            raise _Gone
        return self._transport


class _HungUp(web.Response):
    """What aiohttp gets where the connection was served by hand: it has nothing to send and closes it."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:  # noqa: ARG002  # as aiohttp has it
        raise ConnectionResetError("this connection was served by hand")


def _cannot_listen(address: str, port: int, error: OSError) -> str:
    where = f"{printable(address, 60)}:{port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is taken: stop what listens there, or give another --port"
    if error.errno == errno.EACCES:
        return f"listening on {where} is not allowed: give a --port from 1024 on"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{printable(address, 60)} is no address of this host: give one as --listen"
    return f"cannot listen on {where}: {printable(error.strerror or str(error))}"
