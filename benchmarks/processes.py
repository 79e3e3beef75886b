"""What a session of processes has used: CPU of the whole tree, peak memory, and how to end it."""

import contextlib
import multiprocessing
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
PEAK_RSS: Final = re.compile(r"^VmHWM:\s*(\d+) kB", re.MULTILINE)


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat after the command's name, or None if the process is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def members(session: int) -> list[int]:
    """Return the processes of a session: a program that was started with its own, and all it started."""
    pids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return [pid for pid in pids if (fields := _stat(pid)) and int(fields[3]) == session]


def _own_cpu_seconds(pid: int) -> float:
    """Return a process's CPU time to the nanosecond, ended threads included (``clock_getcpuclockid``)."""
    try:
        return time.clock_gettime_ns((~pid << 3) | 2) / 1e9
    except OSError:
        return 0.0  # it ended just now: its parent's reaped children hold its time


def cpu_seconds(session: int) -> float:
    """Return the CPU time of all processes of a session and of the children they have reaped."""
    total = 0.0
    for pid in members(session):
        if fields := _stat(pid):
            reaped = int(fields[13]) + int(fields[14])
            total += _own_cpu_seconds(pid) + reaped / TICKS_PER_SECOND
    return total


def peak_rss_bytes(session: int) -> int:
    """Return the sum of the highest resident sizes of a session's living processes."""
    total = 0
    for pid in members(session):
        with contextlib.suppress(OSError):
            peak = PEAK_RSS.search((PROC / str(pid) / "status").read_text())
            total += int(peak[1]) * 1024 if peak else 0
    return total


def machine_busy_seconds() -> float:
    """Return the CPU time the whole machine has spent on anything but idling."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = (
        int(field) for field in (PROC / "stat").read_text().split(maxsplit=9)[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND


@contextlib.contextmanager
def in_a_child(serve: Callable[..., None], *arguments: object) -> Iterator[Connection]:
    """Run a server in a process of its own, and give our end of its pipe; it ends when that is closed."""
    spawn = multiprocessing.get_context("spawn")
    mine, theirs = spawn.Pipe()
    child = spawn.Process(target=serve, args=(theirs, *arguments), daemon=True)
    child.start()
    theirs.close()
    try:
        yield mine
    finally:
        mine.close()
        child.join(5)


def end_session(leader: int, ended: int) -> None:
    """End a session's process group, first politely, and reap its leader (``ended`` is its pidfd)."""
    for sign, patience in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader, sign)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if os.waitid(os.P_PIDFD, ended, os.WEXITED | os.WNOHANG):
                return
            time.sleep(0.01)
