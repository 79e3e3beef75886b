"""The write side of the engine: readings in, observations out, everything remembered in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.engine.marks import KEPT, USUAL_SECONDS, Mark
from mptcp_top.model import Failure, Observation, Sample

if TYPE_CHECKING:
    from mptcp_top.engine.alerts import Alerts
    from mptcp_top.engine.silences import Silence
    from mptcp_top.engine.store import Store
    from mptcp_top.engine.track import Track


class Engine:
    """What turns readings into meaning. It has no clock: time comes in with the reading."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tracks = store.tracks

    def observe(self, reading: Sample | Failure, interval_seconds: float) -> Observation:
        """Take one reading in and return what it means.

        ``interval_seconds`` is the pace the target is polled at, by which missed polls are noticed.
        """
        track = self._tracks[reading.target.name]
        if isinstance(reading, Failure):
            seen = track.miss(reading, interval_seconds)
        else:
            seen = track.take(reading, interval_seconds)
        if track.alerts is not None and seen.monotonic == reading.monotonic:  # else it was older than the last one
            _look_for_alerts(track, track.alerts, seen, interval_seconds)
        return seen

    def mark(self, name: str, monotonic: float, wall: float) -> Mark:
        """Set a mark on all targets at one moment. May be called from any thread."""
        mark = Mark(name, monotonic, wall)
        for target, track in self._tracks.items():
            before = self._store.growth(target, monotonic, USUAL_SECONDS)
            with track.lock:
                track.bases.mark(monotonic, track.good(), track.interval_seconds, before)
        self._store.marks = (*self._store.marks, mark)[-KEPT:]
        return mark

    def rename(self, mark: Mark, name: str) -> Mark:
        """Give a mark another name."""
        named = mark._replace(name=name)
        self._store.marks = tuple(named if one == mark else one for one in self._store.marks)
        return named

    def silence(self, silence: Silence) -> str:
        """Let a counter or an alert of a target not alarm for a while; return what to tell of it, mostly nothing."""
        return self._store.silences.set(silence)


def _look_for_alerts(track: Track, alerts: Alerts, seen: Observation, interval_seconds: float) -> None:
    with track.lock:
        if seen.failure is not None or track.sample is None:
            alerts.miss()
            return
        for told in alerts.look(track.history, track.sample, seen, 2 * interval_seconds + seen.refresh_seconds):
            track.log.note(told, seen.monotonic, seen.wall)
