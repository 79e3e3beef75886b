"""Several targets beside each other: what stands in one row, who is odd, and what is said where that is not known."""

from __future__ import annotations

import pytest

from mptcp_top.catalogue.catalogue import linux
from mptcp_top.engine.odd import Figure, odd_ones
from mptcp_top.model import Target
from mptcp_top.ui.comparison import standing_out
from mptcp_top.ui.sides import Mode
from mptcp_top.ui.topics import JOINS
from tests.feed import Feed
from tests.ui.compared import LX, WIDTHS, appliance, cells, comparison, head, linux_box, row, three, ticked, together

# What stands in one row


def test_a_netscaler_and_a_linux_host_stand_in_one_row_where_they_count_the_same() -> None:
    table = comparison(three())
    assert cells(table, "join_ack_rx") == ["49.0", "49.0", "49.0"]
    assert row(table, "join_ack_rx").startswith(" final ACK validated")
    assert "refused, subflow limit" in row(table, "join_refused")


def test_what_only_one_kind_has_stands_after_the_others_of_its_panel_under_its_own_name() -> None:
    topics = comparison(three()).alignment.topics
    sections = list(dict.fromkeys((topic.section, topic.only) for topic in topics))
    assert sections[:4] == [("", ""), ("errors", ""), ("errors", "Linux"), ("errors", "NetScaler")]
    assert sections.index(("MP_JOIN", "Linux")) == sections.index(("MP_JOIN", "")) + 1


def test_targets_of_one_kind_have_no_rows_of_one_kind_only() -> None:
    assert {topic.only for topic in comparison(ticked(together(*map(linux_box, "abc")))).alignment.topics} == {""}


def test_a_target_without_the_counter_shows_a_dot_and_never_a_zero() -> None:
    table = comparison(three(MPCapableSYNTX=7))
    assert cells(table, "capable_syn_tx") == ["7.00", "·", "·"]


def test_what_is_not_known_is_a_dash_in_every_mode() -> None:
    feeds = three()
    feeds[2].values["mptcpmpfailrecvd"] = None
    feeds[2].tick()
    for mode in Mode:
        assert cells(comparison(feeds, mode), "mp_fail_rx") == ["0", "0", "–"], mode


def test_a_target_that_was_never_read_shows_dashes_and_is_said_to_connect() -> None:
    feeds = ticked(together(linux_box("a"), linux_box("b"), linux_box("c"), linux_box("d")))
    table = comparison([*feeds[:3], *together(linux_box("new"))])
    assert cells(table, "join_syn_rx")[3] == "–"
    assert cells(table, "mp_fail_rx")[3] == "–"
    assert "connect" in head(table)[3]
    assert "not judged: new: connecting" in head(table)[1]


def test_a_kernel_that_counted_something_else_under_a_name_has_it_in_a_row_of_its_own() -> None:
    old = Feed(Target("old", "linux"), layout=linux().layout(["MPCapableFallbackACK"], "5.15.0"))
    table = comparison(ticked(together(linux_box("new"), appliance("ns1")), MPCapableFallbackACK=1))
    assert "fallback_ack" in {topic.key for topic in table.alignment.topics}
    old.tick(MPCapableFallbackACK=400)
    keys = {topic.key for topic in comparison([old]).alignment.topics}
    assert "linux:MPCapableFallbackACK" in keys
    assert "fallback_ack" not in keys


# The modes


def test_rates_are_over_the_last_minute_and_totals_are_what_the_target_says() -> None:
    feeds = three(DataCsumErr=3)
    for _ in range(70):
        for feed in feeds:
            feed.tick()
    for feed in feeds:
        feed.tick(**({"DataCsumErr": 60} if feed is feeds[0] else {}))
    assert cells(comparison(feeds), "dss_bad_checksum")[0] == "1.00▲"
    assert cells(comparison(feeds, Mode.TOTAL), "dss_bad_checksum")[0] == "270"


def test_the_increase_since_the_start_leaves_out_what_was_there_before() -> None:
    feeds = together(linux_box("a"), linux_box("b"))
    for feed in feeds:
        feed.values["MPFailRx"] = 5_000
        feed.tick()
        feed.tick(MPFailRx=12)
    assert cells(comparison(feeds, Mode.SINCE), "mp_fail_rx") == ["12", "12"]


def test_after_a_reset_the_increase_is_that_since_the_reset_and_is_not_compared() -> None:
    feeds = ticked(together(*map(linux_box, "abcd")), 30)
    feeds[3].values = {"MPFailRx": 3}
    ticked(feeds, 5)
    table = comparison(feeds, Mode.SINCE)
    assert cells(table, "mp_fail_rx")[3] == "0"
    assert cells(table, "capable_syn_rx")[3] == "400"  # four polls after the one that found it reset
    assert "not judged: d: counted from 10:00:31 (reset)" in head(table)[1]


