"""When a recording was fed: its polls, from the first to the last, and those beside a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top.recording import rows, strict
from mptcp_top.recording.samples import LAST, Samples
from mptcp_top.recording.schema import table_of

if TYPE_CHECKING:
    from mptcp_top.engine.recalled import Reading
    from mptcp_top.model import Layout

LOOK_BACK_SECONDS: Final = 60.0
"""How far back to look for a sample at first."""

FIRST_OF_ONE: Final = f"id >= ? AND id & {rows.TARGETS_AT_MOST} = ? ORDER BY id LIMIT 1"
"""It may be later than a stretch began: what is old is forgotten."""


class Polls(Samples):
    """What was read of each target, and when. `Reader` is for the others to use."""

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
        found = [self._connection.execute(f"SELECT min(id) FROM {table} WHERE id >= ?", (first,)) for table in tables]  # noqa: S608  # names of ours
        known = [number for rows_found in found for (number,) in rows_found if number is not None]
        return self.seconds(rows.when_and_whose(min(known))[0]) if known else None

    def layouts(self) -> list[tuple[str, Layout]]:
        """Return which counters there ever were together, by the kind of source."""
        found = self._connection.execute("SELECT source, number FROM layouts ORDER BY number").fetchall()
        return [(strict.words(source), self._layout(number)) for source, number in found]

    def polls(self) -> tuple[int, int]:
        """Return how many samples there are, and how many missed polls."""
        tables = ["missed", *(table_of(source) for source in self._sources())]
        missed, *samples = (self._connection.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in tables)  # noqa: S608  # names of ours
        return sum(samples), missed

    def wall_at(self, moment: float) -> float | None:
        """Return the wall clock of the poll at a moment, None where there is none."""
        found = self.readings(moment - 1e-6, moment)
        return next((reading.wall for some in found.values() for reading in some), None)

    def ahead_of_wall(self) -> tuple[float, float]:
        """Return how far the wall clock was ahead of the recording's, at least and at most."""
        tables = ["missed", *(table_of(source) for source in self._sources())]
        found = [self._connection.execute(f"SELECT min(skew), max(skew) FROM {table}").fetchone() for table in tables]  # noqa: S608  # names of ours
        known = [strict.whole(skew) / 1e3 for both in found for skew in both if skew is not None]
        return (min(known), max(known)) if known else (0.0, 0.0)

    def read(self, target: str, after: float, until: float) -> list[Reading]:
        """Return what was read of one target after a moment and up to another, in the order of time."""
        number, source = self._number(target)
        whose = f"id BETWEEN ? AND ? AND id & {rows.TARGETS_AT_MOST} = ?"
        between = (*self._between(after, until), number)
        found = list(self._samples(source, f"{whose} ORDER BY id", between))
        missed = list(self._missed(whose, between))
        return sorted([*found, *missed], key=lambda reading: reading.monotonic) if missed else found

    def readings(self, after: float, until: float) -> dict[str, list[Reading]]:
        """Return what was read of each target after a moment and up to another, in the order of time."""
        between = self._between(after, until)
        found: dict[str, list[Reading]] = {target.name: [] for target in self.targets()}
        for source in self._sources():
            for reading in self._samples(source, "id BETWEEN ? AND ? ORDER BY id", between):
                found[reading.target.name].append(reading)
        for missed in self._missed("id BETWEEN ? AND ?", between):
            found[missed.target.name].append(missed)
        for one in found.values():
            one.sort(key=lambda reading: reading.monotonic)
        return found

    def newest_sample(self, target: str, until: float) -> Reading | None:
        """Return the newest sample of a target up to a moment, None where there is none."""
        number, source = self._number(target)
        last = self._last(until)
        where = f"id BETWEEN ? AND ? AND id & {rows.TARGETS_AT_MOST} = ? ORDER BY id DESC LIMIT 1"
        begin = "SELECT max(first) FROM stretches WHERE target = ? AND first <= ?"
        before = f"SELECT sample FROM missed WHERE {where}"  # noqa: S608  # words of ours
        first = self._connection.execute(begin, (number, last)).fetchone()[0]
        seconds = LOOK_BACK_SECONDS
        while first is not None and last >= first:  # further and further: a target that is down has no samples
            since = max(first, last - rows.row_id(round(seconds * 1e6), 0))
            found = next(self._samples(source, where, (since, last, number)), None)
            missed = None if found else self._connection.execute(before, (since, last, number)).fetchone()
            if missed and missed[0] is not None:
                found = next(self._samples(source, "id = ?", missed), None)
            if found:
                return found
            last, seconds = since - 1, 4 * seconds
        return None

    def next_sample(self, target: str, after: float) -> Reading | None:
        """Return the first sample of a target after a moment, None where there is none."""
        number, source = self._number(target)
        first = self._last(after) + 1
        return next(self._samples(source, FIRST_OF_ONE, (first, number)), None)

    def sample_before(self, target: str, until: float, samples: int) -> float | None:
        """Return when the sample so many samples before the newest one up to a moment was read, None without one."""
        number, source = self._number(target)
        where = f"id <= ? AND id & {rows.TARGETS_AT_MOST} = ? ORDER BY id DESC LIMIT 1 OFFSET ?"
        find = f"SELECT id FROM {table_of(source)} WHERE {where}"  # noqa: S608  # words of ours
        last = self._last(until)
        found = self._connection.execute(find, (last, number, samples)).fetchone()
        return None if found is None else self.seconds(rows.when_and_whose(found[0])[0])

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

    def last_poll(self, target: str) -> tuple[float, float] | None:
        """Return when the newest poll of a target was, missed or not, and by the wall clock; None before the first."""
        number, source = self._number(target)
        where = f"WHERE id & {rows.TARGETS_AT_MOST} = ? ORDER BY id DESC LIMIT 1"
        finds = (f"SELECT id, skew FROM {table} {where}" for table in ("missed", table_of(source)))  # noqa: S608  # names of ours
        found = [row for find in finds for row in self._connection.execute(find, (number,))]
        if not found:
            return None
        at, skew = rows.when_and_whose(max(found)[0])[0], max(found)[1]
        return self.seconds(at), strict.moment(at + strict.whole(skew) * 1000) / 1e6

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
        where = f"reset > 0 AND id BETWEEN ? AND ? AND id & {rows.TARGETS_AT_MOST} = ? ORDER BY id"
        return list(self._samples(source, where, (*self._between(after, until), number)))

    def session_start(self, target: str, until: float) -> Reading | None:
        """Return the first sample of a target in the newest session that had begun by a moment, None without one."""
        number, source = self._number(target)
        last = self._last(until)
        find = (
            "SELECT min(first) FROM stretches WHERE target = ? AND session = "
            "(SELECT max(session) FROM stretches WHERE target = ? AND first <= ?)"
        )
        first = self._connection.execute(find, (number, number, last)).fetchone()[0]
        return None if first is None else next(self._samples(source, FIRST_OF_ONE, (first, number)), None)

    def first_sample(self, target: str) -> float | None:
        """Return when the first sample of a target was read, None where there is none."""
        number, source = self._number(target)
        find = "SELECT min(first) FROM stretches WHERE target = ?"
        first = self._connection.execute(find, (number,)).fetchone()[0]
        found = None if first is None else next(self._samples(source, FIRST_OF_ONE, (first, number)), None)
        return None if found is None else found.monotonic

    def interval(self, until: float) -> float:
        """Return how far apart the polls of the slowest target were at a moment, in seconds; 0 where none is known."""
        newest = "SELECT interval_ms, max(first) FROM stretches WHERE first <= ? GROUP BY target"
        last = self._last(until)
        found = self._connection.execute(f"SELECT max(interval_ms) FROM ({newest})", (last,)).fetchone()[0]  # noqa: S608  # names of ours
        return 0.0 if found is None else strict.seconds(found)
