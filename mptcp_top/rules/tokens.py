"""A rule's text taken apart into words, numbers and signs, each with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST: Final = 500
"""Characters of a rule."""

_TOKEN: Final = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>[A-Za-z_]\w*)|(?P<sign><=|>=|[<>%/()])", re.ASCII
)
_SPACE: Final = re.compile(r"\s*", re.ASCII)
_FOREIGN: Final = re.compile(r"[^\s\w()%/<>]+|.", re.ASCII | re.DOTALL)
_MEANT: Final = {
    "=": "<, <=, > or >=",
    "==": "<, <=, > or >=",
    "!=": "<, <=, > or >=",
    "=<": "<=",
    "=>": ">=",
    "&": "and",
    "&&": "and",
    ",": "and",
    "|": "or",
    "||": "or",
    "-": "numbers of 0 or more",
}
"""What people type who think in another language, and what it is called here."""


class RuleError(SettingsError):
    """A rule that cannot be: what is wrong, and ``at`` which character of its ``text`` (from 0)."""

    def __init__(self, text: str, at: int, says: str) -> None:
        super().__init__(f"at column {at + 1}: {says}")
        self.text, self.at = text, at


class Token(NamedTuple):
    """A piece of a rule: ``number``, ``word``, ``sign`` or its ``end``."""

    kind: str
    text: str
    at: int

    def __str__(self) -> str:
        return repr(printable(self.text, 40)) if self.text else "the end"


def tokens_of(text: str) -> list[Token]:
    """Return the pieces of a rule, the last of which is its end.

    >>> [token.text for token in tokens_of("errors>3/s for 10s")]
    ['errors', '>', '3', '/', 's', 'for', '10', 's', '']

    Raises:
        RuleError: there is something in it that means nothing.
    """
    if len(text) > LONGEST:
        raise RuleError(text, LONGEST, f"a rule has at most {LONGEST} characters")
    found = []
    at = _after_space(text, 0)
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise RuleError(text, at, _foreign(text, at))
        found.append(Token(match.lastgroup or "", match[0], at))
        at = _after_space(text, match.end())
    return [*found, Token("end", "", len(text))]


def listed(words: Iterable[str]) -> str:
    """Return words as a choice.

    >>> listed(["<", "<=", ">"]), listed(["a"])
    ('<, <= or >', 'a')
    """
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _foreign(text: str, at: int) -> str:
    match = _FOREIGN.match(text, at)
    found = match[0] if match else text[at]
    meant = _MEANT.get(found) or _MEANT.get(found[0])
    return f"{printable(found, 20)!r} means nothing here{f': give {meant}' if meant else ''}"
