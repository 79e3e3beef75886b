"""The Textual application: it owns the terminal, and nothing of what is shown on it."""

from __future__ import annotations

import asyncio
import gc
import select
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import App
from textual.binding import Binding
from textual.events import Key, Paste
from textual.message import Message

from mptcp_top.ui.compare_screen import CompareScreen
from mptcp_top.ui.events_screen import EventsScreen
from mptcp_top.ui.explain_screen import ExplainScreen
from mptcp_top.ui.fleet_screen import FleetScreen
from mptcp_top.ui.handshakes_screen import HandshakesScreen
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.moved_screen import MovedScreen
from mptcp_top.ui.output import OutputDiff
from mptcp_top.ui.output_link import patient, stalled
from mptcp_top.ui.skin import change, keep_to, put_on
from mptcp_top.ui.split_screen import SplitScreen
from mptcp_top.ui.typed import TypeAhead
from mptcp_top.ui.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.events import Event
    from textual.screen import Screen
    from textual.timer import Timer

    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.sheet import ShowCounter, ShowHost
    from mptcp_top.ui.view import ShowChart

_INSIDE: Final = Path(__file__).parents[1] / "mptcp_top.tcss"
_BESIDE: Final = Path(__file__).parents[2] / "mptcp_top.tcss"
_CLOCK_SECONDS: Final = 1.0
GATHER_SECONDS: Final = 0.05
"""How long the first answer of a tick waits for the others."""


VIEWS: Final = {
    "fleet": FleetScreen,
    "compare": CompareScreen,
    "events": EventsScreen,
    "split": SplitScreen,
    "moved": MovedScreen,
    "handshakes": HandshakesScreen,
}


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

    def __init__(self, deck: Deck, *, ascii_only: bool = False, output_diff: bool = True) -> None:
        super().__init__(ansi_color=True)
        put_on(self, deck.theme)
        self.animation_level = "none"
        keep_to(ascii_only=ascii_only)
        self.deck = deck
        self._clock: Timer | None = None
        self._running = False
        self._told = False
        self._end_code: int | None = None
        self.output = OutputDiff(self, enabled=output_diff)
        self._typed = TypeAhead(self, super().on_event)

    async def on_event(self, event: Event) -> None:
        """Take what is typed key by key, however fast it comes."""
        if isinstance(event, Key | Paste) and self._running and not event.is_forwarded:
            await self._typed.take(event)
        else:
            await super().on_event(event)

    def get_driver_class(self) -> type[Driver]:
        """Return the driver: one that does not stand still when the terminal does."""
        return patient(super().get_driver_class())

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if not stalled(self):
            super()._display(screen, renderable)

    def on_taken(self) -> None:
        """Draw what the terminal has missed."""
        self.refresh(layout=True)

    def get_default_screen(self) -> Screen[None]:
        """Return the first screen: the fleet, where there is one."""
        targets = self.deck.store.targets
        return FleetScreen(self.deck) if len(targets) > 1 else HostScreen(self.deck, targets[0])

    def on_show_host(self, message: ShowHost) -> None:
        """Show one target alone, over whatever is shown now."""
        target = next(target for target in self.deck.store.targets if target.name == message.target)
        self.push_screen(HostScreen(self.deck, target, message.row))

    def on_show_counter(self, message: ShowCounter) -> None:
        """Explain a counter, over whatever is shown now."""
        self.push_screen(ExplainScreen(self.deck, message.target, message.counter, message.above))

    def on_show_chart(self, message: ShowChart) -> None:
        """Show a counter over time, over whatever is shown now."""
        from mptcp_top.ui.chart_screen import ChartScreen  # noqa: PLC0415  # most sessions never open a chart
        from mptcp_top.ui.plot import why_not  # noqa: PLC0415

        reason = why_not()
        if reason and isinstance(self.screen, View):
            self.screen.tell(f"no chart: {reason}")
            return
        target = next(target for target in self.deck.store.targets if target.name == message.target)
        self.push_screen(ChartScreen(self.deck, target, message.metric, message.moment))

    def action_view(self, name: str) -> None:
        """Show a view of all targets: the one already under this screen, else a new one over it."""
        kind = VIEWS[name]
        below = next((place for place, screen in enumerate(self.screen_stack) if isinstance(screen, kind)), None)
        if below is None:
            self.push_screen(kind(self.deck))
            return
        while len(self.screen_stack) > below + 1:
            self.pop_screen()

    def action_help(self) -> None:
        """Open the help page of what is shown."""
        from mptcp_top.ui.focus import help_of  # noqa: PLC0415  # most sessions never ask

        if isinstance(self.screen, View):
            self.push_screen(help_of(self.screen))

    def action_command_palette(self) -> None:
        """List everything that can be done, by name."""
        from mptcp_top.ui.palette import open_palette  # noqa: PLC0415  # most sessions never open it

        open_palette(self)

    def action_theme(self, name: str = "") -> None:
        """Draw in another theme, the next one if none is named, and remember it."""
        said = change(self, self.deck, name)
        if isinstance(self.screen, View):
            self.screen.tell(said)

    def action_bell_on_off(self) -> None:
        """Ring the bell at alarming events, or stop ringing it."""
        self.deck.bell = not self.deck.bell
        self._tick()

    def on_mount(self) -> None:
        """Take the signals, start the clock, draw what there is."""
        self._running = True
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, self.action_leave, 128 + number)
        self._clock = self.set_interval(_CLOCK_SECONDS, self._tick)
        self._tick()
        if self.deck.notice and isinstance(self.screen, View):
            self.screen.tell(self.deck.notice)

    def on_ready(self) -> None:
        """Look for garbage again, now that all is built, but not in what was built."""
        gc.freeze()
        gc.enable()

    def on_news(self) -> None:
        """Draw what was collected; the clock need not. Targets that answer together are drawn once."""
        if self._clock is not None:
            self._clock.reset()
        if self._end_code is None and len(self.deck.store.targets) > 1:
            self.set_timer(GATHER_SECONDS, self._gathered)
        else:
            self._gathered()

    def _gathered(self) -> None:
        self._told = False  # before the draw: what comes from now on is news again
        self._tick()

    def wake(self) -> None:
        """Say from any thread that something was collected."""
        if self._running and not self._told:
            self._told = True
            self.post_message(News())

    def end(self, code: int) -> None:
        """End with this exit code as soon as may be. From any thread or signal handler, before it runs too."""
        self._end_code = code
        if self._running:
            self.post_message(News())

    def action_leave(self, code: int) -> None:
        """End, with this exit code."""
        self._running = False
        self.exit(code)

    def action_step_out(self) -> None:
        """Go back to the screen below; on the first one, end."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.action_leave(0)

    def action_repaint(self) -> None:
        """Send the whole screen again, for a user who sees it garbled."""
        self.output.redraw()

    def _tick(self) -> None:
        said = self.deck.tick()
        if terminal_is_gone():
            self.action_leave(128 + signal.SIGHUP)
        elif self._end_code is not None:
            self.action_leave(self._end_code)
        elif isinstance(self.screen, View):
            if self.deck.rings(self.screen.now()):
                self.bell()
            if said:
                self.screen.tell(said)
            else:
                self.screen.draw()


def terminal_is_gone() -> bool:
    """Whether the terminal was closed. Where SIGHUP is ignored nobody else tells us, and reading it would spin."""
    if sys.__stdin__ is None:
        return True
    poll = select.poll()
    poll.register(sys.__stdin__.fileno(), select.POLLHUP)
    return any(events & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, events in poll.poll(0))
