"""What is not to alarm for a while: one counter, or one alert, of one target, until a time of the wall clock.

Everything that alarms asks here, and nowhere else: the order of the fleet, the verdict, the news, the bell, the
command. What is silenced is still shown, and said to be silenced.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOBODY: Final[Mapping[str, float]] = MappingProxyType({})


class Silence(NamedTuple):
    """A counter or an alert of a target that does not alarm from ``since`` to ``until``, by the wall clock."""

    target: str
    subject: str
    since: float
    until: float

    def holds(self, wall: float) -> bool:
        """Whether it is in force."""
        return self.since <= wall < self.until


class Silences:
    """The silences in force, of all targets. Changed by one thread, read by any: what is read is never changed."""

    def __init__(self, kept: Iterable[Silence] = ()) -> None:
        self.all: tuple[Silence, ...] = tuple(kept)

    def set(self, silence: Silence) -> None:
        """Add a silence, or let it take the place of the one there is. What is over is forgotten."""
        others = [
            one
            for one in self.all
            if one.until > silence.since and (one.target, one.subject) != (silence.target, silence.subject)
        ]
        self.all = (*others, silence) if silence.until > silence.since else tuple(others)

    def of(self, target: str, wall: float) -> Mapping[str, float]:
        """Return what is silenced on a target at a time, and until when.

        >>> silences = Silences([Silence("ns1", "MPRstTx", since=100.0, until=160.0)])
        >>> dict(silences.of("ns1", 130.0)), dict(silences.of("ns1", 160.0)), dict(silences.of("ns2", 130.0))
        ({'MPRstTx': 160.0}, {}, {})
        """
        if not self.all:
            return NOBODY
        return {one.subject: one.until for one in self.all if one.target == target and one.holds(wall)}
