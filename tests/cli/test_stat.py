"""``stat`` and ``explain`` as a user types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.nitro.appliances import PASSWORD, at, running
from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from pathlib import Path

NEVER_IMPORTED = ("textual", "rich", "aiohttp", "plotext")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        mptcp_top(*arguments),
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment},
        timeout=60,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        *([["stat", *more] for more in (["--json"], ["--csv"], ["--openmetrics"], ["--since-last", "--no-update"])]),
        ["stat", "--host", "local", "--host", "local:/proc/self/ns/net"],
        ["stat"],
        ["explain", "MPRstTx"],
        ["--version"],
    ],
)
def test_headless_commands_start_without_the_screens(arguments: list[str], tmp_path: Path) -> None:
    script = (
        "import sys\nfrom mptcp_top.cli.main import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {NEVER_IMPORTED!r} if name in sys.modules], file=sys.stderr)"
    )
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment)
    assert done.stderr.strip() == "[]"


def test_json_prints_one_object_a_line_and_a_sample() -> None:
    done = run("stat", "--json", "--count", "3", "--interval", "0.1")
    samples = [json.loads(line) for line in done.stdout.splitlines()]
    assert [sample["status"] for sample in samples] == ["ok"] * 3
    first, second = samples[0], samples[1]
    assert set(first) >= {"schema", "target", "source", "status", "error", "taken_at", "elapsed_seconds", "identity"}
    assert first["counted_at"] == first["taken_at"]
    assert first["elapsed_seconds"] is None
    assert {metric["increase"] for metric in first["metrics"].values()} == {None}
    assert 0.05 < second["elapsed_seconds"] < 5
    metric = second["metrics"]["MPCapableSYNRX"]
    assert set(metric) == {"value", "increase", "rate", "rising", "kind", "group", "severity", "label"}
    assert second["metrics"]["MPCurrEstab"]["rate"] is None


def test_a_target_that_cannot_be_read_still_prints_its_line_and_exits_with_1() -> None:
    done = run("stat", "--json", "--host", "local:no-such-namespace", "--host", "local")
    by_target = {sample["target"]: sample for sample in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 1
    assert by_target["local"]["status"] == "ok"
    lost = by_target["local:no-such-namespace"]
    assert lost["status"] == "unreachable"
    assert lost["error"] == "there is no network namespace no-such-namespace"
    assert lost["metrics"] == {}


def test_a_pattern_selects_by_name_label_alias_and_panel() -> None:
    assert run("stat", "MPRstTx").stdout.count("MPRstTx") == 1
    assert "MPJoinNoTokenFound" in run("stat", "unknown token").stdout
    assert "AddAddr " in run("stat", "AddAddrRx").stdout  # its name in the out-of-tree kernel
    joins = json.loads(run("stat", "--json", "MP_JOIN").stdout)["metrics"]
    assert {metric["group"] for metric in joins.values()} == {"MP_JOIN"}
    assert len(json.loads(run("stat", "--json", "MPRst*", "MPFast*").stdout)["metrics"]) == 4


def test_a_counter_nobody_knows_is_an_error_with_the_nearest_names() -> None:
    done = run("stat", "MPJoinNoTokenFond")
    assert done.returncode == 2
    assert "did you mean MPJoinNoTokenFound" in done.stderr
    assert run("explain", "MPJoinNoTokenFond").returncode == 2


def test_an_appliance_s_counter_is_no_mistake_on_a_kernel_that_lacks_it() -> None:
    done = run("stat", "TokenEr")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith("local  Linux")
    assert "  has no such counter: TokenEr" in done.stdout.splitlines()
    assert json.loads(run("stat", "--json", "TokenEr").stdout)["metrics"] == {}


def test_a_pattern_in_no_catalogue_prints_nothing_but_the_mistake() -> None:
    done = run("stat", "--host", "local", "--host", "local:/proc/self/ns/net", "MPQuantumTx")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mptcp-top: no counter is called 'MPQuantumTx'")


def test_a_pattern_in_no_catalogue_is_left_open_where_nobody_could_be_read() -> None:
    done = run("stat", "--host", "local:no-such-namespace", "MPQuantumTx")
    assert (done.returncode, done.stderr) == (1, "")
    assert "there is no network namespace" in done.stdout


def test_a_mistake_is_told_before_a_password_is_missed_and_an_appliance_asked() -> None:
    done = run("stat", "--host", "ns1.invalid", "--user", "ops", "TokenE")
    assert done.returncode == 2
    assert "did you mean TokenEr" in done.stderr


def test_a_counter_without_a_name_is_told_as_explain_tells_it() -> None:
    done = run("stat", "--host", "ns1.invalid", "FCRcvEr")
    assert (done.returncode, done.stdout) == (2, "")
    assert " ".join(run("explain", "FCRcvEr").stdout.split())[len("FCRcvEr ") :] in done.stderr
    assert "did you mean" not in done.stderr


def test_a_refused_login_prints_its_advice_and_exits_with_1() -> None:
    with running() as simulation:
        box = simulation.appliances["ns1"]
        done = run("stat", *at(box, interval=1.0), MPTCP_TOP_PASSWORD="wrong")
    assert (done.returncode, done.stderr) == (1, "")
    told = done.stdout.splitlines()
    assert told[1].startswith("  auth_failed: ")
    assert "account" in told[2]


def test_a_fleet_is_asked_for_a_counter_that_only_some_have() -> None:
    with running() as simulation:
        box = simulation.appliances["ns1"]
        hosts = ["--host", "local", *at(box, interval=1.0)]
        done = run("stat", *hosts, "TokenEr", MPTCP_TOP_PASSWORD=PASSWORD)
    assert (done.returncode, done.stderr) == (0, "")
    assert "mptcperrunknowntoken" in done.stdout
    assert "  has no such counter: TokenEr" in done.stdout


def test_zeros_are_left_out_unless_asked_for() -> None:
    all_rows = run("stat", "--zeros").stdout
    assert "MD5SigFallback" in all_rows
    assert "MD5SigFallback" not in run("stat").stdout
    assert "are zero" in run("stat").stdout or "all zero" in run("stat").stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--interval", "0"], "give seconds from 0.1 to 3600"),
        (["--interval", "soon"], "not 'soon'"),
        (["--host", "ns1"], "--user"),
        (["--host", "http://ns1"], "--allow-http"),
        (["--host", "ns1/nitro"], "only the host and port"),
        (["--host", "local:../../etc"], "absolute path"),
        (["stat", "--count", "-1"], "0 for no end"),
        (["stat", "--json", "--csv"], "not allowed with argument --json"),
        (["stat", "--openmetrics", "--count", "2"], "print one moment"),
        (["stat", "--prometheus", "--since-last"], "print one moment"),
        (["stat", "--no-update"], "--since-last"),
        (["stat", "--since-last", "--no-update", "--reset"], "drop one of them"),
        (["stat", "--reset", "--count", "3"], "sets the zero once"),
        (["--colour"], "unrecognized"),
        (["frobnicate"], "invalid choice"),
        (["stat", "\x1b]0;x\x07"], "no counter is called '·]0;x·'"),
    ],
)
def test_a_mistake_is_told_in_a_line_and_exits_with_2(arguments: list[str], complaint: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


def test_an_environment_variable_sets_an_option_and_the_flag_wins() -> None:
    lost = run("stat", "--json", MPTCP_TOP_HOST="local:elsewhere")
    assert json.loads(lost.stdout)["target"] == "local:elsewhere"
    won = run("stat", "--json", "--host", "local", MPTCP_TOP_HOST="local:elsewhere")
    assert json.loads(won.stdout)["target"] == "local"
    wrong = run("stat", MPTCP_TOP_INTERVAL="x")
    assert wrong.returncode == 2
    assert "MPTCP_TOP_INTERVAL: give seconds" in wrong.stderr


def test_options_before_the_command_count_too() -> None:
    done = run("--host", "local:elsewhere", "stat", "--json")
    assert json.loads(done.stdout)["target"] == "local:elsewhere"


def test_a_reader_that_has_seen_enough_ends_it_without_a_word() -> None:
    command = " ".join(mptcp_top("stat", "--json", "--count", "50", "--interval", "0.1"))
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1"],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_a_locale_without_utf8_is_no_reason_to_crash() -> None:
    done = subprocess.run(
        mptcp_top("stat", "--count", "2", "--interval", "0.1", "--zeros"),
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    )
    assert b"MPCurrEstab" in done.stdout


def test_a_full_disk_is_told_in_a_line() -> None:
    for command in (["stat", "--zeros"], ["explain"], ["--version"], ["check", "--help"]):
        line = " ".join(mptcp_top(*command))
        done = subprocess.run(["bash", "-c", f"{line} >/dev/full"], check=False, capture_output=True, text=True)
        assert done.returncode == 2
        assert "No space left" in done.stderr
        assert "Traceback" not in done.stderr


def test_no_target_in_the_variable_is_a_mistake() -> None:
    done = run("stat", MPTCP_TOP_HOST=" , ")
    assert done.returncode == 2
    assert "at least one target" in done.stderr


def test_errors_as_a_pattern_means_the_errors_panel() -> None:
    found = json.loads(run("stat", "--json", "errors").stdout)["metrics"]
    assert {"MPJoinNoTokenFound", "DataCsumErr", "MPFailTx"} <= set(found)


def test_the_first_sample_does_not_know_whether_anything_rises() -> None:
    first = json.loads(run("stat", "--json").stdout.splitlines()[0])
    assert {metric["rising"] for metric in first["metrics"].values()} == {None}


def test_explain_lists_every_counter_once() -> None:
    listed = [line.split()[0] for line in run("explain").stdout.splitlines() if line.startswith("  ")]
    assert len(listed) == len(set(listed)) == 88 + 81


def test_explain_takes_globs_and_ignores_case() -> None:
    said = run("explain", "mprst*").stdout
    assert "MPRstTx" in said
    assert "MPRstRx" in said
    assert said.count("A rise means") == 2
