"""The past shows what was known then: nothing that came later, and nothing where nothing is remembered."""

from __future__ import annotations

import pytest

from mptcp_top.engine.basis import Basis
from mptcp_top.model import Status
from mptcp_top.ui.compare import plan_of as compare_plan
from mptcp_top.ui.compare_head import Choice
from mptcp_top.ui.compare_head import head_lines as compare_head
from mptcp_top.ui.comparison import Comparison
from mptcp_top.ui.fleet import Order, head_lines, plan_of, row_line
from mptcp_top.ui.frame import Moment, frame_of
from mptcp_top.ui.glance import glances_of
from mptcp_top.ui.handshakes import Seen
from mptcp_top.ui.handshakes_head import head_lines as handshakes_head
from mptcp_top.ui.handshakes_head import notes
from mptcp_top.ui.handshakes_row import plan_of as handshakes_plan
from mptcp_top.ui.header import header_lines
from mptcp_top.ui.moved import Since
from mptcp_top.ui.moved_head import head_line as moved_head
from mptcp_top.ui.replayed import Replay
from mptcp_top.ui.sides import Mode, side_of
from tests.feed import WALL, Feed, Feeds, linux, text_of


def at(feed: Feed, cursor: float) -> Moment:
    return Moment(feed.now, WALL + feed.now, cursor, feed.store.wall_at(cursor))


def header(feed: Feed, cursor: float) -> str:
    return "\n".join(text_of(header_lines(frame_of(feed.store, feed.target, at(feed, cursor), 1.0), 120)))


def fleet(feed: Feed, cursor: float) -> list[str]:
    now = at(feed, cursor)
    glances = glances_of(feed.store, feed, now)
    rows = [row_line(glance, [], plan_of(glances, 120), now, "") for glance in glances]
    return text_of([*head_lines(glances, "", Order(), now, 120), *rows])


def compared(feed: Feed, cursor: float) -> list[str]:
    now = at(feed, cursor)
    table = Comparison([side_of(feed.store, feed.target, now, Mode.RATE, 1.0)], Mode.RATE, None, cursor)
    return text_of(compare_head(table, compare_plan(table, 0, 100), Choice(), {}, 100))


def ticked(feed: Feed, times: int, **increases: int) -> Feed:
    for _ in range(times):
        feed.tick(**increases)
    return feed


def lost(reason: str = "connection refused") -> Feed:
    """Return a target that could not be read from the 11th second to the 40th."""
    feed = ticked(Feed(), 10, MPCapableSYNRX=5)
    for _ in range(30):
        feed.fail(reason, retry_seconds=None)
    return ticked(feed, 20, MPCapableSYNRX=5)


def test_a_reset_that_is_yet_to_come_is_not_told() -> None:
    feed = ticked(Feed(), 20, MPCapableSYNRX=5)
    feed.values = {}
    ticked(feed, 20, MPCapableSYNRX=5)
    assert feed.store.reset_wall("local", 15.0) is None
    assert feed.store.reset_wall("local", 30.0) == feed.store.reset_wall("local") == WALL + 21
    assert "reset" not in header(feed, 15.0)
    assert "counters reset at 10:00:21" in header(feed, 30.0)


def test_a_target_was_down_as_long_as_it_was_down_then() -> None:
    assert "down 10 s" in fleet(lost(), 20.0)[-1]


def test_nobody_tries_again_in_the_past() -> None:
    said = "\n".join(fleet(lost(), 20.0))
    assert "r tries again" not in said
    assert "trying again" not in said


def test_the_past_knows_why_a_target_could_not_be_read() -> None:
    feed = lost()
    failure = feed.store.at("local", 20.0)
    assert failure is not None
    assert failure.failure is not None
    assert failure.failure.status is Status.UNREACHABLE
    assert failure.failure.reason == "connection refused"
    assert "connection refused" in header(feed, 20.0)
    assert "connection refused" not in header(feed, 45.0)


def test_an_outage_of_which_no_reason_is_remembered_says_so() -> None:
    feed = lost()
    feed.now += 30
    feed.fail("no route")
    asleep = feed.store.at("local", 75.0)
    assert asleep is not None
    assert asleep.failure is not None
    assert asleep.failure.reason == "no answer at that moment"


def test_a_comparison_of_the_past_is_not_live() -> None:
    states = compared(lost(), 5.0)[3]
    assert "◌ then" in states
    assert "live" not in states


@pytest.mark.parametrize("width", [60, 72, 80, 100, 120])
@pytest.mark.parametrize("replay", [None, Replay("a.db"), Replay("a.db", playing=True, speed=600.0, left_seconds=9.0)])
def test_no_name_and_no_caution_takes_the_place_of_the_word_that_it_is_not_now(
    width: int, replay: Replay | None
) -> None:
    feed = ticked(Feed(), 10)
    now = Moment(feed.now + 12_345, WALL + feed.now + 12_345, 5.0, WALL + 5, replay)
    target = feed.target._replace(name="n" * 60, caution="TLS not verified")
    frame = frame_of(feed.store, feed.target, now, 1.0)._replace(target=target)
    word = "◌ the past" if replay is None else "▸" if replay.playing else "◌"
    assert word in text_of(header_lines(frame, width))[0]


# Before everything that is remembered


def test_a_moment_nothing_is_remembered_of_has_its_own_time() -> None:
    assert Moment(1000.0, WALL + 1000, cursor=400.0).shown_wall == WALL + 400


def test_what_moved_before_all_that_is_remembered_is_not_known() -> None:
    forgotten, in_part = Since(None, WALL, 2, unknown=2, past=True), Since(None, WALL, 2, unknown=1, past=True)
    assert "not known then" in text_of([moved_head([], forgotten, WALL, 100)])[0]
    assert "no error moved" not in text_of([moved_head([], forgotten, WALL, 100)])[0]
    assert "no error moved  ◌ 1 not known then" in text_of([moved_head([], in_part, WALL, 100)])[0]


def test_before_all_that_is_remembered_nothing_is_claimed() -> None:
    feed = linux("a")
    Feeds(feed)
    ticked(feed, 30)
    early = feed.now - 100
    assert "not known then" in fleet(feed, early)[0]
    assert fleet(feed, early)[-1].count("not known then") == 2
    assert "a: not known then" in compared(feed, early)[1]
    assert "connect" not in "\n".join([*fleet(feed, early), *compared(feed, early)])
    seen = Seen(frame_of(feed.store, feed.target, at(feed, early), 1.0, Basis.RATE))
    plan = handshakes_plan(20, 100)
    assert "no counters are known" in text_of(handshakes_head(seen, "lately", plan))[1]
    assert not notes(seen, 100)
