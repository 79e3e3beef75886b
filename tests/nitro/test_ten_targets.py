"""Ten appliances, three of them in trouble: the other seven miss no poll. The time is the loop's, sockets are real."""

from __future__ import annotations

import asyncio
import selectors
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from mptcp_top.collector import Collector, Job, Pace
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Secret, Status
from mptcp_top.settings import Access
from mptcp_top.simulator.scenario import load_scenario
from mptcp_top.sources.registry import source_of, target_of
from tests.nitro.appliances import PASSWORD, USER, assert_was_a_good_guest, polls, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.model import Observation, Sample, Target
    from mptcp_top.simulator.running import Box, Simulation
    from mptcp_top.simulator.scenario import Scenario
    from mptcp_top.sources.registry import Source

T = TypeVar("T")
SECONDS: Final = 60
INTERVAL: Final = 2.0
"""Longer than the second that a login waits for the verdict on another one with the same password."""
HEALTHY: Final = tuple(f"ns{number}" for number in range(1, 8))
LORIS, FLAPPING, HOLE = "loris", "flapping", "hole"


class BrieflyWaiting(selectors.DefaultSelector):
    """A selector that gives sockets a moment, and then takes it that the time it was to wait has passed."""

    passed = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0) or super().select(min(timeout or 0.0, 0.002))
        if not found and timeout:
            self.passed += timeout
        return found


class OwnClock(asyncio.SelectorEventLoop):
    """A loop whose time jumps to the next timer when no socket has anything to say."""

    def __init__(self) -> None:
        self._selector_of_time = BrieflyWaiting()
        super().__init__(self._selector_of_time)
        self.set_default_executor(AtOnce())

    def time(self) -> float:
        return self._selector_of_time.passed


class AtOnce(ThreadPoolExecutor):
    """An executor without threads: their time would not be the loop's."""

    def submit(self, call: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401  # as its parent has it
        done: Future[T] = Future()
        done.set_result(call(*args, **kwargs))
        return done


class Known(NamedTuple):
    user: str = USER

    def password(self) -> Secret:
        return Secret(PASSWORD)

    def refused(self) -> None:
        """Nothing to be done about it here."""


@dataclass
class Watched:
    """A source, and when it was asked."""

    source: Source
    target: Target
    asked: list[float] = field(default_factory=list)

    async def poll(self) -> Sample:
        self.asked.append(round(asyncio.get_running_loop().time() - 1000.0, 3))
        return await self.source.poll()

    async def close(self) -> None:
        await self.source.close()


def ten() -> Scenario:
    one = load_scenario("constant")
    plans = tuple(replace(one.appliances[0], name=name) for name in (HOLE, LORIS, *HEALTHY, FLAPPING))
    return replace(one, appliances=plans)


def flap(box: Box) -> None:
    """Let every second poll fail: a connection that was kept is reset, and the new one that is then tried, too."""
    for turn in range(1, SECONDS):  # a fault counts down only while none before it meets the request
        box.fault("reset", on="protocolmptcp", times=2, skip=turn)


def watched(simulation: Simulation, name: str) -> Watched:
    url = f"http://127.0.0.1:{simulation.deaf_port}" if name == HOLE else simulation.url(name)
    access = Access(url, allow_http=True, interval=INTERVAL)
    target = target_of(name, access)
    return Watched(source_of(target, access, Known()), target)


def watched_for_a_minute() -> tuple[dict[str, Watched], dict[str, list[Observation]], Simulation]:
    """Poll all ten for a minute."""
    seen: dict[str, list[Observation]] = {}
    sources: dict[str, Watched] = {}

    async def watch() -> Simulation:
        loop = asyncio.get_running_loop()
        async with running(ten(), clock=loop.time, wall=0.0, deaf=True) as simulation:
            boxes = simulation.appliances
            boxes[LORIS].fault("drip", on="protocolmptcp")
            flap(boxes[FLAPPING])
            sources.update((name, watched(simulation, name)) for name in boxes)
            collector = Collector(
                [Job(source, Pace(INTERVAL)) for source in sources.values()],
                Engine(Store([source.target for source in sources.values()])),
                lambda observation: seen.setdefault(observation.target.name, []).append(observation),
            )
            loop.call_later(SECONDS - 0.5, collector.stop)
            await collector.run()
        return simulation

    with asyncio.Runner(loop_factory=OwnClock) as runner:
        simulation = runner.run(watch())
    return sources, seen, simulation


def test_three_targets_in_trouble_cost_the_other_seven_no_poll() -> None:
    sources, seen, simulation = watched_for_a_minute()
    boxes = simulation.appliances
    every_tick = [tick * INTERVAL for tick in range(int(SECONDS / INTERVAL))]
    for name in HEALTHY:
        assert sources[name].asked == every_tick, name
        assert [observation.status for observation in seen[name]] == [Status.OK] * len(every_tick), name
        assert polls(boxes[name]) == len(every_tick), name
        assert_was_a_good_guest(boxes[name])
    for name in (LORIS, HOLE):
        assert {observation.status for observation in seen[name]} == {Status.UNREACHABLE}
        assert 3 <= len(sources[name].asked) < len(every_tick) // 2, "it is asked less and less often"
    flapped = [observation.status for observation in seen[FLAPPING]]
    assert flapped == [Status.OK, Status.UNREACHABLE] * (len(flapped) // 2)
    assert len(flapped) == len(every_tick)
    assert sources[FLAPPING].asked == every_tick  # one failure is no reason to wait longer
    for name in (LORIS, FLAPPING):
        assert_was_a_good_guest(boxes[name])
