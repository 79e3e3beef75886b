"""What a check makes of the samples of one target: which rule says what, and what cannot be judged."""

from __future__ import annotations

import pytest

from mptcp_top.model import Identity
from tests.cli.checked import SHIPPED, Checked, box, once, typed


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
