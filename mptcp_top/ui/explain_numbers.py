"""How far a counter moved in which stretch of time, and the episodes in which it rose, as lines."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.basis import Basis
from mptcp_top.model import Kind
from mptcp_top.ui.events import lasted
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.numbers import count_text

if TYPE_CHECKING:
    from mptcp_top.engine.store import Store
    from mptcp_top.model import Episode
    from mptcp_top.ui.explain_subject import Subject

TABLE: Final = 49
"""The width of the table."""

EARLIER_SHOWN: Final = 5

_TITLE: Final = 15
_GROWN: Final = 9
_RATE: Final = 9
_FACT: Final = 12


class Stretch(NamedTuple):
    """A row of the table: what happened in a stretch of time, and how long that is."""

    title: str
    grown: str
    rate: str = ""
    tail: str = ""


def stretches(subject: Subject) -> list[Stretch]:
    """Return how far the counter moved in the last interval, the last minute, since the mark and since the start."""
    store, seen = subject.frame.store, subject.frame.observation
    if store is None or seen is None or subject.change is None:
        return []
    if subject.metric.kind is Kind.GAUGE:
        return _levels(subject, store)
    rows = [row for basis, title in _titles(subject, store).items() for row in _grown(subject, store, basis, title)]
    own = seen.own_rates[seen.layout.index[subject.metric.name]] if seen.own_rates else None
    return [*rows, Stretch("it says itself", "", f"{text.rate(own)} /s")] if own else rows


def _titles(subject: Subject, store: Store) -> dict[Basis, str]:
    mark = store.mark_at(subject.frame.moment.cursor)
    return {
        Basis.INTERVAL: "last refresh" if subject.refreshed else "last interval",
        Basis.RATE: "last minute",
        Basis.MARK: "since the mark" if mark is None else text.shortened(f"since {mark.name}", _TITLE),
        Basis.START: "since the start" if subject.frame.reset_wall is None else "since the reset",
    }


def _grown(subject: Subject, store: Store, basis: Basis, title: str) -> list[Stretch]:
    """Return how far the counter moved on a basis, and from when on where that is not what the title says."""
    cursor = subject.frame.moment.cursor
    if basis is Basis.MARK and store.mark_at(cursor) is None:
        return [Stretch(title, "no mark", tail="m sets one")]
    growth = store.grown(subject.frame.target.name, basis, cursor)
    count = None if growth is None else growth.of(subject.metric.name)
    if growth is None or count is None:
        return [Stretch(title, text.UNKNOWN)]
    rate = f"{text.rate(count / growth.seconds)} /s" if growth.seconds > 0 else ""
    found = Stretch(title, count_text(count, _GROWN), rate, text.duration(growth.seconds))
    if growth.astray is None or growth.since is None:
        return [found]
    return [found, Stretch("  counted from", text.when(growth.since, subject.wall), f"({growth.astray})")]


def _levels(subject: Subject, store: Store) -> list[Stretch]:
    """Return what a gauge stood at before, and how far it is from there now."""
    frame, change = subject.frame, subject.change
    mark = store.mark_at(frame.moment.cursor)
    then = None if mark is None else store.at(frame.target.name, mark.monotonic)
    rows = [(f"since {mark.name}", then)] if mark is not None else []
    found = []
    for title, seen in [*rows, ("since the start", frame.first)]:
        before = seen.change(subject.metric.name) if seen else None
        if before is not None and before.value is not None and change is not None and change.value is not None:
            moved = change.value - before.value
            signed = f"-{text.short_count(-moved, _GROWN - 1)}" if moved < 0 else count_text(moved, _GROWN)
            found.append(
                Stretch(text.shortened(title, _TITLE), signed, "", f"from {text.short_count(before.value, 6)}")
            )
    return found


def episode_facts(subject: Subject) -> list[tuple[str, str]]:
    """Return what the head does not say of the last episode, in words that stand beside the table."""
    episode, frame = subject.episode, subject.frame
    if episode is None or frame.observation is None:
        return []
    data_time = frame.observation.data_time
    length = episode.last_rise - episode.started
    mean = episode.mean_rate(data_time) if subject.rising else episode.total / length if length > 0 else None
    today = [one for one in earlier(subject) if text.when(one.started, subject.wall).count(":") == 2]
    facts = [
        ("first rise", text.when(episode.started, subject.wall)),
        ("last rise", text.when(episode.last_rise, subject.wall)),
        ("peak of rise", f"{text.rate(episode.peak_rate)} /s"),
        ("mean of rise", f"{text.rate(mean)} /s"),
    ]
    return [*facts, ("earlier", f"{len(today)} today")] if today else facts


def earlier(subject: Subject) -> list[Episode]:
    """Return the episodes of this counter before the last one, the newest first.

    They were over when that began, so they are asked for as they are known now, whatever moment is shown.
    """
    store, last = subject.frame.store, subject.episode
    if store is None or last is None:
        return []
    every = store.episodes(subject.frame.target.name)
    mine = [one for one in every if one.metric.name == subject.metric.name and one.started < last.started]
    return mine[::-1]


def number_lines(subject: Subject, width: int) -> list[Line]:
    """Return the table, with the last episode beside it where there is room, else below."""
    rows = [_row(stretch) for stretch in stretches(subject)]
    said = episode_facts(subject)
    if width < TABLE + 2 + _FACT + len("00:00:00 "):
        return [*rows, *([Line()] if said else []), *(_row(Stretch(title, "", fact)) for title, fact in said)]
    facts = [Piece(f" {title:<{_FACT}} {fact}") for title, fact in said]
    pairs = zip_longest(rows, facts)
    return [Line(((row or Line((Piece(" " * TABLE),))).pieces) + ((fact,) if fact else ())) for row, fact in pairs]


def _row(stretch: Stretch) -> Line:
    said = f"{stretch.grown:>{_GROWN}} {stretch.rate:>{_RATE}}  {stretch.tail}"
    still = stretch.grown in {"0", text.UNKNOWN, "no mark"}
    title = Piece(f" {stretch.title:<{_TITLE}} ", Look.QUIET)
    return Line((title, Piece(f"{said:<{TABLE - len(title.text)}}", Look.QUIET if still else Look.PLAIN)))


def earlier_lines(subject: Subject, width: int, shown: int = EARLIER_SHOWN) -> list[Line]:
    """Return the last few earlier episodes, and how many there are beyond. What is too long goes on below itself."""
    found = earlier(subject)
    lines = [line for one in found[:shown] for line in _earlier_lines(one, subject.wall, width)]
    more = len(found) - shown
    return [*lines, Line((Piece(f"and {more} more: e lists them", Look.QUIET),))] if more > 0 else lines


def _earlier_lines(episode: Episode, wall: float, width: int) -> list[Line]:
    length, when = lasted(episode), f"{text.when(episode.started, wall):<9} "
    says = f"+{text.count(episode.total)} {'at once' if length == 'once' else f'in {length}'}"
    peak = f"peak {text.rate(episode.peak_rate)} /s"
    if len(when) + len(says) + len(peak) + 2 <= width:
        return [Line((Piece(f"{when}{says}"), Piece(f", {peak}", Look.QUIET)))]
    return [Line((Piece(f"{when}{says}"),)), Line((Piece(f"{'':{len(when)}}{peak}", Look.QUIET),))]
