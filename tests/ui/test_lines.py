"""The screens as lines: what they say, and that they fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mptcp_top.engine.trend import Cells
from mptcp_top.model import Group, Identity, Target
from mptcp_top.ui.frame import Frame, Moment, frame_of
from mptcp_top.ui.header import header_lines
from mptcp_top.ui.sketch import Wishes, sketch
from mptcp_top.ui.sparkline import sparkline
from tests.feed import LINUX_6_18, WALL, Feed

if TYPE_CHECKING:
    from random import Random

    from mptcp_top.ui.line import Line

SIZES = ((60, 20), (80, 24), (120, 40), (200, 50))
TROUBLE = {"MPJoinNoTokenFound": 36, "DataCsumErr": 3, "MPJoinRejected": 1}
TRAFFIC = {"MPCapableSYNRX": 400, "MPCapableACKRX": 396, "MPJoinSynRx": 100, "MPJoinAckRx": 91}


def text_of(lines: list[Line]) -> list[str]:
    return ["".join(piece.text for piece in line.pieces) for line in lines]


def frame(feed: Feed) -> Frame:
    return frame_of(feed.store, feed.target, Moment(feed.now, WALL + feed.now), feed.interval_seconds)


def panels(feed: Feed, width: int, room: int, wishes: Wishes | None = None) -> dict[Group, list[str]]:
    drawn = sketch(frame(feed), width, room, wishes or Wishes(), "")
    return {group: text_of(lines) for group, lines in drawn.lines.items()}


def troubled() -> Feed:
    feed = Feed()
    feed.tick(MPCapableSYNRX=12_345_678, MPCurrEstab=1234, DSSNotMatching=12)
    for _ in range(20):
        feed.tick(**TRAFFIC)
    feed.tick(**TRAFFIC, **TROUBLE)
    return feed


def test_the_verdict_names_the_worst_error_its_start_and_its_likely_cause() -> None:
    verdict = text_of(header_lines(frame(troubled()), 120))[1]
    assert "▲ 3 errors rising" in verdict
    assert "worst: MP_JOIN unknown token" in verdict
    assert "since " in verdict
    assert "join reaches the wrong host?" in verdict


def test_a_calm_host_says_so_and_for_how_long() -> None:
    feed = Feed()
    for _ in range(30):
        feed.tick(**{**TRAFFIC, "MPJoinAckRx": 98})
    verdict = text_of(header_lines(frame(feed), 120))[1]
    assert "● no error is rising" in verdict
    assert "watching for 29 s" in verdict


def test_figures_say_what_share_arrived_and_over_how_long() -> None:
    figures = text_of(header_lines(frame(troubled()), 160))[2]
    for said in ("connections 1,234", "accepted 99 %", "joins in 91 %", "in 21 s"):
        assert said.replace(" %", ".0 %") in figures or said in figures


def test_nothing_new_is_not_read_as_zero_percent() -> None:
    feed = Feed()
    feed.tick()
    feed.tick()
    figures = text_of(header_lines(frame(feed), 120))[2]
    assert "nothing new in 1 s" in figures
    assert "%" not in figures


def test_a_target_that_is_down_says_why_and_when_it_is_tried_again() -> None:
    feed = troubled()
    feed.fail("no answer within 5 s", "is it up?")
    head = text_of(header_lines(frame(feed), 120))
    assert "✕ unreachable" in head[0]
    assert "no answer within 5 s" in head[1]
    assert "is it up?" in head[2]
    assert "next try in 8 s" in head[3]
    assert "numbers below are 1 s old" in head[3]


def test_no_rate_is_shown_for_numbers_that_are_not_fresh() -> None:
    feed = troubled()
    feed.fail()
    joins = panels(feed, 119, 36)[Group.MP_JOIN]
    assert all("/s" not in line for line in joins)
    assert any("–" in line for line in joins)


def test_notices_of_the_host_stand_under_the_verdict_whole() -> None:
    notice = "MPTCP is switched off: new sockets are plain TCP; to switch it on: sysctl -w net.mptcp.enabled=1"
    feed = Feed(identity=Identity("ns1", "Linux 6.18.44", "boot", {}, (notice,)))
    feed.tick()
    for width in (60, 120):
        assert notice in " ".join(" ".join(text_of(header_lines(frame(feed), width))[3:]).split())


def test_rising_errors_stand_first_the_most_severe_on_top() -> None:
    errors = panels(troubled(), 119, 36)[Group.ERRORS]
    rows = [line for line in errors if line.startswith("▲")]
    assert [row.split("  ")[0] for row in rows] == [
        "▲ MP_JOIN unknown token",
        "▲ DSS bad checksum",
        "▲ MP_JOIN refused",
    ]
    assert "+36" in rows[0]
    assert errors.index(rows[-1]) < next(i for i, line in enumerate(errors) if "conflicting mapping" in line)


def test_what_was_there_before_the_start_is_not_said_to_rise() -> None:
    errors = panels(troubled(), 119, 36)[Group.ERRORS]
    row = next(line for line in errors if "conflicting mapping" in line)
    assert row.startswith("  ")
    assert "before start" in row


def test_resets_explained_by_fastcloses_are_no_error_row() -> None:
    feed = Feed()
    feed.tick(MPRstTx=10, MPFastcloseTx=10)
    feed.tick(MPRstTx=2, MPFastcloseTx=2)
    assert not any("reset sent" in line for line in panels(feed, 119, 36)[Group.ERRORS])
    feed.tick(MPRstTx=1)
    assert any("▲ termination reset sent" in line for line in panels(feed, 119, 36)[Group.ERRORS])


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_at_every_size_each_panel_has_its_headline_and_all_fits(width: int, height: int) -> None:
    feed = troubled()
    head = header_lines(frame(feed), width)
    drawn = sketch(frame(feed), width - 1, height - len(head) - 1, Wishes(), "")
    assert set(drawn.lines) == set(Group)
    heights = [0] * drawn.columns
    for group, column in drawn.places.items():
        heights[column] += len(drawn.lines[group]) + drawn.gap
    assert len(drawn.lines[Group.ERRORS]) + max(heights) <= height - len(head) - 1


@settings(max_examples=150, deadline=None)
@given(st.integers(60, 250), st.integers(5, 80), st.booleans(), st.randoms(use_true_random=False))
def test_no_line_is_wider_than_its_place_and_no_label_is_cut(width: int, room: int, full: bool, dice: Random) -> None:
    feed = Feed()
    feed.values = {name: dice.choice((0, dice.randrange(10), dice.randrange(2**63))) for name in LINUX_6_18.index}
    feed.tick()
    feed.tick(**{name: dice.randrange(2) for name in LINUX_6_18.index})
    drawn = sketch(frame(feed), width, room, Wishes(all_rows=full), "")
    place = (width - 2 * (drawn.columns - 1)) // drawn.columns
    for group, lines in drawn.lines.items():
        for line in lines:
            said = "".join(piece.text for piece in line.pieces)
            assert len(said.rstrip()) <= (width if group is Group.ERRORS else place), said
            name = line.key.partition("@")[0]
            if name in LINUX_6_18.index:
                assert LINUX_6_18.metrics[LINUX_6_18.index[name]].label in said
    for line in header_lines(frame(feed), width):
        assert sum(len(piece.text) for piece in line.pieces) <= width


def test_missed_polls_and_resets_are_seen_in_the_trend() -> None:
    feed = Feed(interval_seconds=5.0)
    feed.tick(MPCapableSYNRX=5)
    feed.tick(MPCapableSYNRX=5)
    feed.fail()
    feed.tick(MPCapableSYNRX=20)
    feed.identity = Identity("ns1", "Linux 6.18.44", "another boot")
    feed.values = {}
    feed.tick(MPCapableSYNRX=1)
    feed.tick(MPCapableSYNRX=10)
    metric = LINUX_6_18.metrics[LINUX_6_18.index["MPCapableSYNRX"]]
    cells = feed.store.trend("local", metric, Cells(7, 1))
    assert sparkline(cells) == "  ▅·█╎█"


def test_a_target_never_read_claims_nothing_about_its_errors() -> None:
    feed = Feed()
    feed.fail("there is no network namespace red", "see which there are: ip netns list")
    said = " ".join(line for lines in panels(feed, 119, 36).values() for line in lines)
    assert "not known" in said
    assert "none rising" not in said
    assert "quiet" not in said


def test_the_reason_and_the_advice_of_a_failure_are_whole_at_any_width() -> None:
    reason = "this kernel gives no MPTCP counters (no MPTcpExt in /proc/net/netstat)"
    advice = "MPTCP counters need Linux 5.7 or later, built with CONFIG_MPTCP=y: zgrep MPTCP /proc/config.gz"
    feed = Feed(Target("local:/run/docker/netns/0123456789abcdef0123456789abcdef", "linux", "x"))
    feed.fail(reason, advice)
    for width in (40, 60, 80, 120):
        head = text_of(header_lines(frame(feed), width))
        said = " ".join(" ".join(head).split())
        assert reason in said
        assert advice in said
        assert "local:" in head[0]
        assert all(len(line) <= width for line in head)


def test_a_rise_below_its_limit_is_not_said_to_be_older_than_the_start() -> None:
    feed = Feed()
    feed.tick()
    feed.tick(MPTCPRetrans=30)
    row = next(line for line in panels(feed, 119, 36)[Group.ERRORS] if "segments reinjected" in line)
    assert "before start" not in row
    assert "under 50 /s" in row


def test_resets_that_fastcloses_explain_are_traffic_of_the_termination_panel() -> None:
    feed = Feed()
    feed.tick(MPRstTx=10, MPFastcloseTx=10)
    assert any("reset sent" in line for line in panels(feed, 119, 36)[Group.TERMINATION])


def test_an_error_that_is_slow_shows_its_mean_rate_and_not_zero() -> None:
    feed = Feed()
    feed.tick()
    feed.tick(MPJoinRejected=1)
    for _ in range(9):
        feed.tick()
    row = next(line for line in panels(feed, 119, 36)[Group.ERRORS] if "refused" in line)
    assert "0.10 /s" in row


def test_a_reset_is_said_and_ratios_begin_anew() -> None:
    feed = troubled()
    feed.identity = Identity("ns1", "Linux 6.18.44", "another boot")
    feed.values = {}
    feed.tick(MPCapableSYNRX=5)
    feed.tick(MPCapableSYNRX=4, MPCapableACKRX=4)
    head = text_of(header_lines(frame(feed), 160))
    assert "! rebooted: counters began anew  at " in head[2]
    figures = head[3]
    assert "counters reset at" in figures
    assert "accepted 100 %" in figures
    assert "in 1 s" in figures


def test_no_numbers_for_long_is_not_nothing_new() -> None:
    feed = troubled()
    for _ in range(400):
        feed.fail()
    feed.tick(MPCapableSYNRX=4000)
    assert "nothing new" not in text_of(header_lines(frame(feed), 160))[2]


def test_zeros_do_not_take_the_room_of_what_counts() -> None:
    feed = Feed()
    feed.tick(MPCapableSYNRX=9, MPCapableACKRX=9, MPCapableSYNTX=9, MPCapableSYNACKRX=9)
    feed.tick()
    drawn = panels(feed, 79, 12)
    assert len(drawn[Group.MP_CAPABLE]) == 5
    assert len(drawn[Group.TERMINATION]) == 1


def test_a_gauge_that_falls_to_zero_does_not_move_the_screen() -> None:
    feed = troubled()
    before = {group: len(lines) for group, lines in panels(feed, 79, 20).items()}
    feed.values["MPCurrEstab"] = 0
    feed.tick(**TRAFFIC)
    assert {group: len(lines) for group, lines in panels(feed, 79, 20).items()} == before


def test_a_target_down_for_longer_than_the_ratios_look_back_still_draws() -> None:
    feed = troubled()
    looks = []
    for _ in range(400):
        feed.fail("no answer")
        looks.append(feed.store.ratios("local"))
    ratios, seconds = looks[-1]
    assert (ratios.funnels, seconds) == ({}, 0.0)
    assert "no answer" in text_of(header_lines(frame(feed), 120))[1]
    assert panels(feed, 119, 36)
