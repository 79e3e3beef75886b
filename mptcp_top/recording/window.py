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
LONG_AGO: Final = -1e9


class Window:
    """What was recorded from one moment to another: ``begins`` is a moment at which every episode's standing is known.

    Raises:
        ValueError: nothing is recorded, or what is recorded makes no sense; or `sqlite3.Error`.
    """

    def __init__(self, reader: Reader, hold_seconds: float, about: float) -> None:
        minute = reader.minute(about)
        first = reader.first_minute()
        if first is None:
            raise ValueError("nothing is recorded yet")
        self._reader = reader
        self.reaches_back = minute is None or minute <= first
        self.begins = self.ends = first if minute is None else minute
        self.tracks = {target.name: RecalledTrack(target, hold_seconds) for target in reader.targets()}
        self._events: dict[str, list[Event]] = reader.events(LONG_AGO, self.begins, EVENTS_KEPT)
        self._starts: dict[str, list[Base]] = {}
        self._session: dict[str, int] = {}
        self._marked: dict[tuple[str, float], tuple[Base, Growth | None] | None] = {}
        for name, begun in reader.episodes(self.begins).items():
            self.tracks[name].restore(begun)
            before = reader.newest_sample(name, self.begins)
            self.tracks[name].recall([] if before is None else [before])
            self._look_back(name, before)

    def extend(self, until: float, marks: Sequence[Mark]) -> None:
        """Take in what was recorded since, up to a moment."""
        reader, after = self._reader, self.ends
        read, events = reader.readings(after, until), reader.events(after, until, EVENTS_KEPT)
        slumps, alerts = reader.slumps(until), reader.alerts(until)
        near = self._near(marks, until)
        self.ends = until
        for name, track in self.tracks.items():
            track.recall(read[name])
            self._events[name] = [*self._events[name], *events[name]][-EVENTS_KEPT:]
            self._starts[name] += self._began(name, read[name])
            marked = {mark.monotonic: base for mark in near if (base := self._base_of(name, mark)) is not None}
            track.tell(Told(self._events[name], slumps[name], alerts[name], self._starts[name], marked))
            if len(track.history) == ROWS:  # what came first is forgotten again
                self.begins = max(self.begins, track.history.times(track.history.first)[0])
                self.reaches_back = False

    def _look_back(self, name: str, before: Reading | None) -> None:
        """Take in from where growth is counted when the window begins: the session's start, and the resets."""
        began = self._reader.session_starts(name, self.begins)[-1:] if before is not None else []
        self._starts[name] = [self._reader.base(one) for one in began]
        if began:
            anew = self._reader.resets(name, began[0].monotonic, self.begins)[-KEPT:]
            self._starts[name] += [self._reader.base(one, anew=True) for one in anew]
            self._session[name] = began[0].session

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
        starts = [one for one in reader.session_starts(name, mark.monotonic) if one.session == now.session]
        before = reader.newest_sample(name, mark.monotonic - USUAL_SECONDS)
        if before is None or (starts and before.monotonic < starts[0].monotonic):
            before = starts[0] if starts else now
        anew = reader.resets(name, before.monotonic, mark.monotonic)
        usual = reader.base(anew[-1] if anew else before)
        if usual.data_time >= now.data_time:
            return base, None
        return base, growth_since(usual, observation_of(now.target, base), now.wrap_bits)
