"""Where ``--since-last`` remembers the last call: files of one user, safe from others and from calls beside it."""

from __future__ import annotations

import csv
import json
import os
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.stat.last_calls import told_since, zeros_after
from mptcp_top.cli.stat.zero_files import ZeroFiles, name_of
from mptcp_top.errors import SettingsError
from mptcp_top.model import Target
from tests.cli.test_stat_last_calls import EACH, HERE, NS1, at, seen, zeros
from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path) -> ZeroFiles:
    return ZeroFiles({"XDG_STATE_HOME": str(tmp_path)})


def folder(tmp_path: Path) -> Path:
    return tmp_path / "mptcp-top/stat"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_is_for_nobody_else(files: ZeroFiles, tmp_path: Path) -> None:
    files.write(NS1, zeros(5, 6, 7))
    assert files.read(NS1) == zeros(5, 6, 7)
    assert mode(folder(tmp_path)) == 0o700
    assert {path.name: mode(path) for path in folder(tmp_path).iterdir()} == {"ns1.json": 0o600, "lock": 0o600}


def test_targets_have_files_of_their_own_whatever_they_are_called(files: ZeroFiles) -> None:
    names = ["a/b", "a%2fb", "../..", "lock", "x" * 5000, "x" * 5001, "ü", "·"]
    for number, name in enumerate(names):
        files.write(Target(name, "linux"), zeros(number, 0, 0))
    for number, name in enumerate(names):
        assert files.read(Target(name, "linux")) == zeros(number, 0, 0)
    assert all(len(name_of(name)) < 200 for name in names)


def test_another_address_under_the_same_name_has_no_last_call(files: ZeroFiles) -> None:
    files.write(NS1, zeros(5, 6, 7))
    assert files.read(NS1._replace(address="https://another")) is None


def make_a_link(path: Path) -> None:
    path.symlink_to("elsewhere")


def make_others_write(path: Path) -> None:
    path.touch()
    path.chmod(0o666)


def make_a_second_name(path: Path) -> None:
    path.touch(0o600)
    path.with_name("another").hardlink_to(path)


def make_a_folder(path: Path) -> None:
    path.mkdir()


def make_nonsense(path: Path) -> None:
    path.touch(0o600)
    path.write_text(
        '{"schema": 1, "target": ["ns1", "netscaler", "https://ns1"], "counters": {"a": [1, 9]}, "stamps": []}'
    )


