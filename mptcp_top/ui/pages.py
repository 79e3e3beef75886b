"""Pages of text over the screen, and the one that lists the keys."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar

from mptcp_top import text
from mptcp_top.ui import glyphs
from mptcp_top.ui.keys import PAGE
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult

    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.keys import Key


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

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines for the new width."""
        self.draw(event.size.width)

    def draw(self, width: int | None = None) -> None:
        """Show the page as it reads now."""
        columns = (width or self.app.size.width) - 1
        body = self.query_one("#text", Lines)
        body.show(self._lines_for(columns))
        body.styles.height = max(1, len(body.lines))
        self.draw_footer(self.now(), columns)

    def action_scroll(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.scroll_relative(y=lines, animate=False)


def help_lines(keys: Sequence[Key], width: int) -> list[Line]:
    """Return the help page."""
    lines = [_title("Keys")]
    lines += [line for key in keys if key.sign for line in _pair(key.sign, key.meaning, width)]
    lines += [Line(), _title("Signs")]
    signs = (
        (glyphs.LIVE, "live, or healthy"),
        (glyphs.RISING, "an error counter rises: it rose within the last 30 s (or what --hold says)"),
        (glyphs.DOWN, "the target cannot be read; its last numbers stay, with their age"),
        (glyphs.PAUSED, "the past is shown, or the target is not connected yet"),
        (glyphs.PICKED, "a target that is picked, to be seen side by side with others (s)"),
        (glyphs.MARK, "a mark: a moment from which growth is counted on all targets (m sets one)"),
        (glyphs.FOLDED, "a folded panel that has counts; Enter opens it"),
        (text.UNKNOWN, "not known: never read as zero"),
        (
            f"{glyphs.LEVELS[0]}..{glyphs.LEVELS[-1]}",
            "trend, about 5 s a cell (or one poll, if rarer), from zero to the row's maximum",
        ),
        (glyphs.GAP, "in a trend: no poll of that time succeeded; as a number: the target has no such counter"),
        (glyphs.RESET, "in a trend: the counters were reset"),
        (f"{glyphs.HIGHER} {glyphs.LOWER}", "beside a number: the odd one out, above or below the others"),
    )
    lines += [line for sign, meaning in signs for line in _pair(sign, meaning, width)]
    lines += [Line(), _title("Words")]
    words = (
        ("accepted", "inbound MP_CAPABLE handshakes that were completed"),
        ("connected", "outbound MP_CAPABLE handshakes that were answered with MPTCP"),
        ("joins in", "inbound MP_JOIN handshakes that were completed"),
        ("joins out", "outbound MP_JOIN handshakes that were answered"),
        ("fallback", "connections that wanted MPTCP and became plain TCP"),
        ("seen", "error counters that are not zero but do not rise now"),
        ("rate of an error", "while it rises: the mean since then (an appliance: of its last refreshes)"),
        ("odd one out", "off the median by more than 3.5 x what chance or the spread of the others explains"),
        ("subflow failures", "resets sent and received that no fastclose explains"),
    )
    return lines + [line for word, meaning in words for line in _pair(word, meaning, width, 18)]


def _title(words: str) -> Line:
    return Line((Piece(f" {words}", Look.TITLE),))


def _pair(sign: str, meaning: str, width: int, column: int = 10) -> list[Line]:
    first, *rest = textwrap.wrap(meaning, max(20, width - column - 3))
    lines = [Line((Piece(f"  {sign:<{column}} "), Piece(first)))]
    return lines + [Line((Piece(" " * (column + 3)), Piece(more))) for more in rest]
