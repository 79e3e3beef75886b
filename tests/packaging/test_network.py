"""What the network sees of a start: nothing but what was asked for, as strace has it, of every thread and process."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.nitro.appliances import at, environment, running
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace: apt install strace")
# Whatever has an address that is not AF_UNIX, of which asyncio makes a pair for itself. (`doctor` asks the kernel for
# an MPTCP socket, to see whether there are any, and gives it back without ever connecting it.)
ADDRESSES: Final = re.compile(r"sa_family=AF_(?!UNIX).*")
PLACES: Final = re.compile(r"sin6?_port=htons\((\d+)\).*?\"([^\"]+)\"")
HEADLESS: Final = (
    ("--help",),
    ("--version",),
    ("stat",),
    ("stat", "--since-last"),
    ("check", "--interval", "1"),
    ("explain", "TokenEr"),
    ("explain", "--list"),
    ("config", "show"),
    ("recordings", "list"),
    ("doctor",),
    ("man",),
)


def traced(log: Path, *arguments: str) -> list[str]:
    """Return the command that runs the program and writes down what it asks of the network."""
    return [
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=connect,bind,sendto,sendmsg,sendmmsg",
        "-o",
        str(log),
        *mptcp_top(*arguments),
    ]


@pytest.mark.parametrize("arguments", HEADLESS, ids=" ".join)
def test_no_command_opens_a_connection_to_start(arguments: tuple[str, ...], tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = subprocess.run(traced(log, *arguments), check=False, capture_output=True, env=environment(tmp_path))
    assert done.returncode < 2, done.stderr
    assert not ADDRESSES.findall(log.read_text())


def test_the_dashboard_of_this_kernel_opens_no_connection(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Terminal(traced(log), environment=environment(tmp_path)) as terminal:
        terminal.wait_for("q quit")
        terminal.type("q")
        assert terminal.wait_for_end() == 0
    assert not ADDRESSES.findall(log.read_text())


def test_the_dashboard_of_an_appliance_opens_connections_to_it_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        running() as simulation,
        Terminal(traced(log, *at(simulation.appliances["ns1"])), environment=environment(tmp_path)) as terminal,
    ):
        terminal.wait_for("q quit")
        terminal.wait_for("MP_CAPABLE")
        terminal.type("q")
        assert terminal.wait_for_end() == 0
        _, _, there = simulation.url("ns1").partition("//")
    seen = ADDRESSES.findall(log.read_text())
    places = {PLACES.search(address) for address in seen}
    assert {f"{place[2]}:{place[1]}" if place else None for place in places} == {there}
