"""``mptcp-top`` without a command: the dashboard, built from its parts."""

from __future__ import annotations

import os
import signal
import sys
import termios
import time
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.collector import Collector, CollectorThread
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.errors import SettingsError
from mptcp_top.remembered import known, recall, save
from mptcp_top.settings import PARSERS
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.first_paint import LEAVE, Paper, first_paint
from mptcp_top.ui.frame import Moment, frame_of
from mptcp_top.ui.glyphs import locale_is_utf8
from mptcp_top.ui.themes import ANSI, THEMES, why_only_ansi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mptcp_top.cli.alerting import Alerting
    from mptcp_top.collector import Job
    from mptcp_top.model import Observation
    from mptcp_top.recording.recorder import Recorder
    from mptcp_top.settings import Settings
    from mptcp_top.ui.reporting import Reports
    from mptcp_top.ui.themes import Theme

if TYPE_CHECKING:
    Groups = Mapping[str, tuple[str, ...]]

NO_GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
FIRST_SAMPLE_SECONDS: Final = 0.05
"""How long the first paint waits for the first sample; a local one takes a tenth of it."""


def dashboard(
    settings: Settings,
    jobs_of: Callable[[], list[Job]],
    alerting: Callable[[], Alerting],
    groups: Groups = NO_GROUPS,
    recorder_of: Callable[[Store], Recorder | None] = lambda _: None,
) -> int:
    """Run the dashboard over some jobs until the user leaves it, and return the exit code.

    For ``alerting`` is asked when there is something on the screen. ``recorder_of`` makes what records it.

    Raises:
        SettingsError: there is no terminal to draw on, or a job cannot be made.
    """
    jobs = jobs_of()  # may ask for passwords
    _refuse_what_is_no_terminal()
    store = Store([job.source.target for job in jobs], settings.hold)
    recorder, news, began = recorder_of(store), _News(), time.time()
    if recorder is not None:
        news.record = recorder.observed
    collector = Collector(jobs, Engine(store), news.observation)
    thread = CollectorThread(collector, news.crash)
    ascii_only = settings.ascii or not locale_is_utf8(os.environ)
    fixed = why_only_ansi(os.environ)
    recalled = recall(os.environ)
    theme = ANSI if fixed else _theme(settings, recalled.values)
    with _standard_error_on_the_terminal(), _ended_by_signals(news), _keys_kept(), _closed_at_the_end(recorder):
        thread.start()
        try:
            news.first.wait(FIRST_SAMPLE_SECONDS)
            if settings.mark:
                collector.mark("the start", time.monotonic(), time.time())
            _paint_first(store, collector, theme, ascii_only=ascii_only)
            if recorder is not None:
                recorder.start()
            with _alarmed(store, alerting(), news):
                from mptcp_top.ui.app import MptcpTopApp  # noqa: PLC0415  # takes long, and by now there is a screen

                deck = Deck(store, collector, groups, basis=Basis.MARK if settings.mark else Basis.RATE)
                deck.theme, deck.why_only_ansi, deck.notice = theme, fixed, recalled.note
                deck.remember = partial(save, os.environ)
                if recorder is not None:
                    deck.recording, deck.reports = recorder.words, _reports(recorder, began)
                app = MptcpTopApp(deck, ascii_only=ascii_only, output_diff=settings.output_diff)
                news.hand_over(app.wake, app.end)
                app.run()
        finally:
            _let_go_of_the_terminal("" if news.handed_over else LEAVE)
            thread.stop()
    return app.return_value if app.return_value is not None else app.return_code or 0


def _reports(recorder: Recorder, since: float) -> Reports:
    """Return what writes reports of this run out of its recording."""
    from mptcp_top.cli.report_key import KeyedReports  # noqa: PLC0415  # after the first paint

    return KeyedReports(lambda: (recorder.state.path, recorder.state.why_not), since)


class _News:
    """Passes the collector's news on, once there is somebody to hear them: the app the screen is handed over to."""

    def __init__(self) -> None:
        self.first = Event()
        self.handed_over = False
        self.announce: Callable[[str], None] = lambda _: None
        self.record: Callable[[Observation], None] = lambda _: None
        self._wake: Callable[[], None] = lambda: None
        self._end: Callable[[int], None] = lambda _: None
        self._end_code: int | None = None

    def observation(self, observation: Observation) -> None:
        self.record(observation)
        self.announce(observation.target.name)
        self.first.set()
        self._wake()

    def crash(self) -> None:
        self.first.set()
        self.end(1)

    def end(self, code: int) -> None:
        """Ask for the end. Called by signal handlers too, so it raises nothing, wherever it interrupts."""
        self._end_code = code
        self._end(code)

    def hand_over(self, wake: Callable[[], None], end: Callable[[int], None]) -> None:
        self._wake, self._end, self.handed_over = wake, end, True
        if self._end_code is not None:
            end(self._end_code)


@contextmanager
def _closed_at_the_end(recorder: Recorder | None) -> Iterator[None]:
    """Have what was collected recorded, and the file closed, when nobody collects any more."""
    try:
        yield
    finally:
        if recorder is not None:
            recorder.stop()


@contextmanager
def _alarmed(store: Store, alerting: Alerting, news: _News) -> Iterator[None]:
    """Watch for alerts, and have those announced that are worth it."""
    store.watch(alerting.watched)
    store.silences = alerting.silences or store.silences
    if alerting.command is None:
        yield
        return
    from mptcp_top.announce import Announcer  # noqa: PLC0415  # few have a command

    announcer = Announcer(store, alerting.command, alerting.every_seconds)
    announcer.start()
    news.announce = announcer.observed
    try:
        yield
    finally:
        announcer.stop()


def _theme(settings: Settings, remembered: Mapping[str, Any]) -> Theme:
    """Return the theme that was asked for, else the one that was chosen last."""
    return THEMES[settings.theme or known(remembered, "theme", PARSERS["theme"]) or ANSI.name]


def _paint_first(store: Store, collector: Collector, theme: Theme, *, ascii_only: bool) -> None:
    columns, lines = os.get_terminal_size(2)
    if min(columns, lines) < 2:  # a serial line does not know its size: 0 by 0
        return
    now = Moment(time.monotonic(), time.time())
    paper = Paper(columns, lines, ascii_only, not os.environ.get("NO_COLOR"), theme)
    if len(store.targets) > 1:
        from mptcp_top.ui.first_fleet import first_fleet_paint  # noqa: PLC0415  # one target starts without it

        paint = first_fleet_paint(store, collector, now, paper)
    else:
        first = store.targets[0]
        frame = frame_of(store, first, now, collector.interval_of(first.name))
        if frame.observation is None:
            return
        paint = first_paint(frame, paper)
    sys.stderr.write(paint)
    sys.stderr.flush()


def _refuse_what_is_no_terminal() -> None:
    for number, name in ((0, "standard input"), (1, "standard output")):
        if not os.isatty(number):
            raise SettingsError(f"{name} is not a terminal; for pipes, files and cron there is: mptcp-top stat")
    if os.environ.get("TERM", "dumb") in {"dumb", "unknown"}:
        raise SettingsError("this terminal (TERM=dumb) cannot show a dashboard; there is: mptcp-top stat")


def _let_go_of_the_terminal(farewell: str) -> None:
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
def _ended_by_signals(news: _News) -> Iterator[None]:
    """Leave in good order when a signal comes before Textual is there to hear it."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda number, _: news.end(128 + number))
    yield


@contextmanager
def _keys_kept() -> Iterator[None]:
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
def _standard_error_on_the_terminal() -> Iterator[None]:
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
