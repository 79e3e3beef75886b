"""What ``stat`` gives Prometheus: held to a strict parser of OpenMetrics, and to promtool of Debian's prometheus."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics import parser as strict

from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of
from mptcp_top.cli.selection import Selection
from mptcp_top.cli.stat.exposition import Family, Series, families_of, openmetrics, prometheus
from mptcp_top.cli.stat.told import told_of
from mptcp_top.model import Failure, Kind, Observation, Status, Target
from tests.cli.test_selection import observed
from tests.nitro.appliances import at, environment, running
from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from prometheus_client.core import Metric as Parsed

EVERYTHING = Selection()
STAMP = "1795255200.123"


def parsed(said: str) -> dict[str, Parsed]:
    families = list(strict.text_string_to_metric_families(said))  # type: ignore[no-untyped-call]
    return {family.name: family for family in families}


def families(*observations: Observation, selection: Selection = EVERYTHING) -> list[Family]:
    return families_of([told_of(observation, None) for observation in observations], selection)


def down(target: Target) -> Observation:
    return observed(target, failure=Failure(target, Status.UNREACHABLE, "no answer", 1000.0, 1_795_255_200.0))


HERE, NS1, NS2 = Target("here", "linux"), Target("ns1", "netscaler"), Target("ns2", "netscaler")


def test_counters_gauges_and_what_may_be_either_of_two_have_their_types() -> None:
    found = parsed(openmetrics(families(observed(HERE), observed(NS1))))
    assert found["mptcp_join_syn_rx"].type == "counter"
    assert {sample.name for sample in found["mptcp_join_syn_rx"].samples} == {"mptcp_join_syn_rx_total"}
    assert found["mptcp_sessions_current"].type == "gauge"
    assert found["mptcp_netscaler_mptcptotdssa"].type == "unknown"
    assert found["mptcp_top_age_seconds"].unit == "seconds"


def test_every_counter_of_every_catalogue_is_a_series_of_its_own_type() -> None:
    types = {Kind.COUNTER: "counter", Kind.GAUGE: "gauge"}
    for target in (HERE, NS1):
        found = parsed(openmetrics(families(observed(target))))
        by_counter = {
            sample.labels["counter"]: family.type
            for family in found.values()
            for sample in family.samples
            if "counter" in sample.labels
        }
        assert by_counter == {
            name: "unknown" if entry.metric.ambiguous else types[entry.metric.kind]
            for name, entry in catalogue_of(target.source).entries.items()
        }


def test_what_a_netscaler_and_a_kernel_count_alike_is_one_family() -> None:
    (family,) = families(observed(HERE), observed(NS1), selection=Selection(("TokenEr", "MPJoinNoTokenFound")))[2:]
    assert family.name == "mptcp_join_unknown_token"
    assert [series.labels["counter"] for series in family.series] == ["MPJoinNoTokenFound", "mptcperrunknowntoken"]


def test_the_help_of_a_family_does_not_depend_on_who_is_read() -> None:
    alone = [families(observed(HERE)), families(observed(NS1)), families(observed(NS1), observed(HERE))]
    said: dict[str, set[str]] = {}
    for some in alone:
        for family in some:
            said.setdefault(family.name, set()).add(family.help)
    assert {name for name, texts in said.items() if len(texts) > 1} == set()


def test_a_target_that_could_not_be_read_is_down_and_nothing_else() -> None:
    found = parsed(openmetrics(families(observed(NS1), down(NS2))))
    ups = {sample.labels["target"]: sample.value for sample in found["mptcp_top_up"].samples}
    assert ups == {"ns1": 1, "ns2": 0}
    others = [family for name, family in found.items() if name != "mptcp_top_up"]
    assert {sample.labels["target"] for family in others for sample in family.samples} == {"ns1"}


def test_nobody_there_at_all_is_a_valid_answer() -> None:
    said = openmetrics(families(down(NS1)))
    assert [sample.value for sample in parsed(said)["mptcp_top_up"].samples] == [0]


def test_what_is_not_known_is_left_out() -> None:
    seen = observed(HERE, "MPJoinSynRx", "MPRstTx")
    said = openmetrics(families(seen._replace(values=(None, 7))))
    assert "mptcp_reset_tx_total" in said
    assert "mptcp_join_syn_rx" not in said


def test_a_counter_that_is_in_no_catalogue_has_a_name_and_help() -> None:
    found = parsed(openmetrics(families(observed(HERE, "MPQuantumTXDrop"))))
    assert found["mptcp_linux_mp_quantum_tx_drop"].documentation.startswith("A counter of Linux that")


def test_a_whole_number_is_given_whole() -> None:
    said = openmetrics(families(observed(HERE, "MPRstTx", value=2**64 - 1)))
    assert f" {2**64 - 1}\n" in said


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_a_name_comes_back_from_the_parser_as_it_was(name: str) -> None:
    up = families(down(Target(name, "linux")))
    (family,) = parsed(openmetrics(up)).values()
    assert [sample.labels["target"] for sample in family.samples] == [name]


def faults_in(said: str) -> list[str]:
    """What OpenMetrics 1.0 forbids and parsers let pass: our own rules, line by line."""
    faults = [] if said.endswith("\n# EOF\n") and said.count("# EOF") == 1 else ["the end is not # EOF"]
    seen: dict[str, list[str]] = {}
    current = ""
    for line in said.splitlines()[:-1]:
        if line.startswith("# "):
            _, what, name, *_ = line.split(" ", 3)
            if name != current and name in seen:
                faults.append(f"{name} is in two places")
            if what in seen.setdefault(name, []):
                faults.append(f"two {what} of {name}")
            seen[name].append(what)
            current = name
            continue
        match = re.fullmatch(r'([a-z_0-9]+)\{(?:[a-z]+="(?:[^"\\]|\\.)*",?)+\} [0-9]+(?:\.[0-9]+)?', line)
        if match is None:
            faults.append(f"no sample, or one with a time: {line}")
        elif match[1].removesuffix("_total") != current.removesuffix("_total"):
            faults.append(f"{line} is not of {current}")
    return faults


def test_our_own_rules_find_nothing() -> None:
    said = openmetrics(families(observed(HERE), observed(NS1), down(NS2), observed(Target('a"b\\c', "linux"))))
    assert faults_in(said) == []
    assert faults_in(said.replace("# EOF\n", "")) != []
    assert faults_in(said.replace("} 5\n", "} 5 1795255200\n", 1)) != []


def test_both_formats_have_the_same_series() -> None:
    found = families(observed(HERE), observed(NS1), down(NS2))
    series = [
        [line for line in write(found).splitlines() if not line.startswith("#")] for write in (openmetrics, prometheus)
    ]
    assert series[0] == series[1]
    assert len(series[0]) > len(CATALOGUES) * 80


def test_text_with_quotes_is_escaped_as_each_format_wants() -> None:
    odd = [Family("a", "gauge", 'a "b"\\', [Series({"target": 'x"\n\\'}, 1)])]
    assert openmetrics(odd) == '# TYPE a gauge\n# HELP a a \\"b\\"\\\\\na{target="x\\"\\n\\\\"} 1\n# EOF\n'
    assert prometheus(odd) == '# HELP a a "b"\\\\\n# TYPE a gauge\na{target="x\\"\\n\\\\"} 1\n'


# promtool


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip(
            "promtool is missing: nobody but ourselves has looked at the exposition (apt-get install prometheus)"
        )
    return found


@pytest.fixture(scope="module")
def expositions(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What the command prints of this kernel, an appliance, and a target that is not there, in both formats."""
    home = tmp_path_factory.mktemp("home")
    with running("demo") as simulation:
        hosts = ["--host", "local", "--host", "local:no-such-namespace", *at(simulation.appliances["ns1"])]
        said = {}
        for form in ("openmetrics", "prometheus"):
            done = subprocess.run(
                mptcp_top("stat", f"--{form}", *hosts),
                check=False,
                capture_output=True,
                text=True,
                env=environment(home),
                timeout=60,
            )
            assert (done.returncode, done.stderr) == (1, "")
            said[form] = done.stdout
    return said


def test_the_command_prints_what_the_strict_parser_takes(expositions: Mapping[str, str]) -> None:
    found = parsed(expositions["openmetrics"])
    assert faults_in(expositions["openmetrics"]) == []
    assert sorted(sample.value for sample in found["mptcp_top_up"].samples) == [0, 1, 1]
    assert len(found["mptcp_join_unknown_token"].samples) == 2


def test_promtool_has_nothing_to_say_of_the_text_format(promtool: str, expositions: Mapping[str, str]) -> None:
    done = subprocess.run(
        [promtool, "check", "metrics"], check=False, input=expositions["prometheus"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_prometheus_s_own_parser_of_openmetrics_takes_every_sample(
    promtool: str, expositions: Mapping[str, str], tmp_path: Path
) -> None:
    """``promtool check metrics`` knows the older format alone; this is the parser that a scrape goes through."""
    said = expositions["openmetrics"]
    stamped, samples = re.subn(r"^([a-z].*)$", rf"\1 {STAMP}", said, flags=re.MULTILINE)
    (tmp_path / "said.om").write_text(stamped, encoding="utf-8")
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", "said.om", "blocks"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(rf"\s{samples}\s", done.stdout), done.stdout
