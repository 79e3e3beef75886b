"""The verdict on namespaces of this kernel while something is done to the traffic in them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.lab import SCENARIOS, Lab, counters
from tests.plugin_output import Output, understood

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.lab import Namespace

SECONDS = "2"


def judged_during(lab: Lab, name: str, *arguments: str, sides: Sequence[Namespace] = ()) -> Output:
    """The verdict on client and server, or one of them, while a deed is done over and over."""
    scenario = SCENARIOS[name]
    if lacking := scenario.counters - counters(lab.client).keys():
        pytest.skip(f"this kernel does not count {', '.join(sorted(lacking))}")
    hosts = [part for side in sides or (lab.client, lab.server) for part in ("--host", f"local:{side.name}")]
    command = [sys.executable, "-m", "mptcp_top", "check", *hosts, "--interval", SECONDS, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            scenario.deed(lab)
        out, err = process.communicate()
    return understood(subprocess.CompletedProcess(command, process.returncode, out, err))


def label(namespace: Namespace, name: str) -> str:
    return f"local:{namespace.name}:{name}"


def test_connections_that_come_and_go_are_ok(lab: Lab) -> None:
    said = judged_during(lab, "churn")
    assert (said.state, said.below) == ("OK", [])
    assert said.says.startswith("2 targets: 5 rules over 2 s")
    assert said.numbers[label(lab.server, "accepted")].value == pytest.approx(100, abs=20)
    assert said.numbers[label(lab.client, "errors/s")].value == 0


@pytest.mark.parametrize(
    ("name", "counter"),
    [
        ("join_no_token", "unknown token (MPJoinNoTokenFound)"),
        ("join_rejected", "refused (MPJoinRejected)"),
        ("strip_synack", "final ACK not MPTCP (MPCapableFallbackACK)"),
    ],
)
def test_what_goes_wrong_is_a_warning_that_names_the_host_and_the_counter(lab: Lab, name: str, counter: str) -> None:
    said = judged_during(lab, name, sides=[lab.server])
    assert said.state == "WARNING"
    assert said.says.startswith(f"local:{lab.server.name}: ")
    assert f"errors rise: {counter} " in said.says
    assert (said.numbers["errors/s"].value or 0) > 0


def test_joins_to_nowhere_are_critical_where_a_rule_says_so(lab: Lab) -> None:
    said = judged_during(
        lab,
        "join_no_token",
        "--rule",
        "critical: joins_in < 50% and join_unknown_token > 1/s",
        "--rule",
        "errors rises",
    )
    assert said.state == "CRITICAL"
    assert said.says.startswith(f"local:{lab.server.name}: joins_in 0 % (< 50%), unknown token (MPJoinNoTokenFound) ")
    assert said.numbers[label(lab.server, "joins_in")].crit == "50:"


def test_a_namespace_that_is_not_there_is_unknown_and_trouble_elsewhere_comes_first(lab: Lab) -> None:
    said = judged_during(lab, "churn", "--host", "local:no-such-namespace")
    assert said.state == "UNKNOWN"
    said = judged_during(lab, "join_no_token", "--host", "local:no-such-namespace", "--rule", "errors rises")
    assert said.state == "WARNING"
    assert said.says.endswith("; also local:no-such-namespace (not judged)")
