"""The terminal shows the same with the output diff as without it, for fewer bytes.

Run as a program, this file is the app that the tests on a real pty start.
"""

import asyncio
import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Resize
from textual.geometry import Region, Size
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import DataTable, Input, Label, Static

from mptcp_top.ui.output import PARTS, OutputDiff, Pen, pens_of, switch, unfit

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


# Frames by themselves: whatever is painted, in whatever order.

WIDTH: Final = 14
HEIGHT: Final = 4
STYLES: Final = [
    None,
    Style(),
    *map(
        Style.parse,
        ("default on default", "bold", "dim", "bold dim", "reverse", "underline", "underline2", "bold underline2"),
    ),
    *map(
        Style.parse,
        ("red", "bright_red", "bold green", "on blue", "white on bright_blue", "#102030 on #405060", "color(99)"),
    ),
    *map(Style.parse, ("italic strike", "overline", "encircle", "reverse dim red", "link https://example.com")),
]
words = st.text("  ab1█▁–é", max_size=8)
wide_words = st.one_of(words, st.sampled_from(["世", "a世界b", "e\u0301", "世\u0301"]))


@st.composite
def strips(draw: st.DrawFn) -> Strip:
    parts = draw(
        st.lists(st.tuples(draw(st.sampled_from([words, words, wide_words])), st.sampled_from(STYLES)), max_size=5)
    )
    return Strip([Segment(text, style) for text, style in parts]).adjust_cell_length(WIDTH)


@st.composite
def whole_screens(draw: st.DrawFn) -> LayoutUpdate:
    rows = draw(st.lists(strips(), min_size=HEIGHT, max_size=HEIGHT))
    cut = draw(st.integers(0, WIDTH))
    return LayoutUpdate([row.divide([cut, WIDTH]) for row in rows], Region(0, 0, WIDTH, HEIGHT))


@st.composite
def some_regions(draw: st.DrawFn) -> ChopsUpdate:
    chops: list[dict[int, Strip | None]] = []
    ends, spans = [], []
    for y in range(HEIGHT):
        cuts = [0, *sorted(draw(st.sets(st.integers(1, WIDTH - 1), max_size=3))), WIDTH]
        parts = draw(strips()).divide(cuts[1:])
        chops.append(dict(zip(cuts, parts, strict=False)))
        ends.append(cuts[1:])
        edges = sorted(draw(st.sets(st.integers(0, WIDTH), max_size=4)))
        spans += [(y, left, right) for left, right in zip(edges[::2], edges[1::2], strict=False)]
    return ChopsUpdate(chops, spans or [(0, 0, 0)], ends)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(whole_screens(), some_regions(), st.just(None)), max_size=8))
def test_any_frames_show_the_same_with_the_diff(frames: list[LayoutUpdate | ChopsUpdate | None]) -> None:
    out, diff = console(), OutputDiff(App[None]())
    plain, diffed = Terminal(Size(WIDTH, HEIGHT)), Terminal(Size(WIDTH, HEIGHT))
    for frame in frames:
        if frame is None:
            diff.forget()
            continue
        plain.feed(frame.render_segments(out) + "\x1b[1;1H")
        diffed.feed(diff._renders[type(frame)](frame, out) + "\x1b[1;1H")
        assert diffed.state() == plain.state()


def painted(*lines: str) -> LayoutUpdate:
    rows = [Strip(Text.from_markup(line).render(console(), end="")).adjust_cell_length(WIDTH) for line in lines]
    return LayoutUpdate([[row] for row in rows], Region(0, 0, WIDTH, len(rows)))


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        (["count 12", ""], ["count 13", ""], "\x1b[;8H3"),
        (["1 2 3", ""], ["4 2 5", ""], "\x1b[H4 2 5"),
        (["", ""], ["[default on default]a[/]", "[bold default]b[/]"], "\x1b[Ha\r\n\x1b[1mb\x1b[m"),
        (["abcdefgh", ""], ["ab", ""], "\x1b[;3H\x1b[K"),
        (["abcdefgh", ""], ["ab", "[on red]      [/]"], "\x1b[;3H\x1b[K\r\n\x1b[41m      \x1b[m"),
        (["", ""], ["[red]a b[/]", ""], "\x1b[H\x1b[31ma b\x1b[m"),
        (["[b]1[/]  [i]2[/]"] * 2, ["[b]3[/]  [i]4[/]"] * 2, "\x1b[H\x1b[1m3\r\n3\x1b[;4H\x1b[;3m4\x1b[B\b4\x1b[m"),
        (["[dim on red]ab[/]", ""], ["[dim on red]a[/][on red]b[/]", ""], "\x1b[;2H\x1b[41mb\x1b[m"),
    ],
)
def test_only_what_changed_is_sent_as_shortly_as_can_be(before: list[str], after: list[str], sent: str) -> None:
    out, diff = console(), OutputDiff(App[None]())
    diff._render_screen(painted(*before), out)
    assert diff._render_screen(painted(*after), out) == sent


