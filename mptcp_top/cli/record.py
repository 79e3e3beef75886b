"""``mptcp-top record``: poll and record, without a screen, until a signal ends it."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.announce import Fresh
from mptcp_top.cli.alerting import alerting_of
from mptcp_top.cli.recording_into import plan_of
from mptcp_top.cli.signals import ENDING
from mptcp_top.cli.stat.output import Output, interrupted_by_signals
from mptcp_top.cli.targets import intervals_of, jobs_of, targets_of
from mptcp_top.collector import Collector, CollectorThread
from mptcp_top.config import ask
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.events import Event, Happening
from mptcp_top.engine.figures import looks_back_seconds
from mptcp_top.engine.history import ROWS
from mptcp_top.engine.store import Store
from mptcp_top.engine.track import GAPS_AT_MOST
from mptcp_top.engine.trend import ROWS_OF_A_REFRESH
from mptcp_top.recording.recorder import Recorder
from mptcp_top.rules.rule import comparisons_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from mptcp_top.config import Asked
    from mptcp_top.engine.alerts import Watched
    from mptcp_top.model import Observation

TOLD: Final = frozenset(Happening) - {Happening.PACE, Happening.MARK}


def record(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Record what is asked for until a signal comes, and return the exit code that says which.

    Raises:
        SettingsError: no such target, or no file that may take it.
    """
    asked = ask(vars(options), environment)
    watched = alerting_of(asked.config).watched
    store = Store(targets_of(asked), asked.settings.hold, rows_of(intervals_of(asked), watched))
    store.watch(watched)
    log = _Log(store)
    plan = plan_of(asked.settings, environment, store.targets, options.output)
    recorder = Recorder(store, plan, log.say, log.output.interrupt)
    with _left_at_signals():
        try:
            return _until_ended(asked, store, log, recorder)
        finally:
            recorder.stop()
            log.flush()


def rows_of(intervals: Mapping[str, float], watched: Watched) -> dict[str, int]:
    """Return how many polls of each target are remembered: nobody looks back further than alerts and rates do.

    Rates of an appliance look back on its last refreshes, beyond as many missed polls as one pause adds.

    >>> from mptcp_top.engine.alerts import Watched
    >>> rows_of({"a": 1.0, "b": 5.0, "c": 0.05}, Watched())
    {'a': 700, 'b': 460, 'c': 3600}
    """
    rules = [watch.rule for watch in watched.watches]
    conditions = [when for rule in rules for when in (rule.when, rule.until) if when is not None]
    longest = looks_back_seconds(one for when in conditions for one in comparisons_of(when))
    polls = {name: ceil(longest / seconds) + GAPS_AT_MOST + ROWS_OF_A_REFRESH for name, seconds in intervals.items()}
    return {name: min(many, ROWS) for name, many in polls.items()}


def _until_ended(asked: Asked, store: Store, log: _Log, recorder: Recorder) -> int:
    file = recorder.open()  # before anybody is asked for a password

    def observed(observation: Observation) -> None:
        recorder.observed(observation)
        log.observed(observation)

    collector = Collector(jobs_of(asked), Engine(store), observed)
    thread = CollectorThread(collector, log.output.interrupt)
    with interrupted_by_signals(log.output) as signals:
        print(_begun(store, asked, file), flush=True)
        if sys.stdout.isatty():
            print(how_to_go_on(file), flush=True)
        recorder.start()
        thread.start()
        try:
            log.pump()
        finally:
            thread.stop()
            recorder.stop()
    return 128 + signals[0] if signals else 1


@contextmanager
def _left_at_signals() -> Iterator[None]:
    """Have signals leave in good order as long as nobody else listens for them: a password may be asked for."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    for number in ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, leave)
    yield


def _begun(store: Store, asked: Asked, file: Path | None) -> str:
    names = [target.name for target in store.targets]
    what = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    where = "as soon as that is possible" if file is None else f"into {file}"
    settings = asked.settings
    kept = f"the last {settings.keep_days:g} days, {settings.keep_mb:g} MB at most"
    return text.printable(f"recording {what} {where} ({kept})", 5000)


def how_to_go_on(file: Path | None) -> str:
    """Return how to end it and how to look at it, for somebody who sits at a terminal.

    >>> how_to_go_on(Path("a night.db"))
    "Ctrl-C ends it; to look at it, now or then: mptcp-top replay 'a night.db'"
    >>> how_to_go_on(None)
    'Ctrl-C ends it'
    """
    look = f"; to look at it, now or then: mptcp-top replay {shlex.quote(str(file))}" if file else ""
    return text.printable(f"Ctrl-C ends it{look}", 5000)


class _Log:
    """What is worth a line on standard error. Whoever reads it may be slow or gone: no poll waits for that."""

    def __init__(self, store: Store) -> None:
        if sys.stderr is None:
            sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # as long as the program
        self.output = Output(sys.stderr)
        self._fresh = Fresh(store)

    def say(self, words: str) -> None:
        """Say what has become of the recording."""
        self.output.put(f"{text.iso_time(time.time())} {text.printable(words, 1000)}\n")

    def observed(self, observation: Observation) -> None:
        """Say what happened to a target."""
        for event in self._fresh.events(observation.target.name):
            if event.kind in TOLD:
                self.output.put(f"{line_of(event)}\n")

    def pump(self) -> None:
        """Write until a signal comes. Where nobody reads it any more, recording goes on without a word."""
        try:
            self.output.pump()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
            self.output.pump()

    def flush(self) -> None:
        """Write what can be written at once."""
        self.output.end()
        self.output.interrupt()
        self.pump()


def line_of(event: Event) -> str:
    """Return an event in a line."""
    metric = event.episode.metric if event.episode else None
    hint = f": {metric.hint}" if metric and metric.hint else ""
    says = f"{metric.name} rises ({metric.group} {metric.label}){hint}" if metric else f"{event.kind}: {event.says}"
    return text.printable(f"{text.iso_time(event.wall)} {event.target}: {says}", 1000)
