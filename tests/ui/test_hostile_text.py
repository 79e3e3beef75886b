"""Text from outside, through every widget, down to the bytes a terminal receives."""

from __future__ import annotations

import re
import sys

import pytest

from tests.terminal import Terminal
from tests.ui.payloads import PAYLOADS

SEQUENCES = re.compile(
    r"\x1b\[[\d;]*[mHfABCDEFGdJKXPLM]"  # styles, moves, erasures
    r"|\x1b\[[<>=?][\d;]*\$?[a-zA-Z]"  # modes and queries
    r"|\x1b\[[\d;]*[ntq]|\x1b\[c|\x1b[78]"
    r"|\x1b\]22;[a-z]+\x07"  # the pointer's shape
)


def left_after_known_sequences(written: str) -> str:
    return SEQUENCES.sub("", written)


@pytest.mark.parametrize("failing", ["", "failing"], ids=["answering", "failing"])
@pytest.mark.parametrize("number", range(len(PAYLOADS)), ids=lambda number: ascii(PAYLOADS[number]))
def test_no_text_reaches_the_terminal_as_anything_but_text(number: int, failing: str) -> None:
    command = [sys.executable, "-m", "tests.ui.hostile_app", str(number), failing]
    with Terminal(command, (160, 60)) as terminal:
        terminal.wait_for("q quit")
        terminal.wait_for("memory")
        shown = terminal.text
        terminal.type("z")
        for _ in range(4):
            terminal.type("j")
        terminal.type("\r")  # a page about a hostile counter
        terminal.wait_for("The catalogue does not know")
        terminal.type("\x1b")
        terminal.wait_for("q quit")
        terminal.type("\x1b[<0;5;6M\x1b[<0;5;6m")  # a click on a hostile row
        terminal.type("?")
        terminal.wait_for("Keys")
        terminal.type("q")
        terminal.wait_for("q quit")
        terminal.type("q")
        assert terminal.wait_for_end() == 0
        rest = left_after_known_sequences(terminal.written)
        moves = {"\r", "\n"} if failing else {"\r", "\n", "\b"}  # the output diff moves back with \b
        assert {char for char in rest if not char.isprintable()} <= moves
        if PAYLOADS[number].isprintable():
            assert PAYLOADS[number] in shown  # markup is shown, not obeyed
