"""What a recording says, told anew: observation by observation, as the session that recorded it made them."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine import rates
from mptcp_top.engine.episodes import Kept
from mptcp_top.engine.events import NOT_SURE, Happening
from mptcp_top.engine.history import History
from mptcp_top.engine.left import Left
from mptcp_top.engine.slumps import Slumps
from mptcp_top.engine.track import Track
from mptcp_top.model import Failure, Observation, Sample, Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from mptcp_top.engine.history import Stamp
    from mptcp_top.engine.recalled import Reading
    from mptcp_top.model import Layout, Target
    from mptcp_top.recording.reader import Reader, Session

CHUNK_SECONDS: Final = 30.0
"""How much is read at once. Between two chunks nothing is held open, however slowly they are taken."""

WARM_SECONDS: Final = 600.0
"""How long before the first moment that is asked for reading begins: rates and flags look back on it."""

ROWS: Final = 700
"""Polls that are remembered: four refreshes of an appliance, across as many missed polls as one pause adds."""

DIGITS: Final = 9
"""Of a rate over refreshes: times are recorded in microseconds."""


class Told(NamedTuple):
    """A recorded poll, and what it meant then."""

    reading: Reading
    observation: Observation


class _Unasked(Slumps):
    """Looks for no handshakes that come through less often: it is costly, and a sample does not tell of it."""

    def note(self, sample: Sample, stamp: Stamp) -> None:
        """Take a sample in."""


class RetoldTrack(Track):
    """One target in one session: the same rules as live, with the beat of its counters as it was worked out then."""

    def __init__(self, target: Target, session: Session, began: int) -> None:
        super().__init__(target, session.hold_seconds)
        self.history = History(ROWS)
        self.slumps = _Unasked(session.hold_seconds)
        self.session = session
        self.began = began
        self.newest: Reading | None = None
        self._data_time = 0.0

    def tell(self, reading: Reading, *, unsure: bool) -> Observation:
        """Take the next reading in; ``unsure`` is whether it was told at the time that another box may answer."""
        at, every = self._since(reading.monotonic), reading.interval_seconds
        if reading.values is None:
            failure = reading.failure or Failure(self.target, Status.UNREACHABLE, "", at, reading.wall)
            return self.miss(failure._replace(monotonic=at), every)
        self._data_time, self.newest = self._since(reading.data_time), reading
        sample = Sample(
            self.target, reading.layout, reading.values, at, reading.wall, 0.0, reading.identity, reading.wrap_bits,
            reading.refresh_seconds, reset=reading.reset and (unsure or not self._went_down(reading)),
        )  # fmt: skip
        return _in_its_digits(self.take(sample, every))

    def restore(self, episodes: Iterable[Kept]) -> None:
        """Go on from the episodes that were open by then, told by the recording's clock."""
        self.episodes.restore([self._moved(kept) for kept in episodes if kept.episode.ongoing])

    def follow(self, earlier: RetoldTrack) -> None:
        """Go on in another session from how the one before left the target."""
        if earlier.newest is None:
            return
        ahead = earlier.began / 1e6
        open_ones = [
            Kept(one.episode._replace(base=one.episode.base + ahead), one.first + ahead, one.last + ahead)
            for one in earlier.episodes.ongoing().values()
        ]
        last = earlier.newest
        since = self._since(last.monotonic)
        last = last._replace(monotonic=since, data_time=since + last.data_time - last.monotonic)
        self.resume(Left(last, [self._moved(kept) for kept in open_ones]))

    def _moved(self, kept: Kept) -> Kept:
        moved = kept.episode._replace(base=self._since(kept.episode.base))
        return Kept(moved, self._since(kept.first), self._since(kept.last))

    def _since(self, seconds: float) -> float:
        """Return a moment as one of a clock that begins near it: whole microseconds are exact there."""
        return (round(seconds * 1e6) - self.began) / 1e6

    def _beat(self, before: Sample | None, sample: Sample, grown: list[int | None], *, reset: bool) -> float:
        super()._beat(before, sample, grown, reset=reset)  # for when they were counted, which is not recorded
        return self._data_time

    def _went_down(self, now: Reading) -> bool:
        before = self.sample
        if before is None or now.values is None:
            return False
        values = _in_order(before, now.layout)
        grown = rates.increases(values, now.values, now.layout.gauges, now.wrap_bits)
        return rates.went_down(values, now.values, grown, now.layout.gauges)


