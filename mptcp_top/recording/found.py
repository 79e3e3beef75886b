"""Write what was found out beside the readings: events, slumps, alerts, marks; and the episodes, in `rises`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.recording.rises import Rises, State
from mptcp_top.recording.rows import same_wall
from mptcp_top.recording.stories import alert_text, slump_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.events import Event
    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.slumps import Slump

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class _State(NamedTuple):
    """What is written of each target: nothing that is in here is ever changed, but the mappings of targets."""

    rises: State
    slumps: dict[int, Mapping[str, tuple[int, Slump]]]
    alerts: dict[int, Mapping[str, tuple[int, Alert]]]
    marks: tuple[Mark, ...] = ()


class Found:
    """What was found out in one session, as far as it is written. Take its `state` before a batch that may fail."""

    def __init__(self, connection: sqlite3.Connection, microseconds: Callable[[float], int], began: float) -> None:
        self._connection = connection
        self._microseconds = microseconds
        self.rises = Rises(connection, microseconds, began)
        self._state = _State(self.rises.state(), {}, {})

    def state(self) -> _State:
        """Return what to `go_back` to."""
        state = self._state
        return state._replace(rises=self.rises.state(), slumps=state.slumps.copy(), alerts=state.alerts.copy())

    def go_back(self, state: _State) -> None:
        """Be again as at a moment: what came after it was not written."""
        self._state = state
        self.rises.go_back(state.rises)

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
        """Write down how far all has come, if it is time for that."""
        if self.rises.minute(at):
            self._note_alerts()

    def finish(self) -> None:
        """Write down how open episodes and alerts stand: nobody will go on with them."""
        self._note_alerts()
        self.rises.finish()

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
