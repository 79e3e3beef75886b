"""Time that goes as fast as it can: the clocks of this process jump to the next timer when there is nothing to do.

Import it before anything that is to live in that time, and first of all; what waits in threads waits for real.
"""

# ruff: noqa: F401 - what is imported here and not used keeps the real clock
import asyncio
import concurrent.futures.thread
import mmap
import queue
import selectors
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

T = TypeVar("T")
MOMENT: Final = struct.Struct("d")
BEGAN: Final = 1_000.0
ANSWER_SECONDS: Final = 0.05
"""How long, by the real clock, an answer from another process may take before time goes on without it."""
IDLE_SECONDS: Final = 0.05


class FastClock:
    """Seconds since a beginning, in a file that other processes map too."""

    def __init__(self, path: Path, wall: float) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), MOMENT.size)
        self._began_wall = wall

    def now(self) -> float:
        """Return the monotonic time."""
        return float(MOMENT.unpack_from(self._map)[0])

    def wall(self) -> float:
        """Return the time of day."""
        return self._began_wall + self.now() - BEGAN

    def pass_by(self, seconds: float) -> None:
        """Let time go by."""
        MOMENT.pack_into(self._map, 0, self.now() + seconds)

    def take_over(self) -> None:
        """Be the clock of everything in this process that is imported from now on."""
        vars(time).update(monotonic=self.now, time=self.wall, clock_gettime=lambda _: self.now())


def clock_file(path: Path) -> Path:
    """Make the file of a clock at its beginning."""
    path.write_bytes(MOMENT.pack(BEGAN))
    return path


class _Selector(selectors.DefaultSelector):
    """Waits for nobody but for answers that are due, from another process or a thread, and for these not long."""

    def __init__(self, clock: FastClock, awaits: Callable[[], bool]) -> None:
        super().__init__()
        self._clock, self._awaits = clock, awaits

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        if timeout is None:
            return super().select(IDLE_SECONDS)
        found = super().select(ANSWER_SECONDS) if self._awaits() else []
        if not found:
            self._clock.pass_by(timeout)
        return found


class FastLoop(asyncio.SelectorEventLoop):
    """A loop in that time. ``awaits`` says whether an answer is due."""

    def __init__(self, clock: FastClock, awaits: Callable[[], bool]) -> None:
        self._fast, threads = clock, _Threads()
        super().__init__(_Selector(clock, lambda: threads.busy > 0 or awaits()))
        self.set_default_executor(threads)

    def time(self) -> float:
        """Return the fast time."""
        return self._fast.now()


class _Threads(ThreadPoolExecutor):
    """Threads that are known to be busy."""

    busy = 0

    def submit(self, call: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:  # noqa: ANN401  # as its parent has it
        done = super().submit(call, *args, **kwargs)
        self.busy += 1
        done.add_done_callback(self._done)
        return done

    def _done(self, _: object) -> None:
        self.busy -= 1
