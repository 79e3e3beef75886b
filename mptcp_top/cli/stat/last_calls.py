"""What grew since the last call: the zeros that were set then, and the rules of counting from them.

As with ``nstat``, a call sets the zero of the counters it was asked for, and those without one get one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.cli.stat.told import NOTHING, Since, Told, Why
from mptcp_top.engine import rates
from mptcp_top.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mptcp_top.model import Observation

BEATS_ENOUGH: Final = 10
"""For how many refreshes of its counters a source must have been left alone, for a rate to be within a tenth."""


class Stamp(NamedTuple):
    """When a zero was set: by the clock of people, and by that of one boot of this machine, if it has a name."""

    wall: float
    monotonic: float
    machine: str

    def seconds_to(self, later: Stamp) -> float | None:
        """Return how long ago this was, None if nobody knows.

        >>> Stamp(0.0, 5.0, "a").seconds_to(Stamp(60.0, 7.0, "a")), Stamp(0.0, 5.0, "a").seconds_to(Stamp(9.0, 1, "b"))
        (2.0, 9.0)
        """
        same = self.machine and self.machine == later.machine
        seconds = later.monotonic - self.monotonic if same else later.wall - self.wall
        return seconds if seconds > 0 else None


class Zero(NamedTuple):
    """What a counter stood at, and when; no stamp where that is only known to be after something."""

    value: int
    stamp: Stamp | None


class Zeros(NamedTuple):
    """The zeros of one target: who it was, and what its counters stood at when they were last told."""

    boot: str | None
    newest: Stamp
    counters: Mapping[str, Zero]


def told_since(observation: Observation, zeros: Zeros | None, now: Stamp, wrap_bits: int | None) -> Told:
    """Return an observation with its growth counted from the zeros of the last call."""
    watched = observation.elapsed_seconds is not None
    nothing = (None,) * len(observation.values)
    if zeros is None:
        told = observation._replace(increases=nothing, rates=nothing, elapsed_seconds=None, reset=False)
        return Told(told, None, watched, Since(Why.FIRST))
    wall = zeros.newest.wall
    if zeros.newest.seconds_to(now) is None and zeros.newest.machine == now.machine:
        still = tuple(0 if metric.grows else None for metric in observation.layout.metrics)
        told = observation._replace(increases=still, rates=nothing, elapsed_seconds=None, reset=False)
        return Told(told, NOTHING, watched, Since(Why.LATER, wall))
    if _began_anew(observation, zeros, wrap_bits):
        grown = tuple(
            value if metric.grows else None
            for metric, value in zip(observation.layout.metrics, observation.values, strict=True)
        )
        told = observation._replace(increases=grown, rates=nothing, elapsed_seconds=None, reset=True)
        moved = frozenset(column for column, value in enumerate(observation.values) if value)
        return Told(told, moved, watched, Since(Why.RESET, wall))
    return Told(*_grown(observation, zeros, now, wrap_bits), watched, Since(Why.LAST, wall))


def _grown(
    observation: Observation, zeros: Zeros, now: Stamp, wrap_bits: int | None
) -> tuple[Observation, frozenset[int]]:
    """Return an observation with its growth since the zeros, and the columns that moved."""
    metrics = observation.layout.metrics
    before = [zeros.counters.get(metric.name) for metric in metrics]
    values = tuple(zero.value if zero else None for zero in before)
    grown = rates.increases(values, observation.values, observation.layout.gauges, wrap_bits)
    least = BEATS_ENOUGH * SOURCES[observation.target.source].beat_seconds
    seconds = [zero.stamp.seconds_to(now) if zero and zero.stamp else None for zero in before]
    per_second = tuple(
        None if more is None or not past or past < least else more / past
        for more, past in zip(grown, seconds, strict=True)
    )
    elapsed = seconds[0] if len(set(seconds)) == 1 else None
    told = observation._replace(increases=tuple(grown), rates=per_second, elapsed_seconds=elapsed, reset=False)
    pairs = enumerate(zip(values, observation.values, strict=True))
    return told, frozenset(column for column, (then, value) in pairs if value is not None and value != then)


def _began_anew(observation: Observation, zeros: Zeros, wrap_bits: int | None) -> bool:
    """Whether the counters do not continue those of the zeros: another boot, or some are lower now."""
    boot, kind = observation.identity.boot, SOURCES[observation.target.source]
    if boot is not None and zeros.boot is not None and not kind.same_boot(zeros.boot, boot):
        return True
    before = (zeros.counters.get(metric.name) for metric in observation.layout.metrics)
    values = tuple(zero.value if zero else None for zero in before)
    gauges = observation.layout.gauges
    grown = rates.increases(values, observation.values, gauges, wrap_bits)
    return rates.went_down(values, observation.values, grown, gauges)


def zeros_after(told: Told, zeros: Zeros | None, asked_for: Collection[int], now: Stamp) -> Zeros | None:
    """Return the zeros from which the next call is to count: None leaves them as they are.

    ``asked_for`` are the columns that were told. What was not keeps its zero, unless the counters began anew.
    """
    observation, why = told.observation, told.since.why if told.since else Why.FIRST
    if why is Why.LATER:
        return None
    reset = why is Why.RESET
    counters = {} if zeros is None or reset else dict(zeros.counters)
    for column, (metric, value) in enumerate(zip(observation.layout.metrics, observation.values, strict=True)):
        if reset and metric.grows and column not in asked_for:
            counters[metric.name] = Zero(0, None)
        elif value is not None and (column in asked_for or metric.name not in counters):
            counters[metric.name] = Zero(value, now)
    boot = observation.identity.boot or (zeros.boot if zeros and not reset else None)
    return Zeros(boot, now, counters)
