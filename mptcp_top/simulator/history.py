"""What an appliance's statistics say at a moment: traffic, seen through its 7-second ticks, resets and its HA role."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from fractions import Fraction
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.model import Kind
from mptcp_top.simulator.counters import fields
from mptcp_top.simulator.scenario import What

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.simulator.traffic import Traffic

TICK_SECONDS: Final = 7
"""Every so often the statistics are renewed, all at once; in between they stand still."""

_WARM_UP_SECONDS: Final = 60.0  # until as many sessions are open as usual, on a box that has just taken over


class Turn(NamedTuple):
    """Something that changed how an appliance counts."""

    at: float
    what: What
    down_seconds: float = 0.0

    @property
    def done(self) -> float:
        """When it was over."""
        return self.at + self.down_seconds


class _Counting(NamedTuple):
    """How the counters came about: from zero or from what they were, in which stretches of time."""

    from_zero: bool
    stretches: list[tuple[float, float]]


@dataclass
class History:
    """What one appliance counts. The same turns and the same moment give the same numbers, whatever was asked before.

    ``phase`` is how many seconds after the start the first tick is, ``up_seconds`` how long before it the box booted;
    moments are seconds since the start.
    """

    traffic: Traffic
    before: Mapping[str, int]
    phase: float = 0.0
    up_seconds: float = float("inf")
    serving: bool = True
    turns: list[Turn] = field(default_factory=list)

    def add(self, turn: Turn) -> None:
        """Note that something happened, or will."""
        insort(self.turns, turn, key=attrgetter("at"))

    def total(self, name: str, moment: float) -> int:
        """Return the total a counter shows: that of the last tick, or of the last reset if that is later."""
        return self._count(name, self._shown(moment))

    def rate(self, name: str, moment: float) -> Fraction:
        """Return the rate per second a counter shows: how far it moved in the last 7 seconds, a seventh of it."""
        shown = self._shown(moment)
        return Fraction(self._count(name, shown) - self._count(name, max(shown - TICK_SECONDS, self._reset(shown))), 7)

    def level(self, name: str, moment: float) -> int:
        """Return what a gauge shows: the level at the last tick, 0 on a standby."""
        shown = self._shown(moment)
        stretches = self._counting(shown, what_resets={What.REBOOT}).stretches
        if not stretches or not self.serves(shown):
            return 0
        began = stretches[-1][0]
        warm = 1.0 if began <= 0 else min(1.0, (shown - began) / _WARM_UP_SECONDS)
        return round(self.traffic.level(name, shown) * max(0.0, warm))

    def values(self, moment: float) -> dict[str, int]:
        """Return every field as shown."""
        return {
            each.name: self.level(each.name, moment) if each.kind is Kind.GAUGE else self.total(each.name, moment)
            for each in fields()
        }

    def rates(self, moment: float) -> dict[str, Fraction]:
        """Return the rate of every counter as shown, by the counter's name."""
        return {each.name: self.rate(each.name, moment) for each in fields() if each.kind is Kind.COUNTER}

    def serves(self, moment: float) -> bool:
        """Whether traffic goes through it: it is no HA standby."""
        serving = self.serving
        for turn in self.turns:
            if turn.at <= moment and turn.what in {What.SERVE, What.STAND_BY}:
                serving = turn.what is What.SERVE
        return serving

    def booting(self, moment: float) -> bool:
        """Whether it is down for a reboot."""
        return any(turn.what is What.REBOOT and turn.at <= moment < turn.done for turn in self.turns)

    def booted_at(self, moment: float) -> float | None:
        """Return when it was last up again after a reboot, None if that was before the start."""
        done = [turn.done for turn in self.turns if turn.what is What.REBOOT and turn.at <= moment]
        return max(done) if done else None

    def _shown(self, moment: float) -> float:
        tick = (moment - self.phase) // TICK_SECONDS * TICK_SECONDS + self.phase
        return max(tick, self._reset(moment))

    def _reset(self, moment: float) -> float:
        resets = (turn.done for turn in self.turns if turn.what in {What.CLEAR, What.REBOOT} and turn.at <= moment)
        return max(resets, default=-self.up_seconds)

    def _count(self, name: str, moment: float) -> int:
        from_zero, stretches = self._counting(moment, what_resets={What.CLEAR, What.REBOOT})
        events = sum(self.traffic.events(name, begin, end) for begin, end in stretches)
        return (0 if from_zero else self.before.get(name, 0)) + int(events // 1)

    def _counting(self, moment: float, what_resets: set[What]) -> _Counting:
        from_zero, stretches = False, list[tuple[float, float]]()
        since = 0.0 if self.serving else None
        for turn in self.turns:
            if turn.at > moment:
                break
            if turn.what in what_resets:
                from_zero, stretches = True, []
                since = None if since is None else turn.done
            elif turn.what is What.SERVE and since is None:
                since = turn.at
            elif turn.what is What.STAND_BY and since is not None:
                stretches.append((since, turn.at))
                since = None
        if since is not None and not (from_zero and moment < since):
            stretches.append((since, moment))
        return _Counting(from_zero, stretches)
