"""A recorder beside a feed of made-up readings."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from mptcp_top.recording.recorder import Plan, Recorder
from tests.feed import Feed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Recorded:
    """A feed that is recorded, and what the recorder says."""

    def __init__(self, *paths: Path, feed: Feed | None = None, seam: bool = False) -> None:
        self.feed = feed or Feed()
        self.said: list[str] = []
        self.paths = list(paths)
        plan = Plan(lambda: self.paths, 30.0, seam=seam, retry_seconds=0.05)
        self.recorder = Recorder(self.feed.store, plan, self.said.append)

    def tick(self, times: int = 1, **increases: int) -> None:
        for _ in range(times):
            self.recorder.observed(self.feed.tick(**increases))

    def until(self, holds: Callable[[], object], what: str, *, ticking: bool = False) -> None:
        deadline = time.monotonic() + 20
        while not holds():
            self.tick(int(ticking))
            assert time.monotonic() < deadline, f"never: {what}; it says {self.said}, {self.recorder.state}"
            time.sleep(0.01)


def held(path: Path) -> int:
    """How many samples the file holds for whoever opens it now."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        number: int = connection.execute("SELECT count(*) FROM linux_samples").fetchone()[0]
        return number
