"""The README's table of what the appliance's command line and nstat can do: every line of it is typed here."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from mptcp_top import __version__
from mptcp_top.catalogue.catalogue import netscaler
from mptcp_top.cli.parser import COMMANDS
from tests.nitro.appliances import PASSWORD, USER, environment, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mptcp_top.simulator.running import Box

README: Final = Path(__file__).parents[2] / "README.md"
APPLIANCE_OPTIONS: Final = ("-detail", "-fullValues", "-ntimes", "-logFile", "-clearstats")
NSTAT_OPTIONS: Final = tuple("adhjnprstVz")


def table() -> dict[str, str]:
    """What stands in the README: the command there, and the one here, "" where there is none."""
    inside = re.search(
        r"<!-- stat protocol mptcp, nstat -->(.*?)<!-- end of the table -->",
        README.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert inside, "README.md has lost the markers of the table"
    rows = [re.split(r"(?<!\\)\|", line)[1:4] for line in inside[1].strip().splitlines()[2:]]
    cells = [(there.strip().strip("`"), here.strip().strip("`").replace("\\|", "|")) for there, here, _ in rows]
    return dict(cells)


class Shell:
    """Where the commands of the table are typed: ``ns1`` is a simulated appliance, and nobody waits for a minute."""

    def __init__(self, box: Box, home: Path) -> None:
        config = home / "config.toml"
        config.write_text(f'[targets.ns1]\nhost = "{box.url}"\nallow_http = true\nuser = "{USER}"\n')
        self.home = home
        self.box = box
        self._environment = {**environment(home), "MPTCP_TOP_CONFIG": str(config), "MPTCP_TOP_PASSWORD": PASSWORD}

    def line(self, there: str, *more: str) -> list[str]:
        command = re.sub(r"--interval \d+", "--interval 0.1", table()[there]).replace("DIR", str(self.home / "DIR"))
        ours = f"{shlex.quote(sys.executable)} -m mptcp_top"
        return ["bash", "-o", "pipefail", "-c", " ".join((command.replace("mptcp-top", ours), *more))]

    def run(self, there: str, *more: str) -> str:
        done = subprocess.run(
            self.line(there, *more), check=False, capture_output=True, text=True, env=self._environment, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, ""), there
        return done.stdout

    def begin(self, there: str) -> subprocess.Popen[str]:
        command = self.line(there)
        command[-1] = f"exec {command[-1]}"
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self._environment)

    def zeros(self, folder: str = "mptcp-top/stat") -> str:
        return (self.home / folder / "local.json").read_text()


def rows_in(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith("    ")]


def names_in(said: str) -> list[str]:
    return [row.split()[0] for row in rows_in(said)]


def kernel_counters() -> set[str]:
    header = next(line for line in Path("/proc/net/netstat").read_text().splitlines() if line.startswith("MPTcpExt:"))
    return set(header.split()[1:])


def summary(shell: Shell) -> None:
    said = shell.run("stat protocol mptcp")
    assert 0 < len(rows_in(said)) < len(netscaler().entries)
    assert " /s " in said
    assert "(all of them: --detail)" in said


def detail(shell: Shell) -> None:
    assert set(names_in(shell.run("-detail"))) == set(netscaler().entries)


def full_values(shell: Shell) -> None:
    before = shell.box.truth("mptcptotdss")
    row = next(row for row in rows_in(shell.run("-fullValues", "TotDSS")) if "mptcptotdss " in row)
    a_refresh_ago = before - 10_000
    assert a_refresh_ago < int(row.split()[1].replace(",", "")) <= shell.box.truth("mptcptotdss")


def ntimes(shell: Shell) -> None:
    polls = len(shell.box.audit().of("protocolmptcp"))
    said = shell.run("-ntimes 3", "--interval 1")
    assert [line[:3] for line in said.splitlines() if line[:1].strip()] == ["ns1"] * 3
    assert len(shell.box.audit().of("protocolmptcp")) - polls == 3


def log_file(shell: Shell) -> None:
    assert table()["-logFile FILE"] == "mptcp-top dump FILE"
    assert "stat --json" in shell.run("-logFile FILE", "--help")
    assert not any("logfile" in record.path for record in shell.box.audit().records)


def clear_statistics(shell: Shell) -> None:
    if "clear" not in COMMANDS:
        pytest.skip("this build has no command clear yet: its line in the README is not tested")
    assert "clear" in shell.run("-clearstats basic", "--help")
    assert shell.box.audit().clearstats == 0


def history(shell: Shell) -> None:
    assert "there was no call before" in shell.run("nstat")
    assert "since the last call" in shell.run("nstat")


def pattern(shell: Shell) -> None:
    joins = {name for name in kernel_counters() if name.startswith("MPJoin")}
    said = shell.run("nstat 'MPTcpExtMPJoin*'", "--zeros")
    assert set(names_in(said)) == joins


def no_update(shell: Shell) -> None:
    shell.run("nstat")
    before = shell.zeros()
    assert "since the last call" in shell.run("nstat -s")
    assert shell.zeros() == before


def zeros(shell: Shell) -> None:
    shell.run("nstat")
    assert set(names_in(shell.run("nstat -z"))) == kernel_counters()


def as_json(shell: Shell) -> None:
    shell.run("nstat")
    said = json.loads(shell.run("nstat -j"))
    assert set(said["metrics"]) == kernel_counters()
    assert all(metric["increase"] is not None for metric in said["metrics"].values() if metric["kind"] == "counter")


def pretty_json(shell: Shell) -> None:
    said = shell.run("nstat -jp")
    assert len(said.splitlines()) > len(kernel_counters())
    assert json.loads(said)["schema"] == 1


def silently(shell: Shell) -> None:
    assert shell.run("nstat -n") == ""
    assert "since the last call" in shell.run("nstat")


def anew(shell: Shell) -> None:
    shell.run("nstat")
    assert "there was no call before: these are totals" in shell.run("nstat -r")
    assert "since the last call" in shell.run("nstat")


def totals(shell: Shell) -> None:
    known = json.loads(shell.run("nstat -j"))["metrics"]
    before = shell.zeros()
    said = shell.run("nstat -as")
    assert {name for name, metric in known.items() if metric["value"]} <= set(names_in(said))
    assert "+" not in said
    assert shell.zeros() == before


def all_totals(shell: Shell) -> None:
    assert set(names_in(shell.run("nstat -asz"))) == kernel_counters()


def without_end(shell: Shell) -> None:
    with shell.begin("nstat -d 5") as process:
        assert process.stdout is not None
        heads = 0
        while heads < 3:
            heads += process.stdout.readline().startswith("local")
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130


def mean_rate(shell: Shell) -> None:
    said = shell.run("nstat -t 60", "--zeros")
    counters = [row for row in rows_in(said) if "MPCurrEstab" not in row]
    assert counters
    assert all(re.match(r"    \S+ +\S+ /s ", row) for row in counters)


def version(shell: Shell) -> None:
    assert __version__ in shell.run("nstat -V")


def usage(shell: Shell) -> None:
    assert "--since-last" in shell.run("nstat -h")


def another_place(shell: Shell) -> None:
    shell.run("NSTAT_HISTORY=FILE nstat")
    assert shell.zeros("DIR/mptcp-top/stat")


PROOFS: Final[dict[str, Callable[[Shell], None]]] = {
    "stat protocol mptcp": summary,
    "-detail": detail,
    "-fullValues": full_values,
    "-ntimes 3": ntimes,
    "-logFile FILE": log_file,
    "-clearstats basic": clear_statistics,
    "nstat": history,
    "nstat 'MPTcpExtMPJoin*'": pattern,
    "nstat -s": no_update,
    "nstat -z": zeros,
    "nstat -j": as_json,
    "nstat -jp": pretty_json,
    "nstat -n": silently,
    "nstat -r": anew,
    "nstat -as": totals,
    "nstat -asz": all_totals,
    "nstat -d 5": without_end,
    "nstat -t 60": mean_rate,
    "nstat -V": version,
    "nstat -h": usage,
    "NSTAT_HISTORY=FILE nstat": another_place,
}


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with running("demo") as simulation:
        yield Shell(simulation.appliances["ns1"], tmp_path)


def test_the_table_and_its_proofs_have_the_same_lines() -> None:
    assert list(table()) == list(PROOFS)


def test_no_option_of_the_appliance_s_command_is_missing() -> None:
    assert all(any(line.startswith(option) for line in table()) for option in APPLIANCE_OPTIONS)


def test_no_option_of_the_nstat_of_this_machine_is_missing() -> None:
    letters = {letter for line in table() for letter in "".join(re.findall(r"nstat -(\w+)", line))}
    assert letters == set(NSTAT_OPTIONS)
    try:
        said = subprocess.run(["nstat", "--help"], check=False, capture_output=True, text=True).stderr
    except FileNotFoundError:
        pytest.skip("nstat is missing: its options are those we know (apt-get install iproute2)")
    assert set(re.findall(r"^\s+-(\w),", said, re.MULTILINE)) <= letters


@pytest.mark.parametrize("there", PROOFS)
def test_the_line_does_what_the_readme_says(shell: Shell, there: str) -> None:
    if "ns1" not in table()[there] and not Path("/proc/sys/net/mptcp").is_dir():
        pytest.skip("this kernel has no MPTCP")
    PROOFS[there](shell)
