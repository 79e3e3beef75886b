"""The rules of increases and rates, as small pure functions."""

from __future__ import annotations


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
    grown: list[int | None] = [
        None if before is None or now is None else increase(before, now, wrap_bits)
        for before, now in zip(previous, current, strict=True)
    ]
    for column in gauges:
        grown[column] = None
    return grown


def went_down(
    previous: tuple[int | None, ...], current: tuple[int | None, ...], grown: list[int | None], gauges: tuple[int, ...]
) -> bool:
    """Whether some counter was reset: it went down, and that was no wrap.

    >>> went_down((5, 5), (4, 4), [None, 0], gauges=()), went_down((5,), (4,), [None], gauges=(0,))
    (True, False)
    """
    pairs = enumerate(zip(previous, current, strict=True))
    return any(
        grown[column] is None and before is not None and now is not None and now < before and column not in gauges
        for column, (before, now) in pairs
    )
