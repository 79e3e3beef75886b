"""A replay answers as the store did that lived through it: for made-up stories, at random moments."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.series import Between
from mptcp_top.recording import place
from mptcp_top.recording.archive import BEHIND_SECONDS, Recorded
from mptcp_top.recording.reader import Reader
from mptcp_top.recording.writer import Writer
from tests.recording.agreement import JUST_AFTER, Asked, At, answers, differences, disagreements, observed, replayed
from tests.recording.story import PLOTS, WALL, Plot, Session, record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOMENTS = 8


@pytest.mark.parametrize("seed", range(2 * len(PLOTS)))
def test_a_replay_says_what_was_said_live(tmp_path: Path, seed: int) -> None:
    session = Session(PLOTS[seed % len(PLOTS)], seed, 5000.0, WALL)
    record(tmp_path / "story.db", session)
    with replayed(tmp_path / "story.db") as replay:
        assert disagreements(session, replay, MOMENTS) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_replay_shows_what_an_observation_told_when_it_was_made(tmp_path: Path, seed: int) -> None:
    session = Session(PLOTS[seed], seed, 5000.0, WALL)
    record(tmp_path / "story.db", session)
    with replayed(tmp_path / "story.db") as replay:
        for seen in session.seen[:: len(session.seen) // 20]:
            name, cursor = seen.target.name, seen.monotonic + JUST_AFTER
            past = replay.at(name, cursor + session.ahead_seconds)
            if seen.reset or not seen.values:
                continue
            assert past is not None
            told = observed(Asked(session.store, name, cursor, session.ahead_seconds), seen)
            shown = observed(Asked(replay, name, cursor), past)
            estimated = "counted"  # when an appliance took stock is known better live
            assert list(differences({**told, estimated: None}, {**shown, estimated: None})) == []


@pytest.mark.parametrize("seed", range(2))
def test_a_later_session_in_the_same_file_is_replayed_as_it_was(tmp_path: Path, seed: int) -> None:
    first = Session(PLOTS[seed], seed, 90_000.0, WALL)
    second = Session(Plot(polls=1400, trouble=0.01), seed + 100, 77.0, WALL - 500.0)  # rebooted, with a wrong clock
    record(tmp_path / "story.db", first, second)
    long_after = [seen.monotonic for seen in second.seen][700]
    with replayed(tmp_path / "story.db") as replay:
        assert disagreements(second, replay, MOMENTS, since=long_after) == []
        assert disagreements(first, replay, MOMENTS) == []


def test_what_memory_has_forgotten_is_read_from_the_recording(tmp_path: Path) -> None:
    whole = Session(Plot(polls=1500, targets=2), 3, 5000.0, WALL)
    brief = Session(Plot(polls=1500, targets=2, remembered=600), 3, 5000.0, WALL)
    record(tmp_path / "whole.db", whole)
    record(tmp_path / "brief.db", brief)
    with closing(place.to_read(tmp_path / "brief.db")) as connection:
        reader = Reader(connection, brief.ahead_seconds)
        brief.store.archive = Recorded(reader, 30.0, lambda: brief.store.marks, alone=False)
        for seen in whole.seen[40 :: len(whole.seen) // 25]:
            cursor, name = seen.monotonic + JUST_AFTER, seen.target.name
            long, short = (answers(Asked(one.store, name, cursor, closely=False)) for one in (whole, brief))
            assert list(differences(long, short)) == []


def test_memory_answers_for_what_it_holds(tmp_path: Path) -> None:
    session = Session(Plot(), 0, 5000.0, WALL)
    record(tmp_path / "story.db", session)
    with closing(place.to_read(tmp_path / "story.db")) as connection:
        reader = Reader(connection, session.ahead_seconds)
        session.store.archive = Recorded(reader, 30.0, tuple, alone=False)
        live = session.store.tracks["t0"]
        begins = live.history.times(live.history.first)[0]
        for cursor in (None, begins + BEHIND_SECONDS + 1.0, begins + 1.0):
            assert session.store.track("t0", cursor) is live


class Moved(Between):
    """The same stretches on a clock that is behind."""

    def edges(self) -> Iterator[float]:
        place = 1
        while (edge := self.begin + place * self.step_seconds) <= self.end:
            yield edge
            place += 1


@pytest.mark.parametrize("seed", [0, 2, 3, 5])
def test_a_chart_of_a_recording_is_that_of_memory(tmp_path: Path, seed: int) -> None:
    session = Session(PLOTS[seed], seed, 5000.0, WALL)
    record(tmp_path / "story.db", session)
    rng = random.Random(seed)
    with replayed(tmp_path / "story.db") as replay:
        reaches = [session.store.extent("t0"), replay.extent("t0")]
        live, recorded = (
            Asked(one, "t0", 0.0, ahead) for one, ahead in ((session.store, session.ahead_seconds), (replay, 0.0))
        )
        ends = [
            [asked.at(one.first), asked.at(one.last), At(one.wall)]
            for asked, one in zip((live, recorded), reaches, strict=True)
            if one
        ]
        assert list(differences(ends[0], ends[1])) == []
        first, last = ends[1][0].seconds or 0.0, ends[1][1].seconds or 0.0
        wanted = [[metric] for metric in session.layouts[0].metrics[:40:8]]
        for step in (1.0, 5.0, 10.0, 60.0, 300.0):
            begin = rng.uniform(first - 60.0, last)
            end = begin + step * rng.choice((20, 100))
            said = [
                [
                    [(asked.at(one.begin), asked.at(one.end), one.cell, one.exact) for one in stretches]
                    for stretches in asked.store.series("t0", wanted, Moved(begin - ahead, end - ahead, step))
                ]
                for asked, ahead in ((live, session.ahead_seconds), (recorded, 0.0))
            ]
            assert list(differences(said[0], said[1])) == []


def test_a_growing_recording_is_read_on_from_where_it_was(tmp_path: Path) -> None:
    session = Session(Plot(polls=0), 2, 5000.0, WALL)
    path = tmp_path / "story.db"
    record(path, session)
    with closing(place.to_write(path)) as connection, replayed(path) as replay:
        writer = Writer(connection, session.store.targets, session.began, WALL)
        session.ahead_seconds = writer.ahead_seconds
        assert isinstance(replay.archive, Recorded)
        for _ in range(40):
            for _ in range(10):
                session.step(writer)
            replay.archive.catch_up()
            cursor = session.seen[-1].monotonic + JUST_AFTER
            live = answers(Asked(session.store, "t0", cursor, writer.ahead_seconds, closely=False))
            past = answers(Asked(replay, "t0", cursor + writer.ahead_seconds, closely=False))
            assert list(differences(live["at"], past["at"])) == []
