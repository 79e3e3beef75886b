"""The verdict as it is drawn: on the host, in a row of the fleet, and on the first line of all targets."""

from __future__ import annotations

import pytest

from mptcp_top import text
from mptcp_top.ui.fleet import LATELY_SECONDS, Order, head_lines, plan_of, row_line
from mptcp_top.ui.frame import Frame, Moment, frame_of
from mptcp_top.ui.glance import glances_of
from mptcp_top.ui.header import counter_to_look_at, error_to_look_at, header_lines
from tests.feed import WALL, Feed, Feeds, fleet, text_of

CALM = {"MPCapableSYNRX": 20, "MPCapableACKRX": 20, "MPJoinSynRx": 10, "MPJoinAckRx": 10}


def calm() -> Feed:
    feed = Feed()
    for _ in range(60):
        feed.tick(**CALM)
    return feed


def reboot(feed: Feed) -> None:
    feed.identity = feed.identity._replace(boot="another boot")
    feed.values.clear()
    feed.tick()


def frame(feed: Feed) -> Frame:
    return frame_of(feed.store, feed.target, Moment(feed.now, WALL + feed.now), feed.interval_seconds)


def verdict(feed: Feed, width: int = 119) -> list[str]:
    return [line.strip() for line in text_of(header_lines(frame(feed), width))[1:-1]]


def rows(feeds: Feeds, later: float = 0.0, width: int = 119) -> list[str]:
    now = max(feed.now for feed in feeds.feeds.values()) + later
    moment = Moment(now, WALL + now)
    glances = glances_of(feeds.store, feeds, moment)
    plan = plan_of(glances, width)
    lines = [row_line(glance, [], plan, moment, "") for glance in glances]
    return text_of([*head_lines(glances, "", Order(), moment, width), *lines])


def test_a_calm_verdict_is_one_line_and_so_is_one_finding() -> None:
    feed = calm()
    assert len(verdict(feed)) == 1
    feed.tick(**CALM, DataCsumErr=1)
    assert len(verdict(feed)) == 1


@pytest.mark.parametrize("width", [79, 119])
def test_two_findings_are_two_lines_and_more_are_counted(width: int) -> None:
    feed = calm()
    for _ in range(10):
        feed.tick(MPCapableSYNRX=20, MPCapableACKRX=20, MPJoinSynRx=10, DataCsumErr=1)
    first, second = verdict(feed, width)
    assert first.startswith("▲ 1 error rising  DSS bad checksum")
    assert second.startswith("! joins in 0 %, was 100 %")
    for _ in range(10):
        feed.tick(MPCapableSYNRX=20, MPJoinSynRx=10, DataCsumErr=1)
    first, second = verdict(feed, width)
    assert first.startswith("▲ 1 error rising  DSS bad checksum")
    assert second.startswith("! joins in 0 %, was 100 %")
    assert second.endswith("+1 more")


def test_a_handshake_is_told_with_where_it_dies_even_where_there_is_little_room() -> None:
    feed = calm()
    for _ in range(10):
        feed.tick(MPCapableSYNRX=20, MPCapableACKRX=20, MPJoinSynRx=10)
    assert verdict(feed, 99) == ["! joins in 0 %, was 100 %  lost before final ACK received: lost, stripped or flood"]
    assert verdict(feed, 79) == [f"! joins in 0 %, was 100 %  since {text.clock(WALL + 61)}  lost, stripped or flood"]


def test_enter_leads_to_the_first_counter_of_the_handshake_and_x_to_the_error_that_rises() -> None:
    feed = calm()
    for _ in range(10):
        feed.tick(MPCapableSYNRX=20, MPCapableACKRX=20, MPJoinSynRx=10)
    named = counter_to_look_at(frame(feed))
    assert named is not None
    assert (named.name, error_to_look_at(frame(feed))) == ("MPJoinSynRx", None)


def test_the_first_line_of_all_counts_what_changed_and_whose_handshakes_fail() -> None:
    feeds = fleet("a", "b", "c")
    for _ in range(60):
        for feed in feeds.feeds.values():
            feed.tick(**CALM)
    for _ in range(10):
        feeds["a"].tick(MPCapableSYNRX=20, MPCapableACKRX=20, MPJoinSynRx=10)
        feeds["c"].tick(**CALM)
    reboot(feeds["b"])
    for _ in range(9):
        feeds["b"].tick(**CALM)
    head, about, *_ = rows(feeds)
    assert head == " ! handshakes fail on 1  ! 1 changed  ● 1 fine  worst: a"
    assert about.startswith(" a  since ")
    assert about.endswith("joins in 0 %, was 100 %")
    assert [row.split()[:2] for row in rows(feeds)[4:]] == [["!", "a"], ["!", "b"], ["●", "c"]]


def test_a_target_that_is_well_again_says_for_an_hour_what_was_wrong_last() -> None:
    feeds = fleet("a", "b")
    feeds["b"].tick(MPJoinNoTokenFound=1)
    for _ in range(40):
        feeds.tick()
    for width in (119, 139):
        assert any(
            row.rstrip().endswith(f"{text.clock(WALL + 5002)} unknown token") for row in rows(feeds, width=width)
        )
    assert rows(feeds)[0] == " ● 2 fine"
    feeds["b"].now += LATELY_SECONDS
    feeds.tick()
    assert not any("unknown token" in row for row in rows(feeds)[4:])
