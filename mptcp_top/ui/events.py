"""What happened, to all targets, as lines: the newest first, one event a row. Pure functions."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.events import Happening
from mptcp_top.model import Severity
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.deck import SIGNS
from mptcp_top.ui.event_filter import ALL, LISTED, Filter, severity_of
from mptcp_top.ui.find import lit
from mptcp_top.ui.glyphs import RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.panels import full_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mptcp_top.engine.events import Event
    from mptcp_top.model import Episode

_BEFORE: Final = 3 + 9
"""Cells of the sign and the time."""

_WORD: Final = 8

_NAME_AT_MOST: Final = 28
_WHAT_AT_LEAST: Final = 22
_WHAT_AT_MOST: Final = 36
_WIDE: Final = 100
_LOOKS: Final = {Severity.SECURITY: Look.BAD, Severity.ERROR: Look.BAD, Severity.WARNING: Look.WARN}


class Column(NamedTuple):
    """What is told of a rise beside its counter. The lightest columns go first where the room is short."""

    title: str
    width: int
    weight: int
    shows: Callable[[Episode, float], str]
    left: bool = False


def lasted(episode: Episode) -> str:
    """Return how long a counter rose, from the first time to the last."""
    seconds = episode.last_rise - episode.started
    return text.duration(seconds) if seconds > 0 else "once"


COLUMNS: Final = (
    Column("severity", 8, 40, lambda episode, _: episode.metric.severity.value, left=True),
    Column("rose by", 8, 90, lambda episode, _: f"+{text.short_count(episode.total, 7)}"),
    Column("in", 11, 70, lambda episode, _: lasted(episode)),
    Column("peak /s", 7, 80, lambda episode, _: text.rate(episode.peak_rate)),
    Column("last rise", 9, 60, lambda episode, now: text.when(episode.last_rise, now)),
)


class Plan(NamedTuple):
    """Which columns there is room for; a ``word`` or ``name`` of 0 is not there."""

    word: int
    name: int
    what: int
    columns: tuple[Column, ...]


def plan_of(names: Sequence[str], width: int) -> Plan:
    """Return the columns for a width and the targets whose events are shown.

    >>> [len(plan_of(["ns1", "ns2"], width).columns) for width in (60, 80, 120, 200)]
    [0, 2, 5, 5]
    """
    longest = max((len(name) for name in names), default=0)
    name = min(_NAME_AT_MOST, max(longest, len("target")), max(8, width // 5)) if len(names) > 1 else 0
    left = width - 1 - _BEFORE - (name + 2 if name else 0) - 2 - _WHAT_AT_LEAST
    word = _WORD if left >= 2 else 0  # on the very narrowest the sign has to do
    left -= word + 2 if word else 0
    kept = []
    for column in sorted(COLUMNS, key=lambda column: -column.weight):
        if column.width + 2 <= left:
            kept.append(column)
            left -= column.width + 2
    what = max(6, min(_WHAT_AT_MOST, _WHAT_AT_LEAST + left))
    return Plan(word, name, what, tuple(column for column in COLUMNS if column in kept))


def title_line(plan: Plan) -> Line:
    """Return the titles of the columns."""
    words = (("time", 9), ("event", plan.word), ("target", plan.name), ("what", plan.what))
    cells = [f"{word:<{room}}" for word, room in words if room]
    cells += [f"{one.title:<{one.width}}" if one.left else f"{one.title:>{one.width}}" for one in plan.columns]
    return Line((Piece("   "), Piece("  ".join(cells).rstrip(), Look.QUIET)))


def later(line: Line) -> Line:
    """Return the row of an event that is after the moment of the time cursor: there it has not happened yet."""
    return line._replace(pieces=tuple(piece._replace(look=Look.QUIET) for piece in line.pieces))


def row_line(event: Event, plan: Plan, wall: float, width: int, cursor: str) -> Line:
    """Return the row of an event, seen at a time of the wall clock."""
    episode, look = event.episode, look_of(event)
    pieces = [Piece(f" {SIGNS[event.kind]} ", look), Piece(f"{text.when(event.wall, wall):<9}")]
    if plan.word:
        pieces.append(Piece(f"  {word_of(event):<{plan.word}}", look))
    if plan.name:
        pieces.append(Piece(f"  {text.shortened(event.target or 'all', plan.name):<{plan.name}}"))
    if episode is None:
        used = sum(len(piece.text) for piece in pieces) + 2
        pieces.append(Piece(f"  {cut(event.says, width - 1 - used)}", Look.PLAIN if event.alarming else Look.QUIET))
    else:
        words = full_label(episode.metric)
        words = words if len(words) <= plan.what else episode.metric.label
        pieces.append(Piece(f"  {cut(words, plan.what):<{plan.what}}", Look.TITLE if episode.ongoing else Look.PLAIN))
        for column in plan.columns:
            shown = column.shows(episode, wall)
            cell = f"{shown:<{column.width}}" if column.left else f"{shown:>{column.width}}"
            pieces.append(Piece(f"  {cell}", look if column.left else Look.PLAIN))
    return Line(tuple(pieces), selected=event.key == cursor, key=event.key)


def lit_line(line: Line, plan: Plan, words: str) -> Line:
    """Return the row of an event with the letters that were looked for shown: in what happened, and in the target."""
    before = 2 + bool(plan.word)
    for place in (before + bool(plan.name), *((before,) if plan.name else ())):
        line = lit(line, place, words)
    return line


def rises_now(event: Event) -> bool:
    """Whether an event is a rise that goes on."""
    return event.episode is not None and event.episode.ongoing


def word_of(event: Event) -> str:
    """Return what kind of event it is, in a word: a counter that does not rise any more rose."""
    return "rose" if event.episode is not None and not rises_now(event) else event.kind.value


def look_of(event: Event) -> Look:
    """Return how bad an event looks."""
    if event.kind in {Happening.BACK, Happening.OVER}:
        return Look.GOOD
    return _LOOKS.get(severity_of(event), Look.QUIET)


class Told(NamedTuple):
    """What the head tells of the list: the events there are, those shown, how many came above them, which is chosen."""

    events: Sequence[Event]
    shown: Sequence[Event]
    newer: int = 0
    chosen: str = ""


def head_lines(told: Told, wanted: Filter, plan: Plan, wall: float, width: int) -> list[Line]:
    """Return what stands above the rows: how many of which events these are, one of them in words, and the titles.

    The one is the chosen event, or the newest.
    """
    about = next((event for event in told.shown if event.key == told.chosen), next(iter(told.shown), None))
    return [summary_line(told, wanted, width), *detail_lines(about, wall, width), Line(), title_line(plan)]


def summary_line(told: Told, wanted: Filter, width: int) -> Line:
    """Return how many events there are, how many of them are shown, and why not the others."""
    every, some = len(told.events), len(told.shown)
    many = f"{text.count(every)}{'+' if every >= LISTED else ''} event{'' if every == 1 else 's'}"
    rising = sum(map(rises_now, told.shown))
    facts = [
        Fact(f"{text.count(some)} of {many}" if wanted != ALL else many, Look.TITLE, 10),
        Fact(f"of {wanted.target}" if wanted.target else "", Look.WARN, 9),
        Fact(f"{RISING} {rising} rising" if rising else "", Look.BAD, 7),
        Fact(f"{told.newer} newer above" if told.newer else "", Look.WARN, 6),
    ]
    return _row(fitting(facts, width - 2))


def detail_lines(event: Event | None, wall: float, width: int) -> list[Line]:
    """Return an event in words, over as many lines on every day: one on wide terminals, else two."""
    lines = 1 if width >= _WIDE else 2
    sentence = "" if event is None else sentence_of(event, wall)
    said = textwrap.wrap(sentence, max(20, width - 2), max_lines=lines, placeholder=" …")
    look = Look.PLAIN if event is not None and event.alarming else Look.QUIET
    return [Line((Piece(" "), Piece(part, look))) for part in [*said, *[""] * lines][:lines]]


def sentence_of(event: Event, wall: float) -> str:
    """Return all that is known of an event."""
    episode = event.episode
    if episode is None:
        return f"{event.target or 'all targets'}: {event.says}, {text.when(event.wall, wall)}"
    began = text.when(episode.started, wall)
    once = episode.last_rise <= episode.started
    ended = f"rose at {began}" if once else f"rose from {began} to {text.when(episode.last_rise, wall)}"
    when = f"rises since {began}" if episode.ongoing else ended
    grown = f"+{text.count(episode.total)} {'at once' if once else f'in {lasted(episode)}'}"
    hint = f": {episode.metric.hint}" if episode.metric.hint else ""
    return f"{event.target}: {full_label(episode.metric)} {when}, {grown}, peak {text.rate(episode.peak_rate)} /s{hint}"


def nothing_line(told: Told, since: float | None, wall: float) -> Line:
    """Return what is said where no event is shown: that there is none, or that the filter lets none through."""
    if told.events:
        words = "none of these events is asked for: t, v and / ask for others"
    elif since is None:
        words = "nothing happened yet: no target has been read"
    else:
        words = f"nothing happened since {text.when(since, wall)}"
    return Line((Piece(f" {words}", Look.QUIET),))


def cut(words: str, width: int) -> str:
    """Return words in at most ``width`` cells; what is left out is said to be.

    >>> cut("no route to host", 20), cut("no route to host", 9)
    ('no route to host', 'no route…')
    """
    return words if len(words) <= width else f"{words[: max(0, width - 1)].rstrip()}…"


def _row(facts: Iterable[Fact]) -> Line:
    pieces = [piece for fact in facts for piece in (Piece("  "), Piece(fact.text, fact.look))]
    return Line((Piece(" "), *pieces[1:]))
