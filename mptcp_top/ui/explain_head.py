"""The head of a page that explains a counter: which one, on which target, how much, and whether it rises."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from mptcp_top import text
from mptcp_top.model import Kind
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.events import lasted
from mptcp_top.ui.glyphs import DOWN, LIVE, NOTICE, PAUSED, RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.silenced import silenced_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.ui.explain_subject import Subject


def head_lines(subject: Subject, width: int) -> list[Line]:
    """Return the lines that stay at the top: which counter, how much, and whether it rises."""
    return [_names(subject, width), _value(subject, width), *_verdict(subject, width)]


def _names(subject: Subject, width: int) -> Line:
    frame, metric = subject.frame, subject.metric
    also = ", ".join(subject.entry.aliases) if subject.entry else ""
    left = [
        Fact(metric.name, Look.TITLE, 110),
        Fact(f"(also {also})" if also else "", Look.QUIET, 40),
    ]
    right = [
        Fact(text.shortened(frame.target.name, width // 3), Look.TITLE, 100),
        Fact(f"{NOTICE} {frame.target.caution}" if frame.target.caution else "", Look.BAD, 105),
        _state(subject),
        Fact(text.clock(subject.wall if subject.past else frame.moment.wall), Look.PLAIN, 80),
    ]
    return _spread(left, right, width)


def _state(subject: Subject) -> Fact:
    frame = subject.frame
    if frame.moment.replay is not None:
        return frame.moment.replay.fact
    if subject.past:
        return Fact(f"{PAUSED} not now", Look.WARN, 104)
    if frame.observation is None:
        return Fact(f"{PAUSED} connecting", Look.QUIET, 90)
    if frame.stale:
        return Fact(f"{DOWN} {text.duration(frame.age_seconds or 0.0)} old", Look.BAD, 104)
    return Fact(f"{LIVE} live", Look.GOOD, 90)


def _value(subject: Subject, width: int) -> Line:
    metric, change = subject.metric, subject.change
    until = subject.frame.silenced.get(metric.name)
    left = [
        Fact(f"{metric.group}: {metric.label}", Look.PLAIN, 100),
        Fact(f"{metric.kind}, {metric.severity}", Look.QUIET, 60),
        Fact("" if until is None else silenced_words(until, subject.frame.moment.shown_wall), Look.QUIET, 90),
    ]
    if change is None:
        return _spread(left, [Fact(text.UNKNOWN, Look.QUIET, 110)], width)
    rate = "" if subject.rate is None or not metric.grows else f"{text.rate(subject.rate)} /s"
    look = Look.QUIET if subject.frame.stale else Look.TITLE
    right = [
        Fact(f"{text.count(change.value)} {metric.unit}".rstrip(), look, 110),
        Fact(rate, Look.BAD if subject.rising else look, 105),
    ]
    return _spread(left, right, width)


def _verdict(subject: Subject, width: int) -> list[Line]:
    """Return whether the counter rises, in a line; why nothing is known of that, in as many as it takes."""
    frame, metric = subject.frame, subject.metric
    failure = frame.observation.failure if frame.observation else None
    if failure is not None:
        return _wrapped(f"{DOWN} {failure.reason}; these numbers are the last that were read", Look.BAD, width)
    if subject.change is None:
        return _wrapped(f"{PAUSED} {_why_nothing(subject)}", Look.QUIET, width)
    if metric.ambiguous:
        return _wrapped(f"{NOTICE} may be either of two counters: nothing is derived from it", Look.WARN, width)
    return [_spread(_rise(subject) if metric.flagged else [Fact(_calm(subject), Look.QUIET, 10)], [], width)]


def _why_nothing(subject: Subject) -> str:
    frame = subject.frame
    if frame.observation is None:
        return frame.moment.nothing_yet
    since = (
        f" ({subject.entry.system} {subject.entry.since} and later)" if subject.entry and subject.entry.since else ""
    )
    return f"this target does not have it{since}"


def _calm(subject: Subject) -> str:
    if subject.metric.kind is Kind.GAUGE:
        return "a gauge: what there is at this moment, up and down"
    return "its rises are not flagged" if subject.metric.severity.rank else "traffic: its rises are no error"


def _rise(subject: Subject) -> list[Fact]:
    episode, metric, wall = subject.episode, subject.metric, subject.wall
    if subject.rising and episode is not None:
        return [
            Fact(f"{RISING} rising since {text.when(episode.started, wall)}", Look.BAD, 10),
            Fact(f"+{text.count(episode.total)} {_in(lasted(episode))}", Look.PLAIN, 9),
            Fact(metric.hint, Look.WARN, 6),
        ]
    if episode is not None:
        said = f"last rise {text.when(episode.last_rise, wall)}, {text.duration(wall - episode.last_rise)} ago"
        return [
            Fact(f"{LIVE} does not rise now", Look.GOOD, 10),
            Fact(f"{said}: +{text.count(episode.total)} {_in(lasted(episode))}", Look.PLAIN, 9),
        ]
    return [Fact(f"{LIVE} {_never(subject)}", Look.GOOD, 10), Fact(_spared(subject), Look.QUIET, 5)]


def _in(length: str) -> str:
    return "at once" if length == "once" else f"in {length}"


def _never(subject: Subject) -> str:
    """Say that an error has not been flagged, and for how long that was watched."""
    seen, first = subject.frame.observation, subject.frame.first
    watched = seen.monotonic - first.monotonic if seen and first else 0.0
    return f"has not risen while watched, for {text.duration(max(0.0, watched))}"


def _spared(subject: Subject) -> str:
    """Say what rise of it is no error."""
    metric = subject.metric
    if metric.flag_above is not None:
        return f"flagged above {metric.flag_above:g} /s only"
    return f"flagged by what exceeds {metric.net_of} only" if metric.net_of else ""


def _wrapped(sentence: str, look: Look, width: int) -> list[Line]:
    parts = textwrap.wrap(sentence, max(20, width - 2), subsequent_indent="  ", break_on_hyphens=False)
    return [Line((Piece(" "), Piece(part, look))) for part in parts]


def _spread(left: Sequence[Fact], right: Sequence[Fact], width: int) -> Line:
    kept = fitting([*left, *right], width - 2)
    head, tail = _joined([fact for fact in left if fact in kept]), _joined([fact for fact in right if fact in kept])
    used = 1 + sum(len(piece.text) for piece in (*head, *tail))
    return Line((Piece(" "), *head, Piece(" " * max(0, width - 1 - used)), *tail))


def _joined(facts: Sequence[Fact]) -> list[Piece]:
    return [piece for fact in facts for piece in (Piece("  "), Piece(fact.text, fact.look))][1:]
