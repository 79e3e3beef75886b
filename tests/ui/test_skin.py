"""A theme that is put on while everything is drawn already."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.line import Look
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.themes import ANSI, DARK, LIGHT, OKABE_ITO, THEMES, css
from mptcp_top.ui.view import View
from tests.feed import text_of
from tests.terminal import Terminal
from tests.ui.eyes import quantised
from tests.ui.quiet_app import feed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from mptcp_top.ui.themes import Theme

F2 = "\x1bOQ"


def colours(terminal: Terminal) -> tuple[set[str], set[str]]:
    """Return the colours of what is written on the screen, and what is behind it."""
    rows = [
        [terminal.screen.buffer[y][x] for x in range(terminal.screen.columns)] for y in range(terminal.screen.lines)
    ]
    cells = [cell for row in rows for cell in row]
    behind = {cell.fg if cell.reverse else cell.bg for cell in cells}
    return {cell.bg if cell.reverse else cell.fg for cell in cells if cell.data.strip()}, behind


def inks(theme: Theme) -> set[str]:
    numbers = [ink.colour for ink in theme.inks.values() if ink.colour is not None]
    return {"{:02x}{:02x}{:02x}".format(*quantised(number)) for number in numbers}


@pytest.mark.parametrize("arguments", [[], ["--no-diff"]], ids=["diff", "without"])
def test_another_theme_repaints_every_cell_of_the_terminal(arguments: list[str]) -> None:
    def is_on(paper: str) -> bool:
        return colours(terminal)[1] == {paper}

    with Terminal([sys.executable, "-m", "tests.ui.quiet_app", *arguments], (80, 24)) as terminal:
        terminal.wait_for("errors")
        for theme in (DARK, LIGHT, OKABE_ITO, ANSI):
            terminal.type(F2)
            terminal.wait_for(f"theme {theme.name}: ")
            terminal.wait_for(partial(is_on, "default" if theme.own else css(theme.paper or 0)[1:]))
            assert theme.own or colours(terminal)[0] <= inks(theme)


def test_the_screens_below_a_page_are_in_the_theme_that_was_put_on_over_them() -> None:
    with Terminal([sys.executable, "-m", "tests.ui.quiet_app"], (80, 24)) as terminal:
        terminal.wait_for("errors")
        terminal.type("?")
        terminal.wait_for("Keys")
        terminal.type(F2)
        terminal.wait_for("theme dark: ")
        terminal.type("q")
        terminal.wait_for("unknown token")
        terminal.wait_for(lambda: colours(terminal)[1] == {css(DARK.paper or 0)[1:]})


def played(deck: Deck, deed: Callable[[Pilot[int]], Awaitable[None]]) -> None:
    async def play() -> None:
        async with MptcpTopApp(deck, output_diff=False).run_test(size=(120, 40)) as pilot:
            await deed(pilot)

    asyncio.run(play())


def last_line(pilot: Pilot[int]) -> str:
    assert isinstance(pilot.app.screen, View)
    return text_of(list(pilot.app.screen.footer.lines))[0]


def test_a_theme_that_is_chosen_is_remembered_and_what_hinders_that_is_told() -> None:
    box, kept = feed(), []

    def remember(name: str, value: object) -> str:
        kept.append((name, value))
        return "" if value == "dark" else "not remembered: the disk is full"

    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("f2")
        assert "theme dark: light text on dark grey" in last_line(pilot)
        await pilot.press("f2")
        assert "not remembered: the disk is full" in last_line(pilot)
        assert kept == [("theme", "dark"), ("theme", "light")]
        assert Lines.styles_by_look[Look.BAD].bgcolor is not None

    played(Deck(box.store, box, remember=remember), deed)


def test_where_there_are_no_colours_the_key_says_why_and_changes_nothing() -> None:
    box = feed()

    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("f2")
        assert "the colours stay the terminal's own: NO_COLOR asks for no colours" in last_line(pilot)
        assert pilot.app.theme == "ansi-dark"
        assert Lines.styles_by_look[Look.BAD].bgcolor is None

    played(Deck(box.store, box, why_only_ansi="NO_COLOR asks for no colours"), deed)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_the_dashboard_starts_in_the_theme_it_is_given(theme: Theme) -> None:
    box = feed()

    async def deed(pilot: Pilot[int]) -> None:
        assert pilot.app.native_ansi_color == theme.own
        assert pilot.app.screen.styles.background.hex6.casefold() == (css(theme.paper) if theme.paper else "#000000")
        footer = pilot.app.screen.query_one("#footer", Lines)
        backgrounds = {segment.style.bgcolor for segment in footer.render_line(0) if segment.style}
        assert {None if one is None else one.name for one in backgrounds} == {css(theme.paper) if theme.paper else None}

    played(Deck(box.store, box, theme=theme), deed)
