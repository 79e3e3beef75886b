"""What several targets count, aligned by concept, whatever its owners call it: one row where they count the same."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of
from mptcp_top.catalogue.pairs import pair_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mptcp_top.model import Layout, Metric


class Row(NamedTuple):
    """A counter of one kind of source or of several, with a label that fits all of them."""

    key: str
    metric: Metric
    sources: tuple[str, ...]

    def only(self, kinds: Iterable[str]) -> str:
        """Return the systems that have it, "" if every one of these kinds of sources can have it.

        >>> row = Row("mp_fail_tx", None, ("linux",))
        >>> row.only(["linux"]), row.only(["linux", "netscaler"])
        ('', 'Linux')
        """
        return "" if set(kinds) <= set(self.sources) else ", ".join(system_of(source) for source in self.sources)


class Aligned(NamedTuple):
    """The rows of several layouts, and for each layout the row of each of its columns."""

    rows: tuple[Row, ...]
    keys: Mapping[Layout, tuple[str, ...]]


def key_of(source: str, metric: Metric) -> str:
    """Return what the row of a metric is known by: its concept, or its name where it shares it with nobody.

    >>> from mptcp_top.model import Group, Metric
    >>> key_of("linux", Metric("MPFailTx", "", Group.ERRORS, concept="mp_fail_tx"))
    'mp_fail_tx'
    >>> key_of("linux", Metric("New", "", Group.DSS))
    'linux:New'
    """
    return metric.concept or f"{source}:{metric.name}"


def align_rows(layouts: Iterable[tuple[str, Layout]]) -> Aligned:
    """Return the rows of all layouts, each given with its kind of source, in the order in which they first appear."""
    return _align(tuple(dict.fromkeys(layouts)))


@lru_cache(maxsize=4)
def _align(layouts: tuple[tuple[str, Layout], ...]) -> Aligned:
    metrics: dict[str, Metric] = {}
    sources: dict[str, dict[str, None]] = {}
    keys: dict[Layout, tuple[str, ...]] = {}
    for source, layout in layouts:
        keys[layout] = tuple(key_of(source, metric) for metric in layout.metrics)
        for key, metric in zip(keys[layout], layout.metrics, strict=True):
            metrics.setdefault(key, metric)
            sources.setdefault(key, {})[source] = None
    return Aligned(tuple(_row(key, metric, tuple(sources[key])) for key, metric in metrics.items()), keys)


def _row(key: str, metric: Metric, sources: tuple[str, ...]) -> Row:
    pair = pair_of(metric.concept) if len(sources) > 1 else None
    return Row(key, metric._replace(label=pair.label) if pair else metric, sources)


def system_of(source: str) -> str:
    """Return what a kind of source is called.

    >>> system_of("netscaler"), system_of("something")
    ('NetScaler', 'something')
    """
    if source not in CATALOGUES:
        return source
    return next(iter(catalogue_of(source).entries.values())).system
