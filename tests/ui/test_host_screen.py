"""The host screen under a pilot's hands, over a scripted feed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Group, Target
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.board import Panel
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.explain_screen import ExplainScreen
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.lines import Lines
from tests.feed import Feed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from textual.pilot import Pilot


@asynccontextmanager
async def piloted(feed: Feed, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[int]]:
    app = MptcpTopApp(Deck(feed.store, feed), output_diff=False)
    async with app.run_test(size=size) as pilot:
        yield pilot


def played(
    deed: Callable[[Pilot[int], Feed], Awaitable[None]], feed: Feed | None = None, **options: tuple[int, int]
) -> None:
    box = feed or some_feed()

    async def play() -> None:
        async with piloted(box, **options) as pilot:
            await deed(pilot, box)

    asyncio.run(play())


def some_feed() -> Feed:
    feed = Feed()
    feed.tick(MPCapableSYNRX=100, MPCapableACKRX=99, MPJoinSynRx=5)
    feed.tick(MPCapableSYNRX=10, MPCapableACKRX=10, MPJoinNoTokenFound=4)
    return feed


def screen_of(pilot: Pilot[int]) -> HostScreen:
    screen = pilot.app.screen
    assert isinstance(screen, HostScreen)
    return screen


def panel(pilot: Pilot[int], group: Group) -> Panel:
    return pilot.app.screen.query_one(f"#panel-{group.value}", Panel)


def said(widget: Lines) -> str:
    return "\n".join("".join(piece.text for piece in line.pieces) for line in widget.lines)


def selected(pilot: Pilot[int]) -> list[str]:
    return [line.key for widget in pilot.app.screen.query(Panel) for line in widget.lines if line.selected]


def test_down_chooses_the_first_row_and_moves_on_by_rows() -> None:
    async def deed(pilot: Pilot[int], _: Feed) -> None:
        await pilot.press("down")
        assert selected(pilot) == ["MPJoinNoTokenFound"]  # a row, so that Enter explains
        await pilot.press("down")
        assert selected(pilot) == ["panel:sessions"]
        await pilot.press("home")
        assert selected(pilot) == ["panel:errors"]
        await pilot.press("end")
        last = selected(pilot)
        await pilot.press("down")
        assert selected(pilot) == last
        await pilot.press("escape")
        assert selected(pilot) == []

    played(deed)


def test_the_cursor_stays_on_its_counter_when_the_order_changes() -> None:
    async def deed(pilot: Pilot[int], feed: Feed) -> None:
        await pilot.press("down")
        feed.tick(DataCsumErr=1, MPJoinSynAckHMacFailure=1)
        screen_of(pilot).draw()
        assert selected(pilot) == ["MPJoinNoTokenFound"]

    played(deed)


def test_enter_on_a_headline_folds_the_panel_and_unfolds_it() -> None:
    async def deed(pilot: Pilot[int], _: Feed) -> None:
        await pilot.press("down")
        while selected(pilot) != ["panel:MP_CAPABLE"]:
            await pilot.press("down")
        await pilot.press("enter")
        assert len(panel(pilot, Group.MP_CAPABLE).lines) == 1
        await pilot.press("enter")
        assert len(panel(pilot, Group.MP_CAPABLE).lines) == 8

    played(deed)


def test_enter_with_no_row_chosen_explains_the_worst_error() -> None:
    async def deed(pilot: Pilot[int], _: Feed) -> None:
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ExplainScreen)
        head = said(pilot.app.screen.query_one("#header", Lines))
        assert "MPJoinNoTokenFound" in head
        assert "rising since" in head
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, HostScreen)

    played(deed)


def test_the_errors_panel_folds_to_what_rises_and_opens_again() -> None:
    async def deed(pilot: Pilot[int], feed: Feed) -> None:
        for _ in range(40):
            feed.tick()  # what rose has ended
        await pilot.press("home", "enter")
        assert len(panel(pilot, Group.ERRORS).lines) == 1
        assert "▸" in said(panel(pilot, Group.ERRORS))
        await pilot.press("enter")
        assert "unknown token" in said(panel(pilot, Group.ERRORS))

    played(deed)


def test_z_shows_error_counters_that_were_never_seen() -> None:
    async def deed(pilot: Pilot[int], _: Feed) -> None:
        assert "bad checksum" not in said(panel(pilot, Group.ERRORS))
        await pilot.press("z")
        assert "bad checksum" in said(panel(pilot, Group.ERRORS))
        await pilot.press("z")
        assert "bad checksum" not in said(panel(pilot, Group.ERRORS))

    played(deed)


def test_a_click_chooses_the_row_under_it() -> None:
    async def deed(pilot: Pilot[int], _: Feed) -> None:
        await pilot.click("#panel-MP_CAPABLE", offset=(5, 1))
        assert selected(pilot) == ["MPCapableSYNRX"]

    played(deed)


def test_the_row_cursor_scrolls_what_it_is_on_into_view() -> None:
    async def deed(pilot: Pilot[int], _: Feed) -> None:
        screen = pilot.app.screen
        await pilot.press("z", "end")
        await pilot.pause()
        assert screen.scroll_offset.y > 0
        for key in (*["up"] * 60, *["down"] * 40, "home"):
            await pilot.press(key)
            await pilot.pause()
            (chosen,) = selected(pilot)
            (row,) = [
                widget.region.y + y
                for widget in screen.query(Panel)
                for y, line in enumerate(widget.lines)
                if line.key == chosen
            ]
            assert 3 <= row <= 22, (chosen, key)  # below the header, above the footer
        assert screen.scroll_offset.y == 0

    played(deed, size=(80, 24))


def test_pause_holds_the_numbers_and_leaving_it_catches_up() -> None:
    async def deed(pilot: Pilot[int], feed: Feed) -> None:
        await pilot.press("p")
        feed.tick(MPCapableSYNRX=1000)
        screen_of(pilot).draw()
        assert "110" in said(panel(pilot, Group.MP_CAPABLE))
        assert "the past" in said(pilot.app.screen.query_one("#header", Lines))
        await pilot.press("p")
        assert "1,110" in said(panel(pilot, Group.MP_CAPABLE))

    played(deed)


def test_tab_shows_the_next_target_and_comes_round() -> None:
    feed = some_feed()
    other = Feed(Target("local:red", "linux"))
    both = Store([feed.target, other.target])
    for box in (feed, other):
        box.store, box.engine = both, Engine(both)
    feed.tick(MPCapableSYNRX=1)
    feed.tick(MPJoinNoTokenFound=1)
    other.tick(MPCapableSYNRX=7777)

    async def deed(pilot: Pilot[int], _: Feed) -> None:
        await pilot.press("home", "enter", "tab")
        assert "7,777" in said(panel(pilot, Group.MP_CAPABLE))
        header = said(pilot.app.screen.query_one("#header", Lines))
        assert "local:red" in header
        assert "2/2 (Tab)" in header
        assert "also: local" in header  # where an error rises
        await pilot.press("tab")
        assert "7,777" not in said(panel(pilot, Group.MP_CAPABLE))

    played(deed, feed)


def test_the_row_a_target_was_opened_with_stays_there_when_tab_shows_another() -> None:
    feed = some_feed()
    other = Feed(Target("local:red", "linux"))
    both = Store([feed.target, other.target])
    for box in (feed, other):
        box.store, box.engine = both, Engine(both)
        box.tick()
    feed.tick(MPJoinNoTokenFound=1)
    other.tick(DataCsumErr=1)

    async def deed(pilot: Pilot[int], _: Feed) -> None:
        await pilot.press("home", "enter", "tab", "enter")
        await pilot.pause()
        assert "DataCsumErr" in said(pilot.app.screen.query_one("#header", Lines))

    played(deed, feed)


def test_r_polls_the_target_on_the_screen_now() -> None:
    async def deed(pilot: Pilot[int], feed: Feed) -> None:
        await pilot.press("r")
        assert feed.retried == ["local"]

    played(deed)


def test_only_the_cells_that_changed_are_drawn_again() -> None:
    async def deed(pilot: Pilot[int], feed: Feed) -> None:
        screen_of(pilot).draw()
        await pilot.pause()
        before = panel(pilot, Group.ADDRESSING).lines
        feed.tick(MPCapableSYNRX=10, MPCapableACKRX=10)
        screen_of(pilot).draw()
        assert panel(pilot, Group.ADDRESSING).lines is before  # nothing there reads differently

    played(deed)


def test_no_key_polls_a_target_more_often_than_it_may_be() -> None:
    async def deed(pilot: Pilot[int], feed: Feed) -> None:
        feed.interval_seconds, feed.fastest_seconds = 2.0, 1.0
        await pilot.press("minus", "minus", "minus")
        assert feed.interval_seconds == 1.0

    played(deed)


def test_a_moved_row_cursor_leaves_every_panel_as_a_whole_draw_would() -> None:
    async def deed(pilot: Pilot[int], _: Feed) -> None:
        for key in ("down", "down", "down", "up", "end", "home", "G", "escape", "down", "z", "down"):
            await pilot.press(key)
            moved = {widget.id: widget.lines for widget in pilot.app.screen.query(Panel)}
            screen_of(pilot).draw()
            assert {widget.id: widget.lines for widget in pilot.app.screen.query(Panel)} == moved

    played(deed)
