"""The way to the terminal: whoever draws never waits for it, and draws nothing that it does not take.

Textual queues thirty writes and then stands still until the terminal reads again: no key, no signal and no closed
window is noticed meanwhile, and when the window goes the program is left behind, busy with reading from nothing.
"""

import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any, Final

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from mptcp_top.ui.output import release_of_textual, unfit

if TYPE_CHECKING:
    from textual.app import App

PARTS: Final = {
    "textual.app:App._display": "self screen renderable",
    "textual.driver:Driver.send_message": "self message",
    "textual.drivers.linux_driver:LinuxDriver.start_application_mode": "self",
    "textual.drivers.linux_driver:LinuxDriver.write": "self data",
    "textual.drivers.linux_driver:LinuxDriver.close": "self",
}
"""What is overridden or called of Textual, and the parameters it is expected to have."""
PATIENCE_SECONDS: Final = 0.1
"""How long the terminal may take for what it was sent before nothing more is drawn for it."""
FAREWELL_SECONDS: Final = 2.0
"""How long a terminal that takes nothing holds up the end."""
BELL: Final = "\x07"


class Link:
    """A descriptor written to by a thread of its own, where ``on_taken`` is called when a stall that was met ends."""

    def __init__(self, fileno: int, on_taken: Callable[[], None]) -> None:
        self._fileno, self._on_taken = fileno, on_taken
        self._change = Condition()
        self._waiting: list[str] = []
        self._sent_at: float | None = None
        self._met = self._closed = False
        self._thread = Thread(target=self._run, name="terminal", daemon=True)
        self._thread.start()

    def write(self, data: str) -> None:
        """Send something as soon as may be. When the terminal is gone, or the link closed, it goes nowhere."""
        with self._change:
            if not self._closed:
                self._waiting.append(data)
                self._change.notify()

    def is_stalled(self) -> bool:
        """Tell whether the terminal has not taken what it was sent a while ago; who asks is told when it has."""
        with self._change:
            stalled = self._sent_at is not None and time.perf_counter() - self._sent_at > PATIENCE_SECONDS
            self._met = self._met or stalled
            return stalled

    def close(self) -> None:
        """Send the rest, and give it up where it is not taken."""
        with self._change:
            self._closed = True
            self._change.notify()
        self._thread.join(FAREWELL_SECONDS)

    def _run(self) -> None:
        with suppress(OSError):  # the terminal is gone: whoever reads from it notices, too
            while data := self._next():
                send(self._fileno, data.encode("utf-8", "replace"))
                self._sent()
        with self._change:
            self._closed, self._sent_at = True, None
            self._waiting.clear()

    def _next(self) -> str:
        """Return what waits; nothing once the link is closed."""
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._closed)
            data = "".join(self._waiting)
            self._waiting.clear()
            self._sent_at = time.perf_counter()
            return data

    def _sent(self) -> None:
        with self._change:
            self._sent_at = None
            over = self._met and not self._waiting
            self._met = self._met and not over
        if over:
            self._on_taken()


def send(fileno: int, data: bytes) -> None:
    """Write all of it, however long that takes, also where somebody has made the descriptor non-blocking."""
    while data:
        try:
            data = data[os.write(fileno, data) :]
        except BlockingIOError:
            select.select([], [fileno], [])


class Taken(Message):
    """The terminal takes again what it is sent; what it shows is old."""


class PatientDriver(LinuxDriver):
    """Textual's own driver, over a link that nobody waits for."""

    link: Link | None = None
    _descriptor: Final = 2
    """Standard error: there Textual draws."""

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self.link = Link(self._descriptor, lambda: self.send_message(Taken()))
        start: Callable[[], None] = super().start_application_mode
        start()

    def write(self, data: str) -> None:
        """Send something. Nobody hears the bells of a terminal that is stalled, nor shall they all ring afterwards."""
        if self.link is not None and not (data == BELL and self.link.is_stalled()):
            self.link.write(data)

    def close(self) -> None:
        """Let go of the terminal."""
        super().close()
        if self.link is not None:
            self.link.close()


def patient(driver: type[Driver]) -> type[Driver]:
    """Return the driver to be used for one that Textual would use."""
    fit = driver is LinuxDriver and not unfit(release_of_textual(), PARTS)
    return PatientDriver if fit else driver


def stalled(app: "App[Any]") -> bool:
    """Tell whether nothing is to be drawn now; `Taken` comes when there is."""
    driver = app._driver  # noqa: SLF001 - it is built late
    return isinstance(driver, PatientDriver) and driver.link is not None and driver.link.is_stalled()
