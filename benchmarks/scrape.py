"""Prometheus scraping as many numbers from as many targets as we poll: its CPU a scrape."""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from benchmarks import processes, programs
from benchmarks.canned import HEAD_END, STAT, Answers
from benchmarks.session import Session

SIZE: Final = (120, 40)
WARM_UP_SECONDS: Final = 8.0
CONFIG: Final = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: mptcp
    static_configs: [{{targets: [{targets}]}}]
"""


class Exporter(asyncio.Protocol):
    """One connection: whatever is asked, all numbers are told, each other than the last time."""

    def __init__(self, names: Sequence[str], asked: list[int]) -> None:
        self._names, self._asked = names, asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to answer."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._write = transport.write

    def data_received(self, data: bytes) -> None:
        """Answer what was asked: a scrape has no body and comes in one piece."""
        if data.endswith(HEAD_END):
            self._asked[0] += 1
            body = "".join(f"{name} {self._asked[0] + at}\n" for at, name in enumerate(self._names)).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {len(body)}\r\n\r\n"
            self._write(head.encode() + body)


async def _serve(told: Connection, names: Sequence[str]) -> None:
    asked, over = [0], asyncio.Event()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Exporter(names, asked), "", 0)
    told.send(server.sockets[0].getsockname()[1])

    def say() -> None:
        try:
            told.recv()
            told.send(asked[0])
        except EOFError:
            loop.remove_reader(told.fileno())
            over.set()

    loop.add_reader(told.fileno(), say)
    await over.wait()


def _run(told: Connection, names: Sequence[str]) -> None:
    asyncio.run(_serve(told, names))


@contextmanager
def _exporter(names: Sequence[str]) -> Iterator[tuple[int, Connection]]:
    """Run it in a process of its own; give its port, and where to ask how often it was asked."""
    with processes.in_a_child(_run, names) as pipe:
        yield pipe.recv(), pipe


def numbers_of(said: Answers) -> int:
    """Return how many numbers an appliance tells at a poll."""
    _, _, body = said[STAT.encode()][0].partition(HEAD_END)
    told = json.loads(body)["protocolmptcp"]
    return len(told[0] if isinstance(told, list) else told)


def prometheus(names: Sequence[str], targets: int, seconds: float) -> float | None:
    """Return the microseconds of CPU a scrape takes Prometheus, or None where there is none."""
    if not (path := shutil.which("prometheus")):
        return None
    with tempfile.TemporaryDirectory(prefix="mptcp-top-bench-") as home, _exporter(names) as (port, exporter):
        where = ", ".join(f"'127.0.0.{number + 1}:{port}'" for number in range(targets))
        config = Path(home) / "prometheus.yml"
        config.write_text(CONFIG.format(targets=where), encoding="utf-8")
        options = (f"--config.file={config}", f"--storage.tsdb.path={home}/tsdb", "--web.listen-address=127.0.0.1:0")
        with Session((path, *options), SIZE, programs.ssh_environment(home)) as session:
            session.pump(WARM_UP_SECONDS)
            began, cpu = _asked(exporter), processes.cpu_seconds(session.pid)
            until = time.monotonic() + seconds
            session.pump(until - time.monotonic())
            spent, scrapes = processes.cpu_seconds(session.pid) - cpu, _asked(exporter) - began
    return spent / scrapes * 1e6 if scrapes else None


def _asked(exporter: Connection) -> int:
    exporter.send(None)
    asked: int = exporter.recv()
    return asked
