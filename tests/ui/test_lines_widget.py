"""The widget everything is drawn with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.app import App, ComposeResult
from textual.filter import Monochrome
from textual.geometry import Region
from textual.widget import Widget

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.line import Line, Piece
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.themes import ANSI, DARK
from tests.feed import Feeds, appliance, linux

if TYPE_CHECKING:
    from mptcp_top.ui.themes import Theme


class OneWidget(App[None]):
    """Nothing but lines."""

    def compose(self) -> ComposeResult:
        yield Lines()


def test_what_changed_at_another_width_is_not_drawn_as_it_was_before() -> None:
    async def play() -> None:
        app = OneWidget()
        async with app.run_test(size=(40, 5)) as pilot:
            lines = app.query_one(Lines)
            seen = []
            for said, width in (("before", 40), ("after", 30), ("after", 40)):
                await pilot.resize_terminal(width, 5)
                lines.show([Line((Piece(said),))])
                await pilot.pause()
                seen.append(lines.render_line(0).text.strip())
            assert seen == ["before", "after", "after"]

    asyncio.run(play())


def same_as_textual_draws(lines: Lines) -> int:
    """Compare what is drawn of a widget with what Textual's own way draws; return how many regions that was."""
    width, height = lines.region.size
    crops = [Region(0, y, width, 1) for y in range(height)]
    crops += [Region(0, 0, width, height), Region(3, height // 2, width // 2, 1), Region(width - 2, 0, 2, height)]
    crops = [crop for crop in crops if crop.width > 0 and crop.height > 0]
    for crop in crops:
        assert [list(strip) for strip in lines.render_lines(crop)] == [
            list(strip) for strip in Widget.render_lines(lines, crop)
        ]
    return len(crops)


@pytest.mark.parametrize(("theme", "colour"), [(ANSI, True), (DARK, False)], ids=["ansi", "dark, NO_COLOR"])
def test_every_screen_is_drawn_as_textual_would_draw_it(theme: Theme, colour: bool) -> None:
    async def play() -> None:
        feed = Feeds(linux("k1"), appliance("ns1"))
        for _ in range(5):
            feed["k1"].tick(MPCapableSYNRX=3, MPJoinNoTokenFound=1)
            feed["ns1"].tick(mptcptotmpcapsyn=2)
        app = MptcpTopApp(Deck(feed.store, feed, theme=theme), output_diff=False)
        if not colour:
            app._filters.append(Monochrome())  # what NO_COLOR does at a start
        async with app.run_test(size=(100, 30)) as pilot:
            for keys in ("", "down", "c", "s", "e", "h", "g", "M", "question_mark", "enter"):
                await pilot.press("escape", *keys.split())
                await pilot.pause()
                drawn = app.screen.query(Lines)
                assert sum(same_as_textual_draws(lines) for lines in drawn if lines.region) > 5

    asyncio.run(play())
