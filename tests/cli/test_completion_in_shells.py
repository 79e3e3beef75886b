"""Tab in real shells, on a real terminal: what they make of the scripts that are shipped."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from mptcp_top.cli.completion.command import SCRIPTS, SHIPPED
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

READY: Final = "ready> "
CONFIG: Final = """
[targets.ns1]
host = "192.0.2.1"
[targets."edge:2"]
host = "192.0.2.2"
[groups."$(touch${{IFS}}{0}/owned)"]
targets = ["ns1"]
"""


def bash(home: Path) -> list[str]:
    start = home / "start.bash"
    start.write_text(f"PS1={READY!r}\nsource {SHIPPED / SCRIPTS['bash']}\n")
    return ["bash", "--noprofile", "--rcfile", str(start), "-i"]


def zsh(home: Path) -> list[str]:
    """With the script in a folder of functions, as packages bring it along."""
    (home / ".zshrc").write_text(
        f"PS1={READY!r}\nfpath=({SHIPPED} $fpath)\nautoload -U compinit\ncompinit -u -d {home}/dump\n"
    )
    return ["zsh", "-d", "-i"]


def zsh_sourced(home: Path) -> list[str]:
    (home / ".zshrc").write_text(
        f"PS1={READY!r}\nautoload -U compinit\ncompinit -u -d {home}/dump\nsource <(mptcp-top completion zsh)\n"
    )
    return ["zsh", "-d", "-i"]


def fish(home: Path) -> list[str]:
    start = home / "start.fish"
    start.write_text(f"function fish_prompt; echo -n {READY!r}; end\nsource {SHIPPED / SCRIPTS['fish']}\n")
    return ["fish", "--no-config", "--init-command", f"source {start}", "-i"]


SHELLS: Final[dict[str, Callable[[Path], list[str]]]] = {
    "bash": bash,
    "zsh": zsh,
    "zsh, sourced": zsh_sourced,
    "fish": fish,
}


@pytest.fixture(params=SHELLS)
def command(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    shell = request.param.partition(",")[0]
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}: apt-get install {shell}")
    program = tmp_path / "bin" / "mptcp-top"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m mptcp_top "$@"\n')
    program.chmod(0o755)
    (tmp_path / "config.toml").write_text(CONFIG.format(tmp_path))
    (tmp_path / "authority.pem").touch()
    return SHELLS[request.param](tmp_path)


@pytest.fixture
def terminal(command: list[str], tmp_path: Path) -> Terminal:
    inside = {
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "HOME": str(tmp_path),
        "ZDOTDIR": str(tmp_path),
        "MPTCP_TOP_CONFIG": str(tmp_path / "config.toml"),
    }
    return Terminal(command, (150, 40), inside)


def test_a_tab_completes_what_is_typed(terminal: Terminal, tmp_path: Path) -> None:
    with terminal:
        terminal.wait_for(READY.strip())
        for typed, becomes in (
            ("mptcp-top ex", "mptcp-top explain"),
            ("mptcp-top stat --host n", "mptcp-top stat --host ns1"),
            ("mptcp-top stat --host edge:", "mptcp-top stat --host edge:2"),
            ("mptcp-top stat --host=e", "mptcp-top stat --host=edge:2"),
            ("mptcp-top stat 'OFOM", "OFOMerge"),
            ("mptcp-top explain ofom", "mptcp-top explain OFOMerge"),
            (f"mptcp-top stat --cacert {tmp_path}/auth", f"--cacert {tmp_path}/authority.pem"),
            (f"mptcp-top stat --cacert={tmp_path}/auth", f"--cacert={tmp_path}/authority.pem"),
        ):
            terminal.type(f"{typed}\t")
            terminal.wait_for(becomes)
            terminal.type("\x15")  # ^U: another line
            terminal.wait_for(lambda: not_typed(terminal))


def test_a_value_that_is_spelt_in_parts_is_completed_part_by_part(terminal: Terminal) -> None:
    with terminal:
        terminal.wait_for(READY.strip())
        for typed, becomes in (
            ("simulate --fault stal", "--fault stall x"),
            ("simulate --fault stall@hano", "--fault stall@hanode x"),
            ("simulate --fault redirect@login:sk", "--fault redirect@login:skip=x"),
            ("simulate --set for", "--set form=x"),
            ("simulate --set form=l", "--set form=list x"),
            ("check --rule cri", "--rule critical:x"),
            ("check --rule critical:tokener", "--rule critical:TokenEr x"),
            ("check --rule 'critical:join_suc", "critical:join_success"),
            ("check --rule 'critical: join_suc", "critical: join_success"),
            ("check --rule 'TokenEr rises or AddrIdE", "'TokenEr rises or AddrIdEr"),
        ):
            terminal.type(f"mptcp-top {typed}\tx")  # what comes after it shows whether a blank does
            terminal.wait_for(becomes)
            terminal.type("\x15")  # ^U: another line
            terminal.wait_for(lambda: not_typed(terminal))


def not_typed(terminal: Terminal) -> bool:
    """Whether the line of the prompt is empty."""
    return terminal.screen.display[terminal.screen.cursor.y].rstrip() == READY.strip()


def test_two_tabs_list_what_there_is(terminal: Terminal) -> None:
    with terminal:
        terminal.wait_for(READY.strip())
        terminal.type("mptcp-top stat --host \t\t")
        for name in ("ns1", "edge:2", "local"):
            terminal.wait_for(name)


def test_a_name_with_a_command_in_it_runs_nothing(terminal: Terminal, tmp_path: Path) -> None:
    """Whoever may write the config file may name a password_command; a name is not to be one, too."""
    with terminal:
        terminal.wait_for(READY.strip())
        terminal.type("mptcp-top config show --group \t")
        terminal.wait_for("touch")
        terminal.type("\r")
        terminal.wait_for(lambda: "config file " in terminal.written)
        terminal.type("echo fin''ished\r")
        terminal.wait_for("finished")
    assert not (tmp_path / "owned").exists()
