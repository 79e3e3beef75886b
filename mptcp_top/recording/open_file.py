"""A recording while it is written: claimed for us alone, and what SQLite and the system complain about told plainly."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.recording import retention
from mptcp_top.recording.kinds import AnotherKind
from mptcp_top.recording.place import BESIDE, beside, claim, let_go, shown, to_write
from mptcp_top.recording.tables import PAGE_BYTES
from mptcp_top.recording.trouble import NotRecorded
from mptcp_top.recording.writer import Writer
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mptcp_top.engine.marks import Mark
    from mptcp_top.model import Target
    from mptcp_top.recording.keep import Keep
    from mptcp_top.recording.left import Resumed
    from mptcp_top.recording.waiting import Batch

NO_SPACE: Final = "no space left on the disk"
BUSY_MS: Final = 2000
_WHY: Final = {
    sqlite3.SQLITE_FULL: NO_SPACE,
    sqlite3.SQLITE_READONLY: "the file cannot be written any more",
    sqlite3.SQLITE_BUSY: "another program keeps it locked",
    sqlite3.SQLITE_LOCKED: "another program keeps it locked",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk fails, or your quota of it is used up",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is damaged",
}
_SPOILT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class Session(NamedTuple):
    """What is recorded in one go: of whom, from when on by both clocks, and how much of the past is kept."""

    targets: Sequence[Target]
    began: float
    wall: float
    hold_seconds: float
    keep: Keep


class OpenFile:
    """A file that one session is recorded into.

    Every method raises `NotRecorded` where it cannot be; nothing of that batch was written then.

    Raises:
        SettingsError: this file is not for us.
    """

    def __init__(self, path: Path, session: Session) -> None:
        self.path = path
        self._keep = session.keep
        is_new = not os.path.lexists(path)
        self._held: int | None = claim(path)
        try:
            with _told(path):
                self._connection = to_write(path)
                self._writer = self._begun(session)
                self._inodes = self._named()
        except AnotherKind as error:
            self._give_up()
            raise SettingsError(f"{shown(path)}: {error}") from error
        except BaseException:
            self._give_up(leave_nothing=is_new)
            raise

    @property
    def ahead_seconds(self) -> float:
        """How far the recording's clock is ahead of the session's monotonic one."""
        return self._writer.ahead_seconds

    @property
    def resumed(self) -> Resumed:
        """What rose when the last session ended, if that was just now."""
        return self._writer.resumed

    @property
    def is_there(self) -> bool:
        """Whether the file still goes by its name, with its WAL: nobody would find what is written into another."""
        with _told(self.path):
            return self._named()[:2] == self._inodes[:2]

    def write(self, batch: Batch, marks: Sequence[Mark], why_lost: str) -> None:
        """Write a batch, and what is missing before it."""
        with _told(self.path):
            self._refuse_what_only_grows()
            self._writer.write(batch.seen, marks)
            if batch.lost_since is not None and batch.seen:
                self._writer.note_gap(batch.lost_since, batch.seen[0].reading.monotonic, why_lost)

    def forget(self, now: float) -> bool:
        """Forget a part of what is not to be kept, and return whether there may be more."""
        with _told(self.path):
            return retention.bite(self._connection, self._writer, self._keep, now)

    def take_over(self) -> None:
        """Have SQLite take the WAL over into the file, as far as no reader needs it: who copies the file has that."""
        with _told(self.path):
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def finish(self) -> None:
        """Write down how all stands, leave one file and nothing beside it if nobody reads it, and close it."""
        try:
            with _told(self.path):
                self._writer.finish()
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._connection.execute("PRAGMA busy_timeout = 0")
                with suppress(sqlite3.OperationalError):  # somebody reads it: then a WAL of no length stays
                    self._connection.execute("PRAGMA journal_mode = DELETE")
        finally:
            self.close()

    def close(self) -> None:
        """Close it as it is. Where its name is another file's by now, SQLite would leave our WAL to that one."""
        self._give_up()
        with suppress(OSError):
            now = self._named()
            if now[0] != self._inodes[0]:
                for more, known, named in zip(BESIDE[1:], self._inodes[1:], now[1:], strict=True):
                    if named is not None and named == known:
                        beside(self.path, more).unlink()

    def _begun(self, session: Session) -> Writer:
        run = self._connection.execute
        run(f"PRAGMA busy_timeout = {BUSY_MS}")
        writer = Writer(self._connection, session.targets, session.began, session.wall, session.hold_seconds)
        page_bytes = run("PRAGMA page_size").fetchone()[0]
        run(f"PRAGMA wal_autocheckpoint = {max(8, self._keep.wal_bytes // page_bytes)}")
        run(f"PRAGMA journal_size_limit = {self._keep.wal_bytes // 2}")
        run("PRAGMA wal_checkpoint(PASSIVE)")  # the file alone is a recording from its first second
        return writer

    def _give_up(self, *, leave_nothing: bool = False) -> None:
        """Let go of the file; ``leave_nothing`` of one that was to be begun and could not be."""
        connection = getattr(self, "_connection", None)
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
        if leave_nothing:
            with suppress(OSError):
                if self.path.stat().st_size <= PAGE_BYTES:  # no recording is so short
                    for more in reversed(BESIDE):
                        beside(self.path, more).unlink(missing_ok=True)
        if self._held is not None:
            let_go(self._held)
        self._held = None

    def _named(self) -> list[tuple[int, int] | None]:
        """Return what goes by the names of the file and of what SQLite keeps beside it now."""
        found: list[tuple[int, int] | None] = []
        for more in BESIDE:
            try:
                status = beside(self.path, more).lstat()
            except FileNotFoundError:
                found.append(None)
            else:
                found.append((status.st_dev, status.st_ino))
        return found

    def _refuse_what_only_grows(self) -> None:
        """Refuse to write into a WAL that a reader who never ends keeps from being taken over."""
        file, wal = (beside(self.path, more).stat().st_size for more in BESIDE[:2])
        if wal < 4 * self._keep.wal_bytes or file + wal < self._keep.bytes:
            return
        if self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise NotRecorded("somebody reads the file without an end, and it only grows")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Tell what SQLite and the system complain about in our words."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):  # mistakes of ours
        raise
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        why = (
            NO_SPACE if code == sqlite3.SQLITE_IOERR and _is_full(path) else _WHY.get(code, printable(str(error), 200))
        )
        raise NotRecorded(why, spoilt=code in _SPOILT) from error
    except OSError as error:
        raise NotRecorded(f"{shown(path)}: {error.strerror}") from error


def _is_full(path: Path) -> bool:
    """Whether there is no room for another file of SQLite's, which calls that a failing disk."""
    with suppress(OSError):
        return os.statvfs(path.parent).f_bavail == 0
    return False
