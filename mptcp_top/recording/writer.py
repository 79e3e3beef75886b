"""Write a recording: what was read and what was found out, one transaction a batch. It knows no thread, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top import __version__
from mptcp_top.engine.episodes import HOLD_SECONDS
from mptcp_top.recording import rows
from mptcp_top.recording.found import Found
from mptcp_top.recording.kinds import refuse_another_kind
from mptcp_top.recording.left import Resumed, Unended, unended
from mptcp_top.recording.reader import Reader
from mptcp_top.recording.schema import table_of
from mptcp_top.recording.seen import Seen as Seen  # noqa: PLC0414, TC001  # its users have it from here
from mptcp_top.recording.tables import Numbers, prepare

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.reading import Reading
    from mptcp_top.model import Target

ROWS_A_STRETCH: Final = 3600
AFTER_ALL: Final = 1_000_000
"""How much later than everything before a session begins at least, in microseconds."""


class _Open:
    """The stretch that samples of one target go into, what it began with, and how many it may still take."""

    __slots__ = ("base", "insert", "left", "like", "number")

    def __init__(self, number: int, insert: str, base: list[rows.Value], like: Reading) -> None:
        self.number, self.insert, self.base, self.like = number, insert, base, like
        self.left = ROWS_A_STRETCH

    def fits(self, reading: Reading) -> bool:
        """Whether a reading belongs to it."""
        like = self.like
        return (
            self.left > 0
            and like.layout is reading.layout
            and (like.identity is reading.identity or like.identity == reading.identity)
            and like.interval_seconds == reading.interval_seconds
            and like.refresh_seconds == reading.refresh_seconds
            and like.wrap_bits == reading.wrap_bits
        )


class Writer:
    """One session's writer. Where a method raises `sqlite3.Error`, nothing of that batch was written; go on as before.

    A session begins after all that is recorded, whatever the wall clock says: ``ahead_seconds`` is what there is to add
    to the session's monotonic times to have the recording's. What rose when the last session ended, just now, goes on:
    ``resumed`` is for the engine to be told. Without ``targets`` they come one by one.

    Raises:
        AnotherKind: a target has the name of one there that is of another kind; nothing was written then.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        targets: Iterable[Target],
        monotonic: float,
        wall: float,
        hold_seconds: float = HOLD_SECONDS,
    ) -> None:
        self._connection = connection
        prepare(connection)
        self._numbers = Numbers(connection)
        self._offset = round((wall - monotonic) * 1e6)
        self._open: dict[int, _Open] = {}
        self._last: dict[int, int] = {}
        self._last_sample: dict[int, int] = {}
        self._targets: dict[str, int] = {}
        self._found = Found(connection, self.microseconds, monotonic)
        self.resumed = Resumed(hold_seconds)
        self._unended: dict[str, Unended] = {}
        self._began = monotonic
        self._newest = self._session = 0
        self._whole(lambda: self._begin_session(targets, monotonic, hold_seconds))

    @property
    def ahead_seconds(self) -> float:
        """How far the recording's clock is ahead of the session's monotonic one."""
        return self._offset / 1e6

    def microseconds(self, monotonic: float) -> int:
        """Return a moment on the recording's clock."""
        return round(monotonic * 1e6) + self._offset

    def write(self, batch: Iterable[Seen], marks: Sequence[Mark] = ()) -> None:
        """Write some readings in the order they were taken, with what was found out: all of it or nothing."""

        def write() -> None:
            for seen in batch:
                self._write_one(seen)
            self._found.minute(self._newest)
            self._found.marks(marks)

        self._whole(write)
        self.resumed.written()

    def add(self, target: Target) -> None:
        """Take in a target that was not known when the session began."""
        self._targets[target.name] = self._number_of(target)
        if target.name in self._unended:
            self._carry(target.name, self._began, wanted=True)

    def note_gap(self, began: float, ended: float, why: str) -> None:
        """Write that nothing could be recorded for a while, and why."""
        stretch = self.microseconds(began), self.microseconds(ended)
        self._connection.execute("INSERT INTO gaps (began, ended, why) VALUES (?, ?, ?)", (*stretch, why))

    def prune(self, oldest: float) -> None:
        """Forget what is older than a moment. Readers see all of it or nothing of it."""

        def forget() -> None:
            for statement, values in _prunings(self._numbers.fields, self.microseconds(oldest)):
                self._connection.execute(statement, values)

        self._whole(forget)

    def finish(self) -> None:
        """Write down how the open episodes stand, before the connection is closed."""

        def finish() -> None:
            for name in list(self._unended):
                self._carry(name, self._began, wanted=False)
            self._found.finish()

        self._whole(finish)

    def _whole(self, work: Callable[[], None]) -> None:
        """Write one transaction. When it fails, the file and what is remembered of it are as before."""
        last, last_sample, found = self._last.copy(), self._last_sample.copy(), self._found.state()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            work()
            self._connection.execute("COMMIT")
        except BaseException:
            self._last, self._last_sample = last, last_sample
            self._open.clear()
            self._found.go_back(found)
            self._numbers.forget()
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _begin_session(self, targets: Iterable[Target], monotonic: float, hold_seconds: float) -> None:
        run = self._connection.execute
        tables = ["missed", *(table_of(source) for source in self._numbers.fields)]
        newest = [run(f"SELECT max(id) FROM {table}").fetchone()[0] for table in tables]  # noqa: S608  # names of ours
        last = max((rows.when_and_whose(number)[0] for number in newest if number is not None), default=0)
        last = max(last, run("SELECT max(began) FROM sessions").fetchone()[0] or 0)
        self._offset += max(0, last + AFTER_ALL - self.microseconds(monotonic))
        targets = list(targets)
        for target in targets:
            self._targets[target.name] = self._number_of(target)
        self._go_on({target.name for target in targets}, monotonic, hold_seconds)
        run("UPDATE slumps SET until = ? WHERE until IS NULL", (last,))
        run("UPDATE alerts SET ended = ? WHERE ended IS NULL", (last,))
        row = (self.microseconds(monotonic), f"mptcp-top {__version__}", hold_seconds)
        self._session = run("INSERT INTO sessions (began, program, hold_seconds) VALUES (?, ?, ?)", row).lastrowid or 0

    def _go_on(self, targets: set[str], monotonic: float, hold_seconds: float) -> None:
        """Bring the last session to its end, and go on from it where that was just now."""
        self.resumed = Resumed(hold_seconds)
        self._unended = unended(Reader(self._connection, self.ahead_seconds), targets, monotonic)
        self._found.rises.end_all_but([self._known_number(name) for name in self._unended])
        for name in list(self._unended if targets else ()):
            self._carry(name, monotonic, wanted=name in targets)

    def _carry(self, name: str, monotonic: float, *, wanted: bool) -> None:
        track = self._unended.pop(name)
        goes_on = wanted and track.goes_on(monotonic)
        at = self.microseconds(monotonic)
        self._found.rises.carry(self._known_number(name), at, track.episodes, goes_on=goes_on)
        if goes_on:
            self.resumed.add(name, track)

    def _number_of(self, target: Target) -> int:
        refuse_another_kind(self._connection, target)
        self._connection.execute(
            "INSERT INTO targets (name, source, address, caution) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE "
            "SET source = excluded.source, address = excluded.address, caution = excluded.caution",
            target,
        )
        return self._known_number(target.name)

    def _known_number(self, name: str) -> int:
        where = "SELECT number FROM targets WHERE name = ?"
        number: int = self._connection.execute(where, (name,)).fetchone()[0]
        return number

    def _write_one(self, seen: Seen) -> None:
        reading = seen.reading
        target, at = self._targets[reading.target.name], self.microseconds(reading.monotonic)
        if at <= self._last.get(target, -1):
            return
        self._last[target] = at
        if at > self._newest:
            if self._newest:
                self._found.minute(self._newest)  # all that was read until then is taken in
            self._newest = at
        skew = rows.skew_of(at, reading.wall)
        if reading.values is None:
            self._write_missed(reading, target, (at, skew))
        else:
            self._write_sample(reading, reading.values, target, (at, skew))
        found = self._found
        if seen.events:
            found.events(target, seen.events)
        rising = self.resumed.rising(seen) if self.resumed.tracks else seen.rising
        found.rises.take(target, at, rising)
        found.slumps(target, at, seen.slumps)
        found.alerts(target, at, seen.alerts)

    def _write_missed(self, reading: Reading, target: int, moment: tuple[int, int]) -> None:
        (at, skew), failure = moment, reading.failure
        if failure is None:
            return
        retry = None if failure.retry_seconds is None else round(failure.retry_seconds * 1e3)
        row = (skew, self._numbers.failure(failure), round(reading.interval_seconds * 1e3), retry, reading.row)
        before = self._last_sample.get(target)
        ids = rows.row_id(at, target), None if before is None else rows.row_id(before, target)
        self._connection.execute("INSERT INTO missed VALUES (?, ?, ?, ?, ?, ?, ?)", (ids[0], *row, ids[1]))

    def _write_sample(
        self, reading: Reading, values: tuple[int | None, ...], target: int, moment: tuple[int, int]
    ) -> None:
        at, skew = moment
        current = self._open.get(target)
        risen = rows.above(values, current.base) if current is not None and current.fits(reading) else None
        if current is None or risen is None:
            current = self._open[target] = self._begin_stretch(reading, target, at)
            risen = rows.above(values, current.base) or []
        current.left -= 1
        before, latency = self._last_sample.get(target), reading.latency_seconds
        self._last_sample[target] = at
        fixed = (
            rows.row_id(at, target), current.number, None if before is None else at - before, skew,
            reading.reset + reading.anew,
            None if latency is None else round(latency * 1e6),
            0 if reading.data_time == reading.monotonic else self.microseconds(reading.data_time) - at, reading.row,
        )  # fmt: skip
        self._connection.execute(current.insert, (*fixed, *risen))

    def _begin_stretch(self, reading: Reading, target: int, at: int) -> _Open:
        source = reading.target.source
        layout, identity = self._numbers.layout(source, reading.layout), self._numbers.identity(reading.identity)
        paces = (round(reading.interval_seconds * 1e3), round(reading.refresh_seconds * 1e3))
        row = (target, self._session, layout, identity, rows.row_id(at, target), *paces, reading.wrap_bits)
        number = self._connection.execute(
            "INSERT INTO stretches (target, session, layout, identity, first, interval_ms, refresh_ms, wrap_bits) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        ).lastrowid
        base = rows.base_row(reading.values or ())
        self._numbers.base(source, reading.layout, number or 0, base)
        return _Open(number or 0, self._numbers.insert(layout), base, reading)


def _prunings(sources: Iterable[str], cut: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield what makes a recording forget everything before a moment of its clock."""
    row = rows.row_id(cut, 0)
    gone = (
        "(SELECT r.number FROM stretches r JOIN (SELECT target, max(number) AS kept FROM stretches WHERE first <= ? "
        "GROUP BY target) k ON k.target = r.target WHERE r.number < k.kept)"
    )
    for source in sources:
        yield f"DELETE FROM {table_of(source)} WHERE id < ?", (row,)  # noqa: S608  # names of ours
        yield f"DELETE FROM {table_of(source)}_base WHERE stretch IN {gone}", (row,)  # noqa: S608  # names of ours
    yield f"DELETE FROM stretches WHERE number IN {gone}", (row,)  # noqa: S608  # names of ours
    yield "DELETE FROM missed WHERE id < ?", (row,)
    for table in ("events", "minutes", "marks"):
        yield f"DELETE FROM {table} WHERE at < ?", (cut,)  # noqa: S608  # names of ours
    yield "DELETE FROM gaps WHERE ended < ?", (cut,)
    yield "DELETE FROM episodes WHERE ended AND last < ?", (cut,)
    newer = "SELECT max(n.at) FROM episode_minutes n WHERE n.episode = episode_minutes.episode AND n.at <= ?"
    gone = f"episode NOT IN (SELECT number FROM episodes) OR at < ({newer})"  # noqa: S608  # names of ours
    yield f"DELETE FROM episode_minutes WHERE at < ? AND ({gone})", (cut, cut)  # noqa: S608  # names of ours
    yield "DELETE FROM slumps WHERE until < ?", (cut,)
    yield "DELETE FROM alerts WHERE ended < ?", (cut,)
