"""``mptcp-top stat``: the counters without a screen, for people and for programs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Final

from mptcp_top import text
from mptcp_top.cli.explain import unknown_counter
from mptcp_top.cli.selection import lacks
from mptcp_top.cli.targets import jobs_of, targets_of
from mptcp_top.collector import Collector
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.errors import SettingsError
from mptcp_top.model import Group, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mptcp_top.cli.selection import Selection
    from mptcp_top.config import Asked
    from mptcp_top.model import Metric, Observation

SCHEMA: Final = 1


def stat(asked: Asked, selection: Selection, *, samples: int, as_json: bool) -> int:
    """Print ``samples`` samples of every target and return the exit code: 1 if one could not be read.

    Raises:
        SettingsError: no such target or counter.
    """
    selection.refuse_mistakes(target.source for target in targets_of(asked))
    jobs = jobs_of(asked, polls=samples)
    printer = _Printer(selection, [job.source.target.name for job in jobs], as_json=as_json)
    engine = Engine(Store([job.source.target for job in jobs], asked.settings.hold))
    collector = Collector(jobs, engine, printer.show)
    printer.stop = collector.stop
    ended_by = asyncio.run(_collect(collector))
    if printer.error is not None:
        raise printer.error
    return 128 + ended_by if ended_by else int(printer.unread)


async def _collect(collector: Collector) -> int:
    """Run the collector to its end, log-outs included, and return the signal that ended it, 0 if none did."""
    signals: list[int] = []

    def end(number: int) -> None:
        signals.append(number)
        collector.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        loop.add_signal_handler(number, end, int(number))
    await collector.run()
    return signals[0] if signals else 0


class _Printer:
    """Prints observations as they come, and remembers what the exit code needs.

    While it is not known whether a pattern that is in no catalogue means something to any target, nothing is printed.
    """

    def __init__(self, selection: Selection, targets: Iterable[str], *, as_json: bool) -> None:
        self._selection = selection
        self._write = self._json if as_json else self._table
        self._doubtful = set(selection.uncatalogued())
        self._unheard = set(targets)
        self._held: list[str] = []
        self._was_read = False
        self.stop: Callable[[], None] = lambda: None
        self.unread = False
        self.error: SettingsError | None = None

    def show(self, observation: Observation) -> None:
        if self.error is not None:
            return
        self.unread |= observation.status is not Status.OK
        self._held.append(self._write(observation))
        if self._doubtful and not self._decide(observation):
            return
        if self.error is None:
            self._print()
        if self.error is not None:
            self.stop()

    def _decide(self, observation: Observation) -> bool:
        """Return whether it is known by now that the patterns mean something, or that they do not."""
        self._unheard.discard(observation.target.name)
        if observation.failure is None:
            self._was_read = True
            self._doubtful.intersection_update(self._selection.without_any(observation))
        if self._doubtful and self._unheard:
            return False
        if self._doubtful and self._was_read:
            self.error = SettingsError(unknown_counter(min(self._doubtful)))
        self._doubtful.clear()
        return True

    def _print(self) -> None:
        held, self._held = self._held, []
        try:
            print("\n".join(held), flush=True)
        except OSError as error:
            if not isinstance(error, BrokenPipeError):  # there the reader has seen enough: end without a word
                self.error = SettingsError(f"standard output: {error.strerror}")
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.stop()

    def _json(self, observation: Observation) -> str:
        return json.dumps(as_object(observation, self._selection), ensure_ascii=False)

    def _table(self, observation: Observation) -> str:
        return "\n".join(table_of(observation, self._selection)) + "\n"


def as_object(observation: Observation, selection: Selection) -> dict[str, Any]:
    """Return an observation as the public JSON object (``schema`` 1)."""
    failure, identity = observation.failure, observation.identity
    metrics = {} if failure else {m.name: _metric_object(observation, c) for c, m in selection.metrics(observation)}
    return {
        "schema": SCHEMA,
        "target": observation.target.name,
        "source": observation.target.source,
        "status": observation.status.value,
        "error": failure.reason if failure else None,
        "advice": (failure.advice or None) if failure else None,
        "taken_at": text.iso_time(observation.wall),
        "counted_at": _counted_at(observation),
        "elapsed_seconds": observation.elapsed_seconds,
        "reset": observation.reset,
        "identity": {
            "host": identity.host or None,
            "product": identity.product or None,
            "boot": identity.boot,
            "role": identity.role or None,
            "facts": dict(identity.facts),
            "notices": list(identity.notices),
        },
        "metrics": metrics,
    }


def _counted_at(observation: Observation) -> str | None:
    """Return when the numbers were counted, which an appliance does now and then; None without numbers."""
    if observation.failure is not None or observation.values_monotonic is None:
        return None
    return text.iso_time(observation.wall - (observation.monotonic - observation.values_monotonic))


def _metric_object(observation: Observation, column: int) -> dict[str, Any]:
    metric, change = observation.layout.metrics[column], observation.change_at(column)
    return {
        "value": change.value,
        "increase": change.increase,
        "rate": change.rate,
        "rising": change.rising if observation.elapsed_seconds is not None else None,
        "kind": metric.kind.value,
        "group": metric.group.value,
        "severity": metric.severity.value,
        "label": metric.label,
        **({"ambiguous": True} if metric.ambiguous else {}),
    }


def table_of(observation: Observation, selection: Selection) -> list[str]:
    """Return an observation as lines for people: panel by panel, name, value, increase, rate, label."""
    identity = observation.identity
    about = [observation.target.name, identity.product, identity.role, identity.host, text.clock(observation.wall)]
    lines = ["  ".join(part for part in about if part)]
    if observation.failure is not None:
        failure = observation.failure
        return [
            *lines,
            f"  {failure.status.value}: {failure.reason}",
            *([f"  {failure.advice}"] if failure.advice else []),
        ]
    lines += [f"  {notice}" for notice in (observation.target.caution, *identity.notices) if notice]
    chosen = selection.metrics(observation)
    source = observation.target.source
    shown = [
        (column, metric) for column, metric in chosen if selection.shows(metric, observation.values[column], source)
    ]
    for group in Group:
        rows = [_row(observation, column, metric) for column, metric in shown if metric.group is group]
        lines += [f"  {group.value}", *rows] if rows else []
    hidden = len(chosen) - len(shown)
    if hidden:
        lines.append(f"  {hidden} {'more are' if shown else 'counters, all'} zero (to see them: --zeros)")
    return [*lines, *(f"  {lacks(pattern, source)}" for pattern in selection.without_any(observation))]


def _row(observation: Observation, column: int, metric: Metric) -> str:
    change = observation.change_at(column)
    moved = ""
    if change.increase is not None or change.rate is not None:
        grown = "" if change.increase is None else f"+{text.count(change.increase)}"
        moved = f"{grown:>12} {text.rate(change.rate) + ' /s':>10}"
    flag = "  rising" if change.rising else ""
    width = 23 if observation.elapsed_seconds is not None or observation.rates is not None else 0
    return f"    {metric.name:<26} {text.count(change.value):>16} {moved:<{width}}  {metric.label}{flag}".rstrip()
