"""What a condition says of what is known, and which part of a rule concerns a source."""

from __future__ import annotations

import pytest

from mptcp_top.catalogue import catalogue
from mptcp_top.rules.defaults import default_watches
from mptcp_top.rules.parser import parse
from mptcp_top.rules.truth import Figure, rule_on, truth_of
from tests.feed import LINUX_6_18, NETSCALER

KNOWN = {"sessions": Figure(20.0), "errors": Figure(2.0, least=True), "accepted": Figure()}


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("sessions < 30", True),
        ("sessions < 30 and accepted < 50%", None),
        ("sessions > 30 and accepted < 50%", False),
        ("sessions < 30 or accepted < 50%", True),
        ("sessions > 30 or accepted < 50%", None),
        ("errors > 1/s", True),
        ("errors > 3/s", None),
        ("errors < 1/s", False),
        ("errors < 3/s", None),
    ],
)
def test_what_is_not_known_decides_nothing(text: str, *, truth: bool | None) -> None:
    assert truth_of(parse(text).when, lambda one: KNOWN[one.operand.name]) is truth


def test_a_rule_on_what_a_source_does_not_count_does_not_apply_there() -> None:
    rule = parse("mptcperrunknowntoken > 1/s")
    assert rule_on(rule, NETSCALER) == rule
    assert rule_on(rule, LINUX_6_18) is None


def test_of_an_or_only_what_a_source_counts_is_asked_and_an_and_needs_all_of_it() -> None:
    either = rule_on(
        parse("session_alloc_failed rises or backlog_dropped rises or fallback_no_token rises"), LINUX_6_18
    )
    assert either is not None
    assert str(either) == "fallback_no_token rises"
    assert rule_on(parse("session_alloc_failed rises and fallback_no_token rises"), LINUX_6_18) is None


def test_a_counter_is_found_by_its_owners_name_its_alias_and_its_concept() -> None:
    for name in ("mptcperrunknowntoken", "TokenEr", "join_unknown_token"):
        assert rule_on(parse(f"{name} rises"), NETSCALER) is not None
    assert rule_on(parse("MPCsumFail rises"), LINUX_6_18) is not None


def test_where_a_kernel_meant_something_else_a_rule_by_concept_does_not_apply() -> None:
    old = catalogue.linux().layout(["MPCapableSYNRX", "MPCapableFallbackACK"], "6.6.12")
    assert rule_on(parse("fallback_ack / capable_syn_rx > 10%"), old) is None
    assert rule_on(parse("MPCapableFallbackACK / MPCapableSYNRX > 10%"), old) is not None


def test_the_rules_that_are_shipped_concern_both_kinds_of_source() -> None:
    for watch in default_watches():
        assert rule_on(watch.rule, NETSCALER) is not None, watch.name
        assert rule_on(watch.rule, LINUX_6_18) is not None, watch.name
