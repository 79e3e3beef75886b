"""What is not to alarm for a while: one counter, or one alert, of one target, until a time of the wall clock.

Everything that alarms asks here, and nowhere else: the order of the fleet, the verdict, the news, the bell, the
command. What is silenced is still shown, and said to be silenced.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.text import dated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MOST: Final = 1000
"""Silences that are read at most."""

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
    """The silences in force, of all targets. Changed by one thread, read by any: what is read is never changed.

    Whoever wants to remember them is told when they are others, and may have something to say to the user.
    """

    def __init__(self, kept: Iterable[Silence] = (), remember: Callable[[Silences], str] = lambda _: "") -> None:
        self.all: tuple[Silence, ...] = tuple(kept)
        self._remember = remember

    def set(self, silence: Silence) -> str:
        """Add a silence, or let it take the place of the one there is; return what to tell of it, mostly nothing.

        What is over is forgotten.
        """
        others = [
            one
            for one in self.all
            if one.until > silence.since and (one.target, one.subject) != (silence.target, silence.subject)
        ]
        self.all = (*others, silence) if silence.until > silence.since else tuple(others)
        return self._remember(self)

    def of(self, target: str, wall: float) -> Mapping[str, float]:
        """Return what is silenced on a target at a time, and until when.

        >>> silences = Silences([Silence("ns1", "MPRstTx", since=100.0, until=160.0)])
        >>> dict(silences.of("ns1", 130.0)), dict(silences.of("ns1", 160.0)), dict(silences.of("ns2", 130.0))
        ({'MPRstTx': 160.0}, {}, {})
        """
        if not self.all:
            return NOBODY
        return {one.subject: one.until for one in self.all if one.target == target and one.holds(wall)}

    def written(self) -> list[dict[str, object]]:
        """Return them as values that JSON can hold."""
        return [silence._asdict() for silence in self.all]


def silences_in(value: object, wall: float) -> list[Silence]:
    """Return the silences that were `Silences.written`, without those that are over; of anything else, none.

    >>> kept = Silences([Silence("ns1", "MPRstTx", since=100.0, until=160.0)]).written()
    >>> [silence.subject for silence in silences_in([*kept, {"target": 1}, None], 130.0)], silences_in(kept, 160.0)
    (['MPRstTx'], [])
    """
    found = (_silence_in(one) for one in value[:MOST]) if isinstance(value, list) else ()
    return [silence for silence in found if silence is not None and silence.holds(wall)]


def _silence_in(value: object) -> Silence | None:
    if not isinstance(value, dict) or set(value) != set(Silence._fields):
        return None
    texts, times = (value["target"], value["subject"]), (value["since"], value["until"])
    if not all(isinstance(text, str) and text.isprintable() for text in texts):
        return None
    if not all(isinstance(moment, float) and dated(moment) for moment in times):
        return None
    return Silence(**value)
