"""The widget everything is drawn with."""

from __future__ import annotations

import asyncio

from textual.app import App, ComposeResult

from mptcp_top.ui.line import Line, Piece
from mptcp_top.ui.lines import Lines


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
