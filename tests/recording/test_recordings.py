"""``mptcp-top recordings``: what there is, what of it goes, and whether it is sound."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.cli.main import main
from mptcp_top.recording.library import current, folder_of
from mptcp_top.recording.wal import Tail, tail_of
from tests.recording.told_live import APPLIANCE, KERNEL, Session, eventful

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = 86_400.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this user's recordings."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    found = folder_of(os.environ)
    found.mkdir(parents=True, mode=0o700)
    return found


def short(path: Path, days_ago: float = 0.0) -> Path:
    """A recording of three samples that was last written so many days ago."""
    session = Session(path, KERNEL)
    for _ in range(3):
        session.now += 1.0
        session.poll(KERNEL, {"MPCapableSYNRX": 1})
    session.close()
    os.utime(path, times=(time.time() - days_ago * DAY,) * 2)
    return path


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 0) -> str:
    assert main(["recordings", *map(str, arguments)]) == code
    said = capsys.readouterr()
    assert not said.err
    return said.out


def objects(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 0) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told(capsys, *arguments, "--json", code=code).splitlines()]


def changed(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def names(paths: Sequence[Path]) -> list[str]:
    return [path.name for path in paths]


def test_it_says_what_each_recording_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    eventful(folder / "both.db")
    [found] = objects(capsys, "list")
    assert found["file"] == str(folder / "both.db")
    assert (found["targets"], found["samples"], found["missed"]) == (["local", "ns1"], 212, 4)
    assert (found["from"], found["to"]) == ("2026-11-21T10:00:01.000Z", "2026-11-21T10:10:40.000Z")
    assert (found["schema"], found["writing"], found["readable"], found["error"]) == (1, False, True, None)
    assert found["program"].startswith("mptcp-top ")
    text = told(capsys, "list")
    assert "both.db: " in text
    assert "local, ns1" in text
    assert "(10 min 39 s): 212 samples, 4 missed polls" in text


def test_where_there_is_none_it_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "list") == f"there is no recording in {folder}\n"
    assert told(capsys, "list", "--json") == ""
    assert told(capsys, "verify") == f"there is no recording in {folder}\n"
    assert told(capsys, "prune") == "freed 0.0 MB; recordings left: 0, 0.0 MB\n"


def test_one_that_is_being_written_is_listed_as_such_and_one_that_is_damaged_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session(folder / "a.db", APPLIANCE)
    (folder / "b.db").write_bytes(b"no recording at all" * 100)
    found = {Path(one["file"]).name: one for one in objects(capsys, "list")}
    assert (found["a.db"]["writing"], found["a.db"]["from"], found["a.db"]["samples"]) == (True, None, 0)
    assert (found["b.db"]["readable"], found["b.db"]["targets"]) == (False, None)
    assert found["b.db"]["error"] == "it is no recording of mptcp-top"
    text = told(capsys, "list")
    assert ", it is being written\n    nothing is recorded in it yet\n" in text
    assert "it cannot be read: it is no recording of mptcp-top" in text
    session.close()


def test_a_file_of_no_length_is_not_taken_for_the_current_one(folder: Path) -> None:
    short(folder / "a.db", 1)
    (folder / "a-2.db").touch()
    assert current(os.environ) == folder / "a.db"


def test_files_may_be_given_from_anywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short(tmp_path / "x")
    assert objects(capsys, "list", tmp_path / "x")[0]["samples"] == 3
    assert main(["recordings", "list", str(tmp_path / "y")]) == 2
    assert capsys.readouterr().err == f"mptcp-top: {tmp_path / 'y'}: there is no such file\n"


def test_what_is_too_old_is_deleted_with_what_is_beside_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for days in (0, 8, 20, 40):
        short(folder / f"{days}.db", days)
    for more in ("-wal", "-shm"):
        (folder / f"40.db{more}").write_bytes(b"")
        os.utime(folder / f"40.db{more}", times=(0, 0))
    said = told(capsys, "prune", "--keep-days", "10", "--dry-run").splitlines()
    assert [line.split(":")[0] for line in said[:-1]] == [f"would delete {folder / f'{n}.db'}" for n in (40, 20)]
    assert len(list(folder.iterdir())) == 6
    deleted = objects(capsys, "prune", "--keep-days", "10")
    assert [(one["file"], one["why"], one["deleted"]) for one in deleted] == [
        (str(folder / f"{days}.db"), "older than 10 days", True) for days in (40, 20)
    ]
    assert sorted(names(list(folder.iterdir()))) == ["0.db", "8.db"]


def test_what_is_too_much_together_goes_the_oldest_first_but_nothing_that_is_being_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for days in (3, 2, 1):
        short(folder / f"{days}.db", days)
    session = Session(folder / "writing.db", KERNEL)
    os.utime(folder / "writing.db", times=(0, 0))
    size = (folder / "1.db").stat().st_size
    together = sum(path.stat().st_size for path in folder.iterdir())
    most = (together - size - 1) / 1e6
    told(capsys, "prune", "--keep-mb", f"{most:.6f}")
    assert {"1.db", "writing.db"} <= set(names(list(folder.iterdir())))
    assert not (folder / "3.db").exists()
    assert objects(capsys, "prune", "--keep-days", "0", "--keep-mb", "0") != []
    assert {path.name.split("-")[0] for path in folder.iterdir()} == {"writing.db"}
    session.close()


def test_it_says_how_much_that_freed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    size = short(folder / "a.db", 40).stat().st_size
    short(folder / "b.db")
    said = told(capsys, "prune").splitlines()
    assert said == [
        f"deleted {folder / 'a.db'}: {size / 1e6:.1f} MB, older than 30 days",
        f"freed {size / 1e6:.1f} MB; recordings left: 1, {size / 1e6:.1f} MB",
    ]


def test_a_sound_one_is_told_so_with_its_gaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    eventful(tmp_path / "a.db")
    [found] = objects(capsys, "verify", tmp_path / "a.db")
    assert (found["sound"], found["wrong"], found["samples"], found["missed"]) == (True, [], 212, 4)
    assert found["episodes"] - 1 == found["episodes_recomputed"] > 2  # one of them goes on over the gap
    assert [gap["why"] for gap in found["gaps"]] == ["no space left on the disk"]
    assert "    nothing was recorded from 2026-11-21 " in told(capsys, "verify", tmp_path / "a.db")


def test_one_that_is_being_written_is_verified_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = Session(tmp_path / "a.db", KERNEL)
    for number in range(1, 4):
        session.now += 1.0
        session.poll(KERNEL, {"MPJoinNoTokenFound": number % 2})
        assert objects(capsys, "verify", tmp_path / "a.db")[0]["samples"] == number
    session.close()


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE episodes SET total = total + 1 WHERE number = 1", "by the samples"),
        ("UPDATE episodes SET peak_rate = 99 WHERE number = 1", "its peak is 99/s; by the samples"),
        ("UPDATE episodes SET counter = 'MPRstTx', metric = replace(metric, 'MPJoinNoTokenFound', 'MPRstTx')",
         "the samples have none"),
        ("DELETE FROM stretches WHERE number = 1", "belong to no stretch"),
        ("DELETE FROM linux_samples_base WHERE stretch = 1", "stand above no base"),
        ("DELETE FROM targets WHERE number = 1", "stretches belong to no target that is there"),
        ("DELETE FROM sessions", "stretches belong to no session that is there"),
        ("DELETE FROM failures", "missed polls belong to no failure that is there"),
        ("DELETE FROM linux_samples WHERE row = 5", "say that they follow one that is not there"),
        ("UPDATE stretches SET target = 2 WHERE number = 1", "are in the stretch of another target"),
        ("UPDATE linux_samples SET skew = 'x' WHERE row = 5", "x is no whole number"),
        ("UPDATE events SET kind = 'x' WHERE number = 1", "'x' is not a valid Happening"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], statement: str, says: str) -> None:
    eventful(tmp_path / "a.db")
    changed(tmp_path / "a.db", statement)
    [found] = objects(capsys, "verify", tmp_path / "a.db", code=1)
    assert any(says in complaint for complaint in found["wrong"]), found["wrong"]
    assert ": it is not sound: " in told(capsys, "verify", tmp_path / "a.db", code=1)


def test_what_a_killed_program_left_is_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = Session(tmp_path / "a.db", KERNEL)
    for number in range(70):
        session.now += 1.0
        session.poll(KERNEL, {"MPJoinNoTokenFound": number % 9 // 8})
    for more in ("", "-wal"):
        (tmp_path / f"b.db{more}").write_bytes((tmp_path / f"a.db{more}").read_bytes())
    session.close()
    whole = tail_of(tmp_path / "b.db-wal")
    assert whole is not None
    assert whole.torn == 0
    with (tmp_path / "b.db-wal").open("r+b") as log:
        log.truncate((tmp_path / "b.db-wal").stat().st_size - 100)
    cut = tail_of(tmp_path / "b.db-wal")
    assert cut is not None
    assert (cut.whole < whole.whole, cut.torn > 0) == (True, True)
    said = told(capsys, "verify", tmp_path / "b.db")
    assert ": sound: 69 samples" in said
    assert f"its last transaction was cut short ({cut.torn} pages)" in said


def test_a_log_that_is_none_says_nothing(tmp_path: Path) -> None:
    assert tail_of(tmp_path / "missing") is None
    (tmp_path / "log").write_bytes(b"\x37\x7f\x06\x82" + bytes(4) + b"\x00\x00\x10\x00" + bytes(5000))
    assert tail_of(tmp_path / "log") == Tail(0, 2)
