"""What changed at a mark: how fast counters grew before it and since, which share of handshakes came through.

Two rates differ if neither chance nor indifference explains it, by the rule of the odd one out (see `odd`) and the
chance of both: of ``n`` events in ``s`` seconds and ``m`` in ``t``, the difference of the rates goes up and down by
``sqrt((n + m) / (s * t))``. Of two shares it is ``sqrt(p * (1 - p) * (1 / n + 1 / m))``, ``p`` the share of both.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.basis import Basis
from mptcp_top.engine.marks import Moved, moved
from mptcp_top.engine.odd import FACTOR, Figure
from mptcp_top.engine.ratios import ATTEMPTS, CONCEPTS, ratios_of

if TYPE_CHECKING:
    from mptcp_top.engine.marks import Base
    from mptcp_top.engine.store import Store
    from mptcp_top.engine.trend import Growth

BEFORE_AT_LEAST: Final = 60.0
"""How much of the time before a mark is looked at when there is hardly any since."""

FALLBACK: Final = "fallback"
_SMALL: Final = 0.1


class Pace(NamedTuple):
    """How many there were in how many seconds; more than none."""

    number: int
    seconds: float

    @property
    def rate(self) -> float:
        """How many a second."""
        return self.number / self.seconds

    @property
    def figure(self) -> Figure:
        """The same, to be compared."""
        return Figure(self.rate, 1 / self.seconds)


class Shift(NamedTuple):
    """How fast a counter grew before a mark and since, a second.

    ``far`` is by how many times that differs, up or down, and 0 where it may be chance or nobody cares. What never
    happened before is as far off as the least that would have mattered.
    """

    before: float
    since: float
    far: float = 0.0

    @property
    def alike(self) -> bool:
        """Whether the two differ by less than anybody cares about, be it chance or not.

        >>> Shift(45.0, 50.0).alike, Shift(0.0, 0.1).alike, Shift(0.0, 0.0).alike
        (True, False, True)
        """
        low, high = sorted((self.before, self.since))
        return high - low <= FACTOR * _SMALL * low


def shift(before: Pace, since: Pace) -> Shift:
    """Return how a pace changed.

    >>> calm = Pace(2700, 60)
    >>> [round(shift(calm, since).far, 1) for since in (Pace(66000, 60), Pace(3300, 60), Pace(54, 6))]
    [24.4, 0.0, 4.8]
    >>> shift(Pace(0, 600), Pace(4, 6)).far > 0, shift(Pace(0, 60), Pace(4, 60)).far > 0
    (True, False)
    """
    low, high = sorted((before, since), key=lambda pace: pace.rate)
    chance = sqrt((before.number + since.number) / (before.seconds * since.seconds))
    noise = max(chance, low.figure.noise(low.rate), high.figure.noise(low.rate))
    if high.rate - low.rate <= FACTOR * noise:
        return Shift(before.rate, since.rate)
    least = FACTOR / low.seconds
    return Shift(before.rate, since.rate, (high.rate + least) / (low.rate + least))


class Share(NamedTuple):
    """A part of some that began."""

    part: int
    of: int

    @property
    def value(self) -> float:
        """The share."""
        return min(1.0, self.part / self.of)


class ShareShift(NamedTuple):
    """A share of the handshakes that changed at a mark."""

    name: str
    before: float
    since: float

    @property
    def worse(self) -> bool:
        """Whether fewer come through, or more fall back."""
        return (self.since > self.before) == (self.name == FALLBACK)


def shares_apart(before: Share, since: Share) -> bool:
    """Whether neither chance nor indifference explains that two shares differ.

    >>> shares_apart(Share(978, 1000), Share(37, 1000)), shares_apart(Share(978, 1000), Share(960, 1000))
    (True, False)
    >>> shares_apart(Share(2, 2), Share(1, 3))
    False
    """
    both = (before.part + since.part + 1) / (before.of + since.of + 2)
    chance = sqrt(max(0.0, both * (1 - both)) * (1 / before.of + 1 / since.of))
    low = min(before.value, since.value)
    noise = max(chance, *(Figure(one.value, share_of=one.of).noise(low) for one in (before, since)))
    return abs(since.value - before.value) > FACTOR * noise


def share_shifts(before: Growth, since: Growth) -> tuple[ShareShift, ...]:
    """Return the shares that changed, the farthest first."""
    then, now = _shares(before), _shares(since)
    found = [
        ShareShift(name, then[name].value, share.value)
        for name, share in now.items()
        if name in then and shares_apart(then[name], share)
    ]
    return tuple(sorted(found, key=lambda one: -abs(one.since - one.before)))


def _shares(growth: Growth) -> dict[str, Share]:
    """Return the shares of all handshakes of which any began."""
    columns = ((concept, growth.layout.concepts.get(concept)) for concept in CONCEPTS)
    known = {concept: growth.counts[column] for concept, column in columns if column is not None}
    counts = {concept: count for concept, count in known.items() if count is not None}
    ratios = ratios_of(counts)
    shares = {name: Share(passed.arrived, passed.began) for name, passed in ratios.funnels.items() if passed.began}
    if ratios.fallback_share is not None:
        attempts = sum(counts.get(concept, 0) for concept in ATTEMPTS)
        shares[FALLBACK] = Share(sum(ratios.fallbacks.values()), attempts)
    return shares


class Moves(NamedTuple):
    """What one target did since a mark, or since the start: what moved, what ceased to, and what it did before.

    ``shifts`` are of the counters of which both is known; ``before`` is None where nothing is.
    """

    base: Base
    grown: Growth
    before: Growth | None
    moved: tuple[Moved, ...]
    shifts: dict[str, Shift]
    shares: tuple[ShareShift, ...]


def moves_of(store: Store, target: str, cursor: float | None = None) -> Moves | None:
    """Return what a target did since the newest mark, or since the start where there is none; None if not known.

    Counters that grew before the mark and ceased to are among what moved, by 0.
    """
    mark = store.mark_at(cursor)
    counted = store.counted_since(target, Basis.MARK, cursor)
    if counted is None:
        return None
    base, grown = counted
    before = None if mark is None else _before(store, target, mark.monotonic, grown.seconds)
    shifts = {} if before is None else _shifts(before, grown)
    track = store.track(target, cursor, whole=True)
    with track.lock:
        found = [*moved(track.history, grown, base, float("inf") if cursor is None else cursor)]
    found += [
        Moved(metric, 0, None, None)
        for metric, count in zip(grown.layout.metrics, grown.counts, strict=True)
        if count == 0 and metric.name in shifts and shifts[metric.name].far
    ]
    return Moves(base, grown, before, tuple(found), shifts, () if before is None else share_shifts(before, grown))


def _before(store: Store, target: str, moment: float, seconds: float) -> Growth | None:
    """Return how far all counters grew in as much time before a mark as since, within what is looked at at all."""
    track = store.track(target, moment)
    with track.lock:
        kept = track.bases.before(moment)
    if kept is not None and seconds >= kept.seconds:
        return kept
    return store.growth(target, moment, max(BEFORE_AT_LEAST, seconds)) or kept


def _shifts(before: Growth, since: Growth) -> dict[str, Shift]:
    if before.seconds <= 0 or since.seconds <= 0:
        return {}
    pairs = ((metric.name, before.of(metric.name), since.of(metric.name)) for metric in since.layout.metrics)
    return {
        name: shift(Pace(then, before.seconds), Pace(now, since.seconds))
        for name, then, now in pairs
        if then is not None and now is not None
    }
