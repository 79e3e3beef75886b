"""The output diff: of each frame Textual composes, send the terminal only the characters that changed."""

import re
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, lru_cache, partial
from inspect import signature
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import textual
from rich.cells import get_character_cell_size
from rich.console import COLOR_SYSTEMS, Console
from rich.style import Style
from textual.events import Event, Resize
from textual.strip import Strip

if TYPE_CHECKING:
    from textual._compositor import ChopsUpdate, LayoutUpdate
    from textual.app import App

LAYOUT_UPDATE: Final = "textual._compositor:LayoutUpdate"
CHOPS_UPDATE: Final = "textual._compositor:ChopsUpdate"
PARTS: Final = {
    "textual.app:App._display": "self screen renderable",
    "textual.app:App.on_event": "self event",
    "textual.events:Resize": "size virtual_size container_size pixel_size",
    "textual.strip:Strip.render_ansi": "style color_system",
    LAYOUT_UPDATE: "strips region",
    f"{LAYOUT_UPDATE}.render_segments": "self console",
    CHOPS_UPDATE: "chops spans chop_ends",
    f"{CHOPS_UPDATE}.render_segments": "self console",
}
"""What is hooked or read of Textual, and the parameters it is expected to have."""
DRAWS_NOTHING: Final = re.compile(r"(?:\x07|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[<=>?][\d;]*\$?[a-z])*")
"""Bells, titles, the clipboard (OSC 52), pointer shapes, terminal modes and queries."""
ERASE_TO_END: Final = "\x1b[K"
SGR: Final = re.compile(r"(38;(?:5;\d+|2(?:;\d+){3})|[39]\d)|(48;(?:5;\d+|2(?:;\d+){3})|4\d|10\d)|(\d+)")
ENDS: Final = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "9": "29"}
UNSEEN_ON_BLANKS: Final = frozenset({"1", "2", "3", "5", "6", "8"})
UNKNOWN: Final = "\0"


class Pen(NamedTuple):
    """How the terminal draws: SGR codes, and the parameters of an OSC 8 link."""

    attributes: tuple[str, ...] = ()
    colour: str = ""
    background: str = ""
    link: str = ";"

    @property
    def on_blanks(self) -> "Pen":
        """What of this pen is seen on blanks."""
        return self._replace(attributes=(), colour="") if UNSEEN_ON_BLANKS.issuperset(self.attributes) else self


PLAIN: Final = Pen()
# Where the cursor is, without a column after the last one, where terminals differ; what a line of the screen
# shows, cell by cell; a line of a frame, strips with the column each starts in; what to write in which pen where.
At: TypeAlias = tuple[int, int | None]
Row: TypeAlias = tuple[str, list[Pen]]
Line: TypeAlias = tuple[int, list[tuple[int, Strip]]]
Cell: TypeAlias = tuple[int, int, Pen, str]
NOWHERE: Final[At] = (-2, None)


@lru_cache(maxsize=4096)
def pens_of(style: Style | None, colours: str | None) -> tuple[Pen, Pen]:
    """Return the pen Textual draws a style with, without codes for default colours, and what is seen on blanks."""
    style = style or Style.null()
    codes = SGR.findall(Strip.render_ansi(style, COLOR_SYSTEMS[colours or "truecolor"]))
    attributes = tuple(code[2] for code in codes if code[2])
    colour, background = ("".join(code[part] for code in codes) for part in (0, 1))
    link = f"id={style.link_id};{style.link}" if style.link else ";"
    pen = Pen(attributes, colour.removeprefix("39"), background.removeprefix("49"), link)
    return pen, pen.on_blanks


@lru_cache(maxsize=4096)
def switch(old: Pen, new: Pen) -> str:
    r"""Return the shortest sequence that turns one pen into another.

    >>> switch(Pen(("1",), "32"), Pen(("1",))), switch(Pen(("1", "7"), "32"), PLAIN)
    ('\x1b[39m', '\x1b[m')
    """
    ends = {ENDS.get(code): None for code in old.attributes if code not in new.attributes}
    begins = [code for code in new.attributes if code not in old.attributes or ENDS.get(code) in ends]
    colour = "" if new.colour == old.colour else new.colour or "39"
    background = "" if new.background == old.background else new.background or "49"
    change = ";".join(filter(None, (*ends, *begins, colour, background)))
    afresh = "".join(f";{code}" for code in (*new.attributes, new.colour, new.background) if code)
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
        steps = ((to_y - y, "B"), (to_x - x, "C"), (x - to_x, "D"))
        down, right, left = (f"\x1b[{count if count > 1 else ''}{way}" if count > 0 else "" for count, way in steps)
        ways += down + right + left, down + "\b" * (x - to_x) if left else ways[0]
    return min(ways, key=len)


