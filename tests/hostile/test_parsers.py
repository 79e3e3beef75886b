"""A: whatever a parser is given it understands or refuses, in no time and without keeping it.

A thousand inputs each here (fewer for the slow ones), the same at every run, or HOSTILE_TIMES as many;
`benchmarks.hostile` does ten thousand and measures them, and `benchmarks.fuzz` lets coverage choose them.
"""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.hostile.inputs import HOSTILE, inputs_of
from tests.hostile.parsers import PARSERS_OF

GROWN_AT_MOST_KIB = 32 * 1024


def resident_kib() -> int:
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@pytest.mark.parametrize("name", PARSERS_OF)
def test_whatever_a_parser_is_given_it_understands_or_refuses(name: str) -> None:
    parser = PARSERS_OF[name]
    for seed in parser.seeds:
        parser.take(seed)

    @settings(HOSTILE, max_examples=HOSTILE.max_examples // parser.slowness)
    @given(inputs_of(parser))
    def whatever(raw: bytes) -> None:
        parser.take(raw)

    before = resident_kib()
    whatever()
    assert resident_kib() - before < GROWN_AT_MOST_KIB
