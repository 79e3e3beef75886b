"""Read a recording: its targets, its readings between two moments, and what was found out. Beside a writer, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.engine.events import Event, Happening
from mptcp_top.engine.marks import Base, Mark
from mptcp_top.model import Failure, Severity, Status
from mptcp_top.recording import strict
from mptcp_top.recording.polls import Polls
from mptcp_top.recording.stories import alert_of, kept_of, slump_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.episodes import Kept
    from mptcp_top.engine.recalled import Reading
    from mptcp_top.engine.slumps import Slump

WHOLE: Final = (0, (1 << 63) - 1)
LATELY: Final = 3_600_000_000
"""What rose no longer ago than that may rise still, in microseconds."""


class Session(NamedTuple):
    """One run of a program that recorded: when it began, and what it was."""

    number: int
    began: float
    program: str
    hold_seconds: float


class Unread(NamedTuple):
    """A stretch of time, on the clock of the reader, of which something cannot be read, and why."""

    begin: float
    end: float
    why: str


class Reader(Polls):
    """What a recording holds. Moments are seconds of the recording's clock, less ``ahead_seconds``.

    Every method raises `sqlite3.Error` where the file is damaged, and ValueError where what it holds makes no sense.
    """

    @property
    def unread(self) -> list[Unread]:
        """What was left out so far because it cannot be read: nothing, what cannot be read raises. See `Lenient`."""
        return []

    def sessions(self) -> list[Session]:
        """Return the runs that recorded, the oldest first."""
        found = self._connection.execute("SELECT number, began, program, hold_seconds FROM sessions ORDER BY number")
        return [
            Session(strict.whole(number), self.seconds(began), strict.words(program), strict.real(hold))
            for number, began, program, hold in found
        ]

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
        """Return the episodes of each target as they stood at a moment of `minute`; None: as they are known.

        They are the newest, and whatever rose lately, however long ago that began.
        """
        moment = WHOLE[1] if until is None else self.microseconds(until)
        found: dict[str, list[Kept]] = {target.name: [] for target in self.targets()}
        newest = self._connection.execute(
            "SELECT e.target, e.first, coalesce(m.last, e.last), e.base, e.started, "
            "coalesce(m.last_rise, e.last_rise), coalesce(m.total, e.total), coalesce(m.peak_rate, e.peak_rate), "
            "m.at IS NULL AND e.ended, e.metric "
            "FROM episodes e LEFT JOIN episode_minutes m ON e.last > ? AND m.episode = e.number AND m.at = "
            "(SELECT max(n.at) FROM episode_minutes n WHERE n.episode = e.number AND n.at <= ?) "
            "WHERE e.number IN (SELECT number FROM episodes WHERE first <= ? ORDER BY first DESC LIMIT ?) OR "
            "e.number IN (SELECT episode FROM episode_minutes WHERE at > ? AND at <= ?) ORDER BY e.first DESC",
            (moment, moment, moment, at_most, moment - LATELY, moment),
        ).fetchall()
        for number, *row in reversed(newest):
            found[self._target(number).name].append(kept_of(row, self.seconds))
        return found

    def with_open_episodes(self) -> set[str]:
        """Return the targets that have episodes whose end is not written."""
        found = self._connection.execute("SELECT DISTINCT target FROM episodes WHERE NOT ended")
        return {self._target(number).name for (number,) in found.fetchall()}

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

    def _event(self, row: Sequence[Any]) -> Event:
        kind, number, at, wall, says, alarming, about, severity, status, reason = row
        target, moment, clock = self._target(number), self.seconds(at), strict.wall(wall)
        failure = None if status is None else Failure(target, Status(status), strict.words(reason), moment, clock)
        rank = None if severity is None else Severity(severity)
        texts = strict.words(says), bool(alarming), None, strict.words(about)
        return Event(Happening(kind), target.name, moment, clock, *texts, rank, failure)
