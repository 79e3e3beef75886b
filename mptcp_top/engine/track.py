"""Everything remembered about one target, and the one place where a reading becomes an observation."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine import rates
from mptcp_top.engine.episodes import Episodes, Step
from mptcp_top.engine.events import Log
from mptcp_top.engine.history import GOOD, RESET, ROWS, History, Stamp
from mptcp_top.engine.left import note_growth, standing
from mptcp_top.engine.marks import Bases
from mptcp_top.engine.past import good_row, observation_at
from mptcp_top.engine.reading import Reading
from mptcp_top.engine.refresh import Look, Refreshes
from mptcp_top.engine.slumps import Slumps
from mptcp_top.engine.steady import growth_and_beat, rates_at
from mptcp_top.engine.trend import Trends
from mptcp_top.model import Identity, Layout, Observation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.engine.alerts import Alerts
    from mptcp_top.engine.left import Left
    from mptcp_top.model import Episode, Failure, Sample, Target

ANSWERED_AT_MOST: Final = 200
"""How many changes of what a target is are remembered: of its role, host, build, notices, and of its counters."""

THIS_RUN: Final = -1
"""As which run a reading goes that is compared with those of earlier ones."""

GAPS_AT_MOST: Final = 300
"""A sleep of hours is drawn as a break, not as an hour of missed polls."""


class _Answered(NamedTuple):
    """Who answered from a moment on, and with which counters."""

    since: float
    identity: Identity
    layout: Layout


class Track:
    """One target's past and present. Written by one thread, read by any."""

    def __init__(self, target: Target, hold_seconds: float, rows: int = ROWS) -> None:
        self.target = target
        self.lock = Lock()
        self.history = History(rows)
        self.episodes = Episodes(hold_seconds)
        self.log = Log(target.name)
        self.bases = Bases()
        self.alerts: Alerts | None = None
        self.slumps = Slumps(hold_seconds)
        self.latest: Observation | None = None
        self.first: Observation | None = None
        self.sample: Sample | None = None
        self.interval_seconds = 0.0
        self._left: Reading | None = None
        self._stamp: Stamp | None = None
        self._refreshes: Refreshes | None = None
        self._trends: dict[tuple[int, int | None], Trends] = {}
        self._past_trends: dict[tuple[int, int | None], Trends] = {}
        self._past: tuple[float, Observation | None] | None = None
        self._answered: deque[_Answered] = deque(maxlen=ANSWERED_AT_MOST)

    def take(self, sample: Sample, interval_seconds: float) -> Observation:
        """Take a sample in. One that is not newer than the last changes nothing."""
        before = self.sample
        if before is not None and sample.monotonic <= before.monotonic and self.latest is not None:
            return self.latest
        elapsed = None if before is None else sample.monotonic - before.monotonic
        reset = before is not None and (sample.reset or _boot_changed(before.identity, sample.identity))
        grown, counter_reset = _compare(before, sample, reset=reset)
        reset = reset or counter_reset
        with self.lock:
            self._note_pace(sample.monotonic, sample.wall, interval_seconds)
            self._add_gaps(sample.monotonic, sample.wall, interval_seconds, missed_now=0)
            self.log.note_sample(self.latest, sample, reset=reset)
            data_time = self._beat(before, sample, grown, reset=reset) if sample.refresh_seconds else sample.monotonic
            stamp = Stamp(sample.monotonic, sample.wall, data_time)
            step = None if self._stamp is None else data_time - self._stamp.data
            self.history.add(sample.layout, sample.values, RESET if reset else GOOD, stamp)
            self._note_rises(sample, grown, step, data_time)
            if reset:
                self.slumps.forget(sample.monotonic)
            if (slump := self.slumps.note(sample, stamp)) is not None:
                self.log.note_slump(sample.monotonic, sample.wall, slump)
            self.sample, self._stamp = sample, stamp
            self._note_answer(sample)
            self.latest = Observation(
                self.target,
                sample.layout,
                sample.values,
                tuple(grown),
                elapsed,
                sample.monotonic,
                sample.wall,
                self._refreshes.counted_at if self._refreshes else sample.monotonic,
                sample.latency_seconds,
                self.episodes.rising(),
                reset,
                sample.identity,
                rates=self._steady_rates(sample, step) if self._refreshes else None,
                own_rates=sample.own_rates,
                refresh_seconds=sample.refresh_seconds,
                data_time=data_time,
            )
            if reset or self.first is None:
                self.bases.restart(self.latest)
            self.first = self.first or self.latest
        return self.latest

    def _note_rises(self, sample: Sample, grown: Sequence[int | None], step: float | None, data_time: float) -> None:
        if self._left is not None:
            left, self._left = self._left, None
            note_growth(self.episodes, left, _reading_of(self.target, sample, data_time))
        elif step and any(sample.layout.pick_flagged(grown)):
            self.episodes.note(sample.layout, grown, Step(step, sample.monotonic, sample.wall, data_time - step))
        else:
            self.episodes.expire(sample.monotonic)

    def miss(self, failure: Failure, interval_seconds: float) -> Observation:
        """Take a missed poll in: a gap, and the last good values kept with their age."""
        with self.lock:
            self._note_pace(failure.monotonic, failure.wall, interval_seconds)
            self._add_gaps(failure.monotonic, failure.wall, interval_seconds, missed_now=1)
            self.log.note_failure(self.latest, failure)
            self.episodes.expire(failure.monotonic)
            counted = self.latest.values_monotonic if self.latest else None
            data_time = self._stamp.data if self._stamp else 0.0
            self.latest = _after_failure(self.sample, failure, self.episodes.rising(), counted, data_time)
        return self.latest

    def resume(self, left: Left) -> float:
        """Go on from how an earlier run left the target, as soon as it is known; return when the newest poll was."""
        with self.lock:
            newest = self.latest.monotonic if self.latest is not None else float("-inf")
            first = self.first
            if first is None or self.sample is None:
                self._left = left.last
                self.episodes.precede(left.open, newest)
            else:
                sample = self.sample._replace(
                    layout=first.layout, values=first.values, monotonic=first.monotonic, wall=first.wall,
                    identity=first.identity,
                )  # fmt: skip
                reading = _reading_of(self.target, sample, first.data_time)
                self.episodes.precede(standing(left, reading, self.episodes.hold_seconds), newest)
            return newest

    def first_by(self, monotonic: float | None) -> Observation | None:  # noqa: ARG002  # there is one run in memory
        """Return the first good observation of the run that went on at a moment; None is now."""
        return self.first

    def sample_at(self, monotonic: float | None) -> Sample | None:
        """Return the newest sample as one of a moment: who answered then, with which counters. Its values are of now.

        None is now. Under the lock.
        """
        if monotonic is None:
            return self.sample
        known = next((one for one in reversed(self._answered) if one.since <= monotonic), None)
        if self.sample is None or known is None:
            return self.sample
        return self.sample._replace(identity=known.identity, layout=known.layout)

    def past(self, monotonic: float) -> Observation | None:
        """Return the observation as it was at a moment; asked for the same one again, the same. Under the lock."""
        known = self._past
        newest = self.history.times(self.history.last)[0] if len(self.history) else monotonic
        if known is None or known[0] != monotonic or monotonic >= newest:
            known = self._past = (monotonic, observation_at(self, monotonic))
        return known[1]

    def good(self) -> Observation | None:
        """Return the newest observation that was read, however many polls failed since. Under the lock."""
        latest = self.latest
        if latest is None or latest.failure is None:
            return latest
        row = good_row(self.history, self.history.last)
        return None if row is None else observation_at(self, self.history.times(row)[0])

    def trends(self, rows_a_cell: int, *, live: bool) -> Trends:
        """Return the trends of this target: those of now are kept, and those of the past that was asked for last."""
        wrap_bits = self.sample.wrap_bits if self.sample else None
        known = self._trends if live else self._past_trends
        if (rows_a_cell, wrap_bits) not in known:
            known.clear()
            known[rows_a_cell, wrap_bits] = Trends(self.history, wrap_bits, rows_a_cell)
        return known[rows_a_cell, wrap_bits]

    def _beat(self, before: Sample | None, sample: Sample, grown: list[int | None], *, reset: bool) -> float:
        """Return the time these counters stand for, by the beat on which their owner takes stock."""
        if self._refreshes is None:
            self._refreshes = Refreshes(sample.refresh_seconds)
        changed = before is None or (before.values, before.own_rates) != (sample.values, sample.own_rates)
        asked = sample.monotonic - sample.latency_seconds
        look = Look(asked, sample.monotonic, changed, *(growth_and_beat(grown, sample) if changed else ()))
        if reset:
            self._refreshes.restart(look)
        else:
            self._refreshes.note(look)
        return self._refreshes.data_time

    def _steady_rates(self, sample: Sample, step: float | None) -> tuple[float | None, ...]:
        """Return the rates of a source with a beat: those of the last refresh, at first what the owner says itself."""
        latest = self.latest
        if not step and latest is not None and latest.rates is not None and latest.layout is sample.layout:
            return latest.rates
        found = rates_at(self.history, self.history.last, sample)
        first = sample.own_rates if latest is None else None
        return found or first or (None,) * len(sample.values)

    def _note_answer(self, sample: Sample) -> None:
        if not self._answered or self._answered[-1][1:] != (sample.identity, sample.layout):
            self._answered.append(_Answered(sample.monotonic, sample.identity, sample.layout))

    def _note_pace(self, monotonic: float, wall: float, interval_seconds: float) -> None:
        if self.interval_seconds and self.interval_seconds != interval_seconds:
            self.log.note_pace(monotonic, wall, interval_seconds)

    def _add_gaps(self, monotonic: float, wall: float, interval_seconds: float, missed_now: int) -> None:
        """Add a row for each poll that should have been since the last row; ``missed_now`` counts this one."""
        longest = max(self.interval_seconds, interval_seconds)
        self.interval_seconds = interval_seconds
        if len(self.history) and longest:
            since = monotonic - self.history.times(self.history.last)[0]
            missed = min(max(round(since / longest) - 1, 0), GAPS_AT_MOST)
            for step in range(missed, 0, -1):
                self.history.add_gap(monotonic - step * longest, wall - step * longest)
        if missed_now:
            self.history.add_gap(monotonic, wall)


