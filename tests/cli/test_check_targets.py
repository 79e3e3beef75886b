"""Which target and which rule come first in the line, and what is said of rules that apply to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.cli.check.verdict import object_of
from tests.cli.checked import SHIPPED, Checked, box, configured, once, typed
from tests.feed import WALL, Feed, linux

if TYPE_CHECKING:
    from pathlib import Path


def test_a_target_that_cannot_be_read_by_now_is_unknown_whatever_it_said_before() -> None:
    checked = Checked(typed("sessions > 10"))
    checked.tick()
    checked.fail(reason="no route to host")
    said = checked.output()
    assert (said.state, said.says) == ("UNKNOWN", "local: unreachable: no route to host")


def test_what_is_known_to_be_bad_comes_before_what_is_not_known() -> None:
    checked = Checked(SHIPPED, linux("a"), linux("b"), linux("c"))
    for name in "abc":
        checked.tick(name)
    checked.fail("a")
    checked.tick("b", MPJoinNoTokenFound=1)
    checked.tick("c")
    said = checked.output()
    assert said.state == "WARNING"
    assert said.says == "b: errors rise: unknown token (MPJoinNoTokenFound) 0.10 /s; also a (not judged)"
    assert said.numbers["b:errors/s"].value == 0.1


def test_of_several_targets_the_worst_comes_first() -> None:
    checked = Checked(typed("errors rises", "critical: errors > 5/s"), linux("a"), linux("b"), linux("c"))
    for name in "abc":
        checked.tick(name)
    for name, errors in (("a", 1), ("b", 3), ("c", 100)):
        checked.tick(name, MPJoinNoTokenFound=errors)
    said = checked.output()
    assert said.state == "CRITICAL"
    assert said.says == (
        "c: errors 10.0 /s (> 5/s), worst unknown token (MPJoinNoTokenFound) 10.0 /s; "
        "also c (errors rises), b (errors rises), a (errors rises)"
    )


def test_samples_that_are_missing_at_the_end_are_told_once() -> None:
    checked = Checked(SHIPPED, linux("a"), linux("b"), linux("c"))
    checked.tick("a")
    checked.tick("b")
    checked.tick("b")
    said = checked.output()
    assert said.state == "UNKNOWN"
    assert said.says == "a: 1 of 2 samples in time for the deadline of 20 s; also c (not judged)"


def test_what_is_known_before_the_deadline_counts() -> None:
    checked = Checked(typed("critical: sessions < 10", "errors rises"))
    checked.tick()
    said = checked.output()
    assert said.state == "CRITICAL"
    assert said.says == "local: sessions 0 (< 10); also not judged"


def test_a_typed_rule_that_applies_to_nobody_is_unknown() -> None:
    said = once(typed("TokenEr rises", "errors rises"))
    assert (said.state, said.says) == ("UNKNOWN", "local: TokenEr rises: not counted there")


def test_a_typed_rule_is_unknown_where_it_is_not_counted_though_others_count_it() -> None:
    checked = Checked(typed("TokenEr rises", "errors rises"), box(), Feed())
    for name in ("ns1", "local", "ns1", "local"):
        checked.tick(name)
    said = checked.output(verbose=True)
    assert (said.state, said.says) == ("UNKNOWN", "local: TokenEr rises: not counted there")
    assert "UNKNOWN local: TokenEr rises: not counted there" in said.below
    told = object_of(checked.verdict(), WALL)
    assert told["not_counted"] == ["local: TokenEr rises: not counted there"]
    assert [(one["target"], one["state"]) for one in told["targets"]] == [("ns1", "ok"), ("local", "unknown")]
    (unjudged,) = (one for one in told["targets"][1]["rules"] if one["rule"] == "TokenEr rises")
    assert (unjudged["origin"], unjudged["state"], unjudged["figures"]) == ("--rule", "unknown", [])


def test_what_is_bad_comes_before_a_rule_that_is_not_counted_and_names_it() -> None:
    checked = Checked(typed("TokenEr rises", "errors rises"), box(), Feed())
    for name in ("ns1", "local"):
        checked.tick(name)
    checked.tick("ns1", mptcperrunknowntoken=70)
    checked.tick("local")
    said = checked.output()
    assert said.state == "WARNING"
    assert said.says.startswith("ns1: unknown token (mptcperrunknowntoken) 10.0 /s; also ")
    assert said.says.endswith("local (TokenEr rises, not judged)")


def test_of_a_target_that_is_not_read_nobody_says_what_it_does_not_count() -> None:
    checked = Checked(typed("TokenEr rises"), Feed())
    checked.tick()
    checked.fail()
    assert checked.output().says == "local: unreachable: no answer"


def test_a_rule_of_the_file_that_is_not_counted_on_a_target_is_named(tmp_path: Path) -> None:
    said = once(configured(tmp_path, '[alerts.rules]\n"tokens" = "TokenEr > 1/s"\n"adds" = "AddrIdEr rises"\n'))
    assert (said.state, said.says) == (
        "OK",
        "local: 5 rules over 10 s, 3 with too little traffic to judge; not counted: tokens on local and 1 more",
    )


def test_a_rule_of_the_file_for_this_target_must_apply(tmp_path: Path) -> None:
    rules = configured(tmp_path, '[alerts.rules]\n"tokens" = { rule = "TokenEr > 1/s", targets = ["local"] }\n')
    said = once(rules)
    assert (said.state, said.says) == ("UNKNOWN", "local: tokens: TokenEr > 1/s: not counted there")


def test_where_no_rule_applies_nothing_is_ok(tmp_path: Path) -> None:
    for rules in ('"tokens" = "TokenEr > 1/s"', '"tokens" = { rule = "errors rises", targets = ["ns9"] }'):
        said = once(configured(tmp_path, f"[alerts]\ndefaults = false\n[alerts.rules]\n{rules}\n"))
        assert (said.state, said.says.partition(";")[0]) == ("UNKNOWN", "local: no rule applies to it")


def test_one_of_several_targets_that_no_rule_applies_to_is_not_ok(tmp_path: Path) -> None:
    text = '[alerts]\ndefaults = false\n[alerts.rules]\n"tokens" = { rule = "errors rises", targets = ["ns1"] }\n'
    checked = Checked(configured(tmp_path, text), box(), Feed())
    for name in ("ns1", "local", "ns1", "local"):
        checked.tick(name)
    said = checked.output()
    assert (said.state, said.says) == ("UNKNOWN", "local: no rule applies to it")


def test_the_rules_are_those_of_the_alerts_with_their_severities_and_groups(tmp_path: Path) -> None:
    rules = configured(
        tmp_path,
        """
        [groups.edge]
        targets = ["local"]
        [alerts.rules]
        "few sessions" = { rule = "sessions < 10 until > 20", severity = "error", targets = ["edge"] }
        "joins fail" = false
        "errors rise" = "errors > 5/s"
        """,
    )
    assert {one.watch.name for one in rules} == {
        "errors rise",
        "few sessions",
        "handshakes fail",
        "no memory for sessions",
        "sessions fall back",
    }
    said = once(rules, MPJoinNoTokenFound=5)
    assert (said.state, said.says) == ("CRITICAL", "local: few sessions: sessions 0 (< 10)")
