"""The list of everything that can be done: what is in it, that it can be read, and that it does it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from textual.command import CommandInput, CommandList

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.commands import PALETTE, commands_of
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.events_screen import EventsScreen
from mptcp_top.ui.fleet_screen import FleetScreen
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.palette import Palette
from mptcp_top.ui.themes import THEMES
from mptcp_top.ui.view import View
from tests.feed import Feeds, appliance, linux, text_of
from tests.terminal import Terminal
from tests.ui.eyes import contrast, quantised

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from mptcp_top.ui.themes import Theme

CTRL_P = "\x10"


def played(deed: Callable[[Pilot[int]], Awaitable[None]], size: tuple[int, int] = (80, 24), **options: bool) -> None:
    feeds = Feeds(linux("a"), appliance("b"), linux("[/x] [red]"))
    feeds["b"].identity = feeds["b"].identity._replace(role="primary")
    feeds["a"].tick(MPCapableSYNRX=5)
    feeds["a"].tick(MPJoinNoTokenFound=5)
    feeds["b"].tick()

    async def play() -> None:
        app = MptcpTopApp(Deck(feeds.store, feeds), output_diff=False, **options)
        async with app.run_test(size=size) as pilot:
            await deed(pilot)

    asyncio.run(play())


async def listed(pilot: Pilot[int], typed: str = "") -> list[str]:
    """Open the list, type something into it, and return what it lists then."""
    await pilot.press("ctrl+p")
    palette = pilot.app.screen
    assert isinstance(palette, Palette)
    palette.query_one(CommandInput).value = typed
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    found = palette.query_one(CommandList)
    return [str(found.get_option_at_index(place).prompt) for place in range(found.option_count)]


def test_every_key_of_the_screen_is_a_command_with_its_meaning() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        for keys in ((), ("enter",), ("e",), ("c",), ("s",), ("M",)):
            await pilot.press(*keys)
            view = pilot.app.screen
            assert isinstance(view, View)
            acts = {command.act: command for command in commands_of(view)}
            for key in view.KEYS:
                assert key.action == PALETTE or key.meaning in acts[key.action].words

    played(deed)


def test_what_is_listed_at_first_are_the_actions_the_targets_and_the_themes() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        shown = await listed(pilot)
        assert shown[0].startswith("Enter      open: show the target alone")
        assert [line for line in shown if "go to target" in line] == [
            f"{'':10} go to target {name}" for name in ("a", "b", "[/x] [red]")
        ]
        assert sum("theme " in line for line in shown) == len(THEMES)
        assert not any("explain unknown token" in line for line in shown)

    played(deed, (120, 40))


@pytest.mark.parametrize("typed", ["MPJoinNoTok", "unknown token", "TokenEr", "explain unknown"])
def test_a_counter_is_found_by_its_name_its_label_and_its_alias(typed: str) -> None:
    async def deed(pilot: Pilot[int]) -> None:
        assert "explain unknown token" in (await listed(pilot, typed))[0]

    played(deed, (120, 40))


def test_a_theme_is_put_on() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await listed(pilot, "theme light")
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.theme == "mptcp-top-light"

    played(deed)


@pytest.mark.parametrize("name", ["b", "[/x] [red]"])
def test_a_target_is_gone_to_whatever_is_in_its_name(name: str) -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await listed(pilot, f"go to target {name}")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HostScreen)
        assert pilot.app.screen.watched() == (name,)

    played(deed)


def test_an_action_of_the_screen_is_done_on_that_screen() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await listed(pilot, "warnings and worse")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, EventsScreen)
        assert "warnings and worse" in "\n".join(text_of(list(pilot.app.screen.query_one("#header", Lines).lines)))

    played(deed)


def test_the_list_is_left_with_escape_and_with_its_own_key() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        for key in ("escape", "ctrl+p"):
            await listed(pilot)
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(pilot.app.screen, FleetScreen)

    played(deed)


def test_in_ascii_the_list_is_seven_bits() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        assert all(line.isascii() for line in await listed(pilot))
        rows = [strip.text for strip in pilot.app.screen._compositor.render_strips()]
        assert all(row.isascii() for row in rows), rows

    played(deed, ascii_only=True)


@pytest.mark.parametrize("theme", [theme for theme in THEMES.values() if not theme.own], ids=lambda theme: theme.name)
def test_the_list_can_be_read_in_every_theme(theme: Theme) -> None:
    behind = "{:02x}{:02x}{:02x}".format(*quantised(theme.paper or 0))

    def rgb_of(colour: str) -> tuple[int, int, int]:
        return int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:], 16)

    with Terminal([sys.executable, "-m", "tests.ui.quiet_app", theme.name]) as terminal:
        terminal.wait_for("errors")
        terminal.type(CTRL_P)
        terminal.wait_for("a few letters")
        terminal.wait_for("explain")
        cells = [cell for row in terminal.screen.buffer.values() for cell in row.values()]
        written = [cell for cell in cells if cell.data.strip()]
        assert {contrast(rgb_of(cell.fg), rgb_of(cell.bg)) >= 4.5 for cell in written} == {True}
        assert behind in {cell.bg for cell in cells}


def test_nothing_of_it_or_of_the_help_is_imported_before_it_is_opened() -> None:
    names = [f"mptcp_top.ui.{name}" for name in ("palette", "commands", "help", "abouts")]
    script = f"import sys, mptcp_top.ui.app\nprint([name for name in {names!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