def _reading_of(target: Target, sample: Sample, data_time: float) -> Reading:
    return Reading(
        target, sample.monotonic, sample.wall, data_time, sample.layout, sample.values, 0.0,
        identity=sample.identity, wrap_bits=sample.wrap_bits, session=THIS_RUN,
    )  # fmt: skip


def _boot_changed(before: Identity, now: Identity) -> bool:
    return before.boot is not None and now.boot is not None and before.boot != now.boot


def _compare(before: Sample | None, now: Sample, *, reset: bool) -> tuple[list[int | None], bool]:
    """Return the increase of each column, and whether some counter was reset by itself."""
    if before is None or reset:
        return [None] * len(now.values), False
    layout = now.layout
    previous = before.values
    if before.layout is not layout:
        columns = (before.layout.index.get(metric.name) for metric in layout.metrics)
        previous = tuple(None if column is None else before.values[column] for column in columns)
    grown = rates.increases(previous, now.values, layout.gauges, now.wrap_bits)
    return grown, rates.went_down(previous, now.values, grown, layout.gauges)


def _after_failure(
    last: Sample | None, failure: Failure, rising: Mapping[str, Episode], counted: float | None, data_time: float
) -> Observation:
    layout = last.layout if last else Layout(())
    return Observation(
        failure.target,
        layout,
        last.values if last else (),
        (None,) * len(layout.metrics),
        None,
        failure.monotonic,
        failure.wall,
        counted,
        None,
        rising,
        identity=last.identity if last else Identity(),
        failure=failure,
        refresh_seconds=last.refresh_seconds if last else 0.0,
        data_time=data_time,
    )
