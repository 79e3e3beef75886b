"""Recordings and lines to import as parsers of bytes, for `tests.hostile.parsers`.

Bytes that begin as SQLite's do are a file. All others are lines of TABLE.COLUMN=VALUE, which are written into every row
of a good recording: so whatever a fuzzer makes reaches beyond SQLite.
"""

from __future__ import annotations

import atexit
import io
import json
import shutil
import sqlite3
import tempfile
from contextlib import closing, redirect_stderr, redirect_stdout, suppress
from functools import cache
from pathlib import Path
from typing import Final

from mptcp_top.cli.main import main
from mptcp_top.errors import SettingsError
from mptcp_top.recording.collected import Lines, Poll
from mptcp_top.recording.library import opened
from mptcp_top.recording.retold import retold
from mptcp_top.recording.summary import summary_of
from mptcp_top.recording.verify import verified
from tests.recording.spoilt import replayed
from tests.recording.told_live import KERNEL, Session

MAGIC: Final = b"SQLite format 3\x00"
STAT_LINE: Final = (
    b'{"schema": 1, "target": "local", "source": "linux", "status": "ok", "error": null, "advice": null, '
    b'"taken_at": "2026-11-21T10:00:00.123Z", "elapsed_seconds": 1.0, "reset": false, "identity": {"host": "vm"}, '
    b'"metrics": {"MPJoinSynRx": {"value": 1234, "increase": 12, "rate": 12.0, "kind": "counter"}}}\n'
)
NSTAT_LINES: Final = (
    b'2026-11-21T10:00:00+00:00\n{"kernel":{"MPTcpExtMPJoinSynRx":5,"TcpActiveOpens":7}}\n'
    b'2026-11-21T10:00:05+00:00\n{"kernel":{"MPTcpExtMPJoinSynRx":9,"TcpActiveOpens":8}}\n'
)


@cache
def folder() -> Path:
    """Return where files are written, in memory where there is such a place; one for each process."""
    fast = Path("/dev/shm")  # noqa: S108  # a folder in it, with a name that nobody can guess
    made = Path(tempfile.mkdtemp(prefix="mptcp-top-hostile-", dir=fast if fast.is_dir() else None))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


@cache
def good() -> bytes:
    """Return a recording with some of everything in it."""
    path = folder() / "good.db"
    session = Session(path, KERNEL)
    for number in range(12):
        session.now = float(number)
        if number == 5:
            session.fail(KERNEL)
        else:
            session.poll(KERNEL, {"MPJoinSynRx": 9, "MPJoinNoTokenFound": number % 3, "MPCurrEstab": 0})
    session.mark("a mark")
    session.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("VACUUM")
    return path.read_bytes()


@cache
def columns() -> tuple[bytes, ...]:
    """Return what the cells of a recording are called here, but for most of its many counters."""
    path = folder() / "named.db"
    path.write_bytes(good())
    found = []
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            names = [name for _, name, *_ in connection.execute(f'PRAGMA table_info("{table}")')]
            found += [f"{table}.{name}=".encode() for name in (*names[:12], *names[-1:])]
    return tuple(found)


def take_recording(raw: bytes) -> None:
    """Read a recording in all the ways there are; whatever it is, only a SettingsError with a clean text comes out."""
    path = folder() / "taken.db"
    path.write_bytes(raw if raw.startswith(MAGIC) else good())
    if not raw.startswith(MAGIC):
        _fill_in(path, raw)
    assert summary_of(path).wrong.isprintable()
    assert all(said.isprintable() for said in verified(path).wrong)
    with suppress(SettingsError), opened(path) as reader:
        begin, end = reader.extent() or (0.0, -1.0)
        names = [target.name for target in reader.targets()]
        assert all(name.isprintable() for name in names)
        for told in retold(reader, begin, end, names):
            assert all(value is None or type(value) is int for value in told.observation.values)
    with suppress(SettingsError):
        replayed(path)


def take_lines(raw: bytes) -> None:
    """Understand lines that others collected; a file of them becomes a sound recording, or none and a complaint."""
    for found in Lines("x").understood(raw.splitlines(keepends=True)):
        assert isinstance(found, Poll) or found.why.isprintable()
    lines, made = folder() / "lines.log", folder() / "made.db"
    lines.write_bytes(raw)
    made.unlink(missing_ok=True)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
        code = main(["import", str(lines), "-o", str(made)])
    assert all(line.isprintable() for line in said.getvalue().split("\n"))
    assert made.exists() == (code == 0)
    assert code in {0, 2}
    if code == 0:
        assert verified(made).wrong == ()


def _fill_in(path: Path, raw: bytes) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for line in raw.splitlines():
            name, sign, value = line.partition(b"=")
            table, dot, column = name.decode("latin-1").partition(".")
            if sign and dot and f"{table}.{column}=".encode() in columns():
                with suppress(sqlite3.Error, OverflowError, UnicodeEncodeError):
                    connection.execute(f'UPDATE OR IGNORE "{table}" SET "{column}" = ?', (_value_of(value),))  # noqa: S608  # one of our columns
        connection.commit()


def _value_of(raw: bytes) -> object:
    """Return a value of any of SQLite's kinds: as JSON says it, else a text, else bytes."""
    with suppress(ValueError, RecursionError):
        value = json.loads(raw)
        if value is None or isinstance(value, int | float | str):
            return value
    with suppress(UnicodeDecodeError):
        return raw.decode()
    return raw
