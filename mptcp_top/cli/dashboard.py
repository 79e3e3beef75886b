"""``mptcp-top`` without a command: the dashboard, built from its parts."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mptcp_top.collector import Collector, CollectorThread, Pace
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.errors import SettingsError
from mptcp_top.sources.registry import source_of, target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mptcp_top.model import Observation
    from mptcp_top.settings import Settings


def dashboard(settings: Settings) -> int:
    """Run the dashboard until the user leaves it, and return the exit code.

    Raises:
        SettingsError: there is no terminal to draw on, or no such target.
    """
    targets = list(dict.fromkeys(target_of(name) for name in settings.host))
    _refuse_what_is_no_terminal()
    store = Store(targets, settings.hold)
    wake = _Wake()
    collector = Collector(
        [source_of(target) for target in targets],
        Engine(store),
        Pace(settings.interval, settings.timeout),
        wake.observation,
    )
    thread = CollectorThread(collector, wake.crash)
    thread.start()  # the first sample is read while Textual is imported
    try:
        from mptcp_top.ui.app import MptcpTopApp  # noqa: PLC0415
        from mptcp_top.ui.glyphs import locale_is_utf8  # noqa: PLC0415

        ascii_only = settings.ascii or not locale_is_utf8(os.environ)
        app = MptcpTopApp(store, collector, ascii_only=ascii_only, output_diff=settings.output_diff)
        wake.listener = app.wake
        wake.failed = app.fail
        if thread.crash is not None:
            app.fail()
        with _standard_error_on_the_terminal():
            app.run()
    finally:
        _let_go_of_a_dead_terminal()
        thread.stop()
    return app.return_value if app.return_value is not None else app.return_code or 0


class _Wake:
    """Passes the collector's news on, once there is somebody to hear them."""

    def __init__(self) -> None:
        self.listener: Callable[[], None] = lambda: None
        self.failed: Callable[[], None] = lambda: None

    def observation(self, observation: Observation) -> None:
        del observation  # it is in the store
        self.listener()

    def crash(self) -> None:
        self.failed()


def _refuse_what_is_no_terminal() -> None:
    for number, name in ((0, "standard input"), (1, "standard output")):
        if not os.isatty(number):
            raise SettingsError(f"{name} is not a terminal; for pipes, files and cron there is: mptcp-top stat")
    if os.environ.get("TERM", "dumb") in {"dumb", "unknown"}:
        raise SettingsError("this terminal (TERM=dumb) cannot show a dashboard; there is: mptcp-top stat")


def _let_go_of_a_dead_terminal() -> None:
    """What could not be written to a closed terminal is dropped, or Python would end with its own exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


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
