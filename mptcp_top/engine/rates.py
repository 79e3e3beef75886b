"""The rules of increases and rates, as small pure functions."""

from __future__ import annotations

from operator import sub


def increase(previous: int, current: int, wrap_bits: int | None = None) -> int | None:
    """Return how far a counter moved, or None if it was reset in between.

    ``wrap_bits`` is the counter's width where it is known that nobody can reset it, so that going down from the
    upper half of its range into the lower half is a wrap.

    >>> increase(7, 9), increase(9, 2)
    (2, None)
    >>> increase(2**32 - 3, 4, wrap_bits=32), increase(1000, 4, wrap_bits=32)
    (7, None)
    >>> increase(2**53, 2**53 + 1)
    1
    """
    if current >= previous:
        return current - previous
    if wrap_bits is not None:
        half = 1 << (wrap_bits - 1)
        if previous >= half > current:
            return current + (half << 1) - previous
    return None


def increases(
    previous: tuple[int | None, ...], current: tuple[int | None, ...], gauges: tuple[int, ...], wrap_bits: int | None
) -> list[int | None]:
    """Return the increase of every column; None for gauges, resets and what either side does not know.

    >>> increases((1, 5, 9, None), (3, 4, 2, 7), gauges=(2,), wrap_bits=None)
    [2, None, None, None]
    """
    grown = _all_risen(previous, current, gauges)
    if grown is None:
        grown = [
            None if before is None or now is None else increase(before, now, wrap_bits)
            for before, now in zip(previous, current, strict=True)
        ]
    for column in gauges:
        grown[column] = None
    return grown


def _all_risen(
    previous: tuple[int | None, ...], current: tuple[int | None, ...], gauges: tuple[int, ...]
) -> list[int | None] | None:
    """Return the increases at C speed in the usual case: all values known, no counter down. Else None."""
    try:
        grown = list(map(sub, current, previous))
    except TypeError:  # some value is not known
        return None
    for column in gauges:
        grown[column] = 0
    return grown if min(grown, default=0) >= 0 else None


def went_down(
    previous: tuple[int | None, ...], current: tuple[int | None, ...], grown: list[int | None], gauges: tuple[int, ...]
) -> bool:
    """Whether some counter was reset: it went down, and that was no wrap. ``grown`` are its increases.

    >>> went_down((5, 5), (4, 4), [None, 0], gauges=()), went_down((5,), (4,), [None], gauges=(0,))
    (True, False)
    """
    if grown.count(None) == len(gauges):
        return False
    pairs = enumerate(zip(previous, current, strict=True))
    return any(
        grown[column] is None and before is not None and now is not None and now < before and column not in gauges
        for column, (before, now) in pairs
    )