ANEW = "; to begin anew: mptcp-top stat --reset --host ns1"
SPOILT: dict[Callable[[Path], None], str] = {
    make_a_link: f"it is a symbolic link{ANEW}",
    make_others_write: f"others than you may write it{ANEW}",
    make_a_second_name: f"others than you may write it{ANEW}",
    make_a_folder: "it is a folder: remove it",
    make_nonsense: f"it is not what mptcp-top wrote{ANEW}",
}


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
def test_a_file_that_is_not_ours_is_an_error_and_not_a_zero(
    files: ZeroFiles, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(folder(tmp_path) / "ns1.json")
    with pytest.raises(SettingsError, match=f"ns1.json: {SPOILT[spoil]}$"):
        files.read(NS1)


def test_a_link_is_replaced_and_not_followed(files: ZeroFiles, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name in ("ns1.json", "ns1.json.new"):
        (folder(tmp_path) / name).symlink_to(victim)
    files.write(NS1, zeros(5, 6, 7))
    assert victim.read_text() == "precious"
    assert files.read(NS1) == zeros(5, 6, 7)


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "mptcp-top").symlink_to(elsewhere)
    with pytest.raises(SettingsError, match="mptcp-top/stat: "):
        ZeroFiles({"XDG_STATE_HOME": str(tmp_path)})
    assert list(elsewhere.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody whose home is another's")
def test_root_leaves_no_files_in_the_home_of_who_became_root(tmp_path: Path) -> None:
    home = tmp_path / "ann"
    home.mkdir()
    os.chown(home, 1000, 1000)
    with pytest.raises(SettingsError, match="belongs to user 1000: with sudo, give XDG_STATE_HOME="):
        ZeroFiles({"HOME": str(home)})
    assert list(home.iterdir()) == []


def test_calls_at_the_same_time_tell_each_growth_once(tmp_path: Path) -> None:
    """Eight calls over and over, each with files opened by itself; what they tell adds up to what there was."""
    counter, clock, taking = [0], [0.0], Lock()
    ZeroFiles({"XDG_STATE_HOME": str(tmp_path)}).write(HERE, zeros(0, 0, 0))

    def call(_: int) -> int:
        files = ZeroFiles({"XDG_STATE_HOME": str(tmp_path)})
        with taking:  # the sample is taken before the lock of the files
            counter[0] += 7
            clock[0] += 0.001
            observation, now = seen(counter[0], 6, 7), at(clock[0])
        with files.held():
            before = files.read(HERE)
            told = told_since(observation, before, now, 64, EACH)
            new = zeros_after(told, before, EACH, now)
            if new is not None:
                files.write(HERE, new)
        return told.observation.increases[0] or 0

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(call, range(200)))
    assert sum(told) == counter[0] == 1400


# The command


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_STATE_HOME": str(home)}
    return subprocess.run(
        mptcp_top("stat", *arguments), check=False, capture_output=True, text=True, env=environment, timeout=60
    )


def test_the_first_call_says_that_it_is_and_the_second_since_when(tmp_path: Path) -> None:
    assert "there was no call before: these are totals" in run(tmp_path, "--since-last").stdout
    assert "since the last call, " in run(tmp_path, "--since-last").stdout
    first, second = (json.loads(run(tmp_path, "--since-last", "--json", *more).stdout) for more in (["--reset"], []))
    assert first["since"] is None
    assert second["since"] == first["taken_at"]
    assert "since" not in json.loads(run(tmp_path, "--json").stdout)


def test_a_call_that_is_not_since_the_last_leaves_no_trace(tmp_path: Path) -> None:
    run(tmp_path, "--json")
    run(tmp_path, "--count", "2", "--interval", "0.1", "--changed")
    assert list(tmp_path.iterdir()) == []


def test_no_update_leaves_the_zero_where_it_is(tmp_path: Path) -> None:
    run(tmp_path, "--reset")
    before = (folder(tmp_path) / "local.json").read_text()
    assert run(tmp_path, "--since-last", "--no-update").returncode == 0
    assert (folder(tmp_path) / "local.json").read_text() == before


def test_reset_prints_nothing_and_mends_a_file_that_is_spoilt(tmp_path: Path) -> None:
    done = run(tmp_path, "--reset")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (folder(tmp_path) / "local.json").write_text("nonsense")
    spoilt = run(tmp_path, "--since-last")
    assert (spoilt.returncode, spoilt.stdout) == (2, "")
    advice = "it is not what mptcp-top wrote; to begin anew: mptcp-top stat --reset --host local\n"
    assert spoilt.stderr == f"mptcp-top: {folder(tmp_path) / 'local.json'}: {advice}"
    assert run(tmp_path, "--reset").returncode == 0
    assert run(tmp_path, "--since-last").returncode == 0


def test_a_file_that_is_spoilt_takes_no_other_target_s_numbers_away(tmp_path: Path) -> None:
    both = ("--host", "local", "--host", "local:/proc/self/ns/net")
    run(tmp_path, "--reset", *both)
    (folder(tmp_path) / "local.json").write_text("nonsense")
    for form in ((), ("--json",), ("--csv",), ("--count", "2", "--interval", "0.1")):
        done = run(tmp_path, "--since-last", *form, *both)
        assert done.returncode == 2
        assert "local:/proc/self/ns/net" in done.stdout
        assert done.stderr.count("\n") == 1
        assert "stat --reset --host local\n" in done.stderr
    assert (folder(tmp_path) / "local.json").read_text() == "nonsense"


def test_calls_for_other_counters_have_times_of_their_own(tmp_path: Path) -> None:
    run(tmp_path, "--since-last")
    run(tmp_path, "--since-last", "MPJoin*")
    options = ("--since-last", "--no-update")
    said = json.loads(run(tmp_path, *options, "--json").stdout)
    assert said["elapsed_seconds"] is None
    joins = {name: metric["since"] for name, metric in said["metrics"].items() if name.startswith("MPJoin")}
    others = {metric["since"] for name, metric in said["metrics"].items() if name not in joins}
    assert set(joins.values()) == {said["since"]}
    assert len(others) == 1
    assert min(others) < said["since"]
    assert all(metric["elapsed_seconds"] > 0 for metric in said["metrics"].values())
    rows = list(csv.DictReader(run(tmp_path, *options, "--csv").stdout.splitlines()))
    assert {row["counter"]: row["since"] for row in rows} == {
        name: metric["since"] for name, metric in said["metrics"].items()
    }
    alone = json.loads(run(tmp_path, *options, "--json", "MPJoin*").stdout)
    assert (alone["since"], alone["elapsed_seconds"] > 0) == (said["since"], True)
    assert not any("since" in metric for metric in alone["metrics"].values())
    assert "since the last call that told them" in run(tmp_path, *options, "MPCapable*").stdout


def test_reset_says_on_standard_error_who_could_not_be_read(tmp_path: Path) -> None:
    done = run(tmp_path, "--reset", "--host", "local:no-such-namespace", "--host", "local")
    assert (done.returncode, done.stdout) == (1, "")
    assert "local:no-such-namespace: unreachable: there is no network namespace" in done.stderr
    assert sorted(path.name for path in folder(tmp_path).iterdir()) == ["local.json", "lock"]


def test_a_place_that_cannot_be_written_is_told_before_anybody_is_asked(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.touch()
    done = run(nowhere, "--since-last")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("file is a file, not a folder\n")
    assert "Traceback" not in done.stderr
