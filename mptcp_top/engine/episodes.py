"""Which error counters rise, since when: the flag that is held, and the episodes it opens."""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.model import Episode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mptcp_top.model import Layout, Metric

HOLD_SECONDS: Final = 30.0
ENDED_KEPT: Final = 1000


class Kept(NamedTuple):
    """An episode with the monotonic times of its first and last rise, which the rules need."""

    episode: Episode
    first: float
    last: float


class Step(NamedTuple):
    """From one sample to the next: how long it took, when it ended, and the data time it began at."""

    seconds: float
    monotonic: float
    wall: float
    base: float = 0.0


def alarming_rise(layout: Layout, column: int, grown: Sequence[int | None], seconds: float) -> int:
    """Return the part of a flagged column's increase that is worth a flag; 0 if none is.

    Left out is what its ``net_of`` counter explains (a fastclose sends a reset as well, RFC 8684 section 3.5: two
    resets beside two fastcloses are no failure), and all of it while the rate stays below ``flag_above``.
    """
    own = grown[column]
    if not own:
        return 0
    metric = layout.metrics[column]
    if metric.net_of is not None:
        other = layout.index.get(metric.net_of)
        own = max(0, own - (grown[other] or 0)) if other is not None else own
    return 0 if metric.flag_above is not None and own / seconds < metric.flag_above else own


