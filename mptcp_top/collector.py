"""When to read: one task a target, all on one tick, in a thread and an asyncio loop of their own.

A terminal that stalls blocks the loop that draws on it; polls must go on all the same, so they have their own.
"""

from __future__ import annotations

import asyncio
import random
import time
import traceback
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.clock import slept_seconds
from mptcp_top.errors import AuthFailed, SourceError, Unreachable
from mptcp_top.model import Failure, Observation, Sample, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.engine.engine import Engine
    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.silences import Silence
    from mptcp_top.sources.registry import Source

BACKOFF_AT_MOST_SECONDS: Final = 30.0
JITTER: Final = 0.2
JOIN_SECONDS: Final = 5.0
BURST: Final = 50
"""How many targets are polled on one tick; more of them take turns, spread over the interval."""


class Pace(NamedTuple):
    """How often, how long to wait for an answer, how many polls (None: until told to stop), how often at most, why."""

    interval_seconds: float = 1.0
    timeout_seconds: float = 5.0
    polls: int | None = None
    fastest_seconds: float = 0.0
    why_no_faster: str = ""


class Job(NamedTuple):
    """A source, and the pace it is polled at."""

    source: Source
    pace: Pace = Pace()


class Collector:
    """The pollers of all targets. `run` belongs to one loop; the other methods may be called from any thread.

    Time is the loop's own: that is the clock of `mptcp_top.clock` until this machine sleeps.
    """

    def __init__(self, jobs: Sequence[Job], engine: Engine, on_observation: Callable[[Observation], None]) -> None:
        bursts = -(-len(jobs) // BURST)
        self._engine = engine
        self._pollers = {
            job.source.target.name: _Poller(job, engine, on_observation, turn=number // BURST / bursts)
            for number, job in enumerate(jobs)
        }
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = False

    def interval_of(self, target: str) -> float:
        """Return the interval in force for a target."""
        return self._pollers[target].interval_seconds

    def fastest_of(self, target: str) -> float:
        """Return the shortest interval a target is to be polled at."""
        return self._pollers[target].fastest_seconds

    def why_no_faster(self, target: str) -> str:
        """Return why a target is not to be polled more often than that."""
        return self._pollers[target].why_no_faster

    def set_interval(self, target: str, seconds: float) -> None:
        """Poll a target at another pace from now on."""
        self._pollers[target].interval_seconds = seconds  # at once, for whoever asks
        self._call(self._pollers[target].restart_ticks)

    def retry(self, target: str) -> None:
        """Poll a target now, even one that had stopped because its credentials were refused."""
        self._call(self._pollers[target].retry)

    def mark(self, name: str, monotonic: float, wall: float) -> Mark:
        """Set a mark on all targets at one moment."""
        return self._engine.mark(name, monotonic, wall)

    def rename(self, mark: Mark, name: str) -> Mark:
        """Give a mark another name."""
        return self._engine.rename(mark, name)

    def silence(self, silence: Silence) -> str:
        """Let a counter or an alert of a target not alarm for a while; return what to tell of it, mostly nothing."""
        return self._engine.silence(silence)

    def stop(self) -> None:
        """End `run` soon, with every source closed. A poll that waits for its answer is given up."""
        self._stopped = True
        self._call(self._cancel)

    async def run(self) -> None:
        """Poll every target until stopped, or as often as the paces say; then close the sources."""
        try:
            await self._poll_all()
        except BaseException as error:
            forget_locals(error)
            raise

    async def _poll_all(self) -> None:
        self._loop = asyncio.get_running_loop()
        origin = self._loop.time()
        try:
            async with asyncio.TaskGroup() as group:
                self._tasks = [
                    group.create_task(poller.run(origin), name=f"poll {name}") for name, poller in self._pollers.items()
                ]
                if self._stopped:
                    self._cancel()
        finally:
            self._loop = None
            async with asyncio.TaskGroup() as group:
                for poller in self._pollers.values():
                    group.create_task(poller.source.close())

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _call(self, action: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(action)


class _Poller:
    """One target's polls: on its ticks, further apart after failures, not at all after refused credentials."""

    def __init__(
        self, job: Job, engine: Engine, on_observation: Callable[[Observation], None], *, turn: float = 0.0
    ) -> None:
        self.source, self._pace = job
        self.interval_seconds = job.pace.interval_seconds
        self.fastest_seconds, self.why_no_faster = job.pace.fastest_seconds, job.pace.why_no_faster
        self._engine = engine
        self._on_observation = on_observation
        self._turn = turn
        self._origin = 0.0
        self._failures = 0
        self._refused = False
        self._hurry = False
        self._nudge = asyncio.Event()

    def restart_ticks(self) -> None:
        """Begin the ticks now: the pace is another."""
        self._origin = asyncio.get_running_loop().time()
        self._nudge.set()

    def retry(self) -> None:
        """Poll now."""
        self._hurry = True
        self._nudge.set()

    async def run(self, origin: float) -> None:
        """Poll as often as the pace says, forever if it does not."""
        self._origin = origin
        polls = 0
        if self._turn:
            await self._wait(origin + self._turn * self.interval_seconds)
        while polls != self._pace.polls:
            if polls and self._refused and self._pace.polls is not None:
                break  # nobody is there to say that the password is right now, and asking again may lock the account
            if polls:
                await self._wait_for_turn()
            polls += 1
            self._on_observation(self._engine.observe(await self._reading(), self.interval_seconds))

    async def _reading(self) -> Sample | Failure:
        """Poll once; what cannot be read is a reading, too."""
        timeout = self._pace.timeout_seconds
        try:
            async with asyncio.timeout(timeout):
                sample = await self.source.poll()
        except TimeoutError:
            error: SourceError = Unreachable(f"no answer within {timeout:g} s")
        except SourceError as caught:
            error = caught
        else:
            self._failures, self._refused = 0, False
            return sample
        self._failures += 1
        self._refused = isinstance(error, AuthFailed)
        retry = None if self._refused else self._backoff()
        now = asyncio.get_running_loop().time() + slept_seconds()
        return Failure(
            self.source.target, Status(error.status), error.reason, now, time.time(), error.advice, retry_seconds=retry
        )

    def _backoff(self) -> float:
        """Return the pause after so many failures in a row; counted polls keep their pace."""
        if self._pace.polls is not None or self._failures < 2:
            return self.interval_seconds
        longest = max(BACKOFF_AT_MOST_SECONDS, self.interval_seconds)
        return min(self.interval_seconds * float(1 << min(self._failures - 1, 16)), longest)

    async def _wait_for_turn(self) -> None:
        """Wait for this target's next turn: the next tick, after failures a pause with jitter, or to be told."""
        now = asyncio.get_running_loop().time()
        if self._refused and self._pace.polls is None:
            due = float("inf")
        elif self._failures > 1 and self._pace.polls is None:
            spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # keeps targets apart, guards no secret
            due = max(self._next_tick(now), now + self._backoff() * spread)
        else:
            due = self._next_tick(now)
        await self._wait(due)

    async def _wait(self, due: float) -> None:
        clock = asyncio.get_running_loop().time
        while not self._hurry and (left := due - clock()) > 0:
            self._nudge.clear()
            try:
                async with asyncio.timeout(left if left < float("inf") else None):
                    await self._nudge.wait()
            except TimeoutError:
                break
            if due < float("inf"):
                due = min(due, self._next_tick(clock()))
        self._hurry = False

    def _next_tick(self, now: float) -> float:
        origin = self._origin + self._turn * self.interval_seconds
        return origin + ((now - origin) // self.interval_seconds + 1) * self.interval_seconds


def forget_locals(error: BaseException, seen: frozenset[int] = frozenset()) -> None:
    """Empty the frames a crash went through: among their variables are requests, and in those are secrets.

    Our own traceback prints none; whoever has others installed shall not either.
    """
    if id(error) in seen:
        return
    traceback.clear_frames(error.__traceback__)
    others = [error.__cause__, error.__context__, *(error.exceptions if isinstance(error, BaseExceptionGroup) else ())]
    for other in others:
        if other is not None:
            forget_locals(other, seen | {id(error)})


class CollectorThread:
    """A collector at work in its own thread and loop."""

    def __init__(
        self, collector: Collector, on_crash: Callable[[], None], on_end: Callable[[], None] = lambda: None
    ) -> None:
        self._collector = collector
        self._on_crash, self._on_end = on_crash, on_end
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
        else:
            self._on_end()
