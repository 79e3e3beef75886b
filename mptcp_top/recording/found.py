"""Write what was found out beside the readings: episodes, events, slumps, alerts, marks."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.recording.rows import same_wall, written
from mptcp_top.recording.stories import alert_text, slump_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.episodes import Episodes, Kept
    from mptcp_top.engine.events import Event
    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.slumps import Slump

MINUTE: Final = 60_000_000
"""How often it is noted how far open episodes had come by then, in microseconds."""

SECONDS: Final = 5_000_000
"""How often their rows are brought up to date, for whoever reads these alone."""

LATEST: Final = float("inf")


_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class _Rises(NamedTuple):
    """The open episodes of a target, by counter: their numbers and how they stand.

    ``noted`` is how they stood when that minute was noted, ``written`` what their own rows say.
    """

    numbers: Mapping[str, int] = _NOTHING
    now: Mapping[str, Kept] = _NOTHING
    noted: Mapping[str, Kept] = _NOTHING
    written: Mapping[str, Kept] = _NOTHING


class _State(NamedTuple):
    """What is written of each target: nothing that is in here is ever changed, but the mappings of targets."""

    rises: dict[int, _Rises]
    slumps: dict[int, Mapping[str, tuple[int, Slump]]]
    alerts: dict[int, Mapping[str, tuple[int, Alert]]]
    marks: tuple[Mark, ...] = ()
    minute: int = 0
    written: int = 0


class Found:
    """What was found out in one session, as far as it is written. Take its `state` before a batch that may fail."""

    def __init__(self, connection: sqlite3.Connection, microseconds: Callable[[float], int], began: float) -> None:
        self._connection = connection
        self._microseconds = microseconds
        self._began = began
        self._state = _State({}, {}, {})

    def state(self) -> _State:
        """Return what to `go_back` to."""
        state = self._state
        return state._replace(rises=state.rises.copy(), slumps=state.slumps.copy(), alerts=state.alerts.copy())

    def go_back(self, state: _State) -> None:
        """Be again as at a moment: what came after it was not written."""
        self._state = state

    def carry(self, target: int, episodes: Episodes, *, goes_on: bool) -> None:
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
            if kept is not None:
                self._write(number, kept, ended=counter not in now)
        if goes_on:
            self._state.rises[target] = _Rises(numbers, now, now, now)

    def rising(self, target: int, at: int, rising: Mapping[str, Kept]) -> None:
        """Take in the open episodes of a target at a moment."""
        known = self._state.rises.get(target)
        if known is None:  # what goes on from before we recorded begins here, for us
            known = self._turn(target, _Rises(), rising, at)
        elif rising is known.now:
            return
        elif rising.keys() != known.now.keys() or any(
            not self._is_same(kept, known.now[name]) for name, kept in rising.items()
        ):
            known = self._turn(target, known, rising)
        self._state.rises[target] = known._replace(now=rising)
        if at <= self._state.minute:  # it comes late
            self._note(target, self._state.minute)

    def _turn(self, target: int, known: _Rises, rising: Mapping[str, Kept], first: int | None = None) -> _Rises:
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
        return _Rises(numbers, rising, noted, written)

    def _is_same(self, one: Kept, other: Kept) -> bool:
        """Whether two of a counter are one episode; before a session began there was one that may go on in it."""
        return one.first == other.first or max(one.first, other.first) < self._began

    def events(self, target: int, events: Sequence[Event]) -> None:
        """Take in what happened to a target."""
        self._connection.executemany(
            "INSERT INTO events (at, target, kind, wall, says, alarming, about, severity, status, reason) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    self._microseconds(one.monotonic), target, one.kind, self._wall(one.monotonic, one.wall), one.says,
                    int(one.alarming), one.about, one.severity, one.failure and one.failure.status,
                    one.failure and one.failure.reason,
                )
                for one in events
            ],
        )  # fmt: skip

    def slumps(self, target: int, at: int, slumps: Sequence[Slump]) -> None:
        """Take in which handshakes of a target come through less often."""
        known = self._state.slumps.get(target, _NOTHING)
        if not slumps and not known:
            return
        now = {f"{one.funnel} {one.first!r}": one for one in slumps}
        for key in known.keys() - now.keys():
            number, slump = known[key]
            self._connection.execute(
                "UPDATE slumps SET until = ?, slump = ? WHERE number = ?", (at, self._slump_text(slump), number)
            )
        self._state.slumps[target] = {
            key: (known[key][0] if key in known else self._begin_slump(target, slump), slump)
            for key, slump in now.items()
        }

    def alerts(self, target: int, at: int, alerts: Sequence[Alert]) -> None:
        """Take in which alerts hold on a target."""
        known = self._state.alerts.get(target, _NOTHING)
        if not alerts and not known:
            return
        now = {f"{one.name} {one.monotonic!r}": one for one in alerts}
        numbers = {key: known[key][0] if key in known else self._begin_alert(target, now[key]) for key in now}
        self._state.alerts[target] = {
            key: (numbers[key], one) for key, one in now.items() if not self._is_over(one, at)
        }
        for key in known.keys() | now.keys():
            if key not in self._state.alerts[target]:
                number, alert = (numbers[key], now[key]) if key in now else known[key]
                over = (at, self._alert_text(alert), number)
                self._connection.execute("UPDATE alerts SET ended = ?, alert = ? WHERE number = ?", over)

    def marks(self, marks: Sequence[Mark]) -> None:
        """Take in the marks; one may have another name than before."""
        if marks is self._state.marks:
            return
        for mark in marks:
            if mark not in self._state.marks:
                self._connection.execute(
                    "INSERT INTO marks VALUES (?, ?, ?) ON CONFLICT (at) DO UPDATE SET name = excluded.name",
                    (self._microseconds(mark.monotonic), mark.wall, mark.name),
                )
        self._state = self._state._replace(marks=tuple(marks))

    def minute(self, at: int) -> None:
        """Write down how far the open episodes have come, if some seconds are over; and if a minute is, for good."""
        if at - self._state.minute < MINUTE:
            if at - self._state.written >= SECONDS:
                self._write_all(at)
            return
        self._state = self._state._replace(minute=at, written=at)
        self._connection.execute("INSERT OR IGNORE INTO minutes VALUES (?)", (at,))
        for target in self._state.rises:
            self._note(target, at)
        self._note_alerts()

    def finish(self) -> None:
        """Write down how open episodes and alerts stand: nobody will go on with them."""
        self._note_alerts()
        for rises in self._state.rises.values():
            for name, kept in rises.now.items():
                self._write(rises.numbers[name], kept, ended=False)

    def _note(self, target: int, at: int) -> None:
        """Write down how far the open episodes of a target had come at a moment, where they have."""
        rises = self._state.rises[target]
        for name, kept in rises.now.items():
            if kept is not rises.noted[name]:
                self._write(rises.numbers[name], kept, ended=False)
                self._note_minute(rises.numbers[name], at, kept)
        self._state.rises[target] = rises._replace(noted=rises.now, written=rises.now)

    def _write_all(self, at: int) -> None:
        self._state = self._state._replace(written=at)
        for target, rises in self._state.rises.items():
            if rises.written is not rises.now:
                for name, kept in rises.now.items():
                    if kept is not rises.written[name]:
                        self._write(rises.numbers[name], kept, ended=False)
                self._state.rises[target] = rises._replace(written=rises.now)

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

    def _begin_slump(self, target: int, slump: Slump) -> int:
        row = (target, self._microseconds(slump.first), self._slump_text(slump))
        return (
            self._connection.execute("INSERT INTO slumps (target, first, slump) VALUES (?, ?, ?)", row).lastrowid or 0
        )

    def _slump_text(self, slump: Slump) -> str:
        began, first, last = (self._microseconds(moment) / 1e6 for moment in (slump.began, slump.first, slump.last))
        started = self._wall(slump.first, slump.started)
        return slump_text(slump._replace(started=started, began=began, first=first, last=last))

    def _note_alerts(self) -> None:
        for alerts in self._state.alerts.values():
            known = [(self._alert_text(alert), number) for number, alert in alerts.values()]
            self._connection.executemany("UPDATE alerts SET alert = ? WHERE number = ?", known)

    def _is_over(self, alert: Alert, at: int) -> bool:
        return alert.ended is not None and self._microseconds(alert.ended) <= at

    def _alert_text(self, alert: Alert) -> str:
        return alert_text(alert._replace(wall=self._wall(alert.monotonic, alert.wall)))

    def _begin_alert(self, target: int, alert: Alert) -> int:
        row = (target, self._microseconds(alert.monotonic), self._alert_text(alert))
        return (
            self._connection.execute("INSERT INTO alerts (target, first, alert) VALUES (?, ?, ?)", row).lastrowid or 0
        )
