"""A stretch of a recording as tracks, like those in memory: read once, and only added to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top.engine.history import ROWS
from mptcp_top.engine.marks import KEPT, USUAL_SECONDS, growth_since
from mptcp_top.engine.recalled import RecalledTrack, Told, observation_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mptcp_top.engine.events import Event
    from mptcp_top.engine.marks import Base, Mark
    from mptcp_top.engine.recalled import Reading
    from mptcp_top.engine.trend import Growth
    from mptcp_top.recording.reader import Reader

EVENTS_KEPT: Final = 500
LEAD_POLLS: Final = 6
"""How many polls, or refreshes, from before its beginning a window holds for the rates at its beginning."""

LONG_AGO: Final = -1e9


class Window:
    """What was recorded from one moment to another: ``begins`` is a moment at which every episode's standing is known.

    Targets are read when they are asked for.

    Raises:
        ValueError: nothing is recorded, or what is recorded makes no sense; or `sqlite3.Error`.
    """

    def __init__(self, reader: Reader, hold_seconds: float, moment: float, behind: float, interval: float) -> None:
        minute = reader.minute(moment - behind)
        first = reader.first_minute()
        if first is None:
            raise ValueError("nothing is recorded yet")
        self._reader = reader
        self._hold_seconds = hold_seconds
        self.behind = behind
        self.interval = interval
        self.reaches_back = minute is None or minute <= first
        self.begins = self.ends = first if minute is None else minute
        self._told_until = LONG_AGO
        self._tracks: dict[str, RecalledTrack] = {}
        self._read_until: dict[str, float] = {}
        self._marks: Sequence[Mark] = ()
        self._begun = reader.episodes(self.begins)
        self._events: dict[str, list[Event]] = {target.name: [] for target in reader.targets()}
        self._starts: dict[str, list[Base]] = {}
        self._session: dict[str, int] = {}
        self._marked: dict[tuple[str, float], tuple[Base, Growth | None] | None] = {}

    def extend(self, until: float, marks: Sequence[Mark]) -> None:
        """Take in what was recorded since, up to a moment."""
        reader = self._reader
        for name, events in reader.events(self._told_until, until, EVENTS_KEPT).items():
            self._events[name] = [*self._events.get(name, ()), *events][-EVENTS_KEPT:]
        self._slumps, self._alerts = reader.slumps(until), reader.alerts(until)
        self._marks = self._near(marks, until)
        self.ends = self._told_until = until

    def is_worn(self, target: str, moment: float) -> bool:
        """Whether it went on for so long that it is better read anew to show a target at a moment."""
        track = self._tracks.get(target)
        if track is None:
            return self.ends - self.begins > 4 * self.behind
        history = track.history
        if len(history) < ROWS:
            return False
        first, last = history.times(history.first)[0], history.times(history.last)[0]
        return moment - first < min(self.behind, (last - first) / 2)

    def track(self, target: str) -> RecalledTrack | None:
        """Return the track of a target, as far as the window reaches; None where it was never recorded."""
        track = self._tracks.get(target)
        if track is None:
            if target not in self._events:
                return None
            track = self._begin(target)
            self._go_on(target, track)
            self._tracks[target] = track
        elif self._read_until[target] < self.ends:
            self._go_on(target, track)
        return track

    def _begin(self, name: str) -> RecalledTrack:
        """Return the track of a target as it was when the window begins."""
        reader = self._reader
        track = RecalledTrack(next(one for one in reader.targets() if one.name == name), self._hold_seconds)
        before = reader.newest_sample(name, self.begins)
        recent: list[Reading] = []
        since = self.begins - ROWS * self.interval
        if before is not None:
            lead = LEAD_POLLS * max(before.interval_seconds, before.refresh_seconds)
            recent = reader.read(name, before.monotonic - lead, before.monotonic)
            since = max(since, before.monotonic)
        missed = reader.read(name, since, self.begins)
        track.restore(self._begun.get(name, ()), [*recent, *missed])
        self._look_back(name, before)
        self._read_until[name] = self.begins
        return track

    def _go_on(self, name: str, track: RecalledTrack) -> None:
        read = self._reader.read(name, self._read_until[name], self.ends)
        self._read_until[name] = self.ends
        track.recall(read)
        self._starts[name] += self._began(name, read)
        marked = {mark.monotonic: base for mark in self._marks if (base := self._base_of(name, mark)) is not None}
        told = self._events[name], self._slumps.get(name, ()), self._alerts.get(name, ())
        track.tell(Told(*told, self._starts[name], marked))

    def _look_back(self, name: str, before: Reading | None) -> None:
        """Take in from where growth is counted when the window begins: the session's start, and the resets."""
        began = None if before is None else self._reader.session_start(name, self.begins)
        self._starts[name] = []
        if began is not None:
            anew = self._reader.resets(name, began.monotonic, self.begins)[-KEPT:]
            self._starts[name] = [self._reader.base(began), *(self._reader.base(one, anew=True) for one in anew)]
            self._session[name] = began.session

    def _began(self, name: str, read: Iterable[Reading]) -> list[Base]:
        """Return from where growth is counted among new readings: the first of a session, and those after a reset."""
        found = []
        for reading in read:
            if reading.values is None:
                continue
            if reading.session != self._session.get(name):
                found.append(self._reader.base(reading))
            elif reading.reset:
                found.append(self._reader.base(reading, anew=True))
            self._session[name] = reading.session
        return found

    def _near(self, marks: Sequence[Mark], until: float) -> list[Mark]:
        """Return the marks that growth can be counted from somewhere in this window."""
        before = [mark for mark in marks if mark.monotonic <= self.begins][-1:]
        return [*before, *(mark for mark in marks if self.begins < mark.monotonic <= until)]

    def _base_of(self, name: str, mark: Mark) -> tuple[Base, Growth | None] | None:
        """Return what a target stood at when a mark was set, and what was usual then."""
        key = (name, mark.monotonic)
        if key not in self._marked:
            self._marked[key] = self._looked_up(name, mark)
        return self._marked[key]

    def _looked_up(self, name: str, mark: Mark) -> tuple[Base, Growth | None] | None:
        reader = self._reader
        now = reader.newest_sample(name, mark.monotonic)
        if now is None:
            return None
        base = reader.base(now, due_seconds=max(now.interval_seconds, now.refresh_seconds))
        start = reader.session_start(name, mark.monotonic)
        before = reader.newest_sample(name, mark.monotonic - USUAL_SECONDS)
        if before is None or (start is not None and before.monotonic < start.monotonic):
            before = start or now
        anew = reader.resets(name, before.monotonic, mark.monotonic)
        usual = reader.base(anew[-1] if anew else before)
        if usual.data_time >= now.data_time:
            return base, None
        return base, growth_since(usual, observation_of(now.target, base), now.wrap_bits)
