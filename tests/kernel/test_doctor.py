"""``doctor`` on this kernel and its network namespaces, with the laboratory's to look at."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from tests.lab import counters
from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from tests.lab import Lab


def findings(*options: str) -> list[dict[str, Any]]:
    done = subprocess.run(mptcp_top("doctor", "--json", *options), check=True, capture_output=True, text=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return found


def test_a_kernel_with_mptcp_and_its_namespaces_are_fine(lab: Lab) -> None:
    told = {found["name"]: found for found in findings("--host", f"local:{lab.client}") if found["target"] is None}
    assert told["MPTCP"]["state"] == told["counters"]["state"] == told["namespaces"]["state"] == "ok"
    assert told["counters"]["says"].startswith(f"{len(counters(lab.client))} of the ")
    assert str(lab.client) in told["namespaces"]["says"]


def test_mptcp_that_is_switched_off_in_a_namespace_is_noted_with_the_command_that_means_it(lab: Lab) -> None:
    target = f"local:{lab.client}"
    with lab.client.sysctl("enabled", 0):
        told = [found for found in findings("--host", target) if found["target"] == target]
    assert [found["state"] for found in told] == ["ok", "ok", "note"]
    assert "enabled=0" in told[1]["says"]
    assert "switched off" in told[2]["says"]
    assert told[2]["advice"] == f"ip netns exec {lab.client} sysctl -w net.mptcp.enabled=1"


def test_looking_moves_no_counter(lab: Lab) -> None:
    before = counters(lab.client)
    findings("--host", f"local:{lab.client}")
    assert counters(lab.client) == before
