"""Whether a recording holds what a recording should: read whole, and a sample of its episodes worked out again."""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.recording.lenient import Lenient, told
from mptcp_top.recording.library import legible
from mptcp_top.recording.place import BESIDE, leave_nothing_beside, shown, to_read
from mptcp_top.recording.retold import CHUNK_SECONDS, retold
from mptcp_top.recording.schema import table_of
from mptcp_top.recording.summary import is_being_written
from mptcp_top.recording.wal import Tail, tail_of
from mptcp_top.text import iso_time, printable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mptcp_top.engine.episodes import Kept
    from mptcp_top.recording.reader import Reader

RECOMPUTED: Final = 20
LONGEST_SECONDS: Final = 3600.0
"""Longer episodes are not worked out again: that would take as long as they have samples."""

COMPLAINTS_AT_MOST: Final = 10
AFTER_A_HOLE: Final = 8
"""So many polls, or refreshes, after samples are missing rates are not what they were when those were there."""

ROUNDED: Final = 0.002
"""How far two times of the same moment, or two peaks of a thousandth of that, may be apart."""

EVERYWHERE: Final = (
    ("stretches", "SELECT count(*) FROM stretches WHERE target NOT IN (SELECT number FROM targets)", "no target"),
    ("stretches", "SELECT count(*) FROM stretches WHERE session NOT IN (SELECT number FROM sessions)", "no session"),
    ("stretches", "SELECT count(*) FROM stretches WHERE layout NOT IN (SELECT number FROM layouts)", "no layout"),
    (
        "stretches",
        "SELECT count(*) FROM stretches WHERE identity NOT IN (SELECT number FROM identities)",
        "no identity",
    ),
    ("missed polls", "SELECT count(*) FROM missed WHERE failure NOT IN (SELECT number FROM failures)", "no failure"),
    ("missed polls", "SELECT count(*) FROM missed WHERE (id & 2047) NOT IN (SELECT number FROM targets)", "no target"),
    ("events", "SELECT count(*) FROM events WHERE target NOT IN (SELECT number FROM targets)", "no target"),
    ("episodes", "SELECT count(*) FROM episodes WHERE target NOT IN (SELECT number FROM targets)", "no target"),
    ("slumps", "SELECT count(*) FROM slumps WHERE target NOT IN (SELECT number FROM targets)", "no target"),
    ("alerts", "SELECT count(*) FROM alerts WHERE target NOT IN (SELECT number FROM targets)", "no target"),
)
"""What is counted, and to what those that are found belong."""

OF_A_SOURCE: Final = (
    ("SELECT count(*) FROM {table} WHERE stretch NOT IN (SELECT number FROM stretches)", "belong to no stretch"),
    ("SELECT count(*) FROM {table} WHERE stretch NOT IN (SELECT stretch FROM {table}_base)", "stand above no base"),
    (
        (
            "SELECT count(*) FROM {table} s JOIN stretches r ON r.number = s.stretch "
            "WHERE (s.id & 2047) <> r.target OR s.id < r.first"
        ),
        "are in the stretch of another target, or of a later time",
    ),
    (
        (
            "SELECT count(*) FROM (SELECT stretch, max(id) AS newest FROM {table} GROUP BY stretch) s JOIN "
            "(SELECT number, lead(first) OVER (PARTITION BY target ORDER BY number) AS next FROM stretches) r "
            "ON r.number = s.stretch WHERE s.newest >= r.next"
        ),
        "stretches go on after the next one began",
    ),
    (
        (
            "SELECT count(*) FROM {table} s WHERE elapsed IS NOT NULL AND id - (elapsed << 11) >= "
            "(SELECT min(id) FROM {table}) AND NOT EXISTS "
            "(SELECT 1 FROM {table} p WHERE p.id = s.id - (s.elapsed << 11))"
        ),
        "say that they follow one that is not there",
    ),
)


class Verified(NamedTuple):
    """What was found. ``wrong`` are complaints for people: without one the recording is fine.

    What could not be counted is None. ``tail`` is what is not in the file itself yet, ``gaps`` when nothing could be
    recorded and why, by the wall clock.
    """

    path: Path
    wrong: tuple[str, ...] = ()
    targets: int | None = None
    samples: int | None = None
    missed: int | None = None
    episodes: int | None = None
    recomputed: int = 0
    gaps: tuple[tuple[float, float, str], ...] = ()
    tail: Tail | None = None


def verified(path: Path) -> Verified:
    """Read a recording whole and return what is wrong with it, beside whoever writes it."""
    tail = None if is_being_written(path) else tail_of(path.with_name(path.name + BESIDE[1]))
    wrong: list[str] = []
    found = Verified(path, tail=tail)
    try:
        connection = to_read(path)
    except SettingsError as error:
        return found._replace(wrong=(_bare(path, error),))
    try:
        with _complaining(path, wrong, "its tables together"):
            connection.execute("BEGIN")  # all of it as it is at one moment, however it is written meanwhile
            wrong += _torn(connection)
            wrong += _loose(connection)
        reader = Lenient(connection)
        for what, part in _PARTS:
            with _complaining(path, wrong, what):
                found = part(found, reader)
        wrong += told(reader.unread)
        with _complaining(path, wrong, "its rises"):
            differing, recomputed = _episodes_again(reader, found.gaps)
            wrong += differing
            found = found._replace(recomputed=recomputed)
    finally:
        connection.close()
        leave_nothing_beside(path)
    return found._replace(wrong=tuple(dict.fromkeys(wrong)))


