"""Recording beside whoever watches: nothing waits for it, and nothing that can go wrong with a file ends it."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.marks import Mark
from mptcp_top.errors import SettingsError
from mptcp_top.model import Target
from mptcp_top.recording import place
from mptcp_top.recording.library import free_names, opened
from mptcp_top.recording.recorder import WAITING_A_TARGET, Plan, Recorder
from tests.feed import WALL, Feed
from tests.recording.fed import Recorded, held

if TYPE_CHECKING:
    from pathlib import Path

    from mptcp_top.recording.reader import Reader

RISING = "MPJoinNoTokenFound"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.db"


def moments(reader: Reader) -> list[float]:
    """When what is recorded was read, by the clock of a feed."""
    found = reader.readings(-1e9, 1e12)
    return [round(reading.wall - WALL, 1) for one in found.values() for reading in one]


def gaps(path: Path) -> list[tuple[float, float, str]]:
    with opened(path) as reader:
        return [(began - WALL, ended - WALL, why) for began, ended, why in reader.gaps()]


@pytest.fixture
def lost_folder(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "folder"


def test_all_that_was_collected_is_in_the_file_at_the_end_and_in_nothing_beside_it(path: Path) -> None:
    run = Recorded(path)
    run.recorder.start()
    run.tick(30, **{RISING: 1})
    run.recorder.stop()
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with opened(path) as reader:
        assert moments(reader) == [float(number) for number in range(1, 31)]
    assert run.said == []


def test_what_was_collected_before_it_started_is_recorded_too(path: Path) -> None:
    run = Recorded(path)
    run.tick(3)
    run.recorder.start()
    run.recorder.stop()
    assert held(path) == 3


def test_others_read_what_was_collected_a_second_ago(path: Path) -> None:
    run = Recorded(path)
    run.tick()
    run.recorder.start()
    run.until(lambda: run.recorder.state.path, "recording")
    run.tick(4)
    run.until(lambda: held(path) == 5, "five samples")
    run.recorder.stop()


def test_a_mark_after_the_last_sample_is_recorded(path: Path) -> None:
    run = Recorded(path)
    run.tick()
    run.recorder.start()
    run.until(lambda: run.recorder.state.path, "recording")
    run.feed.mark("the end", 1.5, WALL + 1.5)
    run.recorder.stop()
    with opened(path, WALL) as reader:
        assert reader.marks() == (Mark("the end", 1.5, WALL + 1.5),)


def test_who_records_the_same_meanwhile_has_a_file_of_his_own(path: Path) -> None:
    names = free_names(path.parent, path.name)
    first, second = Recorded(*names), Recorded(*names)
    assert first.recorder.open() == path
    assert second.recorder.open() == path.with_name("recording-2.db")
    first.recorder.stop()
    second.recorder.stop()
    with pytest.raises(FileNotFoundError):
        path.with_name("recording-3.db").stat()


def test_a_second_writer_of_one_file_is_refused(path: Path) -> None:
    first, second = Recorded(path), Recorded(path)
    first.recorder.open()
    with pytest.raises(place.Busy, match="another mptcp-top is recording into it"):
        second.recorder.open()
    first.recorder.stop()


def test_what_stands_beside_is_taken_where_the_first_file_is_no_recording(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    run = Recorded(path, path.with_name("recording-2.db"))
    assert run.recorder.open() == path.with_name("recording-2.db")
    run.recorder.stop()
    assert path.read_bytes() == b"no database at all" * 100


@pytest.mark.parametrize("more", ["", "-wal"])
def test_a_file_that_is_removed_is_begun_anew(path: Path, more: str) -> None:
    run = Recorded(path)
    run.recorder.start()
    run.tick(5)
    run.until(lambda: run.recorder.state.path, "recording")
    path.with_name(path.name + more).unlink()
    run.tick(5)
    run.until(lambda: run.said, "it says so")
    run.recorder.stop()
    assert run.said == [f"{path} was removed or replaced: recording anew"]
    with opened(path) as reader:
        assert moments(reader)[-5:] == [6.0, 7.0, 8.0, 9.0, 10.0]


def test_a_recording_that_is_put_in_its_place_is_gone_on_with(path: Path) -> None:
    other, run = Recorded(path.with_name("other.db")), Recorded(path)
    other.tick(2)
    other.recorder.start()
    other.recorder.stop()
    run.tick()
    run.recorder.start()
    run.until(lambda: run.recorder.state.path, "recording")
    path.with_name("other.db").rename(path)
    run.tick(3)
    run.recorder.stop()
    with opened(path) as reader:
        assert len(reader.sessions()) == 2
        assert moments(reader) == [1.0, 2.0, 2.0, 3.0, 4.0]


def test_while_there_is_no_folder_it_says_so_once_and_goes_on_when_there_is(lost_folder: Path) -> None:
    run = Recorded(lost_folder / "recording.db")
    run.tick(WAITING_A_TARGET * 2 + 10, **{RISING: 1})
    run.recorder.start()
    run.until(lambda: run.said, "it says so")
    assert "No such file" in run.said[0]
    assert run.recorder.words(time.monotonic()).startswith("not recording: ")
    assert "No such file" in run.recorder.where()
    assert "it is tried again every" in run.recorder.where()
    lost_folder.mkdir()
    run.until(lambda: run.recorder.state.path, "recording")
    assert run.recorder.where().startswith(f"into {lost_folder / 'recording.db'} since ")
    run.recorder.stop()
    assert len(run.said) == 2
    assert run.said[1].endswith("; 10 readings are missing")
    path = lost_folder / "recording.db"
    with opened(path) as reader:
        assert moments(reader)[0] == 11.0
    ((began, ended, why),) = gaps(path)
    assert (round(began), round(ended)) == (1, 11)
    assert "No such file" in why


def test_what_happened_while_nothing_could_be_recorded_is_told_later(lost_folder: Path) -> None:
    run = Recorded(lost_folder / "recording.db")
    run.tick()
    run.recorder.observed(run.feed.fail("cable pulled"))
    run.tick(WAITING_A_TARGET * 2 + 10)
    lost_folder.mkdir()
    run.recorder.start()
    run.recorder.stop()
    with opened(lost_folder / "recording.db") as reader:
        says = [event.says for event in reader.events(-1e9, 1e12)["local"]]
    assert says == ["cable pulled", "read again after 1 s"]


def test_a_file_that_is_locked_by_another_program_delays_no_poll(path: Path) -> None:
    run = Recorded(path)
    run.recorder.start()
    run.tick()
    run.until(lambda: run.recorder.state.path, "recording")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        run.tick(3)  # returns, although nobody can write
        run.until(lambda: run.said, "it says so")
        assert run.said == ["not recording: another program keeps it locked; trying again"]
        other.execute("COMMIT")
    run.until(lambda: len(run.said) == 2, "it says that it goes on")
    run.recorder.stop()
    assert "missing" not in run.said[1]
    assert held(path) == 4
    assert gaps(path) == []


def test_a_file_that_is_damaged_meanwhile_is_left_for_another_one(path: Path) -> None:
    second = path.with_name("recording-2.db")
    run = Recorded(path, second)
    run.recorder.start()
    run.tick(5)
    run.until(lambda: run.recorder.state.path, "recording")
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(b"\0" * path.stat().st_size)
    with closing(sqlite3.connect(path)) as other, pytest.raises(sqlite3.DatabaseError):
        other.execute("SELECT * FROM sessions")
    run.until(lambda: run.recorder.state.path == second, "recording into the second", ticking=True)
    run.recorder.stop()
    assert held(second) > 0


def test_the_wall_clock_may_be_set_and_the_order_stays(path: Path) -> None:
    run = Recorded(path)
    run.tick()
    run.recorder.start()
    for step in (0.0, 3600.0, -3600.0):
        run.tick(2)
        seen = run.feed.tick()
        run.recorder.observed(seen._replace(wall=seen.wall + step))
    run.recorder.stop()
    with opened(path, WALL) as reader:
        found = reader.readings(-1e9, 1e12)["local"]
    assert [round(one.monotonic, 3) for one in found] == [float(number) for number in range(1, 11)]
    assert [round(one.wall - WALL - one.monotonic) for one in found] == [0, 0, 0, 0, 0, 0, 3600, 0, 0, -3600]


def test_a_session_after_the_wall_clock_was_set_back_comes_after_the_one_before(path: Path) -> None:
    for wall in (WALL, WALL - 3600):
        run = Recorded(path)
        run.tick(0)
        seen = run.feed.tick()
        run.recorder.observed(seen._replace(wall=wall))
        run.recorder.start()
        run.recorder.stop()
    with opened(path) as reader:
        found = reader.readings(-1e9, 1e12)["local"]
    assert [round(one.wall - WALL) for one in found] == [0, -3600]
    assert found[1].monotonic > found[0].monotonic


def test_who_reads_it_in_the_same_program_takes_no_lock_from_the_writer(path: Path) -> None:
    run = Recorded(path)
    run.recorder.start()
    run.tick(3)
    run.until(lambda: run.recorder.state.path, "recording")
    place.to_read(path).close()
    assert place.is_claimed(path)
    with pytest.raises(place.Busy):
        place.claim(path)
    other = "import sqlite3, sys; it = sqlite3.connect(sys.argv[1]); it.execute('PRAGMA user_version; '); it.close()"
    subprocess.run([sys.executable, "-c", other, str(path)], check=True)
    assert path.with_name(f"{path.name}-wal").exists(), "the other one thought that nobody else was there"
    run.tick(3)
    run.recorder.stop()
    assert run.said == []
    assert held(path) == 6


def test_a_mistake_of_ours_ends_the_recording_and_is_told_at_the_end(path: Path) -> None:
    run = Recorded(path)
    stranger = Feed(target=Target("stranger", "linux"))
    run.recorder.start()
    run.recorder._waiting.put(Recorder(stranger.store, Plan(list, 30.0))._tap.seen(stranger.tick()))  # type: ignore[arg-type]
    run.recorder._news.set()
    run.until(lambda: run.said, "it says so")
    run.tick(3)
    assert run.said == ["not recording: mptcp-top has made a mistake, and tells it when it ends"]
    with pytest.raises(KeyError, match="stranger"):
        run.recorder.stop()


def test_a_file_that_is_spoilt_from_the_start_is_refused(path: Path) -> None:
    run = Recorded(path)
    run.tick()
    run.recorder.start()
    run.recorder.stop()
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        Recorded(path).recorder.open()


def test_neither_sqlite_nor_what_writes_is_imported_before_there_is_something_to_write() -> None:
    names = ("sqlite3", "mptcp_top.recording.writer", "mptcp_top.engine.recalled", "mptcp_top.rules.parser")
    script = f"""
import sys
from mptcp_top.cli import dashboard, recording_into
from mptcp_top.engine.store import Store
from mptcp_top.model import Target
from mptcp_top.settings import Settings
recording_into.beside_the_dashboard(Settings(), {{}}, Store([Target("local", "linux")]))
print([name for name in {names!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
