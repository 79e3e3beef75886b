"""Forget what is too old or too much, a bite at a time: neither the writer nor a reader ever waits for it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mptcp_top.errors import SettingsError
from mptcp_top.recording import rows
from mptcp_top.recording.library import recordings, written_at
from mptcp_top.recording.place import BESIDE, beside, claim, is_claimed, let_go
from mptcp_top.recording.schema import table_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

    from mptcp_top.recording.keep import Keep
    from mptcp_top.recording.writer import Writer

BITE_ROWS: Final = 1000
BITE_PAGES: Final = 256
DAYS_IN_ALL: Final = 30.0
BYTES_IN_ALL: Final = 2_000_000_000
_ROW_BYTES: Final = 600


def bite(connection: sqlite3.Connection, writer: Writer, keep: Keep, now: float) -> bool:
    """Forget a part of what is not to be kept at a moment of the session, and return whether there may be more.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    pages = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _PRAGMAS}
    used = (pages["page_count"] - pages["freelist_count"]) * pages["page_size"]
    most = max(50, min(BITE_ROWS, keep.bytes // 16 // _ROW_BYTES))
    first, after = _oldest(connection, most)
    by_age = writer.microseconds(now - keep.seconds)
    if used > keep.used_bytes and after is not None:
        writer.prune(_seconds(after, writer))
        return True
    if first is not None and first < by_age:
        writer.prune(_seconds(by_age if after is None else min(by_age, after), writer))
        return True
    if pages["freelist_count"] * pages["page_size"] > keep.free_bytes:
        connection.execute(f"PRAGMA incremental_vacuum({BITE_PAGES})").fetchall()
        return True
    return False


def delete_others(folder: Path, but: Path, now: float, *, days: float = DAYS_IN_ALL, most: int = BYTES_IN_ALL) -> None:
    """Delete recordings of a folder that nobody writes: those not written for so long, and the oldest beyond so much.

    ``now`` is by the wall clock. What cannot be deleted is left.
    """
    sizes = {path: size_of(path) for path in recordings(folder)}
    together = sum(sizes.values())
    for path, size in sizes.items():
        with suppress(OSError, SettingsError):
            too_old = written_at(path) < now - days * 86_400
            if path != but and (too_old or together > most) and not is_claimed(path):
                delete(path)
                together -= size


_PRAGMAS: Final = ("page_count", "freelist_count", "page_size")


def _oldest(connection: sqlite3.Connection, after: int) -> tuple[int | None, int | None]:
    """Return the time of the oldest row, and of one so many rows later: nowhere are there more up to there."""
    sources = [source for (source,) in connection.execute("SELECT DISTINCT source FROM counters")]
    tables = ["missed", *map(table_of, sources)]
    find = "SELECT id FROM {} ORDER BY id LIMIT 1 OFFSET ?"  # of names of ours
    return _first(connection, [find.format(table) for table in tables], 0), _first(
        connection, [find.format(table) for table in tables], after
    )


def _first(connection: sqlite3.Connection, queries: Iterable[str], after: int) -> int | None:
    found = (connection.execute(query, (after,)).fetchone() for query in queries)
    return min((rows.when_and_whose(row[0])[0] for row in found if row is not None), default=None)


def _seconds(microseconds: int, writer: Writer) -> float:
    return microseconds / 1e6 - writer.ahead_seconds


def size_of(path: Path) -> int:
    """Return how many bytes a recording takes, with what SQLite keeps beside it."""
    size = 0
    for more in BESIDE:
        with suppress(OSError):
            size += beside(path, more).stat().st_size
    return size


def delete(path: Path) -> None:
    """Delete a recording that nobody writes. It is claimed meanwhile, so that nobody begins to.

    Raises:
        Busy: somebody writes it.
        SettingsError: it is not this user's alone; or OSError.
    """
    held = claim(path)
    try:
        for more in reversed(BESIDE):
            beside(path, more).unlink(missing_ok=True)
    finally:
        let_go(held)
