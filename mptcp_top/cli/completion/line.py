"""A command line that is being typed, as words."""

from __future__ import annotations

import re
import shlex
from typing import Final, NamedTuple

_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")


class Typed(NamedTuple):
    """The words after the command's name, and the one at the cursor, as far as it is there."""

    before: tuple[str, ...]
    current: str


def typed_in(line: str) -> Typed:
    """Return what is typed in a line up to the cursor, quotes taken away, open ones too.

    >>> typed_in("A=1 mptcp-top stat --host 'local:my n")
    Typed(before=('stat', '--host'), current='local:my n')
    >>> typed_in("mptcp-top stat "), typed_in("mptcp-top")
    (Typed(before=('stat',), current=''), Typed(before=(), current=''))
    """
    words = _words(line)
    while words and _ASSIGNMENT.match(words[0]):
        del words[0]
    return Typed(tuple(words[1:-1]), words[-1] if len(words) > 1 else "")


def _words(line: str) -> list[str]:
    for end in ("", "\\", "'", '"'):
        try:
            words = shlex.split(line + end)
        except ValueError:  # a quote is open, or an escape
            continue
        return [*words, ""] if not end and line[-1:].isspace() else words
    return []
