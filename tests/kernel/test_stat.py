"""What mptcp-top says of real MPTCP traffic, against what the kernel counted."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.sources.linux import LinuxSource
from mptcp_top.sources.registry import target_of
from tests.lab import SCENARIOS, Lab, counters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab import Namespace

PACE = 0.1
RISING: dict[str, tuple[set[str], set[str]]] = {
    # scenario: what must be flagged at the client, and at the server; nothing else may be
    "two_subflows": (set(), set()),
    "churn": (set(), set()),
    "join_rejected": ({"MPRstTx"}, {"MPJoinRejected"}),
    "join_no_token": (set(), {"MPJoinNoTokenFound"}),
    "strip_synack": (set(), {"MPCapableFallbackACK"}),
    "rm_addr": (set(), set()),
    "csum_single": (
        {"InfiniteMapTx", "MPFailTx", "MPFailRx"},
        {"DataCsumErr", "MPFailTx", "MPFailRx", "InfiniteMapRx", "DssFallback"},
    ),
    "fastclose_linger": (set(), set()),
    "syn_blackhole": ({"MPCapableSYNTXDrop", "MPCapableSYNTXDisabled", "Blackhole"}, set()),
}


@contextmanager
def watching(namespace: Namespace) -> Iterator[subprocess.Popen[str]]:
    """Run ``mptcp-top stat --json`` on a namespace, a sample every `PACE` seconds."""
    command = [sys.executable, "-m", "mptcp_top", "stat", "--json", "--host", f"local:{namespace.name}"]
    with subprocess.Popen(
        [*command, "--count", "600", "--interval", str(PACE)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            assert process.stdout is not None
            process.stdout.close()


def next_sample(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    sample: dict[str, Any] = json.loads(process.stdout.readline())
    assert sample["status"] == "ok", sample["error"]
    return sample


def values(sample: dict[str, Any]) -> dict[str, int]:
    return {name: metric["value"] for name, metric in sample["metrics"].items()}


def rising(sample: dict[str, Any]) -> set[str]:
    return {name for name, metric in sample["metrics"].items() if metric["rising"]}


def sample_that_agrees(process: subprocess.Popen[str], namespace: Namespace) -> dict[str, Any]:
    """Return the first sample that says what the kernel says, or the last of fifty."""
    sample: dict[str, Any] = {}
    for _ in range(50):
        sample = next_sample(process)
        if values(sample) == counters(namespace):
            break
    return sample


@pytest.mark.parametrize("name", RISING)
def test_stat_reports_what_the_kernel_counted_and_flags_errors_alone(lab: Lab, name: str) -> None:
    with watching(lab.client) as at_client, watching(lab.server) as at_server:
        start = next_sample(at_client), next_sample(at_server)
        moved = SCENARIOS[name].observe(lab)
        client, server = sample_that_agrees(at_client, lab.client), sample_that_agrees(at_server, lab.server)
    assert values(client) == counters(lab.client)
    assert values(server) == counters(lab.server)
    for before, after, kernel in ((start[0], client, moved.client), (start[1], server, moved.server)):
        told = {key: value - values(before)[key] for key, value in values(after).items() if key != "MPCurrEstab"}
        expected = {key: delta for key, delta in kernel.items() if key != "MPCurrEstab"}
        assert {key: delta for key, delta in told.items() if delta} == {k: d for k, d in expected.items() if d}
    assert (rising(client), rising(server)) == RISING[name]


@pytest.mark.parametrize("name", RISING)
def test_each_error_opens_one_episode_with_its_total(lab: Lab, name: str) -> None:
    targets = [target_of(f"local:{side.name}") for side in (lab.client, lab.server)]
    store = Store(targets)
    engine, sources = Engine(store), [LinuxSource(target) for target in targets]
    for source in sources:
        engine.observe(source.read(), PACE)
    moved = SCENARIOS[name].observe(lab)
    for source in sources:
        engine.observe(source.read(), PACE)
        source.close_now()
    for target, expected, kernel in zip(targets, RISING[name], (moved.client, moved.server), strict=True):
        episodes = {episode.metric.name: episode for episode in store.episodes(target.name)}
        assert set(episodes) == expected
        for counter, episode in episodes.items():
            assert episode.ongoing
            assert episode.total == kernel[counter]


def test_the_rate_is_that_of_the_traffic(lab: Lab) -> None:
    with watching(lab.server) as process:
        before = next_sample(process)
        SCENARIOS["churn"].observe(lab)
        after = sample_that_agrees(process, lab.server)
    metric = after["metrics"]["MPCapableACKRX"]
    assert metric["rate"] == pytest.approx(metric["increase"] / after["elapsed_seconds"])
    assert metric["value"] - before["metrics"]["MPCapableACKRX"]["value"] == 20
