"""The tables of a recording, and the views for people. Public: it is what the ``sqlite3`` shell shows.

Times are whole microseconds of the recording's own clock, which is set by the wall clock when a session begins and
then never stepped: growth divided by its differences is a rate. ``skew`` is how many milliseconds the wall clock was
ahead of it. A sample's ``id`` is its time and its target in one number (`mptcp_top.recording.rows`), so that
what was read together lies together. Its values are how far each counter was above the ``_base`` row of its stretch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSION: Final = 1
"""It is also SQLite's ``user_version``. Whatever changes the meaning of a table raises it."""

APPLICATION: Final = 0x4D505443
"""SQLite's ``application_id`` of a recording: the letters MPTC."""

TARGET_BITS: Final = 11
VIEWS: Final = ("readings", "rises", "happened")

TABLES: Final = """
CREATE TABLE sessions (number INTEGER PRIMARY KEY, began INTEGER NOT NULL, program TEXT NOT NULL,
                       hold_seconds REAL NOT NULL);
CREATE TABLE targets (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, source TEXT NOT NULL,
                      address TEXT NOT NULL, caution TEXT NOT NULL);
CREATE TABLE layouts (number INTEGER PRIMARY KEY, source TEXT NOT NULL, metrics TEXT NOT NULL);
CREATE TABLE identities (number INTEGER PRIMARY KEY, host TEXT, product TEXT, boot TEXT, facts TEXT, notices TEXT,
                         prefix TEXT, role TEXT);
CREATE TABLE counters (source TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, field TEXT NOT NULL,
                       label TEXT NOT NULL, panel TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL,
                       PRIMARY KEY (source, number)) WITHOUT ROWID;
CREATE UNIQUE INDEX counters_name ON counters (source, name);
CREATE TABLE stretches (number INTEGER PRIMARY KEY, target INTEGER NOT NULL, session INTEGER NOT NULL,
                        layout INTEGER NOT NULL, identity INTEGER NOT NULL, first INTEGER NOT NULL,
                        interval_ms INTEGER NOT NULL, refresh_ms INTEGER NOT NULL, wrap_bits INTEGER);
CREATE TABLE failures (number INTEGER PRIMARY KEY, status TEXT NOT NULL, reason TEXT NOT NULL, advice TEXT NOT NULL);
CREATE TABLE missed (id INTEGER PRIMARY KEY, skew INTEGER NOT NULL, failure INTEGER NOT NULL,
                     interval_ms INTEGER NOT NULL, retry_ms INTEGER, row INTEGER NOT NULL, sample INTEGER);
CREATE TABLE events (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, target INTEGER NOT NULL, kind TEXT NOT NULL,
                     wall REAL NOT NULL, says TEXT NOT NULL, alarming INTEGER NOT NULL, about TEXT NOT NULL,
                     severity TEXT, status TEXT, reason TEXT);
CREATE INDEX events_at ON events (at);
CREATE TABLE episodes (number INTEGER PRIMARY KEY, target INTEGER NOT NULL, counter TEXT NOT NULL,
                       first INTEGER NOT NULL, last INTEGER NOT NULL, base INTEGER NOT NULL, started REAL NOT NULL,
                       last_rise REAL NOT NULL, total NOT NULL, peak_rate REAL NOT NULL,
                       ended INTEGER NOT NULL, metric TEXT NOT NULL);
CREATE INDEX episodes_first ON episodes (first);
CREATE TABLE episode_minutes (episode INTEGER NOT NULL, at INTEGER NOT NULL, last INTEGER NOT NULL,
                              last_rise REAL NOT NULL, total NOT NULL, peak_rate REAL NOT NULL,
                              PRIMARY KEY (episode, at)) WITHOUT ROWID;
CREATE INDEX episode_minutes_at ON episode_minutes (at);
CREATE TABLE minutes (at INTEGER PRIMARY KEY);
CREATE TABLE slumps (number INTEGER PRIMARY KEY, target INTEGER NOT NULL, first INTEGER NOT NULL, until INTEGER,
                     slump TEXT NOT NULL);
CREATE TABLE alerts (number INTEGER PRIMARY KEY, target INTEGER NOT NULL, first INTEGER NOT NULL, ended INTEGER,
                     alert TEXT NOT NULL);
CREATE TABLE marks (at INTEGER PRIMARY KEY, wall REAL NOT NULL, name TEXT NOT NULL);
CREATE TABLE gaps (number INTEGER PRIMARY KEY, began INTEGER NOT NULL, ended INTEGER NOT NULL, why TEXT NOT NULL);
CREATE VIEW rises AS
  SELECT strftime('%Y-%m-%dT%H:%M:%SZ', e.started, 'unixepoch') AS since, t.name AS target, e.counter, e.total,
         round(e.peak_rate, 3) AS peak_rate, strftime('%Y-%m-%dT%H:%M:%SZ', e.last_rise, 'unixepoch') AS last_rise,
         CASE e.ended WHEN 1 THEN 'over' ELSE 'rising' END AS state
  FROM episodes e JOIN targets t ON t.number = e.target ORDER BY e.first;
CREATE VIEW happened AS
  SELECT strftime('%Y-%m-%dT%H:%M:%SZ', e.wall, 'unixepoch') AS time, t.name AS target, e.kind, e.says
  FROM events e LEFT JOIN targets t ON t.number = e.target ORDER BY e.at;
"""
"""What every recording has. `source_tables` adds those of a kind of source."""

