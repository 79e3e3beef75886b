"""When to read: one task a target, all on one tick, in a thread and an asyncio loop of their own.

A terminal that stalls blocks the loop that draws on it; polls must go on all the same, so they have their own.
"""

from __future__ import annotations

import asyncio
import random
import time
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.errors import AuthFailed, SourceError, Unreachable
from mptcp_top.model import Failure, Observation, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.engine.engine import Engine
    from mptcp_top.sources.registry import Source

BACKOFF_AT_MOST_SECONDS: Final = 30.0
JITTER: Final = 0.2
JOIN_SECONDS: Final = 5.0


class Pace(NamedTuple):
    """How often, how long to wait for an answer, how many polls (None: until told to stop)."""

    interval_seconds: float = 1.0
    timeout_seconds: float = 5.0
    polls: int | None = None


class Collector:
    """The pollers of all targets. `run` belongs to one loop; the other methods may be called from any thread.

    Time is the loop's own: on Linux that is the monotonic clock the sources stamp their samples with.
    """

    def __init__(
        self, sources: Sequence[Source], engine: Engine, pace: Pace, on_observation: Callable[[Observation], None]
    ) -> None:
        self._sources = sources
        self._engine = engine
        self._pace = pace
        self._on_observation = on_observation
        self._interval = pace.interval_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._nudge = asyncio.Event()
        self._stopped = False
        self._origin = 0.0

    @property
    def interval_seconds(self) -> float:
        """The interval in force."""
        return self._interval

    def set_interval(self, seconds: float) -> None:
        """Poll at another pace from now on."""
        self._interval = seconds
        self._call(self._restart_ticks)

    def stop(self) -> None:
        """End `run` soon, with every source closed."""
        self._stopped = True
        self._call(self._wake_all)

    async def run(self) -> None:
        """Poll every target until stopped, or as often as the pace says; then close the sources."""
        self._loop = asyncio.get_running_loop()
        self._origin = asyncio.get_running_loop().time()
        try:
            async with asyncio.TaskGroup() as tasks:
                for source in self._sources:
                    tasks.create_task(self._poll_one(source), name=f"poll {source.target.name}")
        finally:
            self._loop = None
            for source in self._sources:
                await source.close()

    async def _poll_one(self, source: Source) -> None:
        failures = polls = 0
        while not self._stopped and polls != self._pace.polls:
            if polls:
                await self._sleep(failures)
                if self._stopped:
                    break
            polls += 1
            try:
                async with asyncio.timeout(self._pace.timeout_seconds):
                    reading = await source.poll()
            except TimeoutError:
                error: SourceError = Unreachable(f"no answer within {self._pace.timeout_seconds:g} s")
            except SourceError as caught:
                error = caught
            else:
                failures = 0
                self._on_observation(self._engine.observe(reading, self._interval))
                continue
            failures += 1
            self._on_observation(self._engine.observe(self._failure(source, error, failures), self._interval))

    def _failure(self, source: Source, error: SourceError, failures: int) -> Failure:
        now = asyncio.get_running_loop().time()
        retry = None if isinstance(error, AuthFailed) else self._backoff(failures)
        return Failure(source.target, Status(error.status), error.reason, now, time.time(), error.advice, retry)

    def _backoff(self, failures: int) -> float:
        """Return the pause after so many failures in a row; counted polls keep their pace."""
        if self._pace.polls is not None or failures < 2:
            return self._interval
        longest = max(BACKOFF_AT_MOST_SECONDS, self._interval)
        return min(self._interval * float(1 << min(failures - 1, 16)), longest)

    async def _sleep(self, failures: int) -> None:
        """Wait for this target's next turn: the next tick, or after failures a pause with jitter."""
        clock = asyncio.get_running_loop().time
        due = self._next_tick(clock())
        if failures > 1:
            spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # keeps targets apart, guards no secret
            due = max(due, clock() + self._backoff(failures) * spread)
        while not self._stopped and (left := due - clock()) > 0:
            nudge = self._nudge
            try:
                async with asyncio.timeout(left):
                    await nudge.wait()
            except TimeoutError:
                return
            due = min(due, self._next_tick(clock()))

    def _next_tick(self, now: float) -> float:
        return self._origin + ((now - self._origin) // self._interval + 1) * self._interval

    def _restart_ticks(self) -> None:
        self._origin = asyncio.get_running_loop().time()
        self._wake_all()

    def _wake_all(self) -> None:
        self._nudge.set()
        self._nudge = asyncio.Event()

    def _call(self, action: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(action)


class CollectorThread:
    """A collector at work in its own thread and loop."""

    def __init__(self, collector: Collector, on_crash: Callable[[], None]) -> None:
        self._collector = collector
        self._on_crash = on_crash
        self._thread = Thread(target=self._run, name="collector", daemon=True)
        self.crash: BaseException | None = None

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def stop(self) -> None:
        """End the polls, wait for the sources to be closed, and raise the bug that ended them, if one did."""
        self._collector.stop()
        self._thread.join(JOIN_SECONDS)
        if self.crash is not None:
            raise self.crash

    def _run(self) -> None:
        try:
            asyncio.run(self._collector.run())
        except BaseException as error:  # noqa: BLE001  # raised again by stop(), in the thread that can end loudly
            self.crash = error
            self._on_crash()
