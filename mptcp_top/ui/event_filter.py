"""Which events are asked for: those of a target, those of a severity and worse, and no more than can be read."""

from __future__ import annotations

from functools import lru_cache
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.told import listed
from mptcp_top.model import Group, Severity
from mptcp_top.ui.find import names_of, of_group
from mptcp_top.ui.fuzzy import Candidate, ranked

if TYPE_CHECKING:
    from mptcp_top.engine.events import Event
    from mptcp_top.engine.store import Store
    from mptcp_top.model import Observation

LISTED: Final = 2000
"""Events that are listed at most, of all targets together: the newest."""


class Filter(NamedTuple):
    """Which events are wanted: those of one target, or of all (""); those of a severity, and worse; found by a text."""

    target: str = ""
    least: Severity = Severity.NORMAL
    text: str = ""
    group: Group | None = None

    def lets(self, event: Event) -> bool:
        """Whether an event is wanted."""
        if severity_of(event).rank < self.least.rank or (self.target and event.target not in {"", self.target}):
            return False
        if self.group is not None and not (event.episode and of_group(event.episode.metric, self.group)):
            return False
        return not self.text or _means(self.text, names_of_event(event))


ALL: Final = Filter()


def severity_of(event: Event) -> Severity:
    """Return how bad an event is: a rise as its counter says; what else is told on every screen is like an error."""
    if event.episode is not None:
        return event.episode.metric.severity
    if event.severity is not None:
        return event.severity
    return Severity.ERROR if event.alarming else Severity.NORMAL


def names_of_event(event: Event) -> tuple[str, ...]:
    """Return what an event can be found by: its target, what kind it is, what it says, its counter."""
    names = names_of(event.episode.metric) if event.episode is not None else ()
    return (event.target, event.kind.value, event.says, *names)


@lru_cache(maxsize=4096)
def _means(text: str, names: tuple[str, ...]) -> bool:
    return bool(ranked(text, [Candidate("", names)]))


def newest_events(
    store: Store, wanted: Filter = ALL, since: float = float("-inf"), cursor: float | None = None
) -> list[Event]:
    """Return the newest events that are wanted, the newest first: those of ``since`` on, and `LISTED` at most.

    Of a recording with more than can be listed they are those up to the cursor.
    """
    names = [wanted.target] if wanted.target else [target.name for target in store.targets]
    told = [filter(wanted.lets, reversed(listed(store, name, since, cursor))) for name in names]
    told.append(filter(wanted.lets, reversed(store.mark_events(since=since))))
    return list(islice(merge(*told, key=lambda event: event.monotonic, reverse=True), LISTED))


def watched_since(store: Store, cursor: float | None = None) -> float | None:
    """Return since when targets are watched or recorded, by the wall clock; None before the first of them was read."""
    firsts = [(target.name, store.first(target.name, cursor)) for target in store.targets]
    return min((_begun(store, name, first) for name, first in firsts if first is not None), default=None)


def counted_from_start(store: Store, cursor: float | None = None) -> float | None:
    """Return since when growth since the start is counted, by the wall clock; None before the first target was read.

    That is since this run began, however far back goes what is recorded.
    """
    firsts = (store.first(target.name, cursor) for target in store.targets)
    return min((first.wall for first in firsts if first is not None), default=None)


def _begun(store: Store, target: str, first: Observation) -> float:
    """Return when what is known of a target begins, by the wall clock of its first reading in this run."""
    extent = None if store.archive is None else store.extent(target)
    return first.wall if extent is None else first.wall - max(0.0, first.monotonic - extent.first)
