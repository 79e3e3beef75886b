"""Counters that belong to the one that is explained, with their numbers: related ones, sisters, the same elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.catalogue.alignment import key_of
from mptcp_top.catalogue.catalogue import catalogue_of, sisters_of
from mptcp_top.catalogue.pairs import pair_of
from mptcp_top.engine.basis import Basis
from mptcp_top.model import Kind
from mptcp_top.ui.frame import Frame
from mptcp_top.ui.glyphs import DOWN, RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.numbers import grown_text
from mptcp_top.ui.panels import full_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.model import Metric, Observation
    from mptcp_top.ui.explain_subject import Subject

TARGETS_SHOWN: Final = 6
"""Lines the fleet takes at most."""

_VALUE: Final = 13
_SHORT_VALUE: Final = 10
_RATE: Final = 9


class Link(NamedTuple):
    """A counter of a target that can be gone to, and its numbers. ``value`` and ``rate`` are None if not known.

    The ``short`` label stands where there is no room for the whole one.
    It is ``here`` if that target is the one whose page this is.
    """

    target: str
    counter: str
    label: str
    short: str = ""
    value: int | None = None
    rate: float | None = None
    moved: str = ""
    rising: bool = False
    stale: bool = False
    note: str = ""
    here: bool = False


class Sister(NamedTuple):
    """A counter of another system that counts the same, what the pair has to say, and where it is watched."""

    system: str
    name: str
    says: str
    link: Link | None = None


def link_to(frame: Frame, metric: Metric, label: str) -> Link:
    """Return a link with the numbers of a target. An error that rises has the rate of its episode."""
    seen = frame.observation
    change = seen.change(metric.name) if seen else None
    if seen is None or change is None:
        return Link(frame.target.name, metric.name, label, note="not on this target" if seen else "")
    episode = seen.rising.get(metric.name)
    rate = None if frame.stale else change.rate if episode is None else seen.error_rate(episode)
    link = Link(frame.target.name, metric.name, label, "", change.value, rate, rising=change.rising, stale=frame.stale)
    return link._replace(moved=_moved(frame, metric, link))


def _moved(frame: Frame, metric: Metric, link: Link) -> str:
    """Return what stands beside the value: how it moves, on the basis the user asked for."""
    if metric.kind is Kind.GAUGE:
        return "now"
    if frame.basis is not Basis.RATE:
        return grown_text(frame.grown, metric.name, _RATE)
    return "" if not link.value and not link.rate else per_second(link.rate)


def related(subject: Subject) -> list[Link]:
    """Return the counters the catalogue names beside this one, with their numbers on the same target."""
    if subject.entry is None:
        return []
    entries = catalogue_of(subject.frame.target.source).entries
    metrics = [entries[name].metric for name in subject.entry.related]
    return [link_to(subject.frame, metric, full_label(metric))._replace(short=metric.label) for metric in metrics]


def everywhere(subject: Subject) -> list[Link]:
    """Return this counter on every target that has it, by what it counts, the worst first; none if it is alone.

    Worse is what rises, then what is faster, then what has more. A target that was never read has nothing to show.
    """
    frame, store = subject.frame, subject.frame.store
    if store is None:
        return []
    wanted = key_of(frame.target.source, subject.metric)
    found = []
    for target in store.targets:
        seen = store.at(target.name, frame.moment.cursor)
        column = None if seen is None else _column(seen, target.source, wanted, subject.metric)
        if seen is not None and column is not None:
            metric = seen.layout.metrics[column]
            other = Frame(target, frame.moment, 0.0, seen)
            found.append((link_to(other, metric, target.name), other, metric))
    if len(found) < 2:
        return []
    found.sort(key=lambda one: _badness(one[0]))
    return [_on_the_basis(subject, *one) for one in found[:TARGETS_SHOWN]] + [
        link for link, *_ in found[TARGETS_SHOWN:]
    ]


def _on_the_basis(subject: Subject, link: Link, frame: Frame, metric: Metric) -> Link:
    """Return the link of another target with how its counter moved, and since when it rises."""
    ours, store = subject.frame, subject.frame.store
    if store is not None and ours.basis is not Basis.RATE:
        grown = store.grown(frame.target.name, ours.basis, ours.moment.cursor)
        frame = frame._replace(numbers=ours.numbers, grown=grown)
    episode = frame.observation.rising.get(metric.name) if frame.observation else None
    since = f"since {text.when(episode.started, subject.wall)}" if episode else ""
    here = frame.target == ours.target
    note = ", ".join(said for said in ("here" if here else "", since) if said)
    return link._replace(moved=_moved(frame, metric, link), note=note, here=here)


def _column(seen: Observation, source: str, wanted: str, metric: Metric) -> int | None:
    column = seen.layout.concepts.get(wanted) if metric.concept else seen.layout.index.get(metric.name)
    return column if column is not None and key_of(source, seen.layout.metrics[column]) == wanted else None


def _badness(link: Link) -> tuple[bool, float, int]:
    return (not link.rising, -(link.rate or 0.0), -(link.value or 0))


def sisters(subject: Subject, here: Iterable[Link]) -> list[Sister]:
    """Return the counters of other systems that count the same, with the worst of ``here``, where one is watched."""
    if subject.entry is None:
        return []
    found = []
    watched = {link.counter: link for link in reversed(list(here))}
    for entry in sisters_of(subject.entry):
        pair = pair_of(entry.metric.concept)
        link = watched.get(entry.metric.name)
        label = f"{entry.metric.name} on {link.target}" if link else ""
        found.append(
            Sister(
                entry.system,
                entry.metric.name,
                pair.says if pair else "",
                link._replace(label=label) if link else None,
            )
        )
    return found


def label_width(links: Iterable[Link], width: int) -> int:
    """Return the width of the label column: what the longest needs, and less where the numbers need it."""
    return max(1, min(max((len(link.label) for link in links), default=0), width - 2 - 1 - _SHORT_VALUE - 1 - _RATE))


def link_line(link: Link, width: int, label: int, *, key: str = "", selected: bool = False) -> Line:
    """Return a row: sign, label, value and rate, and a note where there is room."""
    value = max(_SHORT_VALUE, min(_VALUE, width - 2 - label - 1 - _RATE - 1))
    rising, quiet = link.rising and not link.stale, not link.value or link.stale
    look = Look.QUIET if quiet else Look.PLAIN
    sign = f"{RISING} " if rising else f"{DOWN} " if link.stale else "  "
    pieces = [
        Piece(sign, Look.BAD if sign.strip() else look),
        Piece(f"{_label_in(link, label):<{label}}", Look.TITLE if rising else look),
    ]
    if not link.note or link.value is not None:
        pieces.append(Piece(f" {text.short_count(link.value, value):>{value}}", look))
        pieces.append(Piece(f" {link.moved:>{_RATE}}", Look.BAD if rising else look))
    left = width - sum(len(piece.text) for piece in pieces)
    if link.note and len(link.note) + 2 <= left:
        pieces.append(Piece(f"  {link.note}", look if rising else Look.QUIET))
    return Line(tuple(pieces), selected, key)


def _label_in(link: Link, width: int) -> str:
    return text.shortened(link.label if len(link.label) <= width else link.short or link.label, width)


def per_second(rate: float | None) -> str:
    """Return a rate with its unit, in nine characters at most.

    >>> per_second(3.0), per_second(None)
    ('3.00 /s', '–')
    """
    return text.UNKNOWN if rate is None else f"{text.rate(rate)} /s"
