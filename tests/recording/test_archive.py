"""How far a recording reaches, and what a store asks it for."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.store import Store
from mptcp_top.model import Target
from mptcp_top.recording import place
from mptcp_top.recording.archive import Recorded
from mptcp_top.recording.reader import Reader
from mptcp_top.recording.writer import Writer
from tests.recording.agreement import JUST_AFTER, replayed
from tests.recording.story import WALL, Plot, Session, record

if TYPE_CHECKING:
    from pathlib import Path

CALM = Plot(polls=120, trouble=0.0, sleeps=False)


def test_a_recording_reaches_from_its_first_poll_to_its_last(tmp_path: Path) -> None:
    session = Session(CALM, 1, 5000.0, WALL)
    record(tmp_path / "story.db", session)
    with replayed(tmp_path / "story.db") as replay:
        reach = replay.extent("t0")
        assert reach is not None
        ahead = session.ahead_seconds
        assert reach.first == pytest.approx(session.seen[0].monotonic + ahead, abs=1e-3)
        assert reach.last == pytest.approx(session.seen[-1].monotonic + ahead, abs=1e-3)
        assert reach.wall == pytest.approx(session.seen[-1].wall, abs=1e-3)


def test_a_poll_that_was_missed_belongs_to_the_recording(tmp_path: Path) -> None:
    session = Session(CALM, 1, 5000.0, WALL)
    session.actors[0].silent = 0
    (tmp_path / "story.db").touch()
    with closing(place.to_write(tmp_path / "story.db")) as connection:
        writer = Writer(connection, session.store.targets, session.began, WALL)
        for poll in range(60):
            session.actors[0].silent = poll > 30
            session.step(writer)
        ahead = writer.ahead_seconds
    with replayed(tmp_path / "story.db") as replay:
        reach = replay.extent("t0")
        assert reach is not None
        assert reach.last == pytest.approx(session.seen[-1].monotonic + ahead, abs=1e-3)


def test_a_target_that_was_never_recorded_is_left_to_memory(tmp_path: Path) -> None:
    record(tmp_path / "story.db", Session(CALM, 1, 5000.0, WALL))
    with closing(place.to_read(tmp_path / "story.db")) as connection:
        store = Store([Target("t0", "linux"), Target("new", "linux")])
        store.archive = Recorded(Reader(connection), 30.0, tuple, alone=True)
        assert store.at("new", WALL + 60.0) is None
        assert store.extent("new") is None
        assert store.at("t0", WALL + 60.0) is not None


def test_more_is_known_after_a_look_at_a_recording_that_grows(tmp_path: Path) -> None:
    session = Session(CALM, 1, 5000.0, WALL)
    (tmp_path / "story.db").touch()
    with closing(place.to_write(tmp_path / "story.db")) as connection:
        writer = Writer(connection, session.store.targets, session.began, WALL)
        session.step(writer)
        with replayed(tmp_path / "story.db") as replay:
            archive = replay.archive
            assert isinstance(archive, Recorded)
            before = archive.extent_of_all
            assert not archive.catch_up()
            session.step(writer)
            assert archive.catch_up()
            after = archive.extent_of_all
            assert before is not None
            assert after is not None
            assert after[1] > before[1]
            latest = replay.at("t0")
            assert latest is not None
            assert latest.values == session.seen[-1].values


def test_nobody_is_kept_from_reading_while_another_reads(tmp_path: Path) -> None:
    session = Session(CALM, 1, 5000.0, WALL)
    record(tmp_path / "story.db", session)
    with replayed(tmp_path / "story.db") as one, replayed(tmp_path / "story.db") as other:
        moment = session.seen[60].monotonic + session.ahead_seconds + JUST_AFTER
        said = [store.at("t0", moment) for store in (one, other)]
        assert [seen and seen.values for seen in said] == [session.seen[60].values] * 2
