"""Lines that are not in the order of time: whether to sort them, or whether it was the clock that stepped. No I/O."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.recording.course import is_alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mptcp_top.recording.collected import Poll


class Piece(NamedTuple):
    """A piece of a file that says one thing: its bytes, its first line, and what it says as far as order goes.

    ``total`` is the sum of all counters; None, as ``elapsed_seconds``, where there is none.
    """

    begin: int
    end: int
    line: int
    milliseconds: int
    target: str = ""
    elapsed_seconds: float | None = None
    total: int | None = None


class Arranged(NamedTuple):
    """The pieces of a file in the order in which they are to be read; so many ``moved`` lines came after later ones."""

    pieces: Sequence[Piece]
    moved: int


def piece_of(poll: Poll, begin: int, end: int, line: int) -> Piece:
    """Return the piece of a file in which a poll is."""
    known = zip(poll.layout.metrics, poll.values or (), strict=False)
    total = None if poll.values is None else sum(value or 0 for metric, value in known if metric.grows)
    return Piece(begin, end, line, poll.milliseconds, poll.target, poll.elapsed_seconds, total)


def arranged(pieces: Sequence[Piece]) -> Arranged:
    """Return pieces in the order of time, or as they are, if they fit together better so: then the clock stepped.

    >>> both = Piece(0, 9, 1, 5000, "a", total=7), Piece(9, 20, 2, 4000, "a", total=6)
    >>> [piece.line for piece in arranged(both).pieces]
    [2, 1]
    """
    by_time = sorted(pieces, key=attrgetter("milliseconds"))
    if misfits(by_time) < misfits(pieces):
        return Arranged(by_time, _gone_back(pieces))
    return Arranged(pieces, 0)


def misfits(pieces: Iterable[Piece]) -> int:
    """Return how often a sample cannot be the next after the one before it.

    It is earlier, or says of itself that more or less time has passed, or its counters are lower.

    >>> one, two, three = (Piece(0, 0, number, number * 1000, "a", 1.0, number) for number in (1, 2, 3))
    >>> misfits([one, two, three]), misfits([three, two, one]), misfits([one, three])
    (0, 2, 1)
    """
    before: dict[str, Piece] = {}
    found = 0
    for piece in pieces:
        if piece.total is None:
            continue
        last = before.get(piece.target)
        before[piece.target] = piece
        if last is not None:
            found += not _may_follow(last, piece)
    return found


def _may_follow(before: Piece, now: Piece) -> bool:
    passed = (now.milliseconds - before.milliseconds) * 1000
    if passed < 0 or (now.total or 0) < (before.total or 0):
        return False
    return now.elapsed_seconds is None or is_alike(passed, round(now.elapsed_seconds * 1e6))


def _gone_back(pieces: Iterable[Piece]) -> int:
    """Return how many pieces are earlier than one of the same target before them."""
    newest: dict[str, int] = {}
    found = 0
    for piece in pieces:
        found += piece.milliseconds < newest.get(piece.target, 0)
        newest[piece.target] = max(piece.milliseconds, newest.get(piece.target, 0))
    return found
