"""What is wrong with a target, concern by concern, in words. Each function judges one concern and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.engine.causes import causes_first, explained
from mptcp_top.engine.events import Happening
from mptcp_top.engine.evidence import Evidence, Finding, Where
from mptcp_top.engine.ratios import ACCEPTED, CONNECTED, FUNNELS, JOINS_IN, JOINS_OUT, Passed, together
from mptcp_top.engine.standing import Concern, error_rate
from mptcp_top.model import Group, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.engine.slumps import Slump
    from mptcp_top.model import Metric, Observation

JOINS_ENOUGH: Final = 10
"""Joins in a minute from which their share says something."""

JOINS_FINE: Final = 0.95

ACCEPTED_ENOUGH: Final = 50
ACCEPTED_FINE: Final = 0.5
"""A share of the inbound handshakes that is no good, whatever it was before."""

SYNS: Final = {ACCEPTED: Group.MP_CAPABLE, JOINS_IN: Group.MP_JOIN}
"""What SYNs floods of inbound handshakes are made of."""

_FLOOD_MAKES: Final = frozenset({"capable_ack_bad_cookie", "fallback_no_token"})
"""The errors of these panels that a flood makes; others explain by themselves why handshakes fail."""

MAY_BE: Final = {
    ACCEPTED: "lost, filtered or refused?",
    CONNECTED: "no MPTCP there, or options stripped?",
    JOINS_IN: "joins lost, or at the wrong host?",
    JOINS_OUT: "joins filtered on a path?",
}


def listed(words: Iterable[str]) -> str:
    """Return words as a list, with commas between them unless they have commas themselves.

    >>> listed(["unknown token", "bad checksum"]), listed(["session, no memory", "refused"])
    ('unknown token, bad checksum', 'session, no memory; refused')
    """
    every = tuple(dict.fromkeys(words))
    return ("; " if any("," in one or ";" in one for one in every) else ", ").join(every)


def errors(evidence: Evidence, seen: Observation) -> list[Finding]:
    """Return the errors that rise as one finding, which names the one that explains most, or the worst."""
    if not evidence.known:
        return _by_its_own_word(evidence, seen)
    if not evidence.loud:
        return []
    first, *others = ordered = causes_first(evidence.loud)
    name = _full_label(first.metric)
    word = "cause" if explained(first, others) else "worst"
    worst = max(one.metric.severity.rank for one in ordered)
    return [
        Finding(
            Concern.SECURITY if worst == Severity.SECURITY.rank else Concern.ERRORS,
            f"{len(ordered)} errors rising" if others else "1 error rising",
            f"{word}: {name}" if others else name,
            first.started,
            first.metric.hint,
            listed(one.metric.label for one in ordered),
            metric=first.metric,
            severity=worst,
            rate=error_rate(seen),
        )
    ]


def _full_label(metric: Metric) -> str:
    return metric.label if metric.group is Group.ERRORS else f"{metric.group} {metric.label}"


def _by_its_own_word(evidence: Evidence, seen: Observation) -> list[Finding]:
    """Return what an appliance's own rates say before its first refresh tells us ours."""
    pairs = zip(seen.layout.metrics, seen.own_rates or (), strict=False)
    alarming = [(one, rate) for one, rate in pairs if one.flagged and rate and one.name not in evidence.silenced]
    if not alarming:
        return []
    metric, rate = max(alarming, key=lambda pair: (pair[0].severity.rank, pair[1]))
    says = f"by the appliance's own rates {len(alarming)} rise" + ("s" if len(alarming) == 1 else "")
    return [
        Finding(
            Concern.SECURITY if metric.severity is Severity.SECURITY else Concern.ERRORS,
            says,
            f"{_full_label(metric)} {text.rate(rate)} /s",
            hint=metric.hint,
            short=f"{metric.label} by its own rates",
            metric=metric,
            severity=metric.severity.rank,
            rate=sum(rate for _, rate in alarming),
        )
    ]


def handshakes(evidence: Evidence, seen: Observation) -> list[Finding]:
    """Return the handshakes that come through less often than before, and those that hardly come through at all."""
    slumps = [_slump(one, evidence, seen) for one in evidence.slumps]
    if not evidence.known:
        own = _by_its_own_rates(seen)
        return _poor_accepted(own, seen) if own is not None else []
    if alerts(evidence):  # they say so themselves
        return slumps
    poor = _poor_accepted(evidence.lately[ACCEPTED], seen) if ACCEPTED in evidence.lately else []
    return [*slumps, *poor, *(() if _explained(JOINS_IN, seen) else _poor_joins(evidence, seen))]


def _nowhere(funnel: str, seen: Observation) -> Where:
    """Return what can be said of a funnel nobody looked at closely: the counter its handshakes begin with."""
    began = next(one.began for one in FUNNELS if one.name == funnel)
    column = seen.layout.concepts.get(began)
    return Where("", None if column is None else seen.layout.metrics[column])


