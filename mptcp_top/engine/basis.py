"""What the numbers of a screen are: a rate, or how far counters grew since some moment."""

from __future__ import annotations

from enum import Enum


class Basis(Enum):
    """What growth is counted over. Every screen shows one of these; the value is what to call it."""

    RATE = "per second"
    INTERVAL = "in the last interval"
    MARK = "since the mark"
    START = "since the start"

    @property
    def next(self) -> Basis:
        """The one after this, round and round.

        >>> Basis.RATE.next.name, Basis.START.next.name
        ('INTERVAL', 'RATE')
        """
        every = tuple(Basis)
        return every[(every.index(self) + 1) % len(every)]

    @property
    def title(self) -> str:
        """What to call it on the screen."""
        return self.value
