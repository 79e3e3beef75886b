"""Markdown in which what came from elsewhere formats nothing, links nowhere and calls nobody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mptcp_top.text import UNKNOWN, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

AT_MOST: Final = 100
"""Rows of one table; who needs more has the events as a file."""

_SIGNS: Final = re.compile(r"[\\`*\[\]~#]|(?<![^\W_])_|_(?![^\W_])")
_LINKS: Final = re.compile(r"(?<=:)//|(?<=www)\.", re.IGNORECASE)
_ENTITIES: Final = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;"})
_BARS: Final = re.compile(r"\\*\|")


def prose(words: str, limit: int = 400) -> str:
    r"""Return words as they stand in a sentence.

    >>> prose("<img src=x> @all [x](y) MP_JOIN _so_")
    '&lt;img src=x&gt; &#64;all \\[x\\](y) MP_JOIN \\_so\\_'
    >>> prose("http://x.example")
    'http:\\/\\/x.example'
    """
    marked = _SIGNS.sub(r"\\\g<0>", printable(words, limit))
    unlinked = _LINKS.sub(lambda found: "".join(f"\\{sign}" for sign in found[0]), marked)
    return unlinked.translate(_ENTITIES).strip()


def code(words: str, limit: int = 400) -> str:
    """Return words as they stand letter by letter.

    >>> code("ns1|x"), code("a`b"), code("")
    ('`ns1|x`', "`a'b`", '–')
    """
    clean = printable(words, limit).strip().replace("`", "'")
    return f"`{clean}`" if clean else UNKNOWN


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    r"""Yield the lines of a table; of many rows the first.

    >>> list(table(("a", "b"), [("x|y", "z\\|")]))
    ['| a | b |', '| --- | --- |', '| x\\|y | z\\| |']
    """
    every = list(rows)
    yield _row(titles)
    yield f"|{' --- |' * len(titles)}"
    yield from map(_row, every[:AT_MOST])
    if len(every) > AT_MOST:
        yield ""
        yield f"… and {len(every) - AT_MOST:,} more: see `events.csv`."


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_BARS.sub(lambda _: chr(92) + '|', cell) for cell in cells)} |"
