"""The past out of a recording, for a store: a window of it about the time cursor, and long stretches for a chart.

A window is read at once when the cursor comes to a place that none covers: some minutes before it, for the trends and
ratios of the screens, and a little after it. Forward it is only added to, so that a replay reads every sample once.
"""

from __future__ import annotations

import sqlite3
from threading import Lock
from typing import TYPE_CHECKING, Final

from mptcp_top.engine.history import GOOD, RESET, ROWS, History, Stamp
from mptcp_top.engine.series import Extent, series
from mptcp_top.recording.listing import Listing, beside
from mptcp_top.recording.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.engine.events import Event
    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.recalled import Reading
    from mptcp_top.engine.series import Between, Stretch
    from mptcp_top.engine.track import Track
    from mptcp_top.model import Metric
    from mptcp_top.recording.reader import Reader

BEHIND_SECONDS: Final = 320.0
BEHIND_POLLS: Final = 40
"""How much before the cursor a window holds at least, if there is as much: trends and ratios look back on it."""

NOT_AGAIN_SECONDS: Final = 60.0
"""How near to a moment about which something could not be read it is not tried again."""

LATE_POLLS: Final = 1.5
"""How many intervals after the last sample one is missed in a chart of a long time."""

LATELY_SECONDS: Final = 60.0
"""How long after a time that cannot be read it is said."""

JUST_BEFORE_SECONDS: Final = 2e-6
EVER_SECONDS: Final = 1e9
SPARE_POLLS: Final = 100
"""How many fewer polls than memory holds are read where all that it would hold is asked for."""


