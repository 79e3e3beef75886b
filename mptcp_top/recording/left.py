"""How the last run that recorded left its targets: told exactly, however that run ended."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from mptcp_top.engine.left import RESUME_SECONDS, Left
from mptcp_top.engine.recalled import RecalledTrack

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from mptcp_top.engine.episodes import Kept
    from mptcp_top.recording.reader import Reader
    from mptcp_top.recording.seen import Seen


class Unended(RecalledTrack):
    """A target as the last run left it, from the readings since it was last written down how its episodes stood."""

    def goes_on(self, began: float) -> bool:
        """Whether a run that begins at a moment goes on from it, rather than to be another story."""
        return self.before is not None and began - self.before.monotonic <= RESUME_SECONDS


def unended(reader: Reader, targets: Collection[str], began: float) -> dict[str, Unended]:
    """Return the targets with episodes that nobody wrote the end of, and those that a run may go on with.

    ``targets`` are those of that run, none if it is not known which. What cannot be read is left out: another story is
    better than none.
    """
    with suppress(sqlite3.Error, ValueError, TypeError, KeyError, ArithmeticError):
        return _unended(reader, targets, began)
    return {}


def _unended(reader: Reader, targets: Collection[str], began: float) -> dict[str, Unended]:
    extent, sessions = reader.extent(), reader.sessions()
    minute = None if extent is None else reader.minute(extent[1])
    if extent is None or minute is None or not sessions:
        return {}
    known, found = reader.episodes(minute), {}
    wanted = reader.with_open_episodes()
    if began - extent[1] <= RESUME_SECONDS:
        wanted |= set(targets) or {target.name for target in reader.targets()}
    for target in reader.targets():
        if target.name in wanted:
            track = found[target.name] = Unended(target, sessions[-1].hold_seconds)
            before = reader.newest_sample(target.name, minute)
            track.restore(known[target.name], [] if before is None else [before])
            track.recall(reader.read(target.name, minute, extent[1]))
    return found


class Resumed:
    """What rises in a run that goes on from the one before, until the engine that watches it has taken that in."""

    def __init__(self, hold_seconds: float) -> None:
        self._hold_seconds = hold_seconds
        self.tracks: dict[str, Unended] = {}
        self._until: dict[str, float] = {}
        self._rising: dict[tuple[str, float], Mapping[str, Kept]] = {}

    def add(self, name: str, track: Unended) -> None:
        """Go on from how a target was left."""
        track.episodes.hold_seconds = self._hold_seconds
        self.tracks[name] = track

    def tell(self, resume: Callable[[str, Left], float]) -> None:
        """Tell the engine how each target was left; it answers up to when it had seen that target without knowing."""
        for name, track in self.tracks.items():
            if track.before is not None:
                left = Left(track.before, tuple(track.episodes.ongoing().values()))
                self._until[name] = resume(name, left)

    def forget(self) -> None:
        """Take all that is seen as it is."""
        self.tracks.clear()

    def rising(self, seen: Seen) -> Mapping[str, Kept]:
        """Return the open episodes at a reading; asked again for one that could not be written, the same."""
        reading = seen.reading
        track = self.tracks.get(reading.target.name)
        if track is None:
            return seen.rising
        key = reading.target.name, reading.monotonic
        if reading.monotonic > self._until.get(reading.target.name, float("inf")):
            del self.tracks[reading.target.name]
            return seen.rising
        if key not in self._rising:
            track.recall([reading])
            self._rising[key] = track.episodes.ongoing()
        return self._rising[key]

    def written(self) -> None:
        """Forget what is not asked for again."""
        self._rising.clear()
