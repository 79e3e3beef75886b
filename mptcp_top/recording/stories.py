"""Slumps, alerts and episodes as a recording keeps them."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from mptcp_top.engine.alerts import Alert
from mptcp_top.engine.episodes import Kept
from mptcp_top.engine.ratios import Passed
from mptcp_top.engine.slumps import Slump
from mptcp_top.errors import SettingsError
from mptcp_top.model import Episode, Severity
from mptcp_top.recording import strict
from mptcp_top.recording.rows import metric_of
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import comparisons_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.model import Metric
    from mptcp_top.rules.rule import Comparison, Rule


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
    fields = strict.loaded(written)
    times = {name: strict.wall(fields[name]) - ahead_seconds for name in ("began", "first", "last")}
    was, shows = (Passed(*(strict.whole(count) for count in fields[name])) for name in ("was", "shows"))
    return Slump(
        strict.words(fields["funnel"]), was, strict.real(fields["was_seconds"]), shows, strict.wall(fields["started"]),
        **times, until=float("inf") if until is None else until,
    )  # fmt: skip


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
    name, rule, severity, wall, figures = strict.loaded(written)
    asked = tuple((_comparison(one), None if value is None else strict.real(value)) for one, value in figures)
    return Alert(strict.words(name), _rule(rule), Severity(severity), began, strict.wall(wall), asked, ended)


def _comparison(written: object) -> Comparison:
    return comparisons_of(_rule(written).when)[0]


def _rule(written: object) -> Rule:
    try:
        return parse(strict.words(written))
    except SettingsError as error:
        raise ValueError(f"{strict.shown(written)} is no rule that this mptcp-top knows") from error


@lru_cache(maxsize=1024)
def _metric(written: str) -> Metric:
    return metric_of(strict.loaded(written))


def kept_of(row: Sequence[object], seconds_of: Callable[[int], float]) -> Kept:
    """Return the episode that a row of its table holds: first, last, base, started … ended, metric.

    Raises:
        ValueError: it holds none; or TypeError.
    """
    first, last, base, started, last_rise, total, peak, ended, metric = row
    if not isinstance(metric, str):
        raise ValueError(f"{strict.shown(metric)} is no counter")  # noqa: TRY004  # as all that makes no sense
    episode = Episode(
        _metric(metric), strict.wall(started), strict.wall(last_rise), strict.count(total), strict.real(peak),
        ongoing=not ended, base=seconds_of(strict.moment(base)),
    )  # fmt: skip
    return Kept(episode, seconds_of(strict.moment(first)), seconds_of(strict.moment(last)))
