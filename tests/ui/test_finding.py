"""Narrowing the rows of the screens by what is typed, under a pilot's hands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.events import Paste

from mptcp_top.model import Group
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.board import Panel
from mptcp_top.ui.compare_screen import CompareScreen
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.events_screen import EventsScreen
from mptcp_top.ui.explain_screen import ExplainScreen
from mptcp_top.ui.fleet_screen import FleetScreen
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.line import Look
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.moved_screen import MovedScreen
from mptcp_top.ui.prompt import Prompt
from mptcp_top.ui.split_screen import SplitScreen
from tests.feed import Feed, Feeds, appliance, linux, text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from mptcp_top.ui.line import Line

SIZES = ((60, 20), (80, 24), (120, 40), (200, 50))


def played(
    deed: Callable[[Pilot[int]], Awaitable[None]], feeds: Feeds | Feed, size: tuple[int, int] = (120, 40)
) -> None:
    async def play() -> None:
        groups = {"front": ("b",)} if isinstance(feeds, Feeds) else {}
        app = MptcpTopApp(Deck(feeds.store, feeds, groups), output_diff=False)
        async with app.run_test(size=size) as pilot:
            await deed(pilot)

    asyncio.run(play())


def troubled() -> Feed:
    """Return a target on which two errors rise, one about a token and one about a checksum."""
    feed = Feed()
    feed.tick(MPCapableSYNRX=100, MPJoinSynRx=5, MPCurrEstab=3)
    feed.tick(MPCapableSYNRX=10, MPJoinNoTokenFound=4, DataCsumErr=2)
    return feed


def fleet() -> Feeds:
    feeds = Feeds(appliance("ns1", "primary"), linux("b"), linux("c"))
    feeds.tick()
    feeds["ns1"].tick(mptcperrunknowntoken=3, mptcptotmpjoinsyn=70)
    feeds["b"].tick(MPJoinSynRx=20, DataCsumErr=4)
    feeds["c"].tick(MPJoinSynRx=20)
    return feeds


async def typed(pilot: Pilot[int], words: str) -> None:
    names = {" ": "space", ":": "colon", "_": "underscore", "/": "slash"}
    await pilot.press(*(names.get(letter, letter) for letter in words))
    await pilot.pause()


def lines_of(pilot: Pilot[int]) -> list[Line]:
    """Return all the lines between the head and the footer."""
    widgets = pilot.app.screen.query(Lines)
    return [line for widget in widgets if widget.id not in {"header", "footer", "prompt"} for line in widget.lines]


def keys(pilot: Pilot[int]) -> list[str]:
    return [line.key for line in lines_of(pilot) if line.key]


def chosen(pilot: Pilot[int]) -> list[str]:
    return [line.key for line in lines_of(pilot) if line.selected]


def head(pilot: Pilot[int]) -> str:
    return "\n".join(text_of(list(pilot.app.screen.query_one("#header", Lines).lines)))


def foot(pilot: Pilot[int]) -> str:
    return text_of(list(pilot.app.screen.query_one("#footer", Lines).lines))[0]


def test_the_rows_follow_letter_by_letter_and_panels_without_a_match_are_gone() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await typed(pilot, "/un")
        some = keys(pilot)
        await typed(pilot, "ktok")
        assert keys(pilot) == ["MPJoinNoTokenFound"]
        assert set(keys(pilot)) < set(some)
        assert [panel.group for panel in pilot.app.screen.query(Panel) if panel.lines] == [Group.ERRORS]
        assert "/unktok" in head(pilot)
        for _ in "ktok":
            await pilot.press("backspace")
        assert keys(pilot) == some

    played(deed, troubled())


def test_a_counter_at_zero_is_found() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        assert "MPJoinPortSynRx" not in keys(pilot)
        await typed(pilot, "/portsyn")
        assert "MPJoinPortSynRx" in keys(pilot)

    played(deed, troubled(), (80, 24))


def test_what_rises_behind_the_filter_is_said_and_the_verdict_stays() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        verdict = head(pilot).splitlines()[1]
        await typed(pilot, "/checksum")
        assert head(pilot).splitlines()[1] == verdict
        assert "▲ 1 rising hidden by the filter" in head(pilot)
        await typed(pilot, "zzz")
        assert keys(pilot) == []
        assert "▲ 2 rising hidden by the filter" in head(pilot)
        assert head(pilot).splitlines()[1] == verdict

    played(deed, troubled())


def test_enter_keeps_the_filter_with_the_row_cursor_on_the_best_match_and_enter_again_explains_it() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await typed(pilot, "/MPJoinSynRx")
        await pilot.press("enter")
        assert chosen(pilot) == ["MPJoinSynRx"]
        assert "Esc clear filter" in foot(pilot)
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, ExplainScreen)

    played(deed, troubled())


def test_arrows_move_among_the_matches_while_one_types_and_enter_keeps_the_row() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await typed(pilot, "/synrx")
        (first,) = chosen(pilot)
        await pilot.press("down")
        (second,) = chosen(pilot)
        assert second != first
        await pilot.press("enter")
        assert chosen(pilot) == [second]

    played(deed, troubled())


def test_escape_in_the_prompt_shows_all_rows_again() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        before = keys(pilot)
        await typed(pilot, "/token")
        await pilot.press("escape")
        assert keys(pilot) == before
        assert "of" not in head(pilot).splitlines()[-1].split()[:2]

    played(deed, troubled())


def test_escape_clears_the_filter_then_releases_the_row_then_goes_back() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("down", "enter")
        await typed(pilot, "/syn")
        await pilot.press("enter")
        assert chosen(pilot)
        await pilot.press("escape")
        assert "/syn" not in head(pilot)
        assert chosen(pilot)
        await pilot.press("escape")
        assert not chosen(pilot)
        assert isinstance(pilot.app.screen, HostScreen)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, FleetScreen)

    played(deed, fleet())


def test_letters_that_are_keys_of_the_screen_are_letters_while_one_types() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await typed(pilot, "/qcm0")
        assert isinstance(pilot.app.screen, HostScreen)
        assert "/qcm0" in head(pilot)
        assert pilot.app.is_running

    played(deed, troubled())


def test_tokens_narrow_further_and_what_is_none_is_told_what_there_is() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await typed(pilot, "/syn :")
        assert ":MP_CAPABLE" in head(pilot)
        await typed(pilot, "join")
        assert "/syn, MP_JOIN" in head(pilot)
        assert "MPJoinSynRx" in keys(pilot)
        assert "MPCapableSYNRX" not in keys(pilot)
        await typed(pilot, " :x")
        assert ":x is nothing" in head(pilot)
        await pilot.press("enter")
        assert ":x means nothing here" in foot(pilot)
        assert "is nothing" not in head(pilot)
        assert "/syn, MP_JOIN" in head(pilot)

    played(deed, troubled())


def test_v_and_w_keep_back_what_is_not_bad_and_what_does_not_move() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("v")
        assert "warnings and worse" in head(pilot)
        assert set(keys(pilot)) == {"MPJoinNoTokenFound", "DataCsumErr"}
        await pilot.press("v", "v")
        assert keys(pilot) == ["MPJoinNoTokenFound"]
        await pilot.press("v", "w")
        assert set(keys(pilot)) == {"MPJoinNoTokenFound", "DataCsumErr", "MPCapableSYNRX"}
        await pilot.press("w")
        assert "moving" not in head(pilot)

    played(deed, troubled())


def test_what_was_typed_last_can_be_typed_on() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await typed(pilot, "/token :error")
        await pilot.press("enter", "slash", "backspace")
        assert "/token" in head(pilot)
        assert "error" not in head(pilot).splitlines()[3]
        await pilot.press("escape", "slash")
        await typed(pilot, "syn")
        assert "/syn" in head(pilot)

    played(deed, troubled())


def test_the_found_letters_are_underlined_in_the_rows() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await typed(pilot, "/unk")
        row = next(line for line in lines_of(pilot) if line.key == "MPJoinNoTokenFound")
        assert [piece.text for piece in row.pieces if piece.look is Look.FOUND] == ["unk"]

    played(deed, troubled())


def test_in_the_past_the_filter_works_the_same() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("left")
        await typed(pilot, "/unktok")
        assert "the past" in head(pilot)
        assert keys(pilot) == ["MPJoinNoTokenFound"]
        assert "hidden" not in head(pilot)  # nothing rose by then
        await pilot.press("enter", "0")
        assert "1 rising hidden" in head(pilot)

    played(deed, troubled())


def test_the_filter_stays_where_another_target_is_shown() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("down", "enter")
        await typed(pilot, "/unknown token")
        await pilot.press("enter", "tab")
        assert "/unknown token" in head(pilot)
        assert keys(pilot) in (["MPJoinNoTokenFound"], ["mptcperrunknowntoken"])

    played(deed, fleet())


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_at_any_size_the_filter_is_told_and_no_line_is_wider_than_the_screen(size: tuple[int, int]) -> None:
    async def deed(pilot: Pilot[int]) -> None:
        for key in ("", "c", "s", "M", "e"):
            await pilot.press(*key)
            await typed(pilot, "/j :")
            assert "/j" in head(pilot), key
            lines = [*lines_of(pilot), *pilot.app.screen.query_one("#header", Lines).lines]
            assert max(len(line) for line in text_of(lines)) < size[0], key  # the last column is the scrollbar's
            await pilot.press("escape")

    played(deed, fleet(), size)


def test_an_alias_of_one_side_finds_the_row_and_the_other_side_keeps_its_number() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("s")
        await typed(pilot, "/TokenEr")
        assert isinstance(pilot.app.screen, SplitScreen)
        (row,) = [line for line in lines_of(pilot) if line.key]
        (said,) = text_of([row])
        assert "·" not in said.split("token")[1].split()[:1]
        assert "1 rising hidden" in head(pilot)  # the checksum of b
        await pilot.press("enter")
        assert chosen(pilot) == [row.key]
        await pilot.press("escape")
        assert len(keys(pilot)) > 1

    played(deed, fleet())


def test_the_comparison_narrows_to_the_rows_that_are_looked_for() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("c")
        await typed(pilot, "/TokenEr")
        assert isinstance(pilot.app.screen, CompareScreen)
        assert keys(pilot) == ["join_unknown_token"]
        assert "1 rising hidden" in head(pilot)
        await pilot.press("ctrl+u")
        await typed(pilot, "join success")
        assert keys(pilot) == ["=joins"]
        await pilot.press("ctrl+u")
        await typed(pilot, ":moving :error")
        assert set(keys(pilot)) == {"join_unknown_token", "dss_bad_checksum"}
        await pilot.press("enter", "escape")
        assert isinstance(pilot.app.screen, CompareScreen)
        assert len(keys(pilot)) > 2

    played(deed, fleet())


def test_what_moved_is_found_by_the_counter_and_the_target() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("M")
        assert isinstance(pilot.app.screen, MovedScreen)
        await typed(pilot, "/syn")
        assert keys(pilot) == ["ns1 mptcptotmpjoinsyn", "b MPJoinSynRx", "c MPJoinSynRx"]
        await typed(pilot, " ns1")
        assert keys(pilot) == ["ns1 mptcptotmpjoinsyn"]
        assert "2 errors moved" in head(pilot)
        assert "2 rising hidden" in head(pilot)
        await pilot.press("ctrl+u")
        await typed(pilot, "zzz")
        assert "nothing that is looked for moved" in "\n".join(text_of(lines_of(pilot)))

    played(deed, fleet())


def test_the_fleet_is_found_by_name_role_and_group() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        for words, names in (("c", ["c"]), ("primary", ["ns1"]), ("front", ["b"]), ("zz", [])):
            await typed(pilot, f"/{words}")
            assert keys(pilot) == names, words
            assert f"{len(names)} of 3 targets: /{words}" in head(pilot)
            assert "rising hidden" in head(pilot)
            assert "errors rise on 2" in head(pilot)
            await pilot.press("escape")
        assert len(keys(pilot)) == 3
        await typed(pilot, "/:moving")
        assert ":moving is nothing here" in head(pilot)
        assert len(keys(pilot)) == 3

    played(deed, fleet())


def test_events_are_found_by_counter_alias_target_and_kind() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("e")
        assert isinstance(pilot.app.screen, EventsScreen)
        assert len(keys(pilot)) == 2
        for words, target in (("TokenEr", "ns1"), ("checksum", "b"), ("b rising", "b"), (":join", "ns1")):
            await typed(pilot, f"/{words}")
            (row,) = keys(pilot)
            assert row.split()[1] == target, words
            assert "1 rising hidden by the filter" in head(pilot)
            await pilot.press("escape")
        await pilot.press("v", "v")
        assert "2 of 2 events: errors and worse" in head(pilot)
        await pilot.press("escape")
        assert "errors and worse" not in head(pilot)
        assert isinstance(pilot.app.screen, EventsScreen)

    played(deed, fleet())


def test_a_paste_of_very_much_and_keys_of_every_kind_do_no_harm() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        for key in ("", "c", "s", "M", "e"):
            await pilot.press(*key)
            await pilot.press("slash")
            pilot.app.screen.query_one(Prompt).post_message(Paste("x" * 10_000))
            await pilot.pause()
            assert len(keys(pilot)) == 0, key
            await pilot.press("ctrl+u")
            await typed(pilot, "日é▲x" * 3)
            await pilot.press("up", "down", "pageup", "pagedown", "home", "end", "ctrl+w", "ctrl+h", "f5", "shift+up")
            await pilot.resize_terminal(45, 9)
            await pilot.resize_terminal(120, 40)
            await pilot.press("ctrl+u", "enter")
            assert "/" not in head(pilot).splitlines()[0]
        assert pilot.app.is_running

    played(deed, fleet())


def test_help_lists_the_keys_that_find() -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("question_mark")
        await pilot.pause()
        said = " ".join("\n".join(text_of(list(pilot.app.screen.query_one("#text", Lines).lines))).split())
        assert "find counters by a few letters of a name or alias" in said
        assert "only what moves, or all again" in said

    played(deed, troubled())
