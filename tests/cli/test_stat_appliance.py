"""``stat`` of simulated appliances: rates at once, the CLI's pace, and history over clears, reboots and takeovers."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.catalogue.catalogue import netscaler
from tests.nitro.appliances import assert_was_a_good_guest, at, ran, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mptcp_top.simulator.running import Box

AMBIGUOUS = {name for name, entry in netscaler().entries.items() if entry.metric.ambiguous}
GROWING = {name for name, entry in netscaler().entries.items() if entry.metric.grows}


class Clock:
    """Time as the appliance sees it: ours, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead_seconds = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(clock: Clock) -> Iterator[Box]:
    with running("constant", clock=clock) as simulation:
        clock.ahead_seconds += 10_000
        yield simulation.appliances["ns1"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    return made


def stat(box: Box, home: Path, *options: str) -> dict[str, Any]:
    done = ran(home, "stat", "--json", *at(box), *options)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout) if done.stdout else {}


def growing(said: dict[str, Any], key: str) -> dict[str, int]:
    return {name: metric[key] for name, metric in said["metrics"].items() if name in GROWING}


def test_growth_since_the_last_call_is_that_of_the_totals(box: Box, home: Path, clock: Clock) -> None:
    before = stat(box, home, "--since-last")
    clock.ahead_seconds += 700
    after = stat(box, home, "--since-last")
    totals = [growing(said, "value") for said in (before, after)]
    assert growing(after, "increase") == {name: totals[1][name] - totals[0][name] for name in GROWING}
    assert min(growing(after, "increase").values()) >= 13 * 700
    assert not after["reset"]
    assert {after["metrics"][name]["increase"] for name in AMBIGUOUS} == {None}


def clear(box: Box) -> None:
    box.clear()


def reboot(box: Box) -> None:
    box.reboot()


@pytest.mark.parametrize("happens", [clear, reboot])
def test_after_a_clear_or_a_reboot_the_totals_since_then_are_told(
    box: Box, home: Path, clock: Clock, happens: Callable[[Box], None]
) -> None:
    stat(box, home, "--reset")
    happens(box)
    clock.ahead_seconds += 700
    said = stat(box, home, "--since-last")
    assert said["reset"]
    assert growing(said, "increase") == growing(said, "value")
    assert 0 < max(growing(said, "value").values()) <= 15 * 800
    assert {metric["rate"] for metric in said["metrics"].values()} == {None}
    assert not stat(box, home, "--since-last")["reset"]


def test_people_are_told_that_it_began_anew(box: Box, home: Path, clock: Clock) -> None:
    stat(box, home, "--reset")
    box.clear()
    clock.ahead_seconds += 70
    done = ran(home, "stat", *at(box), "--since-last")
    assert "  the counters began anew after the last call, " in done.stdout


def test_an_appliance_s_rates_take_one_sample(box: Box, home: Path) -> None:
    done = ran(home, "stat", *at(box), "--rate", "MPSYN", "JoinSYN")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[1:3] for line in done.stdout.splitlines() if line.startswith("    ")] == [["14.0", "/s"]] * 2
    assert len(box.audit().of("protocolmptcp")) == 1
    assert_was_a_good_guest(box)


def test_nothing_of_all_this_can_clear_statistics(box: Box, home: Path) -> None:
    for options in (["--reset"], ["--since-last"], ["--since-last", "--reset"], ["--detail"], ["--full-values"]):
        assert ran(home, "stat", *at(box), *options).returncode == 0
    assert box.audit().clearstats == 0
    assert {record.method for record in box.audit().records if "config/log" not in record.path} == {"GET"}
