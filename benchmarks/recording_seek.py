"""How long it takes to go to another moment of a recording, up to what a screen shows of it."""

import os
import random
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from benchmarks.report import percentile
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.store import Store
from mptcp_top.recording import place
from mptcp_top.recording.archive import BEHIND_SECONDS, Recorded
from mptcp_top.recording.reader import Reader
from mptcp_top.recording.schema import TARGET_BITS
from mptcp_top.recording.windows import AHEAD_SECONDS
from mptcp_top.ui.frame import CELLS, Moment, frame_of
from mptcp_top.ui.glance import counted, error_trend_of, glance_of

INTERVAL_SECONDS = 5.0


class Seeks(NamedTuple):
    """Milliseconds by the clock, and of CPU."""

    took: list[float]
    spent: list[float]

    def says(self) -> str:
        """Return both as one text."""
        return "; ".join(
            f"{percentile(each, 0.5) or 0.0:.1f} p50, {percentile(each, 0.99) or 0.0:.1f} p99 ms {what}"
            for each, what in ((self.took, "by the clock"), (self.spent, "CPU"))
        )


def opened(path: Path) -> tuple[Store, Callable[[], None], float]:
    """Open a recording as a replay does; return its store, what closes it, and the milliseconds that took."""
    began = time.perf_counter()
    connection = place.to_read(path)
    reader = Reader(connection)
    store = Store(reader.targets())
    store.marks = reader.marks()
    store.archive = Recorded(reader, 30.0, lambda: store.marks, alone=True)
    return store, connection.close, (time.perf_counter() - began) * 1e3


def host(store: Store, target: str, cursor: float) -> None:
    """Ask all that the screen of one target shows."""
    one = next(each for each in store.targets if each.name == target)
    frame = frame_of(store, one, Moment(cursor, cursor, cursor), INTERVAL_SECONDS)
    for metric in frame.observation.layout.metrics if frame.observation else ():
        frame.trend(metric, CELLS)


def fleet(store: Store, cursor: float) -> None:
    """Ask all that the screen of all targets shows."""
    moment = Moment(cursor, cursor, cursor)
    for target in store.targets:
        glance = counted(store, glance_of(store, target, moment, INTERVAL_SECONDS), moment, Basis.RATE)
        error_trend_of(store, glance, CELLS, cursor)


def seeks(path: Path, show: Callable[[Store, float], None], number: int, *, cold: bool = False) -> Seeks:
    """Go to random moments and show them; ``cold`` begins each from a file that is in nobody's memory."""
    rng, found = random.Random(3), Seeks([], [])
    store, close, _ = opened(path)
    archive = store.archive
    extent = archive.extent_of_all if isinstance(archive, Recorded) else None
    first, last = extent or (0.0, 0.0)
    for _ in range(number):
        if cold:
            close()
            _forget(path)
            store, close, _ = opened(path)
        moment = rng.uniform(first, last)
        began, cpu = time.perf_counter(), time.thread_time()
        show(store, moment)
        found.took.append((time.perf_counter() - began) * 1e3)
        found.spent.append((time.thread_time() - cpu) * 1e3)
    close()
    return found


def bare(path: Path, number: int) -> float:
    """Return the milliseconds of CPU that the rows about a moment take to be fetched, without a look at them."""
    store, close, _ = opened(path)
    archive = store.archive
    first, last = (isinstance(archive, Recorded) and archive.extent_of_all) or (0.0, 0.0)
    close()
    rng, spent = random.Random(3), []
    with closing(place.to_read(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT DISTINCT source || '_samples' FROM counters")]
        for _ in range(number):
            moment = rng.uniform(first, last)
            ends = [round(when * 1e6) << TARGET_BITS for when in (moment - BEHIND_SECONDS, moment + AHEAD_SECONDS)]
            began = time.thread_time()
            for table in tables:
                connection.execute(f"SELECT * FROM {table} WHERE id BETWEEN ? AND ?", ends).fetchall()  # noqa: S608  # names of ours
            spent.append((time.thread_time() - began) * 1e3)
    return percentile(spent, 0.5) or 0.0


def _forget(path: Path) -> None:
    """Let the system forget what it has of a file in memory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
