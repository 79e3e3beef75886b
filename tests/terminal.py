"""A terminal for tests: a program on a real pty, its screen kept by a terminal model, its bytes kept as they came."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyte

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping, Sequence

DEADLINE_SECONDS = 20.0
MODES_ON = ("\x1b[?1049h", "\x1b[?25l", "\x1b[?1000h", "\x1b[?2004h")
_QUERIES = re.compile(r"\x1b\[\?[\d;]*\$p|\x1b\[>\d*q|\x1b\[c|\x1b\[\?u|\x1b\[[<>=]\d*u")


class Terminal:
    """A pty with a program on it. Every wait is for something to be seen, and ends by a deadline."""

    def __init__(
        self,
        command: Sequence[str],
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] | None = None,
        *,
        controlling: bool = True,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        columns, lines = size
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self.screen)
        self.written = ""
        inside = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
        # Nothing is remembered of the user's own, or recorded among it.
        inside |= {"XDG_STATE_HOME": "/nonexistent", "MPTCP_TOP_RECORD": "no", **(environment or {})}
        self.master, slave = pty.openpty()
        self.resize(columns, lines)

        def become() -> None:
            if controlling:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            prepare()

        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=inside, start_new_session=True, preexec_fn=become
        )
        self.pid = self._process.pid
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def hang_up(self) -> None:
        """Close the terminal's window."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.master, keys.encode())

    def send(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    @property
    def text(self) -> str:
        """What the screen shows now."""
        rows = (
            self.screen.buffer[line] for line in range(self.screen.lines)
        )  # its own way ends at combining characters
        return "\n".join("".join(row[column].data for column in range(self.screen.columns)).rstrip() for row in rows)

    def wait_for(self, seen: str | Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> str:
        """Return the screen once it shows a text, or once something holds."""
        holds = seen if callable(seen) else lambda: seen in self.text
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"never seen: {seen!r} on\n{self.text}")
            if not self.read(0.05) and not holds():
                raise AssertionError(f"it ended, and {seen!r} was never seen on\n{self.text}")
        return self.text

    def read(self, seconds: float) -> bool:
        """Take in what was written, waiting at most so long; False if the program has closed its side."""
        if self.master < 0 or not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 65536).decode("utf-8", "replace")
        except OSError:
            return False
        self.written += data
        # Queries to the terminal are none of the model's business, and it misreads some of them.
        self._stream.feed(_QUERIES.sub("", data))
        return bool(data)

    def wait_for_end(self, seconds: float = DEADLINE_SECONDS) -> int:
        """Return the exit code as a shell gives it."""
        deadline = time.monotonic() + seconds
        while (code := self._process.poll()) is None:
            self.read(0.02)
            if time.monotonic() > deadline:
                raise AssertionError(f"still running, and shows\n{self.text}")
        while self.master >= 0 and select.select([self.master], [], [], 0)[0] and self.read(0):
            pass
        return code if code >= 0 else 128 - code

    def state(self) -> str:
        """Return the process state of the program as ``ps`` has it: R, S, T ..."""
        return Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]

    def modes_left_on(self) -> list[str]:
        """Return the terminal modes that were switched on and not off again."""
        left = []
        for on in MODES_ON:
            off = on[:-1] + ("l" if on.endswith("h") else "h")
            if self.written.rfind(on) > self.written.rfind(off):
                left.append(on)
        return left


def mptcp_top(*arguments: str) -> list[str]:
    """Return the command line of the program under test."""
    return [sys.executable, "-m", "mptcp_top", *arguments]
