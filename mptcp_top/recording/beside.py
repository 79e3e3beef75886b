"""A recording beside the memory of a live store: what cannot be read of it is as if it were not there."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING, Final, TypeVar

from mptcp_top.errors import SettingsError
from mptcp_top.recording.archive import Recorded
from mptcp_top.recording.place import to_read
from mptcp_top.recording.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mptcp_top.engine.events import Event
    from mptcp_top.engine.series import Between, Extent, Stretch
    from mptcp_top.engine.store import Store
    from mptcp_top.engine.track import Track
    from mptcp_top.model import Metric

Found = TypeVar("Found")
DAMAGE: Final = (sqlite3.Error, ValueError, TypeError, KeyError, ArithmeticError, SettingsError)
"""What reading a damaged recording raises."""

ROUNDED_SECONDS: Final = 1e-6
"""How much earlier a poll is said to be than it is written: at the moment it has in memory it must be there, too."""


class Beside:
    """The recording that is being written, as an archive; another may take its place. For any threads."""

    def __init__(self, store: Store, hold_seconds: float) -> None:
        self._store = store
        self._hold_seconds = hold_seconds
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._recorded: Recorded | None = None
        self._began = float("-inf")

    def open(self, path: Path, ahead_seconds: float) -> None:
        """Read this recording from now on; what is in it already is from before this run. None, if it cannot be."""
        with self._lock:
            self.close()
            with suppress(*DAMAGE):
                self._connection = to_read(path)
                reader = Reader(self._connection, ahead_seconds + ROUNDED_SECONDS)
                self._recorded = Recorded(reader, self._hold_seconds, lambda: self._store.marks, alone=False)
                before = self._recorded.extent_of_all
                self._began = float("-inf") if before is None else before[1]

    def close(self) -> None:
        """Read none from now on."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = self._recorded = None

    def catch_up(self) -> None:
        """Look how much is recorded by now."""
        self._asked(lambda recorded: recorded.catch_up(), None)

    def track(
        self, target: str, cursor: float | None, remembered_since: float | None, *, whole: bool = False
    ) -> Track | None:
        """Return a target's past about a moment; see `Archive.track`."""
        if cursor is None:  # now, which is in memory: nobody waits for a disk
            return None
        return self._asked(lambda recorded: recorded.track(target, cursor, remembered_since, whole=whole), None)

    def begins(self, target: str) -> float | None:
        """Return when the first recorded poll of a target was."""
        return self._asked(lambda recorded: recorded.begins(target), None)

    def series(self, target: str, wanted: Sequence[Sequence[Metric]], over: Between) -> list[list[Stretch]] | None:
        """Return what metrics did between two moments."""
        return self._asked(lambda recorded: recorded.series(target, wanted, over), None)

    def extent(self, target: str) -> Extent | None:
        """Return how far the recording of a target reaches."""
        return self._asked(lambda recorded: recorded.extent(target), None)

    def events(self, target: str, until: float | None) -> Sequence[Event]:
        """Return what happened to a target before this run: the rest is in memory."""
        return self._asked(lambda recorded: recorded.events_by(target, self._began, until), ())

    def event_beside(self, targets: Sequence[str], moment: float, step: int) -> Event | None:
        """Return the event before a moment, or after it; see `Archive.event_beside`."""
        return self._asked(lambda recorded: recorded.event_beside(targets, moment, step), None)

    def poll_beside(self, moment: float, step: int, target: str | None = None) -> float | None:
        """Return when the poll beside a moment was; see `Archive.poll_beside`."""
        return self._asked(lambda recorded: recorded.poll_beside(moment, step, target), None)

    def _asked(self, question: Callable[[Recorded], Found], otherwise: Found) -> Found:
        with self._lock:
            if self._recorded is None:
                return otherwise
            try:
                return question(self._recorded)
            except DAMAGE:
                return otherwise