@given(st.lists(st.sampled_from([pens_of(style, "truecolor")[0] for style in STYLES]), max_size=8))
def test_any_change_of_pen_ends_at_the_look_of_the_new_one(pens: list[Pen]) -> None:
    terminal = Terminal(Size(1, 1))
    for old, new in pairwise([Pen(), *pens]):
        terminal.feed(switch(old, new))
        codes = ";".join(filter(None, (*new.attributes, new.colour, new.background)))
        assert terminal.look == Look(link=new.link.partition(";")[2]).styled(codes)


# A whole app: its frames go to two terminals, to one through the diff.


class Counters(Widget):
    """Numbers in columns, of which only the changed ones are redrawn."""

    DEFAULT_CSS = "Counters { width: 2fr; height: 100%; border: round ansi_blue; }"

    def __init__(self) -> None:
        super().__init__()
        self.values = [[1000 * y, 100 * y, y] for y in range(60)]

    def render_line(self, y: int) -> Strip:
        parts = [Segment(f"counter{y:<5}", Style())]
        for value, style in zip(self.values[y], ("bold", "dim", "ansi_red"), strict=True):
            parts += Segment(f"{value:>10}", Style.parse(style.removeprefix("ansi_"))), Segment(" ")
        return Strip(parts).adjust_cell_length(self.size.width)

    def tick(self, chance: random.Random, count: int) -> None:
        for _ in range(count):
            x, y = chance.randrange(3), chance.randrange(30)
            self.values[y][x] += chance.randrange(100)
            self.refresh(Region(12 + 11 * x, y, 10, 1))


class Question(ModalScreen[None]):
    CSS = "Question { align: center middle; background: $background 40%; } Label { border: heavy red; padding: 1; }"

    def compose(self) -> ComposeResult:
        yield Label("Really? 世界")


def as_textual_does(frame: LayoutUpdate | ChopsUpdate, console: Console) -> str:
    if isinstance(frame, LayoutUpdate):
        return LayoutUpdate.render_segments(frame, console)
    return ChopsUpdate.render_segments(frame, console)


class Two(HeadlessDriver):
    """What a terminal driver is, with two terminals: one gets what is written, one each frame as Textual has it."""

    is_headless = False
    can_suspend = True

    def write(self, data: str) -> None:
        app = self._app
        assert isinstance(app, Dashboard)
        app.shown.feed(data)
        frame, app.frame = app.frame, None
        if frame is not None:
            data = as_textual_does(frame, app.console) + data[data.rindex("\x1b[") :]
        app.expected.feed(data)


class Dashboard(App[None]):
    CSS = "Screen { layout: horizontal; } DataTable, Static, Input { width: 1fr; }"
    SIZE = Size(120, 40)

    def __init__(self, *, real: bool = False, theme: str = "ansi-dark") -> None:
        super().__init__(driver_class=None if real else Two)
        self.theme = theme
        self.frame: LayoutUpdate | ChopsUpdate | None = None
        self.shown, self.expected = Terminal(self.SIZE), Terminal(self.SIZE)
        self.diff = OutputDiff(self, enabled=os.environ.get("DIFF") != "0")

    def compose(self) -> ComposeResult:
        yield Counters()
        yield DataTable[str]()
        yield Static()
        yield Input("text")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("name", "value")
        for row in range(200):
            table.add_row(f"row {row}", str(row * row))

    def resize(self, size: Size) -> None:
        self.shown.screen.resize(size.height, size.width)
        self.expected.screen.resize(size.height, size.width)
        self.post_message(Resize(size, size))

    def _display(self, screen: Any, renderable: Any) -> None:  # noqa: ANN401 - as Textual declares it
        self.frame = renderable
        super()._display(screen, renderable)


