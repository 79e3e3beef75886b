"""A recording made of what others collected: their lines through the same engine, as if they were polled now."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine import rates
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Failure, Layout, Sample, Target
from mptcp_top.recording.course import Course, usual_of
from mptcp_top.recording.rows import TARGETS_AT_MOST
from mptcp_top.recording.tap import Tap
from mptcp_top.recording.writer import Seen, Writer
from mptcp_top.sources.registry import SOURCES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from mptcp_top.engine.alerts import Watched
    from mptcp_top.recording.collected import Poll

BATCH: Final = 200
BEFORE_SECONDS: Final = 1.0
"""How long before its first poll a session begins: those of other targets may be a little earlier than that."""

WRAP_BITS: Final = {"linux": 64}
"""Nobody can clear a kernel's counters. On one of 32 bits a wrap is taken for a reset: nothing is made up."""

LAYOUTS_AT_MOST: Final = 32
COUNTERS_AT_MOST: Final = 1000


class Refused(ValueError):
    """A line that could be understood cannot be used."""


class Rules(NamedTuple):
    """What the engine goes by."""

    hold_seconds: float
    watched: Watched


class _Target:
    """One target in one session, and the engine that looks at it."""

    def __init__(self, target: Target, course: Course, rules: Rules) -> None:
        self.target = target
        self.course = course
        store = Store([target], rules.hold_seconds)
        store.watch(rules.watched)
        self.engine, self.tap = Engine(store), Tap(store)

    def read(self, poll: Poll, layout: Layout, wall: float, *, anew: bool) -> Seen | None:
        """Take a poll in and return what is to be recorded of it."""
        every, monotonic = self.course.pace.every, self.course.at / 1e6
        if poll.values is None:
            failed = Failure(self.target, poll.status, poll.reason, monotonic, wall, poll.advice)
            return self.tap.seen(self.engine.observe(failed, every))
        values = in_order(poll, layout)
        own = poll.rates if layout is poll.layout and poll.rates else None
        beat = SOURCES[poll.source].beat_seconds
        sample = Sample(
            self.target, layout, values, monotonic, wall, 0.0, poll.identity, WRAP_BITS.get(poll.source), beat,
            own if beat else None, anew,
        )  # fmt: skip
        seen = self.tap.seen(self.engine.observe(sample, every))
        return None if seen is None else seen._replace(reading=seen.reading._replace(latency_seconds=None))


