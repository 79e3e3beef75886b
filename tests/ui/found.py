"""Screens to find rows on by typing, for tests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.lines import Lines
from tests.feed import Feed, Feeds, appliance, linux, text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from mptcp_top.ui.line import Line


def played(
    deed: Callable[[Pilot[int]], Awaitable[None]], feeds: Feeds | Feed, size: tuple[int, int] = (120, 40)
) -> None:
    async def play() -> None:
        groups = {"front": ("b",)} if isinstance(feeds, Feeds) else {}
        app = MptcpTopApp(Deck(feeds.store, feeds, groups), output_diff=False)
        async with app.run_test(size=size) as pilot:
            await deed(pilot)

    asyncio.run(play())


def troubled() -> Feed:
    """Return a target on which two errors rise, one about a token and one about a checksum."""
    feed = Feed()
    feed.tick(MPCapableSYNRX=100, MPJoinSynRx=5, MPCurrEstab=3)
    feed.tick(MPCapableSYNRX=10, MPJoinNoTokenFound=4, DataCsumErr=2)
    return feed


def fleet() -> Feeds:
    feeds = Feeds(appliance("ns1", "primary"), linux("b"), linux("c"))
    feeds.tick()
    feeds["ns1"].tick(mptcperrunknowntoken=3, mptcptotmpjoinsyn=70)
    feeds["b"].tick(MPJoinSynRx=20, DataCsumErr=4)
    feeds["c"].tick(MPJoinSynRx=20)
    return feeds


async def typed(pilot: Pilot[int], words: str) -> None:
    names = {" ": "space", ":": "colon", "_": "underscore", "/": "slash"}
    await pilot.press(*(names.get(letter, letter) for letter in words))
    await pilot.pause()


def lines_of(pilot: Pilot[int]) -> list[Line]:
    """Return all the lines between the head and the footer."""
    widgets = pilot.app.screen.query(Lines)
    return [line for widget in widgets if widget.id not in {"header", "footer", "prompt"} for line in widget.lines]


def keys(pilot: Pilot[int]) -> list[str]:
    return [line.key for line in lines_of(pilot) if line.key]


def chosen(pilot: Pilot[int]) -> list[str]:
    return [line.key for line in lines_of(pilot) if line.selected]


def head(pilot: Pilot[int]) -> str:
    return "\n".join(text_of(list(pilot.app.screen.query_one("#header", Lines).lines)))


def foot(pilot: Pilot[int]) -> str:
    return text_of(list(pilot.app.screen.query_one("#footer", Lines).lines))[0]