def run(act: Callable[[Dashboard, Pilot[object]], Awaitable[None]], theme: str = "ansi-dark") -> None:
    app = Dashboard(theme=theme)

    async def pilot(pilot: Pilot[object]) -> None:
        await pilot.pause()
        await act(app, pilot)
        app.exit()

    asyncio.run(app.run_async(size=app.SIZE, auto_pilot=pilot))


def some_text(chance: random.Random) -> str:
    texts = ["", "plain", "世界 wide", "e\u0301 combined", "x" * 300, "[red]a[/] [link='http://a']b[/] [on blue]c  [/]"]
    return "\n\n".join(chance.choices(texts, k=3))


THINGS_TO_DO: Final[tuple[Callable[[Dashboard, random.Random], object], ...]] = (
    lambda app, chance: app.query_one(Counters).tick(chance, chance.randrange(20)),
    lambda app, chance: app.query_one(DataTable).scroll_relative(y=chance.randrange(-9, 10), animate=False),
    lambda app, chance: app.query_one(Static).update(some_text(chance)),
    lambda app, _: app.push_screen(Question()) if len(app.screen_stack) < 3 else None,
    lambda app, _: app.pop_screen() if len(app.screen_stack) > 1 else None,
    lambda app, chance: setattr(app, "theme", chance.choice(["ansi-dark", "textual-dark", "textual-light"])),
    lambda app, chance: app.notify(chance.choice(["世界", "a\nb"]), timeout=chance.choice([0.01, 9])),
    lambda app, chance: app.resize(Size(chance.choice([60, 80, 120]), chance.choice([20, 24, 40]))),
    lambda app, _: app.copy_to_clipboard("copied"),
    lambda app, chance: app.query_one(Input).insert_text_at_cursor(chance.choice("abc")),
    lambda app, _: app.query_one(Input).focus(),
    lambda app, chance: setattr(app.query_one(Counters), "display", chance.random() < 0.7),
)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_an_app_does_shows_the_same_with_the_diff(seed: int) -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        chance = random.Random(seed)
        for _ in range(60):
            chance.choice(THINGS_TO_DO)(app, chance)
            await pilot.pause(0.02)
            assert app.shown.state() == app.expected.state()
        assert app.shown.bytes < app.expected.bytes / 3

    run(act)


def test_a_starting_app_paints_its_screen_once() -> None:
    async def act(app: Dashboard, _: Pilot[object]) -> None:
        assert "counter12" in app.shown.text()
        assert app.shown.bytes < 0.25 * app.expected.bytes

    run(act)


@pytest.mark.parametrize("theme", ["ansi-dark", "textual-dark"])
def test_a_tick_costs_a_third_of_what_textual_sends(theme: str) -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        before, plain_before = app.shown.bytes, app.expected.bytes
        chance = random.Random(1)
        for _ in range(10):
            app.query_one(Counters).tick(chance, 40)
            await pilot.pause()
        assert app.shown.bytes - before < (app.expected.bytes - plain_before) / 3

    run(act, theme)


def test_a_repaint_without_a_change_costs_no_more_than_the_cursor_move() -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        before, plain_before = app.shown.bytes, app.expected.bytes
        app.refresh()
        await pilot.pause()
        assert app.expected.bytes - plain_before > 5000
        assert app.shown.bytes - before == len("\x1b[1;1H")

    run(act)


def test_a_user_who_asks_for_it_gets_the_whole_screen_again() -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        app.shown.feed("\x1b[5;5Hgarbage")
        app.diff.redraw()
        await pilot.pause()
        assert app.shown.state() == app.expected.state()

    run(act)


@pytest.mark.parametrize("foreign", ["\x1b[5;5Hgarbage", "\x1b[?1049h"])
def test_a_repaint_after_others_drew_is_complete(foreign: str) -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        assert app._driver is not None
        app._driver.write(foreign)
        app.refresh()
        await pilot.pause()
        assert app.shown.state() == app.expected.state()

    run(act)


