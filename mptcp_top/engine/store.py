"""The read side of the engine: every screen is a function of this store and a time cursor."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mptcp_top.engine.basis import Basis
from mptcp_top.engine.episodes import HOLD_SECONDS
from mptcp_top.engine.events import Event, Happening, in_order, rise_of
from mptcp_top.engine.history import ROWS
from mptcp_top.engine.marks import Mark, growth_since
from mptcp_top.engine.past import episodes_at, good_row
from mptcp_top.engine.ratios import CONCEPTS, Ratios, ratios_of
from mptcp_top.engine.series import Between, Extent, Stretch, extent, freshness, series
from mptcp_top.engine.silences import Silences
from mptcp_top.engine.track import Track
from mptcp_top.engine.trend import Break, Cell, Cells, Growth, began, growth, growth_of_all, last_interval, window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mptcp_top.engine.alerts import Alert, Watched
    from mptcp_top.engine.archive import Archive
    from mptcp_top.engine.events import Remark
    from mptcp_top.engine.left import Left
    from mptcp_top.engine.marks import Base
    from mptcp_top.model import Episode, Metric, Observation, Target


NO_OTHERS: Final[Mapping[str, int]] = MappingProxyType({})
WINDOW_SECONDS: Final = 300.0
"""What the ratios of a screen look back on."""

NEAR_SECONDS: Final = 600.0
"""How long a stretch of the past may be to be looked at poll by poll, as what is in memory is."""

ROUNDED_SECONDS: Final = 2e-6
"""How far the moment of an event may be off where a recording has it."""

LATELY_SECONDS: Final = 60.0
"""What "now" looks back on where a single interval would say too little."""


class Store:
    """What is known of every target. ``cursor`` is a monotonic time; None is now."""

    def __init__(
        self, targets: Iterable[Target], hold_seconds: float = HOLD_SECONDS, rows: Mapping[str, int] = NO_OTHERS
    ) -> None:
        """Remember nothing yet, and of each target as many polls as ``rows`` says, or as usual."""
        self._hold_seconds = hold_seconds
        self.tracks: Mapping[str, Track] = {
            target.name: Track(target, hold_seconds, rows.get(target.name, ROWS)) for target in targets
        }
        self.marks: tuple[Mark, ...] = ()
        self.silences = Silences()
        self.archive: Archive | None = None
        """The recording that goes back further than memory, or is all there is."""

    def add(self, target: Target) -> None:
        """Take in a target that was not asked for at first, after the others."""
        self.tracks = {**self.tracks, target.name: Track(target, self._hold_seconds)}

    def track(self, target: str, cursor: float | None = None, *, whole: bool = False) -> Track:
        """Return what is known of a target about the cursor: what is in memory, or further back what was recorded.

        Out of a recording that is some minutes, and the ``whole`` as much as memory holds.
        """
        live = self.tracks[target]
        if self.archive is None:
            return live
        since = None if not len(live.history) else live.history.times(live.history.first)[0]
        return self.archive.track(target, cursor, since, whole=whole) or live

    def _track_of(self, target: str, shape: Cells, cursor: float | None) -> Track:
        """Return a track that has all the polls which so many cells show, if any has."""
        track = self.track(target, cursor)
        if self.archive is None or track is self.tracks[target]:
            return track
        last = track.history.last if cursor is None else track.history.row_at(cursor)
        enough = last - track.history.first >= (shape.shown + 1) * shape.rows
        return track if enough else self.track(target, cursor, whole=True)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets in the order they were asked for."""
        return tuple(track.target for track in self.tracks.values())

    def at(self, target: str, cursor: float | None = None) -> Observation | None:
        """Return what was known of a target at the cursor, None where that is nothing."""
        track = self.track(target, cursor)
        if cursor is None:
            return track.latest
        with track.lock:
            return track.past(cursor)

    def trend(self, target: str, metric: Metric, shape: Cells, cursor: float | None = None) -> list[Cell]:
        """Return the recent past of a metric in cells of so many polls, the newest last."""
        track = self._track_of(target, shape, cursor)
        with track.lock:
            last = track.history.last if cursor is None else track.history.row_at(cursor)
            if track.sample is None or last < track.history.first:
                return [Break.NOTHING] * shape.shown
            return track.trends(shape.rows, live=cursor is None).of(metric, shape.shown, last, growing=shape.growing)

    def cell_times(self, target: str, shape: Cells, cursor: float | None = None) -> list[float | None]:
        """Return when each cell of a trend of that shape began, by the wall clock; None where there is nothing yet."""
        track = self._track_of(target, shape, cursor)
        with track.lock:
            last = track.history.last if cursor is None else track.history.row_at(cursor)
            return [None] * shape.shown if last < track.history.first else began(track.history, shape, last)

    def error_trend(self, target: str, shape: Cells, cursor: float | None = None) -> list[Cell]:
        """Return the recent past of all flagged counters of a target together, the newest last."""
        track = self._track_of(target, shape, cursor)
        with track.lock:
            last = track.history.last if cursor is None else track.history.row_at(cursor)
            sample = track.sample_at(cursor)
            if sample is None or last < track.history.first:
                return [Break.NOTHING] * shape.shown
            layout = sample.layout
            metrics = [layout.metrics[column] for column in layout.flagged]
            return track.trends(shape.rows, live=cursor is None).of_all(metrics, shape.shown, last)

    def series(self, target: str, wanted: Sequence[Sequence[Metric]], over: Between) -> list[list[Stretch]]:
        """Return what metrics of a target, each alone or several together, did between two moments."""
        near = over.end - over.begin <= NEAR_SECONDS
        track = self.track(target, over.end) if near else self.tracks[target]  # about far ends nothing else is asked
        with track.lock:
            remembered = len(track.history) and self._reaches(target, track.history.times(track.history.first)[0], over)
            wrap_bits = track.sample.wrap_bits if track.sample else None
            if remembered or self.archive is None:
                return series(track.history, wanted, over, wrap_bits)
        recorded = self.archive.series(target, wanted, over)
        with track.lock:
            return recorded or series(track.history, wanted, over, wrap_bits)

    def extent(self, target: str) -> Extent | None:
        """Return how far the history of a target reaches, None if nothing was collected yet."""
        track = self.tracks[target]
        with track.lock:
            remembered = extent(track.history)
        recorded = None if self.archive is None else self.archive.extent(target)
        if remembered is None or recorded is None:
            return remembered or recorded
        return remembered._replace(first=min(remembered.first, recorded.first))

    def freshness(self, target: str, until: float) -> tuple[float, float]:
        """Return what changes whenever `series` has more to say of a target up to a moment."""
        track = self.tracks[target]
        with track.lock:
            if self.archive is None or len(track.history):
                return freshness(track.history, until)
        recorded = self.archive.extent(target)
        return (0.0, 0.0) if recorded is None else (min(recorded.last, until), 0.0)

    def ratios(self, target: str, cursor: float | None = None, seconds: float = WINDOW_SECONDS) -> tuple[Ratios, float]:
        """Return the derived ratios over about ``seconds`` up to the cursor, and how many seconds that really is.

        It is less after a start or a reset, more where polls are further apart, and 0 where nothing is known.
        """
        track = self.track(target, cursor)
        with track.lock:
            history = track.history
            last = history.last if cursor is None else history.row_at(cursor)
            sample = track.sample_at(cursor)
            over = None if sample is None or last < history.first else window(history, last, seconds)
            if sample is None or over is None:
                return ratios_of({}), 0.0
            layout = sample.layout
            columns = ((concept, layout.concepts.get(concept)) for concept in CONCEPTS)
            names = {concept: layout.metrics[column].name for concept, column in columns if column is not None}
            grown = growth(history, list(names.values()), over, sample.wrap_bits)
        return ratios_of({concept: grown[name] for concept, name in names.items() if name in grown}), over.seconds

    def growth(self, target: str, cursor: float | None = None, seconds: float = WINDOW_SECONDS) -> Growth | None:
        """Return how far all counters of a target grew in about ``seconds``, None where there are not two samples.

        It is less after a start or a reset, and more where polls are further apart: the answer says how long.
        """
        track = self.track(target, cursor)
        with track.lock:
            history, sample = track.history, track.sample_at(cursor)
            last = history.last if cursor is None else history.row_at(cursor)
            over = None if sample is None or last < history.first else window(history, last, seconds)
            if sample is None or over is None:
                return None
            return growth_of_all(history, sample.layout, over, sample.wrap_bits)

    def grown(self, target: str, basis: Basis, cursor: float | None = None) -> Growth | None:
        """Return how far all counters of a target grew over what a basis says, None where that is not known.

        Since the mark is since the newest one at the cursor; where there is none, since the start. Counting begins
        anew at a reset, and before a mark that was set while nothing was read: ``Growth.since`` and ``astray`` say so.
        """
        if basis is Basis.RATE:
            return self.growth(target, cursor, LATELY_SECONDS)
        if basis is Basis.INTERVAL:
            return self._last_interval(target, cursor)
        found = self.counted_since(target, basis, cursor)
        return None if found is None else found[1]

    def mark_at(self, cursor: float | None = None) -> Mark | None:
        """Return the newest mark that was set by then, None if there is none."""
        return next((mark for mark in reversed(self.marks) if cursor is None or mark.monotonic <= cursor), None)

    def counted_since(self, target: str, basis: Basis, cursor: float | None = None) -> tuple[Base, Growth] | None:
        """Return from where growth since the mark, or the start, is counted, and how far that is; None if not known."""
        seen, track = self.at(target, cursor), self.track(target, cursor)
        mark = self.mark_at(cursor) if basis is Basis.MARK else None
        if seen is None or track.sample is None or seen.values_monotonic is None:
            return None
        with track.lock:
            base = track.bases.since(mark.monotonic if mark else None, seen.monotonic)
        if base is None or base.monotonic > seen.values_monotonic:
            return None
        return base, growth_since(base, seen, track.sample.wrap_bits)._replace(astray=base.astray(mark))

    def _reaches(self, target: str, oldest: float, over: Between) -> bool:
        """Whether a history from its oldest row on has all that is known of a stretch of time."""
        if oldest <= over.begin or self.archive is None:
            return True
        begins = self.archive.begins(target)
        return begins is None or begins >= oldest - ROUNDED_SECONDS

    def _last_interval(self, target: str, cursor: float | None) -> Growth | None:
        track = self.track(target, cursor)
        with track.lock:
            history, sample = track.history, track.sample_at(cursor)
            last = history.last if cursor is None else history.row_at(cursor)
            over = None if sample is None else last_interval(history, last)
            if sample is None or over is None or good_row(history, last) != last:
                return None
            return growth_of_all(history, sample.layout, over, sample.wrap_bits)

    def events(self, target: str, cursor: float | None = None, since: float = float("-inf")) -> list[Event]:
        """Return what happened to a target from ``since`` to the cursor, the oldest first: episodes among the rest."""
        track, until = self.track(target, cursor), float("inf") if cursor is None else cursor
        with track.lock:
            rises = [rise_of(target, first, episode) for first, episode in track.episodes.begun(since, until)]
            return sorted([*track.log.between(since, until), *rises], key=in_order)

    def mark_events(self, cursor: float | None = None, since: float = float("-inf")) -> list[Event]:
        """Return the marks that were set from ``since`` to the cursor as events of no target, the oldest first."""
        until = float("inf") if cursor is None else cursor
        return [
            Event(Happening.MARK, "", mark.monotonic, mark.wall, mark.name)
            for mark in self.marks
            if since <= mark.monotonic <= until
        ]

    def newest(self, targets: Iterable[str]) -> float | None:
        """Return when the newest poll of some targets ended, well or not; None before the first."""
        latest = (self.track(target).latest for target in targets)
        return max((seen.monotonic for seen in latest if seen is not None), default=None)

    def wall_at(self, cursor: float) -> float | None:
        """Return the wall clock of the newest poll at the cursor, None where none is remembered."""
        newest = self.poll_at(cursor)
        return None if newest is None else newest[1]

    def poll_at(self, cursor: float) -> tuple[float, float] | None:
        """Return when the newest poll at the cursor was, by both clocks, None where none is remembered."""
        found = []
        for track in (self.track(target, cursor) for target in self.tracks):
            with track.lock:
                row = track.history.row_at(cursor)
                found += [track.history.times(row)] if row >= track.history.first and len(track.history) else []
        return max(found, default=None)

    def step(self, target: str, cursor: float, rows: int) -> float | None:
        """Return the moment of the poll so many polls after a moment (or before it), None where none is remembered."""
        track = self.track(target, cursor)
        with track.lock:
            history = track.history
            row = history.row_at(cursor) + rows
            if history.first <= row <= history.last:
                return history.times(row)[0]
        return None if self.archive is None else self.archive.poll_beside(cursor, rows, target)

    def watch(self, watched: Watched) -> None:
        """Watch all targets for what is to alarm, from their next samples on."""
        from mptcp_top.engine.alerts import Alerts  # noqa: PLC0415  # nothing alarms before the first paint

        for track in self.tracks.values():
            track.alerts = Alerts(watched, track.target.name)

    def alerts(self, target: str, cursor: float | None = None) -> tuple[Alert, ...]:
        """Return the alerts that hold on a target, or held at the cursor with their figures of then, in order."""
        track = self.track(target, cursor)
        if track.alerts is None:
            return ()
        with track.lock:
            if cursor is None and track is self.tracks[target]:
                return track.alerts.now()
            held = track.alerts.at(float("inf") if cursor is None else cursor)
        return self._as_of(held, target, cursor) if held else ()

    def _as_of(self, held: Sequence[Alert], target: str, cursor: float | None) -> tuple[Alert, ...]:
        """Return alerts with the figures they had at the cursor."""
        from mptcp_top.engine.stood import as_of, look_back_far  # noqa: PLC0415  # nothing alarms before the first paint

        track = self.track(target, cursor, whole=look_back_far(held))
        with track.lock:
            return as_of(track, held, float("inf") if cursor is None else cursor)

    def note(self, target: str, told: Remark, monotonic: float, wall: float) -> None:
        """Add to what happened to a target something that was not read from it."""
        track = self.tracks[target]
        with track.lock:
            track.log.note(told, monotonic, wall)

    def resume(self, target: str, left: Left) -> float:
        """Go on from how an earlier run left a target; return when the newest poll was that did not know of it."""
        return self.tracks[target].resume(left)

    def first(self, target: str, cursor: float | None = None) -> Observation | None:
        """Return the first good observation of a target in the run at the cursor: what was there before we looked."""
        return self.track(target, cursor).first_by(cursor)

    def reset_wall(self, target: str, cursor: float | None = None) -> float | None:
        """Return when the counters of a target were last seen to be reset up to the cursor, None if never."""
        track = self.track(target, cursor)
        with track.lock:
            return track.bases.reset_wall(float("inf") if cursor is None else cursor)

    def episodes(self, target: str, cursor: float | None = None) -> tuple[Episode, ...]:
        """Return the episodes of a target that had begun by the cursor, the oldest first."""
        track = self.track(target, cursor)
        with track.lock:
            return track.episodes.until(float("inf")) if cursor is None else tuple(episodes_at(track, cursor))
