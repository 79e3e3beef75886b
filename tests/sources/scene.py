"""A NetScaler source and what it talks to, over real sockets, with a clock that the test turns."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import pytest

from mptcp_top.errors import SourceError
from mptcp_top.model import Secret, Target
from mptcp_top.settings import Access
from mptcp_top.simulator.running import Box, Simulation
from mptcp_top.sources.netscaler import NetScalerSource
from mptcp_top.sources.nitro.address import address_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator
    from types import TracebackType

    from mptcp_top.model import Sample

T = TypeVar("T")
USER: Final = "monitor"
PASSWORD: Final = "throw away ä%&"
ENOUGH_SECONDS: Final = 30.0
"""For what does not hang. What does is given up after much less."""

COUNTERS: Final = "protocolmptcp"


@dataclass
class Clock:
    """Seconds that pass when the test says so, for appliance and source alike."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Login:
    """Who knows the password, and how often that was asked for."""

    user: str = USER
    secret: str = PASSWORD
    asked: int = 0

    def password(self) -> Secret:
        self.asked += 1
        return Secret(self.secret)

    def refused(self) -> None:
        """Nothing to be done about it here."""


@dataclass
class Scene:
    """One source and the appliances of a scenario. Everything async happens in one loop, a call at a time."""

    scenario: Any = "constant"
    options: dict[str, Any] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    login: Login = field(default_factory=Login)

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        self._sources: list[NetScalerSource] = []
        self.simulation = Simulation(
            self.scenario, user=USER, password=PASSWORD, clock=self.clock, wall=1_795_255_200.0, **self.options
        )
        self.simulation.__enter__()
        self.boxes = list(self.simulation.appliances.values())
        self.box: Box = self.boxes[0]
        self.source = self.source_at(self.box.url)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for source in self._sources:
                self.run(source.close())
        finally:
            self.simulation.__exit__(kind, error, trace)
            with suppress(TimeoutError):
                self.run(_hung_up(), 5)
            self._runner.close()

    def run(self, work: Awaitable[T], seconds: float = ENOUGH_SECONDS) -> T:
        """Do something in the loop of this scene, within so many seconds."""

        async def bounded() -> T:
            async with asyncio.timeout(seconds):
                return await work

        return self._runner.run(bounded())

    def source_at(self, url: str, name: str = "ns1", **access: Any) -> NetScalerSource:  # noqa: ANN401  # of Access
        """Return a source that this scene closes in the end."""
        known = Access(url, **{"timeout": ENOUGH_SECONDS, **access})
        source = NetScalerSource(Target(name, "netscaler", url), address_of(url), known, self.login, self.clock)
        self._sources.append(source)
        return source

    def use(self, source: NetScalerSource) -> None:
        """Poll another source from now on."""
        self.source = source

    def poll(self, seconds: float = ENOUGH_SECONDS) -> Sample:
        return self.run(self.source.poll(), seconds)

    def later(self, seconds: float) -> Sample:
        """Let time pass and poll."""
        self.clock.now += seconds
        return self.poll()

    def failure(self, kind: type[SourceError] = SourceError) -> SourceError:
        """Poll, and return what came instead of a sample: exactly such an error, with clean texts."""
        with pytest.raises(SourceError) as caught:
            self.poll()
        assert kind is SourceError or type(caught.value) is kind, repr(caught.value)
        assert (caught.value.reason + caught.value.advice).isprintable()
        assert PASSWORD not in caught.value.reason + caught.value.advice
        return caught.value

    def gives_up(self, seconds: float = 0.2) -> None:
        """Poll something that does not answer, as long as the collector would wait."""
        with pytest.raises(TimeoutError):
            self.poll(seconds)

    def close(self) -> None:
        self.run(self.source.close(), 10)

    def close_and_wait(self) -> None:
        """Close, and let the sessions end that nobody could give back: those the appliance had denied, for instance."""
        self.close()
        self.clock.now += 200

    def assert_well_behaved(self) -> None:
        """Assert what holds for every box at any time, and that nobody is logged in any more."""
        for box in self.boxes:
            audit = box.audit()
            assert audit.clearstats == 0
            assert audit.secrets_in_url == 0
            assert audit.in_flight_maximum <= 1
            assert box.sessions() == 0


async def _hung_up() -> None:
    """Wait until the connections are gone: TLS says goodbye, which takes the other side a moment to answer."""
    selector = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]  # nothing public tells
    while len(selector.get_map()) > 1:  # noqa: ASYNC110  # one is the loop's own; no event tells
        await asyncio.sleep(0.001)


def value(sample: Sample, name: str) -> int | None:
    return sample.values[sample.layout.index[name]]


class Floating:
    """An address that leads to one box and later to another, as that of an HA pair does. Lives in a scene's loop."""

    def __init__(self, scene: Scene, box: Box) -> None:
        self._scene, self._box = scene, box
        self._writers: list[asyncio.StreamWriter] = []
        self._pumps: set[asyncio.Task[None]] = set()
        self._frozen = False
        self._server = scene.run(self._listen())
        self.url = box.url.replace(str(box.port), str(self._server.sockets[0].getsockname()[1]))

    def move(self, box: Box) -> None:
        """Lead to another box from now on; connections to the first one are gone."""
        self._box = box
        self._scene.run(self._drop())

    def freeze(self) -> None:
        """Pass nothing on any more, and close nothing; who connects now is accepted, and that is all."""
        self._frozen = True
        for pump in self._pumps:
            pump.cancel()
        self._scene.run(asyncio.wait(self._pumps))
        self._pumps.clear()

    def close(self) -> None:
        self._server.close()
        self._scene.run(self._drop())

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._frozen:
            self._writers.append(writer)
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._box.port)
        self._writers += [writer, back]
        for source, sink in ((reader, back), (there, writer)):
            pump = asyncio.create_task(_pump(source, sink))
            self._pumps.add(pump)

    async def _drop(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        await asyncio.gather(*self._pumps)
        self._pumps.clear()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await source.read(1 << 16):
            sink.write(part)
            await sink.drain()
    sink.close()


@contextmanager
def never_called() -> Iterator[socket.socket]:
    """A listener to which nothing is ever to connect."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener
        with pytest.raises(BlockingIOError):
            listener.accept()
