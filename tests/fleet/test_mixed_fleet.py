"""Three appliances and two kernels at once: killed, hung, failed over, rebooted, flooded, and what the fleet says."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from mptcp_top.collector import Collector, CollectorThread, Job, Pace
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.events import Happening
from mptcp_top.engine.standing import Concern
from mptcp_top.engine.store import Store
from mptcp_top.model import Secret
from mptcp_top.settings import Access
from mptcp_top.simulator.running import Box, Simulation
from mptcp_top.simulator.scenario import load_scenario
from mptcp_top.sources.registry import source_of, target_of
from mptcp_top.ui.frame import Moment
from mptcp_top.ui.glance import Glance, glances_of
from tests.lab import SCENARIOS, Lab, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mptcp_top.engine.events import Event

DEADLINE_SECONDS = 90.0  # no login for 30 s after one that was ended, and a pause of up to 36 s between tries
POLL_SECONDS = 0.5
PASSWORD = "a-throw-away-password"


class Known(NamedTuple):
    """Credentials of appliances that are made here."""

    user: str = "monitor"

    def password(self) -> Secret:
        return Secret(PASSWORD)

    def refused(self) -> None:
        """Nothing to be done about it here."""


class Watched:
    """A fleet that is collected, and what its screen would say."""

    def __init__(self, jobs: list[Job]) -> None:
        self.store = Store([job.source.target for job in jobs])
        self.collector = Collector(jobs, Engine(self.store), lambda _: None)

    def glances(self) -> list[Glance]:
        return glances_of(self.store, self.collector, Moment(time.monotonic(), time.time()))

    def order(self) -> list[str]:
        return [glance.target.name for glance in self.glances()]

    def of(self, name: str) -> Glance:
        return next(glance for glance in self.glances() if glance.target.name == name)

    def events(self, name: str) -> list[Event]:
        return self.store.events(name)

    def kinds(self, name: str) -> list[Happening]:
        return [event.kind for event in self.events(name)]

    def wait_for(self, seen: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not seen():
            told = [(one.target.name, one.standing.concern.name, one.standing.reason) for one in self.glances()]
            assert time.monotonic() < deadline, f"never seen: {what}; the fleet says {told}"
            time.sleep(0.05)


@contextmanager
def watching(jobs: list[Job]) -> Iterator[Watched]:
    fleet = Watched(jobs)
    thread = CollectorThread(fleet.collector, lambda: None)
    thread.start()
    try:
        yield fleet
    finally:
        thread.stop()


def true_rate(box: Box) -> float:
    return float(box.rate("mptcptotmpcapfackrecvd"))


def job(name: str, address: str) -> Job:
    access = Access(address, allow_http=True, interval=POLL_SECONDS, timeout=2.0)
    source = source_of(target_of(name, access), access, Known())
    return Job(source, Pace(POLL_SECONDS, 2.0))


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "")
def test_a_mixed_fleet_says_what_happens_to_each_of_its_targets() -> None:
    steady = load_scenario("day")
    quiet_pair = replace(load_scenario("failover"), events=())
    with ExitStack() as undo:
        lab = undo.enter_context(Lab())
        killed = ExitStack()
        undo.enter_context(killed)
        ns1 = killed.enter_context(Simulation(steady, password=PASSWORD))
        ns2 = undo.enter_context(Simulation(steady, password=PASSWORD))
        pair = undo.enter_context(Simulation(quiet_pair, password=PASSWORD))
        (first,), (second,) = ns1.appliances.values(), ns2.appliances.values()
        third = pair.appliances["ns1"]
        jobs = [job("ns1", first.url), job("ns2", second.url), job("ns3", third.url)]
        jobs += [job(f"local:{side.name}", f"local:{side.name}") for side in (lab.client, lab.server)]
        fleet = undo.enter_context(watching(jobs))
        server = f"local:{lab.server.name}"

        fleet.wait_for(lambda: all(glance.standing.concern is Concern.NONE for glance in fleet.glances()), "all fine")
        assert fleet.order() == [one.source.target.name for one in jobs]

        SCENARIOS["join_no_token"].observe(lab)
        fleet.wait_for(lambda: fleet.of(server).standing.concern is Concern.SECURITY, "the flood")
        assert fleet.order()[0] == server
        assert fleet.of(server).standing.reason == "unknown token"

        killed.close()
        fleet.wait_for(lambda: fleet.of("ns1").standing.concern is Concern.DOWN, "ns1 killed")
        assert fleet.order()[:2] == ["ns1", server]
        assert "refused" in fleet.of("ns1").standing.reason.casefold()

        second.fault("stall", "protocolmptcp")
        fleet.wait_for(lambda: fleet.of("ns2").standing.concern is Concern.DOWN, "ns2 hung")
        assert fleet.of("ns2").standing.reason == "no answer within 2 s"
        second.mend()
        fleet.wait_for(lambda: fleet.of("ns2").standing.concern is Concern.NONE, "ns2 back")
        assert fleet.kinds("ns2") == [Happening.LOST, Happening.BACK]

        pair.failover()
        third.kill_sessions()  # as a takeover does; the next login looks who answers
        fleet.wait_for(lambda: Happening.ROLE in fleet.kinds("ns3"), "the failover")
        assert fleet.events("ns3")[-1].says == "primary became secondary"

        third.reboot(down_seconds=1.0)
        fleet.wait_for(lambda: Happening.RESET in fleet.kinds("ns3"), "the reboot")
        assert Happening.RISE not in fleet.kinds("ns3")

        # What was not touched has missed nothing, and its rate is the truth.
        fleet.wait_for(
            lambda: fleet.of("ns2").new_rate == pytest.approx(true_rate(second), rel=0.05), "the rate of ns2"
        )
        assert fleet.kinds(f"local:{lab.client.name}") == []
        assert fleet.of("ns1").age_seconds is not None
