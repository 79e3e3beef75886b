"""The keys that change the interval: they say what they did, and why they do no more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mptcp_top.settings import FASTEST_SECONDS, SLOWEST_SECONDS
from mptcp_top.sources.registry import SOURCES, SourceKind
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.pace import INTERVALS, Floor, stepped
from mptcp_top.ui.view import View
from tests.feed import Feed, text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot


def played(deed: Callable[[Pilot[int], Feed], Awaitable[None]], feed: Feed, size: tuple[int, int] = (80, 24)) -> None:
    feed.tick()

    async def play() -> None:
        async with MptcpTopApp(Deck(feed.store, feed), output_diff=False).run_test(size=size) as pilot:
            await deed(pilot, feed)

    asyncio.run(play())


def last_line(pilot: Pilot[int]) -> str:
    assert isinstance(pilot.app.screen, View)
    return text_of(list(pilot.app.screen.footer.lines))[0]


def test_the_last_line_says_why_a_target_is_not_polled_more_often() -> None:
    async def deed(pilot: Pilot[int], feed: Feed) -> None:
        await pilot.press("minus")
        assert "polled every 1 s from now on" in last_line(pilot)
        await pilot.press("minus")
        assert "1 s is the least: it is slow" in last_line(pilot)
        assert feed.interval_seconds == 1.0

    played(deed, Feed(interval_seconds=2.0, fastest_seconds=1.0))


def test_the_last_line_says_that_there_is_no_longer_interval() -> None:
    async def deed(pilot: Pilot[int], feed: Feed) -> None:
        await pilot.press("plus")
        assert "polled every 1 h from now on" in last_line(pilot)
        await pilot.press("plus")
        assert "1 h is the most there may be between two polls" in last_line(pilot)
        assert feed.interval_seconds == 3600.0

    played(deed, Feed(interval_seconds=900.0))


@pytest.mark.parametrize("kind", SOURCES.values(), ids=lambda kind: kind.called)
def test_of_every_kind_of_source_the_whole_reason_fits_into_80_columns(kind: SourceKind) -> None:
    assert kind.why_no_faster
    _, said = stepped(kind.fastest_seconds, -1, Floor(kind.fastest_seconds, kind.why_no_faster))

    async def deed(pilot: Pilot[int], _: Feed) -> None:
        assert isinstance(pilot.app.screen, View)
        pilot.app.screen.tell(said)
        assert said in last_line(pilot)

    played(deed, Feed())


def test_the_steps_reach_from_the_shortest_interval_there_is_to_the_longest() -> None:
    assert (INTERVALS[0], INTERVALS[-1]) == (FASTEST_SECONDS, SLOWEST_SECONDS)


@given(st.floats(0.1, 3600), st.sampled_from([-1, 1]), st.floats(0.1, 60))
def test_every_step_goes_the_right_way_stays_within_bounds_and_is_told(now: float, step: int, least: float) -> None:
    seconds, said = stepped(now, step, Floor(least, "so it is"))
    assert said
    if seconds is not None:
        assert (seconds - now) * step > 0
        assert least <= seconds <= 3600 or step > 0
