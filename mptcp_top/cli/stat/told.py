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
    EARLIER = "since the last call that told them, {when} ({ago} ago)"
    MIXED = "since {when} ({ago} ago), where a row does not say another time"
    RESET = "the counters began anew after the last call, {when} (a reboot, a clear, or another box): totals since then"
    LATER = "another call, at the same time, has told of what grew"


class Since(NamedTuple):
    """Since when growth is counted; ``wall`` is the time of the call that set the zero, None if there was none."""

    why: Why
    wall: float | None = None

    def said(self, now: float) -> str:
        """Return it for people."""
        if self.wall is None:
            return self.why.value
        return self.why.value.format(when=text.when(self.wall, now), ago=text.duration(max(0.0, now - self.wall)))


class Base(NamedTuple):
    """Since when the growth of one counter is counted, and how long that is; after a reset only the growth is known."""

    wall: float | None = None
    elapsed_seconds: float | None = None


class Told(NamedTuple):
    """One observation, and what its growth is since.

    ``moved`` are the columns that read another value than before, None where there is nothing to compare with; what
    may be either of two counters is not among them. ``watched`` is whether we saw this target before, in this very
    call: only then it is known what rises. ``bases`` are those of the columns where they are not all the same.
    """

    observation: Observation
    moved: frozenset[int] | None = None
    watched: bool = False
    since: Since | None = None
    bases: tuple[Base, ...] | None = None

    @property
    def compared(self) -> bool:
        """Whether there was something before to compare with."""
        return self.moved is not None and self.observation.failure is None

    def base_said(self, column: int) -> str:
        """Return since when a column's growth is counted where that is not what stands above all of them, else ""."""
        if self.bases is None or self.since is None or self.observation.increases[column] is None:
            return ""
        base = self.bases[column]
        if base.wall is None:
            return "since a reset"
        now = self.observation.wall
        said = text.when(base.wall, now)
        return "" if self.since.wall is not None and said == text.when(self.since.wall, now) else f"since {said}"


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
    moved = (
        column
        for column, (metric, value) in enumerate(pairs)
        if known.get(metric.name) != value and not metric.ambiguous
    )
    return Told(observation, frozenset(moved), watched)
