"""What grew since the last call: the zeros that were set then, and the rules of counting from them.

As with ``nstat``, a call sets the zero of the counters it was asked for, and those without one get one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.cli.stat.told import NOTHING, Base, Since, Told, Why
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


def told_since(
    observation: Observation, zeros: Zeros | None, now: Stamp, wrap_bits: int | None, asked_for: Collection[int]
) -> Told:
    """Return an observation with its growth counted from the zeros of the last call.

    ``asked_for`` are the columns that are told: it is their zeros of which it is said when they were set.
    """
    watched = observation.elapsed_seconds is not None
    nothing = (None,) * len(observation.values)
    if zeros is None:
        told = observation._replace(increases=nothing, rates=nothing, elapsed_seconds=None, reset=False)
        return Told(told, None, watched, Since(Why.FIRST))
    wall = zeros.newest.wall
    metrics = observation.layout.metrics
    if zeros.newest.seconds_to(now) is None and zeros.newest.machine == now.machine:
        still = tuple(0 if metric.grows else None for metric in metrics)
        told = observation._replace(increases=still, rates=nothing, elapsed_seconds=None, reset=False)
        return Told(told, NOTHING, watched, Since(Why.LATER, wall))
    if _began_anew(observation, zeros, wrap_bits):
        pairs = list(zip(metrics, observation.values, strict=True))
        grown = tuple(value if metric.grows else None for metric, value in pairs)
        told = observation._replace(increases=grown, rates=nothing, elapsed_seconds=None, reset=True)
        moved = frozenset(column for column, (metric, value) in enumerate(pairs) if value and not metric.ambiguous)
        return Told(told, moved, watched, Since(Why.RESET, wall))
    return _grown(observation, zeros, now, wrap_bits, asked_for)


def _grown(
    observation: Observation, zeros: Zeros, now: Stamp, wrap_bits: int | None, asked_for: Collection[int]
) -> Told:
    """Return an observation with its growth since the zeros, each counter's over its own time."""
    metrics = observation.layout.metrics
    before = [zeros.counters.get(metric.name) for metric in metrics]
    values = tuple(zero.value if zero else None for zero in before)
    grown = rates.increases(values, observation.values, observation.layout.gauges, wrap_bits)
    stamps = [zero.stamp if zero else None for zero in before]
    bases = tuple(Base() if stamp is None else Base(stamp.wall, stamp.seconds_to(now)) for stamp in stamps)
    least = BEATS_ENOUGH * SOURCES[observation.target.source].beat_seconds
    per_second = tuple(_rate(more, base.elapsed_seconds, least) for more, base in zip(grown, bases, strict=True))
    moved = frozenset(
        column
        for column, (metric, then, value) in enumerate(zip(metrics, values, observation.values, strict=True))
        if value is not None and value != then and not metric.ambiguous
    )
    since, one = _since(zeros, {stamps[column] for column in asked_for if before[column] is not None})
    elapsed = None if one is None else one.seconds_to(now)
    told = observation._replace(increases=tuple(grown), rates=per_second, elapsed_seconds=elapsed, reset=False)
    watched = observation.elapsed_seconds is not None
    return Told(told, moved, watched, since, bases if one is None else None)


def _since(zeros: Zeros, stamps: Collection[Stamp | None]) -> tuple[Since, Stamp | None]:
    """Return what to say of when zeros were set, and the one moment at which all of them were, if there is one."""
    known = [stamp for stamp in stamps if stamp is not None]
    if len(known) == len(stamps) <= 1:
        one = known[0] if known else zeros.newest
        return Since(Why.LAST if one == zeros.newest else Why.EARLIER, one.wall), one
    newest = max((stamp.wall for stamp in known), default=zeros.newest.wall)
    same = bool(known) and len(known) == len(stamps) and newest - min(stamp.wall for stamp in known) < 1.0
    return Since(Why.LAST if same else Why.MIXED, newest), None


def _rate(grown: int | None, seconds: float | None, least: float) -> float | None:
    return None if grown is None or not seconds or seconds < least else grown / seconds


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
