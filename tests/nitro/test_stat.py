"""``stat`` over simulated appliances: the numbers are the appliance's own to the last digit, failures have a name."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.catalogue.catalogue import netscaler
from mptcp_top.model import Kind
from mptcp_top.simulator.counters import fields
from tests.nitro.appliances import assert_was_a_good_guest, at, environment, ran, running, started
from tests.nitro.troubles import TROUBLES, without_access

if TYPE_CHECKING:
    from pathlib import Path

    from mptcp_top.simulator.running import Box

EVENTS_A_SECOND = 14.0
"""What the scenario ``constant`` has of each counter."""


class RunningFor:
    """A clock that has been going for a while when somebody first looks again."""

    def __init__(self, seconds: float) -> None:
        self._began, self._seconds, self._looks = time.monotonic(), seconds, 0

    def __call__(self) -> float:
        self._looks += 1
        return time.monotonic() - self._began + (self._seconds if self._looks > 1 else 0.0)


def samples_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


AMBIGUOUS = {name for name, entry in netscaler().entries.items() if entry.metric.ambiguous}
"""Names that two counters share: nothing can be read from how such a number changes."""


def rates_of(sample: dict[str, Any], *, ambiguous: bool = False) -> set[float | None]:
    counters = {name: told for name, told in sample["metrics"].items() if told["kind"] == "counter"}
    return {told["rate"] for name, told in counters.items() if (name in AMBIGUOUS) is ambiguous}


@pytest.mark.parametrize("scenario", ["demo", "constant", "failover"])
def test_every_number_is_the_appliance_s_own(home: Path, scenario: str) -> None:
    with running(scenario, clock=RunningFor(86_400.0)) as simulation:
        boxes = list(simulation.appliances.values())
        done = ran(home, "stat", "--json", *at(*boxes), "--count", "2")
        assert (done.returncode, done.stderr) == (0, "")
        by_target = {box.url: [s for s in samples_of(done) if s["target"] == box.url] for box in boxes}
        for box in boxes:
            asked = box.audit().of("protocolmptcp")
            assert len(asked) == len(by_target[box.url]) == 2
            for record, sample in zip(asked, by_target[box.url], strict=True):
                told = {name: metric["value"] for name, metric in sample["metrics"].items()}
                assert told == {name: box.truth(name, record.at) for name in told}
                assert sample["status"] == "ok"
            assert_was_a_good_guest(box)


def test_nothing_an_appliance_has_is_left_out(box: Box, home: Path) -> None:
    done = ran(home, "stat", "--json", *at(box))
    told = samples_of(done)[0]["metrics"]
    assert set(told) == {field.name for field in fields()}
    assert {name for name, metric in told.items() if metric["kind"] == "gauge"} == {
        field.name for field in fields() if field.kind is Kind.GAUGE
    }


def test_rates_are_those_of_the_traffic_from_the_first_sample_on_and_after_a_refresh(home: Path) -> None:
    """An appliance takes stock every seven seconds; nine of them have one refresh at least."""
    with running("constant", clock=RunningFor(1000.0)) as simulation:
        box = simulation.appliances["ns1"]
        done = ran(home, "stat", "--json", *at(box, interval=1.5), "--count", "7")
        samples = samples_of(done)
        assert len({sample["metrics"]["mptcptotdss"]["value"] for sample in samples}) > 1, "no refresh was seen"
        for sample in samples:
            for rate in rates_of(sample):
                assert rate == pytest.approx(EVENTS_A_SECOND, rel=0.05), sample["taken_at"]


def test_a_name_that_two_counters_share_has_no_rate(home: Path) -> None:
    with running("constant", clock=RunningFor(1000.0)) as simulation:
        done = ran(home, "stat", "--json", *at(simulation.appliances["ns1"]), "--count", "2")
    assert [rates_of(sample, ambiguous=True) for sample in samples_of(done)] == [{None}, {None}]


@pytest.mark.parametrize("status", TROUBLES)
def test_what_cannot_be_read_is_a_line_with_its_status(box: Box, home: Path, status: str) -> None:
    TROUBLES[status](box)
    done = ran(home, "stat", "--json", *at(box))
    assert (done.returncode, done.stderr) == (1, "")
    (sample,) = samples_of(done)
    assert (sample["status"], sample["metrics"]) == (status, {})
    assert sample["error"]
    assert sample["advice"]
    entered = 0 if status in {"auth_failed", "unreachable"} else 1
    assert (box.audit().logins, box.audit().logouts, box.sessions()) == (entered, entered, 0)


def test_a_closed_port_is_unreachable_and_the_other_target_is_read(box: Box, home: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        done = ran(home, "stat", "--json", *at(closed, box))
    assert (done.returncode, done.stderr) == (1, "")
    assert {sample["target"]: sample["status"] for sample in samples_of(done)} == {closed: "unreachable", box.url: "ok"}
    assert_was_a_good_guest(box)


def test_an_appliance_that_never_answers_is_a_line_and_no_more(home: Path) -> None:
    with running(deaf=True) as simulation:
        deaf = f"http://127.0.0.1:{simulation.deaf_port}"
        done = ran(home, "stat", "--json", *at(deaf), "--timeout", "0.3", "--count", "2")
    assert done.returncode == 1
    assert [sample["status"] for sample in samples_of(done)] == ["unreachable"] * 2
    assert done.stderr == ""


def test_a_refused_password_is_tried_once_however_many_samples_are_wanted(box: Box, home: Path) -> None:
    without_access(box)
    done = ran(home, "stat", "--json", *at(box), "--count", "50")
    assert done.returncode == 1
    assert len(samples_of(done)) == 1
    assert box.audit().failed_logins == 1
    assert len(box.audit().records) == 1


def test_headless_commands_start_without_the_screens_over_nitro_too(box: Box, home: Path) -> None:
    script = (
        f"import sys\nfrom mptcp_top.cli.main import main\nmain({['stat', *at(box)]!r})\n"
        "print([name for name in ('textual', 'rich', 'plotext') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment(home)
    )
    assert done.stderr.strip() == "[]"


def test_simulate_says_how_to_look_at_it_and_leaves_nothing_behind(home: Path) -> None:
    with started(home, "simulate", "--scenario", "constant", "--port", "0") as simulation:
        assert simulation.stdout is not None
        command = re.search(r"mptcp-top (--host .*)", simulation.stdout.readline())
        assert command
        assert "password: in " in simulation.stdout.readline()
        assert len(list(home.iterdir())) == 1
        done = ran(home, "stat", "--json", *shlex.split(command[1]), MPTCP_TOP_PASSWORD="")
        assert (done.returncode, done.stderr) == (0, "")
        assert len(samples_of(done)[0]["metrics"]) == len(fields())
        simulation.send_signal(signal.SIGTERM)
        out, err = simulation.communicate(timeout=60)
        assert (simulation.returncode, err) == (143, "")
        assert "logins 1, failed logins 0, logouts 1" in out
    assert list(home.iterdir()) == []
