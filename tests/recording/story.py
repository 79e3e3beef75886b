"""Made-up stories: everything a target can do to us, at random moments, lived through by the engine and recorded."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.engine.alerts import Watched
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Failure, Identity, Layout, Observation, Sample, Severity, Status, Target
from mptcp_top.recording import place
from mptcp_top.recording.tap import Tap
from mptcp_top.recording.writer import Writer
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mptcp_top.recording.writer import Seen

WALL: Final = 1_760_000_000.0
RULES: Final = Watched(
    (
        Watch("joins fail", parse("join_success < 60% for 20s"), Severity.ERROR),
        Watch("errors", parse("errors > 1/s for 5s")),
    )
)


@dataclass(frozen=True)
class Plot:
    """What kind of story: which sources, how fast, how long, and how often something befalls a target."""

    source: str = "linux"
    targets: int = 1
    interval_seconds: float = 1.0
    refresh_seconds: float = 0.0
    polls: int = 900
    trouble: float = 0.02
    remembered: int | None = None
    wrap_bits: int | None = None
    sleeps: bool = True


PLOTS: Final = (
    Plot(),
    Plot(polls=1500, targets=2),
    Plot("netscaler", 3, 5.0, 7.0, 600),
    Plot("netscaler", 1, 1.0, 7.0),
    Plot(wrap_bits=32),
    Plot(trouble=0.1, targets=2),
    Plot(trouble=0.0),
    Plot(interval_seconds=0.5, trouble=0.05),
)


@dataclass
class Actor:
    """One target: what its counters stand at, and what is the matter with it."""

    target: Target
    layout: Layout
    identity: Identity
    values: dict[str, int | None]
    due: float = 0.0
    interval_seconds: float = 1.0
    silent: int = 0
    losing: float = 0.01
    raging: str = ""
    cleared: bool = False


@dataclass
class Session:
    """One run: its own clocks and store, and all it was told, with the moment it was told at."""

    plot: Plot
    seed: int
    began: float
    wall: float
    seen: list[Observation] = field(default_factory=list)
    ahead_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        whole = catalogue_of(self.plot.source)
        metrics = tuple(entry.metric for entry in whole.entries.values())
        self.layouts = (Layout(metrics), Layout(metrics[:-9]), Layout((*metrics[3:20], *metrics[30:], metrics[1])))
        self.actors = [self._actor(f"t{number}") for number in range(self.plot.targets)]
        rows = {} if self.plot.remembered is None else {one.target.name: self.plot.remembered for one in self.actors}
        self.store = Store([actor.target for actor in self.actors], rows=rows)
        self.store.watch(RULES)
        self.engine, self.tap = Engine(self.store), Tap(self.store)
        self.skew = 0.0
        self.now = self.began

    def _actor(self, name: str) -> Actor:
        rng = self.random
        values: dict[str, int | None] = {
            metric.name: rng.choice((0, 0, 3, 1000, 10**9, 2**32 - 500 if self.plot.wrap_bits else 2**53))
            for metric in self.layouts[0].metrics
        }
        for odd in (None, None) if self.plot.wrap_bits else (None, 2**63 - 2, 2**64 - 2):
            values[rng.choice(self.layouts[0].metrics).name] = odd
        identity = Identity(
            f"host-{name}", "made up", "boot 0", {"net.mptcp.enabled": "1"}, ("a notice",), "", "primary"
        )
        return Actor(
            Target(name, self.plot.source), self.layouts[0], identity, values, self.began, self.plot.interval_seconds
        )

    def live(self, writer: Writer) -> None:
        """Live through it all, and record it."""
        self.ahead_seconds = writer.ahead_seconds
        for _ in range(self.plot.polls):
            self.step(writer)
        writer.finish()

    def step(self, writer: Writer) -> None:
        """Poll those that are due, and record what they said."""
        writer.write(self.polled(), self.store.marks)

    def polled(self) -> list[Seen]:
        """Poll those that are due, and return what is to be recorded of it."""
        self.now = min(actor.due for actor in self.actors) + self.random.random() * 0.01
        if self.plot.sleeps and self.random.random() < 0.002:
            self.now += self.random.choice((100.0, 4000.0, 8 * 3600.0))  # the laptop slept
        if self.random.random() < 0.004:
            self.skew += self.random.choice((-3600.0, -0.3, 0.4, 3600.0))
        batch = []
        for actor in self.actors:
            if actor.due > self.now:
                continue
            actor.due = self.now + actor.interval_seconds
            self.now += 0.001
            observation = self.poll(actor)
            self.seen.append(observation)
            seen = self.tap.seen(observation)
            if seen is not None:
                batch.append(seen)
        if self.random.random() < 0.004:
            self.engine.mark(f"mark {len(self.store.marks) + 1}", self.now, self.wall_now)
        return batch

    @property
    def wall_now(self) -> float:
        """What the wall clock says."""
        return self.wall + self.skew + self.now - self.began

    def poll(self, actor: Actor) -> Observation:
        """Read one target, or fail to."""
        if self.random.random() < self.plot.trouble:
            self.random.choice(TROUBLES)(self, actor)
        if actor.silent:
            actor.silent -= 1
            status, reason = self.random.choice(((Status.UNREACHABLE, "no answer"), (Status.AUTH_FAILED, "go away")))
            retry = self.random.choice((None, 4.0))
            failure = Failure(actor.target, status, reason, self.now, self.wall_now, "look", retry)
            return self.engine.observe(failure, actor.interval_seconds)
        refresh = self.plot.refresh_seconds
        if not refresh or self.now % refresh < actor.interval_seconds:
            self._move(actor)
        row = tuple(actor.values[metric.name] for metric in actor.layout.metrics)
        sample = Sample(
            actor.target, actor.layout, row, self.now, self.wall_now, 0.0015, actor.identity, self.plot.wrap_bits,
            refresh, None, actor.cleared,
        )  # fmt: skip
        actor.cleared = False
        return self.engine.observe(sample, actor.interval_seconds)

    def _move(self, actor: Actor) -> None:
        began = self.random.randrange(40)
        arrived = sum(self.random.random() > actor.losing for _ in range(began))
        for metric in actor.layout.metrics:
            value = actor.values[metric.name]
            if value is None or (metric.flagged and metric.name != actor.raging and self.random.random() > 0.002):
                continue
            grown = arrived if "ack" in metric.concept else began
            moved = min(value + grown, 2**64 - 2) if self.plot.wrap_bits is None else (value + grown) % 2**32
            actor.values[metric.name] = moved if metric.grows else self.random.randrange(50)


def _clear(session: Session, actor: Actor) -> None:
    actor.values = {name: None if value is None else 0 for name, value in actor.values.items()}
    actor.cleared = session.random.random() < 0.3


def _reboot(session: Session, actor: Actor) -> None:
    _clear(session, actor)
    actor.identity = actor.identity._replace(boot=f"boot {session.now}")


def _fall_silent(session: Session, actor: Actor) -> None:
    actor.silent = session.random.choice((1, 2, 30, 200))


def _change_layout(session: Session, actor: Actor) -> None:
    actor.layout = session.random.choice(session.layouts)


def _forget_one(session: Session, actor: Actor) -> None:
    name = session.random.choice(session.layouts[0].metrics).name
    if name in actor.layout.index and session.plot.wrap_bits is None:
        actor.values[name] = session.random.choice((None, max(actor.values[name] or 0, 2**63), 2**64 - 5))


def _lose_handshakes(session: Session, actor: Actor) -> None:
    actor.losing = session.random.choice((0.01, 0.6, 0.9))


def _rage(session: Session, actor: Actor) -> None:
    flagged = [metric.name for metric in actor.layout.metrics if metric.flagged]
    actor.raging = session.random.choice((*flagged, ""))


def _fail_over(session: Session, actor: Actor) -> None:
    _clear(session, actor)
    role = "secondary" if actor.identity.role == "primary" else "primary"
    actor.identity = actor.identity._replace(host=session.random.choice(("host-a", "host-b")), role=role)


def _change_pace(session: Session, actor: Actor) -> None:
    actor.interval_seconds = session.random.choice((session.plot.interval_seconds, 2.0, 10.0))


TROUBLES: Final[tuple[Callable[[Session, Actor], None], ...]] = (
    _clear,
    _reboot,
    _fall_silent,
    _change_layout,
    _forget_one,
    _lose_handshakes,
    _lose_handshakes,
    _rage,
    _rage,
    _fail_over,
    _change_pace,
)


def record(path: Path, *sessions: Session) -> None:
    """Let sessions write one recording, one after the other."""
    descriptor = place.claim(path)
    for session in sessions:
        connection = place.to_write(path)
        targets = [actor.target for actor in session.actors]
        session.live(Writer(connection, targets, session.began, session.wall))
        connection.close()
    place.let_go(descriptor)
