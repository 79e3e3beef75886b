"""Ways to write down a sample, ours among them: each takes a feed of its own and says what a tick cost."""

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from benchmarks.recorded import BEGAN, WALL, Feed, Scene
from mptcp_top.model import Observation
from mptcp_top.recording import place
from mptcp_top.recording.tables import PAGE_BYTES
from mptcp_top.recording.writer import Writer

FIXED: Final = 8
"""How many columns of ours are no counters; the bare row has as many."""


class Way(Protocol):
    """One way. ``samples`` is how many it has written."""

    scene: Scene
    samples: int

    def tick(self) -> int:
        """Write what one more tick brings, and return the nanoseconds of CPU that took."""

    def bytes_a_sample(self) -> float:
        """Return how large a sample is in the file."""


class Ours:
    """The recorder's way: what the collector's thread asks the store, and the transaction."""

    def __init__(self, path: Path, scene: Scene) -> None:
        self.scene, self.samples = scene, 0
        self._path, self._feed = path, Feed(scene)
        self._claim = place.claim(path)
        self._connection = place.to_write(path)
        self._writer = Writer(self._connection, self._feed.targets, BEGAN, WALL)

    def tick(self) -> int:
        """Write one more tick."""
        observations = self._feed.polled()
        began = time.thread_time_ns()
        self._writer.write(self._feed.tapped(observations), self._feed.store.marks)
        spent = time.thread_time_ns() - began
        self.samples += len(observations)
        return spent

    def bytes_a_sample(self) -> float:
        """Return how large a sample is in the file."""
        return _bytes(self._connection, self._path) / self.samples


class Bare:
    """Nothing but SQLite: one wide row of totals a sample, one transaction a tick, the same page and the same WAL."""

    def __init__(
        self, path: Path, scene: Scene, written: Callable[[Observation], Sequence[object]] | None = None
    ) -> None:
        self.scene, self.samples = scene, 0
        self._path, self._feed = path, Feed(scene)
        self._written = written or wide
        self._connection = connection = sqlite3.connect(path, isolation_level=None)
        for pragma in (f"page_size = {PAGE_BYTES}", "journal_mode = WAL", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")
        columns = len(self._written(self._feed.polled()[0]))
        connection.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, {', '.join(f'c{n}' for n in range(columns))})")
        self._insert = f"INSERT INTO t VALUES (?, {', '.join('?' * columns)})"  # noqa: S608  # names of ours

    def tick(self) -> int:
        """Write one more tick."""
        run, observations = self._connection.execute, self._feed.polled()
        began = time.thread_time_ns()
        run("BEGIN IMMEDIATE")
        for number, seen in enumerate(observations):
            run(self._insert, ((self._feed.ticks << 11) + number, *self._written(seen)))
        run("COMMIT")
        spent = time.thread_time_ns() - began
        self.samples += len(observations)
        return spent

    def bytes_a_sample(self) -> float:
        """Return how large a sample is in the file."""
        return _bytes(self._connection, self._path) / self.samples


def wide(seen: Observation) -> Sequence[object]:
    """Return a sample as a row of totals."""
    return (*(0,) * FIXED, *seen.values)


def as_json(seen: Observation) -> Sequence[object]:
    """Return a sample as one text, by names."""
    names = (metric.name for metric in seen.layout.metrics)
    return (json.dumps({"at": seen.wall, "values": dict(zip(names, seen.values, strict=True))}),)


def _bytes(connection: sqlite3.Connection, path: Path) -> int:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size
