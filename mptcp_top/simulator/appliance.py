"""One appliance: its counters, sessions, users and switches. It has no clock and no network; moments are given."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from mptcp_top.model import Kind
from mptcp_top.simulator.audit import Audit
from mptcp_top.simulator.counters import fields
from mptcp_top.simulator.history import History, Turn
from mptcp_top.simulator.replies import Style
from mptcp_top.simulator.scenario import What
from mptcp_top.simulator.sessions import LIMIT, Restricted, SessionTable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction
    from typing import Any

    from mptcp_top.simulator.accounts import Account
    from mptcp_top.simulator.scenario import Event, Plan, Scenario


DEFAULT_STYLE: Final = Style()


@dataclass(frozen=True, slots=True)
class Switches:
    """What differs from box to box. Where no capture of a real one tells, both possibilities can be had.

    ``expired_code`` (444 or 1027) and ``expired_status`` (401, 403 or 200) are what a dead session is told,
    ``full_status`` comes with errorcode 446. ``old_firmware`` has no `protocolmptcp` (1232, under ``old_status``).
    ``basic`` accepts Basic authentication, ``keep_alive`` keeps connections, ``latency_seconds`` is how long an
    answer takes.
    """

    style: Style = DEFAULT_STYLE
    basic: bool = True
    restricted: Restricted = Restricted.OFF
    session_limit: int = LIMIT
    expired_code: int = 444
    expired_status: int = 401
    full_status: int = 400
    old_firmware: bool = False
    old_status: int = 599
    keep_alive: bool = True
    latency_seconds: float = 0.0


@dataclass
class Appliance:
    """One box of a scenario, as a state machine. ``born`` is the wall clock at its start, for its ``starttime``."""

    plan: Plan
    history: History
    accounts: dict[str, Account]
    born: float = 0.0
    switches: Switches = field(default_factory=Switches)
    sessions: SessionTable = field(default_factory=SessionTable)
    audit: Audit = field(default_factory=Audit)
    _kills: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, scenario: Scenario, plan: Plan, accounts: Iterable[Account], born: float = 0.0) -> Appliance:
        """Return an appliance of a scenario, with everything that will happen to it."""
        history = History(
            scenario.traffic_of(plan),
            scenario.history_of(plan),
            plan.phase,
            plan.up_seconds,
            serving=plan.role == "primary",
        )
        appliance = cls(plan, history, {account.name: account for account in accounts}, born)
        for event in scenario.events:
            appliance.foresee(event)
        return appliance

    def foresee(self, event: Event) -> None:
        """Take note of something that happens, now or later, to this box or to its partner."""
        mine = event.on == self.plan.name
        if event.what in {What.FAILOVER, What.TAKEOVER} and (mine or event.on == self.plan.partner):
            serves = self.history.serves(event.at)
            self.history.add(Turn(event.at, What.STAND_BY if serves else What.SERVE))
        elif not mine:
            return
        elif event.what is What.KILL_SESSIONS:
            self._kills.append(event.at)
        else:
            self.history.add(Turn(event.at, event.what, event.down_seconds))
            if event.what is What.REBOOT:
                self._kills.append(event.at)

    def settle(self, now: float) -> None:
        """Do what was due: kill the sessions that a reboot ended."""
        if any(at <= now for at in self._kills):
            self.sessions.kill()
            self._kills = [at for at in self._kills if at > now]

    def switch(self, **changes: Any) -> None:  # noqa: ANN401  # the fields of two dataclasses
        """Change switches, or parts of their style, by name."""
        names = set(Style.__dataclass_fields__) & set(changes)
        style = replace(self.switches.style, **{name: changes.pop(name) for name in names})
        self.switches = replace(self.switches, **{"style": style, **changes})
        self.sessions.limit = self.switches.session_limit
        self.sessions.restricted = self.switches.restricted

    def clear(self, moment: float) -> None:
        """Set every total to zero and leave the gauges, as ``clearstats`` does, whichever of its scopes is given."""
        self.history.add(Turn(moment, What.CLEAR))

    def truth(self, name: str, moment: float) -> int:
        """Return exactly what a field shows at a moment."""
        kinds = {each.name: each.kind for each in fields()}
        shows = self.history.level if kinds[name] is Kind.GAUGE else self.history.total
        return shows(name, moment)

    def rate(self, name: str, moment: float) -> Fraction:
        """Return exactly the rate per second of a counter, before it is cut or rounded for printing."""
        return self.history.rate(name, moment)

    @property
    def version_line(self) -> str:
        """The firmware, as `nsversion` puts it."""
        builds = {"13.1": "59.22.nc, Date: May 12 2025, 06:05:49", "14.1": "51.80.nc, Date: Aug 26 2025, 09:17:22"}
        build = builds.get(self.plan.version, "1.1.nc, Date: Jan  1 2025, 00:00:00")
        return f"NetScaler NS{self.plan.version}: Build {build}   (64-bit)"

    def start_time(self, moment: float) -> str:
        """Return when it last booted, as `system` puts it (UTC)."""
        booted = self.history.booted_at(moment)
        return time.asctime(time.gmtime(self.born + (-self.plan.up_seconds if booted is None else booted)))
