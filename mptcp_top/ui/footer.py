"""The last line: the keys that matter here, the least of them left out where there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.line import Line, Look, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.ui.keys import Key

_BELL: Final = "bell on"
KEPT_FOR_KEYS: Final = 18
"""Cells that no news takes from the keys."""


def news_room(width: int, *, bell: bool) -> int:
    """Return how long an answer to a key may be so that all of it is read."""
    return max(0, width - 2 - (len(_BELL) + 2 if bell else 0))


def footer_line(
    keys: Iterable[Key], width: int, news: str = "", *, bell: bool = False, kept_for_keys: int = KEPT_FOR_KEYS
) -> Line:
    """Return the footer for a table of keys; what is new stands at its right, and the keys make room for it.

    So does that the bell rings: who hears it wants to know whose it is.
    """
    named = {f"{key.sign} {key.name}": key for key in keys if key.weight}
    facts = [Fact(label, Look.PLAIN, key.weight) for label, key in named.items()]
    ring = f"{'  ' if news else ''}{_BELL}" if bell else ""
    room = max(0, width - 2 - kept_for_keys - len(ring))
    told = news if len(news) <= room else f"{news[: max(0, room - 1)]}…"
    tail = [Piece(told, Look.WARN), Piece(ring, Look.QUIET)]
    taken = sum(len(piece.text) for piece in tail)
    pieces = [Piece(" ")]
    for fact in fitting(facts, width - 2 - (taken + 2 if taken else 0)):
        key = named[fact.text]
        pieces += [Piece(key.sign, Look.TITLE), Piece(f" {key.name}  ", Look.QUIET)]
    if taken:
        used = sum(len(piece.text) for piece in pieces)
        pieces += [Piece(" " * max(0, width - 1 - used - taken)), *tail]
    return Line(tuple(pieces))
