"""The files of a recording: what a copy of one has, what reading one leaves behind, and which are not for us."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.main import main
from mptcp_top.cli.played import deck_over
from mptcp_top.errors import SettingsError
from mptcp_top.model import Target
from mptcp_top.recording.keep import Keep
from mptcp_top.recording.library import opened
from mptcp_top.recording.open_file import OpenFile, Session
from mptcp_top.recording.place import BESIDE, to_read
from mptcp_top.recording.reader import Reader
from mptcp_top.recording.tap import Tap
from mptcp_top.recording.verify import verified
from mptcp_top.recording.waiting import Batch
from tests.feed import WALL, Feed

if TYPE_CHECKING:
    from collections.abc import Iterator


class Writing:
    """A recording that is being written, poll by poll."""

    def __init__(self, path: Path, feed: Feed | None = None) -> None:
        self.path = path
        self.feed = feed or Feed()
        self._tap = Tap(self.feed.store)
        self.file = OpenFile(path, Session(self.feed.store.targets, self.feed.now, WALL + self.feed.now, 30.0, Keep()))

    def poll(self, times: int) -> None:
        seen = [self._tap.seen(self.feed.tick(MPCapableSYNRX=1)) for _ in range(times)]
        self.file.write(Batch([one for one in seen if one is not None]), (), "")


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[Writing]:
    run = Writing(tmp_path / "a.db")
    yield run
    run.file.close()


def copied(path: Path, *beside: str) -> Path:
    """A copy of a recording in another folder, of the file itself and what is asked for of the rest."""
    folder = path.parent / "copy"
    folder.mkdir(exist_ok=True)
    for more in ("", *beside):
        shutil.copy(f"{path}{more}", folder)
    return folder / path.name


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def samples(path: Path) -> int:
    with opened(path) as reader:
        return reader.polls()[0]


def journal(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def complaint(path: Path) -> str:
    with pytest.raises(SettingsError) as found:
        to_read(path)
    return str(found.value)


def test_the_file_alone_is_a_recording_as_soon_as_it_is_opened(writing: Writing) -> None:
    with opened(copied(writing.path)) as reader:
        assert [target.name for target in reader.targets()] == ["local"]


def test_what_was_recorded_comes_into_the_file_while_it_goes_on(writing: Writing) -> None:
    writing.poll(5)
    assert samples(copied(writing.path)) == 0
    writing.file.take_over()
    assert samples(copied(writing.path)) == 5
    writing.poll(1)
    assert samples(copied(writing.path, *BESIDE[1:])) == 6


@pytest.mark.parametrize("content", [b"", None])
def test_a_file_without_what_was_beside_it_says_what_to_copy(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.db"
    if content is None:  # as SQLite begins one
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    else:
        path.write_bytes(content)
    assert complaint(path) == (
        f"{path}: it is empty: if it was copied while it was written, its newest part is in a.db-wal beside the "
        "original: copy both"
    )


def test_a_recording_that_ended_is_one_file_and_stays_one_when_it_is_read(
    writing: Writing, capsys: pytest.CaptureFixture[str]
) -> None:
    writing.poll(5)
    writing.file.finish()
    folder, path = writing.path.parent, str(writing.path)
    assert names(folder) == ["a.db"]
    content = writing.path.read_bytes()
    for command in (("recordings", "list"), ("recordings", "verify"), ("dump",)):
        assert main([*command, path]) == 0
        assert names(folder) == ["a.db"]
    assert main(["report", path, "-o", f"{path}.tar.gz"]) == 0
    assert names(folder) == ["a.db", "a.db.tar.gz"]
    assert writing.path.read_bytes() == content
    capsys.readouterr()


def test_reading_a_copy_of_one_that_goes_on_leaves_nothing_beside_it(writing: Writing) -> None:
    path = copied(writing.path)
    content = path.read_bytes()
    assert samples(path) == 0
    assert not verified(path).wrong
    assert names(path.parent) == ["a.db"]
    assert path.read_bytes() == content


def test_a_reader_that_ends_takes_nothing_from_who_writes(writing: Writing) -> None:
    for number in range(1, 4):
        writing.poll(1)
        writing.file.take_over()
        assert samples(writing.path) == number
        assert names(writing.path.parent) == ["a.db", "a.db-shm", "a.db-wal"]


def test_who_reads_while_a_recording_ends_and_goes_on_misses_nothing(writing: Writing) -> None:
    writing.poll(3)
    with closing(to_read(writing.path)) as connection:
        reader = Reader(connection)
        assert reader.polls() == (3, 0)
        writing.poll(1)
        writing.file.finish()
        assert reader.polls() == (4, 0)
        again = Writing(writing.path)
        again.poll(2)
        assert reader.polls() == (6, 0)
        again.file.finish()
        assert reader.polls() == (6, 0)
    assert samples(writing.path) == 6
    assert names(writing.path.parent) == ["a.db"]


def test_who_reads_one_that_ended_sees_what_is_added_to_it(writing: Writing) -> None:
    writing.poll(3)
    writing.file.finish()
    assert journal(writing.path) == "delete"
    with closing(to_read(writing.path)) as connection:
        reader = Reader(connection)
        assert reader.polls() == (3, 0)
        again = Writing(writing.path)
        again.poll(2)
        assert reader.polls() == (5, 0)
        again.file.close()
        assert reader.polls() == (5, 0)


def test_what_a_killed_program_left_stays_as_it_is_when_it_is_read(writing: Writing) -> None:
    writing.poll(4)
    path = copied(writing.path, "-wal")
    before = [Path(f"{path}{more}").read_bytes() for more in ("", "-wal")]
    assert samples(path) == 4
    assert verified(path).samples == 4
    assert [Path(f"{path}{more}").read_bytes() for more in ("", "-wal")] == before


def test_one_of_tables_that_are_no_more_is_refused_and_says_which(writing: Writing) -> None:
    writing.file.finish()
    for statement, says in (
        ("ALTER TABLE missed DROP COLUMN sample", "(missed: sample)"),
        ("DROP TABLE marks", "(marks)"),
    ):
        path = copied(writing.path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(statement)
        said = complaint(path)
        assert said.startswith(f"{path}: its tables are not those that this mptcp-top writes {says}: if an older one")
        with pytest.raises(SettingsError, match="its tables are not those"):
            Writing(path)


def test_one_of_samples_that_are_no_more_is_refused(writing: Writing) -> None:
    writing.poll(1)
    writing.file.finish()
    with closing(sqlite3.connect(writing.path)) as connection:
        connection.execute("DROP VIEW readings")
        connection.execute("ALTER TABLE linux_samples RENAME COLUMN latency TO late")
    assert "(linux_samples: late)" in complaint(writing.path)


def test_a_viewer_takes_in_the_targets_that_a_later_session_adds(writing: Writing) -> None:
    writing.poll(3)
    with closing(to_read(writing.path)) as connection:
        deck = deck_over(Reader(connection), "a.db", {}, growing=True)
        assert deck.tick() == ""
        writing.file.finish()
        again = Writing(writing.path, Feed(Target("ns7", "linux"), now=10.0))
        again.poll(1)
        assert deck.tick() == "recorded now, too: ns7"
        assert [target.name for target in deck.store.targets] == ["local", "ns7"]
        seen = deck.store.at("ns7")
        assert seen is not None
        again.poll(1)
        assert deck.tick() == ""
        newer = deck.store.at("ns7")
        assert newer is not None
        assert newer.monotonic == seen.monotonic + 1.0
        again.file.close()
