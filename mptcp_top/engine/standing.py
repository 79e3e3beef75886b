"""How badly a target needs a look: the order of the fleet, and the reason for it in words.

The order is a list of concerns, each worse than the one after it: down, security errors that rise, other errors that
rise, alerts, joins that do not come through, numbers that are stale. Within one concern the more severe counter comes
first, then the higher rate. There are no weights to tune and nothing to guess: `Standing.reason` says which it is.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.model import Severity

if TYPE_CHECKING:
    from collections.abc import Container

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.ratios import Passed
    from mptcp_top.model import Episode, Observation

JOINS_ENOUGH: Final = 10
"""Joins in a minute from which their share says something."""

JOINS_FINE: Final = 0.95


class Concern(IntEnum):
    """Why a target needs a look, the worst highest."""

    NONE = 0
    CONNECTING = 1
    STALE = 2
    JOINS = 3
    ALERT = 4
    ERRORS = 5
    SECURITY = 6
    DOWN = 7


class Standing(NamedTuple):
    """Where a target stands: larger is worse, and tuples compare in that order."""

    concern: Concern = Concern.NONE
    severity: int = 0
    rate: float = 0.0
    reason: str = ""


class Circumstances(NamedTuple):
    """What is judged: the newest observation, the joins of the last minute, and whether the numbers are overdue.

    What is ``silenced`` of the errors and the alerts is not judged, but said.
    """

    observation: Observation | None
    joins: Passed | None = None
    overdue_seconds: float | None = None
    alerts: tuple[Alert, ...] = ()
    silenced: Container[str] = frozenset()


def standing_of(now: Circumstances) -> Standing:
    """Return where a target stands.

    >>> standing_of(Circumstances(None)).concern.name
    'CONNECTING'
    """
    seen = now.observation
    if seen is None:
        return Standing(Concern.CONNECTING, reason="connecting")
    if seen.failure is not None:
        return Standing(Concern.DOWN, reason=seen.failure.reason)
    return _of_alarms(seen, now) or _of_traffic(now) or _of_silenced(seen, now)


def _of_alarms(seen: Observation, now: Circumstances) -> Standing | None:
    rising = [episode for name, episode in seen.rising.items() if name not in now.silenced]
    if rising:
        return _of_errors(seen, rising)
    alerts = [alert for alert in now.alerts if alert.name not in now.silenced]
    if not alerts:
        return None
    worst = max(alert.severity.rank for alert in alerts)
    return Standing(Concern.ALERT, worst, float(len(alerts)), "; ".join(alert.brief for alert in alerts))


def _of_traffic(now: Circumstances) -> Standing | None:
    if now.joins is not None and now.joins.began >= JOINS_ENOUGH and (now.joins.share or 0.0) < JOINS_FINE:
        share = text.percent(now.joins.share)
        return Standing(Concern.JOINS, rate=float(now.joins.lost), reason=f"only {share} of joins come through")
    if now.overdue_seconds is not None:
        return Standing(
            Concern.STALE, rate=now.overdue_seconds, reason=f"numbers {text.duration(now.overdue_seconds)} old"
        )
    return None


def _of_silenced(seen: Observation, now: Circumstances) -> Standing:
    quiet = [*(episode.metric.label for episode in seen.rising.values()), *(alert.name for alert in now.alerts)]
    return Standing(reason=f"silenced: {', '.join(quiet)}" if quiet else "")


def _of_errors(seen: Observation, rising: list[Episode]) -> Standing:
    worst = max(rising, key=lambda episode: (episode.metric.severity.rank, -episode.started))
    concern = Concern.SECURITY if worst.metric.severity is Severity.SECURITY else Concern.ERRORS
    ordered = sorted(rising, key=lambda episode: (-episode.metric.severity.rank, episode.started))
    return Standing(
        concern,
        worst.metric.severity.rank,
        error_rate(seen),
        ", ".join(episode.metric.label for episode in ordered),
    )


def error_rate(seen: Observation) -> float:
    """Return how fast the flagged counters that rise grow together, a second."""
    return sum(seen.error_rate(episode) or 0.0 for episode in seen.rising.values())
