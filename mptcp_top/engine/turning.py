"""When a share of losses turned for the worse: a change point in what was counted, or none.

A moment is where a share turned for the worse if after it more was lost than before it, and

- *chance* does not explain it: the log-likelihood of two shares rather than one is higher by `EVIDENCE` or more. That
  is 5.3 standard deviations: it looks at many moments, and again with every poll of every target;
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

EVIDENCE: Final = 14.0
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
_STRETCHES: Final = 4
"""How many at least, in how many stretches, tell what spread is usual."""


class Point(NamedTuple):
    """All that had begun and all that had been lost by a moment, counted from any zero."""

    at: float
    began: int
    lost: int


class Turn(NamedTuple):
    """Where a share turned for the worse: the place among the points, what it was before, and is now of so many."""

    place: int
    before: float
    now: float
    of: int
    evidence: float


def turn_for_the_worse(points: Sequence[Point]) -> Turn | None:
    """Return where the share of losses turned for the worse, if it did and still is so.

    An earlier trouble that passed is no part of this one, but where it got worse step by step the first step counts.

    >>> calm = [Point(second, 40 * second, second) for second in range(100)]
    >>> bad = [Point(99 + second, 3960 + 40 * second, 99 + 25 * second) for second in range(1, 3)]
    >>> turn_for_the_worse(calm) is None, turn_for_the_worse(calm + bad).place
    (True, 99)
    """
    first = newest = _newest_turn(points)
    for _ in range(_STAIRS):
        earlier = None if first is None else _newest_turn(points[: first.place + 1])
        if earlier is None:
            break
        first = earlier
    if first is None or newest is None:
        return None
    now = _lately(points, newest)
    return first._replace(now=now.now, of=now.of)


def turned_at(points: Sequence[Point], place: int) -> Turn | None:
    """Return what the share was before one of the points and is now, None where that is not for the worse."""
    turn = _turn(points, place)
    if turn is None or not _counts(points, turn) or not _beyond_the_usual(points, turn):
        return None
    return _lately(points, turn)


def evidence(points: Sequence[Point], place: int) -> float:
    """Return how much speaks for a turn for the worse at one of the points, all those before it taken together."""
    turn = _turn(points, place, 0)
    return 0.0 if turn is None else turn.evidence


def begin_of_before(points: Sequence[Point], place: int) -> int:
    """Return the point from which on the time before another counts as what it was."""
    return _begin(points, place, BEFORE_SECONDS)


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


def _newest_turn(points: Sequence[Point]) -> Turn | None:
    """Return the newest turn for the worse, and of its neighbours the one that says it best."""
    best: Turn | None = None
    for place in range(len(points) - 2 if may_have_turned(points) else 0, 0, -1):
        turn = _turn(points, place)
        speaks = 0.0 if turn is None else turn.evidence
        if best is not None and speaks < best.evidence - EVIDENCE:
            break
        if turn is not None and speaks > (best.evidence if best else EVIDENCE) and _counts(points, turn):
            best = turn
    return best if best is not None and _beyond_the_usual(points, best) else None


def _turn(points: Sequence[Point], place: int, begin: int | None = None) -> Turn | None:
    """Return what was before a point and is after it, None where no more is lost than was before."""
    here, last = points[place], points[-1]
    first = points[begin_of_before(points, place) if begin is None else begin]
    began, began_before = last.began - here.began, here.began - first.began
    if began <= 0 or began_before <= 0:
        return None
    lost = _lost_since(points, place, began_before / max(here.at - first.at, 1e-9))
    lost_before = max(0, here.lost - first.lost)
    before, after = lost_before / began_before, lost / began
    if after <= before:
        return None
    return Turn(place, before, min(1.0, after), began, _evidence(lost, began, lost_before, began_before))


def _lost_since(points: Sequence[Point], place: int, rate_before: float) -> float:
    """Return how many were lost after a point, without what a busier time has under way."""
    here, last, lately = points[place], points[-1], points[_begin(points, len(points) - 1, PENDING_SECONDS)]
    rate = (last.began - lately.began) / max(last.at - lately.at, 1e-9)
    return max(0.0, last.lost - here.lost - max(0.0, rate - rate_before) * PENDING_SECONDS)


def _counts(points: Sequence[Point], turn: Turn) -> bool:
    """Whether neither chance nor indifference explains a turn: of all the time since, and of the last minute alone."""
    if turn.evidence < EVIDENCE or not _matters(turn.now, turn.before, turn.of):
        return False
    lately = _lately(points, turn)
    return lately.of > 0 and _matters(lately.now, lately.before, lately.of)


def _lately(points: Sequence[Point], turn: Turn) -> Turn:
    """Return a turn with the share of the last minute, where there was more than a minute since."""
    place = _begin(points, len(points) - 1, RECENT_SECONDS)
    if place <= turn.place:
        return turn
    of, lost = points[-1].began - points[place].began, points[-1].lost - points[place].lost
    return turn._replace(now=min(1.0, max(0, lost) / of) if of else 0.0, of=of)


def _matters(after: float, before: float, of: int) -> bool:
    return after - before > FACTOR * Figure(after, share_of=of).noise(before)


def _beyond_the_usual(points: Sequence[Point], turn: Turn) -> bool:
    """Whether a share is higher than before by more than it was up and down before."""
    stretch = points[begin_of_before(points, turn.place) : turn.place + 1]
    turn = _lately(points, turn)
    return turn.now - turn.before > FACTOR * _spread(stretch, max(turn.of, _ENOUGH))


def _spread(points: Sequence[Point], each: int) -> float:
    """Return how far shares of so many usually are from their median: 0 where too few are known to tell."""
    shares = []
    begin = points[0]
    for point in points:
        if point.began - begin.began >= each:
            shares.append((point.lost - begin.lost) / (point.began - begin.began))
            begin = point
    if len(shares) < _STRETCHES:
        return 0.0
    middle = median(shares)
    return _SIGMA * median([abs(share - middle) for share in shares])


def _evidence(lost: float, began: int, lost_before: float, began_before: int) -> float:
    """Return by how much two shares are likelier than one, in nats.

    >>> round(_evidence(5, 50, 10, 100), 6), _evidence(25, 40, 3, 100) > EVIDENCE
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
