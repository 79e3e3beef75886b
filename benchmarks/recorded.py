"""Targets that were never polled: counters that move on a simulated clock, through the real engine, to be recorded."""

import random
from collections import defaultdict
from itertools import cycle
from typing import Final, NamedTuple

from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Identity, Layout, Metric, Observation, Sample, Target
from mptcp_top.recording.tap import Tap
from mptcp_top.recording.writer import Seen

BEGAN: Final = 5000.0
"""When the simulated clock begins, monotonic."""

WALL: Final = 1_760_000_000.0
SPREAD_SECONDS: Final = 0.001
"""How far apart the answers of targets that are polled together come in."""

HANDSHAKES: Final = ("capable", "join")


class Scene(NamedTuple):
    """What is polled: how many counters of how many targets, how many move at each poll, and how far at most.

    Of those that move ``errors`` are flagged, and each of them rises at one poll in ``seldom``. Without a ``source``
    the counters are those of all kinds; ``counters`` 0 is as many as there are. Memory holds ``rows`` polls.
    """

    counters: int = 170
    moving: int = 40
    step: int = 100
    errors: int = 4
    seldom: int = 600
    targets: int = 1
    interval_seconds: float = 1.0
    refresh_seconds: float = 0.0
    source: str = ""
    rows: int = 3600


KERNEL: Final = Scene(0, 30, source="linux")
APPLIANCES: Final = Scene(
    0, targets=20, interval_seconds=5.0, refresh_seconds=7.0, source="netscaler", rows=720
)  # fmt: skip
"""Twenty of them at their default interval, and an hour in memory."""


class Feed:
    """Polls of a scene, one tick after the other. ``store`` is what a dashboard over them would show."""

    def __init__(self, scene: Scene, seed: int = 1) -> None:
        self.scene = scene
        self._random = random.Random(seed)
        kind = scene.source or "both"
        self.targets = tuple(Target(f"{kind}{number}", kind) for number in range(scene.targets))
        self.store = Store(self.targets, rows={target.name: scene.rows for target in self.targets})
        self._engine, self._tap = Engine(self.store), Tap(self.store)
        self.layout = Layout(_metrics(scene))
        start = (0, 0, 7, 5000, 10**7)
        self._values = [[self._random.choice(start) for _ in self.layout.metrics] for _ in self.targets]
        calm = [column for column, metric in enumerate(self.layout.metrics) if not metric.flagged]
        self._errors = self._random.sample(self.layout.flagged, scene.errors)
        self._moving = [*calm, *self.layout.flagged][: scene.moving - scene.errors]
        paces: dict[object, int] = defaultdict(lambda: 1 + int(scene.step * self._random.random()))
        self._paces = [paces[metric.concept.startswith(HANDSHAKES) or metric.name] for metric in self.layout.metrics]
        self._identity = Identity("host", "simulated", "boot")
        self.ticks = 0

    @property
    def now(self) -> float:
        """The moment of the next tick."""
        return BEGAN + self.ticks * self.scene.interval_seconds

    def polled(self) -> list[Observation]:
        """Poll every target once."""
        scene, at = self.scene, self.now
        found = []
        refreshed = not scene.refresh_seconds or at % scene.refresh_seconds < scene.interval_seconds
        for number, target in enumerate(self.targets):
            if refreshed:
                self._move(self._values[number])
            moment = at + number * SPREAD_SECONDS + self._random.random() * SPREAD_SECONDS
            sample = Sample(
                target, self.layout, tuple(self._values[number]), moment, WALL + moment - BEGAN, 0.002,
                self._identity, refresh_seconds=scene.refresh_seconds,
            )  # fmt: skip
            found.append(self._engine.observe(sample, scene.interval_seconds))
        self.ticks += 1
        return found

    def tapped(self, observations: list[Observation]) -> list[Seen]:
        """Return what is to be recorded of them."""
        return [seen for one in observations if (seen := self._tap.seen(one)) is not None]

    def _move(self, values: list[int]) -> None:
        chance, paces = self._random.random, self._paces
        pace = 0.5 + chance()
        for column in self._moving:  # all at one pace: as many handshakes come through as ever
            values[column] += 1 + int(paces[column] * pace)
        for column in self._errors:
            if chance() * self.scene.seldom < 1:
                values[column] += 1 + int(self.scene.step * chance())


def _metrics(scene: Scene) -> tuple[Metric, ...]:
    """Return so many counters: those of a kind of source, or of all kinds, some of them twice if need be."""
    sources = (scene.source,) if scene.source else ("linux", "netscaler")
    real = [entry.metric for source in sources for entry in catalogue_of(source).entries.values()]
    found: dict[str, Metric] = {}
    for number, metric in enumerate(cycle(real)):
        if len(found) == (scene.counters or len(real)):
            break
        name = metric.name if number < len(real) else f"{metric.name}{number}"
        found[name] = metric._replace(name=name)
    return tuple(found.values())
