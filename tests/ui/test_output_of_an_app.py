"""A whole app: its frames go to two terminals, to one through the output diff, and both show the same."""

import asyncio
import random
from collections.abc import Callable
from typing import Final

import pytest
from textual.geometry import Size
from textual.pilot import Pilot
from textual.widgets import DataTable, Input, Static

from tests.ui.twice import Counters, Dashboard, Question, run


def some_text(chance: random.Random) -> str:
    texts = ["", "plain", "世界 wide", "e\u0301 combined", "x" * 300, "[red]a[/] [link='http://a']b[/] [on blue]c  [/]"]
    return "\n\n".join(chance.choices(texts, k=3))


THINGS_TO_DO: Final[tuple[Callable[[Dashboard, random.Random], object], ...]] = (
    lambda app, chance: app.query_one(Counters).tick(chance, chance.randrange(20)),
    lambda app, chance: app.query_one(DataTable).scroll_relative(y=chance.randrange(-9, 10), animate=False),
    lambda app, chance: app.query_one(Static).update(some_text(chance)),
    lambda app, _: app.push_screen(Question()) if len(app.screen_stack) < 3 else None,
    lambda app, _: app.pop_screen() if len(app.screen_stack) > 1 else None,
    lambda app, chance: setattr(app, "theme", chance.choice(["ansi-dark", "textual-dark", "textual-light"])),
    lambda app, chance: app.notify(chance.choice(["世界", "a\nb"]), timeout=chance.choice([0.01, 9])),
    lambda app, chance: app.resize(Size(chance.choice([60, 80, 120]), chance.choice([20, 24, 40]))),
    lambda app, _: app.copy_to_clipboard("copied"),
    lambda app, chance: app.query_one(Input).insert_text_at_cursor(chance.choice("abc")),
    lambda app, _: app.query_one(Input).focus(),
    lambda app, chance: setattr(app.query_one(Counters), "display", chance.random() < 0.7),
)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_an_app_does_shows_the_same_with_the_diff(seed: int) -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        chance = random.Random(seed)
        for _ in range(60):
            chance.choice(THINGS_TO_DO)(app, chance)
            await pilot.pause(0.02)
            assert app.shown.state() == app.expected.state()
        assert app.shown.bytes < app.expected.bytes / 3

    run(act)


def test_a_starting_app_paints_its_screen_once() -> None:
    async def act(app: Dashboard, _: Pilot[object]) -> None:
        assert "counter12" in app.shown.text()
        assert app.shown.bytes < 0.25 * app.expected.bytes

    run(act)


@pytest.mark.parametrize("theme", ["ansi-dark", "textual-dark"])
def test_a_tick_costs_a_third_of_what_textual_sends(theme: str) -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        before, plain_before = app.shown.bytes, app.expected.bytes
        chance = random.Random(1)
        for _ in range(10):
            app.query_one(Counters).tick(chance, 40)
            await pilot.pause()
        assert app.shown.bytes - before < (app.expected.bytes - plain_before) / 3

    run(act, theme)


def test_a_repaint_without_a_change_costs_no_more_than_the_cursor_move() -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        before, plain_before = app.shown.bytes, app.expected.bytes
        app.refresh()
        await pilot.pause()
        assert app.expected.bytes - plain_before > 5000
        assert app.shown.bytes - before == len("\x1b[1;1H")

    run(act)


def test_a_user_who_asks_for_it_gets_the_whole_screen_again() -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        app.shown.feed("\x1b[5;5Hgarbage")
        app.diff.redraw()
        await pilot.pause()
        assert app.shown.state() == app.expected.state()

    run(act)


@pytest.mark.parametrize("foreign", ["\x1b[5;5Hgarbage", "\x1b[?1049h"])
def test_a_repaint_after_others_drew_is_complete(foreign: str) -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        assert app._driver is not None
        app._driver.write(foreign)
        app.refresh()
        await pilot.pause()
        assert app.shown.state() == app.expected.state()

    run(act)


@pytest.mark.parametrize(
    "harmless", ["\x07", "\x1b]52;c;Y29weQ==\x07", "\x1b]0;title\x1b\\", "\x1b[?1004h", "\x1b[>25u"]
)
def test_what_draws_nothing_costs_no_repaint(harmless: str) -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        assert app._driver is not None
        app._driver.write(harmless)
        before = app.shown.bytes
        app.refresh()
        await pilot.pause()
        assert app.shown.bytes - before == len("\x1b[1;1H")

    run(act)


@pytest.mark.parametrize("pause", [None, 0.1])
def test_a_terminal_resized_there_and_back_is_repainted(pause: float | None) -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        wide = app.shown.cells()
        app.resize(Size(60, 40))
        if pause is not None:  # else Textual sees the second event only
            await asyncio.sleep(pause)
        app.resize(app.SIZE)
        for _ in range(50):  # a busy machine takes its time
            await pilot.pause(0.1)
            if app.shown.cells() == wide:
                break
        assert app.shown.cells() == wide

    run(act)
