"""How alerts stood at a moment of the past: their figures, worked out again from the history of that time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.engine.figures import Figures, Rows, looks_back_seconds
from mptcp_top.engine.past import good_row, refreshed_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.track import Track
    from mptcp_top.rules.rule import Comparison


def look_back_far(alerts: Iterable[Alert]) -> bool:
    """Whether the figures of alerts are of more time than any share is."""
    asked = [one for alert in alerts for one in alert.asked]
    return looks_back_seconds(asked) > looks_back_seconds(())


def as_of(track: Track, held: Iterable[Alert], monotonic: float) -> tuple[Alert, ...]:
    """Return alerts with the figures of a moment, as they were told then. Under the lock.

    They are of the run that went on then. A rate of which a part alone is remembered is not known.
    """
    history = track.history
    good = good_row(history, history.row_at(monotonic))
    row = None if good is None else refreshed_row(history, good)
    sample = None if row is None else track.sample_at(history.times(row)[0])
    if row is None or sample is None:
        return tuple(alert._replace(figures=tuple((one, None) for one in alert.asked)) for alert in held)
    begun, at = track.first_by(monotonic), history.times(row)[0]
    since = history.first if begun is None else history.row_at(begun.monotonic)
    oldest = float("-inf") if since >= history.first else history.times(history.first)[0]
    sample = sample._replace(values=history.row(row, sample.layout))
    figures = Figures(history, sample, rows=Rows(max(since, history.first), row))

    def value(asked: Comparison) -> float | None:
        found = figures.of(asked)
        return None if found.least and at - looks_back_seconds((asked,)) < oldest else found.value

    return tuple(alert._replace(figures=tuple((one, value(one)) for one in alert.asked)) for alert in held)
