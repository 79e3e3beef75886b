"""Which counters of two systems are the same, which only look alike, and why, in words."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.catalogue.entry import Entry


class Pair(NamedTuple):
    """A Linux counter and a NetScaler counter, and whether their numbers may stand in one row, under which ``label``.

    A pair that is not ``comparable`` looks like one and is none: it has neither a concept nor a label.
    """

    concept: str
    linux: str
    netscaler: str
    comparable: bool
    label: str
    says: str

    def other(self, name: str) -> str:
        """Return the partner of a counter, "" if the counter is none of the two.

        >>> Pair("mp_fail_rx", "MPFailRx", "mptcpmpfailrecvd", True, "MP_FAIL received", "").other("MPFailRx")
        'mptcpmpfailrecvd'
        """
        return {self.linux: self.netscaler, self.netscaler: self.linux}.get(name, "")


@cache
def pairs() -> tuple[Pair, ...]:
    """Return all pairs of the file."""
    raw = json.loads(Path(__file__).with_name("pairs.json").read_text(encoding="utf-8"))
    return tuple(Pair(**pair) for pair in raw["pairs"])


@cache
def _by_concept() -> Mapping[str, Pair]:
    return {pair.concept: pair for pair in pairs() if pair.comparable}


def pair_of(concept: str) -> Pair | None:
    """Return the pair that shares a concept.

    >>> pair_of("mp_fail_rx").linux, pair_of("nothing")
    ('MPFailRx', None)
    """
    return _by_concept().get(concept)


def lookalikes_of(entry: Entry) -> list[Pair]:
    """Return the pairs that say of a counter that another one is not the same, however alike they look."""
    return [pair for pair in pairs() if not pair.comparable and pair.other(entry.metric.name)]
