"""Slumps, alerts and episodes as a recording keeps them."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from mptcp_top.engine.alerts import Alert
from mptcp_top.engine.episodes import Kept
from mptcp_top.engine.ratios import Passed
from mptcp_top.engine.slumps import Slump
from mptcp_top.model import Episode, Severity
from mptcp_top.recording.rows import metric_of
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import comparisons_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.model import Metric


def slump_text(slump: Slump) -> str:
    """Return a slump as JSON; its times are on the recording's clock.

    >>> slump = Slump("joins in", Passed(9, 8), 60.0, Passed(7, 1), 1e9, 1.0, 2.0, 3.0)
    >>> slump_of(slump_text(slump), 0.0, None) == slump
    True
    """
    fields = slump._asdict() | {"was": list(slump.was), "shows": list(slump.shows)}
    del fields["until"]
    return json.dumps(fields)


def slump_of(written: str, ahead_seconds: float, until: float | None) -> Slump:
    """Return the slump that a JSON text holds, by a clock that the recording's is ahead of.

    Raises:
        ValueError: it holds none; or KeyError, TypeError.
    """
    fields = json.loads(written)
    for name in ("began", "first", "last"):
        fields[name] -= ahead_seconds
    over = float("inf") if until is None else until
    return Slump(**{**fields, "was": Passed(*fields["was"]), "shows": Passed(*fields["shows"]), "until": over})


def moved_slump(slump: Slump, seconds: float) -> Slump:
    """Return a slump by another clock."""
    return slump._replace(
        began=slump.began + seconds, first=slump.first + seconds, last=slump.last + seconds, until=slump.until + seconds
    )


def alert_text(alert: Alert) -> str:
    """Return an alert as JSON, without its times.

    >>> rule = parse("join_success < 95% for 30s")
    >>> alert = Alert("joins fail", rule, Severity.ERROR, 7.0, 1e9, ((rule.when, 0.81),))
    >>> alert_of(alert_text(alert), 7.0, None) == alert
    True
    """
    figures = [[str(one), value] for one, value in alert.figures]
    return json.dumps([alert.name, str(alert.rule), alert.severity, alert.wall, figures], ensure_ascii=False)


def alert_of(written: str, began: float, ended: float | None) -> Alert:
    """Return the alert that a JSON text holds.

    Raises:
        ValueError: it holds none; or TypeError.
    """
    name, rule, severity, wall, figures = json.loads(written)
    asked = tuple((comparisons_of(parse(one).when)[0], value) for one, value in figures)
    return Alert(name, parse(rule), Severity(severity), began, wall, asked, ended)


@lru_cache(maxsize=1024)
def _metric(written: str) -> Metric:
    return metric_of(json.loads(written))


def kept_of(row: Sequence[object], seconds_of: Callable[[int], float]) -> Kept:
    """Return the episode that a row of its table holds: first, last, base, started … ended, metric.

    Raises:
        ValueError: it holds none; or TypeError.
    """
    first, last, base, started, last_rise, total, peak, ended, metric = row
    episode = Episode(
        _metric(str(metric)), float(started), float(last_rise), int(total), float(peak),  # type: ignore[arg-type, call-overload]
        ongoing=not ended, base=seconds_of(int(base)),  # type: ignore[call-overload]
    )  # fmt: skip
    return Kept(episode, seconds_of(int(first)), seconds_of(int(last)))  # type: ignore[call-overload]
