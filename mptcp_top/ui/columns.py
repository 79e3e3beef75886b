"""Lay pieces out in columns: what fits is shown whole, what does not fit is left out by weight, nothing is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.ui.line import Look


class Fact(NamedTuple):
    """A bit of a one-line summary. The lightest go first when the line is too long."""

    text: str
    look: Look
    weight: int


def fitting(facts: Sequence[Fact], width: int, gap: int = 2) -> list[Fact]:
    """Return the facts that fit into ``width`` with ``gap`` cells between them, the heaviest kept, order kept.

    >>> [fact.text for fact in fitting([Fact("aaaa", None, 1), Fact("bb", None, 9), Fact("c", None, 5)], 6)]
    ['bb', 'c']
    """
    kept = [fact for fact in facts if fact.text]
    while kept and sum(len(fact.text) + gap for fact in kept) - gap > width:
        kept.remove(min(kept, key=lambda fact: fact.weight))
    return kept
