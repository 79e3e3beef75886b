"""The last line: which keys stay where there is little room, and what a key says that means nothing here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from mptcp_top.ui import keys
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.fleet_screen import FleetScreen
from mptcp_top.ui.footer import footer_line
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.lines import Lines
from tests.feed import Feeds, linux, text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

NEWS = "▲ 10:42:17 ns1: MP_JOIN unknown token began to rise, +36 in the last few seconds"


def footer(table: tuple[keys.Key, ...], width: int, news: str = "", *, answer: bool = False) -> str:
    return text_of([footer_line(table, width, news, answer=answer)])[0]


def played(deed: Callable[[Pilot[int]], Awaitable[None]], rising: str = "MPJoinNoTokenFound") -> None:
    feeds = Feeds(linux("a"), linux("b"), linux("c"))
    for poll in range(10):
        feeds["a"].tick(MPCapableSYNRX=10)
        feeds["b"].tick(MPCapableSYNRX=1, **({rising: 5} if rising and poll >= 4 else {}))
        feeds["c"].tick(MPCapableSYNRX=1)

    async def play() -> None:
        app = MptcpTopApp(Deck(feeds.store, feeds), output_diff=False)
        async with app.run_test(size=(80, 24)) as pilot:
            await deed(pilot)

    asyncio.run(play())


def foot(pilot: Pilot[int]) -> str:
    return text_of(list(pilot.app.screen.query_one("#footer", Lines).lines))[0]


@pytest.mark.parametrize(("table", "enter"), [(keys.FLEET, "Enter open"), (keys.HOST, "Enter why")])
def test_the_keys_that_lead_on_are_named_on_80_columns(table: tuple[keys.Key, ...], enter: str) -> None:
    shown = footer(table, 79 if table is keys.HOST else 80)
    for named in (enter, "h lost", "e events", "c diff", "M moved", "g chart", "m mark", "? help", "q quit"):
        assert named in shown


@pytest.mark.parametrize("table", [keys.FLEET, keys.HOST])
def test_a_wide_line_calls_them_by_their_full_names(table: tuple[keys.Key, ...]) -> None:
    assert "h handshakes" in footer(table, 120)
    assert "c compare" in footer(table, 120)


def test_news_takes_half_of_the_line_and_no_more() -> None:
    shown = footer(keys.HOST, 79, NEWS)
    assert shown.endswith("…")
    assert shown.index("▲") >= 38
    assert "Enter why" in shown
    assert "? help  q quit" in shown


@pytest.mark.parametrize("answer", [False, True])
@pytest.mark.parametrize("width", [60, 79, 119])
def test_the_way_back_to_now_stays_whatever_is_told(width: int, answer: bool) -> None:
    shown = footer(keys.in_the_past(keys.HOST), width, NEWS * 2, answer=answer)
    assert len(shown) <= width
    assert "0 back to now" in shown
    assert answer or "0 back to now  ? help  q quit" in shown  # an answer goes away by itself


def test_the_answer_to_a_key_is_whole_where_it_can_be() -> None:
    answer = "numbers: no mark yet (m): since the start (n: next)"
    assert answer in footer(keys.HOST, 79, answer, answer=True)


def test_with_one_target_no_key_is_named_that_needs_several() -> None:
    shown = footer(keys.placed(keys.HOST, targets=1, first=True), 300)
    assert "compare" not in shown
    assert "fleet" not in shown
    assert "/ find" in footer(keys.placed(keys.HOST, targets=1, first=True), 79)


@pytest.mark.parametrize(
    ("table", "sign"),
    [(keys.FLEET, "f"), (keys.EVENTS, "e"), (keys.COMPARE, "c"), (keys.SPLIT, "s"), (keys.MOVED, "M")],
)
def test_no_screen_names_the_key_that_leads_to_itself(table: tuple[keys.Key, ...], sign: str) -> None:
    assert not any(key.weight for key in table if key.sign == sign)


def test_q_goes_back_from_every_screen_above_the_first_and_ends_there() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        assert "q quit" in foot(pilot)
        for opens in ("enter", "h", "e", "M", "c", "s", "g"):
            await pilot.press(opens)
            await pilot.pause()
            assert len(pilot.app.screen_stack) == 2, opens
            assert "q back" in foot(pilot), opens
            await pilot.press("q")
            await pilot.pause()
            assert isinstance(pilot.app.screen, FleetScreen), opens
        await pilot.press("enter", "enter")
        await pilot.pause()
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HostScreen)
        await pilot.press("q", "q")
        await pilot.pause()
        assert pilot.app.return_code == 0
        assert not pilot.app.is_running

    played(deed)


def test_ctrl_q_ends_from_any_screen() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("enter", "enter", "ctrl+q")
        await pilot.pause()
        assert not pilot.app.is_running

    played(deed)


def test_esc_goes_back_to_the_first_screen_and_there_to_now() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("e", "down", "enter")  # to the moment of an event
        await pilot.pause()
        assert isinstance(pilot.app.screen, HostScreen)
        await pilot.press("escape", "escape", "escape")  # its events; the row; the fleet
        await pilot.pause()
        assert isinstance(pilot.app.screen, FleetScreen)
        assert pilot.app.screen.deck.cursor is not None
        await pilot.press("escape")
        assert pilot.app.screen.deck.cursor is None

    played(deed)


def test_n_says_what_the_numbers_are_now() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        for opens in ("", "e", "M", "enter"):
            if opens:
                await pilot.press(opens)
                await pilot.pause()
            await pilot.press("n")
            assert "numbers: in the last interval (n: next)" in foot(pilot), opens
            await pilot.press("n")
            assert "numbers: no mark yet (m): since the start (n: next)" in foot(pilot), opens
            await pilot.press("n", "n")
            assert "numbers: per second (n: next)" in foot(pilot), opens
        await pilot.press("c", "n")
        assert "numbers: in the last interval (n: next)" in foot(pilot)

    played(deed)


def test_a_key_that_means_something_elsewhere_says_where() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("x")
        assert "x: choose a counter first (Enter opens a target)" in foot(pilot)
        await pilot.press("enter", "y")
        await pilot.pause()
        assert "y copies on the page of a counter (Enter)" in foot(pilot)
        await pilot.press("q", "e", "x")
        await pilot.pause()
        assert "x silences a counter: on its page" in foot(pilot)

    played(deed)


def test_enter_on_a_host_that_never_answered_says_why_nothing_opens() -> None:
    feeds = Feeds(linux("a"))

    async def play() -> None:
        app = MptcpTopApp(Deck(feeds.store, feeds), output_diff=False)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("enter")
            await pilot.pause()
            assert "nothing to explain yet" in foot(pilot)

    asyncio.run(play())


def test_tab_on_the_fleet_goes_to_the_target_that_needs_a_look() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        assert isinstance(pilot.app.screen, FleetScreen)
        await pilot.press("tab")
        assert pilot.app.screen.chosen == "b"
        await pilot.press("tab")
        assert "no other target needs a look" in foot(pilot)

    played(deed)


def test_tab_on_a_calm_fleet_says_that_there_is_nothing_to_go_to() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("tab")
        assert "no target needs a look" in foot(pilot)

    played(deed, rising="")


def test_half_pages_and_the_last_row_are_where_pagers_have_them() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("enter", "z", "G")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, HostScreen)
        rows = screen.rows_shown()
        assert screen.row_chosen() == rows[-1]
        await pilot.press("home", "ctrl+d")
        assert rows.index(screen.row_chosen()) >= 8  # headlines are rows too
        await pilot.press("ctrl+u")
        assert screen.row_chosen() not in rows[1:]

    played(deed)


def test_a_colon_opens_the_list_of_everything() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press(":")
        await pilot.pause()
        assert type(pilot.app.screen).__name__ == "Palette"

    played(deed)