def _by_its_own_rates(seen: Observation) -> Passed | None:
    """Return what went through inbound handshakes in a minute by an appliance's own rates."""
    funnel = next(funnel for funnel in FUNNELS if funnel.name == ACCEPTED)
    columns = [seen.layout.concepts.get(concept) for concept in (funnel.began, funnel.arrived)]
    rates = [None if column is None or seen.own_rates is None else seen.own_rates[column] for column in columns]
    began, arrived = rates
    return None if began is None or arrived is None else Passed(int(60 * began), int(60 * arrived))


def _slump(slumping: tuple[Slump, Passed, float], evidence: Evidence, seen: Observation) -> Finding:
    """Return what there is to say of a slump: that there is a flood, or where the handshakes die."""
    slump, now, seconds = slumping
    where = evidence.where.get(slump.funnel) or _nowhere(slump.funnel, seen)
    shares = f"{slump.funnel} {text.percent(now.share)}, was {text.percent(slump.was.share)}"
    surge = None if _explained(slump.funnel, seen) else slump.surge(now, seconds)
    if surge is None:
        return Finding(
            Concern.HANDSHAKES,
            shares,
            since=slump.started,
            hint=where.says or MAY_BE[slump.funnel],
            short=shares,
            metric=where.metric,
            rate=now.lost / seconds,
        )
    return Finding(
        Concern.SECURITY,
        f"{surge:.0f} x as many {SYNS[slump.funnel]} SYNs",
        shares,
        slump.started,
        "a flood of SYNs?",
        f"SYN flood? {shares}",
        metric=where.metric,
        behind=True,
        severity=Severity.SECURITY.rank,
        rate=now.lost / seconds,
    )


def _explained(funnel: str, seen: Observation) -> bool:
    """Whether it takes no flood to explain why handshakes fail: nobody can flood them, or errors of their own rise."""
    if funnel not in SYNS:
        return True
    rising = (episode.metric for episode in seen.rising.values())
    return any(metric.group is SYNS[funnel] and metric.concept not in _FLOOD_MAKES for metric in rising)


def _poor_accepted(passed: Passed, seen: Observation) -> list[Finding]:
    """Return that too few inbound handshakes come through, whatever it was before."""
    if passed.began < ACCEPTED_ENOUGH or (passed.share or 0.0) >= ACCEPTED_FINE:
        return []
    says = f"only {text.percent(passed.share)} of inbound handshakes come through"
    return [
        Finding(
            Concern.HANDSHAKES,
            says,
            hint="a flood, or ACKs lost?",
            short=says,
            metric=_nowhere(ACCEPTED, seen).metric,
            behind=not _explained(ACCEPTED, seen),
            rate=float(passed.lost),
        )
    ]


def _poor_joins(evidence: Evidence, seen: Observation) -> list[Finding]:
    """Return that too few joins come through, whatever it was before."""
    passed = together(evidence.lately, (JOINS_IN, JOINS_OUT))
    if passed is None or passed.began < JOINS_ENOUGH or (passed.share or 0.0) >= JOINS_FINE:
        return []
    worst = max((JOINS_IN, JOINS_OUT), key=lambda name: evidence.lately[name].lost if name in evidence.lately else 0)
    where = evidence.where.get(worst) or _nowhere(worst, seen)
    says, hint = f"only {text.percent(passed.share)} of joins come through", where.says or "filtered or refused?"
    return [Finding(Concern.HANDSHAKES, says, hint=hint, short=says, metric=where.metric, rate=float(passed.lost))]


def alerts(evidence: Evidence) -> list[Finding]:
    """Return the alerts that hold and are not silenced, the worst first."""
    loud = [alert for alert in evidence.alerts if alert.name not in evidence.silenced]
    return [
        Finding(
            Concern.ALERT,
            alert.says,
            since=alert.wall,
            short=alert.brief,
            called=alert.name,
            severity=alert.severity.rank,
            rate=float(len(loud)),
        )
        for alert in sorted(loud, key=lambda alert: -alert.severity.rank)
    ]


def changes(evidence: Evidence, seen: Observation) -> list[Finding]:
    """Return who began anew or changed its role of late, the newest first, and whether there are rates yet."""
    if not evidence.changes:
        return []
    unknown = seen.reset if seen.rates is None else all(rate is None for rate in seen.rates)
    hint = "no rates before the next refresh" if unknown else "e shows it"
    return [
        Finding(Concern.CHANGED, event.says, "", event.wall, hint, event.says, once=True)
        for event in reversed(evidence.changes)
        if event.kind in {Happening.RESET, Happening.ROLE}
    ]


def stale(evidence: Evidence) -> list[Finding]:
    """Return that the numbers should have been renewed by now."""
    if evidence.overdue_seconds is None:
        return []
    says = f"numbers {text.duration(evidence.overdue_seconds)} old"
    return [Finding(Concern.STALE, says, short=says, rate=evidence.overdue_seconds)]
