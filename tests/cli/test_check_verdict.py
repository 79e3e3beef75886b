"""What a check makes of samples: which rule says what, what cannot be judged, and what comes first in the line."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.alerting import Origin
from mptcp_top.cli.check.course import Course
from mptcp_top.cli.check.findings import findings_of
from mptcp_top.cli.check.judge import Judge
from mptcp_top.cli.check.rules import rules_for, typed_rule
from mptcp_top.cli.check.verdict import Verdict, lines_of, object_of
from mptcp_top.config import ask
from mptcp_top.errors import SettingsError
from mptcp_top.model import Identity, Target
from tests.feed import NETSCALER, WALL, Feed, Feeds, linux
from tests.plugin_output import Output, understood

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

APART = 10.0


def typed(*rules: str) -> tuple[Origin, ...]:
    return tuple(Origin(typed_rule(text), "--rule") for text in rules)


def configured(folder: Path, text: str) -> tuple[Origin, ...]:
    """The rules of a config file."""
    path = folder / "config.toml"
    path.write_text(text)
    return rules_for((), ask({}, {"MPTCP_TOP_CONFIG": str(path)}).config)


SHIPPED = rules_for((), ask({}, {"XDG_CONFIG_HOME": "/nonexistent"}).config)


def box() -> Feed:
    feed = Feed(Target("ns1", "netscaler"), NETSCALER, Identity("ns1", "NetScaler 14.1", "boot"))
    feed.refresh_seconds = 7.0
    return feed


class Checked:
    """A check of feeds whose counters the test moves."""

    def __init__(self, rules: Sequence[Origin], *feeds: Feed, samples: int = 2) -> None:
        self.feeds = Feeds(*feeds) if feeds else Feeds(Feed())
        self.rules = rules
        self.judge = Judge(self.feeds.store, rules)
        self.samples = samples
        for feed in self.feeds.feeds.values():
            feed.interval_seconds = APART

    def tick(self, name: str = "local", **increases: int) -> None:
        self.judge.take(self.feeds[name].tick(**increases))

    def fail(self, name: str = "local", reason: str = "no answer") -> None:
        self.judge.take(self.feeds[name].fail(reason))

    def verdict(self, late: str = "in time for the deadline of 20 s") -> Verdict:
        targets = [feed.target for feed in self.feeds.feeds.values()]
        courses = {target.name: Course(self.samples, APART, 5.0) for target in targets}
        return Verdict(targets, courses, self.judge.seen, findings_of(courses, self.rules, self.judge.seen, late))

    def output(self, *, verbose: bool = False) -> Output:
        """What a monitoring system makes of it."""
        verdict = self.verdict()
        text = "\n".join(lines_of(verdict, verbose=verbose)) + "\n"
        return understood(subprocess.CompletedProcess((), int(verdict.state), text, ""))


def once(rules: Sequence[Origin], feed: Feed | None = None, **increases: int) -> Output:
    """What is said of one target after two samples between which counters moved."""
    checked = Checked(rules, *([feed] if feed else []))
    name = next(iter(checked.feeds.feeds))
    checked.tick(name)
    checked.tick(name, **increases)
    return checked.output()


def test_what_is_well_is_one_short_line() -> None:
    said = once(SHIPPED, MPCapableSYNRX=50, MPCapableACKRX=50, MPJoinSynRx=20, MPJoinAckRx=20)
    assert (said.state, said.says, said.below) == ("OK", "local: 5 rules over 10 s", [])


def test_an_error_that_rises_is_a_warning_that_names_the_counter() -> None:
    said = once(SHIPPED, MPJoinNoTokenFound=5, MPRstTx=90)
    assert said.state == "WARNING"
    assert said.says == "local: errors rise: unknown token (MPJoinNoTokenFound) 0.50 /s and 1 more"
    assert said.numbers["errors/s"] == (9.5, "", "0", "", "0", "")


def test_what_has_an_innocent_explanation_is_no_error() -> None:
    assert once(SHIPPED, MPRstTx=9, MPFastcloseTx=9).state == "OK"


def test_a_share_that_is_bad_is_told_with_the_worst_counter_of_the_same_target() -> None:
    said = once(SHIPPED, MPJoinSynRx=100, MPJoinAckRx=5, MPJoinNoTokenFound=1)
    assert said.state == "WARNING"
    assert said.says == (
        "local: joins fail: join_success 5.0 % (< 90%) (its 30s not waited for), "
        "errors rise: unknown token (MPJoinNoTokenFound) 0.10 /s"
    )
    assert said.numbers["join_success"] == (5.0, "%", "90:", "", "0", "100")


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        ("errors > 1/s", "WARNING"),
        ("warning: errors > 1/s", "WARNING"),
        ("critical: errors > 1/s", "CRITICAL"),
        ("Error:errors > 1/s", "CRITICAL"),
        (" security : errors > 1/s", "CRITICAL"),
        ("critical: errors > 2/s", "OK"),
        ("critical: errors > 60/min", "CRITICAL"),
        ("critical: errors < 2/s", "CRITICAL"),
    ],
)
def test_a_typed_rule_says_how_bad_it_is(rule: str, state: str) -> None:
    assert once(typed(rule), MPJoinNoTokenFound=15).state == state


def test_a_counter_goes_by_alias_and_concept_and_is_told_by_its_owner_s_name() -> None:
    for name in ("join_unknown_token", "mptcperrunknowntoken", "TokenEr"):
        said = once(typed(f"{name} > 1/s"), box(), mptcperrunknowntoken=70)
        assert said.says == "ns1: unknown token (mptcperrunknowntoken) 10.0 /s (> 1/s)"


def test_one_number_with_two_limits_is_told_once() -> None:
    said = once(typed("errors rises", "critical: errors > 2/s"), MPJoinNoTokenFound=15)
    assert said.state == "WARNING"
    assert said.numbers == {"errors/s": (1.5, "", "0", "2", "0", "")}


def test_too_few_events_say_nothing_and_that_is_said() -> None:
    said = once(typed("join_success < 90%"), MPJoinSynRx=9, MPJoinAckRx=1)
    assert (said.state, said.says) == ("OK", "local: 1 rule over 10 s, 1 with too little traffic to judge")
    assert said.numbers["join_success"].value is None


@pytest.mark.parametrize("rule", ["errors rises", "joins_in < 90%", "join_syn_rx > 1/h", "reset_tx / reset_rx > 2"])
def test_one_sample_says_nothing_of_growth_and_is_no_ok(rule: str) -> None:
    checked = Checked(typed(rule))
    checked.fail()
    checked.tick()
    said = checked.output()
    assert said.state == "UNKNOWN"
    assert "(one sample says nothing of growth)" in said.says


def test_one_sample_is_enough_for_a_level() -> None:
    checked = Checked(typed("critical: sessions < 10 or subflows / sessions < 1"), samples=1)
    checked.feeds["local"].values["MPCurrEstab"] = 3
    checked.tick()
    said = checked.output()
    assert (said.state, said.says) == ("CRITICAL", "local: sessions 3 (< 10)")
    assert said.numbers["sessions"] == (3.0, "", "", "10:", "0", "")


def test_counters_that_began_anew_between_the_samples_are_no_ok() -> None:
    checked = Checked(SHIPPED)
    checked.tick(MPJoinNoTokenFound=50)
    checked.feeds["local"].identity = Identity("ns1", "Linux", "another boot")
    checked.tick()
    said = checked.output()
    assert said.state == "UNKNOWN"
    assert "(the counters began anew between the samples)" in said.says


def test_after_a_reset_two_samples_are_enough_again() -> None:
    checked = Checked(typed("errors rises"), samples=3)
    checked.tick(MPJoinNoTokenFound=50)
    checked.feeds["local"].identity = Identity("ns1", "Linux", "another boot")
    checked.tick()
    checked.tick()
    assert checked.output().state == "OK"


def test_a_level_that_is_not_available_is_no_ok() -> None:
    checked = Checked(typed("sessions < 10"), box(), samples=1)
    checked.feeds["ns1"].values["mptcpcurmpcapablesessions"] = None
    checked.tick("ns1")
    said = checked.output()
    assert (said.state, said.says) == ("UNKNOWN", "ns1: sessions – (< 10) (its value is not available)")
    assert said.numbers["sessions"].value is None


def test_a_share_of_counters_that_are_not_available_is_no_ok() -> None:
    checked = Checked(typed("joins_in < 90%"), box())
    checked.feeds["ns1"].values["mptcptotmpjoin4thacksent"] = None
    checked.tick("ns1")
    checked.tick("ns1", mptcptotmpjoinsyn=100)
    assert checked.output().says == "ns1: joins_in – (< 90%) (its value is not available)"


def test_an_appliance_is_judged_by_its_beat_and_not_by_our_interval() -> None:
    said = once(typed("mptcperrunknowntoken > 1/s"), box(), mptcperrunknowntoken=14, mptcptotmpjoinsyn=70)
    assert said.numbers["mptcperrunknowntoken/s"].value == 2.0


def test_an_appliance_where_nothing_moves_is_well() -> None:
    said = once(typed("errors rises", "errors > 1/h"), box())
    assert said.state == "OK"
    assert said.numbers["errors/s"].value == 0


def test_an_appliance_that_took_no_stock_between_the_samples_is_no_ok() -> None:
    feed = box()
    feed.own_rates = {"mptcptotmpjoinsyn": 10.0}
    said = once(typed("errors rises"), feed)
    assert said.state == "UNKNOWN"
    assert "(the appliance took no stock between the samples)" in said.says


def test_a_duration_that_the_samples_span_is_judged() -> None:
    checked = Checked(typed("errors > 1/s for 20s"), samples=3)
    checked.tick()
    checked.tick()
    checked.tick(MPJoinNoTokenFound=50)
    said = checked.output(verbose=True)
    assert said.state == "OK"
    assert "true, but not for 20s yet" in said.below[1]
    checked = Checked(typed("errors > 1/s for 20s"), samples=3)
    checked.tick()
    checked.tick(MPJoinNoTokenFound=50)
    checked.tick(MPJoinNoTokenFound=50)
    said = checked.output()
    assert (said.state, said.says) == (
        "WARNING",
        "local: errors 5.00 /s (> 1/s), worst unknown token (MPJoinNoTokenFound) 5.00 /s",
    )


def test_a_duration_that_they_do_not_span_is_left_out_and_that_is_said() -> None:
    said = once(typed("errors > 1/s for 5m"), MPJoinNoTokenFound=50)
    assert said.state == "WARNING"
    assert said.says.endswith("(its 5m not waited for)")


def test_a_rule_for_a_duration_is_not_true_for_a_level_that_was_else_at_its_beginning() -> None:
    for first, state in ((50, "OK"), (5, "WARNING")):
        checked = Checked(typed("sessions < 10 for 10s"))
        checked.feeds["local"].values["MPCurrEstab"] = first
        checked.tick()
        checked.feeds["local"].values["MPCurrEstab"] = 5
        checked.tick()
        assert checked.output().state == state


def test_a_missed_poll_in_between_is_no_matter() -> None:
    checked = Checked(typed("errors rises"), samples=3)
    checked.tick()
    checked.fail()
    checked.tick(MPJoinNoTokenFound=4)
    assert checked.output().says == "local: unknown token (MPJoinNoTokenFound) 0.20 /s"


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


def test_whose_numbers_nobody_vouches_for_is_said_with_every_verdict() -> None:
    feed = box()
    feed.target = feed.target._replace(caution="no TLS")
    assert once(typed("sessions < 0"), feed).says == "ns1: 1 rule over 10 s; no TLS"


def test_what_a_target_notes_is_said_with_every_verdict() -> None:
    feed = Feed(identity=Identity("ns1", "Linux", "boot", notices=("MPTCP is switched off: do this",)))
    assert once(typed("errors rises"), feed).says == "local: 1 rule over 10 s; MPTCP is switched off"


def test_text_of_others_cannot_break_the_line() -> None:
    evil = "a='b|c d"
    checked = Checked(SHIPPED, linux(evil), linux("b"))
    checked.tick(evil)
    checked.fail("b", "no | 'x'=1;2\nanswer\x1b[2J")
    checked.tick(evil, MPJoinNoTokenFound=1)
    checked.fail("b", "no | 'x'=1;2\nanswer\x1b[2J")
    said = checked.output(verbose=True)
    assert said.state == "WARNING"
    assert "a__b_cd:errors/s" in said.numbers
    assert "\x1b" not in "".join((said.says, *said.below))
    assert any("no ¦ 'x'=1;2·answer" in line for line in said.below)


def test_below_the_verdict_is_a_line_a_target_and_a_rule() -> None:
    checked = Checked(typed("critical: errors > 1/s", "sessions < 0"), linux("a"), linux("b"))
    for name in "abab":
        checked.tick(name)
    assert checked.output(verbose=True).below == [
        line
        for name in "ab"
        for line in (
            f"{name}: 2 of 2 samples, 10 s apart",
            f"OK {name}: errors 0 /s (> 1/s) [errors > 1/s]",
            f"OK {name}: sessions 0 (< 0) [sessions < 0]",
        )
    ]


def test_the_object_says_the_same_as_the_line() -> None:
    checked = Checked(typed("critical: errors > 60/min", "joins_in < 90%"), linux("a"), linux("b"))
    checked.tick("a")
    checked.fail("b", "no answer")
    checked.tick("a", MPJoinNoTokenFound=15)
    checked.fail("b", "no answer")
    verdict = checked.verdict()
    told = json.loads(json.dumps(object_of(verdict, WALL)))
    assert {key: told[key] for key in ("schema", "state", "exit_code", "says", "perfdata", "not_counted")} == {
        "schema": 1,
        "state": "critical",
        "exit_code": 2,
        "says": verdict.says,
        "perfdata": verdict.perfdata,
        "not_counted": [],
    }
    one, other = told["targets"]
    assert (one["target"], one["state"], one["status"], one["samples"], one["seconds"]) == (
        "a",
        "critical",
        "ok",
        2,
        10,
    )
    errors, joins = one["rules"]
    assert (errors["rule"], errors["severity"], errors["state"]) == ("errors > 60/min", "error", "critical")
    (figure,) = errors["figures"]
    assert (figure["value"], figure["unit"], figure["true"]) == (90, "/min", True)
    assert figure["counters"] == [
        {"name": "MPJoinNoTokenFound", "label": "unknown token", "severity": "security", "rate": 1.5}
    ]
    assert (joins["state"], joins["note"], joins["figures"][0]["value"]) == ("ok", "too few to judge", None)
    assert (other["state"], other["status"], other["error"], other["rules"]) == (
        "unknown",
        "unreachable",
        "no answer",
        [],
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("crit: errors > 3/s", "before the colon stands warning, critical, error, security or nothing"),
        ("notable: errors > 3/s", "before the colon stands"),
        ("errors > 3", "at column 10: errors is a counter"),
        ("critical: errors > 3", "at column 20: errors is a counter"),
        ("critical:", "at column 10: expected the name"),
        ("", "at column 1: expected the name"),
    ],
)
def test_a_rule_that_says_nothing_is_refused_with_the_column_of_the_option(text: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as refused:
        typed_rule(text)
    assert complaint in str(refused.value)


def test_no_counter_of_a_kernel_or_an_appliance_breaks_the_line() -> None:
    for feed in (Feed(), box()):
        moved = {metric.name: 70 for metric in feed.layout.metrics}
        for metric in feed.layout.metrics:
            if not metric.ambiguous:
                test = "rises" if metric.grows else "> 1"
                said = once(typed(f"{metric.name} {test}"), Feed(feed.target, feed.layout, refresh_seconds=0), **moved)
                assert metric.name in said.says or said.state == "OK"
