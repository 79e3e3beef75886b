"""Handshakes that come through less often than before: noticed as they are counted, and kept until they do again.

What came through in the last seconds is held against the minutes before. It is called worse if it is at least `SMALL`
below, and by more than chance: with the two shares in one, the likelihood of what was seen falls short of that with
each its own by more than ``exp(BEYOND_CHANCE)`` (Wilks' test), and again so at the next look. Chance alone does that
less than once in a billion looks, at a target with ten handshakes as at one with a million. Where they die, and since
which poll, is worked out for those who look closer (`mptcp_top.engine.funnels`): that looks at the whole history.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.chance import is_low, worse_by
from mptcp_top.engine.ratios import FUNNELS, Passed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mptcp_top.engine.history import Stamp
    from mptcp_top.engine.trend import Growth
    from mptcp_top.model import Layout, Sample

BEYOND_CHANCE: Final = 20.0
LOOK_SECONDS: Final = 0.9
"""Looks are no closer than that: what was under way at one has arrived, or not, at the next."""

PENDING_SECONDS: Final = 1.0
"""How long a handshake may take: what a busier time has under way is not lost yet."""

LATELY_SECONDS: Final = 10.0
A_WHILE_SECONDS: Final = 60.0
BEFORE_SECONDS: Final = 600.0
APART_SECONDS: Final = 5.0
ENOUGH: Final = 5
"""Handshakes from which their share says whether it is still low, and losses from which chance may be ruled out."""

SURGE: Final = 3.0
"""So many times as many as before, and as many come through: a flood."""

KEPT: Final = 100


class Slump(NamedTuple):
    """A stretch of time in which a handshake came through less often than before.

    ``was`` is what went through in the ``was_seconds`` before it, ``shows`` what did when it was first seen: at
    ``started``, by the wall clock, in the time since ``began``. It is known from ``first`` and over at ``until``;
    ``last`` is the newest look that showed it (all monotonic).
    """

    funnel: str
    was: Passed
    was_seconds: float
    shows: Passed
    started: float
    began: float
    first: float
    last: float
    until: float = float("inf")

    def surge(self, now: Passed, seconds: float) -> float | None:
        """Return how many times as many began a second as before, if as many as before come through; else None.

        >>> calm = Slump("accepted", Passed(1000, 980), 100.0, Passed(9, 1), 0.0, 0.0, 0.0, 0.0)
        >>> calm.surge(Passed(7000, 140), 14.0), calm.surge(Passed(140, 20), 14.0)
        (50.0, None)
        """
        if not self.was.began or seconds <= 0:
            return None
        times = now.began / seconds * self.was_seconds / self.was.began
        served = now.arrived / seconds >= 0.5 * self.was.arrived / self.was_seconds
        return times if times >= SURGE and served else None


class _Count(NamedTuple):
    """What the two ends of every funnel read at one moment, by data time."""

    data: float
    ends: tuple[int | None, ...]


class Slumps:
    """The slumps of one target. Written by one thread under the track's lock."""

    def __init__(self, hold_seconds: float) -> None:
        self._hold_seconds = hold_seconds
        self._counts: deque[_Count] = deque()
        self._looks: deque[_Count] = deque()
        self._layout: Layout | None = None
        self._suspects: dict[str, Slump] = {}
        self._recovering: set[str] = set()
        self._healed: dict[str, float] = {}
        self._open: dict[str, Slump] = {}
        self._ended: deque[Slump] = deque(maxlen=KEPT)

    @property
    def ongoing(self) -> tuple[Slump, ...]:
        """The slumps that are not over."""
        return tuple(self._open.values())

    def ongoing_at(self, monotonic: float) -> tuple[Slump, ...]:
        """Return the slumps that had begun and not ended at a moment, the one that began first before the others."""
        kept = chain(self._ended, self._open.values())
        return tuple(sorted((one for one in kept if one.first <= monotonic < one.until), key=_order))

    def ended(self, since: float, until: float) -> frozenset[str]:
        """Return the funnels of the slumps that ended in a stretch of time."""
        return frozenset(one.funnel for one in self._ended if since <= one.until <= until)

    def recall(self, slumps: Iterable[Slump]) -> None:
        """Take in slumps as they were told then; what was known before is forgotten."""
        found = list(slumps)
        self._open = {one.funnel: one for one in found if one.until == float("inf")}
        self._ended = deque((one for one in found if one.until < float("inf")), maxlen=KEPT)

    def forget(self, monotonic: float) -> None:
        """Begin anew: the counters do."""
        self._counts.clear()
        self._looks.clear()
        self._suspects.clear()
        self._healed.clear()
        for name in list(self._open):
            self._end(name, monotonic)

    def note(self, sample: Sample, stamp: Stamp) -> Slump | None:
        """Take a sample in, and return the slump that is known since then, if one is."""
        if self._looks and stamp.data - self._looks[-1].data < LOOK_SECONDS:
            return None
        if self._layout is not sample.layout:
            self._layout = sample.layout
            self._counts.clear()
            self._looks.clear()
        now = _Count(stamp.data, _ends(sample.layout, sample.values))
        lately = max(LATELY_SECONDS, 2 * sample.refresh_seconds)
        while len(self._looks) > 1 and self._looks[0].data < stamp.data - lately:
            self._looks.popleft()
        idle = bool(self._looks) and self._looks[-1].ends == now.ends and not self._open
        found = None if idle else self._judge(now, stamp)
        self._looks.append(now)
        if not self._counts or stamp.data - self._counts[-1].data >= APART_SECONDS:
            self._counts.append(now)
            while self._counts[0].data < stamp.data - BEFORE_SECONDS - A_WHILE_SECONDS:
                self._counts.popleft()
        return found

    def _judge(self, now: _Count, stamp: Stamp) -> Slump | None:
        """Return the slump that this look makes known, if it does."""
        found = None
        long_ago = self._at(now.data - A_WHILE_SECONDS)
        begins = [*reversed(self._looks), *([long_ago] if long_ago is not None else [])]
        for place, funnel in enumerate(FUNNELS):
            name = funnel.name
            if name in self._open:
                lately = [_passed(place, begin, now) for begin in begins[len(self._looks) - 1 :]]
                self._go_on(self._open[name], lately, stamp)
            elif (slump := self._slump(place, now, begins, stamp)) is None:
                self._suspects.pop(name, None)
            elif name not in self._suspects:
                self._suspects[name] = slump
            else:
                at = stamp.monotonic
                found = self._open[name] = self._suspects.pop(name)._replace(first=at, last=at)
        return found

    def _slump(self, place: int, now: _Count, begins: Sequence[_Count], stamp: Stamp) -> Slump | None:
        """Return the slump of a funnel that this look shows, over the stretch that shows it best."""
        first = self._first(FUNNELS[place].name)
        if first is None or not begins or _lost(place, begins[-1], now) < ENOUGH:
            return None
        best, found, at = BEYOND_CHANCE, None, stamp.monotonic
        newest = _passed(place, begins[0], now)
        pace = 0.0 if newest is None else newest.began / (now.data - begins[0].data)
        for begin in begins:
            seconds, length = now.data - begin.data, begin.data - first.data
            if length <= 0 or _lost(place, begin, now) < ENOUGH:
                continue
            passed, before = _passed(place, begin, now), _passed(place, first, begin)
            if passed is None or before is None or not is_low(before, passed):
                continue
            pending = min(passed.lost, int(max(0.0, pace - before.began / length) * PENDING_SECONDS))
            evidence = worse_by(Passed(passed.began, passed.began - passed.lost + pending), before)
            if evidence > best:
                best = evidence
                found = Slump(FUNNELS[place].name, before, length, passed, stamp.wall, at - seconds, at, at)
        return found

    def _first(self, funnel: str) -> _Count | None:
        """Return the oldest count a funnel can be held against: none from before the end of its last slump."""
        since = self._healed.get(funnel)
        return next((count for count in self._counts if since is None or count.data >= since), None)

    def _go_on(self, slump: Slump, lately: Sequence[Passed | None], stamp: Stamp) -> None:
        """Keep a slump as long as little comes through: two looks that show otherwise end it, or none for a while."""
        passed = next((one for one in lately if one is not None and one.began >= ENOUGH), None)
        name = slump.funnel
        if passed is None:
            over = stamp.monotonic - slump.last > self._hold_seconds
        elif is_low(slump.was, passed):
            self._open[name] = slump._replace(last=stamp.monotonic)
            self._recovering.discard(name)
            over = False
        else:
            over = name in self._recovering
            self._recovering.add(name)
        if over:
            self._healed[name] = stamp.data
            self._end(name, stamp.monotonic)

    def _end(self, name: str, monotonic: float) -> None:
        self._ended.append(self._open.pop(name)._replace(until=monotonic))
        self._recovering.discard(name)

    def _at(self, data: float) -> _Count | None:
        """Return the newest count not later than a moment."""
        return next((count for count in reversed(self._counts) if count.data <= data), None)


