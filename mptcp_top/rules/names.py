"""What the names in rules mean: derived figures, and counters by owner's name, alias or concept."""

from __future__ import annotations

from enum import Enum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of
from mptcp_top.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.model import Layout, Metric


class Sort(Enum):
    """What kind of number a name stands for. The values are for people."""

    COUNTER = "a counter"
    LEVEL = "a level"
    SHARE = "a share"


SHARES: Final[Mapping[str, tuple[str, ...]]] = {
    "join_success": ("joins in", "joins out"),
    "joins_in": ("joins in",),
    "joins_out": ("joins out",),
    "capable_success": ("accepted", "connected"),
    "accepted": ("accepted",),
    "connected": ("connected",),
}
"""The handshakes of which a figure is the share that came through."""

FALLBACK_SHARE: Final = "fallback_share"
ERRORS: Final = "errors"
_SHORT: Final = {"sessions": "sessions_current", "subflows": "subflows_current", "pending_joins": "joins_pending"}
_DERIVED: Final = {**dict.fromkeys((*SHARES, FALLBACK_SHARE), Sort.SHARE), ERRORS: Sort.COUNTER}


FIGURES: Final = (*_DERIVED, *_SHORT)
"""What a rule may name that no counter is called."""


def sort_of(name: str) -> Sort | None:
    """Return what a name stands for on whatever source has it; None where nothing is called that.

    >>> sort_of("join_success").value, sort_of("TokenEr").value, sort_of("sessions").value, sort_of("tokener")
    ('a share', 'a counter', 'a level', None)
    """
    if name in _DERIVED:
        return _DERIVED[name]
    metrics = _named().get(_SHORT.get(name, name))
    if not metrics:
        return None
    return Sort.LEVEL if metrics[0].kind is Kind.GAUGE else Sort.COUNTER


def is_ambiguous(name: str) -> bool:
    """Whether a name is that of a value that may be either of two counters: nothing is derived from it."""
    return any(metric.ambiguous for metric in _named().get(name, ()))


@lru_cache(maxsize=1024)
def metric_of(layout: Layout, name: str) -> Metric | None:
    """Return the counter or gauge that a name means among those of a layout, None where it is not among them.

    A concept is looked up in the layout itself: a kernel on which a counter meant something else does not have it.
    """
    wanted = _SHORT.get(name, name)
    columns = [layout.index.get(wanted), layout.concepts.get(wanted)]
    columns += [layout.index.get(metric.name) for metric in _aliased().get(wanted, ())]
    found = next((column for column in columns if column is not None), None)
    return None if found is None else layout.metrics[found]


def nearest_names(word: str) -> list[str]:
    """Return up to three names that a word may have meant, the likeliest first.

    >>> nearest_names("join_succes")[0], nearest_names("mpfailrx")[0]
    ('join_success', 'MPFailRx')
    """
    from difflib import get_close_matches  # noqa: PLC0415  # only for mistakes, and slow to import

    owners = (metric.name for metric, _ in _entries())  # an alias that differs by case only is not what was meant
    known = {name.casefold(): name for name in (*_named(), *owners, *_SHORT, *_DERIVED)}
    return [known[folded] for folded in get_close_matches(word.casefold(), known, n=3, cutoff=0.5)]


def all_names() -> Mapping[str, Sort]:
    """Return everything a rule may name, and what it stands for; first what no counter is called.

    >>> list(all_names())[0], all_names()["sessions"].value, all_names()["TokenEr"].value
    ('join_success', 'a level', 'a counter')
    """
    names = dict.fromkeys((*FIGURES, *_named()))
    return {name: sort for name in names if not is_ambiguous(name) and (sort := sort_of(name)) is not None}


@cache
def _named() -> Mapping[str, tuple[Metric, ...]]:
    """Return the metrics of all sources by everything they are called: owner's name, alias, concept."""
    found: dict[str, tuple[Metric, ...]] = {}
    for metric, names in _entries():
        for name in dict.fromkeys((*names, metric.concept)):
            if name:
                found[name] = (*found.get(name, ()), metric)
    return found


@cache
def _aliased() -> Mapping[str, tuple[Metric, ...]]:
    found: dict[str, tuple[Metric, ...]] = {}
    for metric, names in _entries():
        for alias in names[1:]:
            found[alias] = (*found.get(alias, ()), metric)
    return found


def _entries() -> list[tuple[Metric, tuple[str, ...]]]:
    catalogues = [catalogue_of(source) for source in CATALOGUES]
    return [(entry.metric, entry.names) for catalogue in catalogues for entry in catalogue.entries.values()]
