"""Work that holds something open, and the signals that end a program: what is open is closed first, then it ends."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mptcp_top.cli.signals import ENDING
from mptcp_top.collector import forget_locals

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator


class Ending:
    """What signals do to some work: the first one cancels it, and those that follow change nothing."""

    def __init__(self) -> None:
        self.cancel: Callable[[], object] = lambda: None
        self._held = False
        self.number = 0

    def come(self, number: int) -> None:
        """Take a signal in."""
        if self.number:
            return
        self.number = number
        if not self._held:
            self.cancel()

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Let nothing be interrupted within; a signal that came meanwhile ends the work afterwards.

        Raises:
            asyncio.CancelledError: one did.
        """
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self.number:
            raise asyncio.CancelledError


def to_the_end(work: Callable[[Ending], Awaitable[int]]) -> int:
    """Do the work in a loop of its own and return its exit code, or that of the signal which ended it."""
    try:
        return asyncio.run(_ended_by_signals(work))
    except BaseException as error:
        forget_locals(error)
        raise


async def _ended_by_signals(work: Callable[[Ending], Awaitable[int]]) -> int:
    loop, ending = asyncio.get_running_loop(), Ending()
    task = asyncio.ensure_future(work(ending))
    ending.cancel = task.cancel
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, ending.come, int(number))
    try:
        return await task
    except asyncio.CancelledError:
        if not ending.number:
            raise
        return 128 + ending.number
