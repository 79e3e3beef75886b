"""A simulated day: twenty appliances at their default interval and a kernel every second, recorded for real."""

import time
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.recorded import APPLIANCES, BEGAN, KERNEL, WALL, Feed
from mptcp_top.recording import place
from mptcp_top.recording.writer import Writer

HOUR: Final = 3600
PAGE: Final = 4096
EVERY: Final = int(APPLIANCES.interval_seconds)


class Day(NamedTuple):
    """What it came to. ``rss`` is the memory of the process in MiB, hour by hour."""

    samples: int
    microseconds: float
    file_bytes: int
    wal_bytes: int
    rss: list[float]


def lived(path: Path, hours: int) -> Day:
    """Live through so many hours, as fast as they can be had."""
    appliances, kernel = Feed(APPLIANCES), Feed(KERNEL, 2)
    claim = place.claim(path)
    connection = place.to_write(path)
    writer = Writer(connection, (*appliances.targets, *kernel.targets), BEGAN, WALL)
    samples = spent = largest = 0
    rss = []
    for second in range(hours * HOUR):
        feeds = (appliances, kernel) if second % EVERY == 0 else (kernel,)
        polled = [(feed, feed.polled()) for feed in feeds]
        began = time.thread_time_ns()
        writer.write([seen for feed, each in polled for seen in feed.tapped(each)])
        spent += time.thread_time_ns() - began
        samples += sum(len(each) for _, each in polled)
        if second % HOUR == HOUR - 1:
            rss.append(memory())
            largest = max(largest, path.with_name(f"{path.name}-wal").stat().st_size)
    writer.finish()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert claim
    return Day(samples, spent / samples / 1e3, path.stat().st_size, largest, rss)


def memory() -> float:
    """Return how much memory this process has, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 2**20
