"""The first lines of the screen: who this is, the verdict, and the figures the verdict rests on."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.engine.ratios import ACCEPTED, CONNECTED, JOINS_IN, JOINS_OUT
from mptcp_top.model import Status
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.glyphs import DOWN, LIVE, NOTICE, PAUSED, RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.silenced import silenced_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    failure = frame.observation.failure if frame.observation else None
    if failure is not None:
        said = [*_wrapped(f"{DOWN} {failure.reason}", Look.BAD, width)]
        said += _wrapped(f"  {failure.advice}", Look.PLAIN, width) if failure.advice else []
        return [_identity(frame, width), *said, _row(_retry_facts(frame, failure), width)]
    lines = [_identity(frame, width), _verdict(frame, width), _figures(frame, width)]
    notices = frame.observation.identity.notices if frame.observation else ()
    return lines + [line for notice in notices for line in _wrapped(f"{NOTICE} {notice}", Look.WARN, width)]


def worst(frame: Frame) -> Episode | None:
    """Return the ongoing episode of a target to look at first; what is silenced is none."""
    return worst_of(frame.loud.values())


def worst_of(rising: Iterable[Episode]) -> Episode | None:
    """Return the episode to look at first: the most severe, then the one that began first."""
    return min(rising, key=lambda episode: (-episode.metric.severity.rank, episode.started), default=None)


def _identity(frame: Frame, width: int) -> Line:
    identity = frame.observation.identity if frame.observation else None
    left = [
        Fact("mptcp-top", Look.QUIET, 1),
        Fact(text.shortened(frame.target.name, width // 3), Look.TITLE, 110),
        Fact(frame.place, Look.QUIET, 70),
        Fact(identity.product if identity else "", Look.PLAIN, 60),
        Fact(identity.role if identity else "", Look.PLAIN, 65),
        Fact(identity.host if identity and identity.host != frame.target.name else "", Look.PLAIN, 50),
        Fact(f"{NOTICE} {frame.target.caution}" if frame.target.caution else "", Look.BAD, 105),
    ]
    age, latency = frame.age_seconds, frame.observation.latency_seconds if frame.observation else None
    refresh_seconds = frame.observation.refresh_seconds if frame.observation else 0.0
    old = age is not None and age > 1.5 * frame.interval_seconds + 1 + refresh_seconds
    told = age is not None and (old or refresh_seconds > 0)
    right = [
        Fact(f"every {text.interval(frame.interval_seconds)}", Look.QUIET, 30),
        Fact(f"data {text.duration(age or 0)} old" if told else "", Look.WARN if old else Look.QUIET, 95),
        Fact(text.latency(latency) if latency and latency >= 0.001 else "", Look.QUIET, 20),
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
        return Fact(f"{PAUSED} the past, {text.duration(frame.moment.past_seconds)} ago", Look.WARN, 100)
    if frame.observation is None:
        return Fact(f"{PAUSED} connecting", Look.QUIET, 100)
    failure = frame.observation.failure
    if failure is None:
        return Fact(f"{LIVE} live", Look.GOOD, 100)
    return Fact(f"{DOWN} {_WORDS[failure.status]}", Look.BAD, 100)


def _verdict(frame: Frame, width: int) -> Line:
    if frame.observation is None:
        past = frame.moment.cursor is not None
        words = "no counters are remembered of that moment" if past else "waiting for the first counters"
        return _row([Fact(f"{PAUSED} {words}", Look.QUIET, 1)], width)
    rising, first = frame.loud, worst(frame)
    if first is None:
        return _row(_alert_facts(frame, width) or _calm_facts(frame, width), width)
    many = f"{len(rising)} errors rising" if len(rising) > 1 else "1 error rising"
    name = f"{first.metric.group} {first.metric.label}"
    facts = [
        Fact(f"{RISING} {many}", Look.BAD, 10),
        Fact(f"worst: {name}" if len(rising) > 1 else name, Look.PLAIN, 9),
        Fact(f"since {text.when(first.started, frame.observation.wall)}", Look.PLAIN, 8),
        Fact(first.metric.hint, Look.WARN, 6),
        *(Fact(f"{NOTICE} {alert.name}", Look.WARN, 7) for alert in frame.loud_alerts),
        Fact(frame.elsewhere, Look.WARN, 7),
        _quiet_fact(frame, width),
    ]
    return _row(facts, width)


def _alert_facts(frame: Frame, width: int) -> list[Fact]:
    """Say which alerts hold: the first with its numbers."""
    alerts, seen = frame.loud_alerts, frame.observation
    if not alerts or seen is None:
        return []
    first, *others = sorted(alerts, key=lambda alert: -alert.severity.rank)
    return [
        Fact(
            _fits((f"{NOTICE} {first.says}", f"{NOTICE} {first.brief}", f"{NOTICE} {first.name}"), width - 2),
            Look.BAD,
            10,
        ),
        Fact(f"since {text.when(first.wall, seen.wall)}", Look.PLAIN, 8),
        *(Fact(f"{NOTICE} {alert.name}", Look.WARN, 6) for alert in others),
        Fact(frame.elsewhere, Look.WARN, 7),
        _quiet_fact(frame, width),
    ]


def _quiet_fact(frame: Frame, width: int) -> Fact:
    wall = frame.moment.shown_wall
    said = ", ".join(f"{called} {silenced_words(until, wall)}" for called, until in frame.quiet.items())
    return Fact(_fits((said, f"{len(frame.quiet)} silenced"), width // 2) if frame.quiet else "", Look.QUIET, 4)


def _fits(wordings: Sequence[str], width: int) -> str:
    """Return the first of several wordings that fits, else the last."""
    return next((words for words in wordings if len(words) <= width), wordings[-1])


def _calm_facts(frame: Frame, width: int) -> list[Fact]:
    unknown = _not_known_yet(frame)
    if unknown:
        return unknown
    last = max((episode.last_rise for episode in frame.episodes.values()), default=None)
    observation, first = frame.observation, frame.first
    watched = observation.monotonic - first.monotonic if observation and first else 0.0
    now = observation.wall if observation else frame.moment.wall
    quiet = f"the last rise was at {text.when(last, now)}" if last else f"watching for {text.duration(watched)}"
    other = "no other error" if observation and observation.rising else "no error"
    return [
        Fact(f"{LIVE} {other} is rising", Look.GOOD, 10),
        _quiet_fact(frame, width)._replace(weight=9),
        Fact(quiet, Look.QUIET, 5),
        Fact(frame.elsewhere, Look.WARN, 9),
    ]


def _not_known_yet(frame: Frame) -> list[Fact]:
    """Say what is to be said before the first refresh: not that all is well, but what the appliance says itself."""
    seen, first = frame.observation, frame.first
    if seen is None or first is None or not seen.refresh_seconds or seen.data_time > first.data_time:
        return []
    own = seen.own_rates or ()
    alarming = [
        (metric, rate) for metric, rate in zip(seen.layout.metrics, own, strict=False) if metric.flagged and rate
    ]
    if not alarming:
        return [Fact(f"{PAUSED} whether errors rise is known after the first refresh", Look.QUIET, 10)]
    metric, rate = max(alarming, key=lambda pair: (pair[0].severity.rank, pair[1]))
    says = f"by the appliance's own rates {len(alarming)} rise" + ("s" if len(alarming) == 1 else "")
    return [
        Fact(f"{RISING} {says}", Look.BAD, 10),
        Fact(f"{metric.group} {metric.label} {text.rate(rate)} /s", Look.PLAIN, 9),
        Fact(metric.hint, Look.WARN, 6),
    ]


def _figures(frame: Frame, width: int) -> Line:
    observation = frame.observation
    if observation is None:
        return Line()
    ratios, column = frame.ratios, observation.layout.concepts.get("sessions_current")
    now = None if column is None else observation.values[column]
    facts = [Fact(frame.numbers.said(observation.wall), Look.WARN, 11)]
    facts += [Fact(f"connections {text.count(now)}", Look.TITLE, 10)] if column is not None else []
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
        facts.append(Fact(f"{ratios.subflows_a_connection - 1:.1f} joins a new connection", Look.PLAIN, 3))
    if frame.reset_wall is not None:
        facts.append(Fact(f"counters reset at {text.when(frame.reset_wall, observation.wall)}", Look.WARN, 9))
    nothing = all(passed.began == 0 for passed in ratios.funnels.values())
    if frame.window_seconds > 0 and ratios.funnels:
        span = text.duration(frame.window_seconds)
        facts.append(Fact(f"nothing new in {span}" if nothing else f"in {span}", Look.QUIET, 8 if nothing else 7))
    return _row(facts, width)


def _retry_facts(frame: Frame, failure: Failure) -> list[Fact]:
    left = None
    if failure.retry_seconds is not None:
        left = failure.monotonic + failure.retry_seconds - frame.moment.monotonic
    retry = "" if left is None else f"next try in {text.duration(max(0.0, left))}" if left >= 0.5 else "trying again"
    age = frame.age_seconds
    return [
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
    parts = textwrap.wrap(sentence, max(20, width - 2), subsequent_indent="  ", break_on_hyphens=False)
    return [Line((Piece(" "), Piece(part, look))) for part in parts]
