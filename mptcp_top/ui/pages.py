"""Pages of text over the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mptcp_top.ui.keys import PAGE
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.line import Line


class Page(View):
    """A page: lines made anew for each width and each tick, scrolled, left with Esc."""

    BINDINGS: ClassVar = [key.binding for key in PAGE]
    KEYS: ClassVar = PAGE

    def __init__(self, deck: Deck, lines_for: Callable[[int], list[Line]]) -> None:
        super().__init__(deck)
        self._lines_for = lines_for

    def compose(self) -> ComposeResult:
        """Lay the page out."""
        yield self.footer
        yield Lines(id="text")
        yield self.prompt

    def _draw(self, width: int, height: int) -> None:
        del height
        columns = width - 1
        body = self.query_one("#text", Lines)
        body.show(self._lines_for(columns))
        body.styles.height = max(1, len(body.lines))
        self.draw_footer(self.now(), columns)

    def action_scroll(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.scroll_relative(y=lines, animate=False, immediate=True)  # each key of a burst counts

    def action_half(self, step: int) -> None:
        """Scroll by half of a screen."""
        self.action_scroll(step * max(1, self.app.size.height // 2))
