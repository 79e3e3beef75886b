"""Kill the recorder at random moments, and look what is left: ``python -m tests.recording.kill 200``."""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.recording.library import opened
from mptcp_top.recording.place import BESIDE, beside
from tests.terminal import mptcp_top

INTERVAL = 0.1
LATEST = 3.0
AT_MOST_SECONDS = 1.0


class Left(NamedTuple):
    """What is left of a recording whose writer was killed after some seconds.

    ``missing`` is how long before that the newest of it was read; ``integrity`` is what SQLite says of it.
    """

    after: float
    samples: int
    missing: float
    integrity: str
    torn: bool


def killed(path: Path, after: float, host: str = "local") -> Left:
    """Record for some seconds, kill it, and look."""
    command = mptcp_top("record", "--host", host, "--interval", str(INTERVAL), "-o", str(path))
    before = sessions(path)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = process.communicate(timeout=after)[1]
        except subprocess.TimeoutExpired:
            wall = time.time()
            process.kill()
            process.wait()
        else:
            raise AssertionError(f"it ended by itself: {said}")
    if not path.exists():
        return Left(after, 0, 0.0, "ok", torn=False)
    torn = beside(path, BESIDE[1]).exists()
    begun = sessions(path)[len(before) :]
    if not begun:  # it was still starting, and had recorded nothing to be lost
        return Left(after, 0, 0.0, integrity(path), torn)
    with opened(path) as reader:
        found = [one for readings in reader.readings(-1e12, 1e12).values() for one in readings]
    own = [one.wall for one in found if one.monotonic >= begun[0]]
    return Left(after, len(own), wall - max(own, default=begun[0]), integrity(path), torn)


def sessions(path: Path) -> list[float]:
    """Return when each session of a recording began, by its own clock; one that was just being made has none."""
    if not path.exists():
        return []
    try:
        with opened(path) as reader:
            return [session.began for session in reader.sessions()]
    except SettingsError as error:
        if "it is empty" in str(error) and path.stat().st_size <= 8192:
            return []
        raise


def integrity(path: Path) -> str:
    """Return what SQLite says of a file, as its shell would."""
    with closing(sqlite3.connect(path)) as connection:
        return "; ".join(str(row[0]) for row in connection.execute("PRAGMA integrity_check"))


def series(folder: Path, number: int, points: int, host: str) -> list[Left]:
    """Kill so many writers, every other time of a file that is begun anew, and keep none but the last."""
    chance, found = random.Random(number), []
    path = folder / f"{number}.db"
    for point in range(points):
        if point % 2 == 0:
            for more in BESIDE:
                beside(path, more).unlink(missing_ok=True)
        found.append(killed(path, chance.uniform(0.1, LATEST), host))
    return found


def all_left(folder: Path, points: int, at_once: int, host: str = "local") -> list[Left]:
    """Kill so many writers, some at the same time."""
    shares = [points // at_once + (number < points % at_once) for number in range(at_once)]
    with ThreadPoolExecutor(at_once) as pool:
        done = pool.map(lambda share: series(folder, share[0], share[1], host), enumerate(shares))
        return [left for one in done for left in one]


def main() -> int:
    """Print what was left, and return 1 if that is too little anywhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("points", type=int, nargs="?", default=200)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--host", default="local")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mptcp-top-kill-"))
    found = all_left(folder, options.points, options.at_once, options.host)
    shutil.rmtree(folder)
    missing = sorted(left.missing for left in found if left.samples)
    bad = [left for left in found if left.integrity != "ok" or left.missing > AT_MOST_SECONDS + INTERVAL]
    print(f"killed {len(found)} times; {sum(left.torn for left in found)} left a WAL; {len(missing)} had samples")
    if missing:
        print(f"seconds missing: median {missing[len(missing) // 2]:.2f}, most {missing[-1]:.2f}")
    for left in bad:
        print(f"bad: {left}")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