class Recorded:
    """A recording behind a store. With ``alone`` it is all there is; else it answers where memory does not reach.

    ``marks`` are those of the store. Moments are those of the reader. May be asked from any thread.
    """

    def __init__(
        self, reader: Reader, hold_seconds: float, marks: Callable[[], Sequence[Mark]], *, alone: bool
    ) -> None:
        self._reader = reader
        self._alone = alone
        self._near = Windows(reader, hold_seconds, marks, self._minutes)
        self._far = Windows(reader, hold_seconds, marks, self._hour)
        self._lock = Lock()
        self._begins: dict[str, float | None] = {}
        self._torn: tuple[str, float] = "", 0.0
        self._listing = Listing(reader)
        self._extent: tuple[float, float] | None = None
        self.catch_up()

    @property
    def extent_of_all(self) -> tuple[float, float] | None:
        """When the first and the last poll were, as of the last look; None where nothing was recorded then."""
        return self._extent

    def catch_up(self) -> bool:
        """Look how much is recorded by now, and return whether that is more than at the last look."""
        with self._lock:
            self._reader.look_again()
            before, extent = self._extent, self._reader.extent()
            first = self._reader.first_minute()
            self._extent = None if extent is None or first is None else (max(extent[0], first), extent[1])
            if self._extent is not None and before is not None and self._extent[0] != before[0]:
                self._begins = {}  # what was the oldest is forgotten
                self._near.forget()
                self._far.forget()
            return before != self._extent

    def track(
        self, target: str, cursor: float | None, remembered_since: float | None, *, whole: bool = False
    ) -> Track | None:
        """Return a target's past about a moment; see `Archive.track`."""
        if not self._alone and (cursor is None or not self._is_wanted(target, cursor, remembered_since)):
            return None
        with self._lock:
            if self._extent is None:
                return None
            first, last = self._extent
            moment = last if cursor is None else max(min(cursor, last), first)
            window = self._near.about(target, moment, last)
            if whole and not window.reaches_back and (track := self._all_of(target, moment, last)) is not None:
                return track
            return window.track(target)

    def _all_of(self, target: str, moment: float, last: float) -> Track | None:
        """Return as much as memory would hold; None where a part of that cannot be read."""
        if target == self._torn[0] and abs(moment - self._torn[1]) < NOT_AGAIN_SECONDS:
            return None
        try:
            return self._far.about(target, moment, last).track(target)
        except (sqlite3.Error, ValueError):
            self._far.forget()
            self._torn = target, moment
            return None

    def begins(self, target: str) -> float | None:
        """Return when the first recorded poll of a target was."""
        with self._lock:
            if target not in self._begins or self._begins[target] is None:
                first = self._reader.first_sample(target) if self._is_known(target) else None
                self._begins[target] = first if first is None or self._extent is None else max(first, self._extent[0])
            return self._begins[target]

    def extent(self, target: str) -> Extent | None:
        """Return how far the recording of a target reaches."""
        begins = self.begins(target)
        if begins is None or self._extent is None:
            return None
        with self._lock:
            last = self._reader.last_poll(target)
        return None if last is None else Extent(begins, *last)

    def series(self, target: str, wanted: Sequence[Sequence[Metric]], over: Between) -> list[list[Stretch]] | None:
        """Return what metrics did between two moments, from the samples at the ends of the stretches."""
        with self._lock:
            if not self._is_known(target) or self._extent is None:
                return [[] for _ in wanted]
            track = self._whole_of(target, over)
            samples = self._sparse(target, over) if track is None else []
        if track is not None:
            with track.lock:
                return series(track.history, wanted, over, track.sample.wrap_bits if track.sample else None)
        if not samples:
            return [[] for _ in wanted]
        history = History(len(samples) + 1)
        for moment, sample in samples:
            if sample is None or sample.values is None:
                history.add_gap(moment, moment)
                continue
            stamp = Stamp(sample.monotonic, sample.wall, sample.data_time)
            history.add(sample.layout, sample.values, RESET if sample.reset else GOOD, stamp)
        wrap_bits = next((one.wrap_bits for _, one in reversed(samples) if one is not None), None)
        return series(history, wanted, over, wrap_bits)

    def events(self, target: str, until: float | None) -> list[Event]:
        """Return what happened to a target, all of it only where there is nothing else; see `Archive.events`."""
        return self.events_by(target, float("inf"), until) if self._alone else []

    def events_by(self, target: str, end: float, until: float | None = None) -> list[Event]:
        """Return what happened to a target up to an end; if that is too much to be listed, up to a moment."""
        with self._lock:
            if self._extent is None:
                return []
            extent = self._extent[0], min(end, self._extent[1])
            return self._listing.of(target, extent[1] if until is None else min(until, extent[1]), extent)

    def event_beside(self, targets: Sequence[str], moment: float, step: int) -> Event | None:
        """Return the event before a moment, or after it; see `Archive.event_beside`."""
        with self._lock:
            known = [name for name in targets if self._is_known(name)]
            found = beside(self._reader, known, moment, step) if known and self._extent is not None else None
        if found is None or self._extent is None:
            return None
        return found if self._extent[0] <= found.monotonic <= self._extent[1] else None

    def poll_beside(self, moment: float, step: int, target: str | None = None) -> float | None:
        """Return when the poll beside a moment was; see `Archive.poll_beside`."""
        with self._lock:
            if self._extent is None or (target is not None and not self._is_known(target)):
                return None
            found = self._reader.poll_beside(moment, step, target)
            return found if found is not None and self._extent[0] <= found <= self._extent[1] else None

    def skew(self, moment: float) -> float | None:
        """Return how far the wall clock was ahead of the recording's, as this one is shown, at a moment."""
        with self._lock:
            return self._reader.skew(moment)

    def unread_about(self, moment: float) -> str:
        """Return what cannot be read of the time in which a moment is, or just before it; "" where all can."""
        with self._lock:
            near = (one for one in self._reader.unread if one.begin <= moment <= one.end + LATELY_SECONDS)
            return next((f"some of this time cannot be read: {one.why}" for one in near), "")

    def read_again(self) -> None:
        """Read anew what is asked for next: a mark was set, from which growth is counted."""
        with self._lock:
            self._near.forget()
            self._far.forget()

    def _whole_of(self, target: str, over: Between) -> Track | None:
        """Return a track that has every poll of a stretch of time, if there are not too many."""
        if self._extent is None:
            return None
        first, last = self._extent
        moment = max(min(over.end, last), first)
        try:
            reaches = over.begin >= moment - self._hour(target, moment)
        except (sqlite3.Error, ValueError):
            return None
        track = self._all_of(target, moment, last) if reaches else None
        if track is None or not len(track.history):
            return None
        whole = len(track.history) < ROWS or track.history.times(track.history.first)[0] <= over.begin
        return track if whole else None

    def _minutes(self, _: str, moment: float) -> float:
        return max(BEHIND_SECONDS, BEHIND_POLLS * self._reader.interval(moment))

    def _hour(self, target: str, moment: float) -> float:
        begins = self._reader.sample_before(target, moment, ROWS - SPARE_POLLS)
        return max(self._minutes(target, moment), EVER_SECONDS if begins is None else moment - begins)

    def _is_wanted(self, target: str, cursor: float, remembered_since: float | None) -> bool:
        """Whether memory does not reach back far enough about a moment, and the recording does."""
        if remembered_since is None:
            return True
        if cursor >= remembered_since + BEHIND_SECONDS or self._extent is None or cursor > self._extent[1]:
            return False
        begins = self.begins(target)
        return begins is not None and begins < remembered_since - 1.0

    def _is_known(self, target: str) -> bool:
        return any(one.name == target for one in self._reader.targets())

    def _sparse(self, target: str, over: Between) -> list[tuple[float, Reading | None]]:
        """Return the samples at the ends of the stretches, at resets and after holes; None where nothing was read."""
        found: list[tuple[float, Reading | None]] = []
        newest, hole = None, False
        for edge in (over.begin, *over.edges()):
            sample = self._reader.newest_sample(target, edge)
            if sample is None:
                continue
            if newest is not None and sample.monotonic == newest.monotonic:
                if edge - newest.monotonic > LATE_POLLS * max(newest.interval_seconds, newest.refresh_seconds):
                    found.append((edge, None))
                    hole = True
                continue
            if newest is not None:
                between = self._turning(target, newest.monotonic, sample.monotonic, hole=hole)
                found += [(one.monotonic, one) for one in between]
            found.append((sample.monotonic, sample))
            newest, hole = sample, False
        return found

    def _turning(self, target: str, after: float, until: float, *, hole: bool) -> list[Reading]:
        """Return the samples between two others that a chart must not miss, the oldest first."""
        first = self._reader.next_sample(target, after) if hole else None
        anew = self._reader.resets(target, after, until)
        before = [self._reader.newest_sample(target, one.monotonic - JUST_BEFORE_SECONDS) for one in anew]
        found = {one.monotonic: one for one in (first, *before, *anew) if one is not None}
        return [found[moment] for moment in sorted(found) if after < moment < until]
