"""Targets beside each other: one row a counter, one scale a row, and which targets they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mptcp_top.ui.explain_screen import ExplainScreen
from mptcp_top.ui.fleet_screen import FleetScreen
from mptcp_top.ui.frame import Moment, frame_of
from mptcp_top.ui.glance import glance_of
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.split import Plan, Side, cell_seconds, head_lines, heading_line, longest_label, plan_of, row_line
from mptcp_top.ui.split_rows import Heading, Shared, listed, shared_rows
from mptcp_top.ui.split_screen import SplitScreen
from tests.feed import LINUX_6_18, WALL, Feeds, appliance, fleet, linux, text_of
from tests.ui.played import played

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from mptcp_top.ui.frame import Frame

WIDTHS = (60, 80, 120, 200)
CELL = 5
"""Polls a cell of a trend, at one poll a second."""


def sides_of(feeds: Feeds) -> list[Side]:
    latest = max(feed.now for feed in feeds.feeds.values())
    now = Moment(latest, WALL + latest)
    return [
        Side(
            frame_of(feeds.store, feed.target, now, feed.interval_seconds),
            glance_of(feeds.store, feed.target, now, feed.interval_seconds),
        )
        for feed in feeds.feeds.values()
    ]


def planned(sides: list[Side], width: int) -> Plan:
    return plan_of(longest_label(shared_rows([side.frame for side in sides])), len(sides), width)


def drawn(feeds: Feeds, width: int = 120, *, zeros: bool = False) -> list[str]:
    sides = sides_of(feeds)
    frames, plan = [side.frame for side in sides], planned(sides, width)
    latest = max(feed.now for feed in feeds.feeds.values())
    lines = head_lines(sides, plan, "", Moment(latest, WALL + latest), width)
    for row in listed(shared_rows(frames), frames, zeros=zeros):
        lines.append(row_line(row, frames, plan, "") if isinstance(row, Shared) else heading_line(row, frames, plan))
    return text_of(lines)


def row(lines: list[str], label: str) -> str:
    (found,) = [line for line in lines if line.startswith(f"   {label} ")]
    return found


def mixed() -> Feeds:
    feeds = Feeds(appliance("ns1"), linux("local"))
    feeds.tick()
    feeds["ns1"].tick(mptcperrunknowntoken=3, mptcptotmpjoinsyn=70, mptcpcurmpcapablesessions=1234)
    feeds["local"].tick(MPJoinNoTokenFound=0, MPJoinSynRx=20, MPCurrEstab=120, MPJoinSynTx=5)
    return feeds


def test_an_appliance_and_a_kernel_stand_in_one_row_where_they_count_the_same() -> None:
    now = row(drawn(mixed()), "sessions now")
    assert [word for word in now.split() if word[0].isdigit()] == ["1,234", "120"]
    (joins,) = [line for line in drawn(mixed()) if line.startswith("   SYN received ")]
    assert joins.split()[2:6] == ["70", "70.0", "20", "20.0"]


def test_what_a_target_does_not_have_is_no_zero_and_neither_is_what_nobody_knows() -> None:
    feeds = mixed()
    assert row(drawn(feeds), "SYN sent").split()[2] == "·"
    unread = Feeds(linux("a"), linux("b"), linux("c"))
    unread["a"].tick(MPCurrEstab=7)
    unread["b"].fail("no answer")
    assert row(drawn(unread), "connections now").split()[-2:] == ["–", "–"]


def test_the_trends_of_a_row_share_one_scale() -> None:
    feeds = fleet("a", "b")
    for _ in range(3 * CELL):
        feeds["a"].tick(MPCapableSYNRX=100)
        feeds["b"].tick(MPCapableSYNRX=25)
    said = row(drawn(feeds), "SYN received").split()
    assert (set(said[4]), set(said[7])) == ({"█"}, {"▃"})


def test_a_cell_of_the_trends_is_as_long_on_a_slow_target_as_on_a_fast_one() -> None:
    feeds = Feeds(linux("a"), linux("b"))
    feeds["b"].interval_seconds = 10.0
    for _ in range(40):
        feeds["a"].tick(MPCapableSYNRX=10)
    for _ in range(4):
        feeds["b"].tick(MPCapableSYNRX=100)
    assert cell_seconds([side.frame for side in sides_of(feeds)]) == 10.0
    assert "a cell of the trends is 10 s" in drawn(feeds)[0]
    said = row(drawn(feeds), "SYN received").split()
    assert (set(said[4]), set(said[7])) == ({"█"}, {"█"})


def test_what_rises_anywhere_stands_first_and_is_marked_where_it_rises() -> None:
    feeds = fleet("a", "b")
    feeds["a"].tick(DSSNotMatching=1, DataCsumErr=1)
    feeds["b"].tick(MPJoinNoTokenFound=9)
    lines = drawn(feeds)
    errors = [line for line in lines[5:] if line.startswith("   ")][:3]
    assert "unknown token" in errors[0]  # a security error before the others
    assert errors[0].count("▲") == 1
    half = len(lines[1]) // 2
    assert errors[0].index("▲") > half
    assert errors[1].index("▲") < half + 10
    assert lines[4].split()[-3:] == ["▲", "1", "rising"]


def test_errors_that_did_not_rise_since_the_start_stand_last() -> None:
    feeds = Feeds(linux("a"), linux("b"))
    for feed in feeds.feeds.values():
        feed.tick(DataCsumErr=12)
    feeds.tick()
    feeds["b"].tick(MPJoinNoTokenFound=9)
    lines = drawn(feeds)
    assert "unknown token" in lines[5]
    assert lines[-2] == " errors that have not risen since the start"
    assert "bad checksum" in lines[-1]


def test_rows_at_zero_everywhere_are_left_out_unless_asked_for() -> None:
    feeds = fleet("a", "b")
    feeds["b"].tick(MPCapableSYNRX=1)
    assert not any("bad checksum" in line for line in drawn(feeds))
    assert row(drawn(feeds), "SYN received").split()[2] == "0"  # on one side
    everything = drawn(feeds, zeros=True)
    assert any("bad checksum" in line for line in everything)
    frames = frames_of(feeds)
    headings = sum(isinstance(one, Heading) for one in listed(shared_rows(frames), frames, zeros=True))
    assert len(everything) == 4 + headings + len(shared_rows(frames))


def frames_of(feeds: Feeds) -> list[Frame]:
    return [side.frame for side in sides_of(feeds)]


def test_the_numbers_of_a_lost_target_stay_and_its_rates_do_not() -> None:
    feeds = fleet("a", "b")
    feeds["a"].tick(MPCapableSYNRX=500)
    feeds["b"].tick(MPCapableSYNRX=500)
    feeds["a"].fail("refused")
    lines = drawn(feeds)
    assert "✕ a" in lines[1]
    assert "down" in lines[2]
    said = row(lines, "SYN received").split()
    assert said[2:4] == ["500", "–"]
    assert "500" in said[4:6]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_line_fits_and_every_target_has_its_value(width: int) -> None:
    feeds = Feeds(appliance("ns1"), linux("a-name-that-is-longer-than-anybody-would-like.example.com"))
    feeds.tick()
    for feed in feeds.feeds.values():
        feed.tick(**{metric.name: 2**50 for metric in feed.layout.metrics})
        feed.tick(**{metric.name: 7 for metric in feed.layout.metrics})
    lines = drawn(feeds, width, zeros=True)
    assert max(map(len, lines)) <= width
    assert sum("1.13P" in line or "1,125,8" in line for line in lines) > 60


@pytest.mark.parametrize(("width", "trends"), [(60, False), (80, True), (120, True), (200, True)])
def test_the_trend_goes_first_where_there_is_no_room(width: int, *, trends: bool) -> None:
    feeds = fleet("a", "b")
    titles = drawn(feeds, width)[3].split()
    assert titles == ["value", "/s", *(["trend"] * trends)] * 2


def said(pilot: Pilot[int], name: str) -> list[str]:
    return text_of(list(pilot.app.screen.query_one(f"#{name}", Lines).lines))


def shown(pilot: Pilot[int]) -> list[str]:
    """The names of the targets on the screen."""
    return [word for word in said(pilot, "header")[1].split() if word.isalpha()]


async def split(pilot: Pilot[int]) -> SplitScreen:
    await pilot.press("s")
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, SplitScreen)
    return screen


def test_the_worst_stand_beside_each_other_and_stay_while_others_get_worse() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        feeds["c"].tick(MPJoinNoTokenFound=3)
        screen = await split(pilot)
        assert shown(pilot) == ["c", "a"]
        assert "1 to 2 of 4 targets, the worst first" in said(pilot, "header")[0]
        feeds["d"].fail("gone")
        screen.draw()
        assert shown(pilot) == ["c", "a"]
        await pilot.press("full_stop")
        assert shown(pilot) == ["b", "d"]
        await pilot.press("full_stop")
        assert shown(pilot) == ["c", "a"]
        await pilot.press("comma", "comma")
        assert shown(pilot) == ["c", "a"]
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, FleetScreen)
        await split(pilot)
        assert shown(pilot) == ["d", "c"]

    played(deed, fleet(*"abcd"))


def test_the_picked_ones_stand_beside_each_other_with_one_scale() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        for _ in range(3 * CELL):
            feeds["b"].tick(MPCapableSYNRX=100, MPCapableACKRX=99)
            feeds["d"].tick(MPCapableSYNRX=25, MPCapableACKRX=25)
        await pilot.press("down", "down", "space", "down", "down", "space")
        marked = [line.split()[0] for line in said(pilot, "body") if line.startswith("✓")]
        assert len(marked) == 2
        await split(pilot)
        assert shown(pilot) == ["b", "d"]
        (line,) = [line for line in said(pilot, "body") if line.startswith("   SYN received ")]
        assert line.split()[2:4] == ["1,500", "100"]
        assert (set(line.split()[4]), set(line.split()[7])) == ({"█"}, {"▃"})
        await pilot.press("f", "space")  # d is not wanted any more
        await split(pilot)
        assert shown(pilot) == ["b", "a"]

    played(deed, fleet(*"abcd"))


@pytest.mark.parametrize(("width", "many"), [(60, 2), (80, 2), (120, 3), (200, 4)])
def test_as_many_stand_beside_each_other_as_there_is_room_for(width: int, many: int) -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await split(pilot)
        assert len(shown(pilot)) == many

    played(deed, fleet(*"abcde"), size=(width, 20))


def test_one_target_alone_is_shown_alone() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await split(pilot)
        assert shown(pilot) == ["a"]
        await pilot.press("full_stop", "comma", "down", "escape", "escape")

    played(deed, fleet("a"))


def test_enter_explains_the_counter_beside_all_its_values() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        feeds["b"].tick(MPJoinNoTokenFound=3)
        await split(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ExplainScreen)
        head = said(pilot, "header")
        assert "▲ b" in head[0]
        assert "unknown token" in head[2]
        assert "MPJoinNoTokenFound" in head[3]
        assert "rising since" in head[5]  # b's own numbers: there it rises
        await pilot.press("escape", "escape")
        assert isinstance(pilot.app.screen, FleetScreen)

    played(deed, fleet(*"abc"))


def test_all_sides_scroll_with_the_cursor_and_the_first_row_brings_its_heading() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await split(pilot)
        await pilot.press("z", "end")
        last = said(pilot, "body")
        assert not any("MP_CAPABLE" in line for line in last)
        await pilot.press("home")
        assert said(pilot, "body")[0].startswith(" errors")
        await pilot.press("escape", "z")
        assert "at zero" in said(pilot, "body")[0]

    played(deed, fleet("a", "b"))


def test_every_counter_of_a_kernel_has_one_row_or_two_where_another_explains_it() -> None:
    names = [one.metric.name for one in shared_rows(frames_of(fleet("a", "b")))]
    assert set(names) == set(LINUX_6_18.index)
    assert sorted(name for name in names if names.count(name) > 1) == ["MPRstRx", "MPRstRx", "MPRstTx", "MPRstTx"]


def test_it_can_be_opened_before_any_target_was_read_and_on_any_width() -> None:
    for width in (12, 20, 24, 28, 40, 80):
        for feeds in (Feeds(linux("a"), linux("b")), fleet("a", "b", "c")):
            assert drawn(feeds, width), width
