"""The verdict on a target at a moment: what is remembered of it, put before `verdict_of`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.chance import is_low
from mptcp_top.engine.events import Happening
from mptcp_top.engine.evidence import Evidence, Last, Where
from mptcp_top.engine.findings import JOINS_FINE
from mptcp_top.engine.ratios import FUNNELS, JOINS_IN, JOINS_OUT
from mptcp_top.engine.slumps import A_WHILE_SECONDS, ENOUGH, passed_in
from mptcp_top.engine.slumps import LATELY_SECONDS as SLUMP_SECONDS
from mptcp_top.engine.store import LATELY_SECONDS
from mptcp_top.engine.verdict import NOT_REMEMBERED, Verdict, verdict_of

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from mptcp_top.engine.events import Event
    from mptcp_top.engine.ratios import Passed
    from mptcp_top.engine.slumps import Slump
    from mptcp_top.engine.store import Store
    from mptcp_top.engine.track import Track
    from mptcp_top.model import Observation

CHANGED_SECONDS: Final = 120.0
"""How long a reboot, cleared counters or another role stands in the verdict."""

_CHANGES: Final = frozenset({Happening.RESET, Happening.ROLE})


class Look(NamedTuple):
    """Which target, and when: ``cursor`` is a monotonic time, None is now. Numbers are overdue, or not.

    What is ``silenced`` there is a matter of the wall clock, so it is given. Who looks ``closely`` is told at which
    step handshakes die; that looks at the whole history of the target.
    """

    target: str
    cursor: float | None = None
    overdue_seconds: float | None = None
    silenced: Container[str] = frozenset()
    closely: bool = False


def verdict_at(store: Store, look: Look, lately: Mapping[str, Passed] | None = None) -> Verdict:
    """Return the verdict on a target; ``lately`` is what went through its funnels in the last minute, if known."""
    seen = store.at(look.target, look.cursor)
    if seen is None and look.cursor is not None:
        return NOT_REMEMBERED
    if seen is None or seen.failure is not None:
        return verdict_of(Evidence(seen))
    if lately is None:
        lately = store.ratios(look.target, look.cursor, LATELY_SECONDS)[0].funnels
    track, until = store.track(look.target, look.cursor), seen.monotonic
    with track.lock:
        healed = track.slumps.ended(until - LATELY_SECONDS, until)
        slumps = track.slumps.ongoing if look.cursor is None else track.slumps.ongoing_at(look.cursor)
        changes = [one for one in track.log.between(until - CHANGED_SECONDS, until) if one.kind in _CHANGES]
        last = None if seen.rising or slumps or changes else _last(track, until)
    judged = healed.union(slump.funnel for slump in slumps)
    lately = {name: passed for name, passed in lately.items() if name not in judged}
    slumping = [(slump, *_now(store, look, slump, seen)) for slump in slumps]
    slumping = [one for one in slumping if is_low(one[0].was, one[1])]
    joins = [lately[name].share for name in (JOINS_IN, JOINS_OUT) if name in lately]
    low = any(share is not None and share < JOINS_FINE for share in joins)
    where = _where(store, look, seen) if look.closely and (slumps or low) else {}
    known = _known(track, seen)
    verdict = verdict_of(
        Evidence(
            seen,
            known,
            lately,
            slumping,
            where,
            store.alerts(look.target, look.cursor),
            look.silenced,
            changes,
            look.overdue_seconds,
            last,
        )
    )
    return verdict._replace(known=known)


def has_turned(store: Store, target: str, cursor: float | None = None) -> bool:
    """Whether handshakes of a target come through less often, or it began anew of late: quicker than the verdict."""
    seen, track = store.at(target, cursor), store.track(target, cursor)
    if seen is None:
        return False
    with track.lock:
        slumps = track.slumps.ongoing if cursor is None else track.slumps.ongoing_at(cursor)
        since = seen.monotonic - CHANGED_SECONDS
        return bool(slumps) or any(one.kind in _CHANGES for one in track.log.between(since, seen.monotonic))


def _where(store: Store, look: Look, seen: Observation) -> dict[str, Where]:
    """Return for each handshake that got worse at which step it dies, and of what."""
    from mptcp_top.engine.funnels import worse_steps  # noqa: PLC0415  # only for trouble, and the first paint waits for it

    worse = sorted(worse_steps(store, look.target, look.cursor), key=lambda one: one.by)
    begins = {funnel.name: seen.layout.concepts.get(funnel.began) for funnel in FUNNELS}
    firsts = {name: None if column is None else seen.layout.metrics[column] for name, column in begins.items()}
    return {
        one.handshake: Where(f"lost before {one.step}: {one.cause}", one.metric or firsts[one.handshake])
        for one in worse
    }


def _now(store: Store, look: Look, slump: Slump, seen: Observation) -> tuple[Passed, float]:
    """Return what goes through a funnel now, and in how many seconds: the shortest time that tells."""
    lately = max(SLUMP_SECONDS, 2 * seen.refresh_seconds)
    for seconds in (min(lately, seen.monotonic - slump.began), lately, A_WHILE_SECONDS):
        growth = store.growth(look.target, look.cursor, seconds)
        passed = None if growth is None else passed_in(slump.funnel, growth)
        if growth is not None and passed is not None and passed.began >= ENOUGH:
            return passed, growth.seconds
    return slump.shows, slump.first - slump.began


def _known(track: Track, seen: Observation) -> bool:
    """Whether the counters were seen to move or to stand still: an appliance's only after its first refresh."""
    first = track.first
    return not seen.refresh_seconds or first is None or seen.data_time > first.data_time


def _last(track: Track, until: float) -> Last | None:
    """Return the newest trouble that is over."""
    event = track.log.newest_alarming(until)
    kept = track.episodes.newest_ended(until)
    if kept is not None and (event is None or kept.last >= event.monotonic):
        return Last(kept.episode.last_rise, kept.episode.metric.label, rise=True)
    return None if event is None else Last(event.wall, _words(event))


def _words(event: Event) -> str:
    return f"lost: {event.says}" if event.kind is Happening.LOST else event.says
