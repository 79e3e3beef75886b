"""What changed since the mark: errors first, then what is farthest from before; all else is one line."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.view import View
from tests.feed import WALL, Feed, Feeds, linux, text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

CALM = {"MPCapableSYNRX": 45, "MPCapableACKRX": 44, "MPJoinSynRx": 40, "MPJoinAckRx": 39, "AddAddr": 3, "RmAddr": 20}


def played(deed: Callable[[Pilot[int]], Awaitable[None]], feeds: Feeds | Feed, size: tuple[int, int]) -> None:
    async def play() -> None:
        app = MptcpTopApp(Deck(feeds.store, feeds), output_diff=False)
        async with app.run_test(size=size) as pilot:
            await pilot.press("M")
            await pilot.pause()
            await deed(pilot)

    asyncio.run(play())


def flooded() -> Feed:
    """Return a minute of calm, a mark, and then a flood, with an error that rises."""
    feed = Feed()
    feed.tick()
    for _ in range(60):
        feed.tick(**CALM)
    feed.mark("mark 1", feed.now, WALL + feed.now)
    for _ in range(20):
        feed.tick(**{**CALM, "MPCapableSYNRX": 1100, "RmAddr": 0, "MPJoinNoTokenFound": 2})
    return feed


def body(pilot: Pilot[int]) -> list[str]:
    return [row for row in text_of(list(pilot.app.screen.query_one("#body", Lines).lines)) if row]


def head(pilot: Pilot[int]) -> list[str]:
    return text_of(list(pilot.app.screen.query_one("#header", Lines).lines))


def test_what_changed_stands_above_what_goes_on_as_before_and_fits_the_smallest_screen() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        rows = body(pilot)
        assert [row.split()[:2] for row in rows[:1]] == [["▲", "MP_JOIN"]]
        assert rows[0].endswith("new ▲")
        assert rows[1].endswith("20.0 /s      0 /s stopped ▼")
        assert rows[2].endswith("45.0 /s  1.10k /s     x24 ▲")
        assert rows[3:] == ["   4 others moved, without a clear change  (z shows all)"]
        assert "accepted 97.8 % -> 4.0 % ▼" in head(pilot)[1]
        assert "3 changed" in head(pilot)[0]

    played(deed, flooded(), (80, 24))


def test_z_shows_what_goes_on_as_before_and_folds_it_again() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("z")
        assert len(body(pilot)) == 7
        assert all("as before" in row for row in body(pilot)[3:])
        await pilot.press("z")
        assert len(body(pilot)) == 4

    played(deed, flooded(), (120, 40))


def test_what_is_looked_for_is_shown_changed_or_not() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("slash", *"AddAddr", "enter")
        assert any("as before" in row for row in body(pilot))

    played(deed, flooded(), (120, 40))


def test_a_wide_screen_says_when_it_rose_first_and_last_and_what_it_is_held_against() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        assert "first rise  last rise" in head(pilot)[-1]
        assert "rising" in body(pilot)[0]
        assert "against the 1 min before" in head(pilot)[0]

    played(deed, flooded(), (120, 40))


def test_who_began_anew_after_the_mark_is_named_with_the_time() -> None:
    feeds = Feeds(linux("a"), linux("b"))
    feeds.tick()
    feeds.tick()
    feeds["a"].values["MPJoinSynRx"] = 50
    feeds["a"].tick()
    feeds["b"].tick()
    feeds.mark("mark 1", 5003.0, WALL + 5003)
    feeds["a"].values = {}
    feeds.tick()
    feeds["a"].tick(MPJoinSynRx=5)
    feeds["b"].tick(MPJoinSynRx=5)

    async def deed(pilot: Pilot[int]) -> None:
        (said,) = [line for line in head(pilot) if "began anew" in line]
        assert said.strip().startswith("a: counters began anew at ")
        assert said.endswith("; counted from there")
        assert "b:" not in said

    played(deed, feeds, (120, 40))


def test_before_all_that_is_remembered_nothing_is_said_to_have_stood_still() -> None:
    feed = flooded()

    async def deed(pilot: Pilot[int]) -> None:
        assert isinstance(pilot.app, MptcpTopApp)
        pilot.app.deck.cursor = -100.0
        assert isinstance(pilot.app.screen, View)
        pilot.app.screen.draw()
        await pilot.pause()
        assert "not known then" in "\n".join(head(pilot))
        assert "no error moved" not in "\n".join(head(pilot))
        assert body(pilot)[0].strip() == "nothing is known"

    played(deed, feed, (100, 24))


def test_nothing_is_folded_where_nothing_is_known_of_before() -> None:
    feed = Feed()
    feed.tick()
    feed.tick(**CALM)

    async def deed(pilot: Pilot[int]) -> None:
        assert len(body(pilot)) == len(CALM)
        assert "mean" in head(pilot)[-1]
        assert "before" not in head(pilot)[-1]

    played(deed, feed, (80, 24))
