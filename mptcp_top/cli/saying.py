"""What is said to people: in lines that fit their terminal, and elsewhere where standard output takes none."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

NARROWEST: Final = 20
"""The fewest columns that lines are folded to, whatever a terminal says of itself."""


def width_of(stream: TextIO | None) -> int | None:
    """Return how many columns a stream has; None where it is no terminal, for what programs read stays in its line."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns if stream is not None else 0
    except (OSError, ValueError):  # it is no terminal, or closed
        return None
    return max(columns, NARROWEST) if columns else None


def folded(line: str, width: int | None, hanging: int = 2) -> list[str]:
    """Return a line as lines of at most ``width`` columns, of which all but the first begin ``hanging`` columns in.

    A word with too little room there begins further left. One that no line could hold stays whole, for the terminal to
    break: so it can be copied.

    >>> folded("  what   zero for everybody", 20, 9)
    ['  what   zero for', '         everybody']
    >>> folded("  saved: /a/path/to/some", 20, 9), folded("  saved: /a/path/to/some", None)
    (['  saved:', '     /a/path/to/some'], ['  saved: /a/path/to/some'])
    """
    if width is None or len(line) <= width:
        return [line]
    from textwrap import wrap  # noqa: PLC0415  # few lines are too wide

    indent = " " * min(hanging, width // 2)
    lines = wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [each if len(each) <= width else each.lstrip().rjust(width) for each in lines]


class Voice:
    """Tells people what must be heard: on standard output, and from where that takes no more on standard error."""

    def __init__(self, hanging: int = 2) -> None:
        self._hanging = hanging
        self._stream: TextIO | None = sys.stdout

    def say(self, lines: Iterable[str]) -> None:
        """Print lines. Where standard error takes none either, nobody can be told."""
        said = [*lines]
        try:
            tell(said, self._stream, self._hanging)
        except OSError as error:
            give_up(self._stream)
            if self._stream is not sys.stderr:
                self._stream = sys.stderr
                self.say([f"mptcp-top: standard output: {error.strerror}", *said])


def tell(lines: Iterable[str], stream: TextIO | None, hanging: int = 2) -> None:
    """Print lines on a stream, folded to its width.

    Raises:
        OSError: it takes none.
    """
    if stream is not None:
        width = width_of(stream)
        print("\n".join(part for line in lines for part in folded(line, width, hanging)), file=stream, flush=True)


def give_up(stream: TextIO | None) -> None:
    """Let a stream that takes nothing lead nowhere, so that it does not fail once more when it is closed."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
