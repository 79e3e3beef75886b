"""Narrowing the rows of the screens by what is typed, under a pilot's hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.model import Group
from mptcp_top.ui.board import Panel
from mptcp_top.ui.explain_screen import ExplainScreen
from mptcp_top.ui.fleet_screen import FleetScreen
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.line import Look
from tests.ui.found import chosen, fleet, foot, head, keys, lines_of, played, troubled, typed

if TYPE_CHECKING:
    from textual.pilot import Pilot


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
