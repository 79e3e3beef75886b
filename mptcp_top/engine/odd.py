"""The odd one out: which of several targets has a number that neither chance nor the others' spread explains.

With ``m`` the median of the comparable numbers of a row and ``MAD`` the median of their distances from it, a number
``x`` stands out if

    |x - m| > 3.5 * max(1.4826 * MAD, small(m), chance(m))

- ``1.4826 * MAD`` is what the standard deviation would be were the numbers normally distributed; it does not move
  when one of them is far off. 3.5 of it is the usual limit (Iglewicz and Hoaglin, 1993).
- ``small`` is what nobody cares about: a tenth of the median; of a share, one percentage point.
- ``chance`` is how far a count moves by itself: the square root of what is expected (Poisson), at least one event, in
  the unit of the row; of a share of ``n`` handshakes ``sqrt(p * (1 - p) / n)`` with ``p = (m * n + 1) / (n + 2)``.

So where the others have none, three errors are not odd and four are. Fewer than three numbers have no odd one.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST: Final = 3
FACTOR: Final = 3.5
_SIGMA: Final = 1.4826
_SMALL: Final = 0.1
_SMALL_SHARE: Final = 0.01


class Figure(NamedTuple):
    """A number that can be compared: what one event more adds to it, or how many events it is a share of."""

    value: float
    one: float = 1.0
    share_of: int | None = None

    def noise(self, median: float) -> float:
        """Return how far from the median this number may be by chance, or without anybody caring.

        >>> Figure(4.0).noise(0.0), Figure(900.0).noise(1000.0), Figure(0.5, share_of=100).noise(0.5)
        (1.0, 100.0, 0.05)
        """
        if self.share_of is None:
            return max(sqrt(max(median, self.one) * self.one), _SMALL * median)
        of = max(1, self.share_of)
        share = (median * of + 1) / (of + 2)
        return max(sqrt(share * (1 - share) / of), _SMALL_SHARE)


class Odd(NamedTuple):
    """One that stands out: its place in the row, its number, that of most, and how far off it is in limits."""

    place: int
    value: float
    median: float
    far: float

    @property
    def higher(self) -> bool:
        """Whether it is above the others."""
        return self.value > self.median


def odd_ones(figures: Sequence[Figure | None]) -> tuple[Odd, ...]:
    """Return those that stand out among the known figures of a row, the farthest first.

    >>> odd_ones([Figure(7400), Figure(120), Figure(118)])[0].place
    0
    >>> odd_ones([Figure(3), Figure(0), Figure(0)]), odd_ones([Figure(9000), None, Figure(0)])
    ((), ())
    """
    known = [(place, figure) for place, figure in enumerate(figures) if figure is not None]
    if len(known) < FEWEST:
        return ()
    middle = median([figure.value for _, figure in known])
    spread = _SIGMA * median([abs(figure.value - middle) for _, figure in known])
    found = []
    for place, figure in known:
        distance = abs(figure.value - middle)
        if distance > FACTOR * spread:  # most are not, and their noise need not be worked out
            far = distance / (FACTOR * max(spread, figure.noise(middle)))
            if far > 1:
                found.append(Odd(place, figure.value, middle, far))
    return tuple(sorted(found, key=lambda odd: -odd.far))


def apart(figures: Sequence[Figure | None]) -> bool:
    """Whether a row has just two known figures, and neither chance nor indifference explains how far apart they are.

    >>> apart([Figure(100), None, Figure(101)]), apart([Figure(100), None, Figure(300)])
    (False, True)
    """
    known = [figure for figure in figures if figure is not None]
    if len(known) != FEWEST - 1:
        return False
    low, high = sorted(known)
    return high.value - low.value > FACTOR * max(high.noise(low.value), low.noise(low.value))


def median(numbers: Sequence[float]) -> float:
    """Return the median.

    >>> median([3, 1, 2]), median([4, 1, 2, 3])
    (2, 2.5)
    """
    ordered = sorted(numbers)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
