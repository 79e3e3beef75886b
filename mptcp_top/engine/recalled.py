"""A target as a recording remembers it: the same track, filled from what was written instead of what is read."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.alerts import Alerts, Watched
from mptcp_top.engine.episodes import Episodes
from mptcp_top.engine.history import GOOD, RESET, Stamp
from mptcp_top.engine.left import began_anew, note_growth
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
    given, and the resets that are counted from. Episodes go on from those that were open where it begins. ``before``
    is the newest reading that brought something.
    """

    def __init__(self, target: Target, hold_seconds: float) -> None:
        super().__init__(target, hold_seconds)
        self.before: Reading | None = None
        self._paces: list[tuple[float, float]] = []
        self._firsts: list[Observation] = []

    def recall(self, readings: Iterable[Reading]) -> None:
        """Take more readings in, each newer than the last."""
        with self.lock:
            for reading in readings:
                self._recall(reading)
            before = self.before
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
            self._firsts = [observation_of(self.target, one) for one in told.starts if not one.anew]
            self.first = self._firsts[0] if self._firsts else None

    def first_by(self, monotonic: float | None) -> Observation | None:
        """Return the first good observation of the run that went on at a moment; None is now."""
        begun = [one for one in self._firsts if monotonic is None or one.monotonic <= monotonic]
        return begun[-1] if begun else self.first

    def _recall(self, now: Reading) -> None:
        if not self._paces or self._paces[-1][1] != now.interval_seconds:
            self._paces.append((now.monotonic, now.interval_seconds))
        self._add_missing(now)
        if now.values is None:
            self.episodes.expire(now.monotonic)
            return
        before = self.before
        anew = now.anew or began_anew(before, now)
        stamp = Stamp(now.monotonic, now.wall, now.data_time)
        self.history.add(now.layout, now.values, RESET if now.reset or anew else GOOD, stamp)
        note_growth(self.episodes, before, now)
        self.before = now
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

    def _newest(self) -> Observation | None:
        if not len(self.history):
            return None
        seen = observation_at(self, self.history.times(self.history.last)[0])
        if seen is None or seen.failure is not None or self.before is None:
            return seen
        return seen._replace(latency_seconds=self.before.latency_seconds)


def _sample_of(now: Reading) -> Sample:
    """Return what was read as the sample it was."""
    return Sample(
        now.target, now.layout, now.values or (), now.monotonic, now.wall, now.latency_seconds or 0.0, now.identity,
        now.wrap_bits, now.refresh_seconds,
    )  # fmt: skip


def observation_of(target: Target, base: Base) -> Observation:
    """Return a base as the first observation of a target."""
    nothing = (None,) * len(base.values)
    return Observation(
        target, base.layout, base.values, nothing, None, base.monotonic, base.wall, base.monotonic, None, {},
        data_time=base.data_time,
    )  # fmt: skip
