"""What a terminal that takes nothing for a minute does to the dashboard, and what its end does to the program.

    uv run python -m benchmarks.stall [--seconds 60] [--targets 6]

Simulated appliances and a kernel are polled once a second by a dashboard on a pty, with a recording; then nobody reads
the pty. Once the program is told to end like that, once the window is closed without any signal. Polls are counted in
the recording.
"""

import argparse
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import load, processes, programs
from benchmarks.nitro_poll import PASSWORD, USER, appliances
from benchmarks.session import Session
from benchmarks.terminal import Picture

SIZE: Final = (120, 40)
WARM_UP_SECONDS: Final = 8.0
CLOCK: Final = re.compile(r"(\d\d):(\d\d):(\d\d)\s*$", re.MULTILINE)
AGES: Final = re.compile(r"\d+ (?:s|min)\b|\d\d:\d\d:\d\d")
REPAINT: Final = b"\x0c"
CLOSED: Final = "closed"
INTERVAL_SECONDS: Final = 1.0
TICK_SECONDS: Final = 1
LATE: Final = 1.5
"""Polls so many intervals apart have another one missing between them."""
RIGHT_SECONDS: Final = 1.0
END_SECONDS: Final = 5.0
END_CPU: Final = 0.05
MORE_MIB: Final = 5.0


class Verdict(NamedTuple):
    """One line of the result, and whether it is as it should be."""

    what: str
    found: str
    holds: bool


class Watched:
    """The dashboard, and what its terminal shows."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._picture = Picture(*SIZE)
        self._drawn = 0

    def text(self) -> str:
        """Return what is shown after all that was read."""
        for _, received in self.session.reads[self._drawn :]:
            self._picture.feed(received)
        self._drawn = len(self.session.reads)
        return self._picture.text()

    def right_after(self, limit: float = 10.0) -> float:
        """Read, and return how long it took until the screen's clock is that of the last tick."""
        began = time.monotonic()
        while time.monotonic() - began < limit:
            self.session.pump(0.02)
            shown = CLOCK.search(self.text())
            if shown and seconds_between(shown[0].strip(), time.strftime("%H:%M:%S")) <= TICK_SECONDS:
                break
        return time.monotonic() - began

    def repainted_the_same(self) -> bool:
        """Tell whether a paused screen is that of a full repaint, but for its ages."""
        self.session.type(b"p")
        self.session.pump(1.5, silence=0.5)
        before = AGES.sub("", self.text())
        self._picture = Picture(*SIZE)
        self.session.type(REPAINT)
        self.session.pump(1.5, silence=0.5)
        return AGES.sub("", self.text()) == before


def seconds_between(earlier: str, later: str) -> int:
    """Return how many seconds one time of the day is after another.

    >>> seconds_between("23:59:59", "00:00:01")
    2
    """
    first, last = (
        sum(int(part) * unit for part, unit in zip(clock.split(":"), (3600, 60, 1), strict=True))
        for clock in (earlier, later)
    )
    return (last - first) % 86_400


