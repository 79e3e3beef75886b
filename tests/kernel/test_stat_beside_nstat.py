"""``stat`` beside ``nstat`` (iproute2) on one namespace with real traffic: the same numbers, and the same history."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from socket import AF_INET, SOCK_STREAM, socket
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab import SCENARIOS, Lab, Namespace, counters
from tests.lab.namespace import ip
from tests.lab.traffic import IPPROTO_MPTCP
from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PREFIX = "MPTcpExt"
GAUGES = {"MPCurrEstab"}


class Pair:
    """Both tools on one namespace, each with a history of its own."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        self.namespace = namespace
        self.environment = {**os.environ, "NSTAT_HISTORY": str(folder / "nstat"), "XDG_STATE_HOME": str(folder)}

    def nstat(self, *options: str) -> dict[str, int]:
        command = ["ip", "netns", "exec", self.namespace.name, "nstat", "-j", *options]
        said = self._run(command)
        counted: dict[str, int] = json.loads(said)["kernel"] if said.strip() else {}
        ours = {name.removeprefix(PREFIX): value for name, value in counted.items() if name.startswith(PREFIX)}
        return {name: value for name, value in ours.items() if name not in GAUGES}

    def stat(self, *options: str) -> dict[str, Any]:
        said = self._run(mptcp_top("stat", "--json", "--host", f"local:{self.namespace.name}", *options))
        return json.loads(said) if said else {}

    def grown(self, *options: str) -> dict[str, int]:
        """What ``stat`` says of growth, without what did not grow; totals where there was no call before."""
        told = self.stat("--since-last", *options)
        metrics = {name: metric for name, metric in told["metrics"].items() if name not in GAUGES}
        which = "value" if told["since"] is None else "increase"
        return {name: metric[which] for name, metric in metrics.items() if metric[which]}

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=self.environment, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), command
        return done.stdout


@pytest.fixture
def pair(lab: Lab, tmp_path: Path) -> Pair:
    return Pair(lab.client, tmp_path)


@pytest.mark.parametrize("name", ["churn", "join_rejected", "csum_single", "rm_addr"])
def test_stat_and_nstat_agree_on_every_counter(lab: Lab, tmp_path: Path, name: str) -> None:
    moved = SCENARIOS[name].observe(lab)
    for side, by in ((lab.client, moved.client), (lab.server, moved.server)):
        both = Pair(side, tmp_path)
        told = {name: metric["value"] for name, metric in both.stat()["metrics"].items() if name not in GAUGES}
        assert told == both.nstat("-az", f"{PREFIX}*")
        assert set(by) <= set(told) | GAUGES
        assert any(told.values())


def test_the_history_is_that_of_nstat_call_by_call(lab: Lab, pair: Pair) -> None:
    """Each step: what happens to the namespace, and what both are asked then."""
    steps: tuple[tuple[str | None, list[str], list[str]], ...] = (
        (None, [], []),  # there is no history: totals
        (None, [], []),  # nothing since
        ("churn", ["-s"], ["--no-update"]),
        ("join_rejected", ["-s"], ["--no-update"]),  # both together
        (None, [], []),  # and once more, now to be forgotten
        ("csum_single", [f"{PREFIX}MPJoin*"], [f"{PREFIX}MPJoin*"]),  # sets the zero of these alone
        ("churn", [], []),  # so that the others grew twice
        ("rm_addr", ["-r"], ["--reset"]),  # totals again
        ("two_subflows", [], []),
    )
    for happening, theirs, ours in steps:
        if happening is not None:
            SCENARIOS[happening].observe(lab)
        assert pair.grown(*ours) == pair.nstat(*theirs), (happening, theirs)


def test_a_zero_is_set_without_a_word_as_by_nstat_n(lab: Lab, pair: Pair) -> None:
    SCENARIOS["churn"].observe(lab)
    assert (pair.stat("--reset"), pair.nstat("-n")) == ({}, {})
    assert (pair.grown(), pair.nstat()) == ({}, {})
    SCENARIOS["churn"].observe(lab)
    assert pair.grown()["MPCapableSYNTX"] == pair.nstat()["MPCapableSYNTX"] == 20


