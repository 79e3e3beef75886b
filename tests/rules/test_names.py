"""What names mean: one thing, wherever they mean anything."""

from __future__ import annotations

from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of
from mptcp_top.model import Kind
from mptcp_top.rules.names import Sort, metric_of, nearest_names, sort_of
from tests.feed import LINUX_6_18, NETSCALER

ENTRIES = [entry for source in CATALOGUES for entry in catalogue_of(source).entries.values()]


def test_every_name_of_the_catalogue_is_a_counter_or_a_level_as_its_owner_has_it() -> None:
    for entry in ENTRIES:
        sort = Sort.LEVEL if entry.metric.kind is Kind.GAUGE else Sort.COUNTER
        for name in (*entry.names, *([entry.metric.concept] if entry.metric.concept else [])):
            assert sort_of(name) is sort, name


def test_every_counter_of_a_source_is_found_there_by_all_its_names() -> None:
    for layout in (LINUX_6_18, NETSCALER):
        for entry in ENTRIES:
            if entry.metric.name in layout.index:
                found = {metric_of(layout, name) for name in (*entry.names, entry.metric.concept) if name}
                assert {metric.name for metric in found if metric} == {entry.metric.name}


def test_aliases_that_differ_by_case_only_are_two() -> None:
    found = [metric_of(NETSCALER, name) for name in ("AddrIdEr", "addridEr", "AddrIDEr")]
    assert [metric.name if metric else None for metric in found] == ["mptcperraddridexist", "mptcperraddrid0", None]


def test_the_nearest_name_is_found_whatever_its_case() -> None:
    assert nearest_names("MPTCPERRUNKNOWNTOKENS")[0] == "mptcperrunknowntoken"
    assert nearest_names("session")[0] == "sessions"
    assert nearest_names("\x1b") == []