@cache
def release_of_textual() -> str:
    """Return the installed release of Textual, from the name of the folder pip leaves beside it.

    `importlib.metadata` would say the same, ten milliseconds later.
    """
    beside = Path(textual.__file__).parents[1].glob("textual-*.dist-info")
    found = next((folder.name.split("-")[1].removesuffix(".dist") for folder in beside), "")
    return found or textual.__version__


def unfit(release: str, parts: dict[str, str]) -> str:
    """Say why the diff cannot be used with that release of Textual, or nothing."""
    if not (8, 2) <= tuple(map(int, release.split(".")[:2])) < (9, 0):
        return f"Textual {release} is not one the output diff knows"
    for name, parameters in parts.items():
        with suppress(ImportError, AttributeError):
            if " ".join(signature(resolve_name(name)).parameters) == parameters:
                continue
        return f"Textual {release} has no {name}({parameters})"
    return ""


def fits(pen: Pen, needed: Pen, text: str) -> bool:
    """Tell whether a pen draws a text as the needed one would."""
    return pen == needed or (text.strip(" ") in {"", ERASE_TO_END} and pen.on_blanks == needed.on_blanks)


class OutputDiff:
    """What the terminal shows, kept so that only what differs is sent.

    Textual sends each dirty region again, every segment with its whole style and a reset, and paints the whole
    screen several times while it starts: over SSH, many times what changed. It has no place for this, so private
    parts are hooked, of this app and its driver only; `reason` says why they are not, or nothing.
    """

    def __init__(self, app: "App[Any]", *, enabled: bool = True) -> None:
        self.reason = unfit(release_of_textual(), PARTS) if enabled else "switched off"
        self._app = app
        self._renders: dict[type, Callable[..., str]] = {}
        self._known = self._painting = False
        self._rows: list[Row] = []
        self._unknown: Row = ("", [])
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
        if driver is not None and "write" not in vars(driver):
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
        """Watch for what others draw, and for the new screen the driver takes, in a signal handler, after Ctrl+Z."""
        if "\x1b[?1049h" in data or not (self._painting or DRAWS_NOTHING.fullmatch(data)):
            self.forget()
        write(data)

    async def _on_event(self, on_event: Callable[[Event], Awaitable[None]], event: Event) -> None:
        """Watch for resizes: Textual merges those that follow each other, and repaints only for another size."""
        if isinstance(event, Resize) and self._rows:
            same = event.size == (len(self._unknown[0]), len(self._rows))
            if not same or event.pixel_size is None:  # with pixels, the terminal may merely answer a query
                self.forget()
            if same and not self._known:
                self._app.refresh()
        await on_event(event)

    def _render_screen(self, frame: "LayoutUpdate", console: Console) -> str:
        start, (width, height) = "", frame.region.size
        if not self._known or (width, height) != (len(self._unknown[0]), len(self._rows)):
            self._known, start = True, "\x1b[m\x1b[2J"
            self._rows = [(" " * width, [PLAIN] * width)] * height
            self._unknown = UNKNOWN * width, [PLAIN] * width
        return start + self._paint(((y, [(0, Strip.join(row))]) for y, row in enumerate(frame.strips)), console)

    def _render_regions(self, frame: "ChopsUpdate", console: Console) -> str:
        if self._known and len(frame.chops) == len(self._rows):
            return self._paint(self._lines(frame), console)
        self.forget()
        return type(frame).render_segments(frame, console)

    @staticmethod
    def _lines(frame: "ChopsUpdate") -> Iterator[Line]:
        """Choose the strips to send as `ChopsUpdate.render_segments` does."""
        for y, spans in groupby(frame.spans, key=itemgetter(0)):
            chops = list(zip(frame.chop_ends[y], frame.chops[y].items(), strict=False))
            shown = [
                (x, strip.crop(0, min(end, right) - x))
                for _, left, right in spans
                for end, (x, strip) in chops
                if strip is not None and x < right and end > left
            ]
            yield y, shown

    def _paint(self, lines: Iterable[Line], console: Console) -> str:
        """Return what makes the terminal show these lines, row by row or pen by pen, whichever is shorter.

        A row with characters wider or narrower than a cell goes out as Textual sends it, and counts as unknown.
        """
        whole: list[str] = []
        cells: list[Cell] = []
        for y, strips in lines:
            old = self._rows[y]
            new = self._rows[y] = self._row(old, strips, console.color_system)
            if new is self._unknown:
                whole += [move(NOWHERE, (y, x)) + strip.render(console) for x, strip in strips]
            elif new != old:
                cells += self._changes(y, old, new, strips)
        return "".join(whole) + min(self._written(cells), self._written(sorted(cells, key=itemgetter(2))), key=len)

    def _row(self, old: Row, strips: list[tuple[int, Strip]], colours: str | None) -> Row:
        """Return what the row shows after these strips, unknown if a character does not fill just one cell."""
        text, pens = old[0], old[1].copy()
        for x, strip in strips:
            words = strip.text
            if not (words.isascii() and words.isprintable()) and set(map(get_character_cell_size, words)) - {1}:
                return self._unknown
            drawn: list[Pen] = []
            for part, style, _ in strip:
                pen, blank = pens_of(style, colours)
                drawn += [pen] * len(part) if pen is blank else [blank if cell == " " else pen for cell in part]
            end = x + len(words)
            text, pens[x:end] = text[:x] + words + text[end:], drawn
        return self._unknown if UNKNOWN in text or len(text) != len(old[0]) else (text, pens)

    @staticmethod
    def _changes(y: int, old: Row, new: Row, strips: list[tuple[int, Strip]]) -> list[Cell]:
        """Return what turns one row into another; a blank takes the pen of what follows if that looks the same."""
        text, pens = new
        left, right = strips[0][0], strips[-1][0] + len(strips[-1][1].text)
        row = enumerate(zip(*(part[left:right] for part in (*old, *new)), strict=True), left)
        changed = [x for x, (was, was_pen, now, pen) in row if was != now or was_pen != pen]
        blanks = changed[bisect_left(changed, len(text.rstrip(" "))) :]
        erased = len(blanks) > len(ERASE_TO_END) and pens[blanks[0] :].count(PLAIN) == len(text) - blanks[0]
        cells: list[Cell] = []
        for x in reversed(changed[: -len(blanks)] if erased else changed):
            _, begin, after, words = cells[-1] if cells else (y, -1, pens[x], "")
            pen = after if fits(after, pens[x], text[x]) else pens[x]
            if x + 1 == begin and pen == after:
                cells[-1] = y, x, pen, text[x] + words
            else:
                cells.append((y, x, pen, text[x]))
        return cells[::-1] + ([(y, blanks[0], PLAIN, ERASE_TO_END)] if erased else [])

    def _written(self, cells: Iterable[Cell]) -> str:
        """Return what writes these cells in this order, and leaves the terminal with a plain pen."""
        output: list[str] = []
        pen, at, width = PLAIN, NOWHERE, len(self._unknown[0])
        for y, x, needed, text in cells:
            if at != (y, x):
                way, pen = self._reach(at, (y, x), pen, needed)
                output.append(way)
            if not fits(pen, needed, text):
                output.append(switch(pen, needed))
                pen = needed
            output.append(text)
            end = x if text == ERASE_TO_END else x + len(text)
            at = y, end if end < width else None
        return "".join([*output, switch(pen, PLAIN)])

    def _reach(self, at: At, to: tuple[int, int], pen: Pen, needed: Pen) -> tuple[str, Pen]:
        """Return the shortest way to a cell, and the pen then: a move, or the characters before it once more."""
        way, (y, x) = move(at, to), to
        left = at[1] if at[0] == y else None
        if left is not None and left < x <= left + len(way):
            between, pens = self._rows[y][0][left:x], self._rows[y][1][left:x]
            if len(between.encode()) <= len(way):
                for other in (pen, needed):
                    if all(fits(other, was, text) for was, text in zip(pens, between, strict=True)):
                        return switch(pen, other) + between, other
        return way, pen
