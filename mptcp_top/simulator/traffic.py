"""How many events there were between two moments of a scenario. Nothing here has a clock.

A rate is a sum of products of curves that are straight between their edges: the course of a day, slow noise, the
strength of an incident. Between two edges such a product is a polynomial of low degree, so four Gauss points give its
integral exactly. Integrals are kept as whole numbers of 2**-20 events: adding them up in any order gives the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNIT: Final = 1 << 20
_CELL_SECONDS: Final = 10.0
_REMEMBERED: Final = 16  # moments of an integral: every counter of a reply asks for the same few
_GAUSS: Final = (
    (-0.8611363115940526, 0.34785484513745385),
    (-0.3399810435848563, 0.6521451548625461),
    (0.3399810435848563, 0.6521451548625461),
    (0.8611363115940526, 0.34785484513745385),
)


class Factor(Protocol):
    """A curve over time that is straight between its edges."""

    def at(self, moment: float) -> float:
        """Return its height."""

    def edges(self, begin: float, end: float) -> Iterable[float]:
        """Return where it bends or jumps inside a stretch of time."""


@dataclass(frozen=True)
class Day:
    """The course of a day: a height for every hour, straight in between, seen from ``starts_at`` o'clock."""

    hours: tuple[float, ...]
    starts_at: float = 0.0

    def at(self, moment: float) -> float:
        """Return the height, which is 1 at the busiest hour."""
        place = (self.starts_at + moment / 3600) % len(self.hours)
        hour = int(place)
        before, after = self.hours[hour], self.hours[(hour + 1) % len(self.hours)]
        return before + (after - before) * (place - hour)

    def edges(self, begin: float, end: float) -> Iterable[float]:
        """Return the full hours."""
        return _multiples(3600.0, -self.starts_at * 3600 % 3600, begin, end)


