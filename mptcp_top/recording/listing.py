"""What happened, out of the whole of a recording: for a list of it, and to go from one event to the next."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from mptcp_top.engine.events import in_order, rise_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.events import Event
    from mptcp_top.recording.reader import Reader

LISTED: Final = 2000
"""Events that are listed at most, of all targets together."""

LONG_AGO: Final = -1e9
SAME_SECONDS: Final = 0.001
"""Nearer than this to a moment, an event is at that moment: memory and recording round it in other places."""


def happened(reader: Reader, after: float, until: float, step: int, of: Sequence[str] = ()) -> list[Event]:
    """Return what happened after a moment and up to another, rises among it: as many as are listed, newest first (-1).

    With 1 it is the first of them, the oldest first.
    """
    rises = [rise_of(target, kept.first, kept.episode) for target, kept in reader.risen(after, until, LISTED, step, of)]
    found = [*reader.happened(after, until, LISTED, step, of), *rises]
    return sorted(found, key=in_order, reverse=step < 0)[:LISTED]


def beside(reader: Reader, of: Sequence[str], moment: float, step: int) -> Event | None:
    """Return the last event before a moment (-1), or the next after it (1), of some targets."""
    if step < 0:
        after, until = LONG_AGO, moment - SAME_SECONDS
    else:
        after, until = moment + SAME_SECONDS, float(2**40)
    rises = [rise_of(target, kept.first, kept.episode) for target, kept in reader.risen(after, until, 1, step, of)]
    found = [*reader.happened(after, until, 1, step, of), *rises]
    return (max if step < 0 else min)(found, key=attrgetter("monotonic"), default=None)


def by_target(events: Sequence[Event]) -> dict[str, list[Event]]:
    """Return events by their targets, in the order they come in."""
    ordered = sorted(events, key=attrgetter("target"))
    return {target: list(some) for target, some in groupby(ordered, key=attrgetter("target"))}


class Listing:
    """The list of what happened, made anew only where it reads differently.

    Where all there is can be listed, it is, whatever the moment; else the newest up to it.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._made: tuple[object, dict[str, list[Event]]] = (None, {})
        self._counted: tuple[object, bool] = (None, False)

    def of(self, target: str, until: float, extent: tuple[float, float]) -> list[Event]:
        """Return what happened to a target, the oldest first."""
        if self._counted[0] != extent:
            every = happened(self._reader, LONG_AGO, extent[1], -1)
            self._counted = extent, len(every) < LISTED
            self._made = (extent, None), by_target(every[::-1])
        key = (extent, None if self._counted[1] or until >= extent[1] else until)
        if self._made[0] != key:
            self._made = key, by_target(happened(self._reader, LONG_AGO, min(until, extent[1]), -1)[::-1])
        return self._made[1].get(target, [])
