"""One side of a comparison: what is known of a target now, and how far its counters grew lately."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine import ratios
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.odd import Figure
from mptcp_top.engine.ratios import together
from mptcp_top.engine.standing import error_rate
from mptcp_top.engine.store import LATELY_SECONDS
from mptcp_top.ui.glance import NEW
from mptcp_top.ui.topics import ACCEPTED, ERRORS, FALLBACK, JOINS, Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.ratios import Passed, Ratios
    from mptcp_top.engine.store import Store
    from mptcp_top.engine.trend import Growth
    from mptcp_top.model import Observation, Target
    from mptcp_top.ui.comparison import Cell
    from mptcp_top.ui.frame import Moment


class Mode(Enum):
    """What the counters of a comparison are shown as. Gauges are levels in all of them."""

    RATE = "per second, over the last minute"
    INTERVAL = "increase in the last interval"
    MARK = "increase since the mark"
    SINCE = "increase since the start of watching"
    TOTAL = "totals"
    NORMALISED = "per 1,000 new sessions, over the last 5 minutes"

    @property
    def next(self) -> Mode:
        """The one after this, round and round."""
        modes = tuple(Mode)
        return modes[(modes.index(self) + 1) % len(modes)]

    @property
    def short(self) -> str:
        """What to call it where there is little room."""
        return _SHORT[self]

    @property
    def counts_up(self) -> bool:
        """Whether the numbers are increases, which only stretches of the same length make comparable."""
        return self in {Mode.INTERVAL, Mode.MARK, Mode.SINCE}


_SHORT: Final = {
    Mode.RATE: "per second, last minute",
    Mode.INTERVAL: "in the last interval",
    Mode.MARK: "increase since the mark",
    Mode.SINCE: "increase since the start",
    Mode.TOTAL: "totals",
    Mode.NORMALISED: "per 1,000 new sessions, 5 min",
}

BASES: Final = {
    Mode.RATE: Basis.RATE,
    Mode.INTERVAL: Basis.INTERVAL,
    Mode.MARK: Basis.MARK,
    Mode.SINCE: Basis.START,
}
"""What the numbers of the other screens are in a mode. Totals and normalised numbers are of the comparison alone."""


class Side(NamedTuple):
    """One target of a comparison: what is known of it now. ``grown`` is over the stretch that the mode asks for.

    ``cells`` are its numbers by row, as far as they were worked out; they hold as long as it does.
    """

    target: Target
    observation: Observation | None = None
    first: Observation | None = None
    age_seconds: float | None = None
    overdue: bool = False
    grown: Growth | None = None
    new_sessions: int | None = None
    ratios: Ratios = ratios.ratios_of({})
    cells: dict[str, Cell] | None = None

    @property
    def stale(self) -> bool:
        """Whether its numbers are old."""
        return self.overdue or (self.observation is not None and self.observation.failure is not None)

    def at(self, moment: Moment, interval_seconds: float) -> Side:
        """Return the same numbers, as old as they are at another moment."""
        seen = self.observation
        if seen is None or seen.values_monotonic is None:
            return self
        age = max(0.0, moment.shown_monotonic - seen.values_monotonic)
        return self._replace(age_seconds=age, overdue=age > 1.5 * interval_seconds + 1 + seen.refresh_seconds)


def side_of(store: Store, target: Target, moment: Moment, mode: Mode, interval_seconds: float) -> Side:
    """Return one side of a comparison."""
    seen = store.at(target.name, moment.cursor)
    if seen is None:
        return Side(target)
    grown = _grown(store, target, moment, mode)
    new = _new_sessions(grown) if mode is Mode.NORMALISED else None
    found = store.ratios(target.name, moment.cursor)[0] if mode is Mode.TOTAL else ratios.ratios_in(grown)
    first = store.first(target.name, moment.cursor)
    return Side(target, seen, first, grown=grown, new_sessions=new, ratios=found, cells={}).at(moment, interval_seconds)


def _grown(store: Store, target: Target, moment: Moment, mode: Mode) -> Growth | None:
    if mode is Mode.TOTAL:
        return None
    if mode is Mode.NORMALISED:
        return store.growth(target.name, moment.cursor)
    return store.grown(target.name, BASES[mode], moment.cursor)


def _new_sessions(grown: Growth | None) -> int | None:
    """Return how many sessions came about; None where one of the counters that say so is not known."""
    if grown is None:
        return None
    columns = [grown.layout.concepts[concept] for concept in NEW if concept in grown.layout.concepts]
    counts = [grown.counts[column] for column in columns]
    return sum(count or 0 for count in counts) if counts and None not in counts else None


def before_of(side: Side) -> Sequence[int | None]:
    """Return what was there before we watched, in the order of what is there now."""
    if side.first is None or side.observation is None:
        return ()
    if side.first.layout is side.observation.layout:
        return side.first.values
    columns = (side.first.layout.index.get(metric.name) for metric in side.observation.layout.metrics)
    return [None if column is None else side.first.values[column] for column in columns]


def figure_of(side: Side, name: str, mode: Mode) -> Figure | None:
    """Return how far a counter grew, in the unit of the mode; None where that is not known."""
    count = side.grown.of(name) if side.grown is not None else None
    if side.grown is None or count is None:
        return None
    if mode is Mode.RATE:
        return Figure(count / side.grown.seconds, 1 / side.grown.seconds) if side.grown.seconds > 0 else None
    if mode is Mode.NORMALISED:
        return Figure(1000 * count / side.new_sessions, 1000 / side.new_sessions) if side.new_sessions else None
    return Figure(count)


def derived_of(side: Side, topic: Topic, mode: Mode) -> Figure | None:
    """Return the figure of a derived row."""
    if topic is ERRORS:
        return _errors(side, mode)
    if topic is FALLBACK:
        share, tried = side.ratios.fallback_share, passed_of(side, ACCEPTED)
        return None if share is None else Figure(share, share_of=tried.began if tried else 1)
    passed = passed_of(side, topic)
    return None if passed is None or passed.share is None else Figure(passed.share, share_of=passed.began)


def passed_of(side: Side, topic: Topic) -> Passed | None:
    """Return the handshakes behind a derived row, both directions together."""
    names = {
        JOINS.key: (ratios.JOINS_IN, ratios.JOINS_OUT),
        ACCEPTED.key: (ratios.ACCEPTED, ratios.CONNECTED),
    }.get(topic.key, ())
    return together(side.ratios.funnels, names)


def _errors(side: Side, mode: Mode) -> Figure | None:
    """Return how far the errors grew where increases are shown; else how fast those that rise grow, as in the fleet."""
    seen = side.observation
    if seen is None or seen.failure is not None:
        return None
    if mode.counts_up:
        return None if side.grown is None else Figure(side.grown.errors)
    rate, total = error_rate(seen), sum(episode.total for episode in seen.rising.values())
    return Figure(rate, rate / total if total else 1 / LATELY_SECONDS)
