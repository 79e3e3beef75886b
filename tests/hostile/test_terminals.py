"""B14 and B15 where the tests of the dashboard on a terminal leave off: other signals, and sizes that nobody has."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import sys
import termios

import pytest

from tests.terminal import Terminal

FLEET = [sys.executable, "-m", "tests.hostile.hostile_fleet", "payloads"]
SIZES = [(1 + step * 271 % 500, 1 + step * 89 % 200) for step in range(297)] + [(1, 1), (500, 200), (1, 200)]


def resized(terminal: Terminal, columns: int, lines: int) -> None:
    """Give the window another size, and read what is drawn into it without making a picture of it."""
    fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    while select.select([terminal.master], [], [], 0.01)[0]:
        os.read(terminal.master, 1 << 20)


def test_b15_three_hundred_sizes_from_1x1_to_500x200_leave_every_screen_right() -> None:
    with Terminal(FLEET, (100, 30)) as terminal:
        for number, (key, seen) in enumerate((("", "Enter open"), ("c", "last minute"), ("s", "side by side"))):
            terminal.type(key)
            terminal.wait_for(seen)
            for size in SIZES[number::3]:
                resized(terminal, *size)
            resized(terminal, 99, 30)
            terminal.screen.reset()
            terminal.resize(100, 30)
            terminal.wait_for(seen)
            terminal.wait_for("q back" if key else "q quit")
        terminal.type("\x11")
        assert terminal.wait_for_end() == 0
        assert terminal.modes_left_on() == []


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 200), (500, 1), (500, 200)], ids=str)
def test_b15_it_starts_at_any_size_and_is_right_at_the_next(size: tuple[int, int]) -> None:
    with Terminal(FLEET, size) as terminal:
        terminal.wait_for(lambda: bool(terminal.modes_left_on()))
        terminal.resize(100, 30)
        terminal.wait_for("Enter open")
        terminal.type("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("number", [signal.SIGPIPE, signal.SIGWINCH, signal.SIGCHLD, signal.SIGURG], ids=str)
def test_b14_a_signal_that_ends_nothing_ends_nothing(number: signal.Signals) -> None:
    with Terminal(FLEET, (100, 30)) as terminal:
        terminal.wait_for("Enter open")
        terminal.send(number)
        terminal.type("c")
        terminal.wait_for("last minute")
        terminal.type("\x11")
        assert terminal.wait_for_end() == 0
