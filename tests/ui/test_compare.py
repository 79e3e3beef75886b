"""Several targets beside each other: what stands in one row, who is odd, and what is said where that is not known."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from mptcp_top.catalogue.catalogue import linux
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.odd import Figure, odd_ones
from mptcp_top.engine.store import Store
from mptcp_top.model import Identity, Target
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.compare import derived_lines, plan_of, row_line
from mptcp_top.ui.compare_head import Choice, head_lines
from mptcp_top.ui.compare_screen import CompareScreen
from mptcp_top.ui.comparison import Comparison, standing_out
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.frame import Moment
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.pages import Page
from mptcp_top.ui.sides import Mode, side_of
from mptcp_top.ui.topics import JOINS
from tests.feed import NETSCALER, WALL, Feed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot

    from mptcp_top.ui.line import Line

WIDTHS = (60, 80, 120, 200)
NS = {"mptcptotmpcapsyn": 100, "mptcptotmpcapfackrecvd": 98, "mptcptotmpjoinsyn": 50, "mptcptotmpjoin4thacksent": 49}
LX = {"MPCapableSYNRX": 100, "MPCapableACKRX": 98, "MPJoinSynRx": 50, "MPJoinAckRx": 49}


def linux_box(name: str) -> Feed:
    return Feed(Target(name, "linux"))


def appliance(name: str, role: str = "primary") -> Feed:
    return Feed(Target(name, "netscaler"), layout=NETSCALER, identity=Identity(name, "NetScaler", role=role))


def together(*feeds: Feed, now: float = 0.0) -> list[Feed]:
    """Feeds of one store, whose first poll is at ``now``."""
    store = Store([feed.target for feed in feeds])
    for feed in feeds:
        feed.store, feed.engine, feed.now = store, Engine(store), now
    return list(feeds)


def ticked(feeds: list[Feed], times: int = 70, **odd: int) -> list[Feed]:
    """All do the same, and the first one ``odd`` things beside."""
    for _ in range(times):
        for number, feed in enumerate(feeds):
            usual = NS if feed.layout is NETSCALER else LX
            feed.tick(**(usual | odd if number == 0 else usual))
    return feeds


def three(now: float = 0.0, **odd: int) -> list[Feed]:
    return ticked(together(linux_box("lx1"), appliance("ns1"), appliance("ns2"), now=now), **odd)


def lately() -> float:
    """When to begin so that 70 polls end now: the screens judge how old numbers are."""
    return time.monotonic() - 70


def comparison(feeds: list[Feed], mode: Mode = Mode.RATE) -> Comparison:
    moment = Moment(max(feed.now for feed in feeds), WALL + feeds[0].now)
    return Comparison([side_of(feed.store, feed.target, moment, mode, 1.0) for feed in feeds], mode)


def text_of(line: Line) -> str:
    return "".join(piece.text for piece in line.pieces)


def row(table: Comparison, key: str, width: int = 120, first: int = 0) -> str:
    topic = next(topic for topic in table.alignment.topics if topic.key == key)
    return text_of(row_line(table, topic, plan_of(table, first, width), ""))


def cells(table: Comparison, key: str, width: int = 120) -> list[str]:
    plan = plan_of(table, 0, width)
    line = row(table, key, width)
    starts = [1 + plan.label + number * plan.cell for number in range(plan.shown)]
    return [line[start : start + plan.cell].strip() for start in starts]


def head(table: Comparison, width: int = 120, choice: Choice | None = None) -> list[str]:
    standing = standing_out(table, table.alignment.topics)
    return [text_of(line) for line in head_lines(table, plan_of(table, 0, width), choice or Choice(), standing, width)]


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


# Widths


def many(count: int, now: float = 0.0) -> list[Feed]:
    return ticked(together(*(linux_box(f"host{number}") for number in range(count)), now=now), 5)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("count", [1, 2, 3, 6, 9])
def test_every_line_fits_and_is_as_long_as_the_others(width: int, count: int) -> None:
    for mode in Mode:
        table = comparison(many(count), mode)
        plan = plan_of(table, 0, width)
        lines = [text_of(row_line(table, topic, plan, "")) for topic in table.alignment.topics]
        assert len({len(line) for line in lines}) == 1
        assert all(len(line) <= width for line in (*lines, *head(table, width)))


def test_two_targets_fit_in_80_columns_with_whole_labels_and_six_in_200() -> None:
    assert plan_of(comparison(many(2)), 0, 80).shown == 2
    table = comparison(many(6))
    plan = plan_of(table, 0, 200)
    assert plan.shown == 6
    assert plan.label == table.alignment.longest_label
    assert plan.odd >= 30


def test_what_does_not_fit_is_scrolled_to_and_the_labels_stay() -> None:
    feeds = many(9)
    feeds[8].tick(MPJoinSynRx=100_000)
    table = comparison(feeds)
    at_first, scrolled = (plan_of(table, first, 80) for first in (0, 99))
    assert (at_first.shown, at_first.first) == (3, 0)
    assert list(scrolled.places) == [6, 7, 8]
    assert "targets 1-3 of 9" in head(table, 80)[0]
    assert "▲ host8" in row(table, "join_syn_rx", 80)  # who is odd is told although out of sight
    line = row(table, "join_syn_rx", 80, first=99)
    assert line.startswith(" SYN received")
    assert "▲" in line[: 80 - scrolled.odd]


def test_the_page_of_a_derived_row_says_what_it_is_made_of() -> None:
    lines = "\n".join(text_of(line) for line in derived_lines(comparison(three()), JOINS, 80))
    assert "2,940 of 3,000" in lines


# The screen


@asynccontextmanager
async def piloted(feeds: list[Feed], size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[int]]:
    app = MptcpTopApp(Deck(feeds[0].store, feeds[0]), output_diff=False)
    async with app.run_test(size=size) as pilot:
        await app.push_screen(CompareScreen(app.deck))
        yield pilot


def said(pilot: Pilot[int], name: str = "#body") -> str:
    return "\n".join(text_of(line) for line in pilot.app.screen.query_one(name, Lines).lines)


def chosen(pilot: Pilot[int]) -> str:
    screen = pilot.app.screen
    assert isinstance(screen, CompareScreen)
    return screen.chosen


def test_the_keys_change_the_mode_the_rows_and_the_columns() -> None:
    async def deed() -> None:
        async with piloted(three(lately(), MPJoinNoTokenFound=49)) as pilot:
            assert "MP_JOIN unknown token" in said(pilot)
            assert "SYN/ACK sent" not in said(pilot)  # it never moved
            await pilot.press("n", "n", "n", "n")
            assert "totals" in said(pilot, "#header")
            await pilot.press("n")
            assert "per 1,000 new sessions" in said(pilot, "#header")
            await pilot.press("n", "d")
            assert "unknown token" in said(pilot)
            assert "final ACK validated" not in said(pilot)
            await pilot.press("z")
            await pilot.press("end")
            assert chosen(pilot) in said_keys(pilot)
            await pilot.press("full_stop", "comma", "comma", "full_stop")
            await pilot.press("escape")
            assert not isinstance(pilot.app.screen, CompareScreen)

    asyncio.run(deed())


def said_keys(pilot: Pilot[int]) -> list[str]:
    return [line.key for line in pilot.app.screen.query_one("#body", Lines).lines if line.selected]


def test_enter_explains_the_counter_and_says_how_the_systems_differ() -> None:
    async def deed() -> None:
        async with piloted(three(lately(), MPJoinNoTokenFound=49), (80, 24)) as pilot:
            await pilot.press("down")
            await pilot.press("enter")
            assert isinstance(pilot.app.screen, Page)
            assert "errors /s" in said(pilot, "#text")
            await pilot.press("escape")
            while chosen(pilot) != "join_unknown_token":
                await pilot.press("down")
            assert "a token that nobody here owns" in said(pilot, "#header")
            await pilot.press("enter")
            await pilot.pause()
            assert "MPJoinNoTokenFound" in said(pilot, "#header")
            assert "mptcperrunknowntoken" in said(pilot, "#words")

    asyncio.run(deed())


def test_only_what_is_in_sight_is_worked_out_where_there_are_many() -> None:
    feeds = many(90, time.monotonic() - 6)
    for metric in feeds[0].layout.metrics:
        feeds[0].values[metric.name] = 1_000
    feeds[0].tick()

    async def deed() -> None:
        async with piloted(feeds, (60, 20)) as pilot:
            screen = pilot.app.screen
            assert isinstance(screen, CompareScreen)
            screen.draw()
            assert 5 < len(screen._comparison._verdicts) <= 15
            assert f"targets 1-{screen._plan.shown} of 90" in said(pilot, "#header")
            await pilot.press("full_stop")
            assert "targets 2-" in said(pilot, "#header")

    asyncio.run(deed())


def test_where_no_row_differs_the_screen_says_so() -> None:
    async def deed() -> None:
        async with piloted(three(lately())) as pilot:
            await pilot.press("d")
            assert "no row differs" in said(pilot)

    asyncio.run(deed())


def test_a_row_that_differed_stays_among_those_for_a_while() -> None:
    feeds = three(lately(), MPJoinNoTokenFound=49)

    async def deed() -> None:
        async with piloted(feeds) as pilot:
            await pilot.press("d")
            feeds[0].fail()  # so there is nobody any more who could be odd
            screen = pilot.app.screen
            assert isinstance(screen, CompareScreen)
            screen.draw()
            assert "unknown token" in said(pilot)
            await pilot.press("d", "d")
            assert "unknown token" not in said(pilot)

    asyncio.run(deed())
