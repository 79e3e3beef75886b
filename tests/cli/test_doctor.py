"""``doctor`` on this host: what it finds of the program, the terminal, the settings and the kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.catalogue.catalogue import linux
from mptcp_top.cli.doctor.finding import Area, State, fails, fine, note, skipped
from mptcp_top.cli.doctor.kernel import counted, settings_of
from mptcp_top.cli.doctor.said import json_of, lines_of, verdict_of
from mptcp_top.cli.doctor.terminal import terminal
from mptcp_top.model import Identity, Layout, Sample, Target
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    from pathlib import Path

AREAS = [
    Area("program", (fine("Python", "3.11"), note("colours", "none " * 30, "set TERM"))),
    Area("target ns1", (fails("name", "not known", "getent hosts ns1"), skipped("login", "name comes first")), "ns1"),
]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inside = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent", **environment}
    command = mptcp_top("doctor", *arguments)
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env=inside, stdin=subprocess.DEVNULL, timeout=60
    )


def found(done: subprocess.CompletedProcess[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """The findings, by area and name; of several of one name the last."""
    return {(finding["area"], finding["name"]): finding for finding in json.loads(done.stdout)["findings"]}


def states(area: Area) -> dict[str, State]:
    return {finding.name: finding.state for finding in area.findings}


def says(area: Area, name: str) -> str:
    return next(finding.says for finding in area.findings if finding.name == name)


def sample(names: tuple[str, ...], **sysctls: str) -> Sample:
    layout = Layout(tuple(linux().metric(name) for name in names))
    identity = Identity(facts={f"net.mptcp.{name}": value for name, value in sysctls.items()})
    return Sample(Target("local", "linux"), layout, (0,) * len(names), 0.0, 0.0, identity=identity)


def test_people_and_programs_are_told_the_same(tmp_path: Path) -> None:
    told = run("--host", "local", HOME=str(tmp_path)).stdout
    findings = json.loads(run("--host", "local", "--json", HOME=str(tmp_path)).stdout)["findings"]
    lines = [line.split() for line in told.splitlines() if line.startswith("  ") and line[2] != " "]
    assert [line[1] for line in lines] == [finding["state"] for finding in findings]
    assert all(finding["name"].split()[0] in line for finding, line in zip(findings, lines, strict=True))


def shown_in(width: int) -> list[str]:
    lines = list(lines_of(AREAS, width, ascii_only=False))
    assert all(len(line) <= width for line in lines)
    return lines


def test_no_line_is_longer_than_the_terminal_and_every_state_has_a_word() -> None:
    lines = [line for width in (40, 60, 80, 120) for line in shown_in(width)]
    assert {line.split()[1] for line in lines if line.startswith("  ") and line[2] != " "} == set(State)


def test_on_a_narrow_terminal_what_goes_on_has_room() -> None:
    assert "  ! note    colours      none none none" in shown_in(40)
    assert "      none none none none none none" in shown_in(40)


def test_a_program_gets_every_finding_in_one_line() -> None:
    (line,) = (line for line in lines_of(AREAS, None, ascii_only=False) if "colours" in line)
    assert line.count("none") == 30
    said = run("--host", "local:no-such-namespace", COLUMNS="40")
    assert "there is no network namespace no-such-namespace" in said.stdout


def test_a_locale_without_utf8_gets_7_bit_characters() -> None:
    assert all(line.isascii() for line in lines_of(AREAS, 80, ascii_only=True))
    assert run("--host", "local", LANG="C").stdout.isascii()


def test_the_verdict_names_what_does_not_work_and_what_is_wrong_with_it() -> None:
    assert verdict_of(AREAS) == "does not work: ns1 (name)"
    assert verdict_of(AREAS[:1]) == "everything that is needed works"
    said = json.loads(json_of(AREAS, ["ns2"]))
    assert (said["schema"], said["works"], said["not_looked_at"]) == (1, False, ["ns2"])
    assert said["findings"][2] == {
        "area": "target",
        "target": "ns1",
        "name": "name",
        "state": "fails",
        "says": "not known",
        "advice": "getent hosts ns1",
    }


@pytest.mark.parametrize(
    ("environment", "name", "state", "words"),
    [
        ({"LANG": "de_DE.UTF-8"}, "characters", State.OK, "UTF-8"),
        ({"LANG": "C"}, "characters", State.NOTE, "7-bit"),
        ({}, "in between", State.OK, "no tmux"),
        ({"SSH_CONNECTION": "a b c d"}, "in between", State.OK, "SSH"),
        ({"TMUX": "x", "TERM": "tmux-256color"}, "in between", State.OK, "tmux"),
        ({"TMUX": "x", "TERM": "xterm-256color"}, "in between", State.NOTE, "not that of tmux"),
        ({"STY": "x", "TERM": "screen"}, "copying", State.NOTE, "keeps OSC 52"),
        ({"TMUX": "x", "PATH": "/nonexistent"}, "copying", State.NOTE, "no tmux in PATH"),
        ({"HOME": "/home/me"}, "copying", State.OK, "/home/me/.local/state/mptcp-top/copied.txt"),
        ({}, "copying", State.OK, "HOME is not set"),
        ({"TERM": "x\x1b[2J"}, "screen", State.NOTE, ""),
    ],
)
def test_what_the_environment_says_of_the_terminal(
    environment: dict[str, str], name: str, state: State, words: str
) -> None:
    area = terminal(environment)
    assert states(area)[name] is state
    assert words in says(area, name)
    assert all(finding.says.isprintable() for finding in area.findings)


@pytest.mark.parametrize(
    ("environment", "state", "words"),
    [
        ({"TERM": "xterm-256color"}, "ok", "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "ok", "16 million"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "ok", "NO_COLOR"),
        ({"TERM": "vt100"}, "ok", "none"),
        ({"TERM": "no-such-terminal"}, "note", "nothing describes"),
        ({"TERM": "dumb"}, "ok", "none (TERM=dumb)"),
        ({}, "ok", "none (TERM is not set)"),
    ],
)
def test_how_many_colours_there_are_is_what_the_system_says_of_the_terminal(
    environment: dict[str, str], state: str, words: str
) -> None:
    told = found(run("--json", **environment))["terminal", "colours"]
    assert told["state"] == state
    assert words in told["says"]


@pytest.mark.parametrize(("size", "word"), [((120, 40), "ok"), ((60, 20), "note")])
def test_a_terminal_is_measured(size: tuple[int, int], word: str) -> None:
    with Terminal(mptcp_top("doctor"), size) as shown:
        assert shown.wait_for_end() == 0
    rows = [line.split() for line in shown.written.splitlines()]
    assert next(row[1] for row in rows if row[2:3] == ["size"]) == word
    assert next(row[1] for row in rows if row[2:3] == ["screen"]) == "ok"
    assert shown.modes_left_on() == []


def test_settings_of_the_kernel_that_are_odd_are_told() -> None:
    odd = sample(("MPFailRx",), enabled="1", path_manager="userspace", allow_join_initial_addr_port="0", scheduler="x")
    told = list(settings_of(odd))
    assert told[0] == fine("settings", "enabled=1 path_manager=userspace scheduler=x allow_join_initial_addr_port=0")
    assert [finding.state for finding in told[1:]] == [State.NOTE, State.NOTE]
    assert "mptcpd" in told[1].says


def test_a_counter_that_nobody_can_explain_is_told() -> None:
    assert counted(sample(("MPFailRx", "MPNewThing"))).state is State.NOTE
    assert "MPNewThing" in counted(sample(("MPFailRx", "MPNewThing"))).says
    assert counted(sample(("MPFailRx",))) == fine(
        "counters", f"1 of the {len(linux().entries)} that are known of any kernel"
    )


def test_a_config_file_that_is_wrong_is_told_with_the_rest_and_ends_with_2(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[defaults]\nintervall = 5\n")
    done = run("--json", MPTCP_TOP_CONFIG=str(path))
    assert (done.returncode, done.stderr) == (2, "")
    told = found(done)
    assert told["settings", "config file"]["state"] == "fails"
    assert f"{path}:2: [defaults] intervall: unknown" in told["settings", "config file"]["says"]
    assert told["kernel", "MPTCP"]["state"] in {"ok", "note"}
    assert told["targets", "address"]["state"] == "skipped"


def test_a_variable_that_is_wrong_is_told_once_and_ends_with_2() -> None:
    done = run("--json", MPTCP_TOP_INTERVAL="often")
    assert done.returncode == 2
    assert found(done)["settings", "config file"]["state"] == "ok"
    assert "MPTCP_TOP_INTERVAL" in found(done)["settings", "settings"]["says"]
    assert done.stdout.count("MPTCP_TOP_INTERVAL") == 1


def test_where_settings_come_from_is_told_without_their_secrets(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[defaults]\nhold = 9\n[targets.ns1]\nhost = "192.0.2.1"\n')
    done = run("--json", "--timeout", "3", MPTCP_TOP_CONFIG=str(path), MPTCP_TOP_PASSWORD="canary-variable")
    told = found(done)["settings", "settings"]["says"]
    assert "hold (file: [defaults])" in told
    assert "timeout (flag)" in told
    assert json.loads(done.stdout)["not_looked_at"] == ["ns1"]
    assert "canary" not in done.stdout + done.stderr


def test_targets_that_are_none_are_told_and_the_others_looked_at() -> None:
    done = run("--json", "--host", "http://ns9", "--host", "local", "--host", "bad host/x")
    assert done.returncode == 1
    findings = json.loads(done.stdout)["findings"]
    addresses = {finding["target"]: finding["state"] for finding in findings if finding["name"] == "address"}
    assert addresses == {"http://ns9": "fails", "bad host/x": "fails"}
    assert [finding["target"] for finding in findings if finding["name"] == "counters"] == [None, "local"]


def test_a_folder_that_cannot_be_written_is_noted(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("--json", XDG_STATE_HOME=str(tmp_path / "file"), XDG_RUNTIME_DIR=str(tmp_path))
    assert found(done)["settings", "state folder"]["state"] == "note"
    assert found(done)["settings", "copies"] == {
        "area": "settings",
        "target": None,
        "name": "copies",
        "state": "ok",
        "says": f"{tmp_path}/mptcp-top (can be made)",
        "advice": None,
    }
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_namespace_that_is_not_there_ends_with_1() -> None:
    done = run("--json", "--host", "local:no-such-namespace")
    assert done.returncode == 1
    assert found(done)["target", "counters"]["says"] == "there is no network namespace no-such-namespace"


def test_a_package_that_is_missing_is_told(tmp_path: Path) -> None:
    """The program is run with the metadata of packages that nobody installed."""
    info = tmp_path / "mptcp_top-9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: mptcp-top\nVersion: 9\nRequires-Dist: nosuchpackage<3,>=2\n"
        "Requires-Dist: textual<1\nRequires-Dist: optional; extra == 'more'\n"
    )
    done = run("--json", "--host", "local", PYTHONPATH=str(tmp_path))
    told = {name: finding for (area, name), finding in found(done).items() if area == "program"}
    assert done.returncode == 1
    assert told["nosuchpackage"]["says"] == "missing, and it takes <3,>=2"
    assert told["textual"]["state"] == "fails"
    assert "optional" not in told


def test_the_doctor_of_a_kernel_imports_no_screens_and_no_client() -> None:
    script = (
        "import sys\nfrom mptcp_top.cli.main import main\nmain(['doctor', '--json', '--host', 'local'])\n"
        "print([name for name in ('textual', 'rich', 'plotext', 'aiohttp') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stderr.strip() == "[]"
