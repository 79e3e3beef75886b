"""The lines of a file that ``import`` takes in: as they stand there, or in the order of time."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.recording.collected import LONGEST_LINE, Lines, Poll, Unusable
from mptcp_top.recording.place import shown
from mptcp_top.recording.sorting import Arranged as Order
from mptcp_top.recording.sorting import Piece, arranged, piece_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

__all__ = ["GoesBack", "Order", "Said", "called", "opened", "order_of"]


class Said(NamedTuple):
    """What a line of a file says."""

    file: str
    what: Poll | Unusable


class GoesBack(Exception):  # it is no error: the file is read again in another order
    """A line is earlier than one of the same target before it, and the file can be read once more."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@contextmanager
def opened(name: str, host: str | None, order: Order | None) -> Iterator[Iterator[Said]]:
    """Open a file and give what its lines say: in an order that is known, or as they come.

    As they come they raise `GoesBack`, if the file can be read again: standard input may be a pipe.

    Raises:
        SettingsError: it cannot be read.
    """
    with _read(name) as file:
        if order is not None:
            said = _in_order(file, _lines(name, host), order.pieces)
        else:
            said = _lines(name, host).understood(_bounded(file))
            said = _forward(said, name) if name != "-" and file.seekable() else said
        yield (Said(called(name), what) for what in said)


def order_of(name: str, host: str | None) -> Order:
    """Read a file through and return the order its lines belong in.

    Raises:
        SettingsError: it cannot be read.
    """
    pieces: list[Piece] = []
    with _read(name) as file:
        seen = _Counted(file)
        begin, line, newest = 0, 1, 0
        for what in _lines(name, host).understood(seen.lines()):
            if isinstance(what, Poll):
                pieces.append(piece_of(what, begin, seen.end, line))
                newest = what.milliseconds
            else:
                pieces.append(Piece(begin, seen.end, line, newest))
            begin, line = seen.end, seen.number + 1
    return arranged(pieces)


def called(name: str) -> str:
    """Return what messages call a file."""
    return "standard input" if name == "-" else shown(Path(name))


class _Counted:
    """The lines of a file, and how many were read so far, up to which byte."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.end = self.number = 0

    def lines(self) -> Iterator[bytes]:
        for line in _bounded(self._file):
            self.end, self.number = self._file.tell(), self.number + 1
            yield line


def _lines(name: str, host: str | None) -> Lines:
    return Lines(printable(host or (Path(name).name.partition(".")[0] if name != "-" else "") or "imported"))


def _forward(said: Iterator[Poll | Unusable], name: str) -> Iterator[Poll | Unusable]:
    newest: dict[str, int] = {}
    for what in said:
        if isinstance(what, Poll):
            if what.milliseconds < newest.get(what.target, 0):
                raise GoesBack(name)
            newest[what.target] = what.milliseconds
        yield what


def _in_order(file: BinaryIO, lines: Lines, pieces: Sequence[Piece]) -> Iterator[Poll | Unusable]:
    for piece in pieces:
        file.seek(piece.begin)
        yield from lines.understood(_bounded(file, piece.end), piece.line)


@contextmanager
def _read(name: str) -> Iterator[BinaryIO]:
    try:
        with ExitStack() as stack:
            yield sys.stdin.buffer if name == "-" else stack.enter_context(Path(name).open("rb"))
    except IsADirectoryError as error:
        raise SettingsError(f"{called(name)}: it is a folder; give a file in it") from error
    except OSError as error:
        if error.filename is None or os.fsdecode(error.filename) != name:
            raise
        raise SettingsError(f"{called(name)}: {error.strerror}") from error


def _bounded(file: BinaryIO, end: int | None = None) -> Iterator[bytes]:
    """Yield lines, up to a byte if one is given; of one that is longer than any should be, its beginning."""
    while (end is None or file.tell() < end) and (line := file.readline(LONGEST_LINE)):
        yield line
        while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)
