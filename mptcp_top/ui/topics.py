"""The rows of a comparison: what several targets count, aligned by concept whatever its owners call it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.catalogue.alignment import align_rows
from mptcp_top.model import Group, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mptcp_top.model import Layout, Metric


class Topic(NamedTuple):
    """One row: a counter, or a figure that is derived from several.

    ``only`` names the system that has it, where other targets on the screen are of a kind that has no counterpart.
    """

    key: str
    label: str
    section: str
    kind: Kind = Kind.COUNTER
    alarming: bool = False
    group: str = ""
    only: str = ""
    hint: str = ""

    def label_in(self, width: int) -> str:
        """Return the label in at most so many cells: with its panel where it stands among errors, if that fits.

        >>> Topic("a", "bad checksum", "errors", group="DSS").label_in(20)
        'DSS bad checksum'
        >>> Topic("a", "bad checksum", "errors", group="DSS").label_in(10)
        'bad check…'
        """
        full = f"{self.group} {self.label}" if self.group else self.label
        if len(full) <= width:
            return full
        return self.label if len(self.label) <= width else f"{self.label[: width - 1]}…"


OVERVIEW: Final = ""
"""The section of the derived rows: it has no heading."""

JOINS: Final = Topic("=joins", "join success", OVERVIEW, Kind.GAUGE)
ACCEPTED: Final = Topic("=accepted", "accepted", OVERVIEW, Kind.GAUGE)
FALLBACK: Final = Topic("=fallback", "fallback share", OVERVIEW, Kind.GAUGE, alarming=True)
ERRORS: Final = Topic("=errors", "errors /s", OVERVIEW, Kind.GAUGE, alarming=True)
DERIVED: Final = (ERRORS, JOINS, ACCEPTED, FALLBACK)

MEANINGS: Final[Mapping[str, str]] = {
    JOINS.key: "MP_JOIN handshakes of both directions that came through, of those that began. A low share: joins reach "
    "another host than the one with the session, or middleboxes strip the option.",
    ACCEPTED.key: "MP_CAPABLE handshakes of both directions that came through, of those that began. A low share: a "
    "SYN flood, lost packets, or middleboxes that strip the option.",
    FALLBACK.key: "Connections that became plain TCP, of those that wanted MPTCP, by the causes the target counts: a "
    "NetScaler and a Linux host do not count the same causes.",
    ERRORS.key: "How fast the counters that are flagged as rising grow together: each by its mean rate since it began "
    "to rise, as on the fleet screen. Where increases are shown: how far all that are flagged grew in that time.",
}


class Alignment(NamedTuple):
    """The rows of several layouts, and for each layout the row of each of its columns."""

    topics: tuple[Topic, ...]
    keys: Mapping[Layout, tuple[str, ...]]
    columns: Mapping[Layout, Mapping[str, int]]
    longest_label: int


def align(layouts: Iterable[tuple[str, Layout]]) -> Alignment:
    """Return the rows of all layouts, each given with its kind of source: errors first, then panel by panel.

    In a section what every kind of source here can have comes first, then what only one kind has, under its name.
    """
    return _align(tuple(dict.fromkeys(layouts)))


@lru_cache(maxsize=4)
def _align(layouts: tuple[tuple[str, Layout], ...]) -> Alignment:
    aligned = align_rows(layouts)
    kinds = {source for source, _ in layouts}
    groups = {group: place for place, group in enumerate(Group)}
    sections = dict.fromkeys((OVERVIEW, Group.ERRORS.value, *(group.value for group in Group)))
    order = {section: place for place, section in enumerate(sections)}
    topics = [(_topic(row.key, row.metric, row.only(kinds)), row.metric.group) for row in aligned.rows]
    topics.sort(key=lambda pair: (order[pair[0].section], pair[0].only, groups[pair[1]]))
    rows = (*DERIVED, *(topic for topic, _ in topics))
    longest = max(len(topic.label_in(99)) for topic in rows)
    columns = {layout: {key: column for column, key in enumerate(own)} for layout, own in aligned.keys.items()}
    return Alignment(rows, aligned.keys, columns, longest)


def _topic(key: str, metric: Metric, only: str) -> Topic:
    if metric.concept == "sessions_current":  # it says at a glance how much each target has to do
        return Topic(key, metric.label, OVERVIEW, metric.kind, only=only)
    if metric.flagged or metric.group is Group.ERRORS:
        prefix = "" if metric.group is Group.ERRORS else metric.group.value
        return Topic(key, metric.label, Group.ERRORS.value, metric.kind, metric.flagged, prefix, only, metric.hint)
    return Topic(key, metric.label, metric.group.value, metric.kind, only=only)
