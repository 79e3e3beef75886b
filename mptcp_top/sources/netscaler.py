"""A NetScaler's MPTCP counters over NITRO (``/nitro/v1/stat/protocolmptcp``), with as little load on it as can be."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, ClassVar, Final

from mptcp_top import clock
from mptcp_top.errors import BadReply, NoAccess, SourceError, Unsupported
from mptcp_top.model import Sample
from mptcp_top.sources.nitro.context import Context
from mptcp_top.sources.nitro.counters import Counters, Reading
from mptcp_top.sources.nitro.harmless import DETAIL
from mptcp_top.sources.nitro.http import Http
from mptcp_top.sources.nitro.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.model import Layout, Target
    from mptcp_top.settings import Access
    from mptcp_top.sources.nitro.address import Address
    from mptcp_top.sources.nitro.session import Credentials

REFRESH_SECONDS: Final = 7.0
"""How often an appliance takes stock of its counters (the interval of ``stat -ntimes`` and of newnslog)."""

CONTEXT_SECONDS: Final = 2.0
"""What the companions of the counters may take of a poll, and no more than half of what is left of it."""

STANDSTILL_SECONDS: Final = 2 * REFRESH_SECONDS - 0.5
"""How long nothing at all may move on a box that was busy before it is asked who it is: two refreshes."""

SESSIONS_ENOUGH: Final = 10
"""So many sessions that do not end by themselves at once."""

STAT: Final = "/nitro/v1/stat/protocolmptcp"
STAT_IN_DETAIL: Final = f"{STAT}?{DETAIL}"
WHAT: Final = "stat protocol mptcp"
FULL_REPLY: Final = 70
"""Counters from which a reply is taken to be all there is; the oldest known firmware gives 77."""

TABLE_IS_FULL: Final = (
    "the table of admin sessions is full (20 for SSH, GUI and NITRO together): each poll logs in and out by itself; "
    "see who holds them: show system session"
)
TRIES_IN_DETAIL: Final = 3
IMPLAUSIBLE_FACTOR: Final = 4.0
IMPLAUSIBLE_GROWTH: Final = 10_000


class NetScalerSource:
    """One appliance: one session, one request at a time."""

    http: ClassVar[type[Http]] = Http

    def __init__(
        self,
        target: Target,
        address: Address,
        access: Access,
        credentials: Credentials,
        clock: Callable[[], float] = clock.monotonic,
    ) -> None:
        self.target = target
        self._clock = clock
        self._timeout_seconds = access.timeout
        self._session = Session(target.name, self.http(target.name, address, access), credentials, access, clock)
        self._counters = Counters()
        self._context = Context()
        self._path = STAT
        self._tries_in_detail = TRIES_IN_DETAIL
        self._logins = 0
        self._before: tuple[Reading, float] | None = None
        self._was_too_much = False
        self._rates_hold = True
        self._moved_at = float("-inf")
        self._standing_still = False

    async def poll(self) -> Sample:
        """Read every counter once; now and then, also who it is that answers.

        Raises:
            SourceError: with the reason and what to do about it.
        """
        deadline = asyncio.get_running_loop().time() + self._timeout_seconds
        reading, monotonic, wall, latency = await self._read(deadline)
        entered, self._logins = self._session.logins != self._logins, self._session.logins
        doubtful = self._before is not None and (entered or self._is_strange(reading, monotonic))
        if self._turned(reading, monotonic) or entered or doubtful:
            self._context.expire()
        self._before = reading, monotonic
        sure = not doubtful
        if self._context.due(monotonic):
            sure = await self._context.read(self._session, monotonic, _left(deadline)) or sure
        if not sure:
            self._context.expire()
        return Sample(
            self.target,
            reading.layout,
            reading.values,
            monotonic,
            wall,
            latency,
            self._context.identity(self._notices()),
            refresh_seconds=REFRESH_SECONDS,
            own_rates=reading.own_rates,
            reset=not sure,
        )

    async def close(self) -> None:
        """Log out and give everything back."""
        await self._session.close()

    async def _read(self, deadline: float) -> tuple[Reading, float, float, float]:
        """Return one reply's numbers, with the times it came at and how long it took, login not counted."""
        await self._session.enter()
        asked = self._clock()
        try:
            reading = self._counters.read(await self._session.get(self._path, WHAT))
        except (BadReply, NoAccess, Unsupported):
            self._path = STAT  # whoever answers by now may not know the detailed one
            raise
        stamps = self._clock(), time.time()
        if self._path == STAT and self._tries_in_detail and len(reading.layout.metrics) < FULL_REPLY:
            self._tries_in_detail -= 1
            detailed = await self._in_detail(deadline)
            if detailed is not None and len(detailed.layout.metrics) > len(reading.layout.metrics):
                reading, stamps = detailed, (self._clock(), time.time())
        return reading, *stamps, stamps[0] - asked

    async def _in_detail(self, deadline: float) -> Reading | None:
        """Return a reading that may have more counters, None if there is none to be had."""
        try:
            async with asyncio.timeout(_left(deadline)):
                reading = self._counters.read(await self._session.ask(STAT_IN_DETAIL, WHAT))
        except (SourceError, TimeoutError):
            return None
        self._path = STAT_IN_DETAIL
        return reading

    def _turned(self, reading: Reading, monotonic: float) -> bool:
        """Whether traffic began after a standstill, or came to one: at a pair, that is how a failover looks."""
        if self._before is None or self._before[0].values != reading.values:
            began, self._moved_at = self._standing_still, monotonic
            self._standing_still = self._before is not None and emptied(self._before[0], reading)
            return began or self._standing_still
        stopped = not self._standing_still and monotonic - self._moved_at > STANDSTILL_SECONDS
        self._standing_still |= stopped
        return stopped

    def _is_strange(self, reading: Reading, monotonic: float) -> bool:
        """Whether it looks as if another box had answered, or this one had begun anew.

        Strange again at the very next poll is not another box: its own rates are then not what we take them for.
        """
        if self._before is None:
            return False
        before, then = self._before
        if before is reading:
            return False
        if before.layout is not reading.layout:
            before = rearranged(before, reading.layout)
        if went_down(before, reading):
            return True
        too_much = self._rates_hold and outgrown(before, reading, monotonic - then)
        self._rates_hold &= not (too_much and self._was_too_much)
        self._was_too_much = too_much
        return too_much

    def _notices(self) -> tuple[str, ...]:
        if self._session.stateless:
            return (TABLE_IS_FULL,)
        return ()


