"""What a line of the screen is: pieces of text and how they look. No widget and no terminal is involved yet."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Look(StrEnum):
    """What a piece of text is, to the eye. Colours are the terminal's own; none carries a meaning alone."""

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


WORDS: Final = {
    Look.PLAIN: "",
    Look.QUIET: "dim",
    Look.TITLE: "bold",
    Look.GOOD: "green",
    Look.WARN: "yellow",
    Look.BAD: "bold red",
    Look.TREND: "cyan",
    Look.FOUND: "bold underline",
    Look.SECOND: "magenta",
    Look.THIRD: "bright_blue",
}
"""How each look is drawn, in the words of terminals."""


class Piece(NamedTuple):
    """A stretch of a line in one look."""

    text: str
    look: Look = Look.PLAIN


class Line(NamedTuple):
    """A line: its pieces, whether the row cursor is on it, and the key of its row, if it is one."""

    pieces: tuple[Piece, ...] = ()
    selected: bool = False
    key: str = ""
