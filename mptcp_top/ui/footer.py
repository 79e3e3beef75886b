"""The last line: the keys that matter here, the least of them left out where there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.line import Line, Look, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.ui.keys import Key

_BELL: Final = "bell on"
_NARROW: Final = 100
"""Columns below which the keys are called by their short names."""

_ALWAYS: Final = 90
"""The weight of the keys that no news takes away: help, the way out, and in the past the way back to now."""


_NOW: Final = 101
"""The weight of the one key that not even the answer to a key takes away: in the past, the way back to now."""


def news_room(keys: Iterable[Key], width: int, *, bell: bool) -> int:
    """Return how long an answer to a key may be so that all of it is read."""
    kept = sum(len(f"{key.sign} {_name(key, width)}") + 2 for key in keys if key.weight >= _ALWAYS)
    return max(0, width - 2 - kept - (len(_BELL) + 2 if bell else 0))


def footer_line(keys: Iterable[Key], width: int, news: str = "", *, bell: bool = False, answer: bool = False) -> Line:
    """Return the footer for a table of keys; what is new stands at its right, and the keys make room for it.

    News gets half of the line. The ``answer`` to a key gets what it needs, and stands there for seconds only. That the
    bell rings is said too: who hears it wants to know whose it is.
    """
    named = {f"{key.sign} {_name(key, width)}": key for key in keys if key.weight}
    facts = [Fact(label, Look.PLAIN, key.weight) for label, key in named.items()]
    ring = f"{'  ' if news else ''}{_BELL}" if bell else ""
    beside, alone = (sum(len(fact.text) + 2 for fact in facts if fact.weight >= least) for least in (_ALWAYS, _NOW))
    kept = alone if answer and len(news) > width - 2 - beside - len(ring) else beside
    room = max(0, (width - 2 - kept if answer else min(width // 2, width - 2 - kept)) - len(ring))
    told = news if len(news) <= room else f"{news[: max(0, room - 1)]}…"
    tail = [Piece(told, Look.WARN), Piece(ring, Look.QUIET)]
    taken = sum(len(piece.text) for piece in tail)
    pieces = [Piece(" ")]
    for fact in fitting(facts, width - 2 - (taken + 2 if taken else 0)):
        key = named[fact.text]
        pieces += [Piece(key.sign, Look.TITLE), Piece(f"{fact.text[len(key.sign) :]}  ", Look.QUIET)]
    if taken:
        used = sum(len(piece.text) for piece in pieces)
        pieces += [Piece(" " * max(0, width - 1 - used - taken)), *tail]
    return Line(tuple(pieces))


def _name(key: Key, width: int) -> str:
    return key.short if key.short and width < _NARROW else key.name
