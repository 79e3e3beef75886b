"""A recording, and the lines that ``stat`` would have printed meanwhile: one engine, told and recorded at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.cli.selection import Selection
from mptcp_top.cli.stat.records import as_json, csv_of
from mptcp_top.cli.stat.told import told_of
from mptcp_top.engine.alerts import Watched
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Failure, Identity, Layout, Observation, Sample, Status, Target
from mptcp_top.recording import place
from mptcp_top.recording.tap import Tap
from mptcp_top.recording.writer import Writer
from mptcp_top.rules.defaults import default_watches
from tests.feed import LINUX_6_18, NETSCALER, WALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mptcp_top.engine.marks import Mark
    from mptcp_top.recording.writer import Seen

KERNEL: Final = Target("local", "linux")
APPLIANCE: Final = Target("ns1", "netscaler", "https://192.0.2.10", "TLS not verified")
HOST: Final = Identity("vm", "Linux 6.18.44", "boot 1", {"net.mptcp.enabled": "1"}, ("a notice",))
BOX: Final = Identity("ns1", "NetScaler 14.1", "Sun Oct 11", role="primary")
BEAT: Final = 7


class Lines(NamedTuple):
    """What ``stat`` printed of each poll."""

    json: list[str]
    csv: list[str]


class Session:
    """One run of a program that records. ``poll`` moves counters by so much and reads; times are parameters."""

    def __init__(self, path: Path, *targets: Target, began: float = 0.0, wall: float = WALL) -> None:
        self._claimed = place.claim(path)
        self._connection = place.to_write(path)
        self._wall = wall - began
        self.now = began
        self.store = Store(targets)
        self.store.watch(Watched(default_watches()))
        self.engine = Engine(self.store)
        self._tap = Tap(self.store)
        self.writer = Writer(self._connection, targets, began, wall)
        self._targets = {target.name: target for target in targets}
        self._values: dict[str, dict[str, int]] = {target.name: {} for target in targets}
        self._before: dict[str, Observation] = {}
        self._csv = csv_of(Selection())
        self._beat: dict[str, tuple[int, tuple[int, ...], tuple[float | None, ...]]] = {}
        self.lines = Lines([], [])

    def wall(self, seconds: float) -> None:
        """Step the wall clock."""
        self._wall += seconds

    def poll(
        self, target: Target, increases: Mapping[str, int], *, identity: Identity | None = None,
        layout: Layout | None = None, every: float = 1.0, later: float = 0.0, reset: bool = False,
    ) -> Observation:  # fmt: skip
        """Move counters by so much and read them, so many seconds after ``now``."""
        values = self._values[target.name]
        for name, by in increases.items():
            values[name] = values.get(name, 0) + by
        kernel = target.source == "linux"
        layout = layout or (LINUX_6_18 if kernel else NETSCALER)
        at = self.now + later
        row = tuple(values.get(metric.name, 0) for metric in layout.metrics)
        sample = Sample(
            target, layout, row, at, self._wall + at, 0.0012, identity or (HOST if kernel else BOX),
            64 if kernel else None, reset=reset,
        )  # fmt: skip
        if not kernel:  # it takes stock now and then
            beat = int(at // BEAT)
            known = self._beat.get(target.name)
            if known is None or known[0] != beat:
                before = known[1] if known else (0,) * len(row)
                rates = tuple(
                    max(0, value - was) / BEAT if metric.grows else None
                    for metric, value, was in zip(layout.metrics, row, before, strict=True)
                )
                self._beat[target.name] = beat, row, rates
            _, row, rates = self._beat[target.name]
            sample = sample._replace(values=row, own_rates=rates, refresh_seconds=float(BEAT))
        return self._take(sample, every)

    def fail(
        self, target: Target, reason: str = "no answer", *, advice: str = "is it up?", every: float = 1.0
    ) -> Observation:
        """Miss a poll."""
        failure = Failure(target, Status.UNREACHABLE, reason, self.now, self._wall + self.now, advice, 4.0)
        return self._take(failure, every)

    def clear(self, target: Target) -> None:
        """Set the counters of a target to zero."""
        self._values[target.name].clear()

    def mark(self, name: str) -> Mark:
        """Set a mark."""
        return self.engine.mark(name, self.now, self._wall + self.now)

    def close(self, *, finish: bool = True) -> None:
        """End it: in good order, or as a program that is killed does."""
        if finish:
            self.writer.finish()
        self._connection.close()
        place.let_go(self._claimed)

    def _take(self, reading: Sample | Failure, every: float) -> Observation:
        seen = self.engine.observe(reading, every)
        told = told_of(seen, self._before.get(seen.target.name))
        if seen.failure is None:
            self._before[seen.target.name] = seen
        self.lines.json.append(as_json(told, Selection()))
        self.lines.csv.append(self._csv(told))
        recorded: Seen | None = self._tap.seen(seen)
        self.writer.write([recorded] if recorded else [], self.store.marks)
        return seen


def eventful(path: Path, *, killed: bool = True) -> Lines:
    """Record two targets to which all happens that can: two sessions, rises, resets, misses, sleep, steps, marks."""
    first = Session(path, KERNEL, APPLIANCE)
    for tick in range(90):
        first.now += 1.0 + tick % 3 / 1e3
        if 30 <= tick < 34:
            first.fail(KERNEL, "no answer in 1 s" if tick < 32 else "connection refused")
            continue
        if tick == 40:
            first.now += 25.0  # asleep
        if tick == 45:
            first.clear(KERNEL)
        if tick == 50:
            first.wall(-3600.0)
        if tick == 60:
            first.mark("before the change")
        if tick == 70:
            first.writer.note_gap(first.now - 2.0, first.now, "no space left on the disk")
        first.poll(
            KERNEL,
            {"MPCapableSYNRX": 7, "MPJoinNoTokenFound": tick % 20 // 15, "DataCsumErr": int(tick == 20)}
            | ({"MPJoinSynRx": 2**63 + 9} if tick == 10 else {}),
            identity=HOST if tick < 55 else HOST._replace(boot="boot 2"),
            layout=LINUX_6_18 if tick < 65 else Layout(LINUX_6_18.metrics[:-3]),
        )
        first.poll(APPLIANCE, {"mptcptotmpcapsession": 30, "mptcperrunknowntoken": int(40 < tick < 60)}, later=0.2)
    first.close(finish=not killed)
    second = Session(path, KERNEL, began=500.0, wall=WALL + 600.0)
    for tick in range(40):
        second.now += 1.0
        second.poll(KERNEL, {"MPCapableSYNRX": 1, "MPJoinNoTokenFound": int(tick == 9)})
    second.close()
    return Lines([*first.lines.json, *second.lines.json], [*first.lines.csv, *second.lines.csv])


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    """Yield what two lines of ``stat --json`` do not agree in, times being as exact as a recording's are."""
    for key in {*one, *other} - {"metrics", "counted_at", "elapsed_seconds"}:
        if one[key] != other[key]:
            yield key, one[key], other[key]
    if not _near(one["elapsed_seconds"], other["elapsed_seconds"], 2e-6):
        yield "elapsed_seconds", one["elapsed_seconds"], other["elapsed_seconds"]
    if list(one["metrics"]) != list(other["metrics"]):
        yield "counters", list(one["metrics"]), list(other["metrics"])
        return
    for name, metric in one["metrics"].items():
        also = other["metrics"][name]
        if {**metric, "rate": 0} != {**also, "rate": 0} or not _near(metric["rate"], also["rate"], 1e-4):
            yield name, metric, also


def parsed(lines: str | list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (lines.splitlines() if isinstance(lines, str) else lines)]


def _near(one: float | None, other: float | None, share: float) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= share * max(1.0, abs(one))
