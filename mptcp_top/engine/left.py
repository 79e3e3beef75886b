"""How an earlier run of a program left a target, and how the first reading of the next one goes on from it.

An error that rises is one story, however often what watches it is begun again: as long as that is soon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine import rates
from mptcp_top.engine.episodes import Episodes, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.episodes import Kept
    from mptcp_top.engine.reading import Reading

RESUME_SECONDS: Final = 300.0
"""After a longer pause a run does not go on from the one before: what grew meanwhile is no rise of now."""


class Left(NamedTuple):
    """What the last reading of an earlier run was, and which episodes were open then."""

    last: Reading
    open: Sequence[Kept] = ()


def began_anew(before: Reading | None, now: Reading) -> bool:
    """Whether a run's first reading counts from elsewhere than the last one of the run before."""
    if before is None or now.session == before.session or now.values is None or before.values is None:
        return False
    if before.identity.boot != now.identity.boot or before.layout.metrics != now.layout.metrics:
        return True
    return any(
        was is not None and value is not None and value < was and metric.grows
        for was, value, metric in zip(before.values, now.values, now.layout.metrics, strict=True)
    )


def is_apart(before: Reading | None, now: Reading) -> bool:
    """Whether a run's first reading is so long after the last one of the run before that it is another story."""
    return before is not None and now.session != before.session and now.monotonic - before.monotonic > RESUME_SECONDS


def note_growth(episodes: Episodes, before: Reading | None, now: Reading) -> None:
    """Take in how the counters grew from one reading to the next, which may be of another run."""
    if is_apart(before, now):
        episodes.expire(float("inf"))
        return
    step = None if before is None or now.anew or began_anew(before, now) else now.data_time - before.data_time
    grown = flagged_growth(before, now) if before is not None and step else None
    if step and grown:
        episodes.note(now.layout, grown, Step(step, now.monotonic, now.wall, now.data_time - step))
    else:
        episodes.expire(now.monotonic)


def standing(left: Left, first: Reading, hold_seconds: float) -> list[Kept]:
    """Return the episodes that were open when an earlier run ended, or rose until the first reading of the next."""
    episodes = Episodes(hold_seconds)
    episodes.restore(left.open)
    note_growth(episodes, left.last, first)
    return episodes.begun_by(float("inf"))


def flagged_growth(before: Reading, now: Reading) -> list[int | None] | None:
    """Return the increase of each column where a flagged one grew, else None: mostly none does, and it is costly."""
    layout, was, values = now.layout, before.values or (), now.values or ()
    if before.layout is not layout:
        columns = (before.layout.index.get(metric.name) for metric in layout.metrics)
        was = tuple(None if column is None else was[column] for column in columns)
    if layout.pick_flagged(was) == layout.pick_flagged(values):
        return None
    return rates.increases(was, values, layout.gauges, now.wrap_bits)
