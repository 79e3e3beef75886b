"""A page in the middle of a recording that is lost: the rest is read, and what is missing is said."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest

from mptcp_top.cli.main import main
from mptcp_top.cli.played import deck_over
from mptcp_top.recording.keep import Keep
from mptcp_top.recording.lenient import Lenient, salvaged, told
from mptcp_top.recording.open_file import OpenFile
from mptcp_top.recording.open_file import Session as FileSession
from mptcp_top.recording.place import to_read
from mptcp_top.recording.reader import Unread
from mptcp_top.recording.tap import Tap
from mptcp_top.recording.verify import verified
from mptcp_top.recording.waiting import Batch
from tests.feed import WALL, Feed
from tests.recording.told_live import KERNEL, Session

if TYPE_CHECKING:
    from pathlib import Path

SECONDS: Final = 400
PAGE: Final = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of a recording of some minutes, a poll a second."""
    path = tmp_path_factory.mktemp("whole") / "a.db"
    session = Session(path, KERNEL)
    for tick in range(SECONDS):
        session.now += 1.0
        session.poll(KERNEL, {"MPCapableSYNRX": 1, "MPJoinNoTokenFound": int(tick == 200)})
    session.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return path.read_bytes()


def page_of(content: bytes, table: str, folder: Path, share: float) -> int:
    """The number, from 0, of a page with rows of a table, so far into them."""
    path = folder / "look.db"
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute(f"SELECT min(id), max(id) FROM {table}").fetchone()  # noqa: S608  # a table of ours
        rowid = row[0] + int((row[1] - row[0]) * share)
        found = connection.execute(f"SELECT max(id) FROM {table} WHERE id <= ?", (rowid,)).fetchone()[0]  # noqa: S608  # as above
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    return leaf_of(content, root, found) - 1


def leaf_of(content: bytes, page: int, rowid: int) -> int:
    """The page of a table's tree that holds a row, as the file format has it."""
    start = (page - 1) * PAGE
    if content[start] == 13:
        return page
    assert content[start] == 5, "no page of a table"
    cells = int.from_bytes(content[start + 3 : start + 5])
    for cell in range(cells):
        place = start + int.from_bytes(content[start + 12 + 2 * cell : start + 14 + 2 * cell])
        if rowid <= varint(content, place + 4):
            return leaf_of(content, int.from_bytes(content[place : place + 4]), rowid)
    return leaf_of(content, int.from_bytes(content[start + 8 : start + 12]), rowid)


def varint(content: bytes, place: int) -> int:
    value = 0
    for number in range(8):
        value = value << 7 | content[place + number] & 0x7F
        if content[place + number] < 0x80:
            return value
    return value << 8 | content[place + 8]


@pytest.fixture
def damaged(whole: bytes, tmp_path: Path) -> Path:
    """A recording whose page with the samples in the middle is lost."""
    begin = page_of(whole, "linux_samples", tmp_path, 0.5) * PAGE
    path = tmp_path / "a.db"
    path.write_bytes(whole[:begin] + bytes(PAGE) + whole[begin + PAGE :])
    return path


