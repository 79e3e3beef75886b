"""Which counters of a target a filter lets through at the moment of a frame. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.ui.find import found_in, meant_in
from mptcp_top.ui.frame import Frame
from mptcp_top.ui.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.engine.trend import Growth
    from mptcp_top.model import Metric, Target
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.find import Filter
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.fuzzy import Found

LATELY_CELLS: Final = 12
"""How many cells of a trend are a minute, about."""


class Sifted(NamedTuple):
    """What a filter leaves of the counters of a target: the owner's names, and those that a text found, by rank."""

    wanted: Filter
    names: frozenset[str]
    found: Mapping[str, Found]

    def found_by(self, name: str) -> str:
        """Return the name by which a counter was found."""
        return self.found[name].name if name in self.found else ""


def sift(frame: Frame, wanted: Filter) -> Sifted:
    """Return which counters of a frame are wanted. What is not known is not zero, but does not move either."""
    seen = frame.observation
    if seen is None:
        return Sifted(wanted, frozenset(), {})
    found = found_in(seen.layout, wanted.text) if wanted.text else {}
    names = meant_in(seen.layout, wanted)
    if wanted.moving:
        grown = _grown(frame)
        names = frozenset(name for name in names if moves(frame, grown, seen.layout.metrics[seen.layout.index[name]]))
    if wanted.nonzero:
        names = frozenset(name for name in names if seen.values[seen.layout.index[name]] != 0)
    return Sifted(wanted, names, found)


def sift_target(deck: Deck, target: Target, now: Moment, wanted: Filter) -> Sifted:
    """Return which counters of a target are wanted at a moment, without all that a frame has to work out."""
    seen, interval = deck.store.at(target.name, now.cursor), deck.controls.interval_of(target.name)
    return sift(Frame(target, now, interval, seen, store=deck.store, numbers=Numbers(deck.basis)), wanted)


def moves(frame: Frame, grown: Growth | None, metric: Metric) -> bool:
    """Whether a counter grew over the stretch that growth is counted over, or rises; or a level changed lately."""
    if frame.observation is not None and metric.name in frame.observation.rising:
        return True
    if metric.grows:
        return bool(grown and grown.of(metric.name))
    return len({cell for cell in frame.trend(metric, LATELY_CELLS) if isinstance(cell, float | int)}) > 1


def _grown(frame: Frame) -> Growth | None:
    if frame.grown is not None or frame.store is None:
        return frame.grown
    return frame.store.grown(frame.target.name, frame.basis, frame.moment.cursor)
