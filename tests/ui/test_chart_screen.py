"""The chart screen as it is used: over a scripted feed, with keys."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.chart_screen import ChartScreen
from mptcp_top.ui.glyphs import CURSOR, LIMIT
from mptcp_top.ui.lines import Lines
from tests.feed import Feeds, appliance, fleet, text_of
from tests.ui import played as dashboard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

TOKEN = "MPJoinNoTokenFound"


def played(
    deed: Callable[[Pilot[int], Feeds], Awaitable[None]], feeds: Feeds, size: tuple[int, int] = (120, 40)
) -> None:
    dashboard.played(deed, feeds, size)


def chart(pilot: Pilot[int]) -> ChartScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ChartScreen)
    return screen


def said(pilot: Pilot[int], name: str) -> list[str]:
    return text_of(list(pilot.app.screen.query_one(f"#{name}", Lines).lines))


def legend(pilot: Pilot[int]) -> list[str]:
    return said(pilot, "body")


def letters(pilot: Pilot[int]) -> str:
    return "".join(pick.letter or "." for pick in chart(pilot).choice.picks.all)


def troubled(seconds: int = 60) -> Feeds:
    """Three hosts; joins with unknown tokens on the second."""
    feeds = fleet("a", "b", "c")
    for _ in range(seconds):
        for name, rate in (("a", 0), ("b", 3), ("c", 0)):
            feeds[name].tick(**{TOKEN: rate, "MPJoinSynRx": 10})
    return feeds


async def pressed(pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


def test_g_in_the_fleet_shows_the_worst_error_of_the_worst_target() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        del feeds
        await pressed(pilot, "g")
        assert chart(pilot).choice.target.name == "b"
        assert "unknown token" in legend(pilot)[0]
        assert "all errors together" in "\n".join(legend(pilot))
        await pressed(pilot, "escape")
        assert not isinstance(pilot.app.screen, ChartScreen)

    played(deed, troubled())


def test_g_on_a_chosen_target_where_nothing_rises_shows_its_errors_together() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        del feeds
        await pressed(pilot, "down", "down", "g")
        assert chart(pilot).choice.target.name == "a"
        assert "all errors together" in legend(pilot)[0]
        assert "has not moved in this time" in legend(pilot)[0]

    played(deed, troubled())


@pytest.mark.parametrize("keys", [("c",), ("s",), ("M",), ("enter",), ("enter", "enter"), ("enter", "h")])
def test_g_shows_the_counter_of_the_row_wherever_it_is_pressed(keys: tuple[str, ...]) -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        del feeds
        await pressed(pilot, *keys)
        await pressed(pilot, "g")
        assert chart(pilot).choice.target.name == "b"
        assert "A" in letters(pilot)

    played(deed, troubled())


@pytest.mark.parametrize("keys", [("c",), ("s",), ("M",), ("enter",), ("enter", "h")])
def test_g_shows_the_counter_the_row_cursor_is_on(keys: tuple[str, ...]) -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        del feeds
        await pressed(pilot, *keys)
        await pressed(pilot, *["down"] * 30)
        await pressed(pilot, "end")
        row = next(line for line in said_by_row(pilot) if line)
        await pressed(pilot, "g")
        name = chart(pilot).choice.picks.drawn[0].metric.label
        assert name in row

    played(deed, troubled())


def said_by_row(pilot: Pilot[int]) -> list[str]:
    """The text of the row the cursor is on, wherever it is drawn."""
    widgets = pilot.app.screen.query(Lines)
    lines = [line for widget in widgets for line in widget.lines if line.selected]
    return text_of(lines)


def test_a_chart_of_an_event_shows_the_time_it_happened() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        for _ in range(600):
            feeds.tick()
        await pressed(pilot, "e", "end", "g")
        window = chart(pilot).choice.sight
        assert window.until is not None
        assert window.until < 5400
        assert pilot.app.screen.query_one("#header", Lines).lines

    played(deed, troubled())


def test_space_draws_a_row_and_takes_it_away_and_a_fifth_is_refused() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        del feeds
        await pressed(pilot, "g")
        assert letters(pilot) == "A."
        await pressed(pilot, "down", "down", "space")
        assert letters(pilot) == "AB"
        await pressed(pilot, "up", "enter")
        assert letters(pilot) == ".B"
        for name in ("MPFailRx", "MPJoinSynRx", "MPCurrEstab", "MPFailTx"):
            await pressed(pilot, "a", *name, "enter")
        assert letters(pilot) == ".BACD."
        assert "4 are drawn" in said(pilot, "footer")[0]

    played(deed, troubled())


def test_a_counter_is_added_by_some_letters_of_its_name() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        del feeds
        await pressed(pilot, "g", "a", *"joinsynrx")
        assert "MPJoinSynRx" in legend(pilot)[0]
        await pressed(pilot, "enter")
        assert any(line.startswith(" B") and "10.0 " in line for line in legend(pilot))
        await pressed(pilot, "a", *"no such thing", "enter")
        assert "no counter is called no such thing" in said(pilot, "footer")[0]
        await pressed(pilot, "a", "escape")
        assert letters(pilot) == "A.B"

    played(deed, troubled())


def test_o_lays_the_next_target_over_and_at_last_none_again() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        del feeds
        await pressed(pilot, "g", "o")
        assert "b and a" in said(pilot, "header")[0]
        assert legend(pilot)[1].startswith(" a   a")
        await pressed(pilot, "o")
        assert "b and c" in said(pilot, "header")[0]
        await pressed(pilot, "o")
        assert "and" not in said(pilot, "header")[0]
        await pressed(pilot, "tab")
        assert chart(pilot).choice.target.name == "c"

    played(deed, troubled())


def test_zoom_and_pan_change_the_time_that_is_shown_and_0_comes_back() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        for _ in range(600):
            feeds.tick()
        await pressed(pilot, "g")
        assert "last 5 min" in said(pilot, "header")[0]
        await pressed(pilot, "plus")
        assert "last 2 min" in said(pilot, "header")[0]
        await pressed(pilot, "minus", "minus", "comma")
        assert "not up to now" in said(pilot, "header")[0]
        await pressed(pilot, "0")
        assert "last 10 min" in said(pilot, "header")[0]
        await pressed(pilot, *["minus"] * 9)
        assert "everything" in said(pilot, "header")[0]

    played(deed, troubled())


def test_the_arrows_read_the_values_of_a_moment_on_all_screens() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        for _ in range(60):
            feeds["b"].tick(**{TOKEN: 9})
        await pressed(pilot, "g")
        assert "9.00 " in legend(pilot)[0]
        await pressed(pilot, *["left"] * 65)
        assert "3.00 " in legend(pilot)[0]
        assert "the past" in said(pilot, "header")[0]
        assert any(CURSOR in line for line in said(pilot, "header"))
        app = pilot.app
        assert isinstance(app, MptcpTopApp)
        assert app.deck.cursor is not None
        await pressed(pilot, "0")
        assert app.deck.cursor is None
        assert "9.00 " in legend(pilot)[0]

    played(deed, troubled())


def test_a_threshold_is_asked_for_and_what_is_no_number_is_refused() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        del feeds
        await pressed(pilot, "g", "t", *"2/s", "enter")
        assert "threshold 2.00 /s" in said(pilot, "header")[2]
        assert any(line.count(LIMIT) > 20 for line in said(pilot, "header")[3:])
        assert legend(pilot)[0].endswith(" 1 min")
        await pressed(pilot, "t", *"often", "enter")
        assert "is no number" in said(pilot, "footer")[0]
        assert "threshold 2.00 /s" in said(pilot, "header")[2]
        await pressed(pilot, "t", "ctrl+u", "enter")
        assert "threshold" not in said(pilot, "header")[2]

    played(deed, troubled())


def test_nothing_is_drawn_again_unless_there_is_something_new_in_it() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        del feeds
        await pressed(pilot, "g")
        easel = chart(pilot).easel
        built = easel.builds
        for _ in range(5):
            chart(pilot).draw()
        await pressed(pilot, *["left"] * 5, "down", "up", "t", *"2/s", "enter")
        assert easel.builds == built
        built = easel.builds
        await pressed(pilot, "plus")
        assert easel.builds == built + 1
        await pressed(pilot, "0", *["minus"] * 3)
        assert "that is all there is" in said(pilot, "footer")[0]

    played(deed, troubled(120))


def test_a_chart_of_what_was_not_collected_yet_says_so() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        del feeds
        await pressed(pilot, "g", "plus", "comma", "left", "o", "space", "t", "escape")
        assert "waiting for the first counters" in said(pilot, "header")[0]

    played(deed, Feeds(appliance("ns1")))


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
def test_it_survives_small_screens_and_resizing(size: tuple[int, int]) -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        del feeds
        await pressed(pilot, "g", "o", "t", *"2/s", "enter", "n")
        for width, height in ((120, 40), (40, 10), size):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert max(len(line) for line in said(pilot, "header")) <= width

    played(deed, troubled(), size)


def test_plotext_is_not_loaded_until_a_chart_is_opened() -> None:
    script = "import sys, mptcp_top.ui.app, mptcp_top.ui.chart_screen; print('plotext' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_where_plotext_was_not_built_the_screen_says_so_and_stays() -> None:
    script = """
import asyncio, sys
sys.modules["plotext"] = None
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from tests.feed import fleet, text_of

async def play():
    feeds = fleet("a", "b")
    app = MptcpTopApp(Deck(feeds.store, feeds), output_diff=False)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("g")
        await pilot.pause()
        print(type(app.screen).__name__, text_of(list(app.screen.footer.lines))[0])

asyncio.run(play())
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("FleetScreen")
    assert "no chart: " in done.stdout
