"""What happened, out of memory and out of a recording together: to be listed, and to go from one event to the next."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from mptcp_top.engine.events import in_order, rise_of
from mptcp_top.engine.store import ROUNDED_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.events import Event
    from mptcp_top.engine.store import Store

ALWAYS = (float("-inf"), float("inf"))


def event_beside(store: Store, targets: Sequence[str], moment: float, step: int) -> Event | None:
    """Return the last event of some targets before a moment (-1), or the next after it (1), marks among them."""
    found = [event for name in targets for event in _remembered(store, name)] + store.mark_events()
    if step < 0:
        there = [one for one in found if one.monotonic < moment - ROUNDED_SECONDS]
    else:
        there = [one for one in found if one.monotonic > moment + ROUNDED_SECONDS]
    recorded = None if store.archive is None else store.archive.event_beside(targets, moment, step)
    nearest = max if step < 0 else min
    return nearest([*there, *([recorded] if recorded else [])], key=attrgetter("monotonic"), default=None)


def listed(store: Store, target: str, since: float, until: float | None) -> list[Event]:
    """Return what happened to a target from ``since`` on as it is known now, the oldest first.

    What is in memory is told whole, and what was recorded before it; if that is too much, the newest up to ``until``.
    """
    remembered = _remembered(store, target)
    recorded = [] if store.archive is None else store.archive.events(target, until)
    if not recorded:
        return [event for event in sorted(remembered, key=in_order) if event.monotonic >= since]
    known = {(event.kind, event.subject, round(event.monotonic, 3)) for event in remembered}
    earlier = [one for one in recorded if (one.kind, one.subject, round(one.monotonic, 3)) not in known]
    return sorted((event for event in [*earlier, *remembered] if event.monotonic >= since), key=in_order)


def _remembered(store: Store, target: str) -> list[Event]:
    """Return the events of a target that are in memory."""
    track = store.tracks[target]
    with track.lock:
        rises = [rise_of(target, first, episode) for first, episode in track.episodes.begun(*ALWAYS)]
        return [*track.log.between(*ALWAYS), *rises]
