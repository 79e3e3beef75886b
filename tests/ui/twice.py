"""An app whose frames go to two terminals: to one through the output diff, to one as Textual has them.

Run as a program it is that app on the terminal it is started on; DIFF=0 is without the diff.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from typing import Any

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
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

from mptcp_top.ui.output import OutputDiff
from tests.ui.looks import Terminal


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


if __name__ == "__main__":
    Dashboard(real=True).run()
