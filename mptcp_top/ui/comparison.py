"""The numbers of a comparison: a side a target, a cell a side and topic. What nobody looks at is not worked out."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.catalogue.alignment import key_of
from mptcp_top.engine.odd import Figure, Odd, apart, odd_ones
from mptcp_top.engine.trend import Astray, Growth
from mptcp_top.model import Kind
from mptcp_top.ui.find import ALL
from mptcp_top.ui.fuzzy import WORST, Candidate, Found, ranked
from mptcp_top.ui.numbers import counted_from
from mptcp_top.ui.sides import Mode, Side, before_of, derived_of, figure_of
from mptcp_top.ui.topics import DERIVED, MEANINGS, Alignment, Topic, align

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mptcp_top.engine.marks import Mark
    from mptcp_top.ui.find import Filter
    from mptcp_top.ui.sift import Sifted

SECONDARY: Final = "secondary"
_LONG_ENOUGH: Final = 0.9
"""What share of the longest watch another must last to be compared with it."""


class Cell(NamedTuple):
    """One number: None if it is not known; not ``present`` if the target has no such counter."""

    figure: Figure | None
    present: bool = True


class Verdict(NamedTuple):
    """Who stands out in a row, and whether it differs: somebody does, or the only two that have it are far apart."""

    odd: tuple[Odd, ...] = ()
    differs: bool = False


_ABSENT: Final = Cell(None, present=False)


class Comparison:
    """The numbers of all sides in one mode, at a moment; ``mark`` is the newest of then."""

    def __init__(
        self, sides: Sequence[Side], mode: Mode, mark: Mark | None = None, cursor: float | None = None
    ) -> None:
        self.sides = sides
        self.mode = mode
        self.mark = mark
        self.cursor = cursor
        self._verdicts: dict[str, Verdict] = {}

    @cached_property
    def alignment(self) -> Alignment:
        """Which rows there are."""
        seen = ((side.target.source, side.observation.layout) for side in self.sides if side.observation is not None)
        return align((source, layout) for source, layout in seen if layout.metrics)

    @cached_property
    def unjudged(self) -> tuple[str, ...]:
        """Why a side is not compared with the others, "" for those that are."""
        lasts = (side.grown.seconds for side in self.sides if side.grown and side.grown.astray is not Astray.OUTAGE)
        longest = max(lasts, default=0.0)
        return tuple(self._why_not(side, longest) for side in self.sides)

    @property
    def past(self) -> bool:
        """Whether this is how it was, and not how it is."""
        return self.cursor is not None

    @property
    def judged(self) -> int:
        """How many sides are compared."""
        return self.unjudged.count("")

    @cached_property
    def _counted(self) -> frozenset[str]:
        """The rows in which some target has something to say, or something that is not known."""
        found: set[str] = set()
        for side in self.sides:
            if side.observation is not None and side.observation.values:
                keys = self.alignment.keys[side.observation.layout]
                before = before_of(side) if self.mode is not Mode.TOTAL else (0,) * len(keys)
                pairs = zip(keys, side.observation.values, before, strict=False)
                found.update(key for key, value, then in pairs if value is None or value != then)
        return frozenset(found)

    def counted(self, topic: Topic) -> bool:
        """Whether a row has anything to say: a total that is not zero, or that moved since we watch. A gauge has."""
        return topic.kind is Kind.GAUGE or topic.key in self._counted

    def cell(self, side: Side, topic: Topic) -> Cell:
        """Return the number of one side in a row. A side keeps them as long as nothing new was counted."""
        found = side.cells.get(topic.key) if side.cells is not None else None
        if found is None:
            found = self._cell(side, topic)
            if side.cells is not None:
                side.cells[topic.key] = found
        return found

    def _cell(self, side: Side, topic: Topic) -> Cell:
        if topic.key in MEANINGS:
            return Cell(derived_of(side, topic, self.mode))
        seen = side.observation
        if seen is None or not seen.layout.metrics:  # what it has is not known yet
            return Cell(None)
        column = self.alignment.columns[seen.layout].get(topic.key)
        if column is None:
            return _ABSENT
        if topic.kind is Kind.GAUGE or self.mode is Mode.TOTAL:
            value = seen.values[column]
            return Cell(None if value is None else Figure(value))
        return Cell(figure_of(side, seen.layout.metrics[column].name, self.mode))

    def verdict(self, topic: Topic) -> Verdict:
        """Return who stands out in a row. Totals have none: they count from moments that are not the same."""
        found = self._verdicts.get(topic.key)
        if found is None:
            found = self._verdicts[topic.key] = self._judge(topic)
        return found

    def _judge(self, topic: Topic) -> Verdict:
        if (self.mode is Mode.TOTAL and topic.kind is Kind.COUNTER) or not self.counted(topic):
            return Verdict()
        figures = [
            None if reason else self.cell(side, topic).figure
            for side, reason in zip(self.sides, self.unjudged, strict=True)
        ]
        odd = odd_ones(figures)
        return Verdict(odd, bool(odd) or apart(figures))

    def _why_not(self, side: Side, longest: float) -> str:
        seen = side.observation
        if seen is None:
            return "not known then" if self.past else "connecting"
        if seen.failure is not None:
            return "not read"
        if side.overdue:
            return "overdue"
        if seen.identity.role.casefold() == SECONDARY:
            return SECONDARY
        return _counted_otherwise(side.grown, longest, seen.wall) if self.mode.counts_up else ""


def _counted_otherwise(grown: Growth | None, longest: float, wall: float) -> str:
    """Return how long a side was counted where that is another time than most were, or from when on; else ""."""
    if grown is None:
        return "counted not yet"
    if grown.astray is not Astray.OUTAGE and grown.seconds >= _LONG_ENOUGH * longest:
        return ""
    return counted_from(grown, wall) or f"counted for {text.duration(grown.seconds)}"


def found_topics(comparison: Comparison, sides: Sequence[Sifted], wanted: Filter) -> Mapping[str, Found]:
    """Return the rows that are wanted on any side, each as it is found where it is found best.

    Those that are derived from several counters are of no panel and no severity: only their label finds them.
    """
    labels = [Candidate(topic.key, (topic.label,)) for topic in DERIVED]
    best = (
        {found.key: found for found in ranked(wanted.text, labels)}
        if wanted._replace(text="", unsettled=()) == ALL
        else {}
    )
    seen = zip((side.observation for side in comparison.sides), sides, strict=True)
    alike = {(one.layout, sifted.names): sifted for one, sifted in seen if one is not None}
    for (layout, _), sifted in alike.items():
        for key, metric in zip(comparison.alignment.keys.get(layout, ()), layout.metrics, strict=False):
            if metric.name in sifted.names:
                found = sifted.found.get(metric.name) or Found(key, "", WORST)
                best[key] = min(best.get(key, found), found, key=lambda one: one.rank)
    return best


def rising_topics(comparison: Comparison) -> set[str]:
    """Return the rows in which an error rises on any side."""
    return {
        key_of(side.target.source, episode.metric)
        for side in comparison.sides
        if side.observation is not None
        for episode in side.observation.rising.values()
    }


def standing_out(comparison: Comparison, topics: Iterable[Topic]) -> dict[int, int]:
    """Return in how many rows each side stands out, the most first."""
    rows: dict[int, int] = {}
    for topic in topics:
        for odd in comparison.verdict(topic).odd:
            rows[odd.place] = rows.get(odd.place, 0) + 1
    return dict(sorted(rows.items(), key=lambda item: (-item[1], item[0])))