FIXED: Final = ("id", "stretch", "elapsed", "skew", "reset", "latency", "beat", "row")
"""The columns of a sample before its counters.

``reset`` is 1 where some counters went down, 2 where all began anew.
``elapsed`` since the sample before, ``latency``, and ``beat``, how much later than it was read a sample stands for, are
microseconds; ``row`` is the number of its poll, missed ones counted.
"""


def table_of(source: str) -> str:
    """Return the name of the table with the samples of a kind of source.

    Raises:
        ValueError: a kind is a lower-case word; this is none.
    """
    if not (source.isascii() and source.isalpha() and source.islower()):
        raise ValueError(f"{source!r} is no kind of source")
    return f"{source}_samples"


def quoted(field: str) -> str:
    """Return the name of a column as SQL writes it.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + field.replace('"', '""') + '"'


def source_tables(source: str, fields: Sequence[str]) -> list[str]:
    """Return what makes the two tables of a kind of source, with the columns of its counters."""
    table = table_of(source)
    columns = (
        "id INTEGER PRIMARY KEY, stretch INTEGER NOT NULL, elapsed INTEGER, skew INTEGER NOT NULL, "
        "reset INTEGER NOT NULL, latency INTEGER, beat INTEGER NOT NULL, row INTEGER NOT NULL"
    )
    counters = "".join(f", {quoted(field)}" for field in fields)
    return [
        f"CREATE TABLE {table} ({columns}{counters})",
        f"CREATE TABLE {table}_base (stretch INTEGER PRIMARY KEY{counters})",
        f"CREATE INDEX {table}_resets ON {table} (id) WHERE reset > 0",
    ]


def more_columns(source: str, fields: Sequence[str]) -> list[str]:
    """Return what adds the columns of more counters to the tables of a kind of source."""
    tables = (table_of(source), f"{table_of(source)}_base")
    return [f"ALTER TABLE {table} ADD COLUMN {quoted(field)}" for field in fields for table in tables]


def new_field(name: str, taken: Sequence[str]) -> str:
    """Return the column of a new counter: its name, with a number where SQL could not tell it from another's.

    >>> new_field("MPJoin", ["mpjoin", "x"]), new_field("Id", [])
    ('MPJoin_2', 'Id_2')
    """
    known = {field.casefold() for field in (*taken, *FIXED)}
    ways = (name, *(f"{name}_{number}" for number in range(2, len(known) + 3)))
    return next(way for way in ways if way.casefold() not in known)


def readings_view(fields: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what makes the view of all readings, one row a counter and a sample, from the columns of each source.

    ``time`` is cut to the millisecond, as all that are shown are. ``rate`` is per second, by the time that passed for
    the counters themselves: it is not known of the first reading, after a reset, of a gauge, and where an appliance had
    nothing new since the reading before.
    """
    arms = [_readings_of(source, columns) for source, columns in fields.items() if columns]
    made = ["DROP VIEW IF EXISTS readings"]
    return [*made, f"CREATE VIEW readings AS {' UNION ALL '.join(arms)}"] if arms else made


def _readings_of(source: str, fields: Sequence[str]) -> str:
    table = table_of(source)

    def value(row: str, base: str) -> str:
        cases = " ".join(f"WHEN {number} THEN {_sum(row, base, field)}" for number, field in enumerate(fields))
        return f"CASE c.number {cases} END"

    return f"""
SELECT strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000 / 1e3, 'unixepoch') AS time, target, counter, value,
  CASE WHEN kind = 'counter' AND NOT reset AND seconds > 0 AND typeof(value) = 'integer' AND value >= before
       THEN (value - before) / seconds END AS rate, label, panel, severity
FROM (
  SELECT (s.id >> {TARGET_BITS}) + s.skew * 1000 AS at, t.name AS target, c.name AS counter, c.label, c.panel,
    c.severity, c.kind, s.reset, (s.elapsed + s.beat - p.beat) / 1e6 AS seconds,
    {value("s", "b")} AS value, {value("p", "q")} AS before
  FROM {table} s
  JOIN stretches r ON r.number = s.stretch JOIN targets t ON t.number = r.target
  JOIN {table}_base b ON b.stretch = s.stretch
  LEFT JOIN {table} p ON p.id = s.id - (s.elapsed << {TARGET_BITS})
  LEFT JOIN {table}_base q ON q.stretch = p.stretch
  JOIN counters c ON c.source = '{source}'
)
WHERE value IS NOT NULL"""  # noqa: S608  # names of ours, and quoted ones


def _sum(row: str, base: str, field: str) -> str:
    """Return the value of a counter in SQL; what 64 bits with a sign cannot hold is written out as a text."""
    name = quoted(field)
    return f"CASE typeof({row}.{name}) WHEN 'text' THEN {row}.{name} ELSE {base}.{name} + {row}.{name} END"
