"""One transaction a batch: all of it or nothing, and what is forgotten leaves the rest right."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from mptcp_top.recording import place
from mptcp_top.recording.library import opened
from mptcp_top.recording.writer import Writer
from tests.recording.agreement import JUST_AFTER, Asked, answers, differences, disagreements, replayed
from tests.recording.story import PLOTS, WALL, Plot, Session, record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mptcp_top.recording.writer import Seen

MORE_PAGES = 0
FORGOTTEN = 0.3


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    (tmp_path / "story.db").touch()
    with closing(place.to_write(tmp_path / "story.db")) as connection:
        yield connection


def write_into_a_full_disk(connection: sqlite3.Connection, writer: Writer, batch: list[Seen], session: Session) -> bool:
    """Try to write where there is hardly any room; return whether there was enough."""
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + MORE_PAGES}")
    try:
        writer.write(batch, session.store.marks)
    except sqlite3.OperationalError:
        return False
    finally:
        connection.execute("PRAGMA max_page_count = 1000000")
    return True


def everything(connection: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]  # noqa: S608  # names of ours


@pytest.mark.parametrize("seed", range(4))
def test_what_did_not_fit_is_written_when_there_is_room_again(
    tmp_path: Path, connection: sqlite3.Connection, seed: int
) -> None:
    plot = PLOTS[seed]
    session = Session(plot, seed, 5000.0, WALL)
    writer = Writer(connection, session.store.targets, session.began, WALL)
    session.ahead_seconds = writer.ahead_seconds
    refused = 0
    waiting: list[Seen] = []
    for _ in range(plot.polls):
        waiting += session.polled()
        if session.random.random() < 0.3:
            before = everything(connection) if refused < 5 else None
            if not write_into_a_full_disk(connection, writer, waiting, session):
                refused += 1
                assert before is None or everything(connection) == before
                continue
        else:
            writer.write(waiting, session.store.marks)
        waiting = []
    writer.write(waiting, session.store.marks)
    writer.finish()
    assert refused
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with replayed(tmp_path / "story.db") as replay:
        assert disagreements(session, replay, 8) == []


def test_a_batch_that_was_lost_leaves_the_others_right(tmp_path: Path, connection: sqlite3.Connection) -> None:
    session = Session(Plot(trouble=0.0), 1, 5000.0, WALL)
    writer = Writer(connection, session.store.targets, session.began, WALL)
    kept = []
    for number in range(300):
        batch = session.polled()
        if number % 100 < 50:
            writer.write(batch, session.store.marks)
            kept.append(batch[0].reading.values)
        else:
            connection.execute("PRAGMA query_only = ON")
            with pytest.raises(sqlite3.OperationalError):
                writer.write(batch, session.store.marks)
            connection.execute("PRAGMA query_only = OFF")
    writer.note_gap(5050.0, 5100.0, "no space left")
    with opened(tmp_path / "story.db", writer.ahead_seconds) as reader:
        assert [one.values for one in reader.read("t0", 0.0, 9e9)] == kept
        assert [why for _, _, why in reader.gaps()] == ["no space left"]


@pytest.mark.parametrize("plot", [PLOTS[0], PLOTS[6], Plot("netscaler", 2, 5.0, 7.0, 600, trouble=0.0)])
def test_what_is_forgotten_leaves_all_that_came_after_it_right(tmp_path: Path, plot: Plot) -> None:
    session = Session(plot, 6, 5000.0, WALL)
    record(tmp_path / "story.db", session)
    oldest = session.seen[int(FORGOTTEN * len(session.seen))].monotonic
    with closing(place.to_write(tmp_path / "story.db")) as connection:
        writer = Writer(connection, (), 0.0, 0.0)
        writer.prune(oldest + session.ahead_seconds - writer.ahead_seconds)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    late = [seen for seen in session.seen if seen.monotonic > oldest + 480.0]
    assert late
    with replayed(tmp_path / "story.db") as replay:
        for seen in late[:: max(1, len(late) // 10)]:
            cursor, name, ahead = seen.monotonic + JUST_AFTER, seen.target.name, session.ahead_seconds
            live = answers(Asked(session.store, name, cursor, ahead, closely=False))
            past = answers(Asked(replay, name, cursor + ahead, closely=False))
            for key in ("at", "alerts", "ratios 60.0", "ratios 300.0", "growth 60.0", "growth 300.0", "grown INTERVAL"):
                assert list(differences(live.get(key), past.get(key), key)) == []


def test_a_session_is_recorded_after_all_others_whatever_the_clock_says(tmp_path: Path) -> None:
    first = Session(Plot(polls=30), 1, 5000.0, WALL)
    second = Session(Plot(polls=30), 2, 70.0, WALL - 1e6)
    record(tmp_path / "story.db", first, second)
    with opened(tmp_path / "story.db") as reader:
        moments = [one.monotonic for one in reader.read("t0", 0.0, 9e9)]
        assert moments == sorted(moments)
        assert len(moments) == 60
        assert reader.read("t0", 0.0, 9e9)[-1].wall < WALL
        assert [session.number for session in reader.sessions()] == [1, 2]


def test_an_error_that_grew_beyond_what_sqlite_counts_is_kept_exactly(tmp_path: Path) -> None:
    session = Session(Plot(polls=0), 1, 5000.0, WALL)
    (tmp_path / "story.db").touch()
    with closing(place.to_write(tmp_path / "story.db")) as connection:
        writer = Writer(connection, session.store.targets, session.began, WALL)
        actor = session.actors[0]
        flagged = next(metric.name for metric in actor.layout.metrics if metric.flagged and metric.flag_above is None)
        for value in (0, 2**64 - 5, 2**64 - 3):
            actor.values[flagged] = value
            session.step(writer)
        writer.finish()
    with opened(tmp_path / "story.db") as reader:
        totals = {kept.episode.metric.name: kept.episode.total for kept in reader.episodes()["t0"]}
        assert totals[flagged] >= 2**64 - 5


def test_every_reading_of_the_view_is_what_was_read(tmp_path: Path) -> None:
    session = Session(Plot(polls=60, trouble=0.0), 4, 5000.0, WALL)
    record(tmp_path / "story.db", session)
    with opened(tmp_path / "story.db") as reader, closing(sqlite3.connect(tmp_path / "story.db")) as shell:
        rows = shell.execute("SELECT time, counter, value, rate FROM readings WHERE target = 't0'").fetchall()
        values: dict[str, list[int]] = {}
        for _, counter, value, _ in rows:
            values.setdefault(counter, []).append(int(value))
        read = reader.read("t0", 0.0, 9e9)
        for column, metric in enumerate(read[0].layout.metrics):
            known = [one.values[column] for one in read if one.values is not None]
            assert values.get(metric.name, []) == [value for value in known if value is not None]
        assert not any(isinstance(rate, float) and rate < 0 for *_, rate in rows)


def test_an_error_that_has_risen_for_long_is_known_however_many_came_after_it(tmp_path: Path) -> None:
    session = Session(Plot(polls=0, trouble=0.0, sleeps=False), 1, 5000.0, WALL)
    (tmp_path / "story.db").touch()
    chronic, *others = [metric.name for metric in session.layouts[0].metrics if metric.flagged and not metric.net_of]
    with closing(place.to_write(tmp_path / "story.db")) as connection:
        writer = Writer(connection, session.store.targets, session.began, WALL, 30.0)
        for poll in range(400):
            values = session.actors[0].values
            for name in (chronic, others[poll % len(others)] if poll % 2 else others[0]):
                values[name] = (values[name] or 0) + 50
            session.step(writer)
    with opened(tmp_path / "story.db") as reader:
        minute = reader.minute(9e9)
        first = {kept.episode.metric.name: kept.first for kept in reader.episodes(minute, at_most=3)["t0"]}
        assert first[chronic] < (minute or 0.0) - 300.0