def rss_mib(pid: int) -> float:
    """Return the memory a process holds now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def missed(recording: Path, since: float, until: float, interval: float) -> tuple[int, int]:
    """Return how many polls were recorded between two moments of the wall clock, and how many are missing."""
    polled = lacking = 0
    with closing(sqlite3.connect(f"file:{recording}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE '%\\_samples' ESCAPE '\\'")
        for (table,) in tables.fetchall():
            rows = connection.execute(
                f"SELECT t.target, (s.id >> 11) / 1e6 AS at FROM {table} s JOIN stretches t ON t.number = s.stretch "  # noqa: S608  # a name out of the file's own list
                "WHERE at BETWEEN ? AND ? ORDER BY 1, 2",
                (since, until),
            ).fetchall()
            polled += len(rows)
            lacking += sum(
                round((after - before) / interval) - 1
                for (one, before), (other, after) in pairwise(rows)
                if one == other and after - before > LATE * interval
            )
    return polled, lacking


def stalled(watched: Watched, recording: Path, seconds: float, targets: int) -> Iterator[Verdict]:
    """Read nothing for so long, with frames that would fill any pty, and say how everybody has borne it."""
    session = watched.session
    before, began, cpu = rss_mib(session.pid), time.time(), processes.cpu_seconds(session.pid)
    flood(session)
    time.sleep(max(0.0, seconds - (time.time() - began)))
    ended, spent = time.time(), processes.cpu_seconds(session.pid) - cpu
    grown, reads = rss_mib(session.pid) - before, len(session.reads)
    right = watched.right_after()
    held = sum(len(received) for _, received in session.reads[reads:])
    polled, lacking = missed(recording, began, ended, INTERVAL_SECONDS)
    due = int(ended - began) * targets
    yield Verdict("polls recorded in the stall", f"{polled} of {due}, {lacking} missing", polled >= due and not lacking)
    yield Verdict("the screen is right after", f"{right:.2f} s, {held:,} bytes", right <= RIGHT_SECONDS)
    same = watched.repainted_the_same()
    yield Verdict("a full repaint shows", "the same" if same else "something else", same)
    yield Verdict("memory grew by", f"{grown:.1f} MiB", grown <= MORE_MIB)
    yield Verdict("CPU in the stall", f"{spent / (ended - began):.3f} of a core", True)


def ended(watched: Watched, recording: Path, how: str) -> Iterator[Verdict]:
    """Stall it again, end it, and say how that went."""
    session = watched.session
    flood(session)
    cpu, began = processes.cpu_seconds(session.pid), time.monotonic()
    if how == CLOSED:
        session.hang_up()
    else:
        os.kill(session.pid, signal.SIGTERM)
    spent = 0.0
    while not (over := session.has_ended()) and time.monotonic() - began < 4 * END_SECONDS:
        spent = max(spent, processes.cpu_seconds(session.pid) - cpu)
        time.sleep(0.01)
    took = time.monotonic() - began
    verified = subprocess.run(
        [sys.executable, "-m", "mptcp_top", "recordings", "verify", str(recording)], check=False, capture_output=True
    )
    yield Verdict(f"{how}: ended after", f"{took:.2f} s", over and took <= END_SECONDS)
    yield Verdict(f"{how}: CPU until then", f"{spent:.3f} s", spent <= END_CPU * END_SECONDS)
    yield Verdict(
        f"{how}: the recording verifies", "yes" if verified.returncode == 0 else "no", not verified.returncode
    )


def flood(session: Session) -> None:
    """Ask for more than any pty and any queue holds."""
    for _ in range(60):  # keys that come together are one repaint
        session.type(REPAINT)
        time.sleep(0.05)


@contextmanager
def dashboard(home: str, urls: Sequence[str], target: str) -> Iterator[tuple[Watched, Path]]:
    """Run the dashboard until it is past its beginning, in a terminal that does not control it."""
    script = str(Path(sys.executable).with_name("mptcp-top"))
    hosts = [word for host in (*urls, target) for word in ("--host", host)]
    argv = (script, "--allow-http", "--user", USER, f"--interval={INTERVAL_SECONDS:g}", *hosts)
    environment = programs.ssh_environment(home) | {
        "MPTCP_TOP_PASSWORD": PASSWORD,
        "MPTCP_TOP_RECORD": "yes",
        "XDG_STATE_HOME": home,
    }
    with Session(argv, SIZE, environment, controlling=False) as session:
        watched = Watched(session)
        session.pump(WARM_UP_SECONDS)
        session.type(b"\r")  # the screen of one target has a clock
        session.pump(2.0)
        yield watched, next(Path(home).glob("mptcp-top/recordings/*.db"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--targets", type=int, default=6)
    options = parser.parse_args()
    verdicts: list[Verdict] = []
    with load.beside(50, 3600.0) as moving, appliances(options.targets) as urls:
        for how in (CLOSED, "SIGTERM"):
            with (
                tempfile.TemporaryDirectory(prefix="mptcp-top-bench-") as home,
                dashboard(home, urls, moving.target) as (watched, recording),
            ):
                if how == CLOSED:
                    verdicts += stalled(watched, recording, options.seconds, options.targets + 1)
                verdicts += ended(watched, recording, how)
    print(f"{options.targets} appliances and {moving.target}, once a second, stalled for {options.seconds:g} s")
    for what, found, holds in verdicts:
        print(f"  {what:34}{found:34}{'' if holds else 'NOT AS IT SHOULD BE'}".rstrip())
    return 0 if all(verdict.holds for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