@pytest.mark.parametrize(
    "harmless", ["\x07", "\x1b]52;c;Y29weQ==\x07", "\x1b]0;title\x1b\\", "\x1b[?1004h", "\x1b[>25u"]
)
def test_what_draws_nothing_costs_no_repaint(harmless: str) -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        assert app._driver is not None
        app._driver.write(harmless)
        before = app.shown.bytes
        app.refresh()
        await pilot.pause()
        assert app.shown.bytes - before == len("\x1b[1;1H")

    run(act)


@pytest.mark.parametrize("pause", [None, 0.1])
def test_a_terminal_resized_there_and_back_is_repainted(pause: float | None) -> None:
    async def act(app: Dashboard, pilot: Pilot[object]) -> None:
        wide = app.shown.cells()
        app.resize(Size(60, 40))
        if pause is not None:  # else Textual sees the second event only
            await asyncio.sleep(pause)
        app.resize(app.SIZE)
        for _ in range(50):  # a busy machine takes its time
            await pilot.pause(0.1)
            if app.shown.cells() == wide:
                break
        assert app.shown.cells() == wide

    run(act)


# On a real pty, with Textual's own driver.


@contextmanager
def on_a_pty(**environment: str) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[str], str]]]:
    """Start this file as a program; yield it, and what reads its output until a text was shown."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    env = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    process = subprocess.Popen([sys.executable, __file__], stdin=slave, stdout=slave, stderr=slave, env=env)
    os.close(slave)

    def read_until(text: str) -> str:
        """Return what was written until the text, and then nothing more for a while."""
        output, end = b"", time.monotonic() + 20
        while time.monotonic() < end:
            if select.select([master], [], [], 0.5)[0]:
                output += os.read(master, 65536)
            elif text in output.decode():
                return output.decode()
        pytest.fail(f"{text!r} was not shown in {output!r}")

    try:
        yield process, read_until
    finally:
        process.kill()
        process.wait()
        os.close(master)


def wait_until_stopped(pid: int) -> None:
    end = time.monotonic() + 20
    while Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < end, "it never stopped"
        os.sched_yield()


def test_after_ctrl_z_the_screen_is_complete_again() -> None:
    with on_a_pty() as (process, read_until):
        terminal = Terminal(Dashboard.SIZE)
        terminal.feed(read_until("counter12"))
        before = terminal.cells()
        process.send_signal(signal.SIGTSTP)
        read_until("\x1b[?1049l")
        wait_until_stopped(process.pid)  # it stops only after it has given the terminal back
        process.send_signal(signal.SIGCONT)
        terminal.feed(read_until("counter12"))
        assert terminal.cells() == before


def test_a_pty_shows_the_same_with_the_diff() -> None:
    shown = []
    for switched in ("0", "1"):
        with on_a_pty(DIFF=switched) as (_, read_until):
            terminal = Terminal(Dashboard.SIZE)
            terminal.feed(read_until("counter12"))
            shown.append((terminal.cells(), terminal.bytes))
    (plain, plain_bytes), (diffed, diffed_bytes) = shown
    assert diffed == plain
    assert diffed_bytes < plain_bytes / 3


# Where it stays off.


def test_this_textual_is_fit() -> None:
    assert OutputDiff(App[None]()).reason == ""


@pytest.mark.parametrize("release", ["8.1.9", "9.0.0", "10.2"])
def test_another_textual_is_left_alone(release: str) -> None:
    assert unfit(release, PARTS) == f"Textual {release} is not one the output diff knows"


@pytest.mark.parametrize("part", ["textual.nowhere:App", "textual.app:App._gone", "textual.app:App._display"])
def test_a_textual_whose_parts_changed_is_left_alone(part: str) -> None:
    assert unfit("8.9.0", {part: "self other"}) == f"Textual 8.9.0 has no {part}(self other)"


def test_a_diff_that_is_switched_off_hooks_nothing() -> None:
    app = App[None]()
    assert OutputDiff(app, enabled=False).reason == "switched off"
    assert not {"_display", "on_event"} & vars(app).keys()


if __name__ == "__main__":
    Dashboard(real=True).run()
