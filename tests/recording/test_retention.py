"""How much is kept: the oldest is forgotten first, a bite at a time, and nobody waits for it."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.played import deck_over
from mptcp_top.recording import place, retention
from mptcp_top.recording.keep import Keep
from mptcp_top.recording.library import opened
from mptcp_top.recording.open_file import OpenFile, Session
from mptcp_top.recording.recorder import Plan, Recorder
from mptcp_top.recording.trouble import NotRecorded
from mptcp_top.recording.verify import verified
from mptcp_top.recording.waiting import Batch
from tests.feed import WALL, Feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DAY = 86_400.0


class Filled:
    """A recording that grows by a sample a second, of a feed whose counters all move."""

    def __init__(self, path: Path, keep: Keep) -> None:
        self.feed = Feed()
        self.tap = Recorder(self.feed.store, Plan(list, 30.0))._tap
        self.path = path
        self.file = OpenFile(path, Session(self.feed.store.targets, 0.0, WALL, 30.0, keep))
        self.largest = 0
        self.bites = 0

    def grow(self, seconds: int) -> None:
        names = [metric.name for metric in self.feed.layout.metrics]
        for number in range(seconds):
            seen = self.tap.seen(self.feed.tick(**dict.fromkeys(names, number * number)))
            assert seen is not None
            self.file.write(Batch([seen]), (), "")
            self.largest = max(self.largest, self.size)

    def forget(self, now: float) -> None:
        while self.file.forget(now):
            self.bites += 1
            self.largest = max(self.largest, self.size)

    @property
    def size(self) -> int:
        return sum(one.stat().st_size for one in self.path.parent.glob(f"{self.path.name}*") if one.suffix != ".db-shm")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.db"


@pytest.fixture
def filling() -> Iterator[Callable[[Path, Keep], Filled]]:
    """What makes recordings, and closes them at the end."""
    made: list[Filled] = []

    def make(path: Path, keep: Keep) -> Filled:
        made.append(Filled(path, keep))
        return made[-1]

    yield make
    for one in made:
        one.file.close()


def read(path: Path) -> list[int]:
    with opened(path, WALL) as reader:
        return [round(one.monotonic) for one in reader.readings(-1e9, 1e12)["local"]]


def test_what_is_younger_than_the_days_that_are_kept_stays(path: Path, filling: Callable[[Path, Keep], Filled]) -> None:
    filled = filling(path, Keep(days=1))
    filled.grow(100)
    filled.forget(DAY)
    assert (read(path), filled.bites) == (list(range(1, 101)), 0)


def test_what_is_older_is_forgotten_a_bite_at_a_time(path: Path, filling: Callable[[Path, Keep], Filled]) -> None:
    filled = filling(path, Keep(days=1))
    filled.grow(retention.BITE_ROWS * 2 + 100)
    filled.forget(DAY + retention.BITE_ROWS * 2 + 50.5)
    assert read(path)[0] == retention.BITE_ROWS * 2 + 51
    assert filled.bites == 3


def test_a_recording_never_takes_more_than_it_may(path: Path, filling: Callable[[Path, Keep], Filled]) -> None:
    filled = filling(path, Keep(days=365, megabytes=2))
    for _ in range(80):
        filled.grow(60)
        filled.forget(filled.feed.now)
    assert filled.largest <= 2_000_000
    kept = read(path)
    assert kept[-1] == 80 * 60
    assert 500 < len(kept) < 80 * 60
    assert kept == list(range(kept[0], kept[-1] + 1))


def test_a_recording_that_may_take_less_than_it_does_shrinks(
    path: Path, filling: Callable[[Path, Keep], Filled]
) -> None:
    filled = filling(path, Keep(megabytes=500))
    filled.grow(6000)
    filled.file.finish()
    before = path.stat().st_size
    smaller = OpenFile(path, Session(filled.feed.store.targets, 7000.0, WALL + 7000, 30.0, Keep(megabytes=1)))
    while smaller.forget(7000.0):
        pass
    smaller.finish()
    assert before > 2_000_000
    assert path.stat().st_size < 1_000_000
    assert read(path)[-1] == 6000


def test_a_reader_sees_all_of_it_or_nothing_while_the_oldest_is_forgotten(
    path: Path, filling: Callable[[Path, Keep], Filled]
) -> None:
    filled = filling(path, Keep(days=1))
    filled.grow(200)
    with closing(place.to_read(path)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM linux_samples").fetchone()
        filled.forget(DAY + 150.5)
        assert reader.execute("SELECT count(*) FROM linux_samples").fetchone() == before == (200,)
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM linux_samples").fetchone() == (50,)


def test_a_reader_without_an_end_does_not_make_it_grow_without_one(
    path: Path, filling: Callable[[Path, Keep], Filled]
) -> None:
    filled = filling(path, Keep(megabytes=1))
    filled.file._connection.execute("PRAGMA busy_timeout = 10")
    filled.grow(1)
    with closing(place.to_read(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM linux_samples").fetchone()
        with pytest.raises(NotRecorded, match="somebody reads the file without an end"):
            filled.grow(5000)
        assert filled.size < 1_500_000
    filled.grow(100)
    assert filled.size < 1_500_000


def made(folder: Path, name: str, age_days: float) -> Path:
    path = folder / name
    filled = Filled(path, Keep())
    filled.grow(1)
    filled.file.finish()
    then = time.time() - age_days * DAY
    os.utime(path, (then, then))
    return path


def test_of_the_others_those_go_that_nobody_has_written_for_a_month(tmp_path: Path) -> None:
    own, old, new = made(tmp_path, "own.db", 90), made(tmp_path, "old.db", 31), made(tmp_path, "new.db", 29)
    (tmp_path / "old.db-wal").write_bytes(b"")
    os.utime(tmp_path / "old.db-wal", (1, 1))
    (tmp_path / "notes.txt").write_text("of the user")
    retention.delete_others(tmp_path, own, time.time())
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([own.name, new.name, "notes.txt"])
    assert not old.exists()


def test_of_the_others_the_oldest_go_that_are_too_much_together(tmp_path: Path) -> None:
    paths = [made(tmp_path, f"{days}.db", days) for days in (9, 7, 5, 3)]
    size = paths[0].stat().st_size
    retention.delete_others(tmp_path, paths[0], time.time(), most=3 * size)
    assert [path.exists() for path in paths] == [True, False, True, True]


def test_none_that_somebody_writes_is_deleted_however_old(tmp_path: Path) -> None:
    old = made(tmp_path, "old.db", 90)
    held = place.claim(old)
    os.utime(old, (1, 1))
    retention.delete_others(tmp_path, tmp_path / "own.db", time.time())
    assert old.exists()
    place.let_go(held)
    retention.delete_others(tmp_path, tmp_path / "own.db", time.time())
    assert not old.exists()


def test_a_link_to_a_recording_elsewhere_is_neither_deleted_nor_followed(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "recordings", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    old = made(elsewhere, "old.db", 90)
    (folder / "link.db").symlink_to(old)
    retention.delete_others(folder, folder / "own.db", time.time())
    assert old.exists()
    assert (folder / "link.db").is_symlink()


def test_what_is_left_after_the_oldest_was_forgotten_is_sound_and_a_replay_begins_there(
    path: Path, filling: Callable[[Path, Keep], Filled]
) -> None:
    run = filling(path, Keep(7, 0.4))
    for _ in range(10):
        run.grow(120)
        run.forget(run.feed.now)
    found = verified(path)
    assert found.wrong == ()
    assert 0 < (found.samples or 0) < 1200
    with opened(path) as reader:
        extent, deck = reader.extent(), deck_over(reader, "a.db", {}, growing=False)
        assert extent is not None
        assert extent[0] > WALL + 60
        assert deck.player is not None
        assert extent[0] <= deck.player.begins <= extent[0] + 60
        assert deck.store.at("local", deck.player.begins) is not None
