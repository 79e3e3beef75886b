"""The dashboard over scripted targets, under a pilot's hands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from tests.feed import Feeds


def played(
    deed: Callable[[Pilot[int], Feeds], Awaitable[None]], feeds: Feeds, size: tuple[int, int] = (80, 24)
) -> None:
    """Do something on the dashboard."""

    async def play() -> None:
        app = MptcpTopApp(Deck(feeds.store, feeds), output_diff=False)
        async with app.run_test(size=size) as pilot:
            await deed(pilot, feeds)

    asyncio.run(play())
