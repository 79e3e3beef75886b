"""Which counters ``stat`` prints: what a pattern means to a target, what is worth a line, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of, sisters_of
from mptcp_top.cli.explain import NSTAT, unknown_counter, unnamed_as
from mptcp_top.engine.ratios import CONCEPTS
from mptcp_top.errors import SettingsError
from mptcp_top.model import Group, Kind, Metric
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mptcp_top.cli.stat.told import Told
    from mptcp_top.model import Layout, Observation


@dataclass(frozen=True, slots=True)
class Selection:
    """Which counters to print: all, or those that patterns mean; people are not shown all of them.

    Who asks for nothing in particular sees a summary, with ``detail`` everything, with ``zeros`` also what is zero, and
    with ``changed`` only what moved.
    """

    patterns: tuple[str, ...] = ()
    zeros: bool = False
    detail: bool = False
    changed: bool = False

    @property
    def summary(self) -> bool:
        """Whether nothing in particular was asked for."""
        return not (self.patterns or self.zeros or self.detail or self.changed)

    def refuse_mistakes(self, sources: Iterable[str]) -> None:
        """Refuse what no target of these ``sources`` can have, before any of them is asked.

        Raises:
            SettingsError: a pattern means nothing in any catalogue, or a counter that its owner does not name.
        """
        among = set(sources)
        for pattern in self.uncatalogued():
            if unnamed := [one for source in CATALOGUES for one in unnamed_as(pattern, source)]:
                raise SettingsError(f"{unnamed[0].alias}: {unnamed[0].says}")
            if not any(_may_be_new(pattern, source) for source in among):
                raise SettingsError(unknown_counter(pattern))

    def uncatalogued(self) -> tuple[str, ...]:
        """Return the patterns that mean nothing in any catalogue; a newer target may know better."""
        return tuple(
            pattern
            for pattern in self.patterns
            if not any(_columns(pattern, _catalogued(source), source) for source in CATALOGUES)
        )

    def unheard_of(self, layouts: Sequence[tuple[str, Layout]]) -> list[str]:
        """Return the patterns that mean nothing in any catalogue, nor to any source that has one of these layouts."""
        return [
            pattern
            for pattern in self.uncatalogued()
            if not any(_columns(pattern, layout.metrics, source) for source, layout in layouts)
        ]

    def lacking(self, source: str, layouts: Sequence[tuple[str, Layout]]) -> list[str]:
        """Return the patterns that mean nothing in any of these layouts of a source."""
        own = [layout.metrics for kind, layout in layouts if kind == source]
        return [pattern for pattern in self.patterns if not any(_columns(pattern, one, source) for one in own)]

    def metrics(self, observation: Observation) -> list[tuple[int, Metric]]:
        """Return the selected metrics with their columns."""
        metrics, source = observation.layout.metrics, observation.target.source
        chosen = {column for pattern in self.patterns for column in _columns(pattern, metrics, source)}
        return [numbered for numbered in enumerate(metrics) if not self.patterns or numbered[0] in chosen]

    def without_any(self, observation: Observation) -> list[str]:
        """Return the patterns that mean nothing to this target."""
        metrics, source = observation.layout.metrics, observation.target.source
        return [pattern for pattern in self.patterns if not _columns(pattern, metrics, source)]

    def told(self, told: Told) -> list[tuple[int, Metric]]:
        """Return what programs are told of a target, with the columns: everything selected, or what of it moved."""
        chosen, moved = self.metrics(told.observation), told.moved
        return [one for one in chosen if not self.changed or moved is None or self.zeros or one[0] in moved]

    def shown(self, told: Told) -> list[tuple[int, Metric]]:
        """Return what people are shown of a target, with the columns."""
        values, source = told.observation.values, told.observation.target.source
        return [
            (column, metric)
            for column, metric in self.told(told)
            if self.zeros or self._is_worth_a_line(metric, values[column], told) or self._spells(metric, source)
        ]

    def _is_worth_a_line(self, metric: Metric, value: int | None, told: Told) -> bool:
        if self.detail or (self.changed and told.moved is not None):
            return True
        if self.summary and not in_summary(metric):
            return False
        return value != 0 or (self.summary and metric.kind is Kind.GAUGE)

    def _spells(self, metric: Metric, source: str) -> bool:
        """Whether this very counter was asked for, not just some that are like it."""
        return any(pattern in _names(metric, source) for pattern in self.patterns)


def in_summary(metric: Metric) -> bool:
    """Whether a metric is part of the summary: how much there is, the two handshakes, and all that may be wrong.

    >>> from mptcp_top.model import Severity
    >>> in_summary(Metric("MPJoinSynRx", "", Group.MP_JOIN, concept="join_syn_rx"))
    True
    >>> in_summary(Metric("OFOQueue", "", Group.DSS)), in_summary(Metric("New", "", Group.DSS, severity=Severity.ERROR))
    (False, True)
    """
    return metric.group is Group.SESSIONS or metric.kind is Kind.GAUGE or metric.flagged or metric.concept in CONCEPTS


def lacks(pattern: str, source: str) -> str:
    """Return what to say of a target of this ``source`` to which a pattern means nothing."""
    if unnamed := unnamed_as(pattern, source):
        return f"{unnamed[0].alias}: {unnamed[0].says}"
    known = catalogue_of(source).find(pattern)
    since = (
        f" ({known[0].metric.name} came with {known[0].system} {known[0].since})" if known and known[0].since else ""
    )
    return f"has no such counter: {printable(pattern, 60)}{since}"


def counterparts(pattern: str, source: str) -> str:
    """Return which counters of a ``source`` count what a pattern means elsewhere, in words; "" if there is none.

    >>> counterparts("TokenEr", "linux"), counterparts("MPJoinNoTokenFound", "linux")
    ('; what counts the same there is MPJoinNoTokenFound', '')
    """
    there = catalogue_of(source).entries
    meant = (entry for other in CATALOGUES if other != source for entry in catalogue_of(other).find(pattern))
    alike = (one.metric.name for entry in meant for one in sisters_of(entry) if one.metric.name in there)
    named = list(dict.fromkeys(alike))[:3]
    return f"; what counts the same there is {' or '.join(named)}" if named else ""


def _columns(pattern: str, metrics: Sequence[Metric], source: str) -> list[int]:
    """Return where the metrics are that a pattern means; case and wildcards count where nothing is spelt like it."""
    if _is_spelt_so(pattern, source):
        return [column for column, metric in enumerate(metrics) if pattern in _words(metric, source)]
    wanted = pattern.casefold()
    return [
        column
        for column, metric in enumerate(metrics)
        if any(fnmatchcase(word.casefold(), wanted) for word in _words(metric, source))
    ]


def _is_spelt_so(pattern: str, source: str) -> bool:
    """Whether a counter is spelt just like that, even one that this target lacks or that its owner does not name."""
    spelt = any(pattern in _words(metric, source) for metric in _catalogued(source))
    return spelt or bool(unnamed_as(pattern, source))


def _catalogued(source: str) -> list[Metric]:
    return [entry.metric for entry in catalogue_of(source).entries.values()]


def _names(metric: Metric, source: str) -> tuple[str, ...]:
    entry = catalogue_of(source).entries.get(metric.name)
    own = entry.names if entry else (metric.name,)
    return (*own, metric.label, f"{NSTAT}{metric.name}") if source == "linux" else (*own, metric.label)


def _words(metric: Metric, source: str) -> tuple[str, ...]:
    groups = (metric.group, Group.ERRORS) if metric.flagged else (metric.group,)
    return (*_names(metric, source), *groups)


def _may_be_new(pattern: str, source: str) -> bool:
    """Whether a pattern can mean a counter that is newer than the catalogue: a NetScaler's all begin alike.

    >>> _may_be_new("MPNewThing", "linux"), _may_be_new("MPNewThing", "netscaler")
    (True, False)
    """
    return source != "netscaler" or pattern.casefold().startswith(("mptcp", "*", "?", "["))