def _order(slump: Slump) -> tuple[float, int]:
    return slump.first, next(place for place, funnel in enumerate(FUNNELS) if funnel.name == slump.funnel)


def passed_in(funnel: str, growth: Growth) -> Passed | None:
    """Return what went through a funnel in a stretch of time, None where that is not known."""
    place = next(place for place, one in enumerate(FUNNELS) if one.name == funnel)
    began, arrived = _ends(growth.layout, growth.counts)[2 * place : 2 * place + 2]
    return None if began is None or arrived is None else Passed(began, arrived)


@lru_cache(maxsize=64)
def _columns(layout: Layout) -> tuple[int | None, ...]:
    concepts = chain.from_iterable((funnel.began, funnel.arrived) for funnel in FUNNELS)
    return tuple(layout.concepts.get(concept) for concept in concepts)


def _ends(layout: Layout, values: Sequence[int | None]) -> tuple[int | None, ...]:
    return tuple(None if column is None else values[column] for column in _columns(layout))


def _passed(place: int, before: _Count, now: _Count) -> Passed | None:
    """Return what went through a funnel between two counts, None where that is not known."""
    ends, ends_before = now.ends, before.ends
    began, arrived = ends[2 * place], ends[2 * place + 1]
    began_before, arrived_before = ends_before[2 * place], ends_before[2 * place + 1]
    if began is None or arrived is None or began_before is None or arrived_before is None:
        return None
    passed = Passed(began - began_before, arrived - arrived_before)
    return passed if passed.began >= 0 and passed.arrived >= 0 else None


def _lost(place: int, before: _Count, now: _Count) -> int:
    """Return how many got lost in a funnel between two counts; 0 where that is not known."""
    passed = _passed(place, before, now)
    return 0 if passed is None else passed.began - passed.arrived
