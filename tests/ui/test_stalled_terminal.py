"""A terminal that takes nothing, an SSH link that hangs: polls and recording go on, and nothing is left behind."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import time
import tty
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

import pytest

from mptcp_top.ui.output_link import PATIENCE_SECONDS, Link
from tests.terminal import DEADLINE_SECONDS, Terminal, mptcp_top

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

needs_mptcp = pytest.mark.skipif(
    "MPTcpExt" not in Path("/proc/net/netstat").read_text(encoding="ascii"),
    reason="this kernel has no MPTCP counters",
)
MORE_THAN_A_PTY_HOLDS: Final = "x" * (1 << 17)
REPAINT: Final = "\x0c"
MORE_THAN_TEXTUAL_QUEUES: Final = 36
REPAINT_SECONDS: Final = 0.05
"""Keys that come together are one repaint."""
POLLS: Final = 6


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        select.select([], [], [], 0.01)


@contextmanager
def a_link() -> Iterator[tuple[Link, int, Event]]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    taken = Event()
    link = Link(slave, taken.set)
    try:
        yield link, master, taken
    finally:
        with open(master, "rb", buffering=0, closefd=False) as other_side:
            os.set_blocking(master, False)
            while other_side.read(1 << 16):
                select.select([master], [], [], 0.05)
        link.close()
        os.close(slave)
        os.close(master)


def read(master: int, end: str) -> str:
    found = b""
    while not found.endswith(end.encode()):
        found += os.read(master, 1 << 16)
    return found.decode()


def test_what_is_written_comes_out_in_order() -> None:
    with a_link() as (link, master, _):
        for number in range(1000):
            link.write(f"{number}, é ")
        assert read(master, "999, é ") == "".join(f"{number}, é " for number in range(1000))


def test_who_writes_to_a_terminal_that_takes_nothing_goes_on_and_is_told_when_it_takes_again() -> None:
    with a_link() as (link, master, taken):
        link.write(MORE_THAN_A_PTY_HOLDS)
        until(link.is_stalled, "the stall is seen")
        link.write("end")
        assert not taken.is_set()
        assert read(master, "end") == MORE_THAN_A_PTY_HOLDS + "end"
        assert taken.wait(DEADLINE_SECONDS)
        assert not link.is_stalled()


def test_a_stall_that_nobody_met_is_not_told() -> None:
    with a_link() as (link, master, taken):
        link.write(MORE_THAN_A_PTY_HOLDS)
        select.select([], [], [], 2 * PATIENCE_SECONDS)
        read(master, MORE_THAN_A_PTY_HOLDS[:1])
        link.write("end")
        read(master, "end")
        assert not taken.is_set()


def test_a_link_is_closed_though_the_terminal_takes_nothing() -> None:
    with a_link() as (link, _, _):
        link.write(MORE_THAN_A_PTY_HOLDS)
        link.close()
        link.write("nobody reads this")


def test_writing_to_a_terminal_that_is_gone_harms_nobody() -> None:
    master, slave = pty.openpty()
    link = Link(slave, lambda: None)
    os.close(master)
    link.write("gone")
    link.close()
    link.write("gone")
    assert not link.is_stalled()
    os.close(slave)


def test_a_non_blocking_terminal_gets_all_of_it() -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(slave, False)
    link = Link(slave, lambda: None)
    link.write(MORE_THAN_A_PTY_HOLDS)
    link.write("end")
    assert read(master, "end") == MORE_THAN_A_PTY_HOLDS + "end"
    link.close()
    os.close(slave)
    os.close(master)


# The dashboard on such a terminal.


def ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@contextmanager
def stalled(home: Path, size: tuple[int, int] = (120, 40), *, controlling: bool = True) -> Iterator[Terminal]:
    """The dashboard while nobody reads what it draws: it is asked for more than a pty holds."""
    environment = {"XDG_STATE_HOME": str(home), "MPTCP_TOP_RECORD": "yes"}
    command = mptcp_top("--interval", "0.2")
    with Terminal(command, (120, 40), environment, controlling=controlling, prepare=ignored) as terminal:
        terminal.wait_for("● live")
        terminal.wait_for("q quit")
        terminal.wait_for(lambda: polls(home) > 0)
        terminal.resize(*size)
        for _ in range(MORE_THAN_TEXTUAL_QUEUES):
            terminal.type(REPAINT)
            select.select([], [], [], REPAINT_SECONDS)
        yield terminal


def but_for_its_age(screen: str) -> str:
    return re.sub(r"\d+ s ago", "", screen)


def recording(home: Path) -> Path:
    return next(home.glob("mptcp-top/recordings/*.db"), home)


def polls(home: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{recording(home)}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM linux_samples").fetchone()[0])
    except sqlite3.Error:
        return 0


def assert_whole(home: Path, at_least: int) -> None:
    verified = subprocess.run(
        mptcp_top("recordings", "verify", str(recording(home))), capture_output=True, text=True, check=False
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert polls(home) >= at_least


@needs_mptcp
def test_polls_and_recording_go_on_and_what_was_typed_is_shown_afterwards(tmp_path: Path) -> None:
    with stalled(tmp_path) as terminal:
        before = polls(tmp_path)
        terminal.type("e")
        until(lambda: polls(tmp_path) >= before + POLLS, "polls are recorded while the terminal is stalled")
        terminal.wait_for("0 events")
        terminal.type("\x1b")
        terminal.wait_for("● live")
        terminal.type("q")
        assert terminal.wait_for_end() == 0
        assert terminal.modes_left_on() == []


@needs_mptcp
def test_after_a_stall_and_a_resize_in_it_the_screen_is_that_of_a_full_repaint(tmp_path: Path) -> None:
    with stalled(tmp_path, (90, 30)) as terminal:
        before = polls(tmp_path)
        until(lambda: polls(tmp_path) >= before + POLLS, "polls")
        terminal.type("p")
        terminal.wait_for("◌ the past")
        for _ in range(20):
            terminal.read(0.02)
        shown = but_for_its_age(terminal.text)
        terminal.screen.reset()
        terminal.type(REPAINT)
        terminal.wait_for(lambda: but_for_its_age(terminal.text) == shown)
        terminal.type("q")
        assert terminal.wait_for_end() == 0


@needs_mptcp
def test_a_stalled_terminal_that_is_closed_without_a_signal_ends_it_with_all_recorded(tmp_path: Path) -> None:
    with stalled(tmp_path, controlling=False) as terminal:
        before = polls(tmp_path)
        until(lambda: polls(tmp_path) >= before + POLLS, "polls")
        terminal.hang_up()
        assert terminal.wait_for_end() == 129
    assert_whole(tmp_path, before + POLLS)


@needs_mptcp
def test_who_ends_it_need_not_wait_for_a_terminal_that_takes_nothing(tmp_path: Path) -> None:
    with stalled(tmp_path) as terminal:
        before = polls(tmp_path)
        terminal.send(signal.SIGTERM)
        until(lambda: terminal.state() == "Z", "it has ended, and nobody has read")
        assert terminal.wait_for_end() == 143
    assert_whole(tmp_path, before)
