"""What a pattern of ``stat`` means to a target, and what it does not."""

from __future__ import annotations

import pytest

from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.cli.selection import Selection, lacks
from mptcp_top.cli.stat.records import as_object
from mptcp_top.cli.stat.table import Page, table_of
from mptcp_top.cli.stat.told import told_of
from mptcp_top.errors import SettingsError
from mptcp_top.model import Failure, Identity, Observation, Status, Target

KERNEL, APPLIANCE = Target("here", "linux"), Target("ns1", "netscaler")


def observed(target: Target, *names: str, value: int = 5, failure: Failure | None = None) -> Observation:
    source = catalogue_of(target.source)
    layout = source.layout(names or source.entries)
    size = len(layout.metrics)
    return Observation(
        *(target, layout, (value,) * size, (None,) * size, None),
        monotonic=1000.0,
        wall=1_795_255_200.0,
        values_monotonic=None if failure else 995.5,
        latency_seconds=0.01,
        rising={},
        identity=Identity("box", "A product"),
        failure=failure,
    )


def names(observation: Observation, *patterns: str) -> list[str]:
    return [metric.name for _, metric in Selection(patterns).metrics(observation)]


def test_a_counter_spelt_exactly_is_that_one_and_not_its_namesake_in_another_case() -> None:
    assert names(observed(APPLIANCE), "AddrIdEr") == ["mptcperraddridexist"]
    assert names(observed(APPLIANCE), "addridEr") == ["mptcperraddrid0"]
    assert set(names(observed(APPLIANCE), "ADDRIDER")) == {"mptcperraddridexist", "mptcperraddrid0"}


def test_a_counter_spelt_exactly_that_a_target_lacks_is_not_replaced_by_its_namesake() -> None:
    assert names(observed(APPLIANCE, "mptcperraddrid0"), "AddrIdEr") == []


def test_a_panel_spelt_exactly_is_the_panel() -> None:
    panel = names(observed(KERNEL), "MP_JOIN")
    assert "MPJoinSynRx" in panel
    assert panel == names(observed(KERNEL), "mp_join")


def test_an_unnamed_counter_is_none_of_those_that_are_spelt_alike() -> None:
    assert names(observed(APPLIANCE), "DSSa") == []
    assert names(observed(APPLIANCE), "DSSA") == ["mptcptotdssa"]


def test_a_target_without_the_counter_says_so_and_has_no_metrics() -> None:
    selection = Selection(("TokenEr",))
    lines = table_of(told_of(observed(KERNEL), None), selection, Page())
    assert lines[0].startswith("here  A product")
    assert lines[1:] == ["  has no such counter: TokenEr"]
    told = as_object(told_of(observed(KERNEL), None), selection)
    assert (told["status"], told["error"], told["metrics"]) == ("ok", None, {})
    assert list(as_object(told_of(observed(APPLIANCE), None), selection)["metrics"]) == ["mptcperrunknowntoken"]


def test_a_counter_of_a_newer_kernel_says_what_it_came_with() -> None:
    entry = next(entry for entry in catalogue_of("linux").entries.values() if entry.since)
    said = lacks(entry.metric.name, "linux")
    assert said.startswith(f"has no such counter: {entry.metric.name} ")
    assert f"came with {entry.system} {entry.since}" in said


@pytest.mark.parametrize("name", ["DSSa", "FCRcvEr", "SeqMapm"])
def test_an_unnamed_counter_is_refused_with_what_explain_says(name: str) -> None:
    (says,) = (one.says for one in catalogue_of("netscaler").unnamed if one.alias == name)
    assert lacks(name, "netscaler") == f"{name}: {says}"
    with pytest.raises(SettingsError) as raised:
        Selection((name,)).refuse_mistakes(["netscaler"])
    assert str(raised.value) == f"{name}: {says}"


def test_a_name_that_fits_no_catalogue_is_refused_before_an_appliance_is_asked() -> None:
    with pytest.raises(SettingsError, match="no counter is called 'TokenE': did you mean TokenEr"):
        Selection(("MPRstTx", "TokenE")).refuse_mistakes(["netscaler"])
    Selection(("TokenEr", "MPRstTx", "mp_join", "unknown token", "*")).refuse_mistakes(["netscaler", "linux"])


def test_a_counter_newer_than_the_catalogue_is_left_for_the_target_to_know() -> None:
    for pattern, target in (("MPQuantumTx", KERNEL), ("mptcptotquantum", APPLIANCE)):
        selection = Selection((pattern,))
        selection.refuse_mistakes([target.source])
        assert selection.uncatalogued() == (pattern,)
        assert names(observed(target, pattern), pattern) == [pattern]


def test_when_the_numbers_were_counted_is_told_beside_when_they_were_read() -> None:
    told = as_object(told_of(observed(APPLIANCE), None), Selection())
    assert (told["taken_at"], told["counted_at"]) == ("2026-11-21T10:00:00.000Z", "2026-11-21T09:59:55.500Z")
    assert list(told).index("counted_at") == list(told).index("taken_at") + 1
    failure = Failure(APPLIANCE, Status.UNREACHABLE, "no route", 1000.0, 1_795_255_200.0)
    assert as_object(told_of(observed(APPLIANCE, failure=failure), None), Selection())["counted_at"] is None


def test_a_counter_that_may_be_either_of_two_is_marked_and_no_other_is() -> None:
    metrics = as_object(told_of(observed(APPLIANCE), None), Selection())["metrics"]
    ambiguous = {entry.metric.name for entry in catalogue_of("netscaler").entries.values() if entry.metric.ambiguous}
    assert {name for name, metric in metrics.items() if metric.get("ambiguous")} == ambiguous
    assert all("ambiguous" not in metric for name, metric in metrics.items() if name not in ambiguous)
