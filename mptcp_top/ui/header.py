"""The first lines of the screen: who this is, the verdict, and the figures the verdict rests on."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.causes import causes_first
from mptcp_top.engine.ratios import ACCEPTED, CONNECTED, JOINS_IN, JOINS_OUT
from mptcp_top.engine.standing import Concern
from mptcp_top.model import Status
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.glyphs import DOWN, LIVE, NOTICE, PAUSED, RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.numbers import counted_from
from mptcp_top.ui.silenced import silenced_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.evidence import Finding
    from mptcp_top.model import Failure, Metric
    from mptcp_top.ui.frame import Frame

_WORDS: Final = {
    Status.OK: "live",
    Status.UNREACHABLE: "unreachable",
    Status.AUTH_FAILED: "access refused",
    Status.BAD_REPLY: "unreadable",
    Status.UNSUPPORTED: "no MPTCP counters",
    Status.NO_ACCESS: "no access",
}
SIGNS: Final = {
    Concern.NONE: (LIVE, Look.GOOD),
    Concern.CONNECTING: (PAUSED, Look.QUIET),
    Concern.STALE: (NOTICE, Look.WARN),
    Concern.CHANGED: (NOTICE, Look.WARN),
    Concern.HANDSHAKES: (NOTICE, Look.WARN),
    Concern.ALERT: (NOTICE, Look.BAD),
    Concern.ERRORS: (RISING, Look.BAD),
    Concern.SECURITY: (RISING, Look.BAD),
    Concern.DOWN: (DOWN, Look.BAD),
}
"""How each concern stands in one sign, and how it looks."""

VERDICT_LINES: Final = 2
_FUNNELS: Final = ((ACCEPTED, 6), (CONNECTED, 5), (JOINS_IN, 8), (JOINS_OUT, 7))


def header_lines(frame: Frame, width: int) -> list[Line]:
    """Return the lines above the panels; always at least three."""
    failure = frame.observation.failure if frame.observation else None
    if failure is not None:
        said = [*_wrapped(f"{DOWN} {failure.reason}", Look.BAD, width)]
        said += _wrapped(f"  {failure.advice}", Look.PLAIN, width) if failure.advice else []
        return [_identity(frame, width), *said, _row(_retry_facts(frame, failure), width)]
    lines = [_identity(frame, width), *_verdict(frame, width), _figures(frame, width)]
    notices = frame.observation.identity.notices if frame.observation else ()
    return lines + [line for notice in notices for line in _wrapped(f"{NOTICE} {notice}", Look.WARN, width)]


def counter_to_look_at(frame: Frame) -> Metric | None:
    """Return the counter the verdict names first, else the error that rose when the target was last read."""
    named = next((finding.metric for finding in frame.verdict.findings if finding.metric is not None), None)
    return named or error_to_look_at(frame)


def error_to_look_at(frame: Frame) -> Metric | None:
    """Return the error to look at first of those that rise; what is silenced is none."""
    return next((episode.metric for episode in causes_first(frame.loud.values())), None)


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
        frame.moment.replay.remark if frame.moment.replay else Fact("", Look.PLAIN, 0),
        _state(frame, width),
        Fact(_clock(frame), Look.PLAIN, 80),
    ]
    kept = fitting([*left, *right], width - 2)
    return _spread([fact for fact in left if fact in kept], [fact for fact in right if fact in kept], width)


def _clock(frame: Frame) -> str:
    """Return the time that is shown; of the past and of a recording with its day, where that is not today."""
    wall = frame.observation.wall if frame.paused and frame.observation else frame.moment.shown_wall
    replay = frame.moment.replay
    return text.date_and_clock(wall, frame.moment.wall if replay is None else replay.today)


def _state(frame: Frame, width: int) -> Fact:
    if frame.moment.replay is not None:
        fact = frame.moment.replay.fact
        return fact._replace(text=_fits((fact.text, fact.text.replace("replay, ", "")), width // 3))
    if frame.paused:
        ago = f"{PAUSED} the past, {text.duration(frame.moment.past_seconds)} ago"
        return Fact(_fits((ago, f"{PAUSED} the past"), width // 3), Look.WARN, 100)
    if frame.observation is None:
        return Fact(f"{PAUSED} connecting", Look.QUIET, 100)
    failure = frame.observation.failure
    if failure is None:
        return Fact(f"{LIVE} live", Look.GOOD, 100)
    return Fact(f"{DOWN} {_WORDS[failure.status]}", Look.BAD, 100)


def _verdict(frame: Frame, width: int) -> list[Line]:
    """Return the verdict: a line for the finding that is behind the others, or the worst, and one for the next."""
    if frame.observation is None:
        return [_row([Fact(f"{PAUSED} {frame.moment.nothing_yet}", Look.QUIET, 1)], width)]
    findings = frame.verdict.findings
    if not findings:
        return [_row(_calm_facts(frame, width), width)]
    first, *others = findings
    following = [one for one in others if not one.called]
    shown = (first, *following[: VERDICT_LINES - 1])
    lines = [finding_facts(finding, frame.observation.wall, width) for finding in shown]
    lines[0] += [Fact(f"{NOTICE} {one.called}", Look.WARN, 7) for one in others if one.called]
    lines[0] += [Fact(frame.elsewhere, Look.WARN, 7), _quiet_fact(frame, width)]
    more = len(following) - len(shown) + 1
    lines[-1].append(Fact(f"+{more} more" if more else "", Look.WARN, 9))
    return [_row(facts, width) for facts in lines]


def finding_facts(finding: Finding, now: float, width: int) -> list[Fact]:
    """Return a finding as the parts of a sentence, to be left out by weight."""
    sign, look = SIGNS[finding.concern]
    wordings = (finding.says, finding.short, finding.called) if finding.called else (finding.says,)
    when = "" if finding.since is None else f"{'at' if finding.once else 'since'} {text.when(finding.since, now)}"
    hint = _fits([finding.hint, finding.hint.rpartition(": ")[2]], width - 2 - len(f"{sign} {finding.says}  "))
    return [
        Fact(_fits([f"{sign} {words}" for words in wordings], width - 2), look, 10),
        Fact(finding.which, Look.PLAIN, 9),
        Fact(when, Look.PLAIN, 8),
        Fact(hint, Look.QUIET if finding.concern is Concern.CHANGED else Look.WARN, _hint_weight(finding)),
    ]


def _hint_weight(finding: Finding) -> int:
    """Return how much a hint weighs: that of a counter stands in its row as well, that of a handshake nowhere else."""
    return 9 if finding.concern is Concern.HANDSHAKES else 6


def _quiet_fact(frame: Frame, width: int) -> Fact:
    wall = frame.moment.shown_wall
    said = ", ".join(f"{called} {silenced_words(until, wall)}" for called, until in frame.quiet.items())
    return Fact(_fits((said, f"{len(frame.quiet)} silenced"), width // 2) if frame.quiet else "", Look.QUIET, 4)


def _fits(wordings: Sequence[str], width: int) -> str:
    """Return the first of several wordings that fits, else the last."""
    return next((words for words in wordings if len(words) <= width), wordings[-1])


def _calm_facts(frame: Frame, width: int) -> list[Fact]:
    observation, first, last = frame.observation, frame.first, frame.verdict.last
    watched = observation.monotonic - first.monotonic if observation and first else 0.0
    now = observation.wall if observation else frame.moment.wall
    quiet = f"watching for {text.duration(watched)}"
    if last is not None:
        quiet = f"last {'rise ' if last.rise else ''}{text.when(last.wall, now)} {last.says} (e shows it)"
    other = "no other error" if observation and observation.rising else "no error"
    return [
        Fact(f"{LIVE} {other} is rising", Look.GOOD, 10),
        _quiet_fact(frame, width)._replace(weight=9),
        Fact(quiet, Look.QUIET, 5),
        Fact(frame.elsewhere, Look.WARN, 9),
    ]


def _figures(frame: Frame, width: int) -> Line:
    observation = frame.observation
    if observation is None:
        return Line()
    ratios, column = frame.ratios, observation.layout.concepts.get("sessions_current")
    now = None if column is None else observation.values[column]
    counted = counted_from(frame.grown, observation.wall)
    facts = [Fact(frame.numbers.said(observation.wall), Look.WARN, 11), Fact(counted, Look.WARN, 10)]
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
    if frame.reset_wall is not None and not counted:
        facts.append(Fact(f"counters reset at {text.when(frame.reset_wall, observation.wall)}", Look.WARN, 9))
    nothing = all(passed.began == 0 for passed in ratios.funnels.values())
    if frame.window_seconds > 0 and ratios.funnels:
        span = f"in {text.duration(frame.window_seconds)}" if frame.basis is Basis.RATE else ""  # else it is said
        facts.append(Fact(f"nothing new {span}".rstrip() if nothing else span, Look.QUIET, 8 if nothing else 7))
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
