"""An app on a real pty, with Textual's own driver: what it shows with the output diff, and after it was stopped."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ui.looks import Terminal
from tests.ui.twice import Dashboard

# On a real pty, with Textual's own driver.


@contextmanager
def on_a_pty(**environment: str) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[str], str]]]:
    """Start the app as a program; yield it, and what reads its output until a text was shown."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    env = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.ui.twice"], stdin=slave, stdout=slave, stderr=slave, env=env
    )
    os.close(slave)

    def read_until(text: str) -> str:
        """Return what was written until the text, and then nothing more for a while."""
        output, end = b"", time.monotonic() + 20
        while time.monotonic() < end:
            if select.select([master], [], [], 0.5)[0]:
                output += os.read(master, 65536)
            elif text in output.decode():
                return output.decode()
        pytest.fail(f"{text!r} was not shown in {output!r}")

    try:
        yield process, read_until
    finally:
        process.kill()
        process.wait()
        os.close(master)


def wait_until_stopped(pid: int) -> None:
    end = time.monotonic() + 20
    while Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < end, "it never stopped"
        os.sched_yield()


def test_after_ctrl_z_the_screen_is_complete_again() -> None:
    with on_a_pty() as (process, read_until):
        terminal = Terminal(Dashboard.SIZE)
        terminal.feed(read_until("counter12"))
        before = terminal.cells()
        process.send_signal(signal.SIGTSTP)
        read_until("\x1b[?1049l")
        wait_until_stopped(process.pid)  # it stops only after it has given the terminal back
        process.send_signal(signal.SIGCONT)
        terminal.feed(read_until("counter12"))
        assert terminal.cells() == before


def test_a_pty_shows_the_same_with_the_diff() -> None:
    shown = []
    for switched in ("0", "1"):
        with on_a_pty(DIFF=switched) as (_, read_until):
            terminal = Terminal(Dashboard.SIZE)
            terminal.feed(read_until("counter12"))
            shown.append((terminal.cells(), terminal.bytes))
    (plain, plain_bytes), (diffed, diffed_bytes) = shown
    assert diffed == plain
    assert diffed_bytes < plain_bytes / 3