def test_zeros_are_those_of_nstat_z(lab: Lab, pair: Pair) -> None:
    pair.stat("--reset"), pair.nstat("-n")
    SCENARIOS["churn"].observe(lab)
    metrics = pair.stat("--since-last", "--zeros")["metrics"]
    told = {name: metric["increase"] for name, metric in metrics.items() if name not in GAUGES}
    assert told == pair.nstat("-z", f"{PREFIX}*")


def test_the_rate_since_the_last_call_is_over_the_time_since(lab: Lab, pair: Pair) -> None:
    pair.stat("--reset")
    SCENARIOS["churn"].observe(lab)
    told = pair.stat("--since-last")
    metric = told["metrics"]["MPCapableSYNTX"]
    assert metric["increase"] == 20
    assert metric["rate"] == pytest.approx(20 / told["elapsed_seconds"])


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    made = Namespace(f"mt{os.getpid()}-99c")  # a name that the laboratory's broom knows
    ip("netns", "add", made.name)
    try:
        yield made
    finally:
        ip("netns", "delete", made.name)


def make_anew(namespace: Namespace) -> None:
    ip("netns", "delete", namespace.name)
    ip("netns", "add", namespace.name)


def connect(namespace: Namespace, times: int) -> None:
    namespace.ip("link", "set", "lo", "up")
    with namespace.call(socket, AF_INET, SOCK_STREAM, IPPROTO_MPTCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        for _ in range(times):
            with namespace.call(socket, AF_INET, SOCK_STREAM, IPPROTO_MPTCP) as client:
                client.connect(listener.getsockname())
                listener.accept()[0].close()
    assert counters(namespace)["MPCapableSYNTX"] == times


@pytest.mark.usefixtures("lab")
def test_a_namespace_made_anew_is_told_and_counted_from_there(namespace: Namespace, tmp_path: Path) -> None:
    both = Pair(namespace, tmp_path)
    connect(namespace, 5)
    both.stat("--reset")
    make_anew(namespace)
    connect(namespace, 2)
    told = both.stat("--since-last")
    assert told["reset"]
    assert (told["metrics"]["MPCapableSYNTX"]["increase"], told["metrics"]["MPCapableSYNTX"]["rate"]) == (2, None)
    assert both.grown() == {}


@pytest.mark.usefixtures("lab")
def test_a_namespace_that_outgrew_the_one_before_it_is_another_one(namespace: Namespace, tmp_path: Path) -> None:
    """The inode of the one that is gone is given to the next: whoever trusts it takes the two for one."""
    both = Pair(namespace, tmp_path)
    for times in (3, 5, 8):
        both.stat("--reset")
        make_anew(namespace)
        connect(namespace, times)
        told = both.stat("--since-last", "--no-update")
        assert (told["reset"], told["metrics"]["MPCapableSYNTX"]["increase"]) == (True, times)


def test_the_namespace_that_a_call_is_made_in_is_not_taken_for_the_host(lab: Lab, tmp_path: Path) -> None:
    inside = ["ip", "netns", "exec", lab.client.name]
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    told = [
        json.loads(
            subprocess.run(
                [*where, *mptcp_top("stat", "--json", "--since-last")], check=True, capture_output=True, env=environment
            ).stdout
        )
        for where in ([], inside, inside, [])
    ]
    assert [one["reset"] for one in told] == [False, True, False, True]


def test_the_first_call_sets_every_zero_whatever_it_was_asked_for_as_that_of_nstat(lab: Lab, pair: Pair) -> None:
    SCENARIOS["churn"].observe(lab)
    assert pair.grown(f"{PREFIX}MPJoin*") == pair.nstat(f"{PREFIX}MPJoin*")
    assert pair.grown() == pair.nstat() == {}


def test_calls_at_the_same_time_tell_each_growth_once(lab: Lab, pair: Pair) -> None:
    pair.stat("--reset")
    before = counters(lab.client)
    with ThreadPoolExecutor(6) as threads:
        calls = [threads.submit(pair.grown) for _ in range(24)]
        for _ in range(3):
            SCENARIOS["churn"].observe(lab)
        told = [call.result() for call in calls]
    told.append(pair.grown())
    after = counters(lab.client)
    added = {name: sum(one.get(name, 0) for one in told) for name in after}
    assert added == {name: value - before[name] for name, value in after.items()}
    assert added["MPCapableSYNTX"] == 60
