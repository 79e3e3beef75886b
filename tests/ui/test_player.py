"""Playing a recording: the cursor moves with time, stops at the end or follows it, and the head says all of that."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import pytest

from mptcp_top.ui import keys
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.frame import Moment
from mptcp_top.ui.player import SPEEDS, Player
from mptcp_top.ui.replayed import Replay, time_line
from mptcp_top.ui.view import View
from tests.feed import WALL, Feed, text_of

DAY = 86_400.0


@dataclass
class Tape:
    """A recording of polls a second apart, whose clock is the wall clock; nothing is recorded in the ``holes``."""

    begins: float = WALL
    ends: float = WALL + 3600
    holes: tuple[tuple[float, float], ...] = ()
    grows_by: float = 0.0
    trouble: str = ""

    @property
    def extent_of_all(self) -> tuple[float, float] | None:
        return (self.begins, self.ends) if self.ends > self.begins else None

    def catch_up(self) -> bool:
        self.ends += self.grows_by
        return self.grows_by > 0

    def poll_beside(self, moment: float, step: int) -> float | None:
        found = float(int(moment) + step)
        for began, ended in self.holes:
            if began < found < ended:
                found = ended
        return found if self.begins <= found <= self.ends else None

    def skew(self, moment: float) -> float | None:
        return 0.0 if moment >= self.begins else None

    def read_again(self) -> None:
        """Nothing is kept."""

    def trouble_at(self, cursor: float | None) -> str:
        return "" if cursor is None else self.trouble


def player(tape: Tape, *, growing: bool = False) -> Player:
    made = Player("mixed.db", tape, lambda: 1.0, growing=growing)
    made.tick(None, 0.0, tape.ends)
    return made


def line(player: Player, cursor: float | None, monotonic: float = 0.0, wall: float = WALL, width: int = 100) -> str:
    now = player.now(cursor, monotonic)
    return text_of([time_line(Moment(*now, cursor, cursor, player.replay(cursor, monotonic, wall)), width)])[0]


def test_time_goes_by_as_fast_as_was_asked_for() -> None:
    played = player(Tape())
    cursor = played.turn(WALL + 100)
    for second in range(1, 11):
        cursor, _ = played.tick(cursor, float(second), WALL)
    assert cursor == WALL + 110
    played.speed = 60.0
    assert played.tick(cursor, 11.0, WALL) == (WALL + 170, "")


def test_what_was_missed_while_the_terminal_stood_still_is_played_and_not_left_out() -> None:
    played = player(Tape())
    cursor = played.turn(WALL)
    cursor, _ = played.tick(cursor, 1.0, WALL)
    assert played.tick(cursor, 900.0, WALL)[0] == WALL + 3


def test_what_is_paused_stays_where_it_is() -> None:
    played = player(Tape())
    assert played.tick(WALL + 5, 30.0, WALL) == (WALL + 5, "")


def test_at_its_end_a_finished_recording_pauses() -> None:
    played = player(Tape())
    cursor = played.turn(WALL + 3599)
    cursor, _ = played.tick(cursor, 1.0, WALL)
    cursor, said = played.tick(cursor, 2.0, WALL)
    assert (cursor, said, played.playing) == (WALL + 3600, "this is the end of the recording", False)
    assert played.turn(cursor) == cursor
    assert not played.playing, "there is nothing to play after the end"


def test_at_its_end_a_recording_that_grows_is_followed() -> None:
    played = player(Tape(), growing=True)
    cursor = played.turn(WALL + 3600)
    assert played.tick(cursor, 1.0, WALL)[0] is None


def test_a_finished_recording_that_somebody_goes_on_with_is_followed_from_then_on() -> None:
    tape = Tape()
    played = player(tape)
    assert played.rest(None) == tape.ends
    tape.grows_by = 1.0
    played.tick(tape.ends, 1.0, tape.ends)
    assert played.rest(None) is None


def test_a_night_in_which_nothing_was_recorded_is_passed_over_and_told() -> None:
    played = player(Tape(ends=WALL + DAY, holes=((WALL + 10, WALL + 30_010),)))
    cursor = played.turn(WALL + 10)
    assert played.tick(cursor, 1.0, WALL) == (WALL + 30_010, "nothing was recorded for 8 h 20 min: passed over")


def test_a_hole_that_is_over_in_a_moment_is_played() -> None:
    played = player(Tape(holes=((WALL + 10, WALL + 40),)))
    assert played.tick(played.turn(WALL + 10), 1.0, WALL) == (WALL + 11, "")


def test_no_moment_is_before_the_beginning_or_after_the_end() -> None:
    played = player(Tape())
    assert (played.rest(0.0), played.rest(WALL * 2)) == (WALL, WALL + 3600)


def test_faster_and_slower_go_through_the_speeds_and_say_where_they_end() -> None:
    played = player(Tape())
    said = [played.faster(1) for _ in SPEEDS]
    assert said[0] == "speed x2"
    assert said[-1] == "speed x600, that is the most"
    said = [played.faster(-1) for _ in SPEEDS]
    assert said[-1] == "speed x0.5, that is the least"


@pytest.mark.parametrize(("speed", "step", "then"), [(3.0, 1, 5.0), (3.0, -1, 2.0), (1000.0, -1, 600.0), (0.1, 1, 0.5)])
def test_from_a_speed_of_ones_own_the_next_one_is_reached(speed: float, step: int, then: float) -> None:
    played = player(Tape())
    played.speed = speed
    played.faster(step)
    assert played.speed == then


def test_the_head_says_that_it_is_a_replay_which_moment_and_how_to_move() -> None:
    played = player(Tape())
    said = line(played, WALL + 600)
    assert said.startswith(" ◌ replay, paused  10:10:00  50 min before its end  mixed.db")
    assert said.endswith("p plays on")
    played.turn(WALL + 600)
    played.speed = 10.0
    assert " ▸ replay, playing x10  10:10:00" in line(played, WALL + 600)
    assert "[ ] events  @ time" in line(played, WALL + 600, width=120)


def test_a_moment_of_another_day_is_said_with_its_day() -> None:
    played = player(Tape())
    assert "Sat 10:10:00" in line(played, WALL + 600, wall=WALL + 2 * DAY)
    assert "2026-11-21 10:10:00" in line(played, WALL + 600, wall=WALL + 30 * DAY)


def test_the_head_of_a_recording_that_grows_says_how_old_its_newest_data_are() -> None:
    played = player(Tape(), growing=True)
    assert " ● following  mixed.db  newest data 2 s old" in line(played, None, 2.0)
    assert " ● following  mixed.db  it has not grown for 40 s" in line(played, None, 40.0)


def test_a_recording_of_slow_polls_is_not_silent_before_the_next_one_is_due() -> None:
    played = Player("slow.db", Tape(), lambda: 60.0, growing=True)
    played.tick(None, 0.0, WALL + 3600)
    assert not played.replay(None, 100.0, WALL).silent
    assert played.replay(None, 200.0, WALL).silent


def test_what_cannot_be_read_is_said_where_it_is() -> None:
    played = player(Tape(trouble="database disk image is malformed"))
    assert " ! not readable  10:10:00  mixed.db  database disk image is malformed" in line(played, WALL + 600)


def test_an_empty_recording_that_somebody_began_is_waited_for() -> None:
    played = player(Tape(ends=WALL), growing=True)
    assert played.within(None) is None
    assert played.tick(None, 1.0, WALL) == (None, "")


@pytest.mark.parametrize("width", range(20, 140, 7))
def test_the_line_is_never_wider_than_the_screen(width: int) -> None:
    played = player(Tape())
    assert len(line(played, WALL + 600, width=width)) <= width
    assert len(line(player(Tape(), growing=True), None, 55.0, width=width)) <= width


@pytest.mark.parametrize(
    "table", [keys.FLEET, keys.HOST, keys.EVENTS, keys.COMPARE, keys.SPLIT, keys.MOVED, keys.CHART]
)
def test_every_screen_has_the_keys_of_time_and_names_play_in_a_replay(table: tuple[keys.Key, ...]) -> None:
    bound = [key for row in table for key in row.keys.split(",")]
    for key in ("p", "at", "left_curly_bracket", "right_curly_bracket", "left", "right", "left_square_bracket", "0"):
        assert bound.count(key) == 1, key
    named = {key.sign: key for key in keys.in_a_replay(table, Replay("a.db", left_seconds=60.0))}
    assert named["p"].name == "play"
    assert named["p"].weight > named["← →"].weight > named["@"].weight > 80
    assert all(key.weight == 0 for key in named.values() if key.action in {"retry", "pace(1)"}), "nothing is polled"


def named(replay: Replay) -> dict[str, str]:
    """Return what the last line calls the keys that it names."""
    return {key.sign: key.name for key in keys.in_a_replay(keys.HOST, replay) if key.weight and key.name}


def head(replay: Replay, width: int = 120) -> str:
    return text_of([time_line(Moment(900.0, WALL + 900, 840.0, WALL + 840, replay), width)])[0]


def test_at_the_end_of_a_finished_recording_nothing_plays_on() -> None:
    end = Replay("a.db", today=WALL)
    assert "its end" in head(end)
    assert "plays" not in head(end)
    assert not {"p", "0"} & named(end).keys()
    assert named(end)["[ ]"] == "events"


def test_an_earlier_moment_of_a_recording_that_grows_says_that_it_does() -> None:
    early = Replay("a.db", today=WALL, left_seconds=60.0, growing=True, newest_seconds=2.0)
    assert "1 min before its end  a.db  still growing" in head(early)
    assert named(early)["0"] == "follow"
    assert "it has not grown for 5 min" in head(early._replace(silent=True, newest_seconds=300.0))
    assert named(early._replace(growing=False))["0"] == "end"
    assert "still growing" not in head(early._replace(growing=False))


def test_a_picture_of_a_moment_has_its_day_and_no_keys() -> None:
    still = Replay("a.db", still=True)
    assert re.fullmatch(r" ◌ recorded  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  a\.db", head(still).rstrip())
    assert named(still) == {}


def typed(*words: str, idle: float = 0.0) -> tuple[float | None, str]:
    """Return where the cursor of a live dashboard is after times were asked for, and what the last line says.

    Nothing was polled for ``idle`` seconds before the last poll.
    """

    async def play() -> tuple[float | None, str]:
        feed = Feed()
        for _ in range(10):
            feed.tick()
        feed.now += idle
        feed.tick()
        deck = Deck(feed.store, feed)
        app = MptcpTopApp(deck, output_diff=False)
        async with app.run_test(size=(120, 36)) as pilot:
            for one in words:
                await pilot.press("at", *one, "enter")
            screen = app.screen
            assert isinstance(screen, View)
            asked = screen.prompt if screen.prompt.asking else screen.footer
            return deck.cursor, text_of(list(asked.lines))[0]

    return asyncio.run(play())


def test_in_the_live_dashboard_a_time_is_gone_to_as_well() -> None:
    assert typed("2026-11-21T10:00:05Z")[0] == pytest.approx(5.0)
    assert typed("start")[0] == pytest.approx(1.0)
    assert typed("start", "end")[0] is None


def test_at_a_moment_at_which_nobody_watched_it_says_of_when_the_numbers_are() -> None:
    cursor, said = typed("2026-11-21T10:10:00Z", idle=3600.0)
    assert cursor == pytest.approx(600.0)
    assert re.search(r"nothing is known from (\w{3} )?\d\d:\d\d:\d\d to that moment|nothing is known from 2026", said)
    assert "nothing is known" not in typed("2026-11-21T10:00:05Z", idle=3600.0)[1]


def test_before_what_is_remembered_it_goes_to_the_oldest_and_says_so() -> None:
    cursor, said = typed("2026-11-20T10:00:05Z")
    assert cursor == pytest.approx(1.0)
    assert "what is known begins at" in said


def test_what_is_no_time_is_asked_for_again() -> None:
    cursor, said = typed("soon")
    assert cursor is None
    assert said.startswith(" that is no time (03:12, -15m, start); go to: soon_")