@dataclass(frozen=True)
class Noise:
    """Slow, small, always the same noise around 1."""

    seed: int
    size: float
    every: float = 10.0

    def at(self, moment: float) -> float:
        """Return the height."""
        place = moment / self.every
        step = int(place // 1)
        before, after = _scatter(self.seed, step), _scatter(self.seed, step + 1)
        return 1 + self.size * (before + (after - before) * (place - step))

    def edges(self, begin: float, end: float) -> Iterable[float]:
        """Return where it turns."""
        return _multiples(self.every, 0.0, begin, end)


@dataclass(frozen=True)
class Strength:
    """How strong an incident is: 0 outside ``begin`` to ``end``, 1 inside, with a ramp at either side if wanted.

    With ``every`` it comes in bursts that last ``lasting`` seconds each.
    """

    begin: float
    end: float = float("inf")
    rise: float = 0.0
    fall: float = 0.0
    every: float = 0.0
    lasting: float = 0.0

    def at(self, moment: float) -> float:
        """Return the strength."""
        if not self.begin <= moment < self.end:
            return 0.0
        since = moment - self.begin
        if self.every and since % self.every >= self.lasting:
            return 0.0
        up = min(1.0, since / self.rise) if self.rise else 1.0
        down = min(1.0, (self.end - moment) / self.fall) if self.fall else 1.0
        return min(up, down)

    def edges(self, begin: float, end: float) -> Iterable[float]:
        """Return where it begins, ends, bends and bursts."""
        found = [self.begin, self.begin + self.rise, self.end - self.fall, self.end, *self._crossing()]
        if self.every:
            last = min(end, self.end)
            found += _multiples(self.every, self.begin, begin, last)
            found += _multiples(self.every, self.begin + self.lasting, begin, last)
        return [edge for edge in found if begin < edge < end]

    def _crossing(self) -> list[float]:
        """Return where the way up meets the way down, if it ends before it was at its height."""
        if not (self.rise and self.fall) or self.begin + self.rise <= self.end - self.fall:
            return []
        return [self.begin + (self.end - self.begin) * self.rise / (self.rise + self.fall)]


@dataclass(frozen=True)
class Multiplied:
    """What an incident makes of a rate: ``times`` as much where it has its full strength."""

    strength: Strength
    times: float

    def at(self, moment: float) -> float:
        """Return what to multiply with."""
        return 1 + (self.times - 1) * self.strength.at(moment)

    def edges(self, begin: float, end: float) -> Iterable[float]:
        """Return the edges of the incident."""
        return self.strength.edges(begin, end)


class Term(NamedTuple):
    """One product: so many events a second where every curve is 1."""

    size: float
    factors: tuple[Factor, ...] = ()


@dataclass
class Integral:
    """The area under a product of curves from 0 to any moment, in `UNIT`s; added up once, cell by cell."""

    factors: tuple[Factor, ...]
    _sums: list[int] = field(default_factory=lambda: [0])
    _known: dict[float, int] = field(default_factory=dict)

    def until(self, moment: float) -> int:
        """Return the area. Before 0 the curves are taken to have been as they are at 0."""
        if moment not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[moment] = round(moment * self.height(0.0) * UNIT) if moment <= 0 else self._added_up(moment)
        return self._known[moment]

    def _added_up(self, moment: float) -> int:
        if not self.factors:
            return round(moment * UNIT)
        cell = int(moment // _CELL_SECONDS)
        while len(self._sums) <= cell:
            begin = (len(self._sums) - 1) * _CELL_SECONDS
            self._sums.append(self._sums[-1] + self._area(begin, begin + _CELL_SECONDS))
        return self._sums[cell] + self._area(cell * _CELL_SECONDS, moment)

    def height(self, moment: float) -> float:
        """Return the product at one moment."""
        product = 1.0
        for factor in self.factors:
            product *= factor.at(moment)
        return product

    def _area(self, begin: float, end: float) -> int:
        edges = sorted({edge for factor in self.factors for edge in factor.edges(begin, end)})
        area = 0.0
        for left, right in zip([begin, *edges], [*edges, end], strict=True):
            half, middle = (right - left) / 2, (left + right) / 2
            area += half * sum(weight * self.height(middle + half * place) for place, weight in _GAUSS)
        return round(area * UNIT)


class Traffic:
    """The events of every counter and the levels of every gauge, as terms; ``repeat`` begins it again and again."""

    def __init__(self, terms: Mapping[str, tuple[Term, ...]], repeat: float | None = None) -> None:
        self._integrals: dict[tuple[Factor, ...], Integral] = {}
        self._terms = {
            name: [(term.size, self._integral(term.factors)) for term in all_] for name, all_ in terms.items()
        }
        self._repeat = repeat

    def _integral(self, factors: tuple[Factor, ...]) -> Integral:
        return self._integrals.setdefault(factors, Integral(factors))

    def events(self, name: str, begin: float, end: float) -> float:
        """Return how many events a counter counted between two moments (seconds since the start)."""
        return sum(
            size * ((self._until(area, end) - self._until(area, begin)) / UNIT) for size, area in self._terms[name]
        )

    def level(self, name: str, moment: float) -> float:
        """Return how high a gauge stands, or how fast a counter runs, at one moment."""
        moment = max(0.0, moment % self._repeat if self._repeat and moment > 0 else moment)
        return sum(size * area.height(moment) for size, area in self._terms[name])

    def _until(self, area: Integral, moment: float) -> int:
        if self._repeat is None or moment <= 0:
            return area.until(moment)
        rounds, rest = divmod(moment, self._repeat)
        return int(rounds) * area.until(self._repeat) + area.until(rest)


def _multiples(every: float, offset: float, begin: float, end: float) -> list[float]:
    """Return ``offset`` plus the multiples of ``every`` that lie inside.

    >>> _multiples(10.0, 2.0, 0.0, 30.0)
    [2.0, 12.0, 22.0]
    """
    first = int((begin - offset) // every) + 1
    found = []
    while offset + first * every < end:
        found.append(offset + first * every)
        first += 1
    return found


def _scatter(seed: int, step: int) -> float:
    """Return a number from -1 to 1 that only looks like chance (splitmix64).

    >>> _scatter(1, 5) == _scatter(1, 5) != _scatter(2, 5)
    True
    """
    mask = (1 << 64) - 1
    mixed = (seed * 0x9E3779B97F4A7C15 + step * 0xD1B54A32D192ED03) & mask
    mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & mask
    mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & mask
    return ((mixed ^ mixed >> 31) >> 11) / (1 << 52) - 1
