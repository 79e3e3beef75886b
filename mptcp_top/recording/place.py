"""Where a recording is: opened for one writer, safely, or for reading beside it."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import stat
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from mptcp_top.errors import SettingsError
from mptcp_top.recording.recognised import (
    UNREADABLE,
    refuse_other_tables,
    refuse_what_does_more_than_hold,
    refuse_what_is_no_recording,
    said_of,
)
from mptcp_top.text import printable

if TYPE_CHECKING:
    from pathlib import Path

BESIDE: Final = ("", "-wal", "-shm")
"""What SQLite keeps of a recording: the file, what is not in it yet, and how readers find that."""

WAIT_SECONDS: Final = 5.0
NO_LOCKS: Final = "its file system gives no locks, which a recording needs; give a file on a disk of this host"
PACKED: Final = "a report is packed: unpack it (tar xzf FILE), and give the recording.db that is in it"
LONGEST_VALUE_BYTES: Final = 16 << 20

_held: dict[int, tuple[int, int]] = {}
"""What this process writes, by descriptor: device and inode.

No other descriptor of these may ever be opened and closed here: with it POSIX gives back all locks that SQLite has on
the file, and the next reader elsewhere that closes it would take the writer's WAL away.
"""


class Busy(SettingsError):
    """Somebody else writes this recording."""


def shown(path: Path) -> str:
    """Return a path as messages write it."""
    return printable(str(path), 1000)


def beside(path: Path, more: str) -> Path:
    """Return one of the files that SQLite keeps of a recording."""
    return path.with_name(path.name + more)


def claim(path: Path) -> int:
    """Open a file for this writer alone, made if it is missing, and return it; what it holds is not looked at.

    Keep it open for as long as SQLite has the file: to close it gives SQLite's own locks back, too.

    Raises:
        Busy: another process writes it.
        SettingsError: it is no regular file of this user's alone, or cannot be opened.
    """
    _refuse_what_is_held(path)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise SettingsError(f"{shown(path)}: {_why(error)}") from error
    try:
        _refuse_what_is_not_ours(path, os.fstat(descriptor))
        for more in BESIDE[1:]:
            with suppress(FileNotFoundError):
                _refuse_what_is_not_ours(beside(path, more), beside(path, more).lstat())
        os.fchmod(descriptor, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise _busy(path) from error
    except OSError as error:
        os.close(descriptor)
        raise SettingsError(f"{shown(path)}: {_why(error)}") from error
    except SettingsError:
        os.close(descriptor)
        raise
    _held[descriptor] = _inode(os.fstat(descriptor))
    return descriptor


def let_go(descriptor: int) -> None:
    """Give back what `claim` returned. SQLite has closed the file by now."""
    _held.pop(descriptor, None)
    os.close(descriptor)


def is_claimed(path: Path) -> bool:
    """Whether somebody is writing a recording now, we ourselves perhaps.

    Raises:
        OSError: it cannot be opened.
    """
    if _inode(path.stat()) in _held.values():
        return True
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def to_write(path: Path) -> sqlite3.Connection:
    """Return a connection that may write. Who calls has claimed the file.

    Raises:
        SettingsError: the file holds something else, or a recording of another version.
        sqlite3.Error: it cannot be read.
    """
    connection = sqlite3.connect(_uri(path, "rw"), uri=True, isolation_level=None, check_same_thread=False)
    try:
        if path.stat().st_size or beside(path, "-wal").exists():
            refuse_what_is_no_recording(connection, path, empty_is_fine=True)
            refuse_other_tables(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads, beside whoever writes.

    Raises:
        SettingsError: there is no such file, or it is no recording we can read.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            is_folder = OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.ENXIO, "")
            raise SettingsError(f"{shown(path)}: {_why(is_folder)}")
    except OSError as error:
        raise SettingsError(f"{shown(path)}: {_why(error)}") from error
    if not os.access(path, os.R_OK, effective_ids=True):  # not opened: see `_held`
        raise SettingsError(f"{shown(path)}: {os.strerror(errno.EACCES)}")
    try:
        connection = _connected(path)
    except UNREADABLE as error:
        said = PACKED if path.name.endswith((".tar.gz", ".tgz")) else said_of(error)
        if _has_more(path) and not os.access(path.parent, os.W_OK, effective_ids=True):
            said = (
                f"its folder cannot be written, and to read {printable(path.name)}-wal it must be: copy both elsewhere"
            )
        raise SettingsError(f"{shown(path)}: {said}") from error
    try:
        refuse_what_is_no_recording(connection, path, empty_is_fine=False)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE_BYTES)
        refuse_what_does_more_than_hold(connection, path)
        refuse_other_tables(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _connected(path: Path) -> sqlite3.Connection:
    """Return a connection; where SQLite may not write beside the file, as one to a file that nobody changes."""
    for uri in (_uri(path, "ro"), _uri(path, "ro") + "&immutable=1"):
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT_SECONDS, check_same_thread=False)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if _has_more(path) or uri.endswith("immutable=1"):
                raise
        except UNREADABLE:
            connection.close()
            raise
        else:
            return connection
    raise AssertionError("one of the two returns or raises")


def leave_nothing_beside(path: Path) -> None:
    """Have SQLite remove what it made beside a file in order to read it, if nobody reads or writes that any more.

    A WAL that holds something stays as it is: it is what a program that was killed had recorded last.
    """
    with suppress(OSError, sqlite3.Error):
        path = path.resolve()
        if beside(path, "-wal").exists() and not _has_more(path) and _inode(path.stat()) not in _held.values():
            with closing(sqlite3.connect(_uri(path, "rw"), uri=True, timeout=0.0)) as connection:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _has_more(path: Path) -> bool:
    """Whether a recording has a WAL that holds something."""
    with suppress(OSError):
        return beside(path, "-wal").stat().st_size > 0
    return False


def _refuse_what_is_not_ours(path: Path, status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise SettingsError(f"{shown(path)}: it is a symbolic link; give the file itself")
    if not stat.S_ISREG(status.st_mode):
        raise SettingsError(f"{shown(path)}: it is no regular file")
    if status.st_uid != os.geteuid():
        raise SettingsError(f"{shown(path)}: it belongs to user {status.st_uid}, not to you")
    if status.st_nlink != 1:
        raise SettingsError(f"{shown(path)}: it has another name as well (a hard link)")


def _refuse_what_is_held(path: Path) -> None:
    with suppress(OSError):
        if _inode(path.stat()) in _held.values():
            raise _busy(path)


def _busy(path: Path) -> Busy:
    return Busy(
        f"{shown(path)}: another mptcp-top is recording into it; give another file, or watch it: "
        f"mptcp-top replay {shown(path)}"
    )


def _inode(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.absolute()))}?mode={mode}"


def _why(error: OSError) -> str:
    return {
        errno.ELOOP: "it is a symbolic link; give the file itself",
        errno.EISDIR: "it is a folder; give a file in it",
        errno.ENXIO: "it is no regular file",
        errno.EROFS: "its file system is read-only; give a file elsewhere",
        errno.ENOLCK: NO_LOCKS,
        errno.EOPNOTSUPP: NO_LOCKS,
        errno.EDQUOT: "your quota of this disk is used up; make room, or give a file elsewhere",
    }.get(error.errno or 0, error.strerror or type(error).__name__)
