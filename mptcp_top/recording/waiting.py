"""What waits to be recorded: not too much of it, and nothing that happened is lost even of what is dropped."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.events import Event
    from mptcp_top.recording.seen import Seen

EVENTS_AT_MOST: Final = 500
"""Events of one target that are kept of readings that were dropped."""


class Batch(NamedTuple):
    """Readings in the order they were taken; ``lost`` ones before them were dropped, the first of these then."""

    seen: Sequence[Seen] = ()
    lost: int = 0
    lost_since: float | None = None


class Waiting:
    """A queue that never makes anybody wait: when it is full, the oldest readings are dropped, and counted.

    What happened by then is told with the next reading of the same target. For any threads.
    """

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._lock = Lock()
        self._seen: deque[Seen] = deque()
        self._events: dict[str, list[Event]] = {}
        self._lost = 0
        self._lost_since: float | None = None

    def put(self, seen: Seen) -> None:
        """Add a reading."""
        with self._lock:
            self._seen.append(seen)
            self._drop()

    def take(self) -> Batch:
        """Take all that waits."""
        with self._lock:
            batch = Batch([self._with_events(seen) for seen in self._seen], self._lost, self._lost_since)
            self._seen.clear()
            self._lost, self._lost_since = 0, None
            return batch

    def put_back(self, batch: Batch) -> None:
        """Let a batch wait again, before all that came meanwhile."""
        with self._lock:
            self._seen.extendleft(reversed(batch.seen))
            self._lost += batch.lost
            self._lost_since = self._lost_since if batch.lost_since is None else batch.lost_since
            self._drop()

    def _drop(self) -> None:
        while len(self._seen) > self._at_most:
            dropped = self._seen.popleft()
            self._lost += 1
            if self._lost_since is None:
                self._lost_since = dropped.reading.monotonic
            if dropped.events:
                known = self._events.setdefault(dropped.reading.target.name, [])
                self._events[dropped.reading.target.name] = [*known, *dropped.events][-EVENTS_AT_MOST:]

    def _with_events(self, seen: Seen) -> Seen:
        earlier = self._events.pop(seen.reading.target.name, None) if self._events else None
        return seen if earlier is None else seen._replace(events=[*earlier, *seen.events])
