"""What is in a write-ahead log of SQLite: whole transactions, and what a writer that was killed left behind them.

Its format is documented: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_HEADER: Final = struct.Struct(">8I")
_FRAME: Final = struct.Struct(">6I")
_LITTLE: Final = 0x377F0682


class Tail(NamedTuple):
    """What a log holds: pages of whole transactions, and pages after them that belong to none; those are not read."""

    whole: int
    torn: int


def tail_of(path: Path) -> Tail | None:
    """Return what the log of a recording holds, None where there is none or it is empty."""
    with suppress(OSError):
        return _tail_in(path.read_bytes())
    return None


def _tail_in(log: bytes) -> Tail | None:
    """Return what a log holds.

    >>> _tail_in(b"") is None, _tail_in(bytes(100))
    (True, None)
    """
    if len(log) < _HEADER.size:
        return None
    magic, _, page, _, *salt, first, second = _HEADER.unpack_from(log)
    if magic not in {_LITTLE, _LITTLE | 1} or not page:
        return None
    order = "<" if magic == _LITTLE else ">"
    sums = (first, second)
    whole = seen = 0
    place = _HEADER.size
    while place + _FRAME.size <= len(log):
        frame = log[place : place + _FRAME.size + page]
        _, size_after, *rest = _FRAME.unpack_from(frame)
        if rest[:2] != salt:  # of an earlier round: it was read into the file long ago
            break
        sums = _summed(order, frame[:8], sums)
        sums = _summed(order, frame[_FRAME.size :], sums) if len(frame) == _FRAME.size + page else (0, 0)
        seen += 1
        if tuple(rest[2:]) != sums:
            break
        whole = seen if size_after else whole
        place += _FRAME.size + page
    return Tail(whole, seen - whole)


def _summed(order: str, data: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
