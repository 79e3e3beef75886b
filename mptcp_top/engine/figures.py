"""What the operands of rules are at this moment: rates, shares and levels of one target, from its history.

A rate per second is taken over the last ten seconds, one per minute over the last minute, one per hour over the last
hour; all of them over one poll, or one refresh of an appliance, at least. A share is of the last minute, or of the
last five where that saw fewer than ten events; of fewer than ten in those it is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.episodes import HOLD_SECONDS, alarming_rise
from mptcp_top.engine.ratios import ATTEMPTS, FALLBACKS, FUNNELS, ratios_of
from mptcp_top.engine.trend import Window, growth, growth_of_all, window
from mptcp_top.rules.names import ERRORS, FALLBACK_SHARE, SHARES, Sort, metric_of, sort_of
from mptcp_top.rules.rule import Unit
from mptcp_top.rules.truth import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mptcp_top.engine.history import History
    from mptcp_top.model import Metric, Sample
    from mptcp_top.rules.rule import Comparison

ENOUGH: Final = 10
"""Events from which a share says something."""

SHARE_SECONDS: Final = (60.0, 300.0)
RATE_SECONDS: Final = {Unit.SECOND: 10.0, Unit.MINUTE: 60.0, Unit.HOUR: 3600.0}
ALMOST: Final = 0.45
"""What part of its stretch of time a rate must be known for. In less, it is at least what was counted."""

UNKNOWN: Final = Figure()
_FUNNELS: Final = {funnel.name: funnel for funnel in FUNNELS}


def looks_back_seconds(asked: Iterable[Comparison]) -> float:
    """Return how much of the past is looked at to answer all of these, and whatever is no rate per hour."""
    return max([*SHARE_SECONDS, *(RATE_SECONDS.get(one.unit, 0.0) for one in asked)])


class Rows(NamedTuple):
    """Which rows of a history are looked at, the first and the last; both are good ones."""

    first: int
    last: int


class Figures:
    """What rules see of one target, just after ``sample`` was added to its history; or of some ``rows`` of the past.

    To whoever is ``hasty``, the rate of a stretch that is known in part is that of the part, however short.
    """

    def __init__(self, history: History, sample: Sample, *, hasty: bool = False, rows: Rows | None = None) -> None:
        self._history = history
        self._sample = sample
        self._hasty = hasty
        self._rows = rows or Rows(history.first, history.last)
        self._windows: dict[float, Window | None] = {}
        self._counts: dict[float, Sequence[int | None]] = {}

    def of(self, asked: Comparison) -> Figure:
        """Return what the operand of a comparison is, in the terms of its limit."""
        name, over = asked.operand
        if asked.rises:
            return self._rate(lambda seconds: self._alarming(name, seconds), HOLD_SECONDS)
        if over:
            return self._ratio(name, over)
        if name in SHARES:
            return self._success(SHARES[name])
        if name == FALLBACK_SHARE:
            return self._fallback_share()
        if asked.unit.is_rate:
            return self._rate(lambda seconds: self._grown(name, seconds), RATE_SECONDS[asked.unit])
        return self._level(name)

    def _window(self, seconds: float) -> Window | None:
        if seconds not in self._windows:
            over = window(self._history, self._rows.last, seconds)
            self._windows[seconds] = over if over is None else self._kept(over)
        return self._windows[seconds]

    def _kept(self, over: Window) -> Window | None:
        """Return what of a window is in the rows that are looked at."""
        first, history = self._rows.first, self._history
        if over.begin >= first:
            return over
        return (
            None if first >= over.end else Window(first, over.end, history.times(over.end)[0] - history.times(first)[0])
        )

    def _rate(self, grown: Callable[[float], int | None], wanted: float) -> Figure:
        """Return a rate per second; of a stretch that is known in part only, the least it can be."""
        over = self._window(wanted)
        count = grown(wanted)
        if over is None or count is None:
            return UNKNOWN
        seconds = self._lasted(over)
        if over.seconds < ALMOST * wanted and not self._hasty:
            return Figure(count / max(wanted, seconds), least=True)
        return Figure(count / seconds) if seconds > 0 else UNKNOWN

    def _lasted(self, over: Window) -> float:
        """Return the time between what two rows stand for; for the hasty, what stands still lasted while we looked."""
        seconds = self._history.seconds(over.begin, over.end)
        return over.seconds if self._hasty and not seconds else seconds

    def _ratio(self, name: str, over: str) -> Figure:
        if sort_of(over) is Sort.LEVEL:
            return _share_of(self._level(name).value, self._level(over).value)
        return self._first(lambda seconds: _share_of(self._grown(name, seconds), self._grown(over, seconds)))

    def _success(self, funnels: Iterable[str]) -> Figure:
        """Return the share of handshakes that came through, of several kinds together where they are counted."""
        kinds = [_FUNNELS[name] for name in funnels]
        concepts = self._sample.layout.concepts
        counted = [kind for kind in kinds if kind.began in concepts and kind.arrived in concepts]

        def share(seconds: float) -> Figure:
            grown = self._growth([name for kind in counted for name in (kind.began, kind.arrived)], seconds)
            pairs = [
                (grown[kind.began], grown[kind.arrived])
                for kind in counted
                if {kind.began, kind.arrived} <= grown.keys()
            ]
            began, arrived = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
            return _share_of(min(arrived, began), began)

        return self._first(share)

    def _fallback_share(self) -> Figure:
        def share(seconds: float) -> Figure:
            grown = self._growth([*FALLBACKS, *ATTEMPTS], seconds)
            enough = sum(grown.get(concept, 0) for concept in ATTEMPTS) >= ENOUGH
            return Figure(ratios_of(grown).fallback_share) if enough else UNKNOWN

        return self._first(share)

    @staticmethod
    def _first(share: Callable[[float], Figure]) -> Figure:
        """Return a share of the last minute, or else of the last five."""
        found = (share(seconds) for seconds in SHARE_SECONDS)
        return next((figure for figure in found if figure.value is not None), UNKNOWN)

    def _level(self, name: str) -> Figure:
        metric = self._metric(name)
        value = None if metric is None else self._sample.values[self._sample.layout.index[metric.name]]
        return UNKNOWN if value is None else Figure(float(value))

    def _grown(self, name: str, seconds: float) -> int | None:
        """Return how far a counter grew, or all errors together, in about so many seconds."""
        if name == ERRORS:
            return self._alarming(name, seconds)
        metric, over = self._metric(name), self._window(seconds)
        if over is None or metric is None:
            return None
        return growth(self._history, [metric.name], over, self._sample.wrap_bits).get(metric.name)

    def _alarming(self, name: str, seconds: float) -> int | None:
        """Return the part of a growth that is worth a flag, as for an episode; of what has no flag, all of it."""
        metric, over, layout = self._metric(name), self._window(seconds), self._sample.layout
        plain = metric is not None and not (metric.flagged and (metric.net_of or metric.flag_above))
        if over is None or plain:
            return self._grown(name, seconds) if plain else None
        counts, lasted = self._counts_of_all(seconds, over), self._lasted(over)
        columns = layout.flagged if metric is None else (layout.index[metric.name],)
        if lasted <= 0 or all(counts[column] is None for column in columns):
            return None
        return sum(alarming_rise(layout, column, counts, lasted) for column in columns)

    def _counts_of_all(self, seconds: float, over: Window) -> Sequence[int | None]:
        if seconds not in self._counts:
            layout, wrap_bits = self._sample.layout, self._sample.wrap_bits
            self._counts[seconds] = growth_of_all(self._history, layout, over, wrap_bits).counts
        return self._counts[seconds]

    def _growth(self, concepts: Iterable[str], seconds: float) -> dict[str, int]:
        """Return how far concepts grew, without those this source does not count."""
        over, layout = self._window(seconds), self._sample.layout
        names = {
            concept: layout.metrics[layout.concepts[concept]].name for concept in concepts if concept in layout.concepts
        }
        if over is None:
            return {}
        grown = growth(self._history, list(names.values()), over, self._sample.wrap_bits)
        return {concept: grown[name] for concept, name in names.items() if name in grown}

    def _metric(self, name: str) -> Metric | None:
        return metric_of(self._sample.layout, name)


def _share_of(part: float | None, whole: float | None) -> Figure:
    """Return a share, not known of too few.

    >>> _share_of(9, 10).value, _share_of(5, 9).value, _share_of(None, 10).value
    (0.9, None, None)
    """
    return Figure(part / whole) if part is not None and whole is not None and whole >= ENOUGH else UNKNOWN
