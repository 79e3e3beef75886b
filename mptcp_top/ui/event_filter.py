"""Which events are asked for: those of a target, those of a severity and worse, and no more than can be read."""

from __future__ import annotations

from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.model import Severity

if TYPE_CHECKING:
    from mptcp_top.engine.events import Event
    from mptcp_top.engine.store import Store

LISTED: Final = 2000
"""Events that are listed at most, of all targets together: the newest."""

LEVELS: Final = (
    (Severity.NORMAL, ""),
    (Severity.WARNING, "warnings and worse"),
    (Severity.ERROR, "errors and worse"),
    (Severity.SECURITY, "security"),
)
"""What can be left out, and what is then said to be shown."""


class Filter(NamedTuple):
    """Which events are wanted: those of one target, or of all (""); those of a severity, and worse."""

    target: str = ""
    least: Severity = Severity.NORMAL

    def lets(self, event: Event) -> bool:
        """Whether an event is wanted."""
        return (self.target in {"", event.target} or not event.target) and severity_of(event).rank >= self.least.rank


ALL: Final = Filter()


def severity_of(event: Event) -> Severity:
    """Return how bad an event is: a rise as its counter says; what else is told on every screen is like an error."""
    if event.episode is not None:
        return event.episode.metric.severity
    return Severity.ERROR if event.alarming else Severity.NORMAL


def newest_events(store: Store, wanted: Filter = ALL, since: float = float("-inf")) -> list[Event]:
    """Return the newest events that are wanted, the newest first: those of ``since`` on, and `LISTED` at most."""
    names = [wanted.target] if wanted.target else [target.name for target in store.targets]
    told = [filter(wanted.lets, reversed(store.events(name, since=since))) for name in names]
    told.append(filter(wanted.lets, reversed(store.mark_events(since=since))))
    return list(islice(merge(*told, key=lambda event: event.monotonic, reverse=True), LISTED))


def watched_since(store: Store) -> float | None:
    """Return since when targets are watched, by the wall clock; None before the first of them was read."""
    firsts = (store.first(target.name) for target in store.targets)
    return min((first.wall for first in firsts if first is not None), default=None)
