"""Whether fewer handshakes come through than before, and by how much more than chance explains."""

from __future__ import annotations

from math import log
from typing import Final

from mptcp_top.engine.ratios import Passed

SMALL: Final = 0.05
"""A loss of so many handshakes more than before that nobody cares."""


def is_low(before: Passed, now: Passed) -> bool:
    """Whether so many fewer come through than before that somebody cares."""
    return before.share is not None and now.share is not None and before.share - now.share >= SMALL


def worse_by(now: Passed, before: Passed) -> float:
    """Return how likely fewer of the handshakes come through than before, in nats; 0 where nobody cares.

    >>> [round(worse_by(Passed(100, through), Passed(1000, 970))) for through in (38, 75, 95)]
    [115, 27, 0]
    >>> [round(worse_by(Passed(lost, 0), Passed(100, 100))) for lost in (4, 6)]
    [17, 23]
    """
    if not is_low(before, now):
        return 0.0
    began = now.began + before.began
    both = Passed(began, began - now.lost - before.lost)
    apart = _likelihood(now, now) + _likelihood(before, before)
    return apart - _likelihood(now, both) - _likelihood(before, both)


def _likelihood(passed: Passed, expected: Passed) -> float:
    """Return the logarithm of how likely what passed is, where each comes through with the share expected."""
    through = passed.began - passed.lost
    won = through * log((expected.began - expected.lost) / expected.began) if through else 0.0
    return won + (passed.lost * log(expected.lost / expected.began) if passed.lost else 0.0)
