"""What stands in one row for two systems, and what must not: the pairs against both catalogues, and the other way."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mptcp_top.catalogue import catalogue
from mptcp_top.catalogue.catalogue import linux, netscaler
from mptcp_top.catalogue.pairs import Pair, lookalikes_of, pair_of, pairs
from mptcp_top.catalogue.prose import body_of

LINUX, NETSCALER = linux().entries, netscaler().entries
SAME = [pair for pair in pairs() if pair.comparable]
ALIKE = [pair for pair in pairs() if not pair.comparable]


def named(pair: Pair) -> str:
    return f"{pair.linux}-{pair.netscaler}"


def test_every_shared_concept_has_exactly_one_pair_and_every_pair_is_of_a_shared_concept() -> None:
    ours = {entry.metric.concept: name for name, entry in LINUX.items() if entry.metric.concept}
    theirs = {entry.metric.concept: name for name, entry in NETSCALER.items() if entry.metric.concept}
    shared = [(concept, ours[concept], theirs[concept]) for concept in ours.keys() & theirs.keys()]
    assert sorted((pair.concept, pair.linux, pair.netscaler) for pair in SAME) == sorted(shared)


@pytest.mark.parametrize("pair", SAME, ids=named)
def test_a_comparable_pair_is_of_one_concept_kind_panel_and_severity(pair: Pair) -> None:
    ours, theirs = LINUX[pair.linux].metric, NETSCALER[pair.netscaler].metric
    assert ours.concept == theirs.concept == pair.concept
    assert (ours.kind, ours.group, ours.severity) == (theirs.kind, theirs.group, theirs.severity)
    assert 0 < len(pair.label) <= 26
    assert pair_of(pair.concept) is pair


@pytest.mark.parametrize("pair", ALIKE, ids=named)
def test_a_lookalike_does_not_stand_in_one_row(pair: Pair) -> None:
    ours, theirs = LINUX[pair.linux].metric, NETSCALER[pair.netscaler].metric
    assert not ours.concept or ours.concept != theirs.concept
    assert (pair.concept, pair.label) == ("", "")
    assert pair in lookalikes_of(LINUX[pair.linux])
    assert pair in lookalikes_of(NETSCALER[pair.netscaler])


def test_no_pair_is_said_twice() -> None:
    assert len({(pair.linux, pair.netscaler) for pair in pairs()}) == len(pairs())


def test_labels_that_look_the_same_in_a_panel_are_paired_or_told_apart() -> None:
    said = {(pair.linux, pair.netscaler) for pair in pairs()}
    for name, entry in LINUX.items():
        for other, twin in NETSCALER.items():
            if (entry.metric.group, entry.metric.label) == (twin.metric.group, twin.metric.label):
                assert (name, other) in said, (name, other)


@pytest.mark.parametrize("pair", pairs(), ids=named)
def test_a_pair_says_why_in_a_few_sentences_and_names_only_counters_that_exist(pair: Pair) -> None:
    assert pair.says.endswith(".")
    assert 1 <= len(re.findall(r"\.(?: |$)", pair.says)) <= 3
    for word in re.findall(r"\bmptcp[a-z0-9]{4,}\b", pair.says):
        assert word in NETSCALER
    for word in re.findall(r"\b(?:MP[A-Z]+[a-z]\w+|DSS[A-Z]\w*[a-z]|Dss\w+|Duplicate\w+)\b", pair.says):
        assert word in LINUX


def test_the_pages_of_both_counters_say_what_a_pair_says() -> None:
    for pair in pairs():
        for entry in (LINUX[pair.linux], NETSCALER[pair.netscaler]):
            said = " ".join(" ".join(body_of(entry, 100)).split())
            assert f"{pair.other(entry.metric.name)}. {pair.says}" in said, pair


def test_no_note_of_a_counter_repeats_what_a_pair_says() -> None:
    raw = json.loads(Path(catalogue.__file__).with_name("netscaler.json").read_text(encoding="utf-8"))
    assert [note for entry in raw["entries"] for note in entry["notes"] if "Linux" in note] == []
