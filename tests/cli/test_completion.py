"""What may stand at the cursor, said by the program itself: never more than it takes, and always what there is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of
from mptcp_top.cli.completion.command import SCRIPTS, SHIPPED, answer
from mptcp_top.cli.completion.line import typed_in
from mptcp_top.cli.grammar import Command, grammar
from mptcp_top.cli.parser import COMMANDS
from mptcp_top.rules.names import sort_of
from mptcp_top.simulator.asked import SWITCHES, fault_of, switches_of
from mptcp_top.simulator.faults import FAULT_NAMES
from mptcp_top.simulator.scenario import scenario_names
from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = """
[targets.ns1]
host = "192.0.2.1"
[targets."10.0.0.1:8443"]
[groups.edge]
targets = ["ns1", "local"]
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return {"MPTCP_TOP_CONFIG": str(path), "HOME": str(tmp_path)}


def words(line: str, environment: dict[str, str] | None = None) -> set[str]:
    return {said.partition("\t")[0] for said in answer(line, environment or {"HOME": "/nonexistent"})[1:]}


def leaves(command: Command) -> Iterator[Command]:
    for inner in command.commands.values():
        yield from leaves(inner) if inner.commands else [inner]


def test_every_command_is_offered() -> None:
    assert words("mptcp-top ") == set(COMMANDS)
    assert words("mptcp-top config ") >= {"show", "path", "example"}


def test_every_flag_of_every_command_is_offered_and_taken() -> None:
    for command in leaves(grammar()):
        offered = words(f"{command.name} -")
        assert offered == {option.flags[-1] for option in command.options}
        told = subprocess.run(
            mptcp_top(*command.name.split()[1:], "--help"), check=True, capture_output=True, text=True
        )
        assert {flag for flag in offered if flag not in told.stdout} == set()


def test_a_flag_that_was_given_is_offered_again_only_if_it_counts_twice() -> None:
    left = words("mptcp-top stat --json --host ns1 --user=me --")
    assert {"--json", "--user"} & left == set()
    assert "--host" in left


def test_targets_are_those_of_the_config_file_and_this_host(environment: dict[str, str]) -> None:
    assert words("mptcp-top --host ", environment) >= {"ns1", "10.0.0.1:8443", "local"}
    assert words("mptcp-top stat --host 10.0.0.1:", environment) == {"10.0.0.1:8443"}
    assert words("mptcp-top stat --host=n", environment) == {"--host=ns1"}
    assert words("mptcp-top --host ns1 --group ", environment) == {"edge"}


