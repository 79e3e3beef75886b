"""B9: a fleet in which every text is hostile, on every screen, down to the bytes a terminal receives."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tests.hostile.hostile_fleet import NAMES, app_of, random_names
from tests.terminal import Terminal
from tests.ui.payloads import PAYLOADS
from tests.ui.test_hostile_text import left_after_known_sequences

SIZE = (160, 50)
TOUR = (
    ("c", "over the last minute"),
    ("s", "side by side"),
    ("e", "Enter show the host then"),
    ("\r", "◌ the past"),
    ("0", "trying again"),
    ("h", "complete"),
    ("M", "counters in all"),
    ("jj\r", "What it is"),
    ("g", "zoom"),
    ("q", "What it is"),
    ("q", "counters in all"),
    ("?", "↑↓ scroll  Esc back"),
    ("q", "counters in all"),
    ("\x10silence", "silence"),
    ("\x1b", "counters in all"),
    ("/", "find: _"),
    ("x", "find: x_"),
    ("\x1b", "? help"),
    ("f", "Enter open"),
)
"""Keys, and what is then to be seen."""

CLICKS = [f"\x1b[<0;{column};{line}M\x1b[<0;{column};{line}m" for column in (5, 40) for line in (2, 6, 9)]


@pytest.mark.parametrize("mode", ["payloads", "names"])
def test_b9_no_text_on_any_screen_reaches_the_terminal_as_anything_but_text(mode: str) -> None:
    with Terminal([sys.executable, "-m", "tests.hostile.hostile_fleet", mode], SIZE) as terminal:
        terminal.wait_for("errors rise on")
        terminal.wait_for("Enter open")
        for keys, seen in TOUR:
            terminal.type(keys)
            terminal.wait_for(seen)
        for click in CLICKS:
            terminal.type(click)
        terminal.type("\x11")
        assert terminal.wait_for_end() == 0
        assert terminal.modes_left_on() == []
        rest = left_after_known_sequences(terminal.written)
    assert {char for char in rest if not char.isprintable()} <= {"\r", "\n", "\b"}


def test_b9_there_are_a_thousand_names_of_every_kind_and_13_payloads() -> None:
    names = random_names(NAMES)
    assert len(set(names)) == NAMES
    assert sum(not name.isprintable() for name in names) > NAMES / 2
    assert len(PAYLOADS) == 13


SCREENS = {
    "fleet": "",
    "compare": "c",
    "find": "c slash",
    "side by side": "s",
    "events": "e",
    "handshakes": "h",
    "host": "j enter",
    "moved": "M",
    "explain": "M j enter",
    "chart": "M j g",
    "mark": "m m",
    "help": "question_mark",
    "palette": "ctrl+p",
}
ODD_SIZES = [(1, 1), (1, 60), (2, 5), (3, 40), (19, 2), (500, 200)]


@pytest.mark.parametrize("keys", SCREENS.values(), ids=SCREENS)
def test_b15_every_screen_draws_itself_at_any_size(keys: str) -> None:
    async def draw() -> None:
        async with app_of("payloads").run_test(size=(100, 30)) as pilot:
            await pilot.press(*keys.split())
            for size in ODD_SIZES:
                await pilot.resize_terminal(*size)
                await pilot.pause()

    asyncio.run(draw())
