"""The output diff: of each frame Textual composes, send the terminal only the characters that changed."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import lru_cache, partial
from importlib.metadata import version
from inspect import signature
from operator import itemgetter
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from rich.cells import get_character_cell_size
from rich.console import COLOR_SYSTEMS, Console
from textual.events import Event, Resize
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.style import Style
    from textual._compositor import ChopsUpdate, LayoutUpdate
    from textual.app import App

LAYOUT_UPDATE: Final = "textual._compositor:LayoutUpdate"
CHOPS_UPDATE: Final = "textual._compositor:ChopsUpdate"
PARTS: Final = {
    "textual.app:App._display": "self screen renderable",
    "textual.app:App.on_event": "self event",
    "textual.driver:Driver.write": "self data",
    "textual.strip:Strip.render_ansi": "style color_system",
    LAYOUT_UPDATE: "strips region",
    f"{LAYOUT_UPDATE}.render_segments": "self console",
    CHOPS_UPDATE: "chops spans chop_ends",
    f"{CHOPS_UPDATE}.render_segments": "self console",
}
"""What is hooked or read of Textual, and the parameters it is expected to have."""
NEW_SCREEN: Final = "\x1b[?1049h"
"""Written by the driver when it starts, and whenever it comes back from a suspension."""
DRAWS_NOTHING: Final = re.compile(r"(?:\x07|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[<=>?][\d;]*\$?[a-z])*")
"""Bells, titles, the clipboard (OSC 52), pointer shapes, terminal modes and queries."""
CLEAR: Final = "\x1b[m\x1b[2J"
ERASE_TO_END: Final = "\x1b[K"
BLANKS: Final = (" ", ERASE_TO_END)
SGR: Final = re.compile(r"(38;(?:5;\d+|2(?:;\d+){3})|[39]\d)|(48;(?:5;\d+|2(?:;\d+){3})|4\d|10\d)|(\d+)")
ENDS: Final = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "9": "29"}
UNSEEN_ON_BLANKS: Final = frozenset({"1", "2", "3", "5", "6", "8"})
UNKNOWN: Final = "\0"
NOWHERE: Final = (-2, None)
MANY: Final = 4096

At: TypeAlias = tuple[int, int | None]
"""The line and column the cursor is in; after the last column, where terminals differ, None."""
Row: TypeAlias = tuple[str, str]
"""What a line of the screen shows, cell by cell: the characters, and the keys of their pens."""
Line: TypeAlias = tuple[int, list[tuple[int, Strip]]]
"""A line of a frame: its number, and strips with the column each starts in."""
Cell: TypeAlias = tuple[int, int, str, str]
"""What to write where: line, column, the key of the pen, and a character or ERASE_TO_END."""


class Pen(NamedTuple):
    """How the terminal draws: SGR codes, and the parameters of an OSC 8 link."""

    attributes: tuple[str, ...] = ()
    colour: str = ""
    background: str = ""
    link: str = ";"

    @classmethod
    def of(cls, style: "Style | None", console: Console) -> "Pen":
        """Return the pen Textual draws a style with, but without codes for the default colours."""
        if style is None:
            return cls()
        codes = SGR.findall(Strip.render_ansi(style, COLOR_SYSTEMS[console.color_system or "truecolor"]))
        colour, background = ("".join(code[part] for code in codes) for part in (0, 1))
        attributes = tuple(code[2] for code in codes if code[2])
        link = f"id={style.link_id};{style.link}" if style.link else ";"
        return cls(attributes, "" if colour == "39" else colour, "" if background == "49" else background, link)

    @property
    def on_blanks(self) -> "Pen":
        """What of this pen is seen on blanks."""
        return self._replace(attributes=(), colour="") if UNSEEN_ON_BLANKS.issuperset(self.attributes) else self


@lru_cache(maxsize=MANY)
def switch(old: Pen, new: Pen) -> str:
    r"""Return the shortest sequence that turns one pen into another.

    >>> switch(Pen(("1",), "32"), Pen(("1",))), switch(Pen(("1", "7"), "32"), Pen())
    ('\x1b[39m', '\x1b[m')
    """
    ends = {ENDS.get(code): None for code in old.attributes if code not in new.attributes}
    begins = [code for code in new.attributes if code not in old.attributes or ENDS.get(code) in ends]
    colour = "" if new.colour == old.colour else new.colour or "39"
    background = "" if new.background == old.background else new.background or "49"
    change = ";".join(filter(None, (*ends, *begins, colour, background)))
    codes = ";".join(filter(None, (*new.attributes, new.colour, new.background)))
    afresh = f";{codes}" if codes else ""
    sgr = min(change, afresh, key=len) if ENDS.keys() >= set(old.attributes) else afresh
    link = "" if new.link == old.link else f"\x1b]8;{new.link}\x1b\\"
    return link if new[:3] == old[:3] else f"\x1b[{sgr}m{link}"


def move(at: At, to: tuple[int, int]) -> str:
    r"""Return the shortest cursor move.

    >>> move(NOWHERE, (4, 9)), move((4, 9), (4, 11)), move((4, 9), (5, 7)), move((4, None), (5, 0))
    ('\x1b[5;10H', '\x1b[2C', '\x1b[B\x08\x08', '\r\n')
    """
    (y, x), (to_y, to_x) = at, to
    ways = [f"\x1b[{to_y + 1 if to_y else ''}{f';{to_x + 1}' if to_x else ''}H"]
    if to_y == y:
        ways += f"\x1b[{to_x + 1}G", "\r" if to_x == 0 else ways[0]
    elif to_y == y + 1 and to_x == 0:
        ways.append("\r\n")
    if x is not None and to_y >= y:
        down, left = steps(to_y - y, "B"), x - to_x
        ways += down + steps(-left, "C") + steps(left, "D"), down + "\b" * left if left > 0 else ways[0]
    return min(ways, key=len)


def steps(count: int, final: str) -> str:
    """Return a relative cursor move, or nothing."""
    return f"\x1b[{count if count > 1 else ''}{final}" if count > 0 else ""


@lru_cache(maxsize=MANY)
def fills_one_cell(character: str) -> bool:
    """Tell whether a character is as wide as a cell: neither wide, nor combining, nor a control code."""
    return character != "\xad" and get_character_cell_size(character) == 1


def unfit(release: str, parts: dict[str, str]) -> str:
    """Say why the diff cannot be used with that release of Textual, or nothing."""
    if not (8, 2) <= tuple(map(int, release.split(".")[:2])) < (9, 0):
        return f"Textual {release} is not one the output diff knows"
    for name, parameters in parts.items():
        try:
            found = " ".join(signature(resolve_name(name)).parameters)
        except (ImportError, AttributeError):
            return f"Textual {release} has no {name}"
        if found != parameters:
            return f"Textual {release} has another {name}"
    return ""


class OutputDiff:
    """What the terminal shows, kept so that only what differs is sent.

    Textual sends each dirty region again, every segment with its whole style and a reset, and paints the whole
    screen several times while it starts: over SSH that is many times what changed. It has no place for this, so
    private parts are hooked, on this app and its driver only, if they are as expected.

    `reason` says why the diff is off; empty, it is on.
    """

    def __init__(self, app: "App[Any]", *, enabled: bool = True) -> None:
        self.reason = unfit(version("textual"), PARTS) if enabled else "switched off"
        self._app = app
        self._driver: object = None
        self._renders: dict[type, Callable[..., str]] = {}
        self._known = self._painting = False
        self._rows: list[Row] = []
        self._unknown: Row = (UNKNOWN, UNKNOWN)
        self._pens: dict[str, Pen] = {}
        self._keys_of_pens: dict[Pen, str] = {}
        self._keys_of_styles: dict[Style | None, str] = {}
        self._on_blanks: dict[str, str] = {}
        self._plain = self._key(Pen())
        if not self.reason:
            self._renders[resolve_name(LAYOUT_UPDATE)] = self._render_screen
            self._renders[resolve_name(CHOPS_UPDATE)] = self._render_regions
            display = app._display  # noqa: SLF001 - the one place every frame passes
            vars(app).update(_display=partial(self._display, display), on_event=partial(self._on_event, app.on_event))

    def forget(self) -> None:
        """Take what the terminal shows as unknown: the next paint of the whole screen sends all of it."""
        self._known = False

    def redraw(self) -> None:
        """Send the whole screen again, for a user who sees it garbled."""
        self.forget()
        self._app.refresh(layout=True)

    def _display(self, display: Callable[..., None], screen: object, frame: object) -> None:
        driver = self._app._driver  # noqa: SLF001 - it is built late, and known only here
        if driver is not None and driver is not self._driver:
            self._driver = driver
            vars(driver)["write"] = partial(self._write, driver.write)
        if render := self._renders.get(type(frame)):
            vars(frame)["render_segments"] = partial(render, frame)
        elif frame is not None:
            self.forget()
        self._painting = True
        try:
            display(screen, frame)
        finally:
            self._painting = False

    def _write(self, write: Callable[[str], None], data: str) -> None:
        """Watch for what others draw; a signal handler may take a new screen even while a frame is written."""
        if NEW_SCREEN in data or not (self._painting or DRAWS_NOTHING.fullmatch(data)):
            self.forget()
        write(data)

    async def _on_event(self, on_event: Callable[[Event], Awaitable[None]], event: Event) -> None:
        """Watch for resizes: Textual repaints only if the size is not the one it laid out last."""
        if isinstance(event, Resize) and self._rows:
            if event.size != (len(self._unknown[0]), len(self._rows)):
                self.forget()
            elif not self._known:
                self._app.refresh()
        await on_event(event)

    def _render_screen(self, frame: "LayoutUpdate", console: Console) -> str:
        start, (width, height) = "", frame.region.size
        if not self._known or (width, height) != (len(self._unknown[0]), len(self._rows)):
            self._known, start = True, CLEAR
            self._rows = [(" " * width, self._plain * width)] * height
            self._unknown = UNKNOWN * width, self._plain * width
        return start + self._paint(((y, [(0, Strip.join(row))]) for y, row in enumerate(frame.strips)), console)

    def _render_regions(self, frame: "ChopsUpdate", console: Console) -> str:
        if self._known and len(frame.chops) == len(self._rows):
            return self._paint(self._lines(frame), console)
        self.forget()
        return type(frame).render_segments(frame, console)

    @staticmethod
    def _lines(frame: "ChopsUpdate") -> Iterator[Line]:
        """Choose the strips to send as `ChopsUpdate.render_segments` does."""
        for y, left, right in frame.spans:
            strips: list[tuple[int, Strip]] = []
            for end, (x, strip) in zip(frame.chop_ends[y], frame.chops[y].items(), strict=False):
                if strip is not None and x <= right and end > left:
                    whole = left <= x < right and end <= right
                    strips.append((x, strip if whole else strip.crop(0, min(end, right) - x)))
            yield y, strips

    def _paint(self, lines: Iterable[Line], console: Console) -> str:
        """Return what makes the terminal show these lines, row by row or pen by pen, whichever is shorter.

        A row with characters wider or narrower than a cell goes out as Textual sends it, and counts as unknown.
        """
        whole: list[str] = []
        cells: list[Cell] = []
        for y, strips in lines:
            old = self._rows[y]
            new = self._rows[y] = self._row(old, strips, console)
            if new is self._unknown:
                whole += [move(NOWHERE, (y, x)) + strip.render(console) for x, strip in strips]
            elif new != old:
                cells += self._changes(y, old, new, strips)
        ways = self._written(cells), self._written(sorted(cells, key=itemgetter(2)))
        return "".join(whole) + min(ways, key=len)

    def _row(self, old: Row, strips: list[tuple[int, Strip]], console: Console) -> Row:
        """Return what the row shows after these strips, unknown if a character does not fill just one cell."""
        text, keys = old
        for x, strip in strips:
            words = strip.text
            if not ((words.isascii() and words.isprintable()) or all(map(fills_one_cell, words))):
                return self._unknown
            pens = "".join([self._keys(part, style, console) for part, style, _ in strip])
            end = x + len(words)
            text, keys = text[:x] + words + text[end:], keys[:x] + pens + keys[end:]
        return self._unknown if UNKNOWN in text or len(text) != len(old[0]) else (text, keys)

    def _keys(self, text: str, style: "Style | None", console: Console) -> str:
        """Return the key of the pen of each character; blanks have that of what is seen of them."""
        if style not in self._keys_of_styles:
            if len(self._keys_of_styles) > MANY:
                self._keys_of_styles.clear()
            self._keys_of_styles[style] = self._key(Pen.of(style, console))
        key = self._keys_of_styles[style]
        blank = self._on_blanks[key]
        return key * len(text) if key == blank else blank.join([key * len(word) for word in text.split(" ")])

    def _changes(self, y: int, old: Row, new: Row, strips: list[tuple[int, Strip]]) -> list[Cell]:
        """Return what turns one row into another; a blank takes the pen of what follows if that looks the same."""
        text, keys = new
        left, right = strips[0][0], strips[-1][0] + len(strips[-1][1].text)
        row = enumerate(zip(*(part[left:right] for part in (old[0], text, old[1], keys)), strict=True), left)
        changed = [x for x, (was, now, was_key, key) in row if was != now or was_key != key]
        inked = max(len(text.rstrip(" ")), len(keys.rstrip(self._plain)))
        blanks = [x for x in changed if x >= inked]
        cells: list[Cell] = []
        if len(blanks) > len(ERASE_TO_END):
            cells.append((y, blanks[0], self._plain, ERASE_TO_END))
            del changed[-len(blanks) :]
        for x in reversed(changed):
            after = cells[-1][2] if cells and cells[-1][1] == x + 1 else keys[x + 1 : x + 2]
            fits = after and self._fits(after, keys[x], text[x])
            cells.append((y, x, after if fits else keys[x], text[x]))
        return cells[::-1]

    def _written(self, cells: Iterable[Cell]) -> str:
        """Return what writes these cells in this order, and leaves the terminal with a plain pen."""
        output: list[str] = []
        pen, width = self._plain, len(self._unknown[0])
        at: At = NOWHERE
        for y, x, key, text in cells:
            if at != (y, x):
                way, pen = self._reach(at, (y, x), pen, key)
                output.append(way)
            if not self._fits(pen, key, text):
                output.append(switch(self._pens[pen], self._pens[key]))
                pen = key
            output.append(text)
            after = x + (text != ERASE_TO_END)
            at = y, after if after < width else None
        output.append(switch(self._pens[pen], self._pens[self._plain]))
        return "".join(output)

    def _reach(self, at: At, to: tuple[int, int], pen: str, key: str) -> tuple[str, str]:
        """Return the shortest way to a cell, and the pen then: a move, or the characters before it once more."""
        way, (y, x) = move(at, to), to
        left = at[1] if at[0] == y else None
        if left is not None and left < x <= left + len(way):
            between, keys = (cells[left:x] for cells in self._rows[y])
            if len(between.encode()) <= len(way):
                for other in (pen, key):
                    if all(self._fits(other, was, text) for was, text in zip(keys, between, strict=True)):
                        return switch(self._pens[pen], self._pens[other]) + between, other
        return way, pen

    def _fits(self, pen: str, key: str, text: str) -> bool:
        """Tell whether a pen draws a text as that with the other key would."""
        return pen == key or (text in BLANKS and self._on_blanks[pen] == self._on_blanks[key])

    def _key(self, pen: Pen) -> str:
        """Return the character that stands for a pen."""
        if pen not in self._keys_of_pens:
            key = self._keys_of_pens[pen] = chr(len(self._pens) + 1)
            self._pens[key] = pen
            self._on_blanks[key] = self._key(pen.on_blanks)
        return self._keys_of_pens[pen]
