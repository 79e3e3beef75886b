"""Read a recording: its targets, its readings between two moments, and what was found out. Beside a writer, too."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from mptcp_top.engine.events import Event, Happening
from mptcp_top.engine.marks import Base, Mark
from mptcp_top.engine.recalled import Reading
from mptcp_top.errors import SettingsError
from mptcp_top.model import Failure, Identity, Layout, Severity, Status, Target
from mptcp_top.recording import rows, strict
from mptcp_top.recording.schema import FIXED, TARGET_BITS, quoted, table_of
from mptcp_top.recording.stories import alert_of, kept_of, slump_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.episodes import Kept
    from mptcp_top.engine.slumps import Slump

LAST: Final = (1 << 63 - TARGET_BITS) - 2
"""The last moment that a row can have, in microseconds: in the year 2112."""

WHOLE: Final = (0, (1 << 63) - 1)
_Row = TypeVar("_Row")
NO_LAYOUT: Final = Layout(())


class Session(NamedTuple):
    """One run of a program that recorded: when it began, and what it was."""

    number: int
    began: float
    program: str
    hold_seconds: float


class _Stretch(NamedTuple):
    """What the samples of a stretch have in common, and how to pick their counters out of a row of the table."""

    target: Target
    like: Reading
    base: Sequence[rows.Value]
    pick: Callable[[Sequence[rows.Value]], Sequence[rows.Value]]


class Reader:
    """What a recording holds. Moments are seconds of the recording's clock, less ``ahead_seconds``.

    Every method raises `sqlite3.Error` where the file is damaged, and ValueError where what it holds makes no sense.
    """

    def __init__(self, connection: sqlite3.Connection, ahead_seconds: float = 0.0) -> None:
        self._connection = connection
        self.ahead_seconds = ahead_seconds
        self._stretches: dict[int, _Stretch] = {}
        self._layouts: dict[int, Layout] = {}
        self._identities: dict[int, Identity] = {}
        self._failures: dict[int, tuple[str, str, str]] = {}
        self._fields: dict[str, dict[str, str]] = {}
        self._targets: dict[int, Target] = {}

    def seconds(self, microseconds: int) -> float:
        """Return a moment of the recording."""
        return strict.moment(microseconds) / 1e6 - self.ahead_seconds

    def microseconds(self, seconds: float) -> int:
        """Return a moment as the file has it; one beyond all is the last there may be, or the first."""
        return max(-LAST, min(round((seconds + self.ahead_seconds) * 1e6), LAST))

    def targets(self) -> tuple[Target, ...]:
        """Return the targets, in the order they were first asked for."""
        return tuple(self._numbered().values())

    def look_again(self) -> None:
        """Forget which targets there are: whoever writes may have others by now."""
        self._targets = {}

    def sessions(self) -> list[Session]:
        """Return the runs that recorded, the oldest first."""
        found = self._connection.execute("SELECT number, began, program, hold_seconds FROM sessions ORDER BY number")
        return [
            Session(strict.whole(number), self.seconds(began), strict.words(program), strict.real(hold))
            for number, began, program, hold in found
        ]

    def extent(self) -> tuple[float, float] | None:
        """Return when the first and the last poll were, None where nothing is recorded yet."""
        tables = ["missed", *(table_of(source) for source in self._sources())]
        ends = (
            "SELECT (SELECT min(id) FROM {0}), (SELECT max(id) FROM {0})"  # each at once: both in one read all there is
        )
        found = [self._connection.execute(ends.format(table)).fetchone() for table in tables]
        known = [(first, last) for first, last in found if first is not None]
        if not known:
            return None
        first, last = min(first for first, _ in known), max(last for _, last in known)
        return self.seconds(rows.when_and_whose(first)[0]), self.seconds(rows.when_and_whose(last)[0])

    def next_poll(self, after: float) -> float | None:
        """Return when the first poll after a moment was, None where there is none."""
        if self.microseconds(after) >= LAST:
            return None
        tables = ["missed", *(table_of(source) for source in self._sources())]
        first = self._last(after) + 1
        found = [self._connection.execute(f"SELECT min(id) FROM {table} WHERE id >= ?", (first,)) for table in tables]  # noqa: S608
        known = [number for rows_found in found for (number,) in rows_found if number is not None]
        return self.seconds(rows.when_and_whose(min(known))[0]) if known else None

    def layouts(self) -> list[tuple[str, Layout]]:
        """Return which counters there ever were together, by the kind of source."""
        found = self._connection.execute("SELECT source, number FROM layouts ORDER BY number").fetchall()
        return [(strict.words(source), self._layout(number)) for source, number in found]

    def polls(self) -> tuple[int, int]:
        """Return how many samples there are, and how many missed polls."""
        tables = ["missed", *(table_of(source) for source in self._sources())]
        missed, *samples = (self._connection.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in tables)  # noqa: S608
        return sum(samples), missed

    def wall_at(self, moment: float) -> float | None:
        """Return the wall clock of the poll at a moment, None where there is none."""
        found = self.readings(moment - 1e-6, moment)
        return next((reading.wall for some in found.values() for reading in some), None)

    def ahead_of_wall(self) -> tuple[float, float]:
        """Return how far the wall clock was ahead of the recording's, at least and at most."""
        tables = ["missed", *(table_of(source) for source in self._sources())]
        found = [self._connection.execute(f"SELECT min(skew), max(skew) FROM {table}").fetchone() for table in tables]  # noqa: S608
        known = [strict.whole(skew) / 1e3 for both in found for skew in both if skew is not None]
        return (min(known), max(known)) if known else (0.0, 0.0)

    def readings(self, after: float, until: float) -> dict[str, list[Reading]]:
        """Return what was read of each target after a moment and up to another, in the order of time."""
        between = self._between(after, until)
        found: dict[str, list[Reading]] = {target.name: [] for target in self.targets()}
        for source in self._sources():
            for reading in self._samples(source, "id BETWEEN ? AND ? ORDER BY id", between):
                found[reading.target.name].append(reading)
        for missed in self._missed(between):
            found[missed.target.name].append(missed)
        for one in found.values():
            one.sort(key=lambda reading: reading.monotonic)
        return found

    def newest_sample(self, target: str, until: float) -> Reading | None:
        """Return the newest sample of a target up to a moment, None where there is none."""
        number, source = self._number(target)
        where = f"id <= ? AND id & {rows.TARGETS_AT_MOST} = ? ORDER BY id DESC LIMIT 1"
        last = self._last(until)
        return next(iter(self._samples(source, where, (last, number))), None)

    def poll_beside(self, moment: float, step: int, target: str | None = None) -> float | None:
        """Return when the next poll after a moment was (1), or the last before it (-1): of a target, or of any."""
        tables = ["missed", *(table_of(source) for source in self._sources())]
        whose = None if target is None else self._number(target)[0]
        at = self.microseconds(moment)
        row, order = (rows.row_id(at + 1, 0), ">= ?") if step > 0 else (rows.row_id(at, 0), "< ?")
        best = "min" if step > 0 else "max"
        found = []
        for table in tables:
            where = f"id {order} AND (? IS NULL OR id & {rows.TARGETS_AT_MOST} = ?)"
            run = f"SELECT {best}(id) FROM {table} WHERE {where}"  # noqa: S608  # names of ours
            found.append(self._connection.execute(run, (row, whose, whose)).fetchone()[0])
        known = [rows.when_and_whose(number)[0] for number in found if number is not None]
        return self.seconds(min(known) if step > 0 else max(known)) if known else None

    def skew(self, moment: float) -> float | None:
        """Return how far the wall clock was ahead of this one at the newest poll up to a moment, in seconds."""
        last = self._last(moment)
        found = []
        for table in ("missed", *(table_of(source) for source in self._sources())):
            run = f"SELECT id, skew FROM {table} WHERE id <= ? ORDER BY id DESC LIMIT 1"  # noqa: S608  # names of ours
            found += self._connection.execute(run, (last,)).fetchall()
        return strict.whole(max(found)[1]) / 1e3 + self.ahead_seconds if found else None

    def resets(self, target: str, after: float, until: float) -> list[Reading]:
        """Return the samples after which a target's counters began anew, in a stretch of time."""
        number, source = self._number(target)
        where = f"reset = 1 AND id BETWEEN ? AND ? AND id & {rows.TARGETS_AT_MOST} = ? ORDER BY id"
        return list(self._samples(source, where, (*self._between(after, until), number)))

    def session_starts(self, target: str, until: float) -> list[Reading]:
        """Return the first sample of a target in each session that had begun by a moment, the oldest first."""
        number, source = self._number(target)
        last = self._last(until)
        found = self._connection.execute(
            "SELECT min(first) FROM stretches WHERE target = ? AND first <= ? GROUP BY session", (number, last)
        ).fetchall()
        firsts = sorted(first for (first,) in found)
        return [one for first in firsts for one in self._samples(source, "id = ?", (first,))]

    def marks(self) -> tuple[Mark, ...]:
        """Return the marks, the oldest first."""
        found = self._connection.execute("SELECT name, at, wall FROM marks ORDER BY at")
        return tuple(Mark(strict.words(name), self.seconds(at), strict.wall(wall)) for name, at, wall in found)

    def gaps(self) -> list[tuple[float, float, str]]:
        """Return when nothing could be recorded, and why."""
        found = self._connection.execute("SELECT began, ended, why FROM gaps ORDER BY began")
        return [(self.seconds(began), self.seconds(ended), strict.words(why)) for began, ended, why in found]

    def events(self, after: float, until: float, at_most: int = 1_000_000) -> dict[str, list[Event]]:
        """Return the newest that happened to each target after a moment and up to another, in the order of time."""
        found: dict[str, list[Event]] = {target.name: [] for target in self.targets()}
        for event in reversed(self.happened(after, until, at_most, -1)):
            found[event.target].append(event)
        return found

    def happened(self, after: float, until: float, at_most: int, step: int, of: Sequence[str] = ()) -> list[Event]:
        """Return what happened after a moment and up to another, the newest first (-1) or the oldest first (1).

        Rises are not among it. ``of`` are the targets that are asked for, if not all are.
        """
        order = "ASC" if step > 0 else "DESC"
        whose, numbers = self._whose(of)
        written = self._connection.execute(
            "SELECT kind, target, at, wall, says, alarming, about, severity, status, reason FROM events "  # noqa: S608  # words of ours
            f"WHERE at > ? AND at <= ? {whose} ORDER BY at {order}, number {order} LIMIT ?",
            (self.microseconds(after), self.microseconds(until), *numbers, at_most),
        ).fetchall()
        return [self._event(row) for row in written]

    def risen(
        self, after: float, until: float, at_most: int, step: int, of: Sequence[str] = ()
    ) -> list[tuple[str, Kept]]:
        """Return the episodes that began after a moment and up to another, as they are known now, like `happened`."""
        order = "ASC" if step > 0 else "DESC"
        whose, numbers = self._whose(of)
        written = self._connection.execute(
            "SELECT target, first, last, base, started, last_rise, total, peak_rate, ended, metric FROM episodes "  # noqa: S608  # words of ours
            f"WHERE first > ? AND first <= ? {whose} ORDER BY first {order} LIMIT ?",
            (self.microseconds(after), self.microseconds(until), *numbers, at_most),
        ).fetchall()
        return [(self._numbered()[number].name, kept_of(row, self.seconds)) for number, *row in written]

    def minute(self, until: float) -> float | None:
        """Return the newest moment up to which it is known how far every episode had come, None where there is none."""
        where = "SELECT max(at) FROM minutes WHERE at <= ?"
        found = self._connection.execute(where, (self.microseconds(until),)).fetchone()[0]
        return None if found is None else self.seconds(found)

    def first_minute(self) -> float | None:
        """Return the first moment at which it is known how far every episode had come, None where there is none."""
        found = self._connection.execute("SELECT min(at) FROM minutes").fetchone()[0]
        return None if found is None else self.seconds(found)

    def episodes(self, until: float | None = None, at_most: int = 1000) -> dict[str, list[Kept]]:
        """Return the episodes of each target as they stood at a moment of `minute`; None: as they are known."""
        moment = WHOLE[1] if until is None else self.microseconds(until)
        found: dict[str, list[Kept]] = {target.name: [] for target in self.targets()}
        newest = self._connection.execute(
            "SELECT e.target, e.first, coalesce(m.last, e.last), e.base, e.started, "
            "coalesce(m.last_rise, e.last_rise), coalesce(m.total, e.total), coalesce(m.peak_rate, e.peak_rate), "
            "m.at IS NULL AND e.ended, e.metric "
            "FROM episodes e LEFT JOIN episode_minutes m ON e.last > ? AND m.episode = e.number AND m.at = "
            "(SELECT max(n.at) FROM episode_minutes n WHERE n.episode = e.number AND n.at <= ?) "
            "WHERE e.first <= ? ORDER BY e.first DESC LIMIT ?",
            (moment, moment, moment, at_most),
        ).fetchall()
        for number, *row in reversed(newest):
            found[self._target(number).name].append(kept_of(row, self.seconds))
        return found

    def slumps(self, until: float) -> dict[str, list[Slump]]:
        """Return for each target which handshakes came through less often, as far as that had begun by a moment."""
        found: dict[str, list[Slump]] = {target.name: [] for target in self.targets()}
        where = "SELECT target, slump, until FROM slumps WHERE first <= ? ORDER BY number DESC LIMIT 1000"
        for number, written, over in reversed(self._connection.execute(where, (self.microseconds(until),)).fetchall()):
            ended = None if over is None else self.seconds(over)
            found[self._target(number).name].append(slump_of(written, self.ahead_seconds, ended))
        return found

    def alerts(self, until: float) -> dict[str, list[Alert]]:
        """Return the alerts of each target that had begun by a moment."""
        found: dict[str, list[Alert]] = {target.name: [] for target in self.targets()}
        where = "SELECT target, alert, first, ended FROM alerts WHERE first <= ? ORDER BY number DESC LIMIT 1000"
        newest = self._connection.execute(where, (self.microseconds(until),)).fetchall()
        for number, written, first, over in reversed(newest):
            ended = None if over is None else self.seconds(over)
            found[self._target(number).name].append(alert_of(written, self.seconds(first), ended))
        return found

    def base(self, reading: Reading, *, anew: bool = False, due_seconds: float | None = None) -> Base:
        """Return a sample as that from which growth is counted."""
        values = reading.values or ()
        return Base(
            reading.layout, values, reading.monotonic, reading.wall, reading.data_time, anew, due_seconds
        )  # fmt: skip

    # Rows

    def _whose(self, names: Sequence[str]) -> tuple[str, list[int]]:
        """Return what narrows a query to some targets."""
        if not names:
            return "", []
        numbers = [number for number, target in self._numbered().items() if target.name in names]
        return f"AND target IN ({', '.join('?' * len(numbers))})", numbers

    def _event(self, row: Sequence[Any]) -> Event:
        kind, number, at, wall, says, alarming, about, severity, status, reason = row
        target, moment, clock = self._target(number), self.seconds(at), strict.wall(wall)
        failure = None if status is None else Failure(target, Status(status), strict.words(reason), moment, clock)
        rank = None if severity is None else Severity(severity)
        texts = strict.words(says), bool(alarming), None, strict.words(about)
        return Event(Happening(kind), target.name, moment, clock, *texts, rank, failure)

    def _between(self, after: float, until: float) -> tuple[int, int]:
        return self._last(after) + 1, self._last(until)

    def _last(self, until: float) -> int:
        """Return the largest number that a row up to a moment can have."""
        return rows.row_id(self.microseconds(until) + 1, 0) - 1

    def _samples(self, source: str, where: str, values: tuple[int, ...]) -> Iterator[Reading]:
        if not self._columns(source) and source not in self._sources():
            return  # none of that kind was ever read
        fields = ", ".join([*FIXED, *(quoted(field) for field in self._columns(source).values())])
        begin = len(FIXED)
        for row in self._connection.execute(f"SELECT {fields} FROM {table_of(source)} WHERE {where}", values):  # noqa: S608
            number, stretch, _, skew, reset, latency, beat, place = row[:begin]
            known = self._stretches.get(stretch) or self._stretch(source, stretch)
            at = rows.when_and_whose(number)[0]
            yield known.like._replace(
                monotonic=self.seconds(at),
                wall=strict.moment(at + strict.whole(skew) * 1000) / 1e6,
                data_time=self.seconds(at + strict.whole(beat)),
                values=rows.restored(known.pick(row), known.base),
                reset=bool(reset),
                latency_seconds=None if latency is None else strict.whole(latency) / 1e6,
                row=strict.whole(place),
            )

    def _missed(self, between: tuple[int, int]) -> Iterator[Reading]:
        where = "SELECT id, skew, failure, interval_ms, retry_ms, row FROM missed WHERE id BETWEEN ? AND ? ORDER BY id"
        for number, skew, said, interval_ms, retry_ms, place in self._connection.execute(where, between).fetchall():
            at, whose = rows.when_and_whose(number)
            target, moment = self._target(whose), self.seconds(at)
            wall = strict.moment(at + strict.whole(skew) * 1000) / 1e6
            if said not in self._failures:
                find = "SELECT status, reason, advice FROM failures WHERE number = ?"
                self._failures[said] = _known(self._connection.execute(find, (said,)).fetchone(), "failure", said)
            status, reason, advice = self._failures[said]
            retry = None if retry_ms is None else strict.seconds(retry_ms)
            texts = strict.words(reason), moment, wall, strict.words(advice)
            failure = Failure(target, Status(status), *texts, retry)
            every = strict.seconds(interval_ms)
            yield Reading(
                target, moment, wall, moment, NO_LAYOUT, None, every, failure=failure, row=strict.whole(place)
            )

    def _stretch(self, source: str, number: int) -> _Stretch:
        fields = "target, session, layout, identity, interval_ms, refresh_ms, wrap_bits"
        find = f"SELECT {fields} FROM stretches WHERE number = ?"  # noqa: S608
        row = _known(self._connection.execute(find, (number,)).fetchone(), "stretch", number)
        whose, session, layout_number, identity, interval_ms, refresh_ms, wrap_bits = row
        layout, target = self._layout(layout_number), self._target(whose)
        columns = self._columns(source)
        own = [columns[metric.name] for metric in layout.metrics]
        named = ", ".join(quoted(field) for field in own) or "NULL"
        base = self._connection.execute(f"SELECT {named} FROM {table_of(source)}_base WHERE stretch = ?", (number,))  # noqa: S608
        like = Reading(
            target, 0.0, 0.0, 0.0, layout, (), strict.seconds(interval_ms), identity=self._identity(identity),
            refresh_seconds=strict.seconds(refresh_ms), wrap_bits=strict.width(wrap_bits),
            session=strict.whole(session),
        )  # fmt: skip
        pick = _picker([list(columns.values()).index(field) + len(FIXED) for field in own])
        begin = _known(base.fetchone(), "the base of stretch", number)
        found = self._stretches[number] = _Stretch(target, like, begin if own else (), pick)
        return found

    def _layout(self, number: int) -> Layout:
        if number not in self._layouts:
            find = "SELECT metrics FROM layouts WHERE number = ?"
            written = _known(self._connection.execute(find, (number,)).fetchone(), "layout", number)[0]
            self._layouts[number] = rows.layout_of(written)
        return self._layouts[number]

    def _identity(self, number: int) -> Identity:
        if number not in self._identities:
            find = "SELECT host, product, boot, facts, notices, prefix, role FROM identities WHERE number = ?"
            row = _known(self._connection.execute(find, (number,)).fetchone(), "identity", number)
            self._identities[number] = rows.identity_of(row)
        return self._identities[number]

    def _sources(self) -> tuple[str, ...]:
        found = self._connection.execute("SELECT source, name, field FROM counters ORDER BY source, number").fetchall()
        fields: dict[str, dict[str, str]] = {}
        for source, name, field in found:
            known = fields.setdefault(source, {})
            if not strict.words(field) or known.setdefault(strict.words(name), field) is not field:
                raise ValueError(f"two counters are called {strict.shown(name)}")
        self._fields = fields
        return tuple(fields)

    def _columns(self, source: str) -> dict[str, str]:
        return self._fields.get(source) or {}

    def _number(self, target: str) -> tuple[int, str]:
        for number, one in self._numbered().items():
            if one.name == target:
                return number, one.source
        raise SettingsError(f"{target}: is not in this recording")

    def _numbered(self) -> dict[int, Target]:
        if not self._targets:
            found = self._connection.execute(
                "SELECT number, name, source, address, caution FROM targets ORDER BY number"
            )
            self._targets = {number: Target(*map(strict.words, others)) for number, *others in found}
        return self._targets

    def _target(self, number: int) -> Target:
        return _known(self._numbered().get(number), "target", number)


def _known(row: _Row | None, what: str, number: object) -> _Row:
    """Return what something else refers to by its number.

    Raises:
        ValueError: it is not there.
    """
    if row is None:
        raise ValueError(f"{what} {strict.shown(number)} is missing")
    return row


def _picker(places: list[int]) -> Callable[[Sequence[rows.Value]], Sequence[rows.Value]]:
    """Return what picks the values at some places out of a row, at C speed."""
    if places == list(range(places[0], places[0] + len(places))) if places else False:
        return itemgetter(slice(places[0], places[0] + len(places)))
    return itemgetter(*places) if len(places) > 1 else lambda row: [row[place] for place in places]
