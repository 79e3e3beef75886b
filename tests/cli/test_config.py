"""``config`` and the connection options as a user types them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mptcp_top.remembered import save
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """
[defaults]
user = "ops"
[targets.ns1]
host = "192.0.2.1"
password_command = ["pass", "show", "canary-argument"]
[targets.red]
host = "local:red"
[groups.edge]
targets = ["ns1", "192.0.2.9"]
"""


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inside = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent", **environment}
    return subprocess.run(mptcp_top(*arguments), check=False, capture_output=True, text=True, env=inside, timeout=60)


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return str(path)


def test_show_says_of_every_value_where_it_comes_from(config: str) -> None:
    done = run("config", "show", "--json", "--pin", "sha256:" + "AB" * 32, MPTCP_TOP_CONFIG=config, MPTCP_TOP_HOLD="9")
    shown = json.loads(done.stdout)
    assert shown["config"] == {"path": config, "found": True}
    assert shown["settings"]["hold"] == {"value": 9.0, "origin": "MPTCP_TOP_HOLD"}
    assert shown["settings"]["user"] == {"value": "ops", "origin": "file: [defaults]"}
    assert shown["settings"]["interval"] == {"value": None, "origin": "default"}
    target = shown["targets"]["ns1"]
    assert target["address"] == {"value": "192.0.2.1", "origin": "file: [targets.ns1]"}
    assert target["pin"] == {"value": "sha256:" + "ab" * 32, "origin": "flag"}
    assert target["password"] == {"value": "password_command pass", "origin": "file: [targets.ns1]"}
    assert set(shown["targets"]["red"]) == {"address", "interval", "timeout"}
    assert shown["groups"] == {"edge": ["ns1", "192.0.2.9"]}


def test_show_for_people_has_the_same_and_what_was_asked_for(config: str) -> None:
    shown = run("--group", "edge", "config", "show", MPTCP_TOP_CONFIG=config).stdout
    assert f"config file {config}\n" in shown
    assert "\ntarget 192.0.2.9\n" in shown
    assert [line.split() for line in shown.splitlines() if "password" in line][1] == [
        *("password", "password_command", "pass", "file:", "[targets.ns1]")
    ]


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_what_is_shown_is_no_wider_than_the_terminal(config: str, columns: int) -> None:
    with Terminal(mptcp_top("config", "show"), (columns, 60), {"MPTCP_TOP_CONFIG": config}) as terminal:
        assert terminal.wait_for_end() == 0
    lines = terminal.written.splitlines()
    assert max(len(line) for line in lines if config not in line) <= columns
    flowing = " ".join(terminal.written.split())
    assert "fallback_infinite_map / capable_syn_rx > 10% for 2m (warning) default" in flowing
    assert "password password_command pass file: [targets.ns1]" in flowing


def test_what_is_shown_to_a_program_is_a_line_a_setting(config: str) -> None:
    shown = run("config", "show", MPTCP_TOP_CONFIG=config, COLUMNS="40").stdout
    (line,) = (line for line in shown.splitlines() if "sessions fall back" in line)
    assert line.endswith("for 2m (warning)  default")


def test_the_example_says_who_goes_by_the_rules() -> None:
    assert (
        "[alerts]                              # for the dashboard, the rules for check, too;"
        in run("config", "example").stdout
    )


def test_show_says_what_an_interval_is_that_nobody_has_set(config: str) -> None:
    shown = run("config", "show", MPTCP_TOP_CONFIG=config).stdout
    rows = [line.split(maxsplit=1)[1] for line in shown.splitlines() if line.split()[:1] == ["interval"]]
    assert rows[0].startswith("1 s for a kernel, 5 s for a NetScaler (their own)  default")
    assert [row.partition("  ")[0] for row in rows[1:]] == ["5 s (its own)", "1 s (its own)"]


def test_show_speaks_of_the_keyring_only_where_there_is_one(config: str, tmp_path: Path) -> None:
    (tmp_path / "keyring.py").write_text("")
    for place, said in (("", "asked for"), (str(tmp_path), "keyring, or asked for")):
        done = run("config", "show", "--json", MPTCP_TOP_CONFIG=config, PYTHONPATH=place)
        assert json.loads(done.stdout)["settings"]["password"]["value"] == said


def test_show_says_that_a_theme_is_remembered_unless_one_is_set(config: str, tmp_path: Path) -> None:
    state = {"MPTCP_TOP_CONFIG": config, "XDG_STATE_HOME": str(tmp_path)}

    def theme(**environment: str) -> object:
        return json.loads(run("config", "show", "--json", **state, **environment).stdout)["settings"]["theme"]

    assert theme() == {"value": None, "origin": "default"}
    save(state, "theme", "dark")
    assert theme() == {"value": "dark", "origin": "remembered"}
    assert theme(MPTCP_TOP_THEME="light") == {"value": "light", "origin": "MPTCP_TOP_THEME"}
    save(state, "theme", "of another release")
    assert theme() == {"value": None, "origin": "default"}


def test_show_never_shows_a_secret(config: str) -> None:
    for arguments in (["config", "show"], ["config", "show", "--json"]):
        done = run(*arguments, MPTCP_TOP_CONFIG=config, MPTCP_TOP_PASSWORD="canary-variable")
        assert "MPTCP_TOP_PASSWORD (set)" in done.stdout
        assert "canary" not in done.stdout + done.stderr


def test_path_says_where_the_file_would_be_even_if_it_is_broken(tmp_path: Path) -> None:
    assert run("config", "path", XDG_CONFIG_HOME="/x").stdout == "/x/mptcp-top/config.toml\n"
    broken = tmp_path / "broken.toml"
    broken.write_text("[")
    assert run("config", "path", MPTCP_TOP_CONFIG=str(broken)).stdout == f"{broken}\n"
    assert run("config", "show", MPTCP_TOP_CONFIG=str(broken)).returncode == 2


def test_the_example_is_a_config_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(run("config", "example").stdout)
    done = run("config", "show", "--group", "edge", MPTCP_TOP_CONFIG=str(path))
    assert done.returncode == 0
    assert "https://ns2.example.com" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--password", "canary"], "everybody on this machine can read a command line"),
        (["stat", "--password=canary"], "Give --password-file FILE"),
        (["config", "show", "--password"], "there is no --password"),
        (["stat", "--pin", "sha256:12"], "64 hexadecimal digits"),
        (
            ["stat", "--insecure", "--cacert", "x.pem"],
            "insecure (flag) asks to trust any certificate and cacert (flag)",
        ),
        (["stat", "--host", "https://ops:canary@ns1"], "holds no user and no password"),
        (["stat", "--host", "ns1\x1b"], "'ns1·' is no target"),
        (["stat", "--group", "egde"], "did you mean edge?"),
        (["stat", "--host", "edge"], "--group edge"),
        (["--demo", "--host", "ns1"], "--demo brings its own targets"),
        (["--demo", "--group", "edge"], "--demo brings its own targets"),
        (["--theme", "solarized"], "give ansi, dark, light or okabe-ito"),
        (["--demo", "stat"], "--demo is the dashboard's"),
        (["config"], "ACTION"),
        (["stat", "--host", "http://ns9", "--allow-http", "--insecure"], "insecure (flag) is about certificates"),
        (
            ["stat", "--interval", "0.1", "--host", "ns1"],
            "ns1: an interval of 0.1 s (flag) is too short for a NetScaler",
        ),
    ],
)
def test_a_mistake_is_told_in_a_line_and_exits_with_2(arguments: list[str], complaint: str, config: str) -> None:
    done = run(*arguments, MPTCP_TOP_CONFIG=config)
    assert complaint in done.stderr
    assert done.returncode == 2
    assert "canary" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


def test_a_variable_that_is_none_is_told_with_the_nearest() -> None:
    done = run("stat", MPTCP_TOP_INTERVALL="canary")
    assert (done.returncode, done.stdout) == (2, "")
    assert "MPTCP_TOP_INTERVALL: there is no such variable: did you mean MPTCP_TOP_INTERVAL?" in done.stderr


def test_a_password_command_that_fails_names_its_target(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[defaults]\nuser = "ops"\npassword_command = ["/bin/false"]\n')
    done = run("stat", "--host", "ns1", "--host", "ns2", MPTCP_TOP_CONFIG=str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "ns1: password_command /bin/false ended with exit code 1" in done.stderr


def test_a_broken_config_file_is_told_by_every_command_that_reads(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[defaults]\nintervall = 5\n")
    for command in (["stat"], [], ["config", "show"]):
        done = run(*command, MPTCP_TOP_CONFIG=str(path))
        assert done.returncode == 2
        assert f"{path}:2: [defaults] intervall: unknown: did you mean interval?" in done.stderr


def test_reading_this_kernel_without_a_config_file_imports_nothing_for_one() -> None:
    slow = ("tomllib", "platformdirs", "difflib", "getpass", "hmac", "mptcp_top.config_text", "mptcp_top.credentials")
    script = (
        "import sys\nfrom mptcp_top.cli.main import main\nmain(['stat', '--json'])\n"
        f"print([name for name in {slow!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stderr.strip() == "[]"
