"""Recordings that hold what no recorder writes: a clear line or a right answer, and nothing else."""

from __future__ import annotations

import random
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import pytest

from mptcp_top.errors import SettingsError
from mptcp_top.recording.library import legible
from tests.recording.spoilt import all_is_well_or_said, copied, replayed, tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
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


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty: if it was copied while it was written"),
        (b"\x00" * 5000, "it is no recording of mptcp-top"),
        (b"SQLite format 3\x00" + b"\xff" * 5000, "it is no recording of mptcp-top"),
        (b"{}\n" * 3000, "it is no recording of mptcp-top"),
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
        ("DROP TABLE targets", "its tables are not those that this mptcp-top writes (targets)"),
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