def retold(reader: Reader, begin: float, end: float, targets: Collection[str]) -> Iterator[Told]:
    """Yield what was polled between two moments of the recording's clock, in the order of time.

    It takes as much memory as some minutes of the recording, however long that is.

    Raises:
        ValueError: the recording makes no sense; or `sqlite3.Error`.
    """
    extent, sessions = reader.extent(), reader.sessions()
    if extent is None or not sessions:
        return
    tracks = _warm(reader, max(begin, extent[0]), sessions, targets)
    starts = [session.began for session in sessions]
    at = reader.minute(max(begin, extent[0]) - WARM_SECONDS)
    moment = reader.next_poll(extent[0] - 1.0 if at is None else at)
    first = reader.first_minute() if at is None else None
    begun = {} if first is None else reader.episodes(first)  # a slice begins with those that were open
    while moment is not None and moment <= end:
        until = min(moment + CHUNK_SECONDS, end)
        found = reader.readings(moment - 1e-6, until)
        polls = [one for name in targets for one in found.get(name, ())]
        for reading in sorted(polls, key=lambda one: one.monotonic):
            session = sessions[max(0, bisect_right(starts, reading.monotonic) - 1)]
            track = tracks.get(reading.target.name)
            if track is None or track.session.number != session.number:
                before, track = track, RetoldTrack(reading.target, session, _whole(reading.monotonic))
                if before is None:
                    track.restore(begun.get(reading.target.name, ()))
                else:
                    track.follow(before)
                tracks[reading.target.name] = track
            observation = track.tell(reading, unsure=reading.reset and _was_unsure(reader, reading))
            if reading.monotonic >= begin:
                yield Told(reading, observation)
        moment = reader.next_poll(until)


def _warm(reader: Reader, begin: float, sessions: list[Session], targets: Collection[str]) -> dict[str, RetoldTrack]:
    """Return the targets as they were known some minutes before a moment."""
    at = reader.minute(begin - WARM_SECONDS)
    if at is None:
        return {}
    tracks = {}
    numbered, episodes = {session.number: session for session in sessions}, reader.episodes(at)
    for name in targets:
        before = reader.newest_sample(name, at)
        if before is not None:
            track = RetoldTrack(before.target, numbered[before.session], _whole(before.monotonic))
            track.tell(before._replace(reset=False), unsure=False)
            track.restore(episodes[name])
            tracks[name] = track
    return tracks


def _was_unsure(reader: Reader, reading: Reading) -> bool:
    told = reader.events(reading.monotonic - 1e-6, reading.monotonic)[reading.target.name]
    return any(one.says == NOT_SURE or one.kind is Happening.ROLE for one in told)


def _in_order(sample: Sample, layout: Layout) -> tuple[int | None, ...]:
    if sample.layout is layout:
        return sample.values
    columns = (sample.layout.index.get(metric.name) for metric in layout.metrics)
    return tuple(None if column is None else sample.values[column] for column in columns)


def _in_its_digits(seen: Observation) -> Observation:
    """Return an observation in the digits of a recording: beyond them there is only noise of binary fractions."""
    elapsed = None if seen.elapsed_seconds is None else round(seen.elapsed_seconds, 6)
    seen = seen._replace(elapsed_seconds=elapsed, wall=_whole(seen.wall) // 1000 / 1e3)
    if seen.rates is None or seen.values_monotonic is None:
        return seen
    age_ms = round((seen.monotonic - seen.values_monotonic) * 1e7) // 10_000
    rounded = tuple(None if rate is None else float(f"{rate:.{DIGITS}g}") for rate in seen.rates)
    return seen._replace(rates=rounded, values_monotonic=seen.monotonic - age_ms / 1e3)


def _whole(seconds: float) -> int:
    return round(seconds * 1e6)
