"""Very many appliances for very little: what one simulated appliance answered, said again by a server of few words.

The simulator makes up each answer, and a thousand a second of these take more than a core: nothing would be left to
measure a collector on. Here every answer was made before, for every refresh of some minutes to come.
"""

import asyncio
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Final

from benchmarks.processes import in_a_child
from mptcp_top.simulator.running import Simulation

LOGIN: Final = "/nitro/v1/config/login"
STAT: Final = "/nitro/v1/stat/protocolmptcp"
OTHERS: Final = ("stat/system", "stat/hanode", "config/nshostname", "config/nsversion")
REFRESH_SECONDS: Final = 7.0
REFRESHES: Final = 60
HEAD_END: Final = b"\r\n\r\n"

Answers = Mapping[bytes, Sequence[bytes]]
"""By the path asked for: the one answer, or one for each refresh."""


def answers(user: str, password: str) -> Answers:
    """Ask a simulated appliance for everything that will be asked."""
    now = [0.0]
    with Simulation("day", user=user, password=password, clock=lambda: now[0]) as simulation:
        port = next(iter(simulation.appliances.values())).port
        login = f'{{"login": {{"username": "{user}", "password": "{password}"}}}}'
        welcome = _answer(port, f"POST {LOGIN}", "Content-Type: application/json\r\n", login)
        token = welcome.partition(b'"sessionid": "')[2].partition(b'"')[0].decode()
        cookie = f"Cookie: NITRO_AUTH_TOKEN={token}\r\n"
        found = {LOGIN.encode(): [welcome]}
        found |= {f"/nitro/v1/{path}".encode(): [_answer(port, f"GET /nitro/v1/{path}", cookie)] for path in OTHERS}
        refreshed = []
        for number in range(REFRESHES):
            now[0] = (number + 1) * REFRESH_SECONDS
            refreshed.append(_answer(port, f"GET {STAT}", cookie))
    return found | {STAT.encode(): refreshed}


def _answer(port: int, asked: str, headers: str, body: str = "") -> bytes:
    """Return an answer as it came, but for what would end the connection."""
    said = (
        f"{asked} HTTP/1.1\r\nHost: canned\r\nConnection: close\r\nContent-Length: {len(body)}\r\n{headers}\r\n{body}"
    )
    received = b""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(said.encode())
        while more := connection.recv(1 << 16):
            received += more
    return received.replace(b"Connection: close\r\n", b"")


class Canned(asyncio.Protocol):
    """One connection: whatever is asked for is answered by its path."""

    def __init__(self, known: Answers, phase: float) -> None:
        self._known, self._phase = known, phase
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to answer."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._write = transport.write

    def data_received(self, data: bytes) -> None:
        """Answer what was asked in full."""
        self._rest += data
        while HEAD_END in self._rest:
            head, _, rest = self._rest.partition(HEAD_END)
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0] or b"0")
            if len(rest) < length:
                return
            self._rest = rest[length:]
            path = head.split(b" ", 2)[1].partition(b"?")[0]
            several = self._known.get(path, self._known[LOGIN.encode()])
            refresh = int((time.monotonic() + self._phase) / REFRESH_SECONDS)
            self._write(several[min(refresh, len(several) - 1)])


async def serve(told: Connection, count: int, user: str, password: str) -> None:
    """Be so many appliances until the other side hangs up."""
    loop, known, began = asyncio.get_running_loop(), answers(user, password), time.monotonic()
    urls, servers = [], []
    for number in range(count):
        phase = number * REFRESH_SECONDS / count - began
        server = await loop.create_server(lambda phase=phase: Canned(known, phase), "127.0.0.1", 0)  # type: ignore[misc]
        urls.append(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        servers.append(server)
    told.send(urls)
    over = asyncio.Event()
    loop.add_reader(told.fileno(), over.set)
    await over.wait()


def run(told: Connection, count: int, user: str, password: str) -> None:
    asyncio.run(serve(told, count, user, password))


@contextmanager
def canned(count: int, user: str, password: str) -> Iterator[list[str]]:
    """Run so many appliances in a process of their own, and give their URLs."""
    with in_a_child(run, count, user, password) as pipe:
        yield pipe.recv()
