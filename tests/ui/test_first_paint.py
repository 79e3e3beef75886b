"""The screen before Textual is there, and the screen Textual then paints."""

from __future__ import annotations

import signal
import sys
import time

import pyte
import pytest

from mptcp_top.ui.first_paint import Paper, first_paint
from mptcp_top.ui.frame import Moment, frame_of
from tests.feed import WALL, Feed
from tests.terminal import Terminal, mptcp_top
from tests.ui.quiet_app import feed

SIZES = ((40, 10), (60, 20), (80, 24), (120, 40), (200, 50))


def painted(size: tuple[int, int], start: float) -> list[str]:
    box = feed(start)
    frame = frame_of(box.store, box.target, Moment(box.now, WALL + box.now), box.interval_seconds)
    screen = pyte.Screen(*size)
    pyte.Stream(screen).feed(first_paint(frame, Paper(*size)))
    return [line.rstrip() for line in screen.display]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_first_paint_is_what_textual_paints(size: tuple[int, int]) -> None:
    start = time.monotonic() + 60  # what is of the future is never too old
    with Terminal([sys.executable, "-m", "tests.ui.quiet_app", f"--start={start}"], size) as terminal:
        terminal.wait_for("errors")
        terminal.wait_for(lambda: terminal.text.splitlines()[-1].strip() == painted(size, start)[-1].strip())
        shown = [line.rstrip() for line in terminal.screen.display]
    theirs, ours = shown[1:], painted(size, start)[1:]  # the first line has a clock
    scrollbar = size[0] - 1
    assert [line[:scrollbar].rstrip() for line in theirs] == [line[:scrollbar].rstrip() for line in ours]


def test_a_signal_between_the_first_paint_and_textual_restores_the_terminal() -> None:
    with Terminal(mptcp_top()) as terminal:
        terminal.wait_for(lambda: "\x1b[?1049h" in terminal.written)
        terminal.send(signal.SIGTERM)
        assert terminal.wait_for_end() == 143
        assert terminal.modes_left_on() == []


def test_keys_typed_before_textual_listens_are_kept_and_not_echoed() -> None:
    with Terminal(mptcp_top()) as terminal:
        terminal.wait_for(lambda: "\x1b[?1049h" in terminal.written)
        terminal.type("q")
        assert terminal.wait_for_end() == 0
        assert terminal.modes_left_on() == []


def test_without_colours_no_colour_is_painted() -> None:
    box = Feed()
    box.tick(MPRstTx=3)
    box.tick(MPRstTx=3)
    frame = frame_of(box.store, box.target, Moment(box.now, WALL + box.now), 1.0)
    assert "\x1b[1;31m" in first_paint(frame, Paper(80, 24))
    assert "31m" not in first_paint(frame, Paper(80, 24, colours=False))
    assert first_paint(frame, Paper(80, 24, ascii_only=True, colours=False)).isascii()
