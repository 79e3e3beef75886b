"""What a line of the screen is: pieces of text and how they look. No widget and no terminal is involved yet."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Look(StrEnum):
    """What a piece of text is, to the eye. A theme says how that is drawn; no colour carries a meaning alone."""

    PLAIN = "plain"
    QUIET = "quiet"
    TITLE = "title"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    TREND = "trend"
    FOUND = "found"
    SECOND = "second"
    THIRD = "third"


class Piece(NamedTuple):
    """A stretch of a line in one look."""

    text: str
    look: Look = Look.PLAIN


class Line(NamedTuple):
    """A line: its pieces, whether the row cursor is on it, and the key of its row, if it is one."""

    pieces: tuple[Piece, ...] = ()
    selected: bool = False
    key: str = ""
