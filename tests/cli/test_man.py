"""The manual page: it has everything the command line has, and formatters have nothing to complain about."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.completion.command import SHIPPED
from mptcp_top.cli.grammar import Command, grammar
from mptcp_top.cli.man import page
from mptcp_top.settings import PARSERS, variable_of
from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = SHIPPED / "mptcp-top.1"
needs_mandoc = pytest.mark.skipif(shutil.which("mandoc") is None, reason="no mandoc: apt-get install mandoc")
needs_groff = pytest.mark.skipif(shutil.which("groff") is None, reason="no groff: apt-get install groff")
needs_man = pytest.mark.skipif(shutil.which("man") is None, reason="no man: apt-get install man-db groff")


def everything(command: Command) -> Iterator[Command]:
    yield command
    for inner in command.commands.values():
        yield from everything(inner)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_the_page_that_is_shipped_is_that_of_this_command_line() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), f"make it anew: mptcp-top man >{FILE.name}"


def test_the_page_is_printed() -> None:
    assert run(*mptcp_top("man")).stdout == page()


@needs_man
def test_whoever_reads_the_page_finds_every_command_flag_and_variable() -> None:
    done = run("man", "--warnings", "-l", "-Tascii", "-P", "cat", str(FILE))
    assert (done.returncode, done.stderr) == (0, "")
    shown = re.sub(r"\s+", " ", re.sub(r".\x08|\x1b\[[\d;]*m", "", done.stdout)).replace("- ", "-")
    for command in everything(grammar()):
        assert command.name in shown
        for option in command.options:
            assert option.flags[-1] in shown, command.name
    for name in PARSERS:
        assert variable_of(name) in shown


@needs_mandoc
def test_mandoc_has_nothing_to_complain_about_but_that_there_is_no_date() -> None:
    done = run("mandoc", "-T", "lint", "-W", "warning", str(FILE))
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []


@needs_groff
def test_groff_has_nothing_to_complain_about() -> None:
    done = run("groff", "-man", "-ww", "-z", str(FILE))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
