"""The funnels on the screen: they add up, they say what is not known, and the step that got worse is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.basis import Basis
from mptcp_top.ui.explain_screen import ExplainScreen
from mptcp_top.ui.glyphs import drawable
from mptcp_top.ui.handshakes_screen import HandshakesScreen
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.pages import Page
from tests.feed import Feeds, appliance, fleet, linux, text_of
from tests.ui.played import played

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

TROUBLED = {"MPJoinSynRx": 40, "MPJoinAckRx": 15, "MPJoinNoTokenFound": 24}
CALM = {"MPJoinSynRx": 40, "MPJoinAckRx": 40, "MPCapableSYNRX": 40, "MPCapableACKRX": 39, "MPCapableFallbackACK": 1}


def troubled() -> Feeds:
    """A kernel that lost no join for two minutes, and then most of them."""
    feeds = fleet("a")
    for _ in range(120):
        feeds["a"].tick(**CALM)
    for _ in range(30):
        feeds["a"].tick(**{**CALM, **TROUBLED})
    return feeds


def said(pilot: Pilot[int], name: str = "body") -> list[str]:
    return text_of(list(pilot.app.screen.query_one(f"#{name}", Lines).lines))


def row(lines: list[str], *words: str) -> str:
    return next(line for line in lines if all(word in line for word in words))


async def opened(pilot: Pilot[int], *keys: str) -> HandshakesScreen:
    await pilot.press("h", *keys)
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, HandshakesScreen)
    return screen


def drawn(feeds: Feeds, size: tuple[int, int] = (80, 40), *keys: str) -> list[str]:
    found: list[str] = []

    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await opened(pilot, *keys)
        found.extend([*said(pilot, "header"), *said(pilot)])

    played(deed, feeds, size)
    return found


def test_the_step_that_got_worse_is_marked_with_what_it_was_and_until_when_and_comes_first() -> None:
    lines = drawn(troubled())
    assert lines[1].startswith(" ▲ MP_JOIN inbound loses 62.5 %  was 0 % until ")
    assert "unknown token" in lines[1]
    assert lines[3].startswith(" MP_JOIN inbound")
    assert "▲ got worse" in lines[3]
    marked = row(lines, " ▲ final ACK received")
    assert marked.split()[-2:] == ["31.2", "%"]  # of the last minute
    assert "▲ 62.5 % lost now  was 0 % until" in lines[lines.index(marked) + 1]


def test_what_is_lost_stands_between_the_steps_by_cause_and_the_rest_has_a_name() -> None:
    lines = drawn(troubled())
    begin = next(place for place, line in enumerate(lines) if line.startswith(" MP_JOIN inbound"))
    labels = [line[3:29].rstrip() for line in lines[begin + 1 : begin + 5]]
    assert labels == ["SYN received", "  unknown token", "  lost, stripped or flood", "final ACK received"]
    numbers = [int(line[44:56].replace(",", "").split()[-1]) for line in lines[begin + 1 : begin + 5]]
    assert numbers[0] == sum(numbers[1:]) == 2400


def test_a_bar_is_as_long_as_its_share_and_what_is_lost_is_cut_from_it() -> None:
    feeds = fleet("a")
    feeds["a"].tick(MPJoinSynRx=100, MPJoinAckRx=50, MPJoinNoTokenFound=25)
    lines = drawn(feeds)[3:]
    bars = [row(lines, label).count for label in ("unknown token", "lost, stripped")]
    assert [bar("░") for bar in bars] == [3, 4]
    received, validated = (row(lines, "100 %"), row(lines, "final ACK received", "50.0 %"))
    assert (received.count("█"), validated.count("█")) == (13, 6)


def test_nothing_that_began_is_said_and_is_no_share() -> None:
    lines = drawn(fleet("a"))
    assert "known after two samples" in lines[1]
    assert not any("Not counted" in line for line in lines)
    known = "MP_CAPABLE inbound, MP_CAPABLE outbound, MP_JOIN inbound, MP_JOIN outbound"
    assert any(f"Not known before a second sample: {known}." in line for line in lines)
    feeds = fleet("a")
    feeds.tick()
    lines = drawn(feeds)
    assert "no handshake began in that time" in lines[1]
    assert sum("nothing began" in line for line in lines) == 5  # and the fallbacks
    assert not any("%" in line for line in lines)


def test_causes_that_exceed_the_loss_are_said_to_have_begun_before() -> None:
    feeds = fleet("a")
    feeds["a"].tick(MPCapableSYNRX=47, MPCapableACKRX=45, MPCapableFallbackACK=30)
    assert row(drawn(feeds), "began before that time").split()[4] == "28"


def test_an_appliance_has_no_outbound_side_and_the_screen_says_why() -> None:
    feeds = Feeds(appliance("ns1"))
    feeds.tick()
    feeds["ns1"].tick(mptcptotmpjoinsyn=100, mptcptotmpjoinsynacksent=90, mptcptotmpcapsfpcballoc=4)
    lines = drawn(feeds)
    assert not any("outbound" in line for line in lines)
    assert any("Outbound: none. Towards servers an appliance speaks plain TCP." in line for line in lines)
    assert row(lines, "subflow PCB, no memory").endswith("≤4.0 %")
    assert any(line.startswith(" ≤ at most") for line in lines)


def test_a_lost_target_says_why_and_its_funnels_are_not_known_when_they_are_too_old() -> None:
    feeds = troubled()
    for _ in range(70):
        feeds["a"].fail("connection refused")
    lines = drawn(feeds)
    assert "connection refused" in lines[1]
    assert not any("complete" in line for line in lines)


def test_fallbacks_stand_by_cause_with_their_share_over_time() -> None:
    lines = drawn(troubled())
    assert row(lines, "fallback to plain TCP").endswith("2.5 % of 2,400 that wanted MPTCP")
    cause = lines[[line.startswith("   all causes") for line in lines].index(True) + 1]
    assert cause[3:26] == "  final ACK not MPTCP  "
    assert "60" in cause.split()
    assert "▃" in cause  # of a tenth


def test_where_the_fallbacks_got_worst_they_come_first_with_what_they_were() -> None:
    feeds = fleet("a")
    for second in range(150):
        feeds["a"].tick(MPCapableSYNRX=40, MPCapableACKRX=40, DssFallback=10 if second >= 120 else 0)
    lines = drawn(feeds)
    assert lines[1].startswith(" ▲ fallback to plain TCP 25.0 %  was 0 % until ")
    assert lines[3].startswith(" fallback to plain TCP")
    assert "▲ got worse" in lines[3]
    assert lines[4].startswith(" ▲ all causes")
    assert "▲ 25.0 % now  was 0 % until" in lines[5]
    assert "bad mapping, now TCP" in lines[6]


def test_a_gap_and_a_reset_are_breaks_in_the_shares() -> None:
    feeds = fleet("a")
    for _ in range(20):
        feeds["a"].tick(**CALM)
    for _ in range(10):
        feeds["a"].fail()
    feeds["a"].values = {}
    for _ in range(20):
        feeds["a"].tick(**CALM)
    cause = [line for line in drawn(feeds, (120, 40)) if "final ACK not MPTCP" in line][-1]
    assert "·" in cause
    assert "╎" in cause


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 50)])
@pytest.mark.parametrize("kind", [linux, appliance])
def test_every_line_fits_whatever_was_counted(size: tuple[int, int], kind: Callable[[str], object]) -> None:
    feeds = Feeds(kind("a-name-that-is-longer-than-anybody-would-like.example.com"))  # type: ignore[arg-type]
    (feed,) = feeds.feeds.values()
    feed.tick()
    for _ in range(3):
        feed.tick(**{metric.name: 2**50 for metric in feed.layout.metrics})
    lines = drawn(feeds, size, "z")
    assert max(map(len, lines)) < size[0]
    assert all(drawable(line, ascii_only=True).isascii() for line in lines)
    assert "?" not in "".join(drawable(line, ascii_only=True) for line in lines)


def test_the_numbers_can_be_of_the_last_interval_or_since_the_start() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        screen = await opened(pilot)
        assert "in the last 1 min" in said(pilot, "header")[2]
        await pilot.press("n")
        assert screen.deck.basis is Basis.INTERVAL
        assert row(said(pilot), "SYN received", "100 %").split()[3] == "40"
        await pilot.press("n", "n")
        assert "since the start" in said(pilot, "header")[2]
        assert row(said(pilot), "SYN received", "100 %").split()[3] == "6,000"

    played(deed, troubled())


def test_since_a_mark_a_step_is_held_against_the_time_before_the_mark() -> None:
    feeds = fleet("a")
    for _ in range(60):
        feeds["a"].tick(**CALM)
    feeds.mark("load test", feeds["a"].now, 0.0)
    for _ in range(20):
        feeds["a"].tick(**{**CALM, **TROUBLED})

    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await opened(pilot, "n", "n")
        assert "was 0 % before the mark" in said(pilot, "header")[1]
        assert "since load test" in said(pilot, "header")[2]
        assert row(said(pilot), "SYN received", "100 %").split()[3] == "800"

    played(deed, feeds)


def test_much_that_is_lost_all_the_time_is_not_said_to_be_well() -> None:
    feeds = fleet("a")
    for _ in range(60):
        feeds["a"].tick(**{**CALM, **TROUBLED})
    assert drawn(feeds)[1] == " ! MP_JOIN inbound loses 62.5 %  not more than before  unknown token"


def test_the_time_cursor_shows_the_funnels_of_that_moment() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        screen = await opened(pilot)
        screen.go(feeds["a"].now - 40)
        header = said(pilot, "header")
        assert "the past" in header[0]
        assert "no step loses more" in header[2]
        assert row(said(pilot), "MP_JOIN inbound").endswith("100 % complete")

    played(deed, troubled())


def test_enter_explains_the_counter_and_what_no_counter_speaks_of() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await opened(pilot, "down", "down")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ExplainScreen)
        assert pilot.app.screen.watched() == ("a",)
        assert any("MPJoinNoTokenFound" in line for line in said(pilot, "header"))
        await pilot.press("escape", "down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Page)
        text = said(pilot, "text")
        assert text[0].startswith(" lost, stripped or flood")
        assert "2,400 SYN received - 1,650 final ACK received - 720 of counted causes = 30" in " ".join(
            " ".join(text[3:6]).split()
        )
        await pilot.press("escape", "escape", "escape")
        assert isinstance(pilot.app.screen, HostScreen)

    played(deed, troubled())


def test_it_opens_for_the_target_of_the_host_screen_and_tab_shows_the_next() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        host = pilot.app.screen
        assert isinstance(host, HostScreen)
        screen = await opened(pilot)
        assert screen.watched() == host.watched() == ("b",)
        await pilot.press("tab")
        assert screen.watched() == ("c",)
        assert "3/3 (Tab)" in said(pilot, "header")[0]

    played(deed, fleet(*"abc"))


def test_it_opens_for_the_chosen_row_of_the_fleet_or_else_for_the_worst() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        feeds["c"].tick(MPJoinNoTokenFound=4)
        assert (await opened(pilot)).watched() == ("c",)
        await pilot.press("escape", "down", "down", "down")
        assert (await opened(pilot)).watched() == ("b",)

    played(deed, fleet(*"abc"))


def test_the_order_holds_while_a_row_is_chosen() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        screen = await opened(pilot, "down")
        for _ in range(20):
            feeds["a"].tick(**{**CALM, **TROUBLED})
        screen.draw()
        assert said(pilot)[0].startswith(" MP_CAPABLE inbound")
        assert any("▲" in line for line in said(pilot))
        await pilot.press("escape")
        assert said(pilot)[0].startswith(" MP_JOIN inbound")

    feeds = fleet("a")
    for _ in range(120):
        feeds["a"].tick(**CALM)
    played(deed, feeds)


def test_the_first_row_brings_the_headline_above_it_and_the_last_one_is_in_sight() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        screen = await opened(pilot, "z")
        for _row in range(60):
            await pilot.press("down")
            assert any(line.selected for line in pilot.app.screen.query_one("#body", Lines).lines)
        assert screen.chosen.endswith("@fallback")
        await pilot.press("home")
        assert said(pilot)[0].startswith(" MP_JOIN inbound")

    played(deed, troubled())


def test_the_panel_of_the_host_screen_says_how_much_is_lost_since_when() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        (join,) = text_of([pilot.app.screen.query_one("#panel-MP_JOIN", Lines).lines[0]])
        assert "▲ 62.5 % lost since " in join
        (capable,) = text_of([pilot.app.screen.query_one("#panel-MP_CAPABLE", Lines).lines[0]])
        assert "▲" not in capable

    for size in ((80, 24), (120, 40)):
        played(deed, troubled(), size)
