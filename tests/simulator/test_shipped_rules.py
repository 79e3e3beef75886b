"""The rules that are shipped, over the scenarios: quiet on an ordinary day, and named where something is wrong."""

from __future__ import annotations

import pytest

from mptcp_top.engine.alerts import Watched
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.events import Happening
from mptcp_top.engine.store import Store
from mptcp_top.model import Identity, Sample, Target
from mptcp_top.rules.defaults import default_watches
from mptcp_top.simulator.appliance import Appliance
from mptcp_top.simulator.scenario import load_scenario
from tests.feed import NETSCALER, WALL

STOCK = 7.0
BOOT = Identity("ns1", "NetScaler 14.1", "boot")


def alerts(name: str, seconds: float, every: float = 5.0) -> list[tuple[str, float]]:
    """Poll the first appliance of a scenario; return which alerts began when."""
    scenario = load_scenario(name)
    box, target = Appliance.of(scenario, scenario.appliances[0], []), Target("ns1", "netscaler")
    store = Store([target])
    store.watch(Watched(default_watches()))
    engine = Engine(store)
    for poll in range(int(seconds / every)):
        now = poll * every
        values = box.history.values(now // STOCK * STOCK)
        row = tuple(values.get(metric.name) for metric in NETSCALER.metrics)
        engine.observe(Sample(target, NETSCALER, row, now, WALL + now, 0.0, BOOT, refresh_seconds=STOCK), every)
    return [(event.subject, event.monotonic) for event in store.events("ns1") if event.kind is Happening.ALERT]


def test_an_ordinary_day_alarms_nothing() -> None:
    assert alerts("day", 86_400, every=20.0) == []


@pytest.mark.parametrize(
    ("scenario", "names", "by"),
    [
        ("token-mismatch", ["joins fail"], 100.0),
        ("syn-flood", ["handshakes fail"], 110.0),
        ("memory-pressure", ["no memory for sessions", "joins fail"], 200.0),
        ("reboot", [], 0.0),
        ("cleared", [], 0.0),
        ("failover", [], 0.0),
    ],
)
def test_an_incident_is_named_by_its_alert_and_by_no_other(scenario: str, names: list[str], by: float) -> None:
    found = alerts(scenario, 300)
    assert [name for name, _ in found] == names
    assert all(began <= by for _, began in found)
