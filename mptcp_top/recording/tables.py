"""What a recording has by number, written once each: layouts with their columns, identities, reasons of failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.recording import rows
from mptcp_top.recording.schema import (
    APPLICATION,
    FIXED,
    TABLES,
    VERSION,
    more_columns,
    new_field,
    quoted,
    readings_view,
    source_tables,
    table_of,
)

if TYPE_CHECKING:
    import sqlite3

    from mptcp_top.model import Failure, Identity, Layout, Metric

PAGE_BYTES = 4096


def prepare(connection: sqlite3.Connection) -> None:
    """Make an empty file a recording, and set how this connection writes: the system has it when a batch is over.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    if not connection.execute("PRAGMA application_id").fetchone()[0]:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA journal_size_limit = 4194304")
    if not connection.execute("PRAGMA application_id").fetchone()[0]:
        begin = f"BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
        try:
            connection.executescript(f"{begin} {TABLES} COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


class Numbers:
    """The numbers of what is written once. Keeps what it knows of the file, and looks there for the rest."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.forget()

    def forget(self) -> None:
        """Look everything up again when it is asked for: a batch was rolled back."""
        self._layouts: dict[int, tuple[Layout, int]] = {}
        self._identities: dict[int, tuple[Identity, int]] = {}
        self._failures: dict[tuple[str, str, str], int] = {}
        self._insert: dict[int, str] = {}
        self._fields: dict[str, dict[str, str]] | None = None

    @property
    def fields(self) -> dict[str, dict[str, str]]:
        """The columns of the counters of each kind of source that has samples here."""
        if self._fields is None:
            found: dict[str, dict[str, str]] = {}
            known = self._connection.execute("SELECT source, name, field FROM counters ORDER BY source, number")
            for source, name, field in known.fetchall():
                found.setdefault(source, {})[name] = field
            self._fields = found
        return self._fields

    def layout(self, source: str, layout: Layout) -> int:
        """Return the number of a layout, with a column for each of its counters."""
        known = self._layouts.get(id(layout))
        if known is not None and known[0] is layout:
            return known[1]
        written = rows.metrics_text(layout.metrics)
        where = (source, written)
        run = self._connection.execute
        found = run("SELECT number FROM layouts WHERE source = ? AND metrics = ?", where).fetchone()
        number: int = found[0] if found else self._new("INSERT INTO layouts (source, metrics) VALUES (?, ?)", where)
        self._add_fields(source, layout.metrics)
        self._layouts[id(layout)] = layout, number
        fields = self.fields[source]
        named = [*FIXED, *(quoted(fields[metric.name]) for metric in layout.metrics)]
        marks = ", ".join("?" * len(named))
        self._insert[number] = f"INSERT INTO {table_of(source)} ({', '.join(named)}) VALUES ({marks})"  # noqa: S608  # names of ours, and quoted ones
        return number

    def insert(self, layout: int) -> str:
        """Return what inserts a sample of a layout whose number was asked for before."""
        return self._insert[layout]

    def base(self, source: str, layout: Layout, stretch: int, values: list[rows.Value]) -> None:
        """Write the row that the samples of a stretch stand above."""
        fields = self.fields[source]
        named = ["stretch", *(quoted(fields[metric.name]) for metric in layout.metrics)]
        marks = ", ".join("?" * len(named))
        into = f"INSERT INTO {table_of(source)}_base ({', '.join(named)}) VALUES ({marks})"  # noqa: S608  # names of ours, and quoted ones
        self._connection.execute(into, (stretch, *values))

    def identity(self, identity: Identity) -> int:
        """Return the number of an identity."""
        known = self._identities.get(id(identity))
        if known is not None and known[0] is identity:
            return known[1]
        row = rows.identity_row(identity)
        columns = (
            "host IS ? AND product IS ? AND boot IS ? AND facts IS ? AND notices IS ? AND prefix IS ? AND role IS ?"
        )
        run = self._connection.execute
        found = run(f"SELECT number FROM identities WHERE {columns}", row).fetchone()  # noqa: S608  # names of ours, and quoted ones
        into = "INSERT INTO identities (host, product, boot, facts, notices, prefix, role) VALUES (?, ?, ?, ?, ?, ?, ?)"
        number: int = found[0] if found else self._new(into, row)
        self._identities[id(identity)] = identity, number
        return number

    def failure(self, failure: Failure) -> int:
        """Return the number of what a failure says."""
        said = (failure.status.value, failure.reason, failure.advice)
        if said not in self._failures:
            run = self._connection.execute
            found = run("SELECT number FROM failures WHERE status = ? AND reason = ? AND advice = ?", said).fetchone()
            into = "INSERT INTO failures (status, reason, advice) VALUES (?, ?, ?)"
            self._failures[said] = found[0] if found else self._new(into, said)
        return self._failures[said]

    def _new(self, into: str, row: tuple[str | None, ...]) -> int:
        return self._connection.execute(into, row).lastrowid or 0

    def _add_fields(self, source: str, metrics: tuple[Metric, ...]) -> None:
        run = self._connection.execute
        known = self.fields.get(source)
        fields = dict(known or {})
        new: dict[str, str] = {}
        for metric in metrics:
            if metric.name not in fields:
                new[metric.name] = fields[metric.name] = new_field(metric.name, list(fields.values()))
                named = (metric.name, fields[metric.name], metric.label, metric.group, metric.kind, metric.severity)
                run("INSERT INTO counters VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (source, len(fields) - 1, *named))
        if known is not None and not new:
            return
        for statement in (
            more_columns(source, list(new.values())) if known else source_tables(source, list(new.values()))
        ):
            run(statement)
        self.fields[source] = fields
        for statement in readings_view({one: list(columns.values()) for one, columns in self.fields.items()}):
            run(statement)
