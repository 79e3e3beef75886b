"""One target in one row: what the fleet shows of it, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from mptcp_top.engine.basis import Basis
from mptcp_top.engine.causes import causes_first
from mptcp_top.engine.findings import JOINS_ENOUGH
from mptcp_top.engine.judge import Look, verdict_at
from mptcp_top.engine.ratios import ACCEPTED, CONNECTED, JOINS_IN, JOINS_OUT, Passed, Ratios, ratios_in, together
from mptcp_top.engine.silences import NOBODY
from mptcp_top.engine.standing import Standing, error_rate
from mptcp_top.engine.store import LATELY_SECONDS
from mptcp_top.engine.trend import Cell, Cells
from mptcp_top.engine.verdict import Verdict
from mptcp_top.ui.frame import age_seconds, overdue_seconds, rows_a_cell
from mptcp_top.ui.fuzzy import Candidate, ranked
from mptcp_top.ui.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.store import Store
    from mptcp_top.engine.trend import Growth
    from mptcp_top.model import Episode, Observation, Target
    from mptcp_top.ui.deck import Controls
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.fuzzy import Found

NEW: Final = ("capable_ack_rx", "capable_synack_rx")
"""Sessions that came about: accepted, and opened from here."""


class Glance(NamedTuple):
    """What is known of a target at a glance. None is not known."""

    target: Target
    interval_seconds: float
    observation: Observation | None = None
    verdict: Verdict = Verdict()
    standing: Standing = Standing()
    age_seconds: float | None = None
    sessions: int | None = None
    new_rate: float | None = None
    accepted: float | None = None
    joins: float | None = None
    fallback: float | None = None
    error_rate: float | None = None
    numbers: Numbers = Numbers()
    new_count: int | None = None
    error_count: int | None = None
    silenced: Mapping[str, float] = NOBODY
    grown: Growth | None = None

    @property
    def loud(self) -> list[Episode]:
        """The errors that rise and are not silenced, what is behind others first."""
        rising = self.observation.rising.items() if self.observation else ()
        return causes_first(episode for name, episode in rising if name not in self.silenced)

    @property
    def stale(self) -> bool:
        """Whether the numbers are those of an earlier poll than the last."""
        return self.observation is not None and self.observation.failure is not None


def glances_of(store: Store, controls: Controls, moment: Moment, basis: Basis = Basis.RATE) -> list[Glance]:
    """Return every target at a glance, the worst first; those that stand alike in the order they were asked for."""
    glances = [
        counted(store, glance_of(store, target, moment, controls.interval_of(target.name)), moment, basis)
        for target in store.targets
    ]
    return sorted(glances, key=lambda glance: glance.standing, reverse=True)


def counted(store: Store, glance: Glance, moment: Moment, basis: Basis) -> Glance:
    """Return a glance with what is counted on a basis, and shares of the same stretch; rates are always there."""
    numbers = Numbers(basis, store.mark_at(moment.cursor))
    if basis is Basis.RATE:
        return glance._replace(numbers=numbers)
    grown = store.grown(glance.target.name, basis, moment.cursor)
    ratios = ratios_in(grown)
    glance = glance._replace(
        numbers=numbers,
        accepted=_share(together(ratios.funnels, (ACCEPTED, CONNECTED))),
        joins=_share(together(ratios.funnels, (JOINS_IN, JOINS_OUT))),
        fallback=ratios.fallback_share,
        grown=grown,
    )
    if grown is None:
        return glance
    columns = [grown.layout.concepts[concept] for concept in NEW if concept in grown.layout.concepts]
    counts = [grown.counts[column] for column in columns]
    new = sum(count or 0 for count in counts) if counts and None not in counts else None
    return glance._replace(new_count=new, error_count=grown.errors)


def error_trend_of(store: Store, glance: Glance, cells: int, cursor: float | None = None) -> list[Cell]:
    """Return the recent past of all the errors of a target together."""
    refresh_seconds = glance.observation.refresh_seconds if glance.observation else 0.0
    return store.error_trend(
        glance.target.name, Cells(cells, rows_a_cell(glance.interval_seconds, refresh_seconds)), cursor
    )


class _Ground(NamedTuple):
    """What a glance at the present rests on: as long as it is the same, only the age of the numbers is another."""

    seen: Observation | None
    interval_seconds: float
    overdue_seconds: float | None
    silenced: Mapping[str, float]
    alerts: tuple[Alert, ...]
    told: int

    def holds(self, other: _Ground) -> bool:
        """Whether nothing has come in since; an observation is compared by what it is, not by what it says."""
        return self.seen is other.seen and self[1:] == other[1:]


_GLANCES: Final[WeakKeyDictionary[Store, dict[str, tuple[_Ground, Glance]]]] = WeakKeyDictionary()
"""The last glance at each target: of hundreds, most are as they were a second ago, or when the last key was pressed."""


def glance_of(store: Store, target: Target, moment: Moment, interval_seconds: float) -> Glance:
    """Return a target at a glance."""
    seen = store.at(target.name, moment.cursor)
    if seen is None or moment.cursor is not None:
        return _glance_of(store, target, moment, interval_seconds, seen)
    overdue = overdue_seconds(seen, moment, interval_seconds)
    silenced = store.silences.of(target.name, moment.shown_wall)
    told = store.tracks[target.name].log.told
    ground = _Ground(seen, interval_seconds, overdue, silenced, store.alerts(target.name), told)
    glances = _GLANCES.setdefault(store, {})
    known = glances.get(target.name)
    if known is not None and known[0].holds(ground):
        return known[1]._replace(age_seconds=age_seconds(seen, moment))
    glance = _glance_of(store, target, moment, interval_seconds, seen)
    glances[target.name] = ground, glance
    return glance


def _glance_of(
    store: Store, target: Target, moment: Moment, interval_seconds: float, seen: Observation | None
) -> Glance:
    if seen is None:
        verdict = verdict_at(store, Look(target.name, moment.cursor))
        return Glance(target, interval_seconds, verdict=verdict, standing=verdict.standing)
    overdue = overdue_seconds(seen, moment, interval_seconds)
    lately, _ = store.ratios(target.name, moment.cursor, LATELY_SECONDS)
    ratios, _ = store.ratios(target.name, moment.cursor)
    silenced = store.silences.of(target.name, moment.shown_wall)
    verdict = verdict_at(store, Look(target.name, moment.cursor, overdue, silenced), lately.funnels)
    return Glance(
        target,
        interval_seconds,
        seen,
        verdict,
        verdict.standing,
        age_seconds(seen, moment),
        _level(seen, "sessions_current"),
        _rate(seen, NEW),
        _share(_recent(lately, ratios, (ACCEPTED, CONNECTED))),
        _share(_recent(lately, ratios, (JOINS_IN, JOINS_OUT))),
        ratios.fallback_share,
        error_rate(seen) if seen.failure is None and verdict.known else None,
        silenced=silenced,
    )


def found_targets(glances: Iterable[Glance], groups: Mapping[str, tuple[str, ...]], words: str) -> Mapping[str, Found]:
    """Return the targets that a text can mean, by their name, their host, their role or their group."""
    return {found.key: found for found in ranked(words, [_candidate(glance, groups) for glance in glances])}


def _candidate(glance: Glance, groups: Mapping[str, tuple[str, ...]]) -> Candidate:
    name, seen = glance.target.name, glance.observation
    identity = (seen.identity.host, seen.identity.role) if seen else ()
    member_of = [group for group, members in groups.items() if name in members]
    return Candidate(name, tuple(filter(None, (name, *identity, *member_of))))


def _recent(lately: Ratios, ratios: Ratios, names: Iterable[str]) -> Passed | None:
    """Return what went through in the last minute; where that is too little to say anything, in the last five."""
    names = tuple(names)
    found = together(lately.funnels, names)
    return found if found is not None and found.began >= JOINS_ENOUGH else together(ratios.funnels, names)


def _share(passed: Passed | None) -> float | None:
    return None if passed is None else passed.share


def _level(seen: Observation, concept: str) -> int | None:
    column = seen.layout.concepts.get(concept)
    return None if column is None else seen.values[column]


def _rate(seen: Observation, concepts: Iterable[str]) -> float | None:
    columns = [seen.layout.concepts[concept] for concept in concepts if concept in seen.layout.concepts]
    rates = [rate for column in columns if (rate := seen.change_at(column).rate) is not None]
    return sum(rates) if rates else None
