"""When a share of losses turned for the worse: a change point in what was counted, or none.

A moment is where a share turned for the worse if after it more was lost than before it, and

- *chance* does not explain it: the log-likelihood of two shares rather than one is higher by `EVIDENCE` or more. That
  is 4.9 standard deviations, once in two million looks at nothing, since this looks at many moments all the time;
- it matters, by the rule of the odd one out (see `odd`): the share is now higher than before by more than 3.5 times
  what the spread of the minutes before, chance, or indifference (one percentage point) explain;
- it still is: the last minute by itself fulfils the rule, too.

What began within the last second of a busier time may be under way and is no loss yet.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.odd import FACTOR, Figure, median

if TYPE_CHECKING:
    from collections.abc import Sequence

EVIDENCE: Final = 12.0
BEFORE_SECONDS: Final = 600.0
"""How much of the time before counts as what it was."""

RECENT_SECONDS: Final = 60.0
PENDING_SECONDS: Final = 1.0
"""How long a handshake may take: what began in that time is not lost yet."""

_LEAST: Final = FACTOR * Figure(0.0, share_of=10**9).noise(0.0)
"""What matters to nobody, were nothing lost before."""

_SIGMA: Final = 1.4826
_STAIRS: Final = 4
"""In how many steps it may have got worse."""

_ENOUGH: Final = 20
"""How many must have begun in a stretch for its share to tell anything of the spread."""


class Point(NamedTuple):
    """All that had begun and all that had been lost by a moment, counted from any zero."""

    at: float
    began: int
    lost: int


class Turn(NamedTuple):
    """Where a share turned for the worse: the place among the points, what it was before and what it is now."""

    place: int
    before: float
    now: float
    evidence: float


def turn_for_the_worse(points: Sequence[Point]) -> Turn | None:
    """Return where the share of losses turned for the worse, if it did and still is so.

    An earlier trouble that passed is no part of this one, but where it got worse step by step the first step counts.

    >>> calm = [Point(second, 40 * second, second) for second in range(100)]
    >>> bad = [Point(99 + second, 3960 + 40 * second, 99 + 25 * second) for second in range(1, 3)]
    >>> turn_for_the_worse(calm) is None, turn_for_the_worse(calm + bad).place
    (True, 99)
    """
    if not may_have_turned(points):
        return None
    first = newest = _newest_turn(points)
    for _ in range(_STAIRS):
        earlier = None if first is None else _newest_turn(points[: first.place + 1])
        if earlier is None:
            break
        first = earlier
    return None if first is None or newest is None else first._replace(now=newest.now)


def _newest_turn(points: Sequence[Point]) -> Turn | None:
    """Return the newest turn for the worse, and of its neighbours the one that says it best."""
    best: Turn | None = None
    for place in range(len(points) - 2, 0, -1):
        turn = turned_at(points, place)
        if turn is not None and (best is None or turn.evidence > best.evidence):
            best = turn
        elif best is not None and (0.0 if turn is None else turn.evidence) < best.evidence - EVIDENCE:
            break
    return best


def turned_at(points: Sequence[Point], place: int) -> Turn | None:
    """Return what the share was before and is after one of the points, None if it is not for the worse."""
    here, last = points[place], points[-1]
    first = _begin(points, place, BEFORE_SECONDS)
    began, began_before = last.began - here.began, here.began - points[first].began
    if began <= 0 or began_before <= 0:
        return None
    lost_before = max(0, here.lost - points[first].lost)
    lost = _lost_since(points, place, began_before / max(here.at - points[first].at, 1e-9))
    before, after = lost_before / began_before, lost / began
    if after <= before:
        return None
    evidence = _evidence(lost, began, lost_before, began_before)
    if evidence < EVIDENCE or not _matters(after, before, began, points[first : place + 1]):
        return None
    recent = max(place, _begin(points, len(points) - 1, RECENT_SECONDS))
    began_lately = last.began - points[recent].began
    if began_lately <= 0:
        return None
    now = after if recent == place else max(0, last.lost - points[recent].lost) / began_lately
    if not _matters(now, before, began_lately, points[first : place + 1]):
        return None
    return Turn(place, before, min(1.0, now), evidence)


def may_have_turned(points: Sequence[Point]) -> bool:
    """Whether enough is lost lately to matter, were nothing lost before: most of the time not, and that is quick."""
    if len(points) < 2:
        return False
    last = points[-1]
    for seconds in (2.0, 10.0, RECENT_SECONDS):
        begin = points[min(_begin(points, len(points) - 1, seconds), len(points) - 2)]
        began = last.began - begin.began
        if began > 0 and (last.lost - begin.lost) / began > _LEAST:
            return True
    return False


def _lost_since(points: Sequence[Point], place: int, rate_before: float) -> float:
    """Return how many were lost after a point, without what a busier time has under way."""
    here, last = points[place], points[-1]
    rate = (last.began - here.began) / max(last.at - here.at, 1e-9)
    return max(0.0, last.lost - here.lost - max(0.0, rate - rate_before) * PENDING_SECONDS)


def _matters(after: float, before: float, began: int, points_before: Sequence[Point]) -> bool:
    """Whether a share is higher than another by what neither chance, indifference nor the usual spread explains."""
    noise = Figure(after, share_of=began).noise(before)
    return after - before > FACTOR * noise and after - before > FACTOR * _spread(points_before)


def _spread(points: Sequence[Point]) -> float:
    """Return how far shares of one stretch usually are from those of the next: 0 where too few are known to tell."""
    shares = []
    begin = points[0]
    for point in points:
        if point.began - begin.began >= _ENOUGH:
            shares.append((point.lost - begin.lost) / (point.began - begin.began))
            begin = point
    if len(shares) < 4:
        return 0.0
    middle = median(shares)
    return _SIGMA * median([abs(share - middle) for share in shares])


def _evidence(lost: float, began: int, lost_before: float, began_before: int) -> float:
    """Return by how much two shares are likelier than one, in nats.

    >>> round(_evidence(5, 50, 10, 100), 6), _evidence(25, 40, 3, 100) > 12
    (0.0, True)
    """
    together = (lost + lost_before) / (began + began_before)
    return (
        _likelihood(lost, began, lost / began)
        + _likelihood(lost_before, began_before, lost_before / began_before)
        - _likelihood(lost + lost_before, began + began_before, together)
    )


def _likelihood(lost: float, began: int, share: float) -> float:
    if not 0.0 < share < 1.0:
        return 0.0
    return lost * log(share) + (began - lost) * log(1 - share)


def _begin(points: Sequence[Point], place: int, seconds: float) -> int:
    """Return the newest point that is at least so many seconds before another, the first one where none is."""
    at = points[place].at - seconds
    low, high = 0, place
    while low < high:
        middle = (low + high + 1) // 2
        if points[middle].at <= at:
            low = middle
        else:
            high = middle - 1
    return low
