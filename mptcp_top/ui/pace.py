"""The steps of the ``+`` and ``-`` keys, and why there is no further one. Pure functions."""

from __future__ import annotations

from typing import Final, NamedTuple

from mptcp_top import text

INTERVALS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 7.0, 10.0, 15.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""In seconds."""


class Floor(NamedTuple):
    """How often a target may be polled at most, and why not more often."""

    seconds: float
    reason: str


def stepped(now: float, step: int, floor: Floor) -> tuple[float | None, str]:
    """Return the interval after one of ``now`` seconds: a longer one (1) or a shorter one (-1), and what to say of it.

    >>> floor = Floor(1.0, "it logs every request")
    >>> stepped(5.0, -1, floor), stepped(1.0, -1, floor)
    ((2.0, 'polled every 2 s from now on'), (None, '1 s is the least: it logs every request'))
    >>> stepped(3600.0, 1, floor)
    (None, '1 h is the most there may be between two polls')
    """
    slower, faster = [s for s in INTERVALS if s > now], [s for s in INTERVALS if floor.seconds <= s < now]
    steps = slower[:1] if step > 0 else faster[-1:]
    if steps:
        return steps[0], f"polled every {_said(steps[0])} from now on"
    if step > 0:
        return None, f"{_said(INTERVALS[-1])} is the most there may be between two polls"
    least = max(floor.seconds, INTERVALS[0])
    return None, f"{_said(least)} is the least{f': {floor.reason}' if floor.reason else ''}"


def _said(seconds: float) -> str:
    """Return an interval with its unit: parts of a second are there, and minutes are not counted in seconds."""
    return text.interval(seconds) if seconds < 60 else text.duration(seconds)