def _left(deadline: float) -> float:
    """Return how long something may take that a poll can do without."""
    return min(CONTEXT_SECONDS, (deadline - asyncio.get_running_loop().time()) / 2)


def rearranged(reading: Reading, layout: Layout) -> Reading:
    """Return a reading in the order of another layout, with nothing where it has no such metric."""
    columns = [reading.layout.index.get(metric.name) for metric in layout.metrics]
    return Reading(
        layout,
        tuple(None if column is None else reading.values[column] for column in columns),
        tuple(None if column is None else reading.own_rates[column] for column in columns),
    )


def went_down(before: Reading, now: Reading) -> bool:
    """Whether a counter lost what it had; both readings have the same layout."""
    columns = zip(before.layout.metrics, before.values, now.values, strict=True)
    return any(
        metric.grows and then is not None and value is not None and value < then for metric, then, value in columns
    )


def emptied(before: Reading, now: Reading) -> bool:
    """Whether every session ended from one reading to the next."""
    columns = before.layout.concepts.get("sessions_current"), now.layout.concepts.get("sessions_current")
    if columns[0] is None or columns[1] is None:
        return False
    return (before.values[columns[0]] or 0) >= SESSIONS_ENOUGH and now.values[columns[1]] == 0


def outgrown(before: Reading, now: Reading, seconds: float) -> bool:
    """Whether the counters together grew by far more than the appliance's own rates make of the time.

    Then another box answers: after a failover behind one address its totals may be higher, and no spike is to be shown.
    """
    grown = expected = 0.0
    columns = zip(before.layout.metrics, before.values, now.values, before.own_rates, now.own_rates, strict=True)
    for metric, then, value, then_rate, rate in columns:
        if not metric.grows or then is None or value is None or then_rate is None or rate is None:
            continue
        grown += value - then
        expected += max(then_rate, rate, 1.0) * (seconds + 2 * REFRESH_SECONDS)
    return grown > IMPLAUSIBLE_GROWTH + IMPLAUSIBLE_FACTOR * expected
