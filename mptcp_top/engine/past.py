"""What was known of a target at an earlier moment, from its history alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.engine import rates
from mptcp_top.engine.episodes import alarming_rise
from mptcp_top.engine.history import GAP, GOOD, RESET, History
from mptcp_top.engine.steady import rates_at
from mptcp_top.model import Failure, Layout, Metric, Observation, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.engine.episodes import Kept
    from mptcp_top.engine.track import Track
    from mptcp_top.model import Episode, Sample


def observation_at(track: Track, monotonic: float) -> Observation | None:
    """Return the observation as it was at a moment, None if that is before the history begins.

    The caller holds the track's lock.
    """
    history = track.history
    number = history.row_at(monotonic)
    good = good_row(history, number)
    sample = None if good is None else track.sample_at(history.times(good)[0])
    if good is None or sample is None:
        return None
    step = _step(history, good, sample)
    missed = good != number
    at, wall = history.times(number)
    nothing = (None,) * len(sample.layout.metrics)
    ongoing = track.episodes.ongoing_at(at, sample.layout)
    return Observation(
        target=track.target,
        layout=sample.layout,
        values=history.row(good, sample.layout),
        increases=nothing if missed or step is None else step[0],
        elapsed_seconds=None if missed or step is None else step[1],
        monotonic=at,
        wall=wall,
        values_monotonic=history.times(refreshed_row(history, good))[0],
        latency_seconds=None,
        rising={kept.episode.metric.name: _as_of(track, kept, number) for kept in ongoing},
        reset=not missed and history.state(good) == RESET,
        identity=sample.identity,
        failure=_failure_at(track, history.times(good)[0], at, wall) if missed else None,
        rates=(rates_at(history, good, sample) or nothing) if sample.refresh_seconds and not missed else None,
        refresh_seconds=sample.refresh_seconds,
        data_time=history.data_time(good),
    )


def _failure_at(track: Track, read: float, at: float, wall: float) -> Failure:
    """Return why a target was not read at a moment, having been ``read`` before: nobody tries again in the past."""
    lost = track.log.lost(read, at)
    if lost is None:
        return Failure(track.target, Status.UNREACHABLE, "no answer at that moment", at, wall)
    return lost._replace(monotonic=at, wall=wall, advice="", retry_seconds=None)


def episodes_at(track: Track, monotonic: float) -> list[Episode]:
    """Return the episodes that had begun by a moment, the oldest first, as they stood then. Under the lock."""
    number = track.history.row_at(monotonic)
    kept = sorted(track.episodes.begun_by(monotonic), key=lambda one: one.first)
    if number < track.history.first:
        return [one.episode for one in kept]
    return [_as_of(track, one, number) for one in kept]


def good_row(history: History, number: int) -> int | None:
    """Return the newest row not after ``number`` that is no gap."""
    while number >= history.first:
        if history.state(number) != GAP:
            return number
        number -= 1
    return None


def refreshed_row(history: History, good: int) -> int:
    """Return the good row with which the values of one were first read: itself, or the first with the same refresh."""
    row = good
    while (before := good_row(history, row - 1)) is not None and history.seconds(before, good) <= 0:
        row = before
    return row


def _step(history: History, good: int, sample: Sample) -> tuple[tuple[int | None, ...], float] | None:
    """Return the increases from the good row before to this one, and the seconds between them."""
    before = good_row(history, good - 1)
    if before is None:
        return None
    layout = sample.layout
    values = history.row(good, layout)
    seconds = history.times(good)[0] - history.times(before)[0]
    if history.state(good) == GOOD:
        return tuple(rates.increases(history.row(before, layout), values, layout.gauges, sample.wrap_bits)), seconds
    return (None,) * len(values), seconds


def _as_of(track: Track, kept: Kept, number: int) -> Episode:
    """Return an episode as it stood at row ``number``: what rose later is taken out again, and it was not over yet."""
    history, sample = track.history, track.sample
    since_last = history.times(number)[0] - kept.last
    if sample is None or since_last >= 0:
        held = since_last <= track.episodes.hold_seconds
        return kept.episode._replace(ongoing=True) if held and not kept.episode.ongoing else kept.episode
    until = history.row_at(kept.last)  # what rose after its end belongs to another episode
    known = track.episodes.restored(kept)
    later, last_rise, peak = 0, kept.episode.started, 0.0
    if known is not None:
        last_rise, peak = known.episode.last_rise, known.episode.peak_rate
    for row, rise, seconds in _rises(history, kept.episode.metric, since=kept.first, wrap_bits=sample.wrap_bits):
        if row > until:
            break
        if row > number:
            later += rise
        else:
            last_rise, peak = history.times(row)[1], max(peak, rise / seconds)
    return kept.episode._replace(last_rise=last_rise, total=kept.episode.total - later, peak_rate=peak, ongoing=True)


def _rises(
    history: History, metric: Metric, *, since: float, wrap_bits: int | None
) -> Iterator[tuple[int, int, float]]:
    """Yield each row in which a flagged counter rose alarmingly, by how much and in how many seconds.

    Only what such a rise depends on is read: the counter itself, and the one that may explain it.
    """
    other = (Metric(metric.net_of, "", metric.group),) if metric.net_of is not None else ()
    needed, first = Layout((metric, *other)), max(history.row_at(since), history.first)
    before = good_row(history, first - 1)
    first = first if before is None else before
    columns = [history.column(one.name, first, history.last) for one in needed.metrics]
    rows = zip(history.states(first, history.last), zip(*columns, strict=True), strict=True)
    then: tuple[int | None, ...] | None = None
    for number, (state, now) in enumerate(rows, first):
        if state == GAP:
            continue
        if then is not None and before is not None and now[0] != then[0] and state == GOOD:
            grown = rates.increases(then, now, needed.gauges, wrap_bits)
            seconds = history.seconds(before, number)
            rise = alarming_rise(needed, 0, grown, seconds) if seconds > 0 else 0
            if rise:
                yield number, rise, seconds
        before, then = number, now
