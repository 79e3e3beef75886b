"""An observation as ``stat`` tells it: with what moved, and since when growth is counted."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text

if TYPE_CHECKING:
    from mptcp_top.model import Observation


class Why(Enum):
    """What growth is counted from where that is another call of this user. The value says it to people."""

    FIRST = "there was no call before: these are totals"
    LAST = "since the last call, {when} ({ago} ago)"
    RESET = "the counters began anew after the last call, {when} (a reboot, a clear, or another box): totals since then"
    LATER = "another call, at the same time, has told of what grew"


class Since(NamedTuple):
    """Since when growth is counted; ``wall`` is the time of the last call, None if there was none."""

    why: Why
    wall: float | None = None

    def said(self, now: float) -> str:
        """Return it for people."""
        if self.wall is None:
            return self.why.value
        return self.why.value.format(when=text.when(self.wall, now), ago=text.duration(max(0.0, now - self.wall)))


class Told(NamedTuple):
    """One observation, and what its growth is since.

    ``moved`` are the columns that read another value than before, None where there is nothing to compare with.
    ``watched`` is whether we saw this target before, in this very call: only then it is known what rises.
    """

    observation: Observation
    moved: frozenset[int] | None = None
    watched: bool = False
    since: Since | None = None


NOTHING: Final[frozenset[int]] = frozenset()


def told_of(observation: Observation, before: Observation | None) -> Told:
    """Return an observation with what moved since the one ``before``."""
    watched = observation.elapsed_seconds is not None
    if observation.failure is not None:
        return Told(observation, NOTHING, watched)
    if before is None or not before.values:
        return Told(observation, None, watched)
    known = dict(zip((metric.name for metric in before.layout.metrics), before.values, strict=True))
    pairs = zip(observation.layout.metrics, observation.values, strict=True)
    moved = (column for column, (metric, value) in enumerate(pairs) if known.get(metric.name) != value)
    return Told(observation, frozenset(moved), watched)
