"""Recordings that are cut, damaged, or made to do harm: a clear line or a right answer, and nothing else."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import pytest

from mptcp_top.cli.main import main
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.series import Between
from mptcp_top.engine.store import Store
from mptcp_top.errors import SettingsError
from mptcp_top.recording.archive import Recorded
from mptcp_top.recording.library import legible, opened
from mptcp_top.recording.place import BESIDE
from tests.recording.told_live import KERNEL, Session, eventful

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMANDS: Final = (("recordings", "list", "--json"), ("recordings", "verify"), ("dump", "MPJoin*", "mptcperr*"))
TEXTS: Final = (
    "\x1b]0;owned\x07",
    "\x9b31m",
    "a\u202eb",
    "\x00",
    "x[/nope]y",
    "[@click=app.quit]z[/]",
    "🙂" * 3000,
    "",
)
VALUES: Final = (None, -1, 2**63 - 1, -(2**63), 1e308, float("inf"), "abc", "9" * 5000, b"\xff\x00", "")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording in which all happens that can, in one file."""
    path = tmp_path_factory.mktemp("whole") / "a.db"
    eventful(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    return path


def tell(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command and return its code and what it said, which never is unfit for a terminal."""
    code = main([*arguments])
    said = capsys.readouterr()
    assert code in {0, 1, 2}
    assert all(line.isprintable() for line in (said.out + said.err).split("\n"))
    assert "Traceback" not in said.err
    assert said.err.count("\n") == (code == 2), said.err
    return code, said.out + said.err


def replayed(path: Path) -> None:
    """Ask for what the screens of a replay ask for, at the beginning, in the middle and at the end."""
    with opened(path) as reader:
        store = Store(reader.targets())
        store.marks = reader.marks()
        archive = store.archive = Recorded(reader, 30.0, lambda: store.marks, alone=True)
        reader.sessions(), reader.gaps()
        begin, end = archive.extent_of_all or (0.0, 0.0)
        for cursor in (begin, (begin + end) / 2, end):
            for target in store.targets:
                seen = store.at(target.name, cursor)
                assert all(event.says.isprintable() for event in store.events(target.name, cursor))
                assert all(one.metric.label.isprintable() for one in store.episodes(target.name, cursor))
                store.ratios(target.name, cursor), store.alerts(target.name, cursor), store.extent(target.name)
                for basis in Basis:
                    store.grown(target.name, basis, cursor)
                if seen is not None and seen.layout.metrics:
                    store.series(
                        target.name, [[seen.layout.metrics[0]]], Between(begin, end, (end - begin) / 20 or 1.0)
                    )


def all_is_well_or_said(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        tell(capsys, *command, str(path))
    with suppress(SettingsError):
        replayed(path)


def copied(source: Path, folder: Path) -> Path:
    for more in BESIDE:
        (folder / f"b.db{more}").unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            shutil.copy(source.with_name(source.name + more), folder / f"b.db{more}")
    return folder / "b.db"


def test_a_whole_one_is_sound(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tell(capsys, "recordings", "verify", str(whole))[0] == 0
    replayed(whole)


@pytest.mark.parametrize("begin", range(0, 512, 128))
def test_it_may_end_anywhere_in_its_last_bytes(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], begin: int
) -> None:
    path = copied(whole, tmp_path)
    size = path.stat().st_size
    for cut in range(begin + 128, begin, -1):
        with path.open("r+b") as file:
            file.truncate(size - cut)
        code, said = tell(capsys, "dump", str(path), "--to", "2026-11-21T09:00:30Z")
        assert code in {0, 2}
        if cut % 16 == 0:
            assert tell(capsys, "recordings", "verify", str(path))[0] == 1
            with suppress(SettingsError):
                replayed(path)
        shutil.copy(whole, path)
        assert said


@pytest.mark.parametrize("seed", range(4))
def test_any_of_its_bytes_may_be_another(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    chance, content = random.Random(seed), whole.read_bytes()
    for number in range(50):
        place = chance.randrange(100 if number % 2 else 16_384) if number % 5 == 0 else chance.randrange(len(content))
        path = copied(whole, tmp_path)
        path.write_bytes(content[:place] + bytes([content[place] ^ chance.randrange(1, 256)]) + content[place + 1 :])
        all_is_well_or_said(path, capsys)


def test_what_is_not_in_the_file_itself_yet_may_be_cut_anywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cut").mkdir()
    session = Session(tmp_path / "a.db", KERNEL)
    for _ in range(60):
        session.now += 1.0
        session.poll(KERNEL, {"MPCapableSYNRX": 1})
    left = copied(tmp_path / "a.db", tmp_path / "cut")  # as a program that is killed leaves it
    session.close()
    log = left.with_name("b.db-wal").read_bytes()
    chance, found = random.Random(0), []
    for place in sorted(chance.sample(range(len(log) - 20_000, len(log)), 60)):
        for more in BESIDE[:2]:
            shutil.copy(tmp_path / "cut" / f"b.db{more}", tmp_path / f"c.db{more}")
        (tmp_path / "c.db-shm").unlink(missing_ok=True)
        (tmp_path / "c.db-wal").write_bytes(log[:place])
        code, said = tell(capsys, "dump", str(tmp_path / "c.db"))
        assert code == 0
        found.append(said.count("\n"))
        code, said = tell(capsys, "recordings", "verify", str(tmp_path / "c.db"))
        assert (code, ": sound: " in said) == (0, True)
    assert found == sorted(found)
    assert found[0] >= 40


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is no recording of mptcp-top"),
        (b"\x00" * 5000, "file is not a database"),
        (b"SQLite format 3\x00" + b"\xff" * 5000, "file is not a database"),
        (b"{}\n" * 3000, "file is not a database"),
    ],
)
def test_what_is_no_recording_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, says: str
) -> None:
    (tmp_path / "b.db").write_bytes(content)
    code, said = tell(capsys, "dump", str(tmp_path / "b.db"))
    assert (code, says in said) == (2, True)
    all_is_well_or_said(tmp_path / "b.db", capsys)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("PRAGMA user_version = 2", "it was made by a newer mptcp-top: use that one"),
        ("PRAGMA application_id = 7", "it is no recording of mptcp-top"),
        ("DROP TABLE targets", "no such table: targets"),
        ("DROP TABLE linux_samples", "no such table: linux_samples"),
        ("DELETE FROM stretches", "stretch 1 is missing"),
        ("DELETE FROM layouts", "layout 1 is missing"),
        ("DELETE FROM linux_samples_base", "the base of stretch 1 is missing"),
        ("UPDATE counters SET source = 'x; DROP TABLE y' WHERE source = 'linux'", "is no kind of source"),
        ("UPDATE targets SET source = 'amiga'", "'amiga' is a kind of target that this mptcp-top does not know"),
        ("CREATE TRIGGER t AFTER INSERT ON marks BEGIN DELETE FROM marks; END", "it holds what no recording does"),
        (
            (
                "ALTER TABLE targets RENAME TO u; "
                "CREATE VIEW targets AS WITH RECURSIVE n(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM n) "
                "SELECT number, '' AS name, '' AS source, '' AS address, '' AS caution FROM n"
            ),
            "it holds what no recording does",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], statement: str, says: str
) -> None:
    path = copied(whole, tmp_path)
    for one in _changed(path):
        one.executescript(statement)
    code, said = tell(capsys, "dump", str(path))
    assert (code, says in said) == (2, True), said
    all_is_well_or_said(path, capsys)


def test_hostile_texts_reach_no_terminal(whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in TEXTS:
        path = copied(whole, tmp_path)
        for connection in _changed(path):
            for table, column in _columns(connection, "TEXT"):
                with suppress(sqlite3.IntegrityError):  # two of a kind: the first one is enough
                    connection.execute(f'UPDATE OR IGNORE "{table}" SET "{column}" = ?', (text,))  # noqa: S608  # names of ours
        all_is_well_or_said(path, capsys)
        for table, column in (("targets", "name"), ("failures", "reason"), ("sessions", "program"), ("gaps", "why")):
            path = copied(whole, tmp_path)
            for connection in _changed(path):
                connection.execute(f'UPDATE OR IGNORE "{table}" SET "{column}" = ?', (text,))  # noqa: S608  # names of ours
            all_is_well_or_said(path, capsys)


def test_every_column_may_hold_anything(whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance, columns = random.Random(3), [*_columns(sqlite3.connect(whole), "")]
    for table, column in columns:
        for value in chance.sample(VALUES, 1):
            path = copied(whole, tmp_path)
            for connection in _changed(path):
                with suppress(sqlite3.IntegrityError, sqlite3.DataError):
                    connection.execute(f'UPDATE OR IGNORE "{table}" SET "{column}" = ?', (value,))  # noqa: S608  # names of ours
            tell(capsys, "recordings", "list", str(path))
            tell(capsys, "dump", str(path), "MPJoin*")
            with suppress(SettingsError), legible(path):
                replayed(path)


@pytest.mark.parametrize(
    "written",
    [
        "[" * 100_000, "{}", "[]", "null", "NaN", '[["a"]]', "[1, 2]", '{"was": [1, 2]}',
        '["a", "b < 1%", "error", 1, [["(((", 1]]]',
    ],
)  # fmt: skip
def test_json_in_it_may_say_anything(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str
) -> None:
    for table, column in (
        ("layouts", "metrics"), ("identities", "facts"), ("identities", "notices"), ("episodes", "metric"),
        ("slumps", "slump"), ("alerts", "alert"),
    ):  # fmt: skip
        path = copied(whole, tmp_path)
        for connection in _changed(path):
            connection.execute(f'UPDATE "{table}" SET "{column}" = ?', (written,))  # noqa: S608  # names of ours
            if table in {"slumps", "alerts"}:
                connection.execute(f"INSERT INTO {table} (target, first, {column}) VALUES (1, 1, ?)", (written,))  # noqa: S608  # names of ours
        all_is_well_or_said(path, capsys)


def _columns(connection: sqlite3.Connection, kind: str) -> Iterator[tuple[str, str]]:
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        found = [(name, of) for _, name, of, *_ in connection.execute(f'PRAGMA table_info("{table}")')]
        counters = [name for name, of in found if not of][:2]
        yield from ((table, name) for name, of in found if (of and kind in of) or (not kind and name in counters))


def _changed(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    yield connection
    connection.commit()
    connection.close()
