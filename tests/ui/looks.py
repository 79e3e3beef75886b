"""A terminal for tests that knows how each cell looks, and not only what it says."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import pyte
from rich.console import Console
from textual.geometry import Size

NEW_SCREEN: Final = "\x1b[?1049h"
STYLING: Final = re.compile(r"\x1b\[([\d;]*)m|\x1b\]8;([^\x1b]*)\x1b\\")
UNSETS: Final = {
    "22": {"1", "2"},
    "23": {"3"},
    "24": {"4", "21"},
    "25": {"5", "6"},
    "27": {"7"},
    "28": {"8"},
    "29": {"9"},
    "54": {"51", "52"},
    "55": {"53"},
}
SEEN_ON_BLANKS: Final = {"4", "7", "9", "21", "51", "52", "53"}


@dataclass(frozen=True)
class Look:
    """How a cell is drawn."""

    attributes: frozenset[str] = frozenset()
    colour: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    link: str = ""

    def styled(self, codes: str) -> "Look":
        attributes, colour, background = set(self.attributes), self.colour, self.background
        parts = iter(codes.split(";"))
        for code in parts:
            if code in {"", "0"}:
                attributes, colour, background = set(), (), ()
            elif code in UNSETS:
                attributes -= UNSETS[code]
            elif code in {"38", "48"}:
                kind = next(parts)
                value = (kind, *islice(parts, 1 if kind == "5" else 3))
                colour, background = (value, background) if code == "38" else (colour, value)
            elif len(code) == 2 and code[0] in "39":
                colour = () if code == "39" else (code,)
            elif (len(code) == 2 and code[0] == "4") or len(code) == 3:
                background = () if code == "49" else (code,)
            else:
                attributes.add(code)
        return Look(frozenset(attributes), colour, background, self.link)

    def on_blanks(self) -> "Look":
        if self.attributes & SEEN_ON_BLANKS:
            return self
        return Look(background=self.background, link=self.link)


class Terminal:
    """A pyte screen that also knows what pyte does not: dim text, double underlines, links.

    Every look is numbered, and given to pyte as the foreground colour of that number.
    """

    def __init__(self, size: Size) -> None:
        self.screen = pyte.Screen(*size)
        self.stream = pyte.Stream(self.screen)
        self.looks = [Look()]
        self.look = Look()
        self.bytes = 0
        self.stream.feed("\x1b[?7l")

    def feed(self, data: str) -> None:
        self.bytes += len(data.encode())
        if NEW_SCREEN in data:
            self.screen.reset()
            self.look = Look()
            self.stream.feed("\x1b[?7l")
        self.stream.feed(STYLING.sub(self._styling, data))

    def _styling(self, match: re.Match[str]) -> str:
        codes, link = match.groups()
        if link is None:
            self.look = self.look.styled(codes)
        else:
            self.look = Look(self.look.attributes, self.look.colour, self.look.background, link.partition(";")[2])
        if self.look not in self.looks:
            self.looks.append(self.look)
        number = self.looks.index(self.look)
        return f"\x1b[38;2;0;{number >> 8};{number & 255}m"

    def cells(self) -> list[list[tuple[str, Look]]]:
        screen = self.screen
        return [[self._cell(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]

    def _cell(self, cell: Any) -> tuple[str, Look]:  # noqa: ANN401 - pyte has no types
        look = self.looks[0 if cell.fg == "default" else int(cell.fg, 16)]
        return cell.data, look.on_blanks() if cell.data == " " else look

    def state(self) -> tuple[list[list[tuple[str, Look]]], tuple[int, int], Look]:
        return self.cells(), (self.screen.cursor.x, self.screen.cursor.y), self.look

    def text(self) -> str:
        return "\n".join(self.screen.display)


def console() -> Console:
    return Console(color_system="truecolor", force_terminal=True)
