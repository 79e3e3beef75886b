"""The first screen, painted with plain escape sequences while Textual is still being imported.

Most of the time to the first number is Textual's import. The screen is made of lines that need none of it, so they
are shown at once; Textual then takes the same screen over and paints the same lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.model import Group
from mptcp_top.ui import keys
from mptcp_top.ui.footer import footer_line
from mptcp_top.ui.glyphs import drawable
from mptcp_top.ui.header import header_lines
from mptcp_top.ui.line import Look
from mptcp_top.ui.plan import AISLE, column_width
from mptcp_top.ui.sketch import Wishes, sketch
from mptcp_top.ui.themes import ANSI, codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mptcp_top.ui.frame import Frame
    from mptcp_top.ui.line import Line
    from mptcp_top.ui.themes import Theme

ENTER: Final = "\x1b[?1049h\x1b[?25l"
CLEAR: Final = "\x1b[2J"
LEAVE: Final = "\x1b[?1049l\x1b[?25h"


class Paper(NamedTuple):
    """What there is to paint on: columns and lines, what the terminal can show, and in which theme."""

    columns: int
    lines: int
    ascii_only: bool = False
    colours: bool = True
    theme: Theme = ANSI

    @property
    def plain(self) -> str:
        """What makes the terminal write plain text on the theme's paper."""
        paper = "" if self.theme.paper is None else f";{codes(self.theme.inks[Look.PLAIN])};48;5;{self.theme.paper}"
        return f"\x1b[{paper}m"


def first_paint(frame: Frame, paper: Paper) -> str:
    """Return what paints a frame on a terminal."""
    width, height = paper.columns - 1, paper.lines
    named = keys.at_moment(keys.placed(keys.HOST, targets=1, first=True), frame.moment)
    placed = [*_placed(frame, width, height), (0, height - 1, footer_line(named, width))]
    return paint(placed, paper)


def paint(placed: Sequence[tuple[int, int, Line]], paper: Paper) -> str:
    """Return what paints lines at their places; the last is the footer, and nothing is painted over it."""
    body = [one for one in placed[:-1] if one[1] < paper.lines - 1]
    begin, end = ("", "") if paper.theme.own else (paper.plain, "\x1b[m")
    painted = "".join(f"\x1b[{y + 1};{x + 1}H{_painted(line, paper)}" for x, y, line in (*body, placed[-1]))
    return f"{ENTER}{begin}{CLEAR}{painted}{end}"


def _placed(frame: Frame, width: int, height: int) -> Iterator[tuple[int, int, Line]]:
    """Yield each line with its place, as the screen's layout has it."""
    header = header_lines(frame, width)
    for y, line in enumerate(header):
        yield 0, y, line
    drawn = sketch(frame, width, height - len(header) - 1, Wishes(), "")
    errors = drawn.lines[Group.ERRORS]
    for y, line in enumerate(errors, len(header)):
        yield 0, y, line
    column = column_width(width, drawn.columns)
    bottoms = [len(header) + len(errors) + drawn.gap] * drawn.columns
    for group, place in drawn.places.items():
        for line in drawn.lines[group]:
            yield place * (column + AISLE), bottoms[place], line
            bottoms[place] += 1
        bottoms[place] += drawn.gap


def _painted(line: Line, paper: Paper) -> str:
    painted = []
    for piece in line.pieces:
        shown = "" if piece.look is Look.PLAIN else codes(paper.theme.inks[piece.look], colours=paper.colours)
        text = drawable(piece.text, ascii_only=paper.ascii_only)
        painted.append(f"\x1b[{shown}m{text}{paper.plain}" if shown and text.strip() else text)
    return "".join(painted).rstrip(" ")
