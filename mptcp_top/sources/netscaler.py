"""A NetScaler's MPTCP counters over NITRO (``/nitro/v1/stat/protocolmptcp``), with as little load on it as can be."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from mptcp_top.errors import SourceError
from mptcp_top.model import Kind, Sample
from mptcp_top.sources.nitro.context import Context
from mptcp_top.sources.nitro.counters import Counters, Reading
from mptcp_top.sources.nitro.http import Http
from mptcp_top.sources.nitro.session import Session

if TYPE_CHECKING:
    from mptcp_top.model import Target
    from mptcp_top.settings import Access
    from mptcp_top.sources.nitro.address import Address
    from mptcp_top.sources.nitro.session import Credentials

REFRESH_SECONDS: Final = 7.0
"""How often an appliance takes stock of its counters (the interval of ``stat -ntimes`` and of newnslog)."""

CONTEXT_SECONDS: Final = 2.0
"""What the companions of the counters may take of a poll."""

STAT: Final = "/nitro/v1/stat/protocolmptcp"
STAT_IN_DETAIL: Final = "/nitro/v1/stat/protocolmptcp?args=detail:true"
WHAT: Final = "stat protocol mptcp"
FULL_REPLY: Final = 70
"""Counters from which a reply is taken to be all there is; the oldest known firmware gives 77."""

IMPLAUSIBLE_FACTOR: Final = 4.0
IMPLAUSIBLE_GROWTH: Final = 10_000


class NetScalerSource:
    """One appliance: one session, one request at a time."""

    def __init__(self, target: Target, address: Address, access: Access, credentials: Credentials) -> None:
        self.target = target
        self._session = Session(Http(target.name, address, access), credentials, access.interval or 0.0, access.timeout)
        self._counters = Counters()
        self._context = Context()
        self._path = STAT
        self._logins = 0
        self._before: tuple[Reading, float] | None = None
        self._was_too_much = False
        self._rates_hold = True

    async def poll(self) -> Sample:
        """Read every counter once; now and then, also who it is that answers.

        Raises:
            SourceError: with the reason and what to do about it.
        """
        reading, monotonic, wall, latency = await self._read()
        strange = self._is_strange(reading, monotonic)
        entered, self._logins = self._session.logins != self._logins, self._session.logins
        if strange or entered:
            self._context.expire()
        looked = not self._context.due(monotonic) or await self._look_around(monotonic)
        self._before = reading, monotonic
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
            reset=strange and not (looked and self._context.knows_its_boot),
        )

    async def close(self) -> None:
        """Log out and give everything back."""
        await self._session.close()

    async def _read(self) -> tuple[Reading, float, float, float]:
        """Return one reply's numbers, with the times it came at and how long it took, login not counted."""
        await self._session.enter()
        asked = time.monotonic()
        document = await self._session.get(self._path, WHAT)
        monotonic, wall = time.monotonic(), time.time()
        reading = self._counters.read(document)
        if self._before is None and self._path == STAT and len(reading.layout.metrics) < FULL_REPLY:
            detailed = self._counters.read(await self._session.get(STAT_IN_DETAIL, WHAT))
            if len(detailed.layout.metrics) > len(reading.layout.metrics):
                self._path, reading = STAT_IN_DETAIL, detailed
        return reading, monotonic, wall, monotonic - asked

    async def _look_around(self, monotonic: float) -> bool:
        """Find out who answers, and return whether that went well."""
        try:
            async with asyncio.timeout(CONTEXT_SECONDS):
                await self._context.read(self._session, monotonic)
        except (SourceError, TimeoutError):
            self._context.expire()  # the counters are here; the next poll finds out whether the box is gone
            return False
        return True

    def _is_strange(self, reading: Reading, monotonic: float) -> bool:
        """Whether it looks as if another box had answered, or this one had begun anew.

        Strange again at the very next poll is not another box: its own rates are then not what we take them for.
        """
        if self._before is None or self._before[0].layout is not reading.layout:
            return False
        before, then = self._before
        if went_down(before, reading):
            return True
        too_much = self._rates_hold and outgrown(before, reading, monotonic - then)
        self._rates_hold &= not (too_much and self._was_too_much)
        self._was_too_much = too_much
        return too_much

    def _notices(self) -> tuple[str, ...]:
        if self._session.stateless:
            return (
                "the table of admin sessions is full (20 for SSH, GUI and NITRO together): each poll logs in and out by "
                "itself; see who holds them: show system session",
            )
        return ()


def went_down(before: Reading, now: Reading) -> bool:
    """Whether a counter lost what it had; both readings have the same layout."""
    columns = zip(before.layout.metrics, before.values, now.values, strict=True)
    return any(
        metric.kind is Kind.COUNTER and then is not None and value is not None and value < then
        for metric, then, value in columns
    )


def outgrown(before: Reading, now: Reading, seconds: float) -> bool:
    """Whether the counters together grew by far more than the appliance's own rates make of the time.

    Then another box answers: after a failover behind one address its totals may be higher, and no spike is to be shown.
    """
    grown = expected = 0.0
    columns = zip(before.layout.metrics, before.values, now.values, before.own_rates, now.own_rates, strict=True)
    for metric, then, value, then_rate, rate in columns:
        if metric.kind is Kind.GAUGE or then is None or value is None or then_rate is None or rate is None:
            continue
        grown += value - then
        expected += max(then_rate, rate, 1.0) * (seconds + 2 * REFRESH_SECONDS)
    return grown > IMPLAUSIBLE_GROWTH + IMPLAUSIBLE_FACTOR * expected
