"""``mptcp-top`` without a command: the dashboard, built from its parts."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from functools import partial
from threading import Event
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mptcp_top import clock
from mptcp_top.cli.screen import (
    Handover,
    ended_by_signals,
    keys_kept,
    let_go_of_the_terminal,
    paint_first,
    paper_of,
    refuse_what_is_no_terminal,
    standard_error_on_the_terminal,
    theme_of,
)
from mptcp_top.collector import Collector, CollectorThread
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.remembered import recall, save
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.first_paint import LEAVE
from mptcp_top.ui.frame import Moment
from mptcp_top.ui.glyphs import locale_is_utf8
from mptcp_top.ui.themes import why_only_ansi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mptcp_top.cli.alerting import Alerting
    from mptcp_top.collector import Job
    from mptcp_top.model import Observation
    from mptcp_top.recording.recorder import Recorder
    from mptcp_top.settings import Settings
    from mptcp_top.ui.reporting import Reports

if TYPE_CHECKING:
    Groups = Mapping[str, tuple[str, ...]]

NO_GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
NOT_RECORDED: Final = (
    "off: what is shown is gone when the dashboard ends. It is switched off by --no-record, MPTCP_TOP_RECORD=no or "
    "[recording] enabled = false (mptcp-top config show says by which), and the demo is never recorded"
)
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
    refuse_what_is_no_terminal()
    store = Store([job.source.target for job in jobs], settings.hold)
    recorder, news, began = recorder_of(store), _News(), time.time()
    if recorder is not None:
        news.record = recorder.observed
    collector = Collector(jobs, Engine(store), news.observation)
    thread = CollectorThread(collector, news.crash)
    ascii_only = settings.ascii or not locale_is_utf8(os.environ)
    recalled = recall(os.environ)
    theme = theme_of(settings, recalled)
    with standard_error_on_the_terminal(), ended_by_signals(news), keys_kept(), _closed_at_the_end(recorder):
        thread.start()
        try:
            news.first.wait(FIRST_SAMPLE_SECONDS)
            if settings.mark:
                collector.mark("the start", clock.monotonic(), time.time())
            now = Moment(clock.monotonic(), time.time())
            paint_first(store, collector, now, paper_of(theme, ascii_only=ascii_only))
            if recorder is not None:
                recorder.start()
            with _alarmed(store, alerting(), news):
                from mptcp_top.ui.app import MptcpTopApp  # noqa: PLC0415  # takes long, and by now there is a screen

                deck = Deck(store, collector, groups, basis=Basis.MARK if settings.mark else Basis.RATE)
                deck.theme, deck.why_only_ansi, deck.notice = theme, why_only_ansi(os.environ), recalled.note
                deck.remember = partial(save, os.environ)
                _tell_of_recording(deck, recorder, began)
                app = MptcpTopApp(deck, ascii_only=ascii_only, output_diff=settings.output_diff)
                news.hand_over(app.wake, app.end)
                app.run()
        finally:
            let_go_of_the_terminal("" if news.handed_over else LEAVE)
            thread.stop()
    return app.return_value if app.return_value is not None else app.return_code or 0


def _tell_of_recording(deck: Deck, recorder: Recorder | None, began: float) -> None:
    """Have the screens say what is recorded and where, and make reports of it."""
    deck.recorded = lambda: NOT_RECORDED
    if recorder is not None:
        deck.recording, deck.recorded = recorder.words, recorder.where
        deck.reports = _reports(recorder, began)


def _reports(recorder: Recorder, since: float) -> Reports:
    """Return what writes reports of this run out of its recording."""
    from mptcp_top.cli.report_key import KeyedReports  # noqa: PLC0415  # after the first paint

    return KeyedReports(lambda: (recorder.state.path, recorder.state.why_not), since)


class _News(Handover):
    """Passes the collector's news on, once there is somebody to hear them: the app the screen is handed over to."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Event()
        self.announce: Callable[[str], None] = lambda _: None
        self.record: Callable[[Observation], None] = lambda _: None

    def observation(self, observation: Observation) -> None:
        self.record(observation)
        self.announce(observation.target.name)
        self.first.set()
        self.wake()

    def crash(self) -> None:
        self.first.set()
        self.end(1)


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
