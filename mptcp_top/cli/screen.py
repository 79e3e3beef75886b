"""The terminal, as a screen takes it and gives it back: who is refused, what is painted first, what signals do."""

from __future__ import annotations

import os
import signal
import sys
import termios
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mptcp_top.errors import SettingsError
from mptcp_top.remembered import known
from mptcp_top.settings import PARSERS
from mptcp_top.ui.first_paint import Paper, first_paint
from mptcp_top.ui.frame import frame_of
from mptcp_top.ui.themes import ANSI, THEMES, why_only_ansi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mptcp_top.engine.store import Store
    from mptcp_top.remembered import Recalled
    from mptcp_top.settings import Settings
    from mptcp_top.ui.deck import Controls
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.themes import Theme


class Handover:
    """Whom the screen is handed over to, and the wish to end that may come before there is somebody."""

    def __init__(self) -> None:
        self.handed_over = False
        self.wake: Callable[[], None] = lambda: None
        self._end: Callable[[int], None] = lambda _: None
        self._end_code: int | None = None

    def end(self, code: int) -> None:
        """Ask for the end. Called by signal handlers too, so it raises nothing, wherever it interrupts."""
        self._end_code = code
        self._end(code)

    def hand_over(self, wake: Callable[[], None], end: Callable[[int], None]) -> None:
        """Leave the screen to whoever is woken and ended with these."""
        self.wake, self._end, self.handed_over = wake, end, True
        if self._end_code is not None:
            end(self._end_code)


def theme_of(settings: Settings, recalled: Recalled) -> Theme:
    """Return the theme that was asked for, else the one that was chosen last."""
    if why_only_ansi(os.environ):
        return ANSI
    return THEMES[settings.theme or known(recalled.values, "theme", PARSERS["theme"]) or ANSI.name]


def paper_of(theme: Theme, *, ascii_only: bool) -> Paper | None:
    """Return what there is to paint on, None where that is not known: a serial line says that it is 0 by 0."""
    columns, lines = os.get_terminal_size(2)
    if min(columns, lines) < 2:
        return None
    return Paper(columns, lines, ascii_only, not os.environ.get("NO_COLOR"), theme)


def paint_first(store: Store, controls: Controls, now: Moment, paper: Paper | None) -> None:
    """Paint the first screen, if there is something to be seen on it."""
    if paper is None:
        return
    if len(store.targets) > 1:
        from mptcp_top.ui.first_fleet import first_fleet_paint  # noqa: PLC0415  # one target starts without it

        paint = first_fleet_paint(store, controls, now, paper)
    else:
        first = store.targets[0]
        frame = frame_of(store, first, now, controls.interval_of(first.name))
        if frame.observation is None:
            return
        paint = first_paint(frame, paper)
    sys.stderr.write(paint)
    sys.stderr.flush()


def refuse_what_is_no_terminal(instead: str = "stat") -> None:
    """Refuse what no dashboard can be drawn on; there is a command ``instead``.

    Raises:
        SettingsError: it is no terminal, or a dumb one.
    """
    for number, name in ((0, "standard input"), (1, "standard output")):
        if not os.isatty(number):
            raise SettingsError(f"{name} is not a terminal; for pipes, files and cron there is: mptcp-top {instead}")
    if os.environ.get("TERM", "dumb") in {"dumb", "unknown"}:
        raise SettingsError(f"this terminal (TERM=dumb) cannot show a dashboard; there is: mptcp-top {instead}")


def let_go_of_the_terminal(farewell: str) -> None:
    """Write the last bytes; what cannot be written to a closed terminal is dropped.

    Without that Python would end with an exit code of its own.
    """
    for stream, last in ((sys.stdout, ""), (sys.stderr, farewell)):
        try:
            stream.write(last)
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def ended_by_signals(news: Handover) -> Iterator[None]:
    """Leave in good order when a signal comes before Textual is there to hear it."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda number, _: news.end(128 + number))
    yield


@contextmanager
def keys_kept() -> Iterator[None]:
    """Keep what is typed before Textual listens for it, without showing it on the first paint."""
    before = termios.tcgetattr(0)
    quiet = termios.tcgetattr(0)
    quiet[0] &= ~(termios.ICRNL | termios.IXON)
    quiet[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
    termios.tcsetattr(0, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        with suppress(termios.error):  # the terminal may be gone
            termios.tcsetattr(0, termios.TCSANOW, before)


@contextmanager
def standard_error_on_the_terminal() -> Iterator[None]:
    """Draw on the terminal although standard error goes elsewhere: Textual draws there."""
    if os.isatty(2):
        yield
        return
    sys.stderr.flush()
    elsewhere = os.dup(2)
    os.dup2(1, 2)
    try:
        yield
    finally:
        os.dup2(elsewhere, 2)
        os.close(elsewhere)
