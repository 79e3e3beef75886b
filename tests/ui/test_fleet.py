"""The fleet: worst first, what it says of each target, and that it holds still under the reader's hands."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.fleet import Order, head_lines, plan_of, row_line
from mptcp_top.ui.fleet_screen import FleetScreen
from mptcp_top.ui.frame import Moment
from mptcp_top.ui.glance import error_trend_of, glances_of
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.pages import Page
from tests.feed import WALL, Feeds, appliance, fleet, linux, text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot


def drawn(feeds: Feeds, width: int = 120, chosen: str = "") -> list[str]:
    latest = max(feed.now for feed in feeds.feeds.values())
    now = Moment(latest, WALL + latest)
    glances = glances_of(feeds.store, feeds, now)
    plan = plan_of(glances, width)
    rows = [row_line(glance, error_trend_of(feeds.store, glance, 10), plan, now, chosen) for glance in glances]
    return text_of([*head_lines(glances, chosen, Order(), now, width), *rows])


def names(lines: list[str]) -> list[str]:
    return [line.split()[1] for line in lines[4:]]


def test_the_worst_stands_first_and_the_head_names_it() -> None:
    feeds = fleet("calm", "token", "checksum", "dead")
    feeds["token"].tick(MPJoinNoTokenFound=3)
    feeds["checksum"].tick(DataCsumErr=300)
    feeds["dead"].fail("no route to host")
    feeds["calm"].tick()
    lines = drawn(feeds)
    assert names(lines) == ["dead", "token", "checksum", "calm"]
    assert "✕ 1 down  ▲ errors rise on 2" in lines[0]
    assert "worst: dead" in lines[0]
    assert "dead  no route to host" in lines[1]


def test_the_head_says_of_the_worst_since_when_and_what_it_may_be() -> None:
    feeds = fleet("a", "b")
    feeds["b"].tick(MPJoinNoTokenFound=3)
    feeds["a"].tick()
    for width in (60, 80, 120):
        assert drawn(feeds, width)[1].startswith(" b  since ")
        assert drawn(feeds, width)[1].endswith("unknown token")
        assert "join reaches the wrong host?" in drawn(feeds, width)[2]


def test_a_healthy_fleet_is_one_green_sentence() -> None:
    assert drawn(fleet("a", "b", "c"))[:2] == [" ● 3 fine", ""]


def test_all_targets_down_at_the_start_is_a_usable_screen() -> None:
    feeds = Feeds(linux("a"), linux("b"))
    for feed in feeds.feeds.values():
        feed.fail("connection refused", "see that the address is right", retry_seconds=8.0)
    lines = drawn(feeds)
    assert "✕ 2 down" in lines[0]
    assert "next try in 8 s; see that the address is right" in lines[2]
    assert all("connection refused" in line for line in lines[4:])


def test_targets_that_have_not_answered_yet_are_connecting() -> None:
    feeds = Feeds(linux("a"), linux("b"))
    assert "◌ 2 connecting" in drawn(feeds)[0]
    assert all("connecting" in line for line in drawn(feeds)[4:])


def test_a_row_says_the_role_of_an_appliance_and_the_age_of_its_numbers() -> None:
    feeds = Feeds(appliance("ns1", "primary"), appliance("ns2", "secondary"))
    feeds.tick()
    assert any("ns1" in line and "primary" in line for line in drawn(feeds))


def test_appliances_and_kernels_stand_in_one_table() -> None:
    feeds = Feeds(appliance("ns1"), linux("local"))
    feeds.tick()
    feeds["ns1"].tick(mptcptotmpjoinsyn=100, mptcptotmpjoin4thacksent=91, mptcpcurmpcapablesessions=1234)
    feeds["local"].tick(MPJoinSynRx=100, MPJoinAckRx=99, MPCurrEstab=120)
    by_name = {line.split()[1]: line for line in drawn(feeds)[4:]}
    assert "91.0 %" in by_name["ns1"]
    assert "1,234" in by_name["ns1"]
    assert "99.0 %" in by_name["local"]


def test_what_is_not_known_is_no_zero() -> None:
    feeds = Feeds(appliance("ns1"), linux("local"))
    feeds["local"].tick()
    row = next(line for line in drawn(feeds, 200) if "ns1" in line)
    assert "0" not in row.replace("ns1", "")


def test_before_the_first_refresh_no_rate_of_errors_is_known() -> None:
    feeds = Feeds(appliance("ns1"), linux("local"))
    for feed in feeds.feeds.values():
        feed.refresh_seconds = 7.0
    feeds.tick()
    assert [glance.error_rate for glance in glances_of(feeds.store, feeds, Moment(5001.0, WALL))] == [None, None]


def test_advice_that_is_longer_than_its_line_says_where_the_rest_is() -> None:
    feeds = Feeds(appliance("ns1"), linux("local"))
    feeds["ns1"].fail("its certificate is not trusted", "compare it with the appliance itself, then trust it " * 3)
    for width in (60, 80, 120):
        assert drawn(feeds, width)[2].endswith("… (Enter: all of it)")
        assert len(drawn(feeds, width)[2]) < width


def test_the_numbers_of_a_lost_target_stay_with_their_age() -> None:
    feeds = fleet("a", "b")
    feeds["a"].tick(MPCurrEstab=980)
    for _ in range(42):
        feeds["a"].fail("refused")
        feeds["b"].tick()
    row = next(line for line in drawn(feeds) if line.startswith(" ✕ a"))
    assert "down 42 s" in row
    assert "980" in row


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_every_line_fits(width: int) -> None:
    feeds = fleet("a", "a-name-that-is-longer-than-anybody-would-like.example.com")
    feeds["a"].tick(MPJoinNoTokenFound=3, DataCsumErr=1, MPJoinRejected=1)
    assert max(map(len, drawn(feeds, width))) <= width


def test_narrow_terminals_drop_columns_and_keep_the_state_and_the_reason() -> None:
    feeds = fleet("a", "b")
    feeds["a"].tick(MPJoinNoTokenFound=3)
    feeds["b"].tick()
    assert "unknown token" in drawn(feeds, 60)[4]
    assert "sessions" not in drawn(feeds, 60)[3]
    assert "sessions" in drawn(feeds, 120)[3]


def played(deed: Callable[[Pilot[int], Feeds], Awaitable[None]], feeds: Feeds) -> None:
    async def play() -> None:
        app = MptcpTopApp(Deck(feeds.store, feeds, {"edge": ("b", "c")}), output_diff=False)
        async with app.run_test(size=(120, 30)) as pilot:
            await deed(pilot, feeds)

    asyncio.run(play())


def screen_of(pilot: Pilot[int]) -> FleetScreen:
    screen = pilot.app.screen
    assert isinstance(screen, FleetScreen)
    return screen


def shown(pilot: Pilot[int]) -> list[str]:
    return [line.key for line in pilot.app.screen.query_one("#body", Lines).lines if line.key]


def test_the_order_holds_while_the_cursor_moves_and_resumes_when_it_is_let_go() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        assert shown(pilot) == ["a", "b", "c"]
        await pilot.press("down")
        feeds["c"].tick(MPJoinNoTokenFound=3)
        screen_of(pilot).draw()
        assert shown(pilot) == ["a", "b", "c"]
        await pilot.press("escape")
        assert shown(pilot) == ["c", "a", "b"]

    played(deed, fleet("a", "b", "c"))


def test_enter_opens_the_chosen_target_and_escape_comes_back() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HostScreen)
        assert pilot.app.screen.frame().target.name == "b"
        await pilot.press("escape")
        assert screen_of(pilot).chosen == "b"

    played(deed, fleet("a", "b", "c"))


def test_rows_can_be_sorted_by_any_column_and_turned_round() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        feeds["b"].tick(MPCurrEstab=50)
        feeds["c"].tick(MPCurrEstab=500)
        await pilot.press("o")  # by name
        assert shown(pilot) == ["a", "b", "c"]
        await pilot.press("i")
        assert shown(pilot) == ["c", "b", "a"]
        await pilot.press("i", "o")  # by sessions
        assert shown(pilot)[0] == "c"
        assert "sessions+" in text_of(list(pilot.app.screen.query_one("#header", Lines).lines))[3]

    played(deed, fleet("a", "b", "c"))


def test_rows_stand_under_their_groups_on_request() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await pilot.press("G")
        body = text_of(list(pilot.app.screen.query_one("#body", Lines).lines))
        assert [line.split()[:2][-1] if line[1] in "!●" else line.strip() for line in body] == [
            *("edge", "b", "c"),
            *("in no group", "a"),
        ]

    played(deed, fleet("a", "b", "c"))


def test_r_retries_the_chosen_target_or_all_that_are_down() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        feeds["b"].fail("refused")
        feeds["c"].fail("refused")
        screen_of(pilot).draw()
        await pilot.press("r")
        assert sorted(feeds.retried) == ["b", "c"]
        await pilot.press("down", "r")
        assert feeds.retried[2:] == [screen_of(pilot).chosen]

    played(deed, fleet("a", "b", "c"))


def test_what_is_not_verified_is_said_of_the_whole_fleet_in_words() -> None:
    feeds = Feeds(appliance("ns1"), appliance("ns2"))
    feeds["ns1"].target = feeds["ns1"].target._replace(caution="TLS not verified")
    feeds = Feeds(*feeds.feeds.values())
    feeds.tick()
    assert "! TLS not verified on 1" in drawn(feeds, 60)[0]


def test_a_new_event_is_told_on_a_page_too() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        for feed in feeds.feeds.values():
            feed.now = time.monotonic()
        feeds["b"].fail("no route to host")
        page = pilot.app.screen
        assert isinstance(page, Page)
        page.draw()
        assert "b: no route to host" in text_of(list(page.query_one("#footer", Lines).lines))[0]

    played(deed, fleet("a", "b"))


def test_two_hundred_targets_scroll_with_the_cursor() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await pilot.press("end")
        assert shown(pilot)[-1] == "box199"
        await pilot.press("home")
        assert shown(pilot)[0] == "box0"

    played(deed, fleet(*(f"box{number}" for number in range(200))))


def test_f_comes_back_to_the_fleet_from_a_target() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("f")
        assert isinstance(pilot.app.screen, FleetScreen)
        assert len(pilot.app.screen_stack) == 1

    played(deed, fleet("a", "b"))
