"""The programs that are measured beside each other, and the line that installs each of them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.meter import Program

MINIMAL_APP: Final = Path(__file__).with_name("minimal_app.py")
PROCESS_ROW: Final = re.compile(r"^\s*\d+ \S+ .*\d+:\d\d\.\d\d", re.MULTILINE)
"""A process of htop's list with its CPU time."""
LOAD_FIGURE: Final = re.compile(r"CPU\D+\d+(?:\.\d)?%")
MPTCP_COUNTER: Final = re.compile(r"MPTcpExt\w+ +\d")
CTRL_C: Final = b"\x03"
BTOP_AT_1_HZ: Final = "update_ms = 1000\n"
NAMES_ITSELF: Final = {"top": "-V", "htop": "--version", "btop": "--version", "nstat": "-V", "glances": "--version"}


class NotMeasured(Exception):
    """A program that is not here, with the line that would bring it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked to measure as ours, and against what."""

    ours: str | None
    ours_data: str
    target: str


def _ours(wanted: Wanted) -> Program:
    """Return our dashboard: the one beside this interpreter, or the given command (``{target}`` is filled in)."""
    script = Path(sys.executable).with_name("mptcp-top")
    command = wanted.ours or f"{shlex.quote(str(script))} --host {{target}}"
    first, *rest = shlex.split(command.format(target=wanted.target))
    if not (path := shutil.which(first)):
        raise NotMeasured(f"{first} is not here: uv sync")
    return Program("ours", (path, *rest), re.compile(wanted.ours_data, re.MULTILINE))


def _htop(_: Wanted) -> Program:
    """Return htop with a delay of 1 s."""
    return Program("htop", (_found("htop"), "-d", "10"), PROCESS_ROW)


def _top(_: Wanted) -> Program:
    """Return top with a delay of 1 s."""
    return Program("top", (_found("top", "procps"), "-d", "1"), PROCESS_ROW)


def _btop(_: Wanted) -> Program:
    """Return btop; its pace is in the file that `ssh_environment` writes."""
    return Program("btop", (_found("btop"), "--utf-force"), LOAD_FIGURE)


def _watch(wanted: Wanted) -> Program:
    """Return ``watch -d nstat`` at 1 s, where the counters are that ours watches."""
    _found("nstat", "iproute2")
    command = (_found("watch", "procps"), "-d", "-n", "1", "nstat -asz 'MPTcp*'")
    return Program("watch -d nstat", (*_inside(wanted), *command), MPTCP_COUNTER, CTRL_C)


def _nstat(wanted: Wanted) -> Program:
    """Return an nstat a second, the way of a shell."""
    loop = f"trap exit INT; while :; do {_found('nstat', 'iproute2')} -asz 'MPTcp*'; sleep 1; done"
    return Program("nstat", (*_inside(wanted), _found("sh"), "-c", loop), MPTCP_COUNTER, CTRL_C)


def _found(command: str, package: str = "") -> str:
    if path := shutil.which(command):
        return path
    raise NotMeasured(f"{command} is not here: apt-get install {package or command}")


def _inside(wanted: Wanted) -> tuple[str, ...]:
    """Return what starts a program in the network namespace of our target, if it is in one."""
    _, _, namespace = wanted.target.partition(":")
    return (_found("ip", "iproute2"), "netns", "exec", namespace) if namespace else ()


def _glances(_: Wanted) -> Program:
    """Return glances with a refresh of 1 s, on our own Python where uv can make it so."""
    python = _python_with_glances() if shutil.which("uv") else None
    path = str(Path(python).with_name("glances")) if python else shutil.which("glances")
    if not path:
        raise NotMeasured("glances is not here: pip install uv, or pip install glances")
    return Program("glances", (path, "-t", "1", "--disable-check-update"), LOAD_FIGURE)


def _python_with_glances() -> str | None:
    """Have uv make, or find in its cache, an environment with glances; its start-up is then not uv's."""
    command = ["uv", "tool", "run", "--quiet", "--python", sys.executable, "--from", "glances", "python", "-c"]
    found = subprocess.run([*command, "import sys; print(sys.executable)"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def _minimal(_: Wanted) -> Program:
    """Return the floor: one Static on the same interpreter as ours."""
    return Program("minimal", (sys.executable, str(MINIMAL_APP)))


def _minimal_tick(_: Wanted) -> Program:
    """Return the floor with an empty tick a second."""
    return Program("minimal-tick", (sys.executable, str(MINIMAL_APP), "--tick"))


PROGRAMS: Final[dict[str, Callable[[Wanted], Program]]] = {
    "ours": _ours,
    "top": _top,
    "htop": _htop,
    "btop": _btop,
    "nstat": _nstat,
    "watch": _watch,
    "glances": _glances,
    "minimal": _minimal,
    "minimal-tick": _minimal_tick,
}


def find(names: Sequence[str], wanted: Wanted) -> tuple[list[Program], dict[str, str]]:
    """Return the programs that are here, and for each that is not, the line that says what to do."""
    here: list[Program] = []
    missing: dict[str, str] = {}
    for name in names:
        try:
            here.append(PROGRAMS[name](wanted))
        except NotMeasured as reason:
            missing[name] = str(reason)
    return here, missing


def versions(programs: Sequence[Program]) -> str:
    """Return the versions of the foreign programs, as they name themselves."""
    lines = []
    for program in programs:
        if (option := NAMES_ITSELF.get(program.name)) is None:
            continue
        path = shutil.which(program.name) or program.argv[0]
        said = subprocess.run([path, option], capture_output=True, text=True, check=False)
        version = re.search(r"\d+\.\d+\S*", said.stdout + said.stderr)
        lines.append(f"{program.name} {version[0] if version else '?'}")
    return ", ".join(lines)


def ssh_environment(home: str) -> dict[str, str]:
    """Return what a program sees over ssh: TERM forwarded, COLORTERM not; an empty home; bytecode kept there.

    A package is installed with its bytecode. So the first start of each program, which writes it, must not count.
    """
    config = Path(home) / ".config" / "btop"
    config.mkdir(parents=True, exist_ok=True)
    (config / "btop.conf").write_text(BTOP_AT_1_HZ, encoding="utf-8")
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22",
        "PYTHONPYCACHEPREFIX": str(Path(home) / "bytecode"),
    }
