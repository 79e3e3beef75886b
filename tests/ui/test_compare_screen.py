"""The comparison on the screen: that it fits, what the keys do, and which rows are worked out."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.compare import derived_lines, plan_of, row_line
from mptcp_top.ui.compare_screen import CompareScreen
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.pages import Page
from mptcp_top.ui.sides import Mode
from mptcp_top.ui.topics import JOINS
from tests.ui.compared import WIDTHS, comparison, head, lately, linux_box, row, text_of, three, ticked, together

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from tests.feed import Feed


# Widths


def many(count: int, now: float = 0.0) -> list[Feed]:
    return ticked(together(*(linux_box(f"host{number}") for number in range(count)), now=now), 5)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("count", [1, 2, 3, 6, 9])
def test_every_line_fits_and_is_as_long_as_the_others(width: int, count: int) -> None:
    for mode in Mode:
        table = comparison(many(count), mode)
        plan = plan_of(table, 0, width)
        lines = [text_of(row_line(table, topic, plan, "")) for topic in table.alignment.topics]
        assert len({len(line) for line in lines}) == 1
        assert all(len(line) <= width for line in (*lines, *head(table, width)))


def test_two_targets_fit_in_80_columns_with_whole_labels_and_six_in_200() -> None:
    assert plan_of(comparison(many(2)), 0, 80).shown == 2
    table = comparison(many(6))
    plan = plan_of(table, 0, 200)
    assert plan.shown == 6
    assert plan.label == table.alignment.longest_label
    assert plan.odd >= 30


def test_what_does_not_fit_is_scrolled_to_and_the_labels_stay() -> None:
    feeds = many(9)
    feeds[8].tick(MPJoinSynRx=100_000)
    table = comparison(feeds)
    at_first, scrolled = (plan_of(table, first, 80) for first in (0, 99))
    assert (at_first.shown, at_first.first) == (3, 0)
    assert list(scrolled.places) == [6, 7, 8]
    assert "targets 1-3 of 9" in head(table, 80)[0]
    assert "▲ host8" in row(table, "join_syn_rx", 80)  # who is odd is told although out of sight
    line = row(table, "join_syn_rx", 80, first=99)
    assert line.startswith(" SYN received")
    assert "▲" in line[: 80 - scrolled.odd]


def test_the_page_of_a_derived_row_says_what_it_is_made_of() -> None:
    lines = "\n".join(text_of(line) for line in derived_lines(comparison(three()), JOINS, 80))
    assert "2,940 of 3,000" in lines


# The screen


@asynccontextmanager
async def piloted(feeds: list[Feed], size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[int]]:
    app = MptcpTopApp(Deck(feeds[0].store, feeds[0]), output_diff=False)
    async with app.run_test(size=size) as pilot:
        await app.push_screen(CompareScreen(app.deck))
        yield pilot


def said(pilot: Pilot[int], name: str = "#body") -> str:
    return "\n".join(text_of(line) for line in pilot.app.screen.query_one(name, Lines).lines)


def chosen(pilot: Pilot[int]) -> str:
    screen = pilot.app.screen
    assert isinstance(screen, CompareScreen)
    return screen.chosen


def test_the_keys_change_the_mode_the_rows_and_the_columns() -> None:
    async def deed() -> None:
        async with piloted(three(lately(), MPJoinNoTokenFound=49)) as pilot:
            assert "MP_JOIN unknown token" in said(pilot)
            assert "SYN/ACK sent" not in said(pilot)  # it never moved
            await pilot.press("n", "n", "n", "n")
            assert "totals" in said(pilot, "#header")
            await pilot.press("n")
            assert "per 1,000 new sessions" in said(pilot, "#header")
            await pilot.press("n", "d")
            assert "unknown token" in said(pilot)
            assert "final ACK validated" not in said(pilot)
            await pilot.press("z")
            await pilot.press("end")
            assert chosen(pilot) in said_keys(pilot)
            await pilot.press("full_stop", "comma", "comma", "full_stop")
            await pilot.press("escape")
            assert not isinstance(pilot.app.screen, CompareScreen)

    asyncio.run(deed())


def said_keys(pilot: Pilot[int]) -> list[str]:
    return [line.key for line in pilot.app.screen.query_one("#body", Lines).lines if line.selected]


def test_enter_explains_the_counter_and_says_how_the_systems_differ() -> None:
    async def deed() -> None:
        async with piloted(three(lately(), MPJoinNoTokenFound=49), (80, 24)) as pilot:
            await pilot.press("down")
            await pilot.press("enter")
            assert isinstance(pilot.app.screen, Page)
            assert "errors /s" in said(pilot, "#text")
            await pilot.press("escape")
            while chosen(pilot) != "join_unknown_token":
                await pilot.press("down")
            assert "a token that nobody here owns" in said(pilot, "#header")
            await pilot.press("enter")
            await pilot.pause()
            assert "MPJoinNoTokenFound" in said(pilot, "#header")
            assert "mptcperrunknowntoken" in said(pilot, "#words")

    asyncio.run(deed())


def test_only_what_is_in_sight_is_worked_out_where_there_are_many() -> None:
    feeds = many(90, time.monotonic() - 6)
    for metric in feeds[0].layout.metrics:
        feeds[0].values[metric.name] = 1_000
    feeds[0].tick()

    async def deed() -> None:
        async with piloted(feeds, (60, 20)) as pilot:
            screen = pilot.app.screen
            assert isinstance(screen, CompareScreen)
            screen.draw()
            assert 5 < len(screen._comparison._verdicts) <= 15
            assert f"targets 1-{screen._plan.shown} of 90" in said(pilot, "#header")
            await pilot.press("full_stop")
            assert "targets 2-" in said(pilot, "#header")

    asyncio.run(deed())


def test_where_no_row_differs_the_screen_says_so() -> None:
    async def deed() -> None:
        async with piloted(three(lately())) as pilot:
            await pilot.press("d")
            assert "no row differs" in said(pilot)

    asyncio.run(deed())


def test_a_row_that_differed_stays_among_those_for_a_while() -> None:
    feeds = three(lately(), MPJoinNoTokenFound=49)

    async def deed() -> None:
        async with piloted(feeds) as pilot:
            await pilot.press("d")
            feeds[0].fail()  # so there is nobody any more who could be odd
            screen = pilot.app.screen
            assert isinstance(screen, CompareScreen)
            screen.draw()
            assert "unknown token" in said(pilot)
            await pilot.press("d", "d")
            assert "unknown token" not in said(pilot)

    asyncio.run(deed())
