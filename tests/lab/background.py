"""A laboratory that keeps busy: steady connections and now and then some trouble."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import cycle
from threading import Event
from typing import TYPE_CHECKING, Final

from .laboratory import SECOND
from .scenarios import join_no_token, join_rejected, joined, strip_synack, two_subflows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from .laboratory import Lab
    from .traffic import Connection

STANDING: Final = 3
NEW_PER_SECOND: Final = 20
BYTES_EACH: Final = 1 << 16
TROUBLES: Final = (join_rejected, join_no_token, strip_synack)


@contextmanager
def _standing(lab: Lab) -> Iterator[Connection]:
    """Keep a connection of two subflows open for a while."""
    with joined(lab) as connection:
        yield connection
        connection.finish()


def mixed(lab: Lab, until: Event, trouble_seconds: float = 5.0) -> None:
    """Keep connections standing, open and close some 20 a second, err now and then in turn.

    Moves the counters of ``two_subflows`` all the time and those of one of ``TROUBLES`` every so
    often: 0 means never.
    """
    troubles = cycle(TROUBLES)
    with lab.client_joins_by(SECOND), ExitStack() as opened:
        standing = cycle([opened.enter_context(_standing(lab)) for _ in range(STANDING)])
        due = time.monotonic()
        trouble_due = due + (trouble_seconds or float("inf"))
        while not until.wait(max(0.0, due - time.monotonic())):
            due = max(due, time.monotonic() - 1) + 1 / NEW_PER_SECOND
            connection = next(standing)
            connection.upload(BYTES_EACH)
            connection.exchange()  # the answer acknowledges the upload: nothing is sent twice
            two_subflows(lab, BYTES_EACH)
            if time.monotonic() >= trouble_due:
                trouble_due += trouble_seconds
                next(troubles)(lab)


@contextmanager
def mixing(lab: Lab, trouble_seconds: float = 5.0) -> Iterator[Future[None]]:
    """Run ``mixed`` in a thread of its own for as long as the context lasts.

    What it yields is done early only if the mix broke down; leaving the context then says why.
    """
    until = Event()
    with ThreadPoolExecutor(1) as thread:
        busy = thread.submit(mixed, lab, until, trouble_seconds)
        try:
            yield busy
        finally:
            until.set()
        busy.result()