class Episodes:
    """The episodes of one target. A pause longer than ``hold_seconds`` ends one; the next rise opens another."""

    def __init__(self, hold_seconds: float = HOLD_SECONDS) -> None:
        self.hold_seconds = hold_seconds
        self._open: dict[str, Kept] = {}
        self._ended: deque[Kept] = deque(maxlen=ENDED_KEPT)
        self._rising: Mapping[str, Episode] = {}
        self._ongoing: Mapping[str, Kept] = {}
        self._restored: dict[tuple[str, float], Kept] = {}

    def note(self, layout: Layout, grown: Sequence[int | None], step: Step) -> None:
        """Take in the increases of one step."""
        rises = {column: alarming_rise(layout, column, grown, step.seconds) for column in layout.flagged}
        rising = {layout.metrics[column].name for column, rise in rises.items() if rise}
        changed = self._expire(step, rising) or bool(rising)
        for column, rise in rises.items():
            if rise:
                self._rise(layout.metrics[column], rise, step)
        if changed:
            self._publish()

    def expire(self, monotonic: float) -> None:
        """End the episodes whose last rise is longer ago than the hold."""
        if self._open and self._expire(Step(0.0, monotonic, 0.0), set()):
            self._publish()

    def restore(self, begun: Iterable[Kept]) -> None:
        """Go on from episodes that are known already: those that are over, and those that are open."""
        for kept in begun:
            if kept.episode.ongoing:
                self._open[kept.episode.metric.name] = kept
                self._restored[kept.episode.metric.name, kept.first] = kept
            else:
                self._ended.append(kept)
        self._publish()

    def precede(self, earlier: Iterable[Kept], monotonic: float) -> None:
        """Take in episodes from before the first that is known here, as they stood then; by now it is ``monotonic``.

        One that had not ended when its counter rose here goes on in that.
        """
        for kept in earlier:
            self._restored[kept.episode.metric.name, kept.first] = kept
            later = self._first_of(kept.episode.metric.name)
            if later is not None and later.first - kept.last <= self._longest_pause(later):
                self._replace(later, _joined(kept, later))
            elif later is None and monotonic - kept.last <= self.hold_seconds and kept.episode.ongoing:
                self._open[kept.episode.metric.name] = kept
            else:
                self._ended.append(kept._replace(episode=kept.episode._replace(ongoing=False)))
        self._publish()

    def restored(self, kept: Kept) -> Kept | None:
        """Return how an episode stood when it was restored, None if it began afterwards."""
        return self._restored.get((kept.episode.metric.name, kept.first))

    def rising(self) -> Mapping[str, Episode]:
        """Return the ongoing episodes by counter name. The mapping is never changed afterwards."""
        return self._rising

    def ongoing(self) -> Mapping[str, Kept]:
        """Return the ongoing episodes by counter name, with their times. The mapping is never changed afterwards."""
        return self._ongoing

    def until(self, monotonic: float) -> tuple[Episode, ...]:
        """Return every episode that had begun by then, the oldest first, as known now."""
        opened = (kept for kept in (*self._ended, *self._open.values()) if kept.first <= monotonic)
        return tuple(kept.episode for kept in sorted(opened, key=lambda kept: kept.first))

    def begun(self, since: float, until: float) -> list[tuple[float, Episode]]:
        """Return every episode that began in a stretch of time with the moment it did, as known now."""
        return [
            (one.first, one.episode) for one in chain(self._ended, self._open.values()) if since <= one.first <= until
        ]

    def begun_by(self, monotonic: float) -> list[Kept]:
        """Return the episodes that had begun by then, as known now."""
        return [one for one in (*self._ended, *self._open.values()) if one.first <= monotonic]

    def ongoing_at(self, monotonic: float, layout: Layout) -> list[Kept]:
        """Return the episodes that had begun and not ended then, as known now, in the order they had then.

        The one that began first comes first; of those that began together, the first of the layout.
        """
        kept = (*self._ended, *self._open.values())
        held = [one for one in kept if one.first <= monotonic <= one.last + self.hold_seconds]
        return sorted(held, key=lambda one: (one.first, layout.index.get(one.episode.metric.name, 0)))

    def newest_ended(self, monotonic: float) -> Kept | None:
        """Return the episode that had ended by then, and rose last of those."""
        ended = (one for one in (*self._ended, *self._open.values()) if one.last + self.hold_seconds < monotonic)
        return max(ended, key=lambda one: one.last, default=None)

    def _first_of(self, name: str) -> Kept | None:
        known = (one for one in (*self._ended, *self._open.values()) if one.episode.metric.name == name)
        return min(known, key=lambda one: one.first, default=None)

    def _longest_pause(self, later: Kept) -> float:
        return max(self.hold_seconds, (later.first - later.episode.base) * 1.5)

    def _replace(self, old: Kept, new: Kept) -> None:
        name = old.episode.metric.name
        if self._open.get(name) is old:
            self._open[name] = new
        else:
            self._ended = deque((new if one is old else one for one in self._ended), maxlen=ENDED_KEPT)

    def _rise(self, metric: Metric, rise: int, step: Step) -> None:
        rate = rise / step.seconds
        kept = self._open.get(metric.name)
        if kept is None:
            episode = Episode(metric, step.wall, step.wall, rise, rate, base=step.base)
            self._open[metric.name] = Kept(episode, step.monotonic, step.monotonic)
            return
        old = kept.episode
        episode = old._replace(last_rise=step.wall, total=old.total + rise, peak_rate=max(old.peak_rate, rate))
        self._open[metric.name] = Kept(episode, kept.first, step.monotonic)

    def _expire(self, step: Step, rising: set[str]) -> bool:
        """End what has not risen for the hold. What rises at every poll goes on, however far apart the polls are."""
        seldom = max(self.hold_seconds, step.seconds * 1.5)
        over = [
            name
            for name, kept in self._open.items()
            if step.monotonic - kept.last > (seldom if name in rising else self.hold_seconds)
        ]
        for name in over:
            kept = self._open.pop(name)
            self._ended.append(kept._replace(episode=kept.episode._replace(ongoing=False)))
        return bool(over)

    def _publish(self) -> None:
        self._ongoing = self._open.copy()
        self._rising = {name: kept.episode for name, kept in self._open.items()}


def _joined(earlier: Kept, later: Kept) -> Kept:
    """Return two episodes of one counter as the one that they are."""
    begun, rest = earlier.episode, later.episode
    total, peak = begun.total + rest.total, max(begun.peak_rate, rest.peak_rate)
    episode = rest._replace(started=begun.started, base=begun.base, total=total, peak_rate=peak)
    return Kept(episode, earlier.first, later.last)