def _torn(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what SQLite itself finds."""
    for (said,) in connection.execute(f"PRAGMA integrity_check({COMPLAINTS_AT_MOST})"):
        if said != "ok":
            yield printable(str(said), 200)


def _loose(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what refers to something that is not there, or is not in order."""
    for what, query, whom in EVERYWHERE:
        if number := connection.execute(query).fetchone()[0]:
            yield f"{number} {what} belong to {whom} that is there"
    for (source,) in connection.execute("SELECT DISTINCT source FROM counters").fetchall():
        table = table_of(source)
        for query, says in OF_A_SOURCE:
            if number := connection.execute(query.format(table=table)).fetchone()[0]:
                yield f"{number} {table} {says}"


def _notes_read(found: Verified, reader: Lenient) -> Verified:
    reader.sessions(), reader.marks(), reader.layouts()
    return found._replace(targets=len(reader.targets()))


def _gaps_read(found: Verified, reader: Lenient) -> Verified:
    return found._replace(gaps=tuple(reader.gaps()))


def _polls_read(found: Verified, reader: Lenient) -> Verified:
    """Read all polls, so that those are found that cannot be read.

    Raises:
        ValueError: not even their targets make sense; or `sqlite3.Error`.
    """
    extent = reader.extent()
    samples = missed = 0
    moment = None if extent is None else reader.next_poll(extent[0] - 1.0)
    while moment is not None:
        until = moment + CHUNK_SECONDS
        for reading in (one for some in reader.readings(moment - 1e-6, until).values() for one in some):
            samples += reading.values is not None
            missed += reading.values is None
        moment = reader.next_poll(until)
    known = samples or missed or not reader.unread
    return found._replace(samples=samples, missed=missed) if known else found


def _rises_read(found: Verified, reader: Lenient) -> Verified:
    return found._replace(episodes=sum(len(some) for some in reader.episodes(at_most=1_000_000).values()))


def _rest_read(found: Verified, reader: Lenient) -> Verified:
    extent = reader.extent()
    last = 0.0 if extent is None else extent[1]
    reader.events(-1.0, last + 1e9), reader.slumps(last), reader.alerts(last)
    return found


_PARTS: Final = (
    ("its sessions, marks or counters", _notes_read),
    ("its gaps", _gaps_read),
    ("its polls", _polls_read),
    ("its rises", _rises_read),
    ("its events", _rest_read),
)
"""What reads everything there is, part by part: each raises where its own part cannot be read."""


def _episodes_again(reader: Lenient, gaps: Sequence[tuple[float, float, str]]) -> tuple[list[str], int]:
    """Return what differs of some episodes when they are worked out from the samples, and how many those are.

    Those in or just after a time of which samples are missing are left out: their rates were others when they were
    seen.
    """
    extent = reader.extent()
    if extent is None:
        return [], 0
    every = [(target, kept) for target, some in reader.episodes(at_most=1_000_000).items() for kept in some]
    holes = [*gaps, *reader.unread]
    picked: list[tuple[str, Kept]] = []
    for target, kept in random.Random(0).sample(every, len(every)):  # noqa: S311  # any will do
        if len(picked) == RECOMPUTED:
            break
        before = reader.newest_sample(target, kept.first - 1e-6)  # None where that was forgotten
        if before is None or kept.last - kept.first >= LONGEST_SECONDS:
            continue
        after = AFTER_A_HOLE * max(before.interval_seconds, before.refresh_seconds, 1.0)
        if not any(begin <= kept.last and kept.first <= end + after for begin, end, _ in holes):
            picked.append((target, kept))
    return [said for target, kept in picked if (said := _difference(reader, target, kept))], len(picked)


def _difference(reader: Reader, target: str, kept: Kept) -> str:
    """Return in what an episode differs from what the samples say, "" if in nothing."""
    counter, again = kept.episode.metric.name, None
    for _, observation in retold(reader, kept.first, kept.last, [target]):
        again = observation.rising.get(counter)
    said = kept.episode
    where = f"the rise of {counter} on {target} at {iso_time(said.started)}"
    if again is None:
        return f"{where}: the samples have none"
    if again.total != said.total or abs(again.started - said.started) > ROUNDED:
        return f"{where}: it is {said.total} in all; by the samples {again.total}, since {iso_time(again.started)}"
    if abs(again.peak_rate - said.peak_rate) > ROUNDED * max(1.0, said.peak_rate):
        return f"{where}: its peak is {said.peak_rate:.6g}/s; by the samples {again.peak_rate:.6g}/s"
    return ""


@contextmanager
def _complaining(path: Path, wrong: list[str], what: str) -> Iterator[None]:
    """Note what cannot be read and why, and go on with the rest."""
    try:
        with legible(path):
            yield
    except SettingsError as error:
        said = _bare(path, error).partition("; to look closer")[0]
        wrong.append(said.replace("it cannot be read", f"{what} cannot be read", 1))


def _bare(path: Path, error: SettingsError) -> str:
    return str(error).removeprefix(f"{shown(path)}: ")
