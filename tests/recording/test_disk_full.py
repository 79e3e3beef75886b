"""A disk that is full ends no recording: it says so, goes on watching, and records again when there is room."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mptcp_top import clock
from mptcp_top.recording.library import opened
from mptcp_top.recording.recorder import WAITING_A_TARGET, Plan, Recorder
from tests.feed import Feed
from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INTERVAL = 0.1
FULL = "not recording: no space left on the disk; trying again"

needs_mount = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can mount a small disk"
)
needs_mptcp = pytest.mark.skipif(
    "MPTcpExt" not in Path("/proc/net/netstat").read_text(), reason="this kernel counts no MPTCP"
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(folder)], check=False)
    if done.returncode:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


class Recording:
    """The command at work, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.rstrip("\n").partition(" ")[2])

    def until(self, holds: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + 60
        while not holds():
            assert self.process.poll() is None, f"it ended, and said {self.said}"
            assert time.monotonic() < deadline, f"never: {what}; it said {self.said}"
            time.sleep(0.05)

    def ended(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@contextmanager
def recording(path: Path) -> Iterator[Recording]:
    command = mptcp_top("record", "--interval", str(INTERVAL), "-o", str(path))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Recording(process)
        finally:
            process.kill()


def fill(disk: Path) -> Path:
    """Leave no room on a disk."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return filler


def samples(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM linux_samples").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


@needs_mount
@needs_mptcp
def test_a_full_disk_leaves_a_gap_and_no_more(disk: Path) -> None:
    path = disk / "recording.db"
    with recording(path) as run:
        run.until(lambda: path.exists() and samples(path) > 5, "samples")
        filler = fill(disk)
        run.until(lambda: FULL in run.said, "that the disk is full")
        waited_until = time.monotonic() + (2 * WAITING_A_TARGET + 20) * INTERVAL
        run.until(lambda: time.monotonic() > waited_until, "more than can wait")
        filler.unlink()
        run.until(lambda: any(line.startswith("recording again") for line in run.said), "that it goes on")
        before = samples(path)
        run.until(lambda: samples(path) > before + 5, "more samples")
        assert run.ended() == 143
        assert len(run.said) == 2
        assert "readings are missing" in run.said[1]
    with opened(path) as reader:
        ((began, ended, why),) = reader.gaps()
        found = reader.readings(-1e12, 1e12)["local"]
        assert why == "no space left on the disk"
        assert 0 < ended - began < 60
        assert not [one for one in found if began <= one.monotonic < ended]
        assert found[0].monotonic < began < ended < found[-1].monotonic
        assert len(reader.sessions()) == 1
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@needs_mount
@needs_mptcp
def test_a_disk_that_is_full_from_the_start_is_waited_for(disk: Path) -> None:
    path = disk / "recording.db"
    filler = fill(disk)
    with recording(path) as run:
        run.until(lambda: FULL in run.said, "that the disk is full")
        filler.unlink()
        run.until(lambda: any(line.startswith("recording again") for line in run.said), "that it records")
        run.until(lambda: samples(path) > 5, "samples")
        assert run.ended() == 143


@needs_mount
def test_a_disk_that_is_full_from_the_start_gets_no_empty_file_and_that_is_said_all_along(disk: Path) -> None:
    fill(disk)
    feed = Feed()
    recorder = Recorder(feed.store, Plan(lambda: [disk / "recording.db"], 30.0))
    assert recorder.open() is None
    recorder.stop()
    assert [path.name for path in disk.iterdir()] == ["filler"]
    assert recorder.words(clock.monotonic() + 1000.0).endswith(": no space left on the disk")


@needs_mount
@needs_mptcp
def test_a_full_disk_at_the_end_is_told_and_leaves_a_sound_file(disk: Path) -> None:
    path = disk / "recording.db"
    with recording(path) as run:
        run.until(lambda: path.exists() and samples(path) > 5, "samples")
        fill(disk)
        run.until(lambda: FULL in run.said, "that the disk is full")
        assert run.ended() == 143
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert samples(path) > 5
