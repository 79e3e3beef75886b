"""Write what was found out beside the readings: episodes, events, slumps, alerts, marks."""

from __future__ import annotations

import json
from copy import copy
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.recording.stories import alert_text, moved_slump, slump_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.events import Event
    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.slumps import Slump
    from mptcp_top.model import Episode

MINUTE: Final = 60_000_000
"""How often it is written down how far open episodes have come, in microseconds."""


class _Rise(NamedTuple):
    """An episode that is recorded: its number, when it last rose, how it stands, and as how it was written down."""

    number: int
    last: int
    episode: Episode
    written: Episode


class Found:
    """What was found out in one session, as far as it is written. `copy` it before a batch that may fail."""

    def __init__(self, connection: sqlite3.Connection, microseconds: Callable[[float], int]) -> None:
        self._connection = connection
        self._microseconds = microseconds
        self._rises: dict[int, dict[str, _Rise]] = {}
        self._rising: dict[int, Mapping[str, Episode]] = {}
        self._slumps: dict[int, dict[str, tuple[int, Slump]]] = {}
        self._alerts: dict[int, dict[str, tuple[int, Alert]]] = {}
        self._marks: tuple[Mark, ...] = ()
        self._minute = 0

    def copy(self) -> Found:
        """Return the same, to go back to."""
        other = copy(self)
        other._rises = {target: dict(rises) for target, rises in self._rises.items()}  # noqa: SLF001  # it is one of us
        other._rising = dict(self._rising)  # noqa: SLF001
        other._slumps = {target: dict(slumps) for target, slumps in self._slumps.items()}  # noqa: SLF001
        other._alerts = {target: dict(alerts) for target, alerts in self._alerts.items()}  # noqa: SLF001
        return other

    def rising(self, target: int, at: int, rising: Mapping[str, Episode], wall: float) -> None:
        """Take in the open episodes of a target at a moment, which is also given by the wall clock."""
        if rising is self._rising.get(target):
            return
        self._rising[target] = rising
        known = self._rises.setdefault(target, {})
        for counter, rise in list(known.items()):
            if counter not in rising or rising[counter].started != rise.episode.started:
                self._write(rise, ended=True)
                del known[counter]
        for counter, episode in rising.items():
            before = known.get(counter)
            if before is None:
                known[counter] = self._begin(target, at, episode, wall)
            elif episode is not before.episode:
                last = at if episode.last_rise != before.episode.last_rise else before.last
                known[counter] = before._replace(last=last, episode=episode)

    def events(self, target: int, events: Sequence[Event]) -> None:
        """Take in what happened to a target."""
        self._connection.executemany(
            "INSERT INTO events (at, target, kind, wall, says, alarming, about, severity, status, reason) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    self._microseconds(one.monotonic), target, one.kind, one.wall, one.says, int(one.alarming),
                    one.about, one.severity, one.failure and one.failure.status, one.failure and one.failure.reason,
                )
                for one in events
            ],
        )  # fmt: skip

    def slumps(self, target: int, at: int, slumps: Sequence[Slump]) -> None:
        """Take in which handshakes of a target come through less often."""
        known = self._slumps.setdefault(target, {})
        now = {f"{one.funnel} {one.first!r}": one for one in slumps}
        for key in [key for key in known if key not in now]:
            number, slump = known.pop(key)
            self._connection.execute(
                "UPDATE slumps SET until = ?, slump = ? WHERE number = ?", (at, self._slump_text(slump), number)
            )
        for key, slump in now.items():
            if key in known:
                known[key] = known[key][0], slump
                continue
            row = (target, self._microseconds(slump.first), self._slump_text(slump))
            found = self._connection.execute("INSERT INTO slumps (target, first, slump) VALUES (?, ?, ?)", row)
            known[key] = found.lastrowid or 0, slump

    def alerts(self, target: int, at: int, alerts: Sequence[Alert]) -> None:
        """Take in which alerts hold on a target."""
        known = self._alerts.setdefault(target, {})
        now = {f"{one.name} {one.monotonic!r}": one for one in alerts}
        for key in [key for key in known if key not in now]:
            number, alert = known.pop(key)
            self._connection.execute(
                "UPDATE alerts SET ended = ?, alert = ? WHERE number = ?", (at, alert_text(alert), number)
            )
        for key, alert in now.items():
            if key in known:
                known[key] = known[key][0], alert
                continue
            row = (target, self._microseconds(alert.monotonic), alert_text(alert))
            found = self._connection.execute("INSERT INTO alerts (target, first, alert) VALUES (?, ?, ?)", row)
            known[key] = found.lastrowid or 0, alert

    def marks(self, marks: Sequence[Mark]) -> None:
        """Take in the marks; one may have another name than before."""
        if marks is self._marks:
            return
        for mark in marks:
            if mark not in self._marks:
                self._connection.execute(
                    "INSERT INTO marks VALUES (?, ?, ?) ON CONFLICT (at) DO UPDATE SET name = excluded.name",
                    (self._microseconds(mark.monotonic), mark.wall, mark.name),
                )
        self._marks = tuple(marks)

    def minute(self, at: int) -> None:
        """Write down how far the open episodes have come, if a minute is over."""
        if at - self._minute < MINUTE:
            return
        self._minute = at
        self._connection.execute("INSERT OR IGNORE INTO minutes VALUES (?)", (at,))
        for rises in self._rises.values():
            for counter, rise in rises.items():
                if rise.episode is not rise.written:
                    rises[counter] = self._write(rise, ended=False, at=at)

    def finish(self) -> None:
        """Write down how the open episodes stand: nobody will go on with them."""
        for rises in self._rises.values():
            for rise in rises.values():
                self._write(rise, ended=False)

    def _slump_text(self, slump: Slump) -> str:
        return slump_text(moved_slump(slump, self._microseconds(0.0) / 1e6))

    def _begin(self, target: int, at: int, episode: Episode, wall: float) -> _Rise:
        """Write an episode; where that goes on from before we recorded, it last rose before this moment."""
        base, last = self._microseconds(episode.base), at - max(0, round((wall - episode.last_rise) * 1e6))
        found = self._connection.execute(
            "INSERT INTO episodes (target, counter, first, last, base, started, last_rise, total, peak_rate, ended, "
            "metric) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
            (
                target, episode.metric.name, at, last, base, episode.started, episode.last_rise, episode.total,
                episode.peak_rate, json.dumps(list(episode.metric), ensure_ascii=False),
            ),
        )  # fmt: skip
        rise = _Rise(found.lastrowid or 0, last, episode, episode)
        self._note_minute(rise, at)
        return rise

    def _write(self, rise: _Rise, *, ended: bool, at: int | None = None) -> _Rise:
        episode = rise.episode
        self._connection.execute(
            "UPDATE episodes SET last = ?, last_rise = ?, total = ?, peak_rate = ?, ended = ? WHERE number = ?",
            (rise.last, episode.last_rise, episode.total, episode.peak_rate, int(ended), rise.number),
        )
        if at is not None:
            self._note_minute(rise, at)
        return rise._replace(written=episode)

    def _note_minute(self, rise: _Rise, at: int) -> None:
        episode = rise.episode
        self._connection.execute(
            "INSERT OR REPLACE INTO episode_minutes VALUES (?, ?, ?, ?, ?, ?)",
            (rise.number, at, rise.last, episode.last_rise, episode.total, episode.peak_rate),
        )
