"""The events: what they say, which are asked for, and the way from an event to the moment it happened."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from mptcp_top.model import Severity
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import TOLD_SECONDS, Deck
from mptcp_top.ui.event_filter import ALL, LISTED, Filter, newest_events, watched_since
from mptcp_top.ui.events import Told, head_lines, nothing_line, plan_of, row_line
from mptcp_top.ui.events_screen import EventsScreen
from mptcp_top.ui.frame import Moment
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.lines import Lines
from tests.feed import WALL, Feeds, fleet, linux, text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

WIDTHS = (40, 60, 80, 120, 200)


def moment(feeds: Feeds, later: float = 0.0) -> Moment:
    latest = max(feed.now for feed in feeds.feeds.values()) + later
    return Moment(latest, WALL + latest)


def drawn(feeds: Feeds, width: int = 120, wanted: Filter = ALL) -> list[str]:
    now = moment(feeds)
    shown = newest_events(feeds.store, wanted)
    plan = plan_of([wanted.target] if wanted.target else list(feeds.feeds), width)
    head = head_lines(Told(newest_events(feeds.store), shown), wanted, plan, now.wall, width)
    return text_of([*head, *(row_line(event, plan, now.wall, width, "") for event in shown)])


def rows(lines: list[str]) -> list[str]:
    return lines[next(number for number, line in enumerate(lines) if line.startswith("   time")) + 1 :]


def eventful() -> Feeds:
    """A security error that rises, a warning that is over, a target that was lost and came back."""
    feeds = fleet("a", "b")
    feeds["a"].tick(MPTCPRetrans=80)
    feeds["b"].tick()
    feeds["b"].fail("no route to host")
    for _ in range(40):
        feeds.tick()
    feeds["a"].tick(MPJoinNoTokenFound=36)
    feeds["a"].tick(MPJoinNoTokenFound=4)
    return feeds


def test_the_newest_event_of_whichever_target_stands_first() -> None:
    words = [line.split()[2:4] for line in rows(drawn(eventful()))]
    assert words == [["rising", "a"], ["back", "b"], ["lost", "b"], ["rose", "a"]]


def test_a_rise_says_its_panel_by_how_much_how_long_its_peak_and_its_last_time() -> None:
    (line,) = [line for line in rows(drawn(eventful(), 200)) if "unknown token" in line]
    said = line.split()
    assert said[0] == "▲"
    assert "MP_JOIN unknown token" in line
    assert said[-5:-1] == ["+40", "1", "s", "36.0"]
    assert "security" in line


def test_a_rise_that_is_over_is_not_said_to_be_rising() -> None:
    (line,) = [line for line in rows(drawn(eventful(), 200)) if "reinjected" in line]
    assert "rose" in line
    assert "rising" not in line
    assert "once" in line
    assert "▲ 1 rising" in drawn(eventful())[0]


def test_the_reason_of_a_failure_is_whole_on_two_lines_where_one_is_short() -> None:
    reason = "this kernel gives no MPTCP counters (no MPTcpExt in /proc/net/netstat)"
    feeds = fleet("a", "b")
    feeds["a"].fail(reason)
    assert reason in " ".join(" ".join(line.strip() for line in drawn(feeds, 60)[1:3]).split())


@pytest.mark.parametrize("width", WIDTHS)
def test_every_line_fits(width: int) -> None:
    feeds = Feeds(linux("a"), linux("a-name-that-is-longer-than-anybody-would-like.example.com"))
    feeds.tick()
    for feed in feeds.feeds.values():
        feed.tick(MPJoinNoTokenFound=2**40, MPCapableEndpAttempt=3, DataCsumErr=1, MPJoinRejected=1)
        feed.fail("no answer within 5 s, and the reason is told at some length so that it does not fit")
    assert max(map(len, drawn(feeds, width))) <= width


@pytest.mark.parametrize("width", [60, 80])
def test_narrow_terminals_drop_numbers_and_keep_what_happened_to_whom(width: int) -> None:
    lines = drawn(eventful(), width)
    assert all(word in rows(lines)[0] for word in ("rising", " a ", "unknown token"))
    assert "severity" not in " ".join(lines)
    assert ("rose by" in " ".join(lines)) is (width == 80)


def test_only_the_asked_for_severities_are_shown_and_the_head_counts_them() -> None:
    feeds = eventful()
    for least, many in ((Severity.WARNING, 3), (Severity.ERROR, 2), (Severity.SECURITY, 1)):
        lines = drawn(feeds, 120, Filter(least=least))
        assert len(rows(lines)) == many, least
        assert f"{many} of 4 events" in lines[0]


def test_only_the_asked_for_target_is_shown_and_needs_no_column() -> None:
    lines = drawn(eventful(), 120, Filter("b"))
    assert "2 of 4 events  of b" in lines[0]
    assert [line.split()[2] for line in rows(lines)] == ["back", "lost"]
    assert "target" not in lines[-3]


def test_where_nothing_happened_that_is_said_with_its_time() -> None:
    feeds = fleet("a", "b")
    now = moment(feeds)
    (said,) = text_of([nothing_line(Told((), ()), watched_since(feeds.store), now.wall)])
    assert said.startswith(" nothing happened since ")
    unread = Feeds(linux("a"), linux("b"))
    (said,) = text_of([nothing_line(Told((), ()), watched_since(unread.store), now.wall)])
    assert "no target has been read" in said
    (said,) = text_of([nothing_line(Told(newest_events(eventful().store), ()), WALL, now.wall)])
    assert "t, v and / ask for others" in said


def test_no_more_than_the_newest_are_listed_and_what_is_older_need_not_be_asked_for() -> None:
    feeds = fleet(*"abcde")
    for _ in range(LISTED // 5):
        for feed in feeds.feeds.values():
            feed.fail()
            feed.tick()
    found = newest_events(feeds.store)
    assert len(found) == LISTED
    assert newest_events(feeds.store, ALL, found[-1].monotonic) == found
    assert "2,000+ events" in drawn(feeds)[0]


def deck_of(feeds: Feeds) -> Deck:
    return Deck(feeds.store, feeds, bell=True)


def test_the_bell_rings_once_for_each_alarming_event() -> None:
    feeds = fleet("a", "b")
    deck = deck_of(feeds)
    assert not deck.rings(moment(feeds))
    feeds["a"].tick(MPJoinNoTokenFound=1)
    assert deck.rings(moment(feeds))
    feeds["a"].tick(MPJoinNoTokenFound=1)  # the same rise goes on
    assert not deck.rings(moment(feeds))
    feeds["b"].fail()  # earlier by the clock than what was heard last
    assert deck.rings(moment(feeds))
    feeds["b"].tick()  # back is no alarm
    assert not deck.rings(moment(feeds))


def test_the_bell_does_not_ring_for_what_was_heard_while_it_was_off_or_is_old() -> None:
    feeds = fleet("a", "b")
    deck = deck_of(feeds)
    deck.bell = False
    feeds["a"].fail()
    assert not deck.rings(moment(feeds))
    deck.bell = True
    assert not deck.rings(moment(feeds))
    feeds["b"].fail()
    assert not deck.rings(moment(feeds, later=TOLD_SECONDS + 1))


def played(
    deed: Callable[[Pilot[int], Feeds], Awaitable[None]], feeds: Feeds, size: tuple[int, int] = (120, 30)
) -> None:
    async def play() -> None:
        app = MptcpTopApp(Deck(feeds.store, feeds), output_diff=False)
        async with app.run_test(size=size) as pilot:
            await pilot.press("e")
            await pilot.pause()
            await deed(pilot, feeds)

    asyncio.run(play())


def screen_of(pilot: Pilot[int]) -> EventsScreen:
    screen = pilot.app.screen
    assert isinstance(screen, EventsScreen)
    return screen


def said(pilot: Pilot[int], name: str) -> str:
    return "\n".join(text_of(list(pilot.app.screen.query_one(f"#{name}", Lines).lines)))


def selected(pilot: Pilot[int]) -> tuple[int, str]:
    """Which line of the body the cursor is on, and what it says."""
    lines = list(pilot.app.screen.query_one("#body", Lines).lines)
    (place,) = [number for number, line in enumerate(lines) if line.selected]
    return place, text_of(lines)[place]


def test_enter_shows_the_target_as_it_was_and_p_comes_back_to_now() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        feeds["a"].tick(MPCapableSYNRX=7777)
        screen_of(pilot).draw()
        await pilot.press("down", "enter")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, HostScreen)
        seen = screen.frame().observation
        assert seen is not None
        assert (seen.target.name, seen.change("MPCapableSYNRX").value) == ("a", 0)  # type: ignore[union-attr]
        assert seen.rising["MPJoinNoTokenFound"].total == 36
        assert "the past" in said(pilot, "header")
        assert "old" not in said(pilot, "header")  # the numbers were of that very moment
        assert "0 back to now" in said(pilot, "footer")
        assert "q back" in said(pilot, "footer")
        await pilot.press("p")
        now = screen.frame().observation
        assert now is not None
        assert now.change("MPCapableSYNRX").value == 7777  # type: ignore[union-attr]
        assert "the past" not in said(pilot, "header")
        await pilot.press("escape")
        assert "unknown token" in selected(pilot)[1]

    played(deed, eventful())


def test_a_moment_from_before_all_memory_is_not_said_to_be_waiting() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "no counters are known of that moment" in said(pilot, "header")

    feeds = Feeds(linux("a"), linux("b"))
    feeds["a"].fail("no route to host")
    played(deed, feeds)


def test_the_cursor_stays_on_its_event_and_in_its_place_when_new_ones_come() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        for _ in range(10):
            feeds["a"].fail("gone")
            feeds["a"].tick()
        screen_of(pilot).draw()
        await pilot.press("down", "down")
        before = selected(pilot)
        feeds["a"].fail("gone")
        feeds["a"].tick(DataCsumErr=1)
        feeds["a"].fail("gone again")
        screen_of(pilot).draw()
        assert selected(pilot) == before
        assert "4 newer above" in said(pilot, "header")
        await pilot.press("home")
        assert "gone again" in selected(pilot)[1]
        assert "newer" not in said(pilot, "header")
        await pilot.press("escape", "escape")
        assert not isinstance(pilot.app.screen, EventsScreen)

    played(deed, eventful(), size=(60, 20))


def test_without_a_cursor_the_newest_is_always_in_sight() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        for _ in range(40):
            feeds["a"].fail("gone")
            feeds["a"].tick()
        feeds["a"].fail("the newest")
        screen_of(pilot).draw()
        assert "the newest" in said(pilot, "body").splitlines()[0]
        await pilot.press("end")
        assert "reinjected" in said(pilot, "body").splitlines()[-1]

    played(deed, eventful(), size=(60, 20))


def test_t_and_v_ask_for_targets_and_severities_in_turn() -> None:
    async def deed(pilot: Pilot[int], _: Feeds) -> None:
        async def counts(key: str) -> str:
            await pilot.press(key)
            return said(pilot, "header").splitlines()[0].strip().split("  ")[0]

        assert [await counts("t") for _ in range(3)] == ["2 of 4 events", "2 of 4 events", "4 events"]
        assert await counts("T") == "2 of 4 events"
        assert await counts("t") == "4 events"
        assert [await counts("v") for _ in range(4)] == [f"{many} of 4 events" for many in (3, 2, 1)] + ["4 events"]

    played(deed, eventful())


def test_a_calm_fleet_has_a_calm_events_screen() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        assert "nothing happened since" in said(pilot, "body")
        await pilot.press("down", "enter")
        screen_of(pilot)
        feeds["a"].identity = feeds["a"].identity._replace(boot="another boot")
        feeds["a"].tick()
        screen_of(pilot).draw()
        assert "rebooted: counters began" in said(pilot, "body")

    played(deed, fleet("a", "b"), size=(60, 20))


def test_that_the_bell_is_on_is_seen_on_every_screen() -> None:
    async def deed(pilot: Pilot[int], feeds: Feeds) -> None:
        feeds["a"].tick()
        await pilot.press("b")
        for key in ("e", "s", "f", "enter"):
            await pilot.press(key)
            await pilot.pause()
            assert said(pilot, "footer").endswith("bell on"), key
        await pilot.press("b")
        assert "bell" not in said(pilot, "footer")

    played(deed, fleet("a", "b"))
