"""A window is read once, and only added to."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.history import ROWS
from mptcp_top.recording import place
from mptcp_top.recording.archive import BEHIND_SECONDS, Recorded
from mptcp_top.recording.windows import AHEAD_SECONDS
from mptcp_top.recording.writer import Writer
from tests.recording.agreement import replayed
from tests.recording.story import WALL, Plot, Session, record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mptcp_top.engine.store import Store

POLLS = 4500


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("window") / "story.db"
    record(path, Session(Plot(polls=POLLS, trouble=0.0, sleeps=False), 6, 5000.0, WALL))
    return path


@pytest.fixture
def replay(long_recording: Path) -> Iterator[Store]:
    with replayed(long_recording) as store:
        yield store


def ends(store: Store) -> tuple[float, float]:
    assert isinstance(store.archive, Recorded)
    assert store.archive.extent_of_all is not None
    return store.archive.extent_of_all


def test_a_cursor_that_moves_a_little_stays_in_its_window(replay: Store) -> None:
    middle = sum(ends(replay)) / 2
    track = replay.track("t0", middle)
    assert replay.track("t0", middle + AHEAD_SECONDS / 2) is track
    assert replay.track("t0", middle + 20 * AHEAD_SECONDS) is track


def test_a_window_holds_what_the_screens_look_back_on_and_not_much_more(replay: Store) -> None:
    middle = sum(ends(replay)) / 2
    history = replay.track("t0", middle - 1.0).history
    held = middle - 1.0 - history.times(history.first)[0]
    assert BEHIND_SECONDS <= held <= BEHIND_SECONDS + 70.0


def test_who_asks_for_all_gets_as_much_as_memory_would_hold(replay: Store) -> None:
    _, last = ends(replay)
    history = replay.track("t0", last, whole=True).history
    assert 0.9 * ROWS < len(history) <= ROWS
    assert replay.track("t0", last, whole=True) is replay.track("t0", last - 5.0, whole=True)


def test_before_the_beginning_there_is_nothing(replay: Store) -> None:
    first, _ = ends(replay)
    assert replay.at("t0", first - 100.0) is None


def test_a_replay_that_plays_on_for_long_forgets_what_came_first_and_goes_back_to_it(replay: Store) -> None:
    first, last = ends(replay)
    moment = first + BEHIND_SECONDS
    while moment < last:
        assert replay.at("t0", moment) is not None
        moment += 50.0
    seen = replay.at("t0", first + 10.0)
    assert seen is not None
    assert abs(seen.monotonic - first - 10.0) < 1.1


def test_every_poll_of_a_window_keeps_the_number_it_had(replay: Store) -> None:
    middle = sum(ends(replay)) / 2
    far, near = replay.track("t0", middle, whole=True).history, replay.track("t0", middle).history
    assert far.row_at(middle) == near.row_at(middle)


def test_a_recording_without_a_poll_shows_nothing(tmp_path: Path) -> None:
    record(tmp_path / "empty.db", Session(Plot(polls=0), 1, 5000.0, WALL))
    with replayed(tmp_path / "empty.db") as store:
        assert store.at("t0", 1.0) is None
        assert store.extent("t0") is None
        assert store.newest(["t0"]) is None


def test_a_target_that_has_been_down_for_long_still_shows_what_was_read_last(tmp_path: Path) -> None:
    session = Session(Plot(polls=0, trouble=0.0, targets=2, sleeps=False), 3, 5000.0, WALL)
    (tmp_path / "story.db").touch()
    with closing(place.to_write(tmp_path / "story.db")) as connection:
        writer = Writer(connection, session.store.targets, session.began, WALL)
        for poll in range(1500):
            session.actors[1].silent = poll > 20
            session.step(writer)
    good = [seen for seen in session.seen if seen.target.name == "t1" and seen.failure is None][-1]
    with replayed(tmp_path / "story.db") as store:
        seen = store.at("t1", ends(store)[1])
        assert seen is not None
        assert seen.failure is not None
        assert seen.values == good.values
