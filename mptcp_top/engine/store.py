"""The read side of the engine: every screen is a function of this store and a time cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top.engine.episodes import HOLD_SECONDS
from mptcp_top.engine.events import Event, Happening
from mptcp_top.engine.past import episodes_at, observation_at
from mptcp_top.engine.rates import increases
from mptcp_top.engine.ratios import CONCEPTS, Ratios, ratios_of
from mptcp_top.engine.track import Track
from mptcp_top.engine.trend import Break, Cell, Cells, Growth, growth, growth_of_all, window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mptcp_top.model import Episode, Metric, Observation, Target


def _rise(target: str, first: float, episode: Episode) -> Event:
    return Event(Happening.RISE, target, first, episode.started, episode.metric.label, alarming=True, episode=episode)


WINDOW_SECONDS: Final = 300.0
"""What the ratios of a screen look back on."""


class Store:
    """What is known of every target. ``cursor`` is a monotonic time; None is now."""

    def __init__(self, targets: Iterable[Target], hold_seconds: float = HOLD_SECONDS) -> None:
        self.tracks: Mapping[str, Track] = {target.name: Track(target, hold_seconds) for target in targets}

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets in the order they were asked for."""
        return tuple(track.target for track in self.tracks.values())

    def at(self, target: str, cursor: float | None = None) -> Observation | None:
        """Return what was known of a target at the cursor, None where that is nothing."""
        track = self.tracks[target]
        if cursor is None:
            return track.latest
        with track.lock:
            return observation_at(track, cursor)

    def trend(self, target: str, metric: Metric, shape: Cells, cursor: float | None = None) -> list[Cell]:
        """Return the recent past of a metric in cells of so many polls, the newest last."""
        track = self.tracks[target]
        with track.lock:
            last = track.history.last if cursor is None else track.history.row_at(cursor)
            if track.sample is None or last < track.history.first:
                return [Break.NOTHING] * shape.shown
            return track.trends(shape.rows, live=cursor is None).of(metric, shape.shown, last, growing=shape.growing)

    def error_trend(self, target: str, shape: Cells, cursor: float | None = None) -> list[Cell]:
        """Return the recent past of all flagged counters of a target together, the newest last."""
        track = self.tracks[target]
        with track.lock:
            last = track.history.last if cursor is None else track.history.row_at(cursor)
            if track.sample is None or last < track.history.first:
                return [Break.NOTHING] * shape.shown
            layout = track.sample.layout
            metrics = [layout.metrics[column] for column in layout.flagged]
            return track.trends(shape.rows, live=cursor is None).of_all(metrics, shape.shown, last)

    def ratios(self, target: str, cursor: float | None = None, seconds: float = WINDOW_SECONDS) -> tuple[Ratios, float]:
        """Return the derived ratios over about ``seconds`` up to the cursor, and how many seconds that really is.

        It is less after a start or a reset, more where polls are further apart, and 0 where nothing is known.
        """
        track = self.tracks[target]
        with track.lock:
            history = track.history
            last = history.last if cursor is None else history.row_at(cursor)
            over = None if track.sample is None or last < history.first else window(history, last, seconds)
            if track.sample is None or over is None:
                return ratios_of({}), 0.0
            layout = track.sample.layout
            columns = ((concept, layout.concepts.get(concept)) for concept in CONCEPTS)
            names = {concept: layout.metrics[column].name for concept, column in columns if column is not None}
            grown = growth(history, list(names.values()), over, track.sample.wrap_bits)
        return ratios_of({concept: grown[name] for concept, name in names.items() if name in grown}), over.seconds

    def growth(self, target: str, cursor: float | None = None, seconds: float = WINDOW_SECONDS) -> Growth | None:
        """Return how far all counters of a target grew in about ``seconds``, None where there are not two samples.

        It is less after a start or a reset, and more where polls are further apart: the answer says how long.
        """
        track = self.tracks[target]
        with track.lock:
            history, sample = track.history, track.sample
            last = history.last if cursor is None else history.row_at(cursor)
            over = None if sample is None or last < history.first else window(history, last, seconds)
            if sample is None or over is None:
                return None
            return growth_of_all(history, sample.layout, over, sample.wrap_bits)

    def growth_since_start(self, target: str, cursor: float | None = None) -> Growth | None:
        """Return how far all counters grew since the first sample, or since the last reset where there was one."""
        track = self.tracks[target]
        first, sample = track.first, track.sample
        if first is None or sample is None or track.reset_wall is not None:
            return self.growth(target, cursor, float("inf"))
        seen = self.at(target, cursor)
        if seen is None or seen.values_monotonic is None or seen.values_monotonic <= first.monotonic:
            return None
        columns = (first.layout.index.get(metric.name) for metric in seen.layout.metrics)
        before = tuple(None if column is None else first.values[column] for column in columns)
        counts = increases(before, seen.values, seen.layout.gauges, sample.wrap_bits)
        return Growth(seen.layout, tuple(counts), seen.values_monotonic - first.monotonic)

    def events(self, target: str, cursor: float | None = None, since: float = float("-inf")) -> list[Event]:
        """Return what happened to a target from ``since`` to the cursor, the oldest first: episodes among the rest."""
        track, until = self.tracks[target], float("inf") if cursor is None else cursor
        with track.lock:
            rises = [_rise(target, first, episode) for first, episode in track.episodes.begun(since, until)]
            return sorted([*track.log.between(since, until), *rises], key=lambda event: event.monotonic)

    def first(self, target: str) -> Observation | None:
        """Return the first good observation of a target: what was there before we looked."""
        return self.tracks[target].first

    def reset_wall(self, target: str) -> float | None:
        """Return when the counters of a target were last seen to be reset, None if never."""
        return self.tracks[target].reset_wall

    def episodes(self, target: str, cursor: float | None = None) -> tuple[Episode, ...]:
        """Return the episodes of a target that had begun by the cursor, the oldest first."""
        track = self.tracks[target]
        with track.lock:
            return track.episodes.until(float("inf")) if cursor is None else tuple(episodes_at(track, cursor))
