"""``explain`` as a user types it: by any name, as prose, as a list, for programs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of
from tests.terminal import Terminal, mptcp_top

ENTRIES = [entry for source in CATALOGUES for entry in catalogue_of(source).entries.values()]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    inside = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    command = mptcp_top("explain", *arguments)
    return subprocess.run(command, check=False, capture_output=True, text=True, env=inside, timeout=60)


def objects(*arguments: str) -> list[dict[str, Any]]:
    done = run("--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def names(*arguments: str) -> set[str]:
    return {found["name"] for found in objects("--list", *arguments)}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("MPFailRx", {"MPFailRx"}),
        ("mpfailrx", {"MPFailRx"}),
        ("MPTcpExtMPFailRx", {"MPFailRx"}),
        ("TokenEr", {"mptcperrunknowntoken"}),
        ("unknown token", {"MPJoinNoTokenFound", "mptcperrunknowntoken"}),
        ("join_syn_rx", {"MPJoinSynRx", "mptcptotmpjoinsyn"}),
        ("MPFastclose*", {"MPFastcloseTx", "MPFastcloseRx"}),
        ("AddrIdEr", {"mptcperraddridexist"}),
    ],
)
def test_a_counter_is_found_by_any_of_its_names(word: str, meant: set[str]) -> None:
    assert names(word) >= meant


def test_a_panel_means_its_counters_and_that_of_errors_all_whose_rise_is_bad_news() -> None:
    assert names("MP_JOIN") == {entry.metric.name for entry in ENTRIES if entry.metric.group == "MP_JOIN"}
    assert names("errors") >= {entry.metric.name for entry in ENTRIES if entry.metric.flagged}
    prose = run("MP_JOIN").stdout
    assert all(f"\n{name}\n" in f"\n{prose}" or f"\n{name} (also " in f"\n{prose}" for name in names("MP_JOIN"))


def test_two_names_that_differ_by_case_only_are_two_counters() -> None:
    assert names("AddrIdEr").isdisjoint(names("addridEr"))


def test_programs_get_every_fact_of_every_counter() -> None:
    told = {(found["source"], found["name"]): found for found in objects()}
    assert len(told) == len(ENTRIES)
    for source in CATALOGUES:
        for name, entry in catalogue_of(source).entries.items():
            found = told[source, name]
            assert found["schema"] == 1
            assert found["aliases"] == list(entry.aliases)
            for fact in ("meaning", "on_rise", "phase", "direction", "since", "until"):
                assert found[fact] == getattr(entry, fact)
            for fact in ("check_next", "related", "notes"):
                assert found[fact] == list(getattr(entry, fact))
            for fact in ("label", "group", "kind", "severity", "unit", "flag_above", "net_of", "ambiguous"):
                assert found[fact] == getattr(entry.metric, fact)
            assert [change["note"] for change in found["changes"]] == [change.note for change in entry.changes]


def test_a_counter_without_a_name_has_the_same_keys_with_nothing_in_them() -> None:
    (unnamed,) = objects("DSSa")
    assert set(unnamed) == set(objects("MPFailRx")[0])
    assert (unnamed["name"], unnamed["severity"], unnamed["aliases"]) == (None, None, ["DSSa"])
    assert "–" in run("--list", "DSSa").stdout


def test_the_list_has_the_same_for_people_and_for_programs() -> None:
    rows = run("--list").stdout.splitlines()
    listed = objects("--list")
    assert rows[0].split() == ["name", "severity", "panel", "source", "label"]
    assert len(rows) == len(listed) + 1
    for row, found in zip(rows[1:], listed, strict=True):
        assert row.split()[:4] == [found["name"], found["severity"], found["group"], found["source"]]
        assert row.endswith(f"  {found['label']}")


def test_a_list_on_a_terminal_breaks_no_line() -> None:
    with Terminal(mptcp_top("explain", "--list", "MP_JOIN"), (70, 60)) as terminal:
        assert terminal.wait_for_end() == 0
        rows = [row for row in terminal.text.splitlines() if row]
    assert len(rows) == len(names("MP_JOIN")) + 1


@pytest.mark.parametrize(
    ("word", "guess"),
    [("TokenErr", "TokenEr"), ("MP_JION", "MP_JOIN"), ("termnation", "termination"), ("mptcptotmpcapsin", "capsyn")],
)
def test_a_name_that_is_almost_one_is_told_what_it_may_be(word: str, guess: str) -> None:
    done = run(word)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"'{word}': did you mean" in done.stderr
    assert guess in done.stderr


@pytest.mark.parametrize("word", ["zz*", "zz?", "[zx]z"])
def test_a_pattern_that_matches_nothing_is_told_so_and_where_to_look(word: str) -> None:
    done = run(word)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"mptcp-top: no counter matches {word!r} (to see them all: mptcp-top explain --list)\n"


def test_nothing_is_printed_of_the_others_if_one_name_means_nothing() -> None:
    done = run("MPFailRx", "no\x1bsuch")
    assert (done.returncode, done.stdout) == (2, "")
    assert "\x1b" not in done.stderr


def test_to_explain_imports_no_screens_and_no_client() -> None:
    script = (
        "import sys\nfrom mptcp_top.cli.main import main\nmain(['explain', '--json', '--list'])\n"
        "print([name for name in ('textual', 'rich', 'aiohttp', 'asyncio') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stderr.strip() == "[]"
