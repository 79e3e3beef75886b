"""The one request that changes an appliance: ``args=clearstats``, which sets its counters to zero for everybody.

This is the only module that can build it, and only the command ``clear`` may import this module (a contract of
import-linter holds it to that). Every other connection refuses what is not known to be harmless.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Final

import aiohttp

from mptcp_top.errors import Unreachable
from mptcp_top.sources.netscaler import STAT, TABLE_IS_FULL, WHAT, NetScalerSource
from mptcp_top.sources.nitro.harmless import QUERIES
from mptcp_top.sources.nitro.http import Http


class Scope(StrEnum):
    """How much is cleared, in the appliance's words; what exactly each covers is documented nowhere."""

    BASIC = "basic"
    FULL = "full"

    @property
    def path(self) -> str:
        """The request."""
        return f"{STAT}?args=clearstats:{self}"

    @property
    def command(self) -> str:
        """The command it stands for, for people and for command policies."""
        return f"{WHAT} -clearstats {self}"


_PATHS: Final = frozenset(scope.path for scope in Scope)


class _ClearingHttp(Http):
    """The one connection that such a request may go through, and no more than one."""

    _sent = False

    def may(self, method: str, path: str) -> bool:
        return super().may(method, path) or (method == "GET" and path in _PATHS)

    def _open(self, *middlewares: aiohttp.ClientMiddlewareType) -> aiohttp.ClientSession:
        return super()._open(self._never_twice, *middlewares)

    async def _never_twice(
        self, request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send it, unless it was sent: aiohttp tries a GET again by itself where the connection breaks."""
        if request.url.raw_query_string not in QUERIES:
            if self._sent:
                raise aiohttp.ServerDisconnectedError
            self._sent = True
        return await send(request)


class ClearableNetScaler(NetScalerSource):
    """An appliance that is read as ever, within the one session in which it can be cleared."""

    http: ClassVar[type[Http]] = _ClearingHttp

    def refuse_without_session(self) -> None:
        """Refuse to go on where each request would have to log in by itself.

        Raises:
            Unreachable: so it is, for the table of sessions is full.
        """
        if self._session.stateless:
            raise Unreachable("every admin session of the appliance is taken", TABLE_IS_FULL.partition("; ")[2])

    async def clear(self, scope: Scope) -> None:
        """Ask once that the counters be cleared, and never again by itself, whatever becomes of it.

        Raises:
            SourceError: it was refused; or, `Unreachable` and `BadReply`, nobody can say whether it was done.
        """
        self.refuse_without_session()
        await self._session.ask(scope.path, scope.command)
