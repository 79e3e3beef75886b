"""Every number of a screen is of one and the same stretch of time, and what is not counted from there says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.basis import Basis
from mptcp_top.model import Group
from mptcp_top.ui.compare import plan_of as compare_plan
from mptcp_top.ui.compare import row_line
from mptcp_top.ui.compare_head import Choice
from mptcp_top.ui.compare_head import head_lines as compare_head
from mptcp_top.ui.comparison import Comparison
from mptcp_top.ui.explain_numbers import number_lines
from mptcp_top.ui.explain_subject import subject_of
from mptcp_top.ui.fleet import Order
from mptcp_top.ui.fleet import head_lines as fleet_head
from mptcp_top.ui.fleet import plan_of as fleet_plan
from mptcp_top.ui.fleet import row_line as fleet_row
from mptcp_top.ui.frame import Frame, Moment, frame_of
from mptcp_top.ui.glance import counted, glance_of, glances_of
from mptcp_top.ui.handshakes import Seen
from mptcp_top.ui.handshakes_head import basis_words
from mptcp_top.ui.header import header_lines
from mptcp_top.ui.panels import group_lines
from mptcp_top.ui.plan import Shape
from mptcp_top.ui.sides import Mode, side_of
from mptcp_top.ui.split import Side, head_lines
from mptcp_top.ui.split import plan_of as split_plan
from mptcp_top.ui.topics import ERRORS, JOINS
from tests.feed import WALL, Feed, Feeds, appliance, linux, text_of

if TYPE_CHECKING:
    from mptcp_top.ui.line import Line

ERROR = "MPJoinNoTokenFound"
GOOD = {"MPCapableSYNRX": 10, "MPCapableACKRX": 10, "MPJoinSynRx": 6, "MPJoinAckRx": 6}
BAD = {"MPCapableSYNRX": 10, "MPCapableACKRX": 10, "MPJoinSynRx": 6}


def polled(feed: Feed, times: int, **increases: int) -> Feed:
    for _ in range(times):
        feed.tick(**increases)
    return feed


def marked(feed: Feed, name: str = "m") -> Feed:
    feed.engine.mark(name, feed.now, WALL + feed.now)
    return feed


def moment(feed: Feed, cursor: float | None = None) -> Moment:
    return Moment(feed.now, WALL + feed.now, cursor, None if cursor is None else feed.store.wall_at(cursor))


def frame(feed: Feed, basis: Basis, cursor: float | None = None) -> Frame:
    return frame_of(feed.store, feed.target, moment(feed, cursor), 1.0, basis)


def said(lines: list[Line]) -> str:
    return "\n".join(text_of(lines))


def figures(feed: Feed, basis: Basis, cursor: float | None = None, width: int = 160) -> str:
    return text_of(header_lines(frame(feed, basis, cursor), width))[-1]


def table(feed: Feed, mode: Mode, cursor: float | None = None) -> Comparison:
    sides = [side_of(feed.store, target, moment(feed, cursor), mode, 1.0) for target in feed.store.targets]
    return Comparison(sides, mode, feed.store.mark_at(cursor), cursor)


def comparing(feed: Feed, mode: Mode, cursor: float | None = None, width: int = 120) -> list[str]:
    compared = table(feed, mode, cursor)
    return text_of(compare_head(compared, compare_plan(compared, 0, width), Choice(), {}, width))


def turned() -> Feed:
    """Return a target whose joins all came through before the mark, and none after it."""
    return polled(marked(polled(Feed(), 60, **GOOD)), 20, **BAD)


@pytest.mark.parametrize("basis", [Basis.INTERVAL, Basis.MARK])
def test_shares_are_of_the_stretch_the_increases_are_of(basis: Basis) -> None:
    feed = turned()
    assert "joins in 0 %" in figures(feed, basis)
    assert "joins in 74.7 %" in figures(feed, Basis.START)
    panel = text_of(group_lines(frame(feed, basis), Group.MP_JOIN, Shape.FULL, 80, ""))
    assert "joins in 0 %" in panel[0]
    glance = counted(feed.store, glance_of(feed.store, feed.target, moment(feed), 1.0), moment(feed), basis)
    assert (glance.joins, glance.accepted) == (0.0, 1.0)


def test_since_the_mark_no_other_stretch_is_named() -> None:
    assert " in 5 min" not in figures(turned(), Basis.MARK)
    assert " in 1 min" in figures(turned(), Basis.RATE)


@pytest.mark.parametrize(("mode", "share"), [(Mode.MARK, 0.0), (Mode.INTERVAL, 0.0), (Mode.SINCE, 354 / 474)])
def test_the_derived_rows_of_a_comparison_are_of_the_time_its_title_says(mode: Mode, share: float) -> None:
    compared = table(turned(), mode)
    figure = compared.cell(compared.sides[0], JOINS).figure
    assert figure is not None
    assert figure.value == pytest.approx(share)


def test_where_the_stretch_is_not_known_no_share_of_another_one_is_shown() -> None:
    feed = polled(Feed(), 1)
    glance = counted(feed.store, glance_of(feed.store, feed.target, moment(feed), 1.0), moment(feed), Basis.INTERVAL)
    assert (glance.joins, glance.accepted, glance.fallback) == (None, None, None)


# What is not counted from the moment that is named


def after_a_reset() -> Feed:
    feed = turned()
    feed.values = dict.fromkeys(feed.values, 0)
    return polled(feed, 5, **GOOD)


def in_an_outage() -> Feed:
    """Return a target that was marked while nobody could read it."""
    feed = polled(Feed(), 60, **GOOD)
    for _ in range(30):
        feed.fail()
    return polled(marked(feed), 20, **BAD)


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        (after_a_reset(), "counted from 10:01:21 (reset)"),
        (in_an_outage(), "counted from 10:01:00 (outage)"),
    ],
    ids=["reset", "outage"],
)
def test_whoever_shows_growth_since_the_mark_says_where_it_is_counted_from(feed: Feed, words: str) -> None:
    shown, now = frame(feed, Basis.MARK), moment(feed)
    assert words in figures(feed, Basis.MARK, width=100)
    [glance] = glances_of(feed.store, feed, now, Basis.MARK)
    assert words in text_of(fleet_head([glance], "", Order(), now, 120))[1]
    assert f"except local {words.rsplit(maxsplit=1)[-1]}" in text_of(fleet_head([glance], "", Order(), now, 120))[0]
    assert words in "\n".join(comparing(feed, Mode.MARK))
    sides = [Side(shown, glance)]
    assert f"local {words}" in text_of(head_lines(sides, split_plan(20, 1, 100), "", now, 100))[0]
    assert f"0 s {words.rsplit(maxsplit=1)[-1]}" in text_of(head_lines(sides, split_plan(26, 2, 80), "", now, 80))[2]
    assert words in basis_words(Seen(shown, shown.grown))
    explained = said(number_lines(subject_of(shown, "MPJoinSynRx"), 80))
    assert " ".join(words.split()[:3]) in " ".join(explained.split())
    assert words.rsplit(maxsplit=1)[-1] in explained


def test_a_target_that_began_anew_is_not_compared_since_the_mark_and_says_from_when_it_counts() -> None:
    feeds = Feeds(linux("a"), linux("b"), linux("c"))
    for feed in feeds.feeds.values():
        marked(polled(feed, 60, **GOOD))
    feeds["b"].values = {}
    for feed in feeds.feeds.values():
        polled(feed, 5, **GOOD)
    assert "b: counted from 11:24:21 (reset)" in comparing(feeds["a"], Mode.MARK)[1]


def test_one_that_is_well_says_in_its_row_that_it_is_counted_from_elsewhere() -> None:
    feed = in_an_outage()
    polled(feed, 300, **GOOD)
    glances = glances_of(feed.store, feed, moment(feed), Basis.MARK)
    row = fleet_row(glances[0], [], fleet_plan(glances, 160), moment(feed), "")
    assert "counted from 10:01:00 (outage)" in said([row])


def test_a_reading_that_comes_in_while_the_mark_is_set_says_nothing() -> None:
    feed = polled(Feed(), 10, **GOOD)
    feed.engine.mark("m", feed.now - 0.01, WALL + feed.now - 0.01)
    assert "counted" not in figures(polled(feed, 3), Basis.MARK)


def test_one_that_was_first_read_after_the_mark_says_so() -> None:
    feeds = Feeds(linux("a"), linux("b"))
    marked(polled(feeds["a"], 10, **GOOD))
    feeds["b"].now += 30
    assert "counted from 11:23:51 (first read)" in figures(polled(feeds["b"], 5, **GOOD), Basis.MARK)


def test_a_mark_between_two_readings_says_nothing() -> None:
    feed = polled(Feed(), 10, **GOOD)
    feed.engine.mark("m", feed.now + 1.9, WALL + feed.now + 1.9)
    polled(feed, 3)
    assert "counted" not in figures(feed, Basis.MARK)


def test_a_mark_between_two_refreshes_of_an_appliance_says_nothing() -> None:
    feed = appliance("ns1")
    feed.refresh_seconds = 7.0
    polled(feed, 30, mptcptotmpcapsyn=5)
    feed.engine.mark("m", feed.now + 6.0, WALL + feed.now + 6.0)
    polled(feed, 10, mptcptotmpcapsyn=5)
    assert "counted" not in figures(feed, Basis.MARK)


def test_since_the_start_says_so_only_after_a_reset() -> None:
    assert "counted" not in figures(turned(), Basis.START)
    assert "counted from 10:01:21 (reset)" in figures(after_a_reset(), Basis.START)


# What a comparison is called


def test_a_comparison_without_a_mark_is_called_what_it_is() -> None:
    feed = polled(Feed(), 10, **GOOD)
    assert "no mark yet (m): increase since the start" in comparing(feed, Mode.MARK)[0]
    assert "increase since the mark" in comparing(marked(feed), Mode.MARK)[0]
    assert "no mark yet" in comparing(feed, Mode.MARK, cursor=5.0)[0]


def test_the_errors_of_a_comparison_are_those_of_the_fleet() -> None:
    feed = polled(marked(polled(Feed(), 50, **GOOD)), 20, **{ERROR: 3})
    glance = counted(feed.store, glance_of(feed.store, feed.target, moment(feed), 1.0), moment(feed), Basis.MARK)
    for mode, number in ((Mode.RATE, glance.error_rate), (Mode.MARK, glance.error_count)):
        compared = table(feed, mode)
        figure = compared.cell(compared.sides[0], ERRORS).figure
        assert figure is not None
        assert figure.value == number
    line = row_line(table(feed, Mode.MARK), ERRORS, compare_plan(table(feed, Mode.MARK), 0, 100), "")
    assert said([line]).split() == ["errors", "60"]
