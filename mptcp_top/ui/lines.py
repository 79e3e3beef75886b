"""The widget everything is drawn with: lines of text, of which only the cells that read differently are redrawn."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from mptcp_top.ui.glyphs import drawable
from mptcp_top.ui.line import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.ui.line import Line, Look


STYLES: Final = {look: Style.parse(words) for look, words in WORDS.items()}
SELECTED: Final = Style(reverse=True)


class Lines(Widget):
    """Lines drawn as they are given. The first is at the top; what is wider than the widget is cut."""

    can_focus = False
    ascii_only = False
    """Set once, before anything is drawn: 7-bit characters only."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id, classes=classes)
        self.lines: tuple[Line, ...] = ()
        self._strips: dict[int, Strip] = {}
        self._width = 0

    def show(self, lines: Sequence[Line]) -> None:
        """Draw these lines, touching only the cells that changed."""
        before, now = self.lines, tuple(lines)
        if before == now:
            return
        self.lines = now
        for y in range(max(len(before), len(now))):
            old = before[y] if y < len(before) else None
            new = now[y] if y < len(now) else None
            if old != new:
                self._strips.pop(y, None)
                self.refresh(*changed_regions(old, new, y, self.size.width))

    def forget(self) -> None:
        """Draw everything again."""
        self._strips.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return line ``y`` as Textual wants it."""
        width = self.size.width
        if width != self._width:  # what was drawn at another width may have changed since
            self._strips.clear()
            self._width = width
        if y not in self._strips:
            self._strips[y] = self._strip(y, width)
        return self._strips[y]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # Textual's
        """Return how many lines there are."""
        return len(self.lines)

    def _strip(self, y: int, width: int) -> Strip:
        if y >= len(self.lines):
            return Strip.blank(width)
        line = self.lines[y]
        segments = [
            Segment(
                drawable("".join(piece.text for piece in pieces), ascii_only=Lines.ascii_only), self._style(look, line)
            )
            for look, pieces in groupby(line.pieces, key=attrgetter("look"))
        ]
        filler = SELECTED if line.selected else Style.null()
        return Strip(segments).adjust_cell_length(width, filler)

    @staticmethod
    def _style(look: Look, line: Line) -> Style:
        return STYLES[look] + SELECTED if line.selected else STYLES[look]


def changed_regions(old: Line | None, new: Line | None, y: int, width: int) -> list[Region]:
    """Return the stretches of row ``y`` that differ between two lines.

    >>> from mptcp_top.ui.line import Line, Piece
    >>> old = Line((Piece("SYN  "), Piece("41"), Piece(" /s")))
    >>> new = Line((Piece("SYN  "), Piece("42"), Piece(" /s")))
    >>> changed_regions(old, new, 3, 80)
    [Region(x=5, y=3, width=2, height=1)]
    """
    whole = [Region(0, y, width, 1)]
    if old is None or new is None or old.selected != new.selected or len(old.pieces) != len(new.pieces):
        return whole
    found: list[Region] = []
    x = 0
    for before, now in zip(old.pieces, new.pieces, strict=True):
        if len(before.text) != len(now.text):
            return whole
        if before != now:
            found.append(Region(x, y, len(now.text), 1))
        x += len(now.text)
    return found
