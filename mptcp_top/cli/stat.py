"""``mptcp-top stat``: the counters without a screen, for people and for programs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from mptcp_top import text
from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.cli.explain import unknown_counter
from mptcp_top.cli.targets import jobs_of
from mptcp_top.collector import Collector
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.errors import SettingsError
from mptcp_top.model import Group, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.config import Asked
    from mptcp_top.model import Metric, Observation

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class Selection:
    """Which counters to print."""

    patterns: tuple[str, ...] = ()
    zeros: bool = False

    def metrics(self, observation: Observation) -> list[tuple[int, Metric]]:
        """Return the selected metrics with their columns.

        Raises:
            SettingsError: a pattern means no counter, here or in the catalogue.
        """
        numbered = list(enumerate(observation.layout.metrics))
        if not self.patterns:
            return numbered
        chosen: set[int] = set()
        for pattern in self.patterns:
            found = [column for column, metric in numbered if _means(pattern, metric, observation.target.source)]
            if not found:
                raise SettingsError(_nothing_called(pattern, observation))
            chosen.update(found)
        return [(column, metric) for column, metric in numbered if column in chosen]

    def shows(self, metric: Metric, value: int | None, source: str) -> bool:
        """Whether a value is worth a line: everything but zeros, unless zeros or this very counter were asked for."""
        return value != 0 or self.zeros or any(pattern in _names(metric, source) for pattern in self.patterns)


def _names(metric: Metric, source: str) -> tuple[str, ...]:
    entry = catalogue_of(source).entries.get(metric.name)
    return (*(entry.names if entry else (metric.name,)), metric.label)


def _means(pattern: str, metric: Metric, source: str) -> bool:
    names = _names(metric, source)
    if pattern in names:
        return True
    wanted = pattern.casefold()
    groups = (metric.group, Group.ERRORS) if metric.flagged else (metric.group,)
    return any(fnmatchcase(name.casefold(), wanted) for name in (*names, *groups))


def _nothing_called(pattern: str, observation: Observation) -> str:
    known = catalogue_of(observation.target.source).find(pattern)
    if not known:
        return unknown_counter(pattern)
    since = f" (it came with {known[0].system} {known[0].since})" if known[0].since else ""
    return f"{known[0].metric.name} is not among the counters of {observation.identity.product}{since}"


def stat(asked: Asked, selection: Selection, *, samples: int, as_json: bool) -> int:
    """Print ``samples`` samples of every target and return the exit code: 1 if one could not be read.

    Raises:
        SettingsError: no such target or counter.
    """
    jobs = jobs_of(asked, polls=samples)
    printer = _Printer(selection, as_json=as_json)
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
    """Prints observations as they come, and remembers what the exit code needs."""

    def __init__(self, selection: Selection, *, as_json: bool) -> None:
        self._selection = selection
        self._write = self._json if as_json else self._table
        self.stop: Callable[[], None] = lambda: None
        self.unread = False
        self.error: SettingsError | None = None

    def show(self, observation: Observation) -> None:
        if self.error is not None:
            return
        self.unread |= observation.status is not Status.OK
        try:
            print(self._write(observation), flush=True)
        except SettingsError as error:
            self.error = error
            self.stop()
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
    return lines


def _row(observation: Observation, column: int, metric: Metric) -> str:
    change = observation.change_at(column)
    moved = ""
    if change.increase is not None or change.rate is not None:
        grown = "" if change.increase is None else f"+{text.count(change.increase)}"
        moved = f"{grown:>12} {text.rate(change.rate) + ' /s':>10}"
    flag = "  rising" if change.rising else ""
    width = 23 if observation.elapsed_seconds is not None or observation.rates is not None else 0
    return f"    {metric.name:<26} {text.count(change.value):>16} {moved:<{width}}  {metric.label}{flag}".rstrip()
