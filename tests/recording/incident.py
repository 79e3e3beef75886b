"""A recording of an incident, made by the real engine and the real writer, at times that are parameters."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Failure, Identity, Sample, Status, Target
from mptcp_top.recording import place
from mptcp_top.recording.tap import Tap
from mptcp_top.recording.writer import Writer
from tests.feed import LINUX_6_18, NETSCALER, WALL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mptcp_top.model import Layout

BEGAN = 5000.0
RED = Target("red", "linux", "red")
NS1 = Target("ns1", "netscaler", "https://192.0.2.10")
LAYOUTS = {"linux": LINUX_6_18, "netscaler": NETSCALER}


@dataclass
class Incident:
    """Some targets, polled once a second by whoever writes the scenario."""

    path: Path
    targets: tuple[Target, ...] = (RED, NS1)
    identities: dict[str, Identity] = field(default_factory=dict)
    at: float = 0.0
    wall: float = WALL

    def __post_init__(self) -> None:
        self.store = Store(self.targets)
        self.engine = Engine(self.store)
        self._tap = Tap(self.store)
        self._values: dict[str, dict[str, int | None]] = {target.name: {} for target in self.targets}
        self._claimed = place.claim(self.path)
        self._connection = place.to_write(self.path)
        self._writer = Writer(self._connection, self.targets, BEGAN, self.wall)
        self.layouts: dict[str, Layout] = {target.name: LAYOUTS[target.source] for target in self.targets}

    def poll(self, moved: dict[str, dict[str, int]] | None = None, *, lost: tuple[str, ...] = ()) -> None:
        """Poll every target once, a second after the last time: some counters have moved, some targets are lost."""
        self.at += 1.0
        seen = []
        for target in self.targets:
            for name, by in (moved or {}).get(target.name, {}).items():
                self._values[target.name][name] = (self._values[target.name].get(name) or 0) + by
            reading = self._failure(target) if target.name in lost else self._sample(target)
            seen.append(self._tap.seen(self.engine.observe(reading, 1.0)))
        self._writer.write([one for one in seen if one is not None], self.store.marks)

    def quiet(self, polls: int, moved: dict[str, dict[str, int]] | None = None) -> None:
        """Poll so many times."""
        for _ in range(polls):
            self.poll(moved)

    def mark(self, name: str) -> None:
        """Set a mark now."""
        self.engine.mark(name, BEGAN + self.at, self.wall + self.at)

    def reboot(self, target: str) -> None:
        """Let a target begin anew."""
        self.identities[target] = self.identity(target)._replace(boot=f"boot at {self.at}")
        self._values[target] = {}

    def sleep(self, seconds: float, why: str) -> None:
        """Record nothing for a while."""
        self._writer.note_gap(BEGAN + self.at, BEGAN + self.at + seconds, why)
        self.at += seconds

    def identity(self, target: str) -> Identity:
        """Who answers as a target."""
        return self.identities.get(target, Identity(f"{target}.example", "Linux 6.18.44", "boot"))

    def close(self) -> None:
        """Write what is left, and let go of the file."""
        self._writer.finish()
        self._connection.close()
        place.let_go(self._claimed)

    def _sample(self, target: Target) -> Sample:
        layout, values = self.layouts[target.name], self._values[target.name]
        row = tuple(values.get(metric.name, 0) for metric in layout.metrics)
        times = BEGAN + self.at, self.wall + self.at
        return Sample(target, layout, row, *times, 0.001, self.identity(target.name), 64)

    def _failure(self, target: Target) -> Failure:
        times = BEGAN + self.at, self.wall + self.at
        return Failure(target, Status.UNREACHABLE, "no answer", *times, "is it up?", 1.0)


@contextmanager
def incident(path: Path, targets: tuple[Target, ...] = (RED, NS1), wall: float = WALL) -> Iterator[Incident]:
    """Make a recording, or go on with one."""
    made = Incident(path, targets, wall=wall)
    try:
        yield made
    finally:
        made.close()


def typical(path: Path) -> Path:
    """Make the recording most tests look at: a minute of calm, joins that fail, a target lost, a reboot, a gap.

    Joins to red fail from the 61st second to the 90th by 3 a second, then by 5 once; ns1 is lost from 100 to 109; red
    reboots after 130; nothing is recorded from 150 to 450.
    """
    calm = {"red": {"MPJoinSynRx": 10, "MPJoinAckRx": 10, "MPCapableSYNRX": 10, "MPCapableACKRX": 10}}
    with incident(path) as made:
        made.quiet(60, calm)
        made.quiet(29, {"red": {**calm["red"], "MPJoinNoTokenFound": 3}})
        made.poll({"red": {**calm["red"], "MPJoinNoTokenFound": 5}})
        made.quiet(9, calm)
        for _ in range(10):
            made.poll(calm, lost=("ns1",))
        made.mark("before the change")
        made.quiet(21, calm)
        made.reboot("red")
        made.quiet(20, calm)
        made.sleep(300.0, "no space left on the disk")
        made.quiet(60, calm)
    return path
