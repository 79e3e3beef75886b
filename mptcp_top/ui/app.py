"""The Textual application: it owns the terminal, and nothing of what is shown on it."""

from __future__ import annotations

import asyncio
import gc
import select
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from textual.app import App
from textual.binding import Binding
from textual.message import Message

from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.output import OutputDiff
from mptcp_top.ui.pages import Page

if TYPE_CHECKING:
    from textual.timer import Timer

    from mptcp_top.engine.store import Store

_INSIDE: Final = Path(__file__).parents[1] / "mptcp_top.tcss"
_BESIDE: Final = Path(__file__).parents[2] / "mptcp_top.tcss"
_CLOCK_SECONDS: Final = 1.0


class Controls(Protocol):
    """What the screens may ask of whoever collects."""

    def interval_of(self, target: str) -> float:
        """Return the interval in force for a target."""

    def set_interval(self, target: str, seconds: float) -> None:
        """Poll a target at another pace."""

    def retry(self, target: str) -> None:
        """Poll a target now, even one that had stopped because its credentials were refused."""


class News(Message):
    """Something was collected. Only the newest news counts."""

    def can_replace(self, message: Message) -> bool:
        """Whether an older one in the queue may go."""
        return isinstance(message, News)


class MptcpTopApp(App[int]):
    """The dashboard."""

    TITLE = "mptcp-top"
    CSS_PATH = _INSIDE if _INSIDE.exists() else _BESIDE  # in a wheel, or in a checkout
    BINDINGS: ClassVar = [Binding("ctrl+c", "leave(130)", show=False), Binding("ctrl+l", "repaint", show=False)]

    def __init__(self, store: Store, controls: Controls, *, ascii_only: bool = False, output_diff: bool = True) -> None:
        super().__init__(ansi_color=True)
        self.theme = "ansi-dark"
        self.animation_level = "none"
        Lines.ascii_only = ascii_only
        self._store = store
        self._controls = controls
        self._clock: Timer | None = None
        self._running = False
        self._end_code: int | None = None
        self.output = OutputDiff(self, enabled=output_diff)

    def get_default_screen(self) -> HostScreen:
        """Return the first screen."""
        return HostScreen(self._store, self._controls)

    def on_mount(self) -> None:
        """Take the signals, start the clock, draw what there is."""
        self._running = True
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, self.action_leave, 128 + number)
        self._clock = self.set_interval(_CLOCK_SECONDS, self._tick)
        self._tick()

    def on_ready(self) -> None:
        """Look for garbage again, now that all is built, but not in what was built."""
        gc.freeze()
        gc.enable()

    def on_news(self) -> None:
        """Draw what was collected; the clock need not."""
        if self._clock is not None:
            self._clock.reset()
        self._tick()

    def wake(self) -> None:
        """Say from any thread that something was collected."""
        if self._running:
            self.post_message(News())

    def end(self, code: int) -> None:
        """End with this exit code as soon as may be. From any thread or signal handler, before it runs too."""
        self._end_code = code
        self.wake()

    def action_leave(self, code: int) -> None:
        """End, with this exit code."""
        self._running = False
        self.exit(code)

    def action_repaint(self) -> None:
        """Send the whole screen again, for a user who sees it garbled."""
        self.output.redraw()

    def _tick(self) -> None:
        if terminal_is_gone():
            self.action_leave(128 + signal.SIGHUP)
        elif self._end_code is not None:
            self.action_leave(self._end_code)
        elif isinstance(self.screen, HostScreen | Page):
            self.screen.draw()


def terminal_is_gone() -> bool:
    """Whether the terminal was closed. Where SIGHUP is ignored nobody else tells us, and reading it would spin."""
    if sys.__stdin__ is None:
        return True
    poll = select.poll()
    poll.register(sys.__stdin__.fileno(), select.POLLHUP)
    return any(events & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, events in poll.poll(0))
