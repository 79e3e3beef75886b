"""What parsers are given: good texts with pieces left out, put in and doubled, words in any order, and noise."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.hostile.parsers import Parser

HANG_SECONDS: Final = 5
TIMES: Final = int(os.environ.get("HOSTILE_TIMES", "1"))
"""HOSTILE_TIMES=10 has all tests of generated inputs try ten times as many: ten thousand for each parser."""
HOSTILE: Final = settings(
    derandomize=True,
    deadline=timedelta(seconds=HANG_SECONDS),
    database=None,
    max_examples=1000 * TIMES,
    suppress_health_check=list(HealthCheck),
)
"""The same inputs at every run. One that takes as long as that is a hang."""

Edit = tuple[int, int, bytes]


def inputs_of(parser: Parser) -> st.SearchStrategy[bytes]:
    """Return what a parser is to be tried on."""
    word = st.sampled_from(parser.words) | st.binary(max_size=4)
    edits = st.lists(st.tuples(st.integers(0, 1000), st.sampled_from((0, 0, 1, 2, 7, 40, 4000)), word), max_size=5)
    return st.one_of(
        st.builds(_edited, st.sampled_from(parser.seeds), edits),
        st.builds(_edited, st.sampled_from(parser.seeds), edits),
        st.lists(word, max_size=12).map(b"".join),
        st.binary(max_size=80),
    )


def _edited(seed: bytes, edits: Sequence[Edit]) -> bytes:
    """Return a text with pieces replaced, each at a place in thousandths of its length."""
    raw = bytearray(seed)
    for thousandths, length, put in edits:
        place = thousandths * len(raw) // 1000
        raw[place : place + length] = put
    return bytes(raw)
