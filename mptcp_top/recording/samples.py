"""The rows of a recording as readings again: what of them is kept apart is looked up once."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from mptcp_top.engine.recalled import Reading
from mptcp_top.errors import SettingsError
from mptcp_top.model import Failure, Identity, Layout, Status, Target
from mptcp_top.recording import rows, strict
from mptcp_top.recording.schema import FIXED, TARGET_BITS, quoted, table_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

LAST: Final = (1 << 63 - TARGET_BITS) - 2
"""The last moment that a row can have, in microseconds: in the year 2112."""

NO_LAYOUT: Final = Layout(())
_Row = TypeVar("_Row")


class _Stretch(NamedTuple):
    """What the samples of a stretch have in common, and how to pick their counters out of a row of the table."""

    target: Target
    like: Reading
    pick: Callable[[Sequence[rows.Value]], Sequence[rows.Value]]
    restore: Callable[[Sequence[rows.Value]], tuple[int | None, ...]]


class Samples:
    """The samples and the missed polls of a recording, and its targets. `Reader` is for the others to use."""

    def __init__(self, connection: sqlite3.Connection, ahead_seconds: float = 0.0) -> None:
        self._connection = connection
        self.ahead_seconds = ahead_seconds
        self._stretches: dict[int, _Stretch] = {}
        self._layouts: dict[int, Layout] = {}
        self._identities: dict[int, Identity] = {}
        self._failures: dict[int, tuple[str, str, str]] = {}
        self._fields: dict[str, dict[str, str]] = {}
        self._schema: int | None = None
        self._selected: dict[str, str] = {}
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

    def _between(self, after: float, until: float) -> tuple[int, int]:
        return self._last(after) + 1, self._last(until)

    def _last(self, until: float) -> int:
        """Return the largest number that a row up to a moment can have."""
        return rows.row_id(self.microseconds(until) + 1, 0) - 1

    def _samples(self, source: str, where: str, values: tuple[int, ...]) -> Iterator[Reading]:
        if source not in self._sources():
            return  # none of that kind was ever read
        fields, begin = self._selected[source], len(FIXED)
        for row in self._connection.execute(f"SELECT {fields} FROM {table_of(source)} WHERE {where}", values):  # noqa: S608  # names of ours, and quoted ones
            number, stretch, _, skew, reset, latency, beat, place = row[:begin]
            known = self._stretches.get(stretch) or self._stretch(source, stretch)
            like, at = known.like, rows.when_and_whose(number)[0]
            yield Reading(
                like.target, self.seconds(at), strict.moment(at + strict.whole(skew) * 1000) / 1e6,
                self.seconds(at + strict.whole(beat)), like.layout, known.restore(known.pick(row)),
                like.interval_seconds, strict.whole(reset) > 0, like.identity, like.refresh_seconds, like.wrap_bits,
                None if latency is None else strict.whole(latency) / 1e6, None, like.session, strict.whole(place),
                reset > 1,
            )  # fmt: skip

    def _missed(self, where: str, values: tuple[int, ...]) -> Iterator[Reading]:
        find = f"SELECT id, skew, failure, interval_ms, retry_ms, row FROM missed WHERE {where} ORDER BY id"  # noqa: S608  # names of ours, and quoted ones
        for number, skew, said, interval_ms, retry_ms, place in self._connection.execute(find, values).fetchall():
            at, whose = rows.when_and_whose(number)
            target, moment = self._target(whose), self.seconds(at)
            wall = strict.moment(at + strict.whole(skew) * 1000) / 1e6
            if said not in self._failures:
                why = "SELECT status, reason, advice FROM failures WHERE number = ?"
                self._failures[said] = _known(self._connection.execute(why, (said,)).fetchone(), "failure", said)
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
        find = f"SELECT {fields} FROM stretches WHERE number = ?"  # noqa: S608  # names of ours, and quoted ones
        row = _known(self._connection.execute(find, (number,)).fetchone(), "stretch", number)
        whose, session, layout_number, identity, interval_ms, refresh_ms, wrap_bits = row
        layout, target = self._layout(layout_number), self._target(whose)
        columns = self._columns(source)
        own = [columns[metric.name] for metric in layout.metrics]
        named = ", ".join(quoted(field) for field in own) or "NULL"
        base = self._connection.execute(f"SELECT {named} FROM {table_of(source)}_base WHERE stretch = ?", (number,))  # noqa: S608  # names of ours, and quoted ones
        like = Reading(
            target, 0.0, 0.0, 0.0, layout, (), strict.seconds(interval_ms), identity=self._identity(identity),
            refresh_seconds=strict.seconds(refresh_ms), wrap_bits=strict.width(wrap_bits),
            session=strict.whole(session),
        )  # fmt: skip
        pick = _picker([list(columns.values()).index(field) + len(FIXED) for field in own])
        begin = _known(base.fetchone(), "the base of stretch", number)
        found = self._stretches[number] = _Stretch(target, like, pick, rows.restorer(begin if own else ()))
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
        version = self._connection.execute("PRAGMA schema_version").fetchone()[0]
        if version == self._schema:
            return tuple(self._fields)
        found = self._connection.execute("SELECT source, name, field FROM counters ORDER BY source, number").fetchall()
        fields: dict[str, dict[str, str]] = {}
        for source, name, field in found:
            known = fields.setdefault(source, {})
            if not strict.words(field) or known.setdefault(strict.words(name), field) is not field:
                raise ValueError(f"two counters are called {strict.shown(name)}")
        self._fields, self._schema = fields, version
        self._selected = {
            source: ", ".join([*FIXED, *(quoted(field) for field in known.values())])
            for source, known in fields.items()
        }
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

    def _whose(self, names: Sequence[str]) -> tuple[str, list[int]]:
        """Return what narrows a query to some targets."""
        if not names:
            return "", []
        numbers = [number for number, target in self._numbered().items() if target.name in names]
        return f"AND target IN ({', '.join('?' * len(numbers))})", numbers


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
