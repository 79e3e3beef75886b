"""The widget everything is drawn with: lines of text, of which only the cells that read differently are redrawn."""

from __future__ import annotations

from functools import partial
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from mptcp_top.ui.glyphs import drawable
from mptcp_top.ui.line import Look
from mptcp_top.ui.themes import ANSI, css

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.ui.line import Line, Piece
    from mptcp_top.ui.themes import Ink, Theme


SELECTED: Final = Style(reverse=True)
STANDING_OUT: Final = frozenset(Look) - {Look.QUIET, Look.TREND}


def style_of(ink: Ink) -> Style:
    """Return an ink as Rich has it.

    >>> from mptcp_top.ui.themes import Ink
    >>> str(style_of(Ink(1, bold=True))), str(style_of(Ink(203))), str(style_of(Ink()))
    ('bold color(1)', '#ff5f5f', 'none')
    """
    own = ink.colour is not None and ink.colour < 16
    colour = None if ink.colour is None else f"color({ink.colour})" if own else css(ink.colour)
    return Style(color=colour, bold=ink.bold or None, dim=ink.dim or None, underline=ink.underline or None)


def styles_of(theme: Theme) -> Mapping[Look, Style]:
    """Return the inks of a theme on its paper as Rich has them."""
    paper = Style(bgcolor=None if theme.paper is None else css(theme.paper))
    return {look: style_of(ink) + paper for look, ink in theme.inks.items()}


class Lines(Widget):
    """Lines drawn as they are given. The first is at the top; what is wider than the widget is cut."""

    can_focus = False
    ascii_only = False
    """Set once, before anything is drawn: 7-bit characters only."""
    styles_by_look: ClassVar[Mapping[Look, Style]] = styles_of(ANSI)
    """Of the theme in force. Who sets another lets all lines `forget` how they were drawn."""

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
        width = self.size.width
        changed: list[Region] = []
        for y, (old, new) in enumerate(zip_longest(before, now)):
            if old != new:
                self._strips.pop(y, None)
                changed += changed_regions(old, new, y, width)
        if changed:
            self.refresh(*changed)

    def forget(self) -> None:
        """Draw everything again."""
        self._strips.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return line ``y`` as Textual wants it."""
        return self._strip_at(y, self.size.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region as Textual does, but for what no line here has: borders, padding, opacity."""
        width = self.size.width
        strips = [self._strip_at(y, width) for y in crop.line_range]
        if filters := self.get_line_filters():
            _, background = self.background_colors
            for change in filters:
                strips = [strip.apply_filter(change, background) for strip in strips]
        begin, end = crop.column_span
        return strips if (begin, end) == (0, width) else [strip.crop(begin, end) for strip in strips]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  # Textual's
        """Return how many lines there are."""
        return len(self.lines)

    def _strip_at(self, y: int, width: int) -> Strip:
        if width != self._width:  # what was drawn at another width may have changed since
            self._strips.clear()
            self._width = width
        if y not in self._strips:
            self._strips[y] = self._strip(y, width)
        return self._strips[y]

    def _strip(self, y: int, width: int) -> Strip:
        if y >= len(self.lines):
            return Strip.blank(width, Lines.styles_by_look[Look.PLAIN])
        line = self.lines[y]
        segments = [
            Segment(
                drawable("".join(piece.text for piece in pieces), ascii_only=Lines.ascii_only), self._style(look, line)
            )
            for look, pieces in groupby(line.pieces, key=partial(look_of, line))
        ]
        return Strip(segments).adjust_cell_length(width, self._style(Look.PLAIN, line))

    @staticmethod
    def _style(look: Look, line: Line) -> Style:
        style = Lines.styles_by_look[look]
        return style + SELECTED if line.selected else style


def look_of(line: Line, piece: Piece) -> Look:
    """Return how a piece looks in its line: the chosen one is a bar, and only what is good or bad stands out of it.

    >>> from mptcp_top.ui.line import Line, Piece
    >>> trend = Piece("▁▂▅", Look.TREND)
    >>> [look_of(Line((trend,), selected=selected), trend).name for selected in (False, True)]
    ['TREND', 'PLAIN']
    """
    if not line.selected:
        return piece.look
    return piece.look if piece.look in STANDING_OUT and piece.text.strip() else Look.PLAIN


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
