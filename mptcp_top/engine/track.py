"""Everything remembered about one target, and the one place where a reading becomes an observation."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

from mptcp_top.engine import rates
from mptcp_top.engine.episodes import Episodes, Step
from mptcp_top.engine.history import GOOD, RESET, History
from mptcp_top.engine.trend import Trends
from mptcp_top.model import Identity, Layout, Observation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.model import Episode, Failure, Sample, Target

GAPS_AT_MOST: Final = 300
"""A sleep of hours is drawn as a break, not as an hour of missed polls."""


class Track:
    """One target's past and present. Written by one thread, read by any."""

    def __init__(self, target: Target, hold_seconds: float) -> None:
        self.target = target
        self.lock = Lock()
        self.history = History()
        self.episodes = Episodes(hold_seconds)
        self.latest: Observation | None = None
        self.first: Observation | None = None
        self.reset_wall: float | None = None
        self.sample: Sample | None = None
        self._interval = 0.0
        self._trends: dict[int, Trends] = {}

    def take(self, sample: Sample, interval_seconds: float) -> Observation:
        """Take a sample in. One that is not newer than the last changes nothing."""
        before = self.sample
        if before is not None and sample.monotonic <= before.monotonic and self.latest is not None:
            return self.latest
        elapsed = None if before is None else sample.monotonic - before.monotonic
        reset = before is not None and _boot_changed(before.identity, sample.identity)
        grown, counter_reset = _compare(before, sample, reset=reset)
        reset = reset or counter_reset
        with self.lock:
            self._add_gaps(sample.monotonic, sample.wall, interval_seconds, missed_now=0)
            self.history.add(sample.layout, sample.values, RESET if reset else GOOD, sample.monotonic, sample.wall)
            if elapsed is not None and any(sample.layout.pick_flagged(grown)):
                self.episodes.note(sample.layout, grown, Step(elapsed, sample.monotonic, sample.wall))
            else:
                self.episodes.expire(sample.monotonic)
            self.sample = sample
            self.latest = Observation(
                self.target,
                sample.layout,
                sample.values,
                tuple(grown),
                elapsed,
                sample.monotonic,
                sample.wall,
                sample.monotonic,
                sample.latency_seconds,
                self.episodes.rising(),
                reset,
                sample.identity,
            )
            self.first = self.first or self.latest
            self.reset_wall = sample.wall if reset else self.reset_wall
        return self.latest

    def miss(self, failure: Failure, interval_seconds: float) -> Observation:
        """Take a missed poll in: a gap, and the last good values kept with their age."""
        with self.lock:
            self._add_gaps(failure.monotonic, failure.wall, interval_seconds, missed_now=1)
            self.episodes.expire(failure.monotonic)
            self.latest = _after_failure(self.sample, failure, self.episodes.rising())
        return self.latest

    def trends(self, rows_a_cell: int, *, live: bool) -> Trends:
        """Return the trends of this target. Those of now are kept; those of the past are made as they are asked for."""
        wrap_bits = self.sample.wrap_bits if self.sample else None
        if not live:
            return Trends(self.history, wrap_bits, rows_a_cell)
        if rows_a_cell not in self._trends:
            self._trends = {rows_a_cell: Trends(self.history, wrap_bits, rows_a_cell)}
        return self._trends[rows_a_cell]

    def _add_gaps(self, monotonic: float, wall: float, interval_seconds: float, missed_now: int) -> None:
        """Add a row for each poll that should have been since the last row; ``missed_now`` counts this one."""
        longest = max(self._interval, interval_seconds)
        self._interval = interval_seconds
        if len(self.history):
            since = monotonic - self.history.times(self.history.last)[0]
            missed = min(max(round(since / longest) - 1, 0), GAPS_AT_MOST)
            for step in range(missed, 0, -1):
                self.history.add_gap(monotonic - step * longest, wall - step * longest)
        if missed_now:
            self.history.add_gap(monotonic, wall)


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


def _after_failure(last: Sample | None, failure: Failure, rising: Mapping[str, Episode]) -> Observation:
    layout = last.layout if last else Layout(())
    return Observation(
        failure.target,
        layout,
        last.values if last else (),
        (None,) * len(layout.metrics),
        None,
        failure.monotonic,
        failure.wall,
        last.monotonic if last else None,
        None,
        rising,
        identity=last.identity if last else Identity(),
        failure=failure,
    )