class Importer:
    """Takes polls in, in the order of time, and writes the recording. Call `finish` at the end."""

    def __init__(self, connection: sqlite3.Connection, rules: Rules) -> None:
        self._connection = connection
        self._rules = rules
        self._paces: Mapping[str, float] = {}
        self._targets: dict[str, _Target] = {}
        self._sources: dict[str, str] = {}
        self._layouts: defaultdict[str, dict[int, Layout]] = defaultdict(dict)
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        self._writer: Writer | None = None
        self._zero = 0
        self._batch: list[Seen] = []
        self.polls: Counter[str] = Counter()
        self.down: Counter[str] = Counter()
        self.samples = 0
        self.milliseconds: tuple[int, int] | None = None

    def look_ahead(self, polls: Iterable[Poll]) -> None:
        """Learn from the first polls how often each target was polled."""
        before: dict[str, int] = {}
        steps: defaultdict[str, list[float]] = defaultdict(list)
        for poll in polls:
            if poll.target in before and poll.milliseconds > before[poll.target]:
                steps[poll.target].append((poll.milliseconds - before[poll.target]) / 1e3)
            before[poll.target] = poll.milliseconds
        self._paces = {target: usual_of(found) for target, found in steps.items()}

    def take(self, poll: Poll) -> None:
        """Take a poll in.

        Raises:
            Refused: it cannot be used; or another ValueError.
            sqlite3.Error: it cannot be written.
        """
        self._refuse_too_much(poll)
        known = self._targets.get(poll.target)
        if known is not None and known.course.begins_another_call(poll):
            known.course.refuse_what_is_earlier(poll)
            self._end_session()
            known = None
        writer = self._writer or self._begin_session(poll)
        if known is None:
            known = self._targets[poll.target] = self._begin(poll)
            writer.add(known.target)
        before = known.course.sample
        at = known.course.take(poll)
        offset = round(writer.ahead_seconds * 1e6)
        wall = (poll.milliseconds * 1000 + (at + offset) % 1000) / 1e6  # so that its milliseconds stay what they were
        seen = known.read(poll, self._layout(poll), wall, anew=is_said_to_begin_anew(before, poll))
        if seen is not None:
            self._batch.append(seen)
        self._count(poll, before)
        if len(self._batch) >= BATCH:
            self._write()

    def finish(self) -> None:
        """Write what is left."""
        self._end_session()

    def _refuse_too_much(self, poll: Poll) -> None:
        if self._sources.setdefault(poll.target, poll.source) != poll.source:
            raise Refused(f"{poll.target} was {SOURCES[self._sources[poll.target]].called} before: give each a name")
        if len(self._sources) > TARGETS_AT_MOST:
            del self._sources[poll.target]
            raise Refused(f"a recording holds {TARGETS_AT_MOST} targets at most")
        names = self._names[poll.source]
        new = {metric.name for metric in poll.layout.metrics} - names
        if len(names) + len(new) > COUNTERS_AT_MOST:
            raise Refused(f"a recording holds {COUNTERS_AT_MOST} counters of a kind of target at most")
        names |= new

    def _begin_session(self, poll: Poll) -> Writer:
        wall = poll.milliseconds / 1e3 - BEFORE_SECONDS
        self._zero = poll.milliseconds
        self._writer = Writer(self._connection, (), -BEFORE_SECONDS, max(0.0, wall), self._rules.hold_seconds)
        return self._writer

    def _end_session(self) -> None:
        self._write()
        if self._writer is not None:
            self._writer.finish()
        self._writer, self._targets = None, {}

    def _begin(self, poll: Poll) -> _Target:
        since = max((poll.milliseconds - self._zero) * 1000, round(-BEFORE_SECONDS * 1e6) + 1)
        course = Course(since, self._paces.get(poll.target, 0.0))
        return _Target(Target(poll.target, poll.source), course, self._rules)

    def _layout(self, poll: Poll) -> Layout:
        """Return the layout to record a poll with: its own, or where they keep changing, one of all its counters."""
        known, layout = self._layouts[poll.target], poll.layout
        if id(layout) in known or len(known) < LAYOUTS_AT_MOST:
            return known.setdefault(id(layout), layout)
        widest = next(reversed(known.values()))
        new = [metric for metric in layout.metrics if metric.name not in widest.index]
        if new:
            widest = Layout((*widest.metrics, *new))
            del known[next(reversed(known))]
            known[id(widest)] = widest
        return widest

    def _write(self) -> None:
        if self._writer is not None and self._batch:
            self._writer.write(self._batch)
        self._batch = []

    def _count(self, poll: Poll, before: Poll | None) -> None:
        first = poll.milliseconds if self.milliseconds is None else self.milliseconds[0]
        self.milliseconds = first, poll.milliseconds
        self.polls[poll.target] += 1
        self.samples += poll.values is not None
        if before is not None and poll.values is not None and went_down(before, poll):
            self.down[poll.target] += 1


def is_said_to_begin_anew(before: Poll | None, poll: Poll) -> bool:
    """Whether a line says that its counters do not go on, which the engine could not see for itself."""
    if before is None or not poll.reset or any(said is not None for said in poll.increases):
        return False
    then, now = before.identity.boot, poll.identity.boot
    return then is None or now is None or then == now


def in_order(poll: Poll, layout: Layout) -> tuple[int | None, ...]:
    """Return the values of a poll in the order of a layout, None where it has none."""
    values = poll.values or ()
    if layout is poll.layout:
        return values
    columns = (poll.layout.index.get(metric.name) for metric in layout.metrics)
    return tuple(None if column is None else values[column] for column in columns)


def went_down(before: Poll, now: Poll) -> bool:
    """Whether some counter read less than before."""
    values, layout = in_order(before, now.layout), now.layout
    grown = rates.increases(values, now.values or (), layout.gauges, None)
    return rates.went_down(values, now.values or (), grown, layout.gauges)
