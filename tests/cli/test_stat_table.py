"""What people see of ``stat``: a summary, everything, what moved; at every width, and several targets side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top import text
from mptcp_top.catalogue.catalogue import linux, netscaler
from mptcp_top.cli.selection import Selection, in_summary
from mptcp_top.cli.stat.cells import width_of
from mptcp_top.cli.stat.printer import Printer, Rounds
from mptcp_top.cli.stat.records import csv_rows
from mptcp_top.cli.stat.sides import sides_of
from mptcp_top.cli.stat.table import Page, table_of
from mptcp_top.cli.stat.told import Base, Since, Told, Why, told_of
from mptcp_top.model import Failure, Kind, Observation, Status, Target
from tests.cli.test_selection import observed
from tests.feed import Feed
from tests.feed import linux as kernel

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE, NS1, NS2 = Target("here", "linux"), Target("ns1", "netscaler"), Target("ns2", "netscaler")
SUMMARY, PIPE = Selection(), Page()
WIDTHS = (20, 30, 40, 60, 80, 120, 200)


def told(observation: Observation, before: Observation | None = None) -> Told:
    return told_of(observation, before)


def names_in(lines: Iterable[str]) -> list[str]:
    return [line.split()[0] for line in lines if line.startswith("    ")]


def failed(target: Target, status: Status = Status.UNREACHABLE) -> Observation:
    return observed(
        target, failure=Failure(target, status, "no answer within 5 s", 1000.0, 1_795_255_200.0, "is it up?")
    )


def moving() -> tuple[Feed, Observation]:
    """A kernel of which two counters and the gauge moved in the last second."""
    feed = kernel("here")
    feed.tick(MPCapableSYNRX=100, MPJoinNoTokenFound=3, MPCurrEstab=7, OFOQueue=50)
    first = feed.store.at("here")
    assert first is not None
    return feed, first


# What is worth a line


def test_a_summary_has_how_much_there_is_the_handshakes_and_what_may_be_wrong() -> None:
    lines = table_of(told(observed(HERE)), SUMMARY, PIPE)
    shown = names_in(lines)
    assert {"MPCurrEstab", "MPCapableSYNRX", "MPJoinAckRx", "MPJoinNoTokenFound"} <= set(shown)
    assert "OFOQueue" not in shown
    left = len(linux().entries) - len(shown)
    assert lines[-1] == f"  {left} more are not zero, 0 are (all of them: --detail)"


def test_a_summary_leaves_out_what_is_zero_but_for_gauges() -> None:
    lines = table_of(told(observed(NS1, value=0)), SUMMARY, PIPE)
    gauges = [name for name, entry in netscaler().entries.items() if entry.metric.kind is Kind.GAUGE]
    assert names_in(lines) == gauges
    assert lines[-1] == f"  {len(netscaler().entries) - len(gauges)} more are zero (to see them: --zeros)"


def test_in_detail_everything_is_shown_panel_by_panel() -> None:
    for selection in (Selection(detail=True), Selection(zeros=True)):
        lines = table_of(told(observed(NS1, value=0)), selection, PIPE)
        assert set(names_in(lines)) == set(netscaler().entries)
        panels = [line.strip() for line in lines if line.startswith("  ") and not line.startswith("    ")]
        assert panels == ["sessions", "MP_CAPABLE", "MP_JOIN", "addressing", "DSS", "termination", "errors", "memory"]


def test_an_alias_and_a_label_stand_beside_the_name() -> None:
    (row,) = (line for line in table_of(told(observed(NS1)), SUMMARY, PIPE) if "mptcperrunknowntoken" in line)
    assert row.split("  ")[-1] == "(TokenEr)"
    assert "unknown token" in row


def test_only_what_moved_is_shown_with_how_far() -> None:
    feed, first = moving()
    second = feed.tick(MPCapableSYNRX=5, OFOQueue=2, MPCurrEstab=-1)
    lines = table_of(told(second, first), Selection(changed=True), PIPE)
    assert names_in(lines) == ["MPCurrEstab", "MPCapableSYNRX", "OFOQueue"]
    assert "+5" in lines[4]
    assert lines[-1] == "  73 more did not move (to see them: --zeros)"


def test_when_nothing_moved_it_says_so() -> None:
    feed, first = moving()
    lines = table_of(told(feed.tick(), first), Selection(changed=True), PIPE)
    assert lines[1:] == ["  76 counters did not move (to see them: --zeros)"]


def test_a_counter_that_did_not_move_is_no_change_even_if_it_was_asked_for_by_its_name() -> None:
    feed, first = moving()
    second = feed.tick(MPCapableSYNRX=5)
    asked = Selection(("MPRstTx", "MPCapableSYNRX"), changed=True)
    lines = table_of(told(second, first), asked, PIPE)
    assert names_in(lines) == ["MPCapableSYNRX"]
    assert lines[-1] == "  1 more did not move (to see them: --zeros)"
    assert table_of(told(feed.tick(), second), Selection(("MPRstTx",), changed=True), PIPE)[1:] == [
        "  1 counter did not move (to see them: --zeros)"
    ]
    assert [row[6] for row in csv_rows(told(second, first), asked)] == ["MPCapableSYNRX"]


def test_what_may_be_either_of_two_counters_is_not_said_to_have_moved_nor_to_have_not() -> None:
    box = observed(NS1, value=9)
    lines = table_of(told(box, box._replace(values=(5,) * len(box.values))), Selection(changed=True), PIPE)
    assert not any("ambiguous" in line for line in lines[:-1])
    assert lines[-1] == "  3 more did not move or are ambiguous (to see them: --zeros)"


def test_a_row_that_is_counted_from_another_moment_says_so() -> None:
    told_together, before = observed(HERE, "MPRstTx", "MPJoinSynRx"), 1_795_255_140.0
    grown = told_together._replace(increases=(3, 4))
    bases = (Base(told_together.wall - 5, 5.0), Base(before, 60.0))
    one = Told(grown, frozenset({0, 1}), since=Since(Why.MIXED, told_together.wall - 5), bases=bases)
    changed = Selection(changed=True)
    other = one._replace(observation=grown._replace(target=Target("there", "linux")))
    for lines in (table_of(one, changed, Page(growth=True)), sides_of([one, other], changed, Page(growth=True))):
        (rst,), (join,) = ([line for line in lines if name in line] for name in ("MPRstTx", "MPJoinSynRx"))
        assert "since" not in rst
        assert f"since {text.clock(before)}" in join
        assert lines[1].startswith("  since ")
    for width in WIDTHS:
        page = Page(width, growth=True)
        for lines in (table_of(one, changed, page), sides_of([one, other], changed, page)):
            assert max(map(width_of, lines)) <= width
            assert any(text.clock(before) in line for line in lines)


def test_a_counter_asked_for_by_its_name_is_shown_at_zero() -> None:
    assert names_in(table_of(told(observed(HERE, value=0)), Selection(("MPRstTx", "MPJoin*")), PIPE)) == ["MPRstTx"]


def test_rates_come_first_where_they_are_wanted() -> None:
    feed, _ = moving()
    second = feed.tick(MPCapableSYNRX=5)
    row = next(line for line in table_of(told(second), SUMMARY, Page(rate=True)) if "MPCapableSYNRX" in line)
    assert row.split()[1:5] == ["5.00", "/s", "105", "+5"]


def test_a_target_that_was_not_read_says_why_and_what_to_do() -> None:
    lines = table_of(told(failed(NS1)), SUMMARY, PIPE)
    assert lines[1:] == ["  unreachable: no answer within 5 s", "  is it up?"]


def test_in_summary_is_whatever_alarms() -> None:
    for catalogue in (linux(), netscaler()):
        flagged = [entry.metric for entry in catalogue.entries.values() if entry.metric.flagged]
        assert all(in_summary(metric) for metric in flagged)


# Side by side


def test_what_is_counted_alike_stands_in_one_row() -> None:
    lines = sides_of([told(observed(HERE, value=5)), told(observed(NS1, value=7))], SUMMARY, PIPE)
    (row,) = (line for line in lines if "MPJoinNoTokenFound" in line)
    assert row.split() == ["unknown", "token", "5", "7", "MPJoinNoTokenFound,", "mptcperrunknowntoken"]


def test_targets_of_one_kind_have_the_names_of_their_owner() -> None:
    lines = sides_of([told(observed(NS1, value=5)), told(observed(NS2, value=7))], SUMMARY, PIPE)
    (row,) = (line for line in lines if "mptcperrunknowntoken" in line)
    assert row.split() == ["mptcperrunknowntoken", "5", "7", "unknown", "token"]


def test_a_target_that_was_not_read_has_no_numbers_and_no_zeros() -> None:
    lines = sides_of([told(observed(NS1, value=5)), told(failed(NS2))], SUMMARY, PIPE)
    assert "  unreachable: no answer within 5 s" in lines
    (row,) = (line for line in lines if "mptcperrunknowntoken" in line)
    assert row.split()[1:3] == ["5", "–"]


def test_a_counter_that_a_target_does_not_have_is_no_zero_either() -> None:
    lines = sides_of(
        [told(observed(HERE, value=5)), told(observed(NS1, value=7))], Selection(("subflows created",)), PIPE
    )
    (row,) = (line for line in lines if line.startswith("    subflows created"))
    assert row.split() == ["subflows", "created", "7", "mptcptotsfconn"]


def test_nobody_could_be_read_is_no_table() -> None:
    lines = sides_of([told(failed(NS1)), told(failed(NS2))], SUMMARY, PIPE)
    assert [line for line in lines if line.startswith("    ")] == []


def test_rounds_tell_the_targets_together_however_they_come_in() -> None:
    rounds = Rounds(
        ["ns1", "ns2"], lambda tolds: "".join(f"{t.observation.target.name}={t.observation.values[0]} " for t in tolds)
    )

    def take(target: Target, value: int) -> str:
        return rounds(told(observed(target, "mptcptotdss", value=value)))

    assert [take(NS1, 1), take(NS1, 2), take(NS2, 3), take(NS2, 4)] == ["", "", "ns1=1 ns2=3 ", "ns1=2 ns2=4 "]


def test_rounds_go_on_without_a_target_that_is_not_asked_again() -> None:
    rounds = Rounds(["ns1", "ns2"], lambda tolds: "".join(f"{t.observation.status} " for t in tolds))
    assert rounds(told(failed(NS1, Status.AUTH_FAILED))) == ""
    assert rounds(told(observed(NS2))) == "auth_failed ok "
    assert rounds(told(observed(NS2))) == "auth_failed ok "


def test_a_sample_that_only_warms_up_is_not_told_unless_it_is_the_last() -> None:
    for status, expected in ((Status.UNREACHABLE, ""), (Status.AUTH_FAILED, "auth_failed")):
        put: list[str] = []
        printer = Printer(SUMMARY, ["ns1"], lambda told: told.observation.status.value, put.append)
        printer.warming = {"ns1"}
        printer.show(failed(NS1, status))
        assert "".join(put) == expected
        assert printer.unread is bool(expected)
