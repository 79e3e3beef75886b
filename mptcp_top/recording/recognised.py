"""Whether an SQLite file is a recording that this program can read: looked at before anything of it is believed."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from mptcp_top.errors import SettingsError
from mptcp_top.recording.schema import APPLICATION, FIXED, TABLES, VERSION, VIEWS
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

UNREADABLE: Final = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What a damaged file raises: SQLite repeats names out of it in its complaints, which need not be texts."""

_COLUMNS: Final = (
    "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c "
    "WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY c.cid"
)


NO_RECORDING: Final = "it is no recording of mptcp-top"


def said_of(error: Exception) -> str:
    """Return what is wrong with a file that SQLite does not open."""
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
        return NO_RECORDING
    return printable(str(error), 200)


def refuse_what_is_no_recording(connection: sqlite3.Connection, path: Path, *, empty_is_fine: bool) -> None:
    """Refuse a file that holds something else, or nothing, or what another version wrote.

    Raises:
        SettingsError: it is so.
    """
    shown = printable(str(path), 1000)
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except UNREADABLE as error:
        raise SettingsError(f"{shown}: {said_of(error)}") from error
    if not tables and not application:
        if empty_is_fine:
            return
        raise SettingsError(
            f"{shown}: it is empty: if it was copied while it was written, its newest part is in "
            f"{printable(path.name, 200)}-wal beside the original: copy both"
        )
    if application != APPLICATION:
        raise SettingsError(f"{shown}: {NO_RECORDING}")
    if version != VERSION:
        words = "by a newer mptcp-top: use that one" if version > VERSION else "by an mptcp-top that is too old"
        raise SettingsError(f"{shown}: it was made {words} (schema {version}; this one reads {VERSION})")


def refuse_other_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a recording whose tables have other columns than we write: what is read of it would be nonsense.

    Raises:
        SettingsError: it is so.
    """
    with suppress(*UNREADABLE):  # one that is damaged is told so when it is read
        if differs := _difference(connection):
            raise SettingsError(
                f"{printable(str(path), 1000)}: its tables are not those that this mptcp-top writes ({differs}): "
                "if an older one made it, read it with that one, and record into another file"
            )


def refuse_what_does_more_than_hold(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file in which to read a table would run what somebody else thought up.

    Raises:
        SettingsError: it is so, or damaged.
    """
    shown = printable(str(path), 1000)
    connection.execute("PRAGMA trusted_schema = OFF")
    ours = "type IN ('table', 'index') AND sql NOT LIKE 'CREATE VIRTUAL%' OR type = 'view' AND name IN (?, ?, ?)"
    find = f"SELECT count(*) FROM sqlite_master WHERE sql IS NOT NULL AND NOT ({ours})"  # noqa: S608  # all of it ours
    try:
        foreign = connection.execute(find, VIEWS).fetchone()[0]
    except UNREADABLE as error:
        raise SettingsError(f"{shown}: it is damaged ({printable(str(error), 200)})") from error
    if foreign:
        raise SettingsError(f"{shown}: it holds what no recording does (triggers, or views of somebody else)")


def _difference(connection: sqlite3.Connection) -> str:
    """Return which table or column differs from those that we write, "" if none does or there is no table yet."""
    found = _columns_of(connection)
    if not found:
        return ""
    kinds = {table: columns for table, columns in found.items() if table.endswith("_samples")}
    whole = ((table, found.get(table, ()), wanted) for table, wanted in _our_columns().items())
    begun = ((table, columns[: len(FIXED)], FIXED) for table, columns in kinds.items())
    for table, there, wanted in (*whole, *begun):
        if there != wanted:
            odd = sorted({*there} ^ {*wanted}) or ["the order of its columns"]
            return printable(f"{table}: {odd[0]}" if there else table, 100)
    return ""


def _columns_of(connection: sqlite3.Connection) -> Mapping[str, tuple[str, ...]]:
    """Return the columns of each table, in their order."""
    found: dict[str, tuple[str, ...]] = {}
    for table, column in connection.execute(_COLUMNS):
        found[table] = (*found.get(table, ()), column)
    return found


@lru_cache(maxsize=1)
def _our_columns() -> Mapping[str, tuple[str, ...]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES)
        return _columns_of(connection)
