"""A pty meter: starts a program on a real pty and measures what its user and the link would notice.

The reads are only time-stamped while the program runs; drawing them (pyte) waits until it is silent. The rendered
picture decides when the first cells and the first data were visible.
"""

import re
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from benchmarks import processes
from benchmarks.session import Session
from benchmarks.terminal import Picture

FIRST_PAINT_CELLS: Final = 60
START_LIMIT_SECONDS: Final = 15.0
START_SILENCE_SECONDS: Final = 0.45
"""Longer than a program draws nothing between its first paint and the next; shorter than a tick."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program to measure; ``data`` matches its screen once it shows what it is there to show."""

    name: str
    argv: tuple[str, ...]
    data: re.Pattern[str] | None = None
    quit_keys: bytes = b"q"


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to watch. Whole seconds of steady state hold whole refreshes of a program that ticks at 1 Hz."""

    columns: int = 120
    lines: int = 40
    settle_seconds: float = 2.0
    steady_seconds: int = 6
    keys: int = 20


@dataclass(frozen=True, slots=True)
class Run:
    """What one run showed. None: not measured, or it did not happen."""

    first_paint_ms: float | None = None
    first_data_ms: float | None = None
    start_bytes: int | None = None
    refresh_bytes: float | None = None
    refreshes: int | None = None
    bytes_per_second: float | None = None
    cpu: float | None = None
    peak_rss: int | None = None
    key_ms: tuple[float, ...] = ()
    quit_ms: float | None = None
    machine_busy: float | None = None
    screen: str = field(default="", repr=False)


class Start:
    """The picture of a starting program, drawn read by read."""

    def __init__(self, session: Session, program: Program, plan: Plan) -> None:
        self._session, self._data = session, program.data
        self._picture = Picture(plan.columns, plan.lines)
        self._drawn = 0
        self.paint_ms: float | None = None
        self.data_ms: float | None = None

    def _catch_up(self) -> None:
        """Draw the reads that came since the last call and note when the first cells and data appeared."""
        reads = self._session.reads[self._drawn :]
        for at, received in reads:
            self._picture.feed(received)
            elapsed = (at - self._session.started) * 1e3
            if self.paint_ms is None and self._picture.visible_cells() >= FIRST_PAINT_CELLS:
                self.paint_ms = elapsed
            if self.paint_ms is not None and self.data_ms is None and self._shows_data():
                self.data_ms = elapsed
        self._drawn += len(reads)

    def _shows_data(self) -> bool:
        return self._data is None or self._data.search(self._picture.text()) is not None

    def wait(self) -> int | None:
        """Wait until the data is shown and silence follows; return the bytes until then, or None if it never is."""
        limit = self._session.started + START_LIMIT_SECONDS
        while not self._session.over and (left := limit - time.monotonic()) > 0:
            self._session.pump(left, silence=START_SILENCE_SECONDS)
            self._catch_up()
            if self.data_ms is not None:
                return sum(len(received) for _, received in self._session.reads)
        return None

    def screen(self, reads: int) -> str:
        """Return how the screen looked after so many reads."""
        for _, received in self._session.reads[self._drawn : reads]:
            self._picture.feed(received)
        self._drawn = reads
        return self._picture.text()


def measure(program: Program, plan: Plan, environment: Mapping[str, str]) -> Run:
    """Run a program once: start, steady state, arrow keys, quit. Zero steady seconds: start and quit only."""
    with Session(program.argv, (plan.columns, plan.lines), environment) as session:
        start = Start(session, program, plan)
        start_bytes = start.wait()
        started = Run(start.paint_ms, start.data_ms, start_bytes, screen=start.screen(len(session.reads)))
        if session.over:
            return Run(screen=started.screen)
        if not plan.steady_seconds:
            session.quit(program.quit_keys)
            return started
        session.pump(plan.settle_seconds)
        steady = session.watch(plan.steady_seconds)
        keys = tuple(session.press_arrows(plan.keys))
        if session.over:
            return Run(screen=start.screen(len(session.reads)))
        peak_rss, reads = processes.peak_rss_bytes(session.pid), len(session.reads)
        quit_ms = session.quit(program.quit_keys)
        return replace(
            started,
            refresh_bytes=statistics.median(steady.bursts) if steady.bursts else None,
            refreshes=len(steady.bursts),
            bytes_per_second=sum(steady.bursts) / steady.seconds,
            cpu=steady.cpu_seconds / steady.seconds,
            peak_rss=peak_rss or None,
            key_ms=keys if len(keys) >= 0.8 * plan.keys else (),
            machine_busy=steady.busy_seconds / steady.seconds,
            screen=start.screen(reads),
            quit_ms=quit_ms,
        )
