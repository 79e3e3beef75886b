"""A target as a recording remembers it: the same track, filled from what was written instead of what is read."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine import rates
from mptcp_top.engine.alerts import Alerts, Watched
from mptcp_top.engine.episodes import Episodes, Step
from mptcp_top.engine.history import GOOD, RESET, Stamp
from mptcp_top.engine.past import observation_at
from mptcp_top.engine.reading import Reading as Reading  # noqa: PLC0414, TC001  # its users have it from here
from mptcp_top.engine.track import GAPS_AT_MOST, Track
from mptcp_top.model import Observation, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.episodes import Kept
    from mptcp_top.engine.events import Event
    from mptcp_top.engine.marks import Base
    from mptcp_top.engine.slumps import Slump
    from mptcp_top.engine.trend import Growth
    from mptcp_top.model import Target

NUMBERED_FROM: Final = 720_720 << 8
"""What is added to the numbers of rows: what was before a session has room below, and every trend's cells stay put."""


class Told(NamedTuple):
    """What was found out about a target at the time, apart from its readings.

    ``starts`` are the first samples and the resets its growth is counted from, and ``marked`` what it stood at when a
    mark was set, with what was usual then.
    """

    events: Sequence[Event] = ()
    slumps: Sequence[Slump] = ()
    alerts: Sequence[Alert] = ()
    starts: Sequence[Base] = ()
    marked: Mapping[float, tuple[Base, Growth | None]] = MappingProxyType({})


class RecalledTrack(Track):
    """One target's past, taken in from a recording in the order of time.

    What was found out then is not worked out again, so that a replay says what was said: events, slumps and alerts are
    given, and the resets that are counted from. Episodes go on from those that were open where it begins.
    """

    def __init__(self, target: Target, hold_seconds: float) -> None:
        super().__init__(target, hold_seconds)
        self._before: Reading | None = None
        self._paces: list[tuple[float, float]] = []

    def recall(self, readings: Iterable[Reading]) -> None:
        """Take more readings in, each newer than the last."""
        with self.lock:
            for reading in readings:
                self._recall(reading)
            before = self._before
            if before is not None:
                self.sample = _sample_of(before)
            self.latest = self._newest()

    def follow(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        """Take readings in one by one, and yield each when it is; with a reset where it does not go on from the last.

        What is asked of a track but its episodes and its history stays as it was.
        """
        for reading in readings:
            with self.lock:
                self._recall(reading)
                reset = reading.values is not None and self.history.state(self.history.last) == RESET
            yield reading._replace(reset=reset)

    def pace_at(self, moment: float) -> float:
        """Return the interval at which the target was polled at a moment; 0 where nothing was read."""
        paces = [seconds for since, seconds in self._paces if since <= moment] or [one for _, one in self._paces[:1]]
        return paces[-1] if paces else 0.0

    def restore(self, begun: Iterable[Kept], readings: Iterable[Reading] = ()) -> None:
        """Begin with the episodes that were known by then, the open ones too, and perhaps with the last readings."""
        with self.lock:
            for reading in readings:
                self._recall(reading)
            self.episodes = Episodes(self.episodes.hold_seconds)
            self.episodes.restore(begun)

    def tell(self, told: Told) -> None:
        """Take in what was found out, up to the newest reading that was recalled."""
        with self.lock:
            self.log.recall(told.events)
            self.slumps.recall(told.slumps)
            self.alerts = Alerts(Watched(), self.target.name)
            self.alerts.recall(told.alerts)
            self.bases.restore(told.starts, told.marked)
            if told.starts:
                self.first = observation_of(self.target, told.starts[0])

    def _recall(self, now: Reading) -> None:
        if not self._paces or self._paces[-1][1] != now.interval_seconds:
            self._paces.append((now.monotonic, now.interval_seconds))
        self._add_missing(now)
        if now.values is None:
            self.episodes.expire(now.monotonic)
            return
        before = self._before
        anew = now.anew or self._began_anew(before, now)
        step = None if before is None or anew else now.data_time - before.data_time
        stamp = Stamp(now.monotonic, now.wall, now.data_time)
        self.history.add(now.layout, now.values, RESET if now.reset or anew else GOOD, stamp)
        grown = _flagged_growth(before, now) if before is not None and step else None
        if step and grown:
            self.episodes.note(now.layout, grown, Step(step, now.monotonic, now.wall, now.data_time - step))
        else:
            self.episodes.expire(now.monotonic)
        self._before = now
        if before is None or before.layout is not now.layout or before.identity is not now.identity:
            self._note_answer(_sample_of(now))

    def _add_missing(self, now: Reading) -> None:
        """Add the rows that were missed since the last reading, and this one if it was: rows keep their numbers.

        Where these do not go on, as in a later session, what was missed follows from the time, and the numbers of the
        rows before are changed.
        """
        history, number = self.history, now.row + NUMBERED_FROM
        missing, longest = number - history.last - 1, max(self.interval_seconds, now.interval_seconds)
        if not missing or not len(history):
            self.interval_seconds = now.interval_seconds
        elif 0 < missing <= GAPS_AT_MOST and now.monotonic - history.times(history.last)[0] > missing * longest:
            for step in range(missing, 0, -1):
                history.add_gap(now.monotonic - step * longest, now.wall - step * longest)
            self.interval_seconds = now.interval_seconds
        else:
            self._add_gaps(now.monotonic, now.wall, now.interval_seconds, missed_now=0)
        if history.last + 1 != number:
            history.renumber(number)
            self._trends.clear()
            self._past_trends.clear()
        if now.values is None:
            history.add_gap(now.monotonic, now.wall)

    @staticmethod
    def _began_anew(before: Reading | None, now: Reading) -> bool:
        """Whether a session's first reading does not go on from the last one of the session before."""
        if before is None or now.session == before.session or now.values is None or before.values is None:
            return False
        if before.identity.boot != now.identity.boot or before.layout.metrics != now.layout.metrics:
            return True
        return any(
            was is not None and value is not None and value < was and metric.grows
            for was, value, metric in zip(before.values, now.values, now.layout.metrics, strict=True)
        )

    def _newest(self) -> Observation | None:
        if not len(self.history):
            return None
        seen = observation_at(self, self.history.times(self.history.last)[0])
        if seen is None or seen.failure is not None or self._before is None:
            return seen
        return seen._replace(latency_seconds=self._before.latency_seconds)


def _sample_of(now: Reading) -> Sample:
    """Return what was read as the sample it was."""
    return Sample(
        now.target, now.layout, now.values or (), now.monotonic, now.wall, now.latency_seconds or 0.0, now.identity,
        now.wrap_bits, now.refresh_seconds,
    )  # fmt: skip


def _flagged_growth(before: Reading, now: Reading) -> list[int | None] | None:
    """Return the increase of each column where a flagged one grew, else None: mostly none does, and it is costly."""
    layout, was, values = now.layout, before.values or (), now.values or ()
    if before.layout is not layout:
        columns = (before.layout.index.get(metric.name) for metric in layout.metrics)
        was = tuple(None if column is None else was[column] for column in columns)
    if layout.pick_flagged(was) == layout.pick_flagged(values):
        return None
    return rates.increases(was, values, layout.gauges, now.wrap_bits)


def observation_of(target: Target, base: Base) -> Observation:
    """Return a base as the first observation of a target."""
    nothing = (None,) * len(base.values)
    return Observation(
        target, base.layout, base.values, nothing, None, base.monotonic, base.wall, base.monotonic, None, {},
        data_time=base.data_time,
    )  # fmt: skip
