"""A program on a pty of its own: what it wrote and when, and what was typed to it."""

import contextlib
import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from benchmarks import processes
from benchmarks.terminal import Terminal

BURST_GAP_SECONDS: Final = 0.05
SILENCE_SECONDS: Final = 0.25
QUIT_LIMIT_SECONDS: Final = 5.0
KEY_LIMIT_SECONDS: Final = 0.25
UNANSWERED_KEYS: Final = 3
"""After so many a program is taken to have no use for arrow keys."""


@dataclass(slots=True)
class Steady:
    """What happened in a stretch of steady state."""

    bursts: list[int]
    seconds: float
    cpu_seconds: float
    busy_seconds: float


def bursts(reads: Sequence[tuple[float, bytes]], since: float) -> list[int]:
    """Return the sizes of the groups of reads that lie closer together than the gap.

    >>> bursts([(0.9, b"old"), (1.0, b"ab"), (1.01, b"c"), (2.0, b"d")], since=0.95)
    [3, 1]
    """
    sizes: list[int] = []
    last = float("-inf")
    for at, received in reads:
        if at < since:
            continue
        if at - last > BURST_GAP_SECONDS:
            sizes.append(0)
        sizes[-1] += len(received)
        last = at
    return sizes


class Session:
    """One program on one pty. It is a session of its own, which is ended on leaving the context."""

    def __init__(
        self,
        argv: tuple[str, ...],
        size: tuple[int, int],
        environment: Mapping[str, str],
        *,
        controlling: bool = True,
    ) -> None:
        self.reads: list[tuple[float, bytes]] = []
        self._terminal = Terminal()
        columns, lines = size
        self._pty, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        path = os.ttyname(slave)
        to_terminal = (
            # A session leader's first tty controls it, and sends SIGHUP when it is closed.
            (os.POSIX_SPAWN_OPEN, 0, path, os.O_RDWR | (0 if controlling else os.O_NOCTTY), 0),
            (os.POSIX_SPAWN_DUP2, 0, 1),
            (os.POSIX_SPAWN_DUP2, 0, 2),
        )
        self.started = time.monotonic()
        self.pid = os.posix_spawn(argv[0], argv, environment, file_actions=to_terminal, setsid=True)
        os.close(slave)
        self._ended = os.pidfd_open(self.pid)
        self._open = [self._pty, self._ended]
        self.over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.over:
            processes.end_session(self.pid, self._ended)
        self.hang_up()
        os.close(self._ended)

    def hang_up(self) -> None:
        """Close the window."""
        if self._pty in self._open:
            self._open.remove(self._pty)
        if self._pty >= 0:
            os.close(self._pty)
            self._pty = -1

    def type(self, keys: bytes) -> float:
        """Send keys and return when."""
        at = time.monotonic()
        with contextlib.suppress(OSError):  # the program may have ended a moment ago
            os.write(self._pty, keys)
        return at

    def _read(self) -> bool:
        """Take what the pty holds and answer its queries; False once the other side is closed."""
        try:
            received = os.read(self._pty, 1 << 16)
        except OSError:
            self._open.remove(self._pty)
            return False
        self.reads.append((time.monotonic(), received))
        if reply := self._terminal.answer(received):
            self.type(reply)
        return bool(received)

    def has_ended(self) -> bool:
        """Tell whether the program has ended, without reading from it."""
        if not self.over and select.select([self._ended], [], [], 0)[0]:
            self.over = os.waitid(os.P_PIDFD, self._ended, os.WEXITED) is not None
        return self.over

    def pump(self, seconds: float, *, silence: float | None = None, reads: int | None = None) -> bool:
        """Read for so long, or until a silence, or so many reads, or the program's end; True if it has ended."""
        until = time.monotonic() + seconds
        quiet_since, wanted = time.monotonic(), len(self.reads) + (reads or 1 << 60)
        while not self.over and len(self.reads) < wanted:
            now = time.monotonic()
            wait = until - now if silence is None else min(until, quiet_since + silence) - now
            if wait <= 0:
                break
            ready, _, _ = select.select(self._open, [], [], wait)
            if self._pty in ready and self._read():
                quiet_since = time.monotonic()
            elif self._ended in ready:
                self.over = os.waitid(os.P_PIDFD, self._ended, os.WEXITED) is not None
        return self.over

    def watch(self, seconds: int) -> Steady:
        """Watch whole seconds of steady state, from the middle of a silence on."""
        self.pump(3.0, reads=1)
        self.pump(1.0, silence=SILENCE_SECONDS)
        began, cpu, busy = time.monotonic(), processes.cpu_seconds(self.pid), processes.machine_busy_seconds()
        self.pump(seconds)
        return Steady(
            bursts=bursts(self.reads, began),
            seconds=time.monotonic() - began,
            cpu_seconds=processes.cpu_seconds(self.pid) - cpu,
            busy_seconds=processes.machine_busy_seconds() - busy,
        )

    def press_arrows(self, count: int) -> Iterator[float]:
        """Yield, for each arrow key that was answered, the milliseconds to the first byte."""
        answered = 0
        for number in range(count):
            if self.over or (number == UNANSWERED_KEYS and not answered):
                return
            self.pump(1.0, silence=0.1 + number * 0.037 % 0.1)  # at ever other moments of the tick
            before, sent = len(self.reads), self.type(self._terminal.arrow(up=bool(number % 2)))
            self.pump(KEY_LIMIT_SECONDS, reads=1)
            if len(self.reads) > before:
                answered += 1
                yield (self.reads[before][0] - sent) * 1e3

    def quit(self, keys: bytes) -> float | None:
        """Ask the program to end and return the milliseconds until its process has, or None if it does not."""
        if self.over:
            return None
        asked = self.type(keys)
        ended = self.pump(QUIT_LIMIT_SECONDS)
        return (time.monotonic() - asked) * 1e3 if ended else None
