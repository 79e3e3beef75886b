"""Write the episodes of a session: when errors began to rise, how far they have come, when that was over."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.recording.rows import same_wall, written

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from mptcp_top.engine.episodes import Episodes, Kept

MINUTE: Final = 60_000_000
"""How often it is noted how far open episodes had come by then, in microseconds."""

SECONDS: Final = 5_000_000
"""How often their rows are brought up to date, for whoever reads these alone."""

LATEST: Final = float("inf")
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class _Open(NamedTuple):
    """The open episodes of a target, by counter: their numbers and how they stand.

    ``noted`` is how they stood when that minute was noted, ``written`` what their own rows say.
    """

    numbers: Mapping[str, int] = _NOTHING
    now: Mapping[str, Kept] = _NOTHING
    noted: Mapping[str, Kept] = _NOTHING
    written: Mapping[str, Kept] = _NOTHING


class State(NamedTuple):
    """What is written of each target: nothing that is in here is ever changed, but the mapping of targets."""

    open: dict[int, _Open]
    minute: int = 0
    written: int = 0


class Rises:
    """The episodes of one session, as far as they are written. Take its `state` before a batch that may fail."""

    def __init__(self, connection: sqlite3.Connection, microseconds: Callable[[float], int], began: float) -> None:
        self._connection = connection
        self._microseconds = microseconds
        self._began = began
        self._state = State({})

    def state(self) -> State:
        """Return what to `go_back` to."""
        return self._state._replace(open=self._state.open.copy())

    def go_back(self, state: State) -> None:
        """Be again as at a moment: what came after it was not written."""
        self._state = state

    def end_all_but(self, targets: Sequence[int]) -> None:
        """Write that all episodes are over but those of some targets: nobody knows better, or will go on with them."""
        marks = ", ".join("?" * len(targets))
        where = f"UPDATE episodes SET ended = 1 WHERE NOT ended AND target NOT IN ({marks})"  # noqa: S608  # marks alone
        self._connection.execute(where, list(targets))

    def carry(self, target: int, at: int, episodes: Episodes, *, goes_on: bool) -> None:
        """Write down how the episodes stood that nobody wrote the end of, and go on with the open ones, or not."""
        run = self._connection.execute
        unended = run(
            "SELECT number, counter, first FROM episodes WHERE target = ? AND NOT ended", (target,)
        ).fetchall()
        known = {(one.episode.metric.name, self._microseconds(one.first)): one for one in episodes.begun_by(LATEST)}
        numbers, now = {}, {}
        for number, counter, first in unended:
            kept = known.get((counter, first))
            if kept is None or not (goes_on and kept.episode.ongoing):
                run("UPDATE episodes SET ended = 1 WHERE number = ?", (number,))
            else:
                numbers[counter], now[counter] = number, kept
                self._note_minute(number, at, kept)
            if kept is not None:
                self._write(number, kept, ended=counter not in now)
        if goes_on:
            self._state.open[target] = _Open(numbers, now, now, now)

    def take(self, target: int, at: int, rising: Mapping[str, Kept]) -> None:
        """Take in the open episodes of a target at a moment."""
        known = self._state.open.get(target)
        if known is None:  # what goes on from before we recorded begins here, for us
            known = self._turn(target, _Open(), rising, at)
        elif rising is known.now:
            return
        elif rising.keys() != known.now.keys() or any(
            not self._is_same(kept, known.now[name]) for name, kept in rising.items()
        ):
            known = self._turn(target, known, rising)
        self._state.open[target] = known._replace(now=rising)
        if at <= self._state.minute:  # it comes late
            self._note(target, self._state.minute)

    def minute(self, at: int) -> bool:
        """Write down how far the open episodes have come, if some seconds are over, and return whether a minute is.

        That is noted for good.
        """
        if at - self._state.minute < MINUTE:
            if at - self._state.written >= SECONDS:
                self._bring_up_to_date(at)
            return False
        self._state = self._state._replace(minute=at, written=at)
        self._connection.execute("INSERT OR IGNORE INTO minutes VALUES (?)", (at,))
        for target in self._state.open:
            self._note(target, at)
        return True

    def finish(self) -> None:
        """Write down how the open episodes stand."""
        self._bring_up_to_date(self._state.written)

    def _turn(self, target: int, known: _Open, rising: Mapping[str, Kept], first: int | None = None) -> _Open:
        """Write which episodes are over, and which have begun."""
        goes_on = {name for name, kept in rising.items() if name in known.now and self._is_same(kept, known.now[name])}
        for name, kept in known.now.items():
            if name not in goes_on:
                self._write(known.numbers[name], kept, ended=True)
        numbers = {name: known.numbers[name] for name in goes_on}
        numbers |= {name: self._begin(target, kept, first) for name, kept in rising.items() if name not in goes_on}
        noted, written = (
            {name: before[name] if name in goes_on else kept for name, kept in rising.items()}
            for before in (known.noted, known.written)
        )
        return _Open(numbers, rising, noted, written)

    def _is_same(self, one: Kept, other: Kept) -> bool:
        """Whether two of a counter are one episode; before a session began there was one that may go on in it."""
        return one.first == other.first or max(one.first, other.first) < self._began

    def _note(self, target: int, at: int) -> None:
        """Write down how far the open episodes of a target had come at a moment, where they have."""
        rises = self._state.open[target]
        for name, kept in rises.now.items():
            if kept is not rises.noted[name]:
                self._write(rises.numbers[name], kept, ended=False)
                self._note_minute(rises.numbers[name], at, kept)
        self._state.open[target] = rises._replace(noted=rises.now, written=rises.now)

    def _bring_up_to_date(self, at: int) -> None:
        self._state = self._state._replace(written=at)
        for target, rises in self._state.open.items():
            if rises.written is not rises.now:
                for name, kept in rises.now.items():
                    if kept is not rises.written[name]:
                        self._write(rises.numbers[name], kept, ended=False)
                self._state.open[target] = rises._replace(written=rises.now)

    def _begin(self, target: int, kept: Kept, first: int | None) -> int:
        episode, first = kept.episode, self._microseconds(kept.first) if first is None else first
        number = self._connection.execute(
            "INSERT INTO episodes (target, counter, first, last, base, started, last_rise, total, peak_rate, ended, "
            "metric) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
            (
                target, episode.metric.name, first, self._microseconds(kept.last), self._microseconds(episode.base),
                self._wall(kept.first, episode.started), self._wall(kept.last, episode.last_rise),
                written(episode.total), episode.peak_rate, json.dumps(list(episode.metric), ensure_ascii=False),
            ),
        ).lastrowid  # fmt: skip
        self._note_minute(number or 0, first, kept)
        return number or 0

    def _write(self, number: int, kept: Kept, *, ended: bool) -> None:
        last_rise, total, peak_rate = self._standing(kept)
        self._connection.execute(
            "UPDATE episodes SET last = ?, last_rise = ?, total = ?, peak_rate = ?, ended = ? WHERE number = ?",
            (self._microseconds(kept.last), last_rise, total, peak_rate, int(ended), number),
        )

    def _note_minute(self, number: int, at: int, kept: Kept) -> None:
        last_rise, total, peak_rate = self._standing(kept)
        self._connection.execute(
            "INSERT OR REPLACE INTO episode_minutes VALUES (?, ?, ?, ?, ?, ?)",
            (number, at, self._microseconds(kept.last), last_rise, total, peak_rate),
        )

    def _standing(self, kept: Kept) -> tuple[float, int | str, float]:
        _, last_rise, total, peak_rate = kept.episode[1:5]
        return self._wall(kept.last, last_rise), written(total), peak_rate

    def _wall(self, moment: float, wall: float) -> float:
        return same_wall(self._microseconds(moment), wall)
