"""An address that appliances answer at: one, or two of an HA pair by turns; to be watched and disturbed."""

from __future__ import annotations

from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

from mptcp_top.simulator.faults import ANY, Fault, Faults
from mptcp_top.simulator.scenario import Event, What
from mptcp_top.simulator.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from fractions import Fraction

    from mptcp_top.simulator.accounts import Account
    from mptcp_top.simulator.appliance import Appliance
    from mptcp_top.simulator.audit import Audit, Record


class Box:
    """What runs at one address, to be watched and disturbed from any thread.

    Of several appliances ``behind`` it the first one answers, and after each of the ``takeovers`` (seconds since the
    start) the next. They share the audit and nothing else.
    """

    def __init__(self, behind: Sequence[Appliance], takeovers: Iterable[float], now: Callable[[], float]) -> None:
        self._behind, self._takeovers, self._now = tuple(behind), list(takeovers), now
        for each in behind:
            each.audit = behind[0].audit
        self._faults = Faults()
        self._lock = RLock()
        self.server = Server(self._answering, self._faults, now, self._lock)
        self.name = behind[0].plan.name
        self.port = 0
        self.url = ""

    def _answering(self, moment: float) -> Appliance:
        return self._behind[sum(at <= moment for at in self._takeovers) % len(self._behind)]

    @property
    def _appliance(self) -> Appliance:
        return self._answering(self._now())

    def truth(self, name: str, at: float | None = None) -> int:
        """Return exactly what a field shows, now or at a moment (seconds since the start; `Record.at` is one)."""
        with self._lock:
            moment = self._now() if at is None else at
            return self._answering(moment).truth(name, moment)

    def rate(self, name: str, at: float | None = None) -> Fraction:
        """Return exactly the rate per second of a counter, as `truth` does, before it is cut for printing."""
        with self._lock:
            moment = self._now() if at is None else at
            return self._answering(moment).rate(name, moment)

    def audit(self) -> Audit:
        """Return what it was asked so far."""
        with self._lock:
            return self._behind[0].audit.copy()

    def tell(self, hear: Callable[[str, Record], None]) -> None:
        """Let somebody hear the name of this box and the record of every request, those so far included."""
        with self._lock:
            audit = self._behind[0].audit
            audit.tell = partial(hear, self.name)
            for record in audit.records:
                audit.tell(record)

    def sessions(self) -> int:
        """Return how many sessions are open."""
        with self._lock:
            return sum(each.sessions.count(self._now()) for each in self._behind)

    def sessions_peak(self) -> int:
        """Return how many sessions were open at once on one appliance, at most, stateless calls included."""
        with self._lock:
            return max(each.sessions.peak for each in self._behind)

    def fault(self, name: str, on: str = ANY, times: int | None = None, skip: int = 0, **options: Any) -> None:  # noqa: ANN401  # each fault has its own
        """Let requests for a resource meet a fault (`mptcp_top.simulator.faults`), some ``times`` or until mended."""
        with self._lock:
            self._faults.add(Fault(name, on, times, skip, options))

    def mend(self, on: str | None = None) -> None:
        """Remove the faults of one resource, or all."""
        with self._lock:
            self._faults.remove(on)

    def switch(self, **changes: Any) -> None:  # noqa: ANN401  # the fields of two dataclasses
        """Change `Switches`, or fields of their `Style`, by name."""
        with self._lock:
            for each in self._behind:
                each.switch(**changes)

    def add_account(self, account: Account) -> None:
        """Let somebody log in, or change what one who may is allowed; it holds for open sessions, too."""
        with self._lock:
            for each in self._behind:
                each.accounts[account.name] = account

    def kill_sessions(self) -> int:
        """End every session, as an administrator can, and return how many there were."""
        with self._lock:
            return sum(each.sessions.kill() for each in self._behind)

    def happen(self, event: Event) -> None:
        """Let something happen to what is behind this address or to a partner, now or later."""
        with self._lock:
            for each in self._behind:
                each.foresee(event)
            if (event.on, event.what) == (self.name, What.TAKEOVER):
                self._takeovers.append(event.at)

    def reboot(self, down_seconds: float = 0.0) -> None:
        """Reboot: answer 503 for so long, then count from zero; every session ends."""
        self.happen(Event(self._now(), self._appliance.plan.name, What.REBOOT, down_seconds))

    def clear(self) -> None:
        """Set every total to zero, as ``clear ns stats`` does; gauges stay."""
        self.happen(Event(self._now(), self._appliance.plan.name, What.CLEAR))

    def take_over(self) -> None:
        """Let the other appliance of the pair behind this address answer, and serve, from now on."""
        self.happen(Event(self._now(), self.name, What.TAKEOVER))
