"""A screen of rows: a fixed head, rows of which a window is drawn, a row cursor, a footer that also tells the news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from mptcp_top.ui.finding import Finding
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.view import past_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult

    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.line import Line


class ShowHost(Message):
    """Somebody wants to see one target alone, with the row cursor on ``row``."""

    def __init__(self, target: str, row: str = "") -> None:
        super().__init__()
        self.target = target
        self.row = row


class ShowCounter(Message):
    """Somebody wants a counter of a target explained, with some lines of their own ``above`` the page."""

    def __init__(self, target: str, counter: str, above: Callable[[int], list[Line]] = lambda _: []) -> None:
        super().__init__()
        self.target = target
        self.counter = counter
        self.above = above


class Sheet(Finding):
    """The base of the screens that list something. A subclass says what stands in the head and in the rows."""

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self.chosen = ""
        self._top = 0
        self._head = Lines(id="header")
        self._body = Lines(id="body")

    def head(self, now: Moment, width: int) -> list[Line]:
        """Return the lines that stay at the top."""
        raise NotImplementedError

    def rows(self, now: Moment, width: int) -> list[Line]:
        """Return every row; those with a key can be chosen."""
        raise NotImplementedError

    def keys(self, now: Moment, width: int) -> list[str]:
        """Return the keys of the rows that can be chosen, in their order."""
        return [line.key for line in self.rows(now, width) if line.key]

    def window(self, now: Moment, width: int, room: int) -> list[Line]:
        """Return the rows in sight. A screen of very many rows makes only these, and says their `keys` without them."""
        rows = self.rows(now, width)
        self._top = window_top(rows, self.chosen, room, self._top)
        return rows[self._top : self._top + room]

    def rows_shown(self) -> list[str]:
        """Return the keys of the rows that can be chosen, as they are now."""
        return self.keys(self.now(), self.app.size.width)

    def row_chosen(self) -> str:
        """Return the key of the row with the row cursor."""
        return self.chosen

    def compose(self) -> ComposeResult:
        """Lay the screen out, filled with what is known already."""
        self._draw(*self.app.size)
        yield self._head
        yield self.footer
        yield self._body
        yield self.prompt

    def on_click(self, event: events.Click) -> None:
        """Choose the row that was clicked; choose it again to open it."""
        if event.widget is self._body and 0 <= event.y < len(self._body.lines):
            key = self._body.lines[event.y].key
            if key and key == self.chosen:
                self.open(key)
            elif key:
                self.choose(key)

    def action_row(self, step: int) -> None:
        """Move the row cursor."""
        keys = self.keys(self.now(), self.app.size.width)
        if not keys:
            return
        outside = -1 if step > 0 else len(keys)
        place = keys.index(self.chosen) if self.chosen in keys else outside
        self.choose(keys[min(max(place + step, 0), len(keys) - 1)])

    def action_bottom(self) -> None:
        """Go to the last row; from the past, back to now."""
        if self.deck.past:
            self.action_live()
        else:
            self.action_row(9999)

    def action_open(self) -> None:
        """Open the chosen row, or the first one."""
        keys = self.keys(self.now(), self.app.size.width)
        if keys:
            self.open(self.chosen if self.chosen in keys else keys[0])

    def open(self, key: str) -> None:
        """Do what Enter does on a row."""

    def choose(self, key: str) -> None:
        """Put the row cursor on a row, or nowhere."""
        self.chosen = key
        self.draw()

    def _draw(self, width: int, height: int) -> None:
        now = self.now()
        past = [] if now.live else [past_line(now, width)]
        head = self.head(now, width)
        head = [*past, *head[:1], *self.filter_lines(width), *head[1:]]
        if self._head.styles.height is None or len(head) != self._head.styles.height.value:
            self._head.styles.height = len(head)
        self._head.show(head)
        room = max(1, height - len(head) - 1)
        self._body.styles.height = room
        self._body.show(self.window(now, width, room))
        self.draw_footer(now, width)


def window_top(rows: Sequence[Line], chosen: str, room: int, top: int) -> int:
    """Return the first row to draw so that the chosen one is in sight, moving as little as can be.

    >>> from mptcp_top.ui.line import Line
    >>> rows = [Line(key=str(number)) for number in range(10)]
    >>> window_top(rows, "7", 4, 0), window_top(rows, "2", 4, 5), window_top(rows, "", 20, 3)
    (4, 2, 0)
    """
    top = max(0, min(top, len(rows) - room))
    place = next((number for number, line in enumerate(rows) if chosen and line.key == chosen), None)
    if place is None:
        return top
    return min(max(top, place - room + 1), place)
