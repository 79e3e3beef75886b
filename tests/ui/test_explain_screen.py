"""The page of a counter under a pilot's hands, over a scripted feed."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.explain_screen import ExplainScreen
from mptcp_top.ui.fleet_screen import FleetScreen
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.lines import Lines
from tests.feed import Feed, Feeds, appliance, linux, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    import pytest
    from textual.pilot import Pilot

TOKEN = "MPJoinNoTokenFound"


@asynccontextmanager
async def piloted(feeds: Feed | Feeds, size: tuple[int, int]) -> AsyncIterator[Pilot[int]]:
    app = MptcpTopApp(Deck(feeds.store, feeds), output_diff=False)
    async with app.run_test(size=size) as pilot:
        yield pilot


def played(
    deed: Callable[[Pilot[int]], Awaitable[None]], feeds: Feed | Feeds, size: tuple[int, int] = (80, 24)
) -> None:
    async def play() -> None:
        async with piloted(feeds, size) as pilot:
            await deed(pilot)

    asyncio.run(play())


def troubled() -> Feed:
    feed = Feed(now=time.monotonic() - 30)
    feed.tick(MPJoinSynRx=100)
    for _ in range(20):
        feed.tick(MPJoinSynRx=20)
    feed.tick(MPJoinSynRx=20, MPJoinNoTokenFound=4, MPJoinRejected=1)
    return feed


def two() -> Feeds:
    feeds = Feeds(linux("web1"), appliance("ns1"))
    for feed in feeds.feeds.values():
        feed.now = time.monotonic() - 30
    feeds.tick()
    feeds["web1"].tick(MPJoinNoTokenFound=3)
    feeds["ns1"].tick(mptcperrunknowntoken=500)
    return feeds


async def press(pilot: Pilot[int], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


def screen_of(pilot: Pilot[int]) -> ExplainScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ExplainScreen)
    return screen


def said(pilot: Pilot[int], name: str) -> list[str]:
    return text_of(list(pilot.app.screen.query_one(f"#{name}", Lines).lines))


def selected(pilot: Pilot[int]) -> str:
    lines = [line for line in pilot.app.screen.query_one("#words", Lines).lines if line.selected]
    return " ".join(" ".join(text_of(lines)).split())


async def choose(pilot: Pilot[int], words: str) -> None:
    for _ in range(80):
        if words in selected(pilot):
            return
        await press(pilot, "down")
    raise AssertionError(f"{words} cannot be chosen")


def test_enter_on_a_related_counter_goes_there_and_esc_comes_back_step_by_step() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "enter")
        assert screen_of(pilot).counter == TOKEN
        await choose(pilot, "MP_JOIN SYN received")
        await press(pilot, "enter")
        assert screen_of(pilot).counter == "MPJoinSynRx"
        assert "20.0 /s" in said(pilot, "header")[1]
        await choose(pilot, "MP_JOIN final ACK received")
        await press(pilot, "enter")
        assert screen_of(pilot).counter == "MPJoinAckRx"
        await press(pilot, "escape")
        assert screen_of(pilot).counter == "MPJoinSynRx"
        await press(pilot, "escape")
        assert screen_of(pilot).counter == TOKEN
        assert "SYN received" in selected(pilot)  # where it was left
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, HostScreen)

    played(deed, troubled())


def test_down_scrolls_to_what_is_out_of_sight_and_up_lets_go_of_the_first_row() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "enter", "down")
        assert "tcpdump" in selected(pilot)
        await choose(pilot, "MP_JOIN refused")
        assert pilot.app.screen.scroll_y > 0
        await press(pilot, "home", "down", "up", "up", "up")
        assert selected(pilot) == ""
        await press(pilot, "end")
        assert pilot.app.screen.scroll_y == pilot.app.screen.max_scroll_y > 0

    played(deed, troubled())


def test_the_sister_of_another_system_is_a_row_that_leads_to_it() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "down")
        while screen_chosen(pilot) != "web1":
            await press(pilot, "down")
        await press(pilot, "enter", "enter")
        assert screen_of(pilot).counter == TOKEN
        await choose(pilot, "mptcperrunknowntoken on ns1")
        await press(pilot, "enter")
        assert screen_of(pilot).counter == "mptcperrunknowntoken"
        assert "ns1" in said(pilot, "header")[0]

    played(deed, two())


def screen_chosen(pilot: Pilot[int]) -> str:
    screen = pilot.app.screen
    assert isinstance(screen, FleetScreen)
    return screen.chosen


def test_the_fleet_opens_a_host_on_its_worst_error_and_enter_explains_it() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "enter", "enter")
        assert screen_of(pilot).counter == "mptcperrunknowntoken"
        await press(pilot, "escape", "escape")  # the row was not chosen by hand
        assert isinstance(pilot.app.screen, FleetScreen)

    played(deed, two())


def test_an_event_leads_to_its_moment_its_host_and_its_counter() -> None:
    feed = troubled()
    rose = feed.now
    for _ in range(5):
        feed.tick(MPJoinNoTokenFound=100)

    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "e", "down")
        while "unknown token" not in " ".join(said_selected(pilot)):
            await press(pilot, "down")
        await press(pilot, "enter", "enter")
        assert screen_of(pilot).deck.cursor == rose
        head = said(pilot, "header")
        assert "the past" in head[0]
        assert TOKEN in head[1]
        assert "4 SYNs" in head[2]
        await press(pilot, "right")
        assert "104 SYNs" in said(pilot, "header")[2]
        await press(pilot, "0")
        assert "504 SYNs" in said(pilot, "header")[1]

    played(deed, feed)


def said_selected(pilot: Pilot[int]) -> list[str]:
    return text_of([line for line in pilot.app.screen.query_one("#body", Lines).lines if line.selected])


def test_what_moved_since_the_mark_is_explained_on_enter() -> None:
    feed = troubled()

    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "M", "enter")
        assert screen_of(pilot).counter == TOKEN

    played(deed, feed)


def test_a_comparison_is_explained_by_the_target_on_which_the_counter_rises() -> None:
    feeds = Feeds(linux("web1"), linux("web2"))
    for feed in feeds.feeds.values():
        feed.now = time.monotonic() - 30
    feeds.tick()
    feeds["web2"].tick(MPJoinNoTokenFound=3)

    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "c", "down")
        while "unknown token" not in " ".join(said_selected(pilot)):
            await press(pilot, "down")
        await press(pilot, "enter")
        assert "web2" in said(pilot, "header")[0]

    played(deed, feeds)


def test_y_copies_the_commands_of_the_page_or_only_the_one_that_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    file = tmp_path / "mptcp-top" / "copied.txt"

    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "enter", "y")
        await pilot.app.workers.wait_for_complete()
        first, second = file.read_text(encoding="utf-8").splitlines()
        assert first.startswith("tcpdump ")
        assert second == "ss -Mn"  # and the sentence below is no command
        footer = " ".join(said(pilot, "footer"))
        assert "2 commands sent to the terminal (OSC 52)" in footer
        assert str(file) in footer.replace(" ", "")
        await choose(pilot, "ss -Mn")
        await press(pilot, "y")
        await pilot.app.workers.wait_for_complete()
        assert file.read_text(encoding="utf-8") == "ss -Mn\n"
        await press(pilot, "up", "enter")  # Enter on a command copies it as well
        await pilot.app.workers.wait_for_complete()
        assert file.read_text(encoding="utf-8") == f"{first}\n"
        assert isinstance(pilot.app.screen, ExplainScreen)

    played(deed, troubled())


def test_a_command_that_waits_to_be_completed_says_with_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "enter", "enter")
        await choose(pilot, "start nstrace")
        await press(pilot, "y")
        await pilot.app.workers.wait_for_complete()
        assert "fill in VIP" in " ".join(said(pilot, "footer"))

    played(deed, two(), (120, 40))


def test_resizing_keeps_the_place() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "enter")
        page = [*said(pilot, "numbers"), *said(pilot, "words")]
        screen_of(pilot).action_scroll(next(y for y, line in enumerate(page) if "A rise means" in line))
        await pilot.pause()
        assert "A rise means" in top_line(pilot)
        await pilot.resize_terminal(62, 15)
        await pilot.pause()
        await pilot.pause()
        assert "A rise means" in top_line(pilot)

    played(deed, troubled(), (80, 16))


def top_line(pilot: Pilot[int]) -> str:
    lines = [*said(pilot, "numbers"), *said(pilot, "words")]
    return lines[round(pilot.app.screen.scroll_y)]


def test_the_columns_stand_beside_each_other_when_the_terminal_is_wide() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "enter")
        numbers, words = (pilot.app.screen.query_one(name, Lines) for name in ("#numbers", "#words"))
        assert numbers.region.right < words.region.x
        assert numbers.region.y == words.region.y
        await pilot.resize_terminal(100, 40)
        await pilot.pause()
        assert words.region.y == numbers.region.bottom
        assert words.region.x == 0

    played(deed, troubled(), (120, 40))


def test_lines_that_read_the_same_are_not_drawn_again() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "enter")
        words = pilot.app.screen.query_one("#words", Lines)
        before = words.lines
        screen_of(pilot).draw()
        assert words.lines is before

    played(deed, troubled())


def test_a_click_chooses_a_row_and_another_opens_it() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "enter")
        lines = text_of(list(pilot.app.screen.query_one("#words", Lines).lines))
        place = next(number for number, line in enumerate(lines) if "MP_JOIN SYN received" in line)
        await pilot.click("#words", offset=(20, place))
        assert "MP_JOIN SYN received" in selected(pilot)
        await pilot.click("#words", offset=(20, place))
        await pilot.pause()
        assert screen_of(pilot).counter == "MPJoinSynRx"

    played(deed, troubled(), (120, 40))


def test_the_help_of_the_page_names_its_keys() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "enter", "question_mark")
        assert any("copy the command" in line for line in said(pilot, "text"))

    played(deed, troubled())


def test_what_was_stays_on_the_page_when_history_has_forgotten_it() -> None:
    feed = troubled()

    async def deed(pilot: Pilot[int]) -> None:
        await press(pilot, "enter", "left", "right", "left", "right")
        pilot.app.screen.query_one("#words", Lines)
        screen = screen_of(pilot)
        screen.go(feed.now)
        before = said(pilot, "numbers")
        for _ in range(4000):
            feed.tick(MPJoinNoTokenFound=9)
        screen.draw()
        assert said(pilot, "numbers") == before
        assert any("4 SYNs" in line for line in said(pilot, "header"))

    played(deed, feed)
