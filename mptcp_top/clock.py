"""The clock of samples: nobody sets it, and it goes on while this machine sleeps.

Linux stops ``time.monotonic()`` for a sleep: what an appliance counted in eight hours would look as if it had come in a
second. Until this machine sleeps for the first time within this process, both clocks say the same.
"""

from __future__ import annotations

import time
from typing import Final

_THROUGH_SLEEP: Final = getattr(time, "CLOCK_BOOTTIME", None)


def _slept() -> float:
    return 0.0 if _THROUGH_SLEEP is None else time.clock_gettime(_THROUGH_SLEEP) - time.monotonic()


SLEPT_BEFORE: Final = _slept()
"""How long this machine had slept since its boot when this process began."""


def monotonic() -> float:
    """Return the seconds by which samples are stamped.

    >>> abs(monotonic() - time.monotonic()) < 60.0  # if nobody has just closed the lid
    True
    """
    return time.monotonic() if _THROUGH_SLEEP is None else time.clock_gettime(_THROUGH_SLEEP) - SLEPT_BEFORE


def slept_seconds() -> float:
    """Return how long this machine has slept since this process began: what its loops' time leaves out.

    >>> slept_seconds() < 60.0
    True
    """
    return monotonic() - time.monotonic()
