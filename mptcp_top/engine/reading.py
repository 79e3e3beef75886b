"""What one poll brought, as it is recorded. Imported before the first paint, so that nothing stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.model import Identity

if TYPE_CHECKING:
    from mptcp_top.model import Failure, Layout, Target


class Reading(NamedTuple):
    """What one poll brought, as it is recorded. Without ``values`` it was missed, and ``failure`` says why.

    After a ``reset`` some counters went down; ``anew`` all of them began again, and none has grown since before.
    ``data_time`` is the time the values stand for, as it was worked out when they were read, ``session`` the run of a
    program that read it, and ``row`` its number in the history there; the others are fields of `Sample`.
    """

    target: Target
    monotonic: float
    wall: float
    data_time: float
    layout: Layout
    values: tuple[int | None, ...] | None
    interval_seconds: float
    reset: bool = False
    identity: Identity = Identity()
    refresh_seconds: float = 0.0
    wrap_bits: int | None = None
    latency_seconds: float | None = None
    failure: Failure | None = None
    session: int = 0
    row: int = 0
    anew: bool = False
