"""Rates of a source that refreshes its counters on its own beat: over refreshes, never over polls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top.engine import rates
from mptcp_top.engine.history import GAP, RESET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.history import History
    from mptcp_top.model import Sample

CLEAR_COUNT: Final = 20
"""A growth from which the rate is within 5 % although counters are whole numbers."""

REFRESHES_AT_MOST: Final = 4
"""How many refreshes the rate of a slow counter is taken over."""


def rates_at(history: History, number: int, sample: Sample) -> tuple[float | None, ...] | None:
    """Return the rate of every column in good row ``number``, None where no refresh before it is known.

    A rate is taken over the last refresh; where that grew by less than `CLEAR_COUNT`, over up to `REFRESHES_AT_MOST`
    of them, so that a counter of one a minute reads steadily and not as a spike and zeros.
    """
    bases = _rows_of_refreshes_before(history, number)
    if not bases:
        return None
    layout = sample.layout
    now = history.row(number, layout)
    windows = [(history.row(base, layout), history.seconds(base, number)) for base in bases]
    gauges = set(layout.gauges)
    return tuple(
        None if column in gauges or value is None else _rate_of(column, value, windows, sample.wrap_bits)
        for column, value in enumerate(now)
    )


def _rate_of(
    column: int, now: int, windows: Sequence[tuple[tuple[int | None, ...], float]], wrap_bits: int | None
) -> float | None:
    """Return a counter's rate over the shortest window that is long enough for it."""
    found = None
    for row, seconds in windows:
        before = row[column]
        grown = None if before is None else rates.increase(before, now, wrap_bits)
        if grown is None or (found is not None and grown >= 2 * CLEAR_COUNT):  # it was faster then: that is over
            break
        found = grown / seconds
        if grown >= CLEAR_COUNT:
            break
    return found


def growth_and_beat(grown: Sequence[int | None], sample: Sample) -> tuple[int, float | None]:
    """Return how far all counters together grew, and how far they grew in one beat by the owner's own rates.

    >>> from mptcp_top.model import Group, Layout, Metric, Sample, Target
    >>> layout = Layout((Metric("a", "a", Group.DSS), Metric("b", "b", Group.DSS)))
    >>> sample = Sample(Target("t", "s"), layout, (700, 0), 0, 0, refresh_seconds=7.0, own_rates=(50.0, None))
    >>> growth_and_beat([700, 0], sample)
    (700, 350.0)
    """
    if sample.own_rates is None:
        return sum(growth for growth in grown if growth), None
    pairs = [(g, r) for g, r in zip(grown, sample.own_rates, strict=True) if g is not None and r is not None]
    return sum(growth for growth, _ in pairs), sum(rate for _, rate in pairs) * sample.refresh_seconds


def _rows_of_refreshes_before(history: History, number: int) -> list[int]:
    """Return the newest row of each of the refreshes before that of row ``number``, the newest first."""
    rows: list[int] = []
    newest = number
    if history.state(number) == RESET:
        return rows
    for row in range(number - 1, history.first - 1, -1):
        state = history.state(row)
        if state == GAP:
            continue
        if history.seconds(row, newest) > 0:
            rows.append(row)
            newest = row
            if len(rows) == REFRESHES_AT_MOST:
                break
        if state == RESET:
            break
    return rows
