"""The past out of a recording, for a store: a window of it about the time cursor, and long stretches for a chart.

A window is read at once when the cursor comes to a place that none covers: some minutes before it, for the trends and
ratios of the screens, and a little after it. Forward it is only added to, so that a replay reads every sample once.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final

from mptcp_top.engine.history import GOOD, RESET, History, Stamp
from mptcp_top.engine.series import Extent, series
from mptcp_top.recording.listing import Listing, beside
from mptcp_top.recording.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.engine.events import Event
    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.recalled import Reading
    from mptcp_top.engine.series import Between, Stretch
    from mptcp_top.engine.track import Track
    from mptcp_top.model import Metric
    from mptcp_top.recording.reader import Reader

BEHIND_SECONDS: Final = 600.0
"""How much before the cursor a window holds at least, if there is as much: trends and ratios look back on it."""

AHEAD_SECONDS: Final = 60.0
NEAR_SECONDS: Final = 5.0
"""How much after the cursor a window holds at least, to step on into."""

FAR_SECONDS: Final = 900.0
"""From how far on a window is read anew rather than added to."""

WINDOWS: Final = 2
"""One about the cursor, and one about the end."""


class Recorded:
    """A recording behind a store. With ``alone`` it is all there is; else it answers where memory does not reach.

    ``marks`` are those of the store. Moments are those of the reader. May be asked from any thread.
    """

    def __init__(
        self, reader: Reader, hold_seconds: float, marks: Callable[[], Sequence[Mark]], *, alone: bool
    ) -> None:
        self._reader = reader
        self._hold_seconds = hold_seconds
        self._marks = marks
        self._alone = alone
        self._windows: list[Window] = []
        self._lock = Lock()
        self._begins: dict[str, float | None] = {}
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
                self._windows, self._begins = [], {}  # what was the oldest is forgotten
            return before != self._extent

    def track(self, target: str, cursor: float | None, remembered_since: float | None) -> Track | None:
        """Return a target's past about a moment; see `Archive.track`."""
        if not self._alone and (cursor is None or not self._is_wanted(target, cursor, remembered_since)):
            return None
        with self._lock:
            window = self._window(cursor)
        return None if window is None else window.tracks.get(target)

    def begins(self, target: str) -> float | None:
        """Return when the first recorded poll of a target was."""
        with self._lock:
            if target not in self._begins or self._begins[target] is None:
                known = self._extent is not None and self._is_known(target)
                starts = self._reader.session_starts(target, self._extent[1]) if known and self._extent else []
                first = starts[0].monotonic if starts else None
                self._begins[target] = first if first is None or self._extent is None else max(first, self._extent[0])
            return self._begins[target]

    def extent(self, target: str) -> Extent | None:
        """Return how far the recording of a target reaches."""
        begins = self.begins(target)
        if begins is None or self._extent is None:
            return None
        with self._lock:
            last = self._reader.newest_sample(target, self._extent[1])
        return None if last is None else Extent(begins, last.monotonic, last.wall)

    def series(self, target: str, wanted: Sequence[Sequence[Metric]], over: Between) -> list[list[Stretch]] | None:
        """Return what metrics did between two moments, from the samples at the ends of the stretches."""
        with self._lock:
            samples = self._sparse(target, over) if self._is_known(target) else []
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

    def events(self, target: str, until: float | None) -> list[Event] | None:
        """Return what happened to a target; see `Archive.events`."""
        if not self._alone:
            return None
        with self._lock:
            if self._extent is None:
                return []
            return self._listing.of(target, self._extent[1] if until is None else until, self._extent)

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

    def read_again(self) -> None:
        """Read anew what is asked for next: a mark was set, from which growth is counted."""
        with self._lock:
            self._windows = []

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

    def _window(self, cursor: float | None) -> Window | None:
        if self._extent is None:
            return None
        first, last = self._extent
        moment = last if cursor is None else max(min(cursor, last), first)
        for window in reversed(self._windows):
            behind = window.reaches_back or window.begins <= moment - BEHIND_SECONDS
            if behind and window.begins <= moment <= window.ends + FAR_SECONDS:
                if moment + NEAR_SECONDS > window.ends and window.ends < last:
                    window.extend(last if cursor is None else min(moment + AHEAD_SECONDS, last), self._marks())
                return window
        window = Window(self._reader, self._hold_seconds, moment - BEHIND_SECONDS)
        window.extend(min(moment + AHEAD_SECONDS, last), self._marks())
        self._windows = [*self._windows, window][-WINDOWS:]
        return window

    def _sparse(self, target: str, over: Between) -> list[tuple[float, Reading | None]]:
        """Return the samples at the ends of the stretches and at resets; None where nothing new was read by then."""
        found: list[tuple[float, Reading | None]] = []
        newest = None
        for edge in (over.begin, *over.edges()):
            sample = self._reader.newest_sample(target, edge)
            if sample is None:
                continue
            if newest is not None and sample.monotonic == newest.monotonic:
                found.append((edge, None))
                continue
            if newest is not None:
                anew = self._reader.resets(target, newest.monotonic, sample.monotonic)
                found += [(one.monotonic, one) for one in anew if one.monotonic != sample.monotonic]
            found.append((sample.monotonic, sample))
            newest = sample
        return found