def test_normalised_numbers_are_per_1000_new_sessions() -> None:
    table = comparison(three(MPJoinNoTokenFound=49), Mode.NORMALISED)
    assert cells(table, "join_unknown_token") == ["500▲", "0", "0"]
    assert cells(table, "capable_ack_rx") == ["1.00k", "1.00k", "1.00k"]


def test_without_new_sessions_nothing_is_normalised() -> None:
    feeds = together(linux_box("a"), linux_box("b"))
    for _ in range(5):
        for feed in feeds:
            feed.tick(MPFailRx=1)
    assert cells(comparison(feeds, Mode.NORMALISED), "mp_fail_rx") == ["–", "–"]


def test_a_gauge_is_a_level_in_every_mode() -> None:
    feeds = ticked(together(linux_box("a"), linux_box("b")), 3, MPCurrEstab=1_000)
    for mode in Mode:
        assert cells(comparison(feeds, mode), "sessions_current") == ["3,000", "0"], mode


# The odd one out


def test_the_odd_one_out_of_three_is_marked_and_named_with_how_far_off_it_is() -> None:
    table = comparison(three(MPJoinSynRx=950))
    assert cells(table, "join_syn_rx") == ["950▲", "50.0", "50.0"]
    assert "▲ lx1  19 x the median" in row(table, "join_syn_rx")
    assert "▼ lx1" in row(table, JOINS.key)
    assert "lx1 odd in 2 rows" in head(table)[0]


def test_with_two_targets_nobody_is_odd_and_the_head_says_so() -> None:
    table = comparison(ticked(together(linux_box("a"), appliance("b")), MPJoinSynRx=950))
    assert "▲" not in row(table, "join_syn_rx")
    for width in WIDTHS:
        assert "with two targets nobody is odd: three are needed" in head(table, width)[1]


def test_a_target_that_is_down_is_not_compared_and_its_column_says_for_how_long() -> None:
    feeds = three(MPJoinSynRx=950)
    for feed in feeds:
        (feed.fail if feed is feeds[2] else feed.tick)()
    table = comparison(feeds)
    assert "▲" not in row(table, "join_syn_rx")
    assert "with two targets that can be compared nobody is odd (ns2: not read)" in head(table)[1]
    assert "✕ 1 s" in head(table)[3]


def test_a_secondary_is_idle_by_design_and_not_odd_for_it() -> None:
    feeds = together(appliance("ns1"), appliance("ns2"), appliance("ns3"), appliance("spare", "secondary"))
    ticked(feeds[:3])
    for _ in range(70):
        feeds[3].tick()
    table = comparison(feeds)
    assert standing_out(table, table.alignment.topics) == {}
    assert "nobody stands out" in head(table)[0]
    assert "not judged: spare: secondary" in head(table)[1]


def test_totals_count_from_different_moments_and_make_nobody_odd() -> None:
    table = comparison(three(MPJoinSynRx=950), Mode.TOTAL)
    assert "▲" not in row(table, "join_syn_rx")
    assert "totals began at different times" in head(table)[1]


def test_three_errors_may_be_chance_and_four_are_not() -> None:
    assert odd_ones([Figure(3), Figure(0), Figure(0)]) == ()
    assert odd_ones([Figure(4), Figure(0), Figure(0)])[0].place == 0


@pytest.mark.parametrize("values", [(100, 104, 97), (1000, 1300, 1001), (400, 400, 0, 0), (1, 0, 2)])
def test_small_differences_and_even_splits_have_no_odd_one(values: tuple[int, ...]) -> None:
    assert odd_ones([Figure(value) for value in values]) == ()


def test_a_share_of_few_handshakes_is_not_odd() -> None:
    few = [Figure(2 / 3, share_of=3), Figure(0.996, share_of=5000), Figure(0.998, share_of=5000)]
    many = [few[0]._replace(share_of=300), *few[1:]]
    assert odd_ones(few) == ()
    assert [odd.place for odd in odd_ones(many)] == [0]


def test_several_odd_ones_are_all_marked_and_counted() -> None:
    feeds = ticked(together(*(linux_box(f"host{number}") for number in range(7))), 60)
    for _ in range(10):
        for number, feed in enumerate(feeds):
            feed.tick(**LX, MPJoinNoTokenFound=(90, 30, 0, 0, 0, 0, 0)[number])
    table = comparison(feeds)
    assert "▲ host0  most have none, 1 more" in row(table, "join_unknown_token", 200)