def test_a_config_file_that_is_broken_is_not_told_of_at_a_tab(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[")
    assert words("mptcp-top --group ", {"MPTCP_TOP_CONFIG": str(tmp_path / "config.toml")}) == set()


def test_counters_are_offered_by_every_name() -> None:
    entries = [entry for source in CATALOGUES for entry in catalogue_of(source).entries.values()]
    assert words("mptcp-top explain ") >= {name for entry in entries for name in entry.names} | {"MP_JOIN", "errors"}
    assert words("mptcp-top stat --json mpcurr") == {"MPCurrEstab"}
    assert words("mptcp-top stat MPCurrEstab OFOM") == {"OFOMerge"}


def test_scenarios_choices_and_files_are_offered() -> None:
    assert words("mptcp-top simulate --scenario ") == set(scenario_names())
    assert words("mptcp-top completion ") == {"bash", "zsh", "fish"}
    assert answer("mptcp-top stat --cacert ", {}) == ["files"]
    assert answer("mptcp-top stat --cacert=/et", {}) == ["files"]


def test_every_fault_with_its_resources_and_options_is_offered_and_taken() -> None:
    assert words("mptcp-top simulate --fault ") == set(FAULT_NAMES)
    assert all(fault_of(word).on == word[6:] for word in words("mptcp-top simulate --fault stall@"))
    assert words("mptcp-top simulate --fault stall@protocolm") == {"stall@protocolmptcp"}
    assert words("mptcp-top simulate --fault drip@login:") == {
        f"drip@login:{key}=" for key in ("seconds", "size", "times", "skip")
    }
    assert words("mptcp-top simulate --fault=drip:size=9,s") == {
        "--fault=drip:size=9,seconds=",
        "--fault=drip:size=9,skip=",
    }
    assert words("mptcp-top simulate --fault nosuch:") == set()


def test_every_switch_is_offered_and_of_its_values_those_it_takes() -> None:
    offered = words("mptcp-top simulate --set ")
    assert offered == {f"{key}=" for key in SWITCHES}
    values = {value for word in offered for value in words(f"mptcp-top simulate --set {word}")}
    assert {value.partition("=")[2] for value in values if value.startswith("form=")} == {"object", "list", "none"}
    assert all(switches_of([value]) for value in values)
    assert words("mptcp-top simulate --set missing=mptcpcursfconnections+mptcpcurp") == {
        "missing=mptcpcursfconnections+mptcpcurpendingjoin"
    }
    assert words("mptcp-top simulate --set nosuch=") == words("mptcp-top simulate --set latency_seconds=") == set()


def test_every_name_that_a_rule_may_begin_with_is_offered_and_means_something() -> None:
    offered = words("mptcp-top check --rule ")
    assert offered >= {"errors", "join_success", "TokenEr", "MPJoinSynRx", "sessions", "critical:", "warning:"}
    assert all(sort_of(name) for name in offered if not name.endswith(":"))
    assert words("mptcp-top check --rule 'critical: errors > 1/s and sess") >= {"critical: errors > 1/s and sessions"}
    assert words("mptcp-top check --rule critical:tokener") == {"critical:TokenEr"}


def test_nothing_is_offered_for_what_only_the_user_knows() -> None:
    assert words("mptcp-top --user ") == words("mptcp-top --interval=") == set()


def test_what_follows_the_end_of_flags_is_no_flag() -> None:
    assert words("mptcp-top stat -- -") == set()
    assert "MPFailRx" in words("mptcp-top stat -- MPF")


def test_a_command_that_takes_no_words_is_offered_its_flags() -> None:
    assert "--port" in words("mptcp-top simulate ")


@pytest.mark.parametrize(
    ("line", "before", "current"),
    [
        ("", (), ""),
        ("mptcp-top 'a b' \"c d", ("a b",), "c d"),
        ("mptcp-top a\\ b", (), "a b"),
        ("mptcp-top a\\", (), "a\\"),
        ("x=1 y= mptcp-top a=b ", ("a=b",), ""),
        ("mptcp-top 'it'\\''s' ", ("it's",), ""),
        ("mptcp-top $(x", (), "$(x"),
    ],
)
def test_a_line_falls_into_words_as_a_shell_would_take_it_apart(
    line: str, before: tuple[str, ...], current: str
) -> None:
    assert typed_in(line) == (before, current)


def test_names_that_no_shell_can_be_given_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[targets.ok]\n[targets."x\\u2028y"]\n', encoding="utf-8")
    said = answer("mptcp-top --host ", {"MPTCP_TOP_CONFIG": str(tmp_path / "config.toml")})
    assert all(line.isprintable() or line.count("\t") == 1 for line in said)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed_and_nothing_but_it(shell: str) -> None:
    inside = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    done = subprocess.run(mptcp_top("completion", shell), check=True, capture_output=True, text=True, env=inside)
    assert f"completion {shell} --line" in done.stdout
    assert done.stderr == ""


def test_a_shell_that_is_not_known_is_a_mistake_told_in_a_line() -> None:
    done = subprocess.run(mptcp_top("completion", "tcsh"), check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "'bash', 'zsh', 'fish'" in done.stderr


@pytest.mark.parametrize("begun", ["", "'", '"'])
def test_in_bash_no_name_means_anything_to_the_shell(begun: str, tmp_path: Path) -> None:
    """Even in quotes that are open."""
    names = ("$(touch${IFS}owned)", "`id`", "it's;id")
    tables = (f'[groups."{name}"]\ntargets = ["a"]\n' for name in names)
    (tmp_path / "config.toml").write_text("".join(tables))
    (tmp_path / "mptcp-top").write_text(f'#!/bin/sh\nexec {sys.executable} -m mptcp_top "$@"\n')
    (tmp_path / "mptcp-top").chmod(0o755)
    line = f"mptcp-top --group {begun}"
    script = (
        f'source {SHIPPED / SCRIPTS["bash"]}; COMP_LINE=$1 COMP_POINT=${{#1}} COMP_WORDS=(mptcp-top --group "$2") '
        "COMP_CWORD=2; _mptcp_top ./mptcp-top ''; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    inside = {
        "PATH": os.environ["PATH"],
        "MPTCP_TOP_CONFIG": "config.toml",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = ["bash", "--norc", "-c", script, "-", line, begun]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=inside, cwd=tmp_path)
    for name in (r"\$\(touch\$\{IFS\}owned\)", r"\`id\`", r"it\'s\;id"):
        assert name in done.stdout.splitlines(), done
