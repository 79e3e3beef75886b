"""What of each observation is to be recorded: asked in the thread that made it, so that both agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.engine.reading import Reading
from mptcp_top.recording.seen import Seen

if TYPE_CHECKING:
    from mptcp_top.engine.store import Store
    from mptcp_top.engine.track import Track
    from mptcp_top.model import Observation


class Tap:
    """Turns observations into what is recorded of them. Ask it in the thread that collects."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told: dict[str, int] = {}
        self._newest: dict[str, float] = {}

    def seen(self, observation: Observation) -> Seen | None:
        """Return what is to be recorded, None where it is not newer than the last."""
        name = observation.target.name
        if observation.monotonic <= self._newest.get(name, float("-inf")):
            return None
        self._newest[name] = observation.monotonic
        track = self._store.tracks[name]
        with track.lock:
            fresh = track.log.told - self._told.get(name, 0)
            self._told[name] = track.log.told
            return Seen(
                _reading_of(track, observation),
                track.episodes.ongoing(),
                track.log.latest(fresh),
                track.slumps.ongoing,
                (*track.alerts.now(), *track.alerts.ended_at(observation.monotonic)) if track.alerts else (),
            )


def _reading_of(track: Track, seen: Observation) -> Reading:
    return Reading(
        seen.target,
        seen.monotonic,
        seen.wall,
        seen.data_time,
        seen.layout,
        None if seen.failure is not None else seen.values,
        track.interval_seconds,
        seen.reset,
        seen.identity,
        seen.refresh_seconds,
        track.sample.wrap_bits if track.sample is not None else None,
        seen.latency_seconds,
        seen.failure,
        row=track.history.last,
        anew=seen.reset and not any(grown is not None for grown in seen.increases),
    )
