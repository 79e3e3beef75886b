"""A simulation that runs: the appliances of a scenario on ports of this host, in a thread or in a given loop."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING, Final, Self

from mptcp_top.errors import SettingsError
from mptcp_top.model import Secret
from mptcp_top.simulator.accounts import READ_ONLY, Account
from mptcp_top.simulator.appliance import Appliance
from mptcp_top.simulator.box import Box
from mptcp_top.simulator.scenario import Event, Scenario, What, load_scenario
from mptcp_top.simulator.server import Deaf
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from mptcp_top.simulator.certificate import Certificate

__all__ = ["LOOPBACK", "Box", "Simulation", "reachable"]

LOOPBACK: Final = "127.0.0.1"
_LAST_PORT: Final = 65_535


def reachable(listen: str) -> str:
    """Return how this host reaches what listens on an IP address, as a URL has it.

    >>> reachable("127.0.0.1"), reachable("0.0.0.0"), reachable("::")
    ('127.0.0.1', '127.0.0.1', '[::1]')

    Raises:
        SettingsError: it is no IP address.
    """
    try:
        address = ip_address(listen)
    except ValueError as error:
        raise SettingsError(
            f"give an IP address to listen on, such as {LOOPBACK}, not {printable(listen, 60)}"
        ) from error
    if address.version == 6:
        return "[::1]" if address.is_unspecified else f"[{address}]"
    return LOOPBACK if address.is_unspecified else str(address)


class Simulation:
    """The appliances of a scenario, running: ``with`` in a thread of their own, ``async with`` in the loop at hand.

    They listen on ``listen``, from ``port`` on if that is not 0, else where there is room. ``clock`` counts seconds
    (its first value is the scenario's 0), ``wall`` is the time of day at the start. ``deaf`` adds a listener that
    accepts connections and never says a word, at `deaf_port`.
    """

    def __init__(  # noqa: PLR0913  # each of them is for somebody
        self,
        scenario: Scenario | str,
        *,
        password: str,
        user: str = "monitor",
        policy: str = READ_ONLY,
        listen: str = LOOPBACK,
        port: int = 0,
        certificate: Certificate | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: float | None = None,
        deaf: bool = False,
    ) -> None:
        self.scenario = load_scenario(scenario) if isinstance(scenario, str) else scenario
        self.user = user
        self.deaf_port = 0
        self._password = Secret(password)
        self._listen, self._port, self._certificate = listen, port, certificate
        self._clock, self._began = clock, clock()
        born = time.time() if wall is None else wall
        account = Account(user, self._password, policy)
        self.appliances = {
            plan.name: Box(
                [Appliance.of(self.scenario, each, [account], born) for each in self.scenario.behind(plan)],
                [event.at for event in self.scenario.events if (event.on, event.what) == (plan.name, What.TAKEOVER)],
                self.now,
            )
            for plan in self.scenario.appliances
            if plan.behind is None
        }
        self._deaf = Deaf() if deaf else None
        self._started: Future[None] = Future()
        self._ended: Future[None] = Future()
        self._end: Callable[[], object] = lambda: None

    @property
    def password(self) -> str:
        """What `user` logs in with."""
        return self._password.reveal()

    def now(self) -> float:
        """Return the seconds since the start."""
        return self._clock() - self._began

    def url(self, name: str) -> str:
        """Return where an appliance listens, such as ``http://127.0.0.1:40123``."""
        return self.appliances[name].url

    def failover(self, name: str | None = None) -> None:
        """Let an HA pair fail over, now: that of the appliance ``name``, or the only one there is."""
        pair = [plan.name for plan in self.scenario.appliances if plan.partner]
        event = Event(self.now(), name or pair[0], What.FAILOVER)
        for box in self.appliances.values():
            box.happen(event)

    async def __aenter__(self) -> Self:
        tls = self._certificate.context() if self._certificate else None
        shown = reachable(self._listen)
        if self._port and self._port + len(self.appliances) - 1 > _LAST_PORT:
            raise SettingsError(f"{len(self.appliances)} appliances need as many ports: give a lower --port")
        try:
            for number, box in enumerate(self.appliances.values()):
                box.port = await box.server.start(self._listen, self._port + number if self._port else 0, tls)
                box.url = f"{'https' if tls else 'http'}://{shown}:{box.port}"
            if self._deaf is not None:
                self.deaf_port = await self._deaf.start(self._listen)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._stop()
        bugs = [bug for box in self.appliances.values() for bug in box.server.bugs]
        if bugs and error is None:
            raise ExceptionGroup("the simulator could not answer", bugs)

    async def _stop(self) -> None:
        for box in self.appliances.values():
            await box.server.stop()
        if self._deaf is not None:
            await self._deaf.stop()

    def __enter__(self) -> Self:
        Thread(target=self._run, name="simulator", daemon=True).start()
        self._started.result()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._end()
        bug = self._ended.exception()
        if bug is not None and error is None:
            raise bug

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  # whoever started the thread gets it
            (self._ended if self._started.done() else self._started).set_exception(error)
        else:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        async with self:
            self._end = lambda: loop.call_soon_threadsafe(over.set)
            self._started.set_result(None)
            await over.wait()
