"""Silences: whose they are, when they end, and what is made of those that were written down."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from mptcp_top.engine.silences import Silence, Silences, silences_in


def test_a_silence_is_of_one_counter_on_one_target() -> None:
    silences = Silences()
    silences.set(Silence("ns1", "MPRstTx", 100.0, 200.0))
    assert silences.of("ns1", 150.0) == {"MPRstTx": 200.0}
    assert not silences.of("ns2", 150.0)
    assert not silences.of("ns1", 99.0)
    assert not silences.of("ns1", 200.0)


def test_another_one_takes_its_place_and_none_is_left_of_what_is_over_or_off() -> None:
    silences = Silences([Silence("ns1", "old", 0.0, 100.0)])
    silences.set(Silence("ns1", "MPRstTx", 100.0, 200.0))
    silences.set(Silence("ns1", "MPRstTx", 150.0, 900.0))
    assert silences.all == (Silence("ns1", "MPRstTx", 150.0, 900.0),)
    silences.set(Silence("ns1", "MPRstTx", 160.0, 160.0))
    assert not silences.all


def test_who_remembers_them_is_told_of_every_change_and_has_a_word() -> None:
    told: list[int] = []

    def remember(silences: Silences) -> str:
        told.append(len(silences.all))
        return "not remembered: disk full"

    silences = Silences(remember=remember)
    assert silences.set(Silence("ns1", "a", 1.0, 9.0)) == "not remembered: disk full"
    silences.set(Silence("ns1", "b", 1.0, 9.0))
    silences.set(Silence("ns1", "a", 2.0, 2.0))
    assert told == [1, 2, 1]


def test_what_was_written_is_read_again_without_what_is_over() -> None:
    kept = [Silence("ns1", "a", 1.0, 100.0), Silence("192.0.2.1", "joins fail", 2.0, 50.5)]
    written = json.loads(json.dumps(Silences(kept).written()))
    assert silences_in(written, 40.0) == kept
    assert silences_in(written, 60.0) == kept[:1]


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
ROWS = st.dictionaries(st.sampled_from((*Silence._fields, "else")), SCALARS, max_size=5)


@given(
    st.one_of(
        SCALARS, st.lists(st.one_of(SCALARS, ROWS, st.fixed_dictionaries(dict.fromkeys(Silence._fields, SCALARS))))
    )
)
@settings(max_examples=1000, deadline=None)
def test_whatever_stands_there_only_silences_come_out(value: object) -> None:
    for silence in silences_in(value, 100.0):
        assert silence.target.isprintable()
        assert silence.since <= 100.0 < silence.until
