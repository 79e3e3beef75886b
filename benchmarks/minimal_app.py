"""The floor of a Textual program: one Static, and on request a tick that does nothing."""

import sys
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

TEXT = "The least that Textual can do: one Static, sixty visible cells or more, no tick, no colour.\n" * 2


class MinimalApp(App[None]):
    """One Static."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        """Show the text."""
        yield Static(TEXT, markup=False)

    def on_mount(self) -> None:
        """Tick at 1 Hz if asked to."""
        if "--tick" in sys.argv[1:]:
            self.set_interval(1, self.tick)

    def tick(self) -> None:
        """Do nothing, once a second."""


if __name__ == "__main__":
    MinimalApp().run()
