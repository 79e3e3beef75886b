"""How much memory an hour of one target takes: real polls of the engine into its store, in a process of its own."""

import multiprocessing
from typing import Final

from benchmarks.recorded import Feed, Scene
from benchmarks.recording_day import memory

HOUR: Final = 3600
HOSTS: Final = 3
COUNTERS: Final = 170


def hour(counters: int = COUNTERS, source: str = "") -> float:
    """Return what an hour of one target adds to the memory of a process, in MB."""
    with multiprocessing.get_context("spawn").Pool(1) as process:
        return process.apply(_grown, (counters, source))


def _grown(counters: int, source: str) -> float:
    feed = Feed(Scene(counters, targets=HOSTS, source=source))
    feed.polled()
    before = memory()
    for _ in range(HOUR):
        feed.polled()
    return (memory() - before) * 2**20 / 1e6 / HOSTS
