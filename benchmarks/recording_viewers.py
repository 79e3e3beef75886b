"""A viewer of a recording that grows: it follows the end once a second, and goes somewhere else now and then.

Run as a script it is that viewer; ``beside`` starts some.
"""

import random
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.recording_seek import fleet, opened
from mptcp_top.recording.archive import Recorded

TICK_SECONDS: Final = 1.0
SEEK_EVERY: Final = 5


def view(path: Path) -> int:
    """Follow until the input closes; return how often something was shown."""
    store, close, _ = opened(path)
    rng, shown = random.Random(), 0
    while not select.select([sys.stdin], [], [], TICK_SECONDS)[0]:
        archive = store.archive
        if isinstance(archive, Recorded) and archive.catch_up() and archive.extent_of_all is not None:
            first, last = archive.extent_of_all
            away = rng.uniform(first, last) if shown % SEEK_EVERY == SEEK_EVERY - 1 else last
            fleet(store, away)
            shown += 1
    close()
    return shown


@contextmanager
def beside(path: Path, viewers: int) -> Iterator[None]:
    """Let so many viewers look at a recording while the context lasts."""
    command = (sys.executable, "-m", "benchmarks.recording_viewers", str(path))
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(viewers)
    ]
    time.sleep(3 * TICK_SECONDS if viewers else 0.0)  # they are looking by then
    try:
        yield
    finally:
        shown = [process.communicate()[0].strip() for process in started]
        if started:
            print(f"  viewers showed {' and '.join(shown)} moments")


if __name__ == "__main__":
    print(view(Path(sys.argv[1])))
