"""Read what can be read of a recording with a damaged part, and know what cannot: it is as if it was never polled."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from mptcp_top.recording.library import legible
from mptcp_top.recording.place import leave_nothing_beside, to_read
from mptcp_top.recording.reader import Reader, Unread
from mptcp_top.text import count, iso_time, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from mptcp_top.engine.recalled import Reading

DAMAGE: Final = (sqlite3.DatabaseError, ValueError, TypeError, KeyError, OverflowError)
FINEST_SECONDS: Final = 1.0
"""How short a stretch is that is given up as a whole."""

TRIES_AT_MOST: Final = 5000
"""After so many reads that failed it is no part that is damaged: then it is told as of any file."""

BACK_SECONDS: Final = (1.0, 4.0, 15.0, 60.0, 240.0, 900.0, 3600.0)
LISTED: Final = 3
DAY: Final = 86_400.0
_Found = TypeVar("_Found")


class Lenient(Reader):
    """A reader that leaves out what cannot be read of the polls; ``unread`` is what that is so far, in no order."""

    def __init__(self, connection: sqlite3.Connection, ahead_seconds: float = 0.0) -> None:
        super().__init__(connection, ahead_seconds)
        self._unread: dict[tuple[float, float], str] = {}
        self._tries = 0

    @property
    def unread(self) -> list[Unread]:
        """What could not be read so far, in the order of time; stretches that touch are one."""
        return joined([Unread(*between, why) for between, why in sorted(self._unread.items())])

    def extent(self) -> tuple[float, float] | None:
        """Return when the first and the last poll were; where these cannot be read, the first and the last minute."""
        try:
            return super().extent()
        except DAMAGE as error:
            first, last = self._connection.execute("SELECT min(at), max(at) FROM minutes").fetchone()
            if first is None:
                raise
            found = self.seconds(first), self.seconds(last)
            self._failed(found[1], found[1] + FINEST_SECONDS, error)
            return found

    def next_poll(self, after: float) -> float | None:
        """Return when the first poll after a moment was; where that cannot be read, a moment at which to go on."""
        try:
            return super().next_poll(after)
        except DAMAGE as error:
            self._failed(after, after + FINEST_SECONDS, error)
            extent = self.extent()
            return after + FINEST_SECONDS if extent is not None and after < extent[1] else None

    def ahead_of_wall(self) -> tuple[float, float]:
        """Return how far the wall clock was ahead of the recording's, at least and at most, as far as that is known."""
        try:
            return super().ahead_of_wall()
        except DAMAGE as error:
            self._count(error)
            return -DAY, DAY

    def readings(self, after: float, until: float) -> dict[str, list[Reading]]:
        """Return what can be read of each target after a moment and up to another, in the order of time."""
        found: dict[str, list[Reading]] = {target.name: [] for target in self.targets()}
        for some in self._parts(super().readings, after, until):
            for name, readings in some.items():
                found[name] += readings
        return found

    def read(self, target: str, after: float, until: float) -> list[Reading]:
        """Return what can be read of one target after a moment and up to another, in the order of time."""
        read = super().read
        return [one for some in self._parts(lambda *span: read(target, *span), after, until) for one in some]

    def resets(self, target: str, after: float, until: float) -> list[Reading]:
        """Return the samples after which a target's counters began anew, as far as they can be read."""
        resets = super().resets
        return [one for some in self._parts(lambda *span: resets(target, *span), after, until) for one in some]

    def newest_sample(self, target: str, until: float) -> Reading | None:
        """Return the newest sample of a target up to a moment that can be read, None where there is none near."""
        for back in (0.0, *BACK_SECONDS):
            try:
                return super().newest_sample(target, until - back)
            except DAMAGE as error:
                self._count(error)
        return None

    def session_start(self, target: str, until: float) -> Reading | None:
        """Return the first sample of a target in the session of a moment, None where it cannot be read."""
        try:
            return super().session_start(target, until)
        except DAMAGE as error:
            self._count(error)
            return None

    def torn(self) -> list[str]:
        """Return what SQLite itself finds wrong with how the file is built, at most one complaint."""
        try:
            said = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except DAMAGE as error:
            said = error
        return [] if said == "ok" else [printable(str(said), 100)]

    def _parts(self, read: Callable[[float, float], _Found], after: float, until: float) -> Iterator[_Found]:
        """Yield what is read between two moments: at once, or else of as many parts as can be read."""
        try:
            found = read(after, until)
        except DAMAGE as error:
            if until - after <= FINEST_SECONDS:
                self._failed(after, until, error)
                return
            self._count(error)
        else:
            yield found
            return
        half = (after + until) / 2
        yield from self._parts(read, after, half)
        yield from self._parts(read, half, until)

    def _failed(self, begin: float, end: float, error: Exception) -> None:
        self._count(error)
        self._unread[begin, end] = printable(str(error) or type(error).__name__, 100)

    def _count(self, error: Exception) -> None:
        self._tries += 1
        if self._tries > TRIES_AT_MOST:
            raise error


def joined(unread: Sequence[Unread]) -> list[Unread]:
    """Return stretches in the order of time with those that touch, or nearly do, made one.

    Where a table that all samples depend on is damaged, the moments between two of them seem to be fine.

    >>> joined([Unread(1, 2, "x"), Unread(2.7, 3, "x"), Unread(9, 10, "y")])
    [Unread(begin=1, end=3, why='x'), Unread(begin=9, end=10, why='y')]
    """
    found: list[Unread] = []
    for one in unread:
        if found and one.begin - found[-1].end <= FINEST_SECONDS:
            found[-1] = found[-1]._replace(end=max(found[-1].end, one.end))
        else:
            found.append(one)
    return found


def told(unread: Sequence[Unread], ahead_seconds: float = 0.0) -> list[str]:
    """Return what to say of what could not be read: the first stretches, and how many more there are."""
    lines = [
        f"what was recorded about {iso_time(one.begin + ahead_seconds)} to {iso_time(one.end + ahead_seconds)} cannot "
        f"be read ({one.why})"
        for one in unread[:LISTED]
    ]
    more = len(unread) - LISTED
    return [*lines, f"{count(more)} more stretches of time cannot be read"] if more > 0 else lines


@contextmanager
def salvaged(path: Path) -> Iterator[Lenient]:
    """Open a recording to read what can be read of it.

    Raises:
        SettingsError: there is none, it is no recording, or what everything else depends on is damaged.
    """
    connection = to_read(path)
    try:
        with legible(path):
            yield Lenient(connection)
    finally:
        connection.close()
        leave_nothing_beside(path)
