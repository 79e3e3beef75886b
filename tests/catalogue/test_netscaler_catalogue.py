"""The NetScaler catalogue file: complete, unambiguous, and judged by what the counters count, not by their names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mptcp_top.catalogue import catalogue
from mptcp_top.catalogue.catalogue import linux
from mptcp_top.catalogue.entry import Entry, entry_of
from mptcp_top.model import Group, Kind, Severity

FILE: dict[str, Any] = json.loads(Path(catalogue.__file__).with_name("netscaler.json").read_text(encoding="utf-8"))
RAW: list[dict[str, Any]] = FILE["entries"]
ENTRIES: dict[str, Entry] = {raw["name"]: entry_of(raw) for raw in RAW}

NAMES = re.findall(
    r"\w+",
    """
    mptcpcurmpcapablesessions mptcpcurv1mpcapablesessions mptcpcursfconnections mptcpcurpendingjoin
    mptcpcursesswithoutsfs mptcptotmpcapsession mptcptotv1mpcapsession mptcptotsfconn mptcptotmpcapsyn
    mptcptotv1mpcapsyn mptcptotmpcapsteered mptcptotmpcapsynacksent mptcptotmpcapfackrecvd mptcptotconnest
    mptcperrversionnotsupported mptcperrcryptonotsupported mptcperrextnflagset mptcperrresflagset
    mptcperrinvalcookie mptcperrv1datarecvdpriortokey mptcptotmpjoinsyn mptcptotmpjoinsteered
    mptcptotmpjoinsynacksent mptcptotmpjoinfackrecvd mptcptotmpjoin4thacksent mptcptotestsfreplaced
    mptcptotpendsfreplaced mptcperrunknowntoken mptcperrinvalmac mptcperrmaxsf mptcperrjointhreshold
    mptcperrjoinafterfallback mptcperraddridexist mptcperraddrid0 mptcptotaddrremoved mptcppriobackuprx
    mptcpprioclearbackuprx mptcperrinvalremaddr mptcperrremaddrself mptcptotdss mptcptotrxdss mptcptottxdss
    mptcptotdssa mptcptotdssm mptcptotdssfreshack mptcptotfreshackfrwd mptcptotdatalessthandatalen
    mptcperrretxpktrcvd mptcperrdupmaprecvd mptcperrnomappktrcvd mptcptotmoredatarcvd mptcperrinvalidsfn
    mptcperrmapexists mptcperrbadmapconndrop mptcperrbadcksum mptcptotinfinitemapfrwd mptcpinfinitemaprecvd
    mptcpplainackfallback mptcpplainackrst mptcptottxdatafin mptcptotrxdatafin mptcptottxsffin
    mptcperrdatafinpassive mptcperrfastclose mptcperrfastclosepassive mptcperrfastclosekey mptcpmpfailsent
    mptcpmpfailrecvd mptcperroptssendrst mptcperrinvalopts mptcperroptiondiscarded mptcperroptsnosession
    mptcperrnopayloadlenpkt mptcperrunsupportedmssnegotiated mptcperrrssffail mptcperrnosffreensb
    mptcperrmpcapsessionallocfail mptcptotmpcballocfailed mptcptotmpcapsfpcballoc mptcperrsfsessionallocfail
    mptcperrnsballocfailed
    """,
)
GAUGES = {
    "mptcpcurmpcapablesessions",
    "mptcpcurv1mpcapablesessions",
    "mptcpcursfconnections",
    "mptcpcurpendingjoin",
    "mptcpcursesswithoutsfs",
}
NEW_IN_14_1 = {
    "mptcptotv1mpcapsession",
    "mptcpcurv1mpcapablesessions",
    "mptcptotv1mpcapsyn",
    "mptcperrv1datarecvdpriortokey",
}
AMBIGUOUS = {
    "mptcptotdssa": {"DSSA", "DSSa"},
    "mptcptotdssm": {"SeqMapM", "SeqMapm"},
    "mptcperrfastclose": {"FCSentEr", "FCRcvEr"},
}
BENIGN = (
    "mptcperrfastclose",
    "mptcperrfastclosepassive",
    "mptcperrdatafinpassive",
    "mptcperrretxpktrcvd",
    "mptcperrdupmaprecvd",
    "mptcperrjoinafterfallback",
    "mptcperraddrid0",
    "mptcperraddridexist",
    "mptcperrversionnotsupported",
    "mptcperrcryptonotsupported",
    "mptcperrextnflagset",
    "mptcperrresflagset",
)
ERRORS_WITHOUT_ERR = {
    "mptcpplainackrst": Severity.ERROR,
    "mptcpplainackfallback": Severity.WARNING,
    "mptcpinfinitemaprecvd": Severity.WARNING,
    "mptcptotinfinitemapfrwd": Severity.WARNING,
    "mptcpmpfailsent": Severity.ERROR,
    "mptcpmpfailrecvd": Severity.ERROR,
    "mptcptotmoredatarcvd": Severity.WARNING,
    "mptcptotmpcapsfpcballoc": Severity.ERROR,
    "mptcptotmpcballocfailed": Severity.ERROR,
}
LINUX_SISTERS = {
    "mptcpcurmpcapablesessions": "MPCurrEstab",
    "mptcptotmpcapsyn": "MPCapableSYNRX",
    "mptcptotmpcapfackrecvd": "MPCapableACKRX",
    "mptcptotmpjoinsyn": "MPJoinSynRx",
    "mptcptotmpjoin4thacksent": "MPJoinAckRx",
    "mptcperrunknowntoken": "MPJoinNoTokenFound",
    "mptcperrinvalmac": "MPJoinAckHMacFailure",
    "mptcperrmaxsf": "MPJoinRejected",
    "mptcptotaddrremoved": "RmAddr",
    "mptcperrretxpktrcvd": "DuplicateData",
    "mptcperrbadcksum": "DataCsumErr",
    "mptcptotinfinitemapfrwd": "InfiniteMapRx",
    "mptcpmpfailsent": "MPFailTx",
    "mptcpmpfailrecvd": "MPFailRx",
}


def concepts() -> dict[str, str]:
    """Name of the counter behind each concept."""
    return {entry.metric.concept: name for name, entry in ENTRIES.items() if entry.metric.concept}


def prose(raw: dict[str, Any]) -> list[str]:
    """Every sentence of an entry that people read."""
    return [raw["meaning"], raw["on_rise"], *raw["check_next"], *raw["notes"]]


def test_the_catalogue_names_exactly_the_81_fields_of_nitro() -> None:
    assert FILE["source"] == "netscaler"
    assert len(NAMES) == 81
    assert [raw["name"] for raw in RAW] == NAMES


def test_five_are_gauges_and_76_are_counters() -> None:
    assert {name for name, entry in ENTRIES.items() if entry.metric.kind is Kind.GAUGE} == GAUGES
    assert sum(entry.metric.kind is Kind.COUNTER for entry in ENTRIES.values()) == 76


def test_an_entry_has_the_keys_of_a_linux_entry_in_their_order() -> None:
    path = Path(catalogue.__file__).with_name("linux.json")
    expected = list(json.loads(path.read_text(encoding="utf-8"))["entries"][0])
    assert all([key for key in raw if key != "ambiguous"] == expected for raw in RAW)


def test_no_two_counters_share_a_name_or_an_alias() -> None:
    names = [name for entry in ENTRIES.values() for name in entry.names]
    assert len(names) == len(set(names))


def test_aliases_that_differ_only_by_case_stay_apart() -> None:
    assert ENTRIES["mptcperraddridexist"].aliases == ("AddrIdEr",)
    assert ENTRIES["mptcperraddrid0"].aliases == ("addridEr",)


def test_only_the_four_old_gauges_have_no_alias() -> None:
    without = {name for name, entry in ENTRIES.items() if not entry.aliases}
    assert without == GAUGES - NEW_IN_14_1


def test_no_two_counters_of_a_panel_share_a_label() -> None:
    labels = [(entry.metric.group, entry.metric.label) for entry in ENTRIES.values()]
    assert len(labels) == len(set(labels))


def test_labels_and_hints_fit_their_columns() -> None:
    assert [raw["label"] for raw in RAW if not 0 < len(raw["label"]) <= 26] == []
    assert [raw["hint"] for raw in RAW if len(raw["hint"]) > 36] == []


def test_the_panels_come_in_reading_order() -> None:
    order = list(Group)
    places = [order.index(entry.metric.group) for entry in ENTRIES.values()]
    assert places == sorted(places)


def test_related_counters_exist_and_are_others() -> None:
    for name, entry in ENTRIES.items():
        assert entry.related, name
        assert set(entry.related) <= ENTRIES.keys() - {name}, name


def test_every_counter_named_in_a_text_exists() -> None:
    for raw in RAW:
        for word in re.findall(r"\bmptcp[a-z0-9]+\b", " ".join(prose(raw))):
            assert word in ENTRIES, (raw["name"], word)


def test_every_entry_says_what_it_is_what_a_rise_means_and_what_to_do() -> None:
    for name, entry in ENTRIES.items():
        assert entry.meaning.endswith("."), name
        assert entry.on_rise.endswith("."), name
        assert 1 <= len(entry.check_next) <= 3, name


def test_no_concept_stands_for_two_counters() -> None:
    named = [entry.metric.concept for entry in ENTRIES.values() if entry.metric.concept]
    assert len(named) == len(set(named)) == 78


def test_a_concept_shared_with_linux_counts_the_same_event_with_the_same_judgement() -> None:
    shared = {metric.concept: metric for entry in linux().entries.values() if (metric := entry.metric).concept}
    found = {name: shared[concept].name for concept, name in concepts().items() if concept in shared}
    assert found == LINUX_SISTERS
    for name, sister in LINUX_SISTERS.items():
        ours, theirs = ENTRIES[name].metric, linux().entries[sister].metric
        assert (ours.kind, ours.severity, ours.group) == (theirs.kind, theirs.severity, theirs.group), name


def test_a_connection_that_became_tcp_is_counted_as_a_fallback_once() -> None:
    fallbacks = {concept: name for concept, name in concepts().items() if concept.startswith("fallback_")}
    assert fallbacks == {
        "fallback_plain_ack": "mptcpplainackfallback",
        "fallback_infinite_map": "mptcpinfinitemaprecvd",
    }


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_name_for_two_counters_has_no_concept_is_not_flagged_and_says_so(name: str) -> None:
    entry = ENTRIES[name]
    assert entry.metric.concept == ""
    assert not entry.metric.flagged
    assert entry.metric.hint == "one of two counters"
    assert any(AMBIGUOUS[name] <= set(re.findall(r"\w+", note)) and "either" in note for note in entry.notes)


def test_only_names_for_two_counters_have_no_concept() -> None:
    assert {name for name, entry in ENTRIES.items() if not entry.metric.concept} == AMBIGUOUS.keys()


@pytest.mark.parametrize("name", BENIGN)
def test_an_err_that_is_no_error_is_not_flagged(name: str) -> None:
    assert not ENTRIES[name].metric.flagged


def test_every_other_err_is_flagged() -> None:
    errors = {name for name in ENTRIES if name.startswith("mptcperr")} - set(BENIGN)
    assert {name for name in errors if not ENTRIES[name].metric.flagged} == set()


@pytest.mark.parametrize("name", ERRORS_WITHOUT_ERR)
def test_an_error_without_err_in_its_name_is_flagged(name: str) -> None:
    assert ENTRIES[name].metric.severity is ERRORS_WITHOUT_ERR[name]
    assert ENTRIES[name].metric.flagged


def test_nothing_else_is_flagged() -> None:
    flagged = {name for name, entry in ENTRIES.items() if entry.metric.flagged}
    others = {name for name in flagged if not name.startswith("mptcperr")}
    assert others == ERRORS_WITHOUT_ERR.keys()


def test_every_lack_of_memory_is_an_error() -> None:
    memory = [entry for entry in ENTRIES.values() if entry.metric.group is Group.MEMORY]
    assert len(memory) == 5
    assert all(entry.metric.severity is Severity.ERROR for entry in memory)


def test_what_may_be_an_attack_is_a_matter_of_security() -> None:
    assert {name for name, entry in ENTRIES.items() if entry.metric.severity is Severity.SECURITY} == {
        "mptcperrinvalcookie",
        "mptcperrunknowntoken",
        "mptcperrinvalmac",
        "mptcperrfastclosekey",
    }


def test_what_is_flagged_has_a_hint_and_nothing_else_but_the_ambiguous() -> None:
    hinted = {name for name, entry in ENTRIES.items() if entry.metric.hint}
    assert hinted == {name for name, entry in ENTRIES.items() if entry.metric.flagged} | AMBIGUOUS.keys()


def test_no_command_clears_or_changes_anything() -> None:
    for raw in RAW:
        assert "clearstats" not in json.dumps(raw)
        for command in raw["check_next"]:
            allowed = ("stat ", "show ", "start nstrace ", "shell nsconmsg -K ", "compare ")
            assert command.startswith(allowed), (raw["name"], command)


def test_version_1_counters_are_known_from_14_1_on_and_may_be_older() -> None:
    assert {name for name, entry in ENTRIES.items() if entry.since == "14.1"} == NEW_IN_14_1
    assert {entry.since for entry in ENTRIES.values()} == {"12.1", "14.1"}
    assert all("13.x" in " ".join(ENTRIES[name].notes) for name in NEW_IN_14_1)


def test_the_three_counters_without_a_name_of_their_own_are_no_entries() -> None:
    unnamed = {raw["alias"]: raw["shares"] for raw in FILE["unnamed"]}
    assert unnamed == {"DSSa": "mptcptotdssa", "SeqMapm": "mptcptotdssm", "FCRcvEr": "mptcperrfastclose"}
    known = {name for entry in ENTRIES.values() for name in entry.names}
    assert known.isdisjoint(unnamed)
    assert AMBIGUOUS.keys() == set(unnamed.values())
    for raw in FILE["unnamed"]:
        assert list(raw) == ["alias", "label", "shares", "says"]
        assert "stat protocol mptcp -detail" in raw["says"]
        assert "clearstats" not in raw["says"]
