"""What is said with a verdict: notes, a line a target and a rule, an object; and what no text can do to it."""

from __future__ import annotations

import json

import pytest

from mptcp_top.cli.check.rules import typed_rule
from mptcp_top.cli.check.verdict import object_of
from mptcp_top.errors import SettingsError
from mptcp_top.model import Identity
from tests.cli.checked import SHIPPED, Checked, box, once, typed
from tests.feed import WALL, Feed, linux


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