def test_dump_prints_what_can_be_read_and_says_what_cannot(damaged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", str(damaged), "MPCapableSYNRX"]) == 2
    said = capsys.readouterr()
    values = [json.loads(line)["metrics"]["MPCapableSYNRX"]["value"] for line in said.out.splitlines()]
    assert values[0] == 1
    assert values[-1] == SECONDS
    assert SECONDS / 2 not in values
    assert SECONDS * 0.8 < len(values) < SECONDS
    assert said.err.count("\n") == 1
    assert said.err.startswith(f"mptcp-top: {damaged}: what was recorded about 2026-11-21T10:03:")
    assert "the rest is printed" in said.err


def test_dump_says_so_where_all_that_it_can_see_is_that_a_page_is_lost(
    whole: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(whole)
    with closing(sqlite3.connect(path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'alerts'").fetchone()[0]
    begin = (root - 1) * PAGE
    path.write_bytes(whole[:begin] + bytes(PAGE) + whole[begin + PAGE :])
    assert main(["dump", str(path), "MPCapableSYNRX"]) == 2
    said = capsys.readouterr()
    assert said.out.count("\n") == SECONDS
    assert "it is damaged (" in said.err


def test_verify_counts_what_can_be_read_and_says_what_cannot(damaged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recordings", "verify", str(damaged), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert SECONDS * 0.8 < found["samples"] < SECONDS
    assert (found["targets"], found["missed"], found["episodes"]) == (1, 0, 1)
    assert any(one.startswith("what was recorded about 2026-11-21T10:03:") for one in found["wrong"]), found


def test_what_was_not_counted_is_not_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"no recording")
    assert main(["recordings", "verify", str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["samples"], found["targets"], found["episodes"]) == (None, None, None)
    assert main(["recordings", "verify", str(path)]) == 1
    assert "it is not sound: – samples, – missed polls, – targets, – rises" in capsys.readouterr().out


def test_a_replay_shows_what_can_be_read_about_a_moment_and_says_that_a_part_cannot(damaged: Path) -> None:
    with closing(to_read(damaged)) as connection:
        deck = deck_over(Lenient(connection), "a.db", {}, growing=False)
        for second, fine in ((30.0, True), (SECONDS / 2, False), (SECONDS - 1.0, True), (30.0, True)):
            seen = deck.store.at("local", WALL + second)
            assert seen is not None
            assert seen.monotonic == pytest.approx(WALL + second, abs=60.0)
            assert deck.player is not None
            assert (deck.player.tape.trouble_at(WALL + second) == "") is fine, second


def test_a_report_tells_what_can_be_read_and_says_what_was_not_seen(
    damaged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(damaged), "-o", str(tmp_path / "made")]) == 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "; some of that time cannot be read; summary.md " in said
    summary = (tmp_path / "made" / "summary.md").read_text()
    not_seen = summary.partition("## Not seen\n")[2].partition("\n## ")[0]
    assert "what was recorded cannot be read" in not_seen
    assert "MPJoinNoTokenFound" in summary
    assert verified(tmp_path / "made" / "recording.db").wrong == ()


def test_a_report_of_a_time_that_can_be_read_does_not_speak_of_damage_elsewhere(
    damaged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    until = "2026-11-21T10:01:00Z"
    assert main(["report", str(damaged), "--to", until, "-o", str(tmp_path / "made")]) == 0
    assert "cannot be read" not in capsys.readouterr().err
    assert "cannot be read" not in (tmp_path / "made" / "summary.md").read_text()


def test_a_report_of_rises_that_make_no_sense_is_refused_in_one_line(
    whole: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(whole)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE episodes SET metric = '[1,2]'")
        connection.commit()
    assert main(["report", str(path), "-o", str(tmp_path / "made")]) == 2
    said = capfd.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "it cannot be read" in said.err


def test_nothing_is_missing_from_a_whole_one(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(whole)
    with salvaged(tmp_path / "a.db") as reader:
        assert len(reader.readings(-1e9, 1e12)["local"]) == SECONDS
        assert reader.unread == []
        assert reader.torn() == []


def test_the_first_stretches_are_told_and_how_many_more_there_are() -> None:
    lines = told([Unread(number, number + 1.0, "x") for number in range(0, 50, 10)])
    assert lines[0] == "what was recorded about 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:01.000Z cannot be read (x)"
    assert lines[-1] == "2 more stretches of time cannot be read"


def test_a_rise_of_which_samples_were_lost_is_not_judged(tmp_path: Path) -> None:
    feed = Feed()
    tap = Tap(feed.store)
    file = OpenFile(tmp_path / "a.db", FileSession(feed.store.targets, 0.0, WALL, 5.0, Keep()))
    seen = [tap.seen(feed.tick(MPJoinNoTokenFound=30 * (tick == 25) + (tick in {23, 29, 60}))) for tick in range(80)]
    known = [one for one in seen if one is not None]
    file.write(Batch(known[:25]), (), "")
    file.write(Batch(known[28:], 3, known[25].reading.monotonic), (), "no space left on the disk")
    file.finish()
    found = verified(tmp_path / "a.db")
    assert found.wrong == ()
    assert (found.episodes, found.recomputed, len(found.gaps)) == (2, 1, 1)
