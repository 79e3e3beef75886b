"""The same user and password at several appliances: a wrong one is to be refused once, not once at each of them.

Twenty boxes often ask one directory. Twenty refusals of one mistyped password lock the account everywhere.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mptcp_top.model import Secret

WAIT_SECONDS: Final = 0.5
"""How long one login waits for the verdict on another: a box that does not answer must not keep the others waiting."""


class Door:
    """What is known of one user and password in one loop."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self.opened = False
        self.refused_by = ""

    @asynccontextmanager
    async def one_after_the_other(self) -> AsyncIterator[None]:
        """Wait for a login with the same credentials that is under way, but not long, and not once one went well."""
        mine = False
        if not self.opened:
            try:
                async with asyncio.timeout(WAIT_SECONDS):
                    mine = await self._lock.acquire()
            except TimeoutError:
                mine = False
        try:
            yield
        finally:
            if mine:
                self._lock.release()


_KEY: Final = secrets.token_bytes(32)
_DOORS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, bytes], Door]]] = WeakKeyDictionary()


def door_of(user: str, password: Secret) -> Door:
    """Return the door that a user and password open or not; the password itself is not kept."""
    doors = _DOORS.setdefault(asyncio.get_running_loop(), {})
    return doors.setdefault((user, hmac.digest(_KEY, password.reveal().encode(), "sha256")), Door())
