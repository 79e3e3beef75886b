"""The last line: the keys that matter here, the least of them left out where there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.line import Line, Look, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.ui.keys import Key


def footer_line(keys: Iterable[Key], width: int) -> Line:
    """Return the footer for a table of keys."""
    named = {f"{key.sign} {key.name}": key for key in keys if key.weight}
    facts = [Fact(label, Look.PLAIN, key.weight) for label, key in named.items()]
    pieces = [Piece(" ")]
    for fact in fitting(facts, width - 2):
        key = named[fact.text]
        pieces += [Piece(key.sign, Look.TITLE), Piece(f" {key.name}  ", Look.QUIET)]
    return Line(tuple(pieces))
