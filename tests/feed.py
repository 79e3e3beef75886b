"""A scripted feed: a store filled with samples as a kernel would give them, at times that are parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mptcp_top.catalogue import catalogue
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Failure, Identity, Layout, Observation, Sample, Status, Target
from mptcp_top.sources.netstat import find_table, parse_names

if TYPE_CHECKING:
    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.silences import Silence
    from mptcp_top.ui.line import Line

WALL = 1_795_255_200.0
NAMES = parse_names(find_table((Path(__file__).parent / "netstat/linux-6.18.44.txt").read_bytes()).header)
NETSCALER = catalogue.netscaler().layout(catalogue.netscaler().entries)
LINUX_6_18 = catalogue.linux().layout(NAMES, "6.18.44")


@dataclass
class Feed:
    """One target whose counters the test moves; each `tick` is one poll, a second after the last."""

    target: Target = field(default_factory=lambda: Target("local", "linux"))
    layout: Layout = LINUX_6_18
    identity: Identity = field(default_factory=lambda: Identity("ns1", "Linux 6.18.44", "boot"))
    interval_seconds: float = 1.0
    now: float = 0.0
    values: dict[str, int | None] = field(default_factory=dict)
    retried: list[str] = field(default_factory=list)
    refresh_seconds: float = 0.0
    fastest_seconds: float = 0.0
    own_rates: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = Store([self.target])
        self.engine = Engine(self.store)

    def tick(self, **increases: int) -> Observation:
        """Move counters by so much and poll."""
        self.now += self.interval_seconds
        for name, increase in increases.items():
            self.values[name] = (self.values.get(name) or 0) + increase
        row = tuple(self.values.get(metric.name, 0) for metric in self.layout.metrics)
        sample = Sample(self.target, self.layout, row, self.now, WALL + self.now, 0.0001, self.identity, 64)
        if self.refresh_seconds:
            own = tuple(self.own_rates.get(metric.name) for metric in self.layout.metrics)
            sample = sample._replace(refresh_seconds=self.refresh_seconds, own_rates=own, wrap_bits=None)
        return self.engine.observe(sample, self.interval_seconds)

    def fail(self, reason: str = "no answer", advice: str = "", retry_seconds: float | None = 8.0) -> Observation:
        """Miss a poll."""
        self.now += self.interval_seconds
        failure = Failure(self.target, Status.UNREACHABLE, reason, self.now, WALL + self.now, advice, retry_seconds)
        return self.engine.observe(failure, self.interval_seconds)

    def interval_of(self, target: str) -> float:
        """What the screens may ask for."""
        assert target in self.store.tracks
        return self.interval_seconds

    def fastest_of(self, target: str) -> float:
        """What the screens may ask for."""
        assert target in self.store.tracks
        return self.fastest_seconds

    def why_no_faster(self, target: str) -> str:
        """What the screens may ask for."""
        assert target in self.store.tracks
        return "it is slow"

    def set_interval(self, target: str, seconds: float) -> None:
        """What the screens may ask for."""
        assert target in self.store.tracks
        self.interval_seconds = seconds

    def retry(self, target: str) -> None:
        """What the screens may ask for."""
        self.retried.append(target)

    def mark(self, name: str, monotonic: float, wall: float) -> Mark:
        """What the screens may ask for."""
        return self.engine.mark(name, monotonic, wall)

    def rename(self, mark: Mark, name: str) -> Mark:
        """What the screens may ask for."""
        return self.engine.rename(mark, name)

    def silence(self, silence: Silence) -> str:
        """What the screens may ask for."""
        return self.engine.silence(silence)


class Feeds:
    """Several feeds in one store, and what the screens may ask of whoever polls them."""

    def __init__(self, *feeds: Feed) -> None:
        self.feeds = {feed.target.name: feed for feed in feeds}
        self.store = Store([feed.target for feed in feeds])
        self.retried: list[str] = []
        for feed in feeds:
            feed.store, feed.engine = self.store, Engine(self.store)

    def __getitem__(self, name: str) -> Feed:
        return self.feeds[name]

    def tick(self) -> None:
        """Poll everybody once; nothing moves."""
        for feed in self.feeds.values():
            feed.tick()

    def interval_of(self, target: str) -> float:
        return self.feeds[target].interval_seconds

    def fastest_of(self, target: str) -> float:
        return self.feeds[target].fastest_seconds

    def why_no_faster(self, target: str) -> str:
        return self.feeds[target].why_no_faster(target)

    def set_interval(self, target: str, seconds: float) -> None:
        self.feeds[target].interval_seconds = seconds

    def retry(self, target: str) -> None:
        self.retried.append(target)

    def mark(self, name: str, monotonic: float, wall: float) -> Mark:
        return next(iter(self.feeds.values())).engine.mark(name, monotonic, wall)

    def rename(self, mark: Mark, name: str) -> Mark:
        return next(iter(self.feeds.values())).engine.rename(mark, name)

    def silence(self, silence: Silence) -> str:
        return self.store.silences.set(silence)


def linux(name: str) -> Feed:
    return Feed(Target(name, "linux"), now=5000.0)


def appliance(name: str, role: str = "") -> Feed:
    identity = Identity(name, "NetScaler 14.1-51.80", "boot", role=role)
    return Feed(Target(name, "netscaler"), NETSCALER, identity, now=5000.0)


def fleet(*names: str) -> Feeds:
    feeds = Feeds(*(linux(name) for name in names))
    feeds.tick()
    return feeds


def text_of(lines: list[Line]) -> list[str]:
    return ["".join(piece.text for piece in line.pieces).rstrip() for line in lines]
