"""The loader of the catalogue files, and what to make of a counter that is in none of them."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mptcp_top.catalogue.entry import Entry, Unnamed, entry_of
from mptcp_top.model import Group, Kind, Layout, Metric, Severity
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_GROUP_BY_NAME: Final = (
    (re.compile(r"join|mismatchport", re.IGNORECASE), Group.MP_JOIN),
    (re.compile(r"capable|blackhole|token", re.IGNORECASE), Group.MP_CAPABLE),
    (re.compile(r"addr|port|rmsubflow|announce", re.IGNORECASE), Group.ADDRESSING),
    (re.compile(r"wnd|window|prune|backlog|mem|alloc|probe", re.IGNORECASE), Group.MEMORY),
    (re.compile(r"fastclose|rst|reset|close|fin\b", re.IGNORECASE), Group.TERMINATION),
    (re.compile(r"dss|map|dsn|ofo|csum|checksum|data|retrans|stale|duplicate", re.IGNORECASE), Group.DSS),
    (re.compile(r"fail|err|drop|bad|invalid|corrupt", re.IGNORECASE), Group.ERRORS),
)
_SOUNDS_BAD: Final = re.compile(r"fail|err|drop|bad|invalid|corrupt|reject|mismatch|overflow", re.IGNORECASE)


class Catalogue:
    """Every counter one kind of source is known to have, by its owner's name."""

    def __init__(self, source: str, entries: Iterable[Entry], unnamed: tuple[Unnamed, ...] = ()) -> None:
        self.source = source
        self.unnamed = unnamed
        self.entries: Mapping[str, Entry] = {entry.metric.name: entry for entry in entries}

    def metric(self, name: str, release: str = "") -> Metric:
        """Return what the counter ``name`` is on a kernel of ``release``, a generic metric if nobody told us."""
        entry = self.entries.get(name)
        return generic_metric(name) if entry is None else entry.metric_on(release)

    def layout(self, names: Iterable[str], release: str = "") -> Layout:
        """Return the layout of a sample that has these counters in this order."""
        return Layout(tuple(self.metric(name, release) for name in names))

    def find(self, pattern: str) -> list[Entry]:
        """Return the entries a pattern means: a name, an alias or a label, with ``*`` and ``?`` if wanted.

        Case matters only where two names differ by nothing else.
        """
        exact = [entry for entry in self.entries.values() if pattern in entry.names]
        if exact:
            return exact
        wanted = pattern.casefold()
        return [
            entry
            for entry in self.entries.values()
            if any(fnmatchcase(name.casefold(), wanted) for name in (*entry.names, entry.metric.label))
        ]


def generic_metric(name: str) -> Metric:
    """Return a metric for a counter the catalogue does not know, in the panel its name suggests.

    It is never flagged: nobody has told us what a rise means. A NetScaler calls its gauges ``mptcpcur...``.

    >>> generic_metric("MPJoinSomethingNew").group, generic_metric("QuantumFlux").group
    (<Group.MP_JOIN: 'MP_JOIN'>, <Group.SESSIONS: 'sessions'>)
    >>> generic_metric("AddAddrBadHMac").severity
    <Severity.NOTABLE: 'notable'>
    """
    clean = printable(name, limit=60)
    group = next((group for rule, group in _GROUP_BY_NAME if rule.search(clean)), Group.SESSIONS)
    severity = Severity.NOTABLE if _SOUNDS_BAD.search(clean) else Severity.NORMAL
    kind = Kind.GAUGE if clean.startswith("mptcpcur") else Kind.COUNTER
    return Metric(name=clean, label=clean, group=group, kind=kind, severity=severity)


@cache
def linux() -> Catalogue:
    """Return the catalogue of the Linux kernel's ``MPTcpExt`` counters (``net/mptcp/mib.c``)."""
    return _read("linux.json")


@cache
def netscaler() -> Catalogue:
    """Return the catalogue of a NetScaler's MPTCP counters (NITRO reference, ``stat protocolmptcp``)."""
    return _read("netscaler.json")


CATALOGUES: Final[Mapping[str, Callable[[], Catalogue]]] = MappingProxyType({"linux": linux, "netscaler": netscaler})


def catalogue_of(source: str) -> Catalogue:
    """Return the catalogue of a kind of source."""
    return CATALOGUES[source]()


def nearest(word: str) -> list[str]:
    """Return up to three names, of whatever source, that ``word`` may have meant, the likeliest first."""
    from difflib import get_close_matches  # noqa: PLC0415  # only for mistakes, and slow to import

    entries = [entry for source in CATALOGUES for entry in catalogue_of(source).entries.values()]
    by_folded = {name.casefold(): name for entry in entries for name in entry.names}
    return [by_folded[folded] for folded in get_close_matches(word.casefold(), by_folded, n=3, cutoff=0.5)]


def sisters_of(entry: Entry) -> list[Entry]:
    """Return the counters of the other sources that count the same: those with the same concept."""
    others = [catalogue_of(source) for source in CATALOGUES]
    found = [other for catalogue in others for other in catalogue.entries.values() if other.system != entry.system]
    return [other for other in found if entry.metric.concept and other.metric.concept == entry.metric.concept]


def _read(file: str) -> Catalogue:
    raw = json.loads(Path(__file__).with_name(file).read_text(encoding="utf-8"))
    entries = [entry_of(entry, raw["system"]) for entry in raw["entries"]]
    return Catalogue(raw["source"], entries, tuple(Unnamed(**unnamed) for unnamed in raw.get("unnamed", ())))
