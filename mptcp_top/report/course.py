"""What one target did in a stretch of a recording, reading by reading: how it was read, and how far it grew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.rates import increases
from mptcp_top.engine.trend import Growth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.episodes import Kept
    from mptcp_top.engine.events import Event
    from mptcp_top.engine.recalled import Reading
    from mptcp_top.engine.slumps import Slump
    from mptcp_top.model import Episode, Identity, Layout, Target

LATE: Final = 2.5
"""So many intervals without any poll are no slow poll: nothing was recorded."""

SLACK_SECONDS: Final = 2.0


class Outage(NamedTuple):
    """A stretch of time in which a target could not be read; ``ended`` is None where it was not read again."""

    began: float
    ended: float | None
    polls: int
    status: str
    reason: str


class Unseen(NamedTuple):
    """A stretch of time, by the wall clock, of which nothing is known, and why."""

    began: float
    ended: float
    why: str


class Worst(NamedTuple):
    """The moment at which most was wrong: errors that rise by the worst severity, their number, their rate."""

    severity: int
    number: int
    rate: float
    monotonic: float
    wall: float


class Sums:
    """How far the counters of a target grew, in pieces: from one reading to a later one without a reset between."""

    def __init__(self) -> None:
        self._layout: Layout | None = None
        self._counts: dict[str, int] = {}
        self._seconds = 0.0

    def add(self, base: Reading, now: Reading) -> None:
        """Add the growth from one sample to another."""
        layout, before = now.layout, base.values or ()
        if base.layout is not layout:
            columns = (base.layout.index.get(metric.name) for metric in layout.metrics)
            before = tuple(None if column is None else before[column] for column in columns)
        grown = increases(before, now.values or (), layout.gauges, now.wrap_bits)
        for metric, count in zip(layout.metrics, grown, strict=True):
            if count is not None:
                self._counts[metric.name] = self._counts.get(metric.name, 0) + count
        self._layout, self._seconds = layout, self._seconds + now.data_time - base.data_time

    @property
    def growth(self) -> Growth | None:
        """All of it together, None where there are not two samples."""
        if self._layout is None:
            return None
        counts = tuple(self._counts.get(metric.name) for metric in self._layout.metrics)
        return Growth(self._layout, counts, self._seconds, 0.0)


class Course:
    """What a target did. ``split`` is the moment of a mark: growth is counted before it and after it.

    ``stops`` are the last polls of sessions that were followed by another one.
    """

    def __init__(self, target: Target, split: float | None = None) -> None:
        self.target = target
        self.samples = 0
        self.missed = 0
        self.outages: list[Outage] = []
        self.unseen: list[Unseen] = []
        self.identities: list[tuple[float, Identity]] = []
        self.episodes: Sequence[Kept] = ()
        self.slumps: Sequence[Slump] = ()
        self.alerts: Sequence[Alert] = ()
        self.stops: Sequence[float] = ()
        self.events: Sequence[Event] = ()
        self.worst: Worst | None = None
        self.newest: Reading | None = None
        self.last: Reading | None = None
        self.first: Reading | None = None
        self._parts = (Sums(), Sums())
        self._split = split
        self._base: Reading | None = None
        self._rising: Mapping[str, Episode] = {}

    def note(self, reading: Reading, rising: Mapping[str, Episode]) -> None:
        """Take in a reading, and the episodes that were open when it was read."""
        self._note_silence(reading)
        if reading.values is None:
            self._note_missed(reading)
        else:
            self._note_sample(reading)
            self._note_rising(reading, rising)
            self.last = reading
        self.newest = reading

    def settle(self) -> None:
        """Count how far the counters have come. To be called every so often: a counter may wrap."""
        if self._base is not None and self.last is not None and self.last is not self._base:
            after = self._split is not None and self._base.monotonic >= self._split
            self._parts[after].add(self._base, self.last)
            self._base = self.last

    @property
    def before(self) -> Growth | None:
        """How far the counters grew before the mark; without one, in all."""
        return self._parts[0].growth

    @property
    def after(self) -> Growth | None:
        """How far they grew after the mark."""
        return self._parts[1].growth

    @property
    def grown(self) -> Mapping[str, int]:
        """How far each counter grew in all, as far as that is known."""
        found: dict[str, int] = {}
        for growth in (self.before, self.after):
            for metric, count in zip(growth.layout.metrics, growth.counts, strict=True) if growth else ():
                if count is not None:
                    found[metric.name] = found.get(metric.name, 0) + count
        return found

    def _note_silence(self, reading: Reading) -> None:
        before = self.newest
        if before is None:
            return
        retry = before.failure.retry_seconds if before.failure else None
        due = LATE * max(before.interval_seconds, reading.interval_seconds, retry or 0.0) + SLACK_SECONDS
        if reading.monotonic - before.monotonic > due:
            why = "another run" if before.session != reading.session else "no poll is recorded"
            self.unseen.append(Unseen(before.wall, reading.wall, why))

    def _note_missed(self, reading: Reading) -> None:
        self.missed += 1
        status, reason = (reading.failure.status.value, reading.failure.reason) if reading.failure else ("", "")
        last = self.outages[-1] if self.outages else None
        if last is not None and last.ended is None:
            self.outages[-1] = last._replace(polls=last.polls + 1)
        else:
            self.outages.append(Outage(reading.wall, None, 1, status, reason))

    def _note_sample(self, reading: Reading) -> None:
        self.samples += 1
        self.first = self.first or reading
        if self.outages and self.outages[-1].ended is None:
            self.outages[-1] = self.outages[-1]._replace(ended=reading.wall)
        if not self.identities or self.identities[-1][1] != reading.identity:
            self.identities.append((reading.wall, reading.identity))
        crossed = self._split is not None and self.last is not None and self.last.monotonic <= self._split
        if self._base is None or reading.reset:
            self.settle()
            self._base = reading
        elif crossed and self._split is not None and reading.monotonic > self._split:
            self.settle()  # what the mark cuts in two counts as after it
            self._base = self.last and self.last._replace(monotonic=self._split)

    def _note_rising(self, reading: Reading, rising: Mapping[str, Episode]) -> None:
        if not rising or rising is self._rising or self.last is None:
            self._rising = rising
            return
        before, self._rising = self._rising, rising
        seconds = reading.data_time - self.last.data_time
        fresh = sum(episode.total - _total_of(before.get(name), episode) for name, episode in rising.items())
        severity = max(episode.metric.severity.rank for episode in rising.values())
        rate = fresh / seconds if seconds > 0 else 0.0
        found = Worst(severity, len(rising), rate, reading.monotonic, reading.wall)
        if self.worst is None or found[:3] > self.worst[:3]:
            self.worst = found


def _total_of(before: Episode | None, now: Episode) -> int:
    return before.total if before is not None and before.started == now.started else 0
