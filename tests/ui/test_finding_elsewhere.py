"""Narrowing the rows of the other screens: the comparison, what moved, the fleet, the events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Paste

from mptcp_top.ui.compare_screen import CompareScreen
from mptcp_top.ui.events_screen import EventsScreen
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.moved_screen import MovedScreen
from mptcp_top.ui.prompt import Prompt
from mptcp_top.ui.split_screen import SplitScreen
from tests.feed import text_of
from tests.ui.found import chosen, fleet, head, keys, lines_of, played, troubled, typed

if TYPE_CHECKING:
    from textual.pilot import Pilot


SIZES = ((60, 20), (80, 24), (120, 40), (200, 50))


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
