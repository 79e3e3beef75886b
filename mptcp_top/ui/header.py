"""The first lines of the screen: who this is, the verdict, and the figures the verdict rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.engine.ratios import ACCEPTED, CONNECTED, JOINS_IN, JOINS_OUT
from mptcp_top.model import Status
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.glyphs import DOWN, LIVE, NOTICE, PAUSED, RISING
from mptcp_top.ui.line import Line, Look, Piece

if TYPE_CHECKING:
    from mptcp_top.model import Episode, Failure
    from mptcp_top.ui.frame import Frame

_WORDS: Final = {
    Status.OK: "live",
    Status.UNREACHABLE: "unreachable",
    Status.AUTH_FAILED: "access refused",
    Status.BAD_REPLY: "unreadable",
    Status.UNSUPPORTED: "no MPTCP counters",
    Status.NO_ACCESS: "no access",
}
_FUNNELS: Final = ((ACCEPTED, 6), (CONNECTED, 5), (JOINS_IN, 8), (JOINS_OUT, 7))


def header_lines(frame: Frame, width: int) -> list[Line]:
    """Return the lines above the panels; always at least three."""
    lines = [_identity(frame, width), _verdict(frame, width), _figures(frame, width)]
    notices = frame.observation.identity.notices if frame.observation else ()
    return lines + [line for notice in notices for line in _wrapped(f"{NOTICE} {notice}", Look.WARN, width)]


def worst(frame: Frame) -> Episode | None:
    """Return the ongoing episode to look at first: the most severe, then the one that began first."""
    rising = frame.observation.rising.values() if frame.observation else ()
    return min(rising, key=lambda episode: (-episode.metric.severity.rank, episode.started), default=None)


def _identity(frame: Frame, width: int) -> Line:
    identity = frame.observation.identity if frame.observation else None
    left = [
        Fact("mptcp-top", Look.QUIET, 1),
        Fact(frame.target.name, Look.TITLE, 90),
        Fact(identity.product if identity else "", Look.PLAIN, 60),
        Fact(identity.host if identity else "", Look.PLAIN, 50),
    ]
    age, latency = frame.age_seconds, frame.observation.latency_seconds if frame.observation else None
    old = age is not None and age > 1.5 * frame.interval_seconds + 1
    right = [
        Fact(f"every {text.interval(frame.interval_seconds)}", Look.QUIET, 30),
        Fact(f"data {text.duration(age or 0)} old" if old else "", Look.WARN, 95),
        Fact(f"{latency * 1000:.1f} ms" if latency and latency >= 0.001 else "", Look.QUIET, 20),
        _state(frame),
        Fact(
            text.clock(frame.observation.wall if frame.paused and frame.observation else frame.moment.wall),
            Look.PLAIN,
            80,
        ),
    ]
    kept = fitting([*left, *right], width - 2)
    return _spread([fact for fact in left if fact in kept], [fact for fact in right if fact in kept], width)


def _state(frame: Frame) -> Fact:
    if frame.paused:
        return Fact(f"{PAUSED} paused", Look.WARN, 100)
    if frame.observation is None:
        return Fact(f"{PAUSED} connecting", Look.QUIET, 100)
    failure = frame.observation.failure
    if failure is None:
        return Fact(f"{LIVE} live", Look.GOOD, 100)
    return Fact(f"{DOWN} {_WORDS[failure.status]}", Look.BAD, 100)


def _verdict(frame: Frame, width: int) -> Line:
    if frame.observation is None:
        return _row([Fact(f"{PAUSED} waiting for the first counters", Look.QUIET, 1)], width)
    if frame.observation.failure is not None:
        return _row(_failure_facts(frame.observation.failure), width)
    rising, first = frame.observation.rising, worst(frame)
    if first is None:
        return _row(_calm_facts(frame), width)
    many = f"{len(rising)} errors rising" if len(rising) > 1 else "1 error rising"
    name = f"{first.metric.group} {first.metric.label}"
    facts = [
        Fact(f"{RISING} {many}", Look.BAD, 10),
        Fact(f"worst: {name}" if len(rising) > 1 else name, Look.PLAIN, 9),
        Fact(f"since {text.clock(first.started)}", Look.PLAIN, 8),
        Fact(first.metric.hint, Look.WARN, 7),
    ]
    return _row(facts, width)


def _calm_facts(frame: Frame) -> list[Fact]:
    last = max((episode.last_rise for episode in frame.episodes.values()), default=None)
    since = last if last is not None else frame.watched_since
    now = frame.observation.wall if frame.observation else frame.moment.wall
    watched = f"watching for {text.duration(max(0.0, now - since))}" if since else ""
    quiet = f"the last rise was at {text.clock(last)}" if last is not None else watched
    return [Fact(f"{LIVE} no error is rising", Look.GOOD, 10), Fact(quiet, Look.QUIET, 5)]


def _failure_facts(failure: Failure) -> list[Fact]:
    return [Fact(f"{DOWN} {failure.reason}", Look.BAD, 10)]


def _figures(frame: Frame, width: int) -> Line:
    observation = frame.observation
    if observation is None:
        return Line()
    if observation.failure is not None:
        return _row(_retry_facts(frame, observation.failure), width)
    ratios, column = frame.ratios, observation.layout.concepts.get("sessions_current")
    now = None if column is None else observation.values[column]
    facts = [Fact(f"connections {text.count(now)}", Look.TITLE, 10)] if column is not None else []
    for name, weight in _FUNNELS:
        passed = ratios.funnels.get(name)
        if passed is not None and passed.share is not None:
            look = Look.WARN if passed.share < 0.95 else Look.PLAIN
            facts.append(Fact(f"{name} {text.percent(passed.share)}", look, weight))
    if ratios.fallback_share is not None:
        look = Look.WARN if ratios.fallback_share > 0.05 else Look.PLAIN
        facts.append(Fact(f"fallback {text.percent(ratios.fallback_share)}", look, 9))
    if ratios.subflow_failures:
        facts.append(Fact(f"subflow failures {text.count(ratios.subflow_failures)}", Look.WARN, 4))
    if ratios.subflows_a_connection is not None:
        facts.append(Fact(f"{ratios.subflows_a_connection:.1f} subflows each", Look.PLAIN, 3))
    nothing = all(passed.began == 0 for passed in ratios.funnels.values())
    if frame.window_seconds > 0:
        span = text.duration(frame.window_seconds)
        facts.append(Fact(f"nothing new in {span}" if nothing else f"in {span}", Look.QUIET, 8 if nothing else 2))
    return _row(facts, width)


def _retry_facts(frame: Frame, failure: Failure) -> list[Fact]:
    left = None
    if failure.retry_seconds is not None:
        left = failure.monotonic + failure.retry_seconds - frame.moment.monotonic
    retry = "" if left is None else f"next try in {text.duration(max(0.0, left))}" if left >= 0.5 else "trying again"
    age = frame.age_seconds
    return [
        Fact(f"  {failure.advice}" if failure.advice else "", Look.PLAIN, 9),
        Fact(retry, Look.QUIET, 10),
        Fact(f"numbers below are {text.duration(age)} old" if age is not None else "", Look.QUIET, 8),
    ]


def _row(facts: list[Fact], width: int) -> Line:
    return _spread(fitting(facts, width - 2), [], width)


def _spread(left: list[Fact], right: list[Fact], width: int) -> Line:
    pieces = [Piece(" "), *_joined(left)]
    tail = _joined(right)
    used = sum(len(piece.text) for piece in (*pieces, *tail))
    return Line((*pieces, Piece(" " * max(0, width - 1 - used)), *tail))


def _joined(facts: list[Fact]) -> list[Piece]:
    pieces = [piece for fact in facts for piece in (Piece("  "), Piece(fact.text, fact.look))]
    return pieces[1:]


def _wrapped(sentence: str, look: Look, width: int) -> list[Line]:
    lines, line = [], ""
    for word in sentence.split():
        if line and len(line) + 1 + len(word) > width - 2:
            lines.append(line)
            line = "  " + word
        else:
            line = f"{line} {word}" if line else word
    return [Line((Piece(" "), Piece(part, look))) for part in (*lines, line)]
