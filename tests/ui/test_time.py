"""One time cursor for all screens, marks by a key, and the line that asks: under a pilot's hands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mptcp_top.engine.basis import Basis
from mptcp_top.model import Group, Layout
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.board import Panel
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.moved_screen import MovedScreen
from mptcp_top.ui.prompt import Prompt
from mptcp_top.ui.view import TOLD_SECONDS, View
from tests.feed import WALL, Feed, Feeds, appliance, linux, text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot


def played(deed: Callable[[Pilot[int]], Awaitable[None]], feeds: Feeds | Feed, width: int = 120) -> None:
    async def play() -> None:
        app = MptcpTopApp(Deck(feeds.store, feeds), output_diff=False)
        async with app.run_test(size=(width, 36)) as pilot:
            await deed(pilot)

    asyncio.run(play())


def troubled() -> Feeds:
    """Return two targets, ten polls long; on one of them an error rises in the fifth."""
    feeds = Feeds(linux("a"), linux("b"))
    for poll in range(10):
        feeds["a"].tick(MPCapableSYNRX=10, **({"MPJoinNoTokenFound": 5} if poll >= 4 else {}))
        feeds["b"].tick(MPCapableSYNRX=1)
    return feeds


def head(pilot: Pilot[int]) -> str:
    return "\n".join(text_of(list(pilot.app.screen.query_one("#header", Lines).lines)))


def foot(pilot: Pilot[int]) -> str:
    return text_of(list(pilot.app.screen.query_one("#footer", Lines).lines))[0]


def deck(pilot: Pilot[int]) -> Deck:
    assert isinstance(pilot.app, MptcpTopApp)
    return pilot.app.deck


def panel(pilot: Pilot[int], group: Group) -> str:
    return "\n".join(text_of(list(pilot.app.screen.query_one(f"#panel-{group.value}", Panel).lines)))


def test_every_screen_shows_the_moment_of_the_cursor_and_says_so_plainly() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        for _ in range(7):  # to before the error
            await pilot.press("left")
        assert "the past" in head(pilot)
        assert "errors rise" not in head(pilot)
        for key in ("c", "s", "e", "M", "f"):
            await pilot.press(key)
            await pilot.pause()
            assert "the past" in head(pilot), key
        await pilot.press("enter")
        await pilot.pause()
        assert "the past" in head(pilot)
        assert "no error is rising" in head(pilot)
        await pilot.press("0")
        assert "the past" not in head(pilot)
        assert "1 error rising" in head(pilot)

    played(deed, troubled())


def test_on_one_target_an_arrow_is_a_poll_and_after_the_newest_comes_now() -> None:
    feed = Feed()
    for poll in range(5):
        feed.tick(MPCapableSYNRX=10 + poll)

    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("left")
        assert deck(pilot).cursor == 4.0
        await pilot.press("left", "left", "left")
        assert deck(pilot).cursor == 1.0
        await pilot.press("left")
        assert deck(pilot).cursor == 1.0
        assert "nothing older is known" in foot(pilot)
        await pilot.press("right")
        assert "21" in panel(pilot, Group.MP_CAPABLE)  # 10 and 11
        await pilot.press("right", "right", "right", "right")
        assert deck(pilot).cursor is None

    played(deed, feed)


def test_brackets_go_from_event_to_event_and_say_which() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("left_square_bracket")
        assert deck(pilot).cursor == 5005.0
        assert "unknown token" in foot(pilot)
        await pilot.press("left_square_bracket")
        assert "nothing happened before" in foot(pilot)
        await pilot.press("right_square_bracket")
        assert deck(pilot).cursor is None

    played(deed, troubled())


def test_collecting_goes_on_while_the_past_is_shown_and_it_does_not_change() -> None:
    feeds = troubled()

    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("enter", "p")
        await pilot.pause()
        before = panel(pilot, Group.MP_CAPABLE)
        for _ in range(4000):  # longer than the history
            feeds["a"].tick(MPCapableSYNRX=10)
        screen = pilot.app.screen
        assert isinstance(screen, HostScreen)
        screen.draw()
        assert panel(pilot, Group.MP_CAPABLE) == before
        await pilot.press("p")
        assert panel(pilot, Group.MP_CAPABLE) != before

    played(deed, feeds)


def test_the_past_knows_the_role_of_then() -> None:
    feeds = Feeds(appliance("a", "primary"), appliance("b", "secondary"))
    feeds.tick()
    for name, then in (("a", "secondary"), ("b", "primary")):
        feeds[name].identity = feeds[name].identity._replace(role=then)
    feeds.tick()

    def role(name: str, cursor: float | None) -> str:
        seen = feeds.store.at(name, cursor)
        assert seen is not None
        return seen.identity.role

    assert [role(name, 5001.5) for name in ("a", "b")] == ["primary", "secondary"]
    assert [role(name, None) for name in ("a", "b")] == ["secondary", "primary"]


def test_end_comes_back_to_now_and_only_then_means_the_last_row() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("left", "end")
        assert deck(pilot).cursor is None

    played(deed, troubled())


def test_a_mark_holds_the_moment_of_its_key_whatever_its_name_takes() -> None:
    feeds = Feeds(linux("a"), linux("b"))
    feeds.tick()

    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("m", "m")
        feeds["a"].tick(MPCapableSYNRX=33)  # while the name is typed
        await pilot.press(*"rollback", "enter")
        (mark,) = feeds.store.marks
        assert mark.name == "rollback"
        growth = feeds.store.grown("a", Basis.MARK)
        assert growth is not None
        assert growth.of("MPCapableSYNRX") == 33
        await pilot.press("n", "n")
        assert "since rollback" in head(pilot)

    played(deed, feeds)


def test_a_mark_needs_no_name_and_esc_keeps_it() -> None:
    feeds = troubled()

    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("m", "m", "escape", "m", "enter")
        assert [mark.name for mark in feeds.store.marks] == ["mark 1"]
        assert "mark 1" in foot(pilot)


def test_a_mark_takes_no_key_for_its_name_that_was_meant_otherwise() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("m")
        assert "mark 1 set at" in foot(pilot)
        assert "m again names it" in foot(pilot)
        await pilot.press("M")
        await pilot.pause()
        assert isinstance(pilot.app.screen, MovedScreen)
        assert [mark.name for mark in deck(pilot).store.marks] == ["mark 1"]

    played(deed, troubled())


def test_when_the_answer_is_gone_the_same_key_sets_another_mark() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("m")
        screen = pilot.app.screen
        assert isinstance(screen, View)
        now = screen.now()
        screen.draw_footer(now._replace(monotonic=now.monotonic + TOLD_SECONDS), 120)
        assert "m again names it" not in foot(pilot)
        await pilot.press("m", "left_square_bracket", "m")
        assert [mark.name for mark in deck(pilot).store.marks] == ["mark 1", "mark 2", "mark 3"]

    played(deed, troubled())


def test_what_is_told_of_a_new_mark_is_never_cut() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("m")
        assert "M shows what grows (m names it)" in foot(pilot)
        assert "? help  q quit" in foot(pilot)
        assert "…" not in foot(pilot)

    played(deed, troubled(), width=80)


def test_a_key_for_the_name_that_comes_again_asks_for_it_with_a_way_out() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("m", "m")
        asked = text_of(list(pilot.app.screen.query_one(Prompt).lines))[0]
        assert "name of the mark" in asked
        assert "Enter keeps  Esc leaves" in asked

    played(deed, troubled())


def test_while_something_is_asked_letters_are_no_commands() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("m", "m", "q", "n", "x", "left", "tab", "c", "backspace", "r", "enter")
        assert (deck(pilot).basis, deck(pilot).cursor) == (Basis.RATE, None)
        assert [mark.name for mark in deck(pilot).store.marks] == ["qnrx"]
        assert not pilot.app.screen.query_one(Prompt).asking

    played(deed, troubled())


def test_what_moved_since_the_mark_stands_with_errors_first() -> None:
    feeds = Feeds(linux("a"), linux("b"))
    feeds.tick()
    feeds.mark("m", 5001.0, WALL + 5001)
    for _ in range(4):
        feeds["a"].tick(MPCapableSYNRX=9)
        feeds["b"].tick(MPCapableSYNRX=1, MPJoinNoTokenFound=2)

    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("M")
        await pilot.pause()
        assert isinstance(pilot.app.screen, MovedScreen)
        rows = text_of(list(pilot.app.screen.query_one("#body", Lines).lines))
        assert [row.split()[:2] for row in rows if row] == [["▲", "b"], ["a", "MP_CAPABLE"], ["b", "MP_CAPABLE"]]
        assert "+8" in rows[0]
        assert "rising" in rows[0]
        assert "1 error moved" in head(pilot)
        assert "since m" in head(pilot)

    played(deed, feeds)


def test_the_numbers_of_all_screens_are_on_one_basis() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("n", "n", "n")
        assert "since the start" in head(pilot)
        assert "errors /s" not in head(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "+90" in panel(pilot, Group.MP_CAPABLE)
        await pilot.press("c")
        await pilot.pause()
        assert "increase since the start" in head(pilot)
        await pilot.press("s")
        await pilot.pause()
        assert "grown" in head(pilot)

    played(deed, troubled())


def test_the_past_has_the_counters_of_then_when_a_reply_lost_some() -> None:
    feed = Feed()
    feed.tick()
    for _ in range(3):
        feed.tick(MPJoinNoTokenFound=4)
    feed.layout = Layout(tuple(metric for metric in feed.layout.metrics if metric.name != "MPJoinNoTokenFound"))
    feed.tick()
    then, now = feed.store.at("local", 4.0), feed.store.at("local")
    assert then is not None
    assert now is not None
    assert then.rising["MPJoinNoTokenFound"].total == 12
    assert (then.change("MPJoinNoTokenFound") or now).value == 12  # type: ignore[union-attr]
    assert now.change("MPJoinNoTokenFound") is None
