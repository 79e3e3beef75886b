"""``config check``: everything that is wrong at once, each with its line, and never a secret."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inside = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent", **environment}
    command = mptcp_top("config", "check", *arguments)
    return subprocess.run(command, check=False, capture_output=True, text=True, env=inside, timeout=60)


def check(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    path = folder / "config.toml"
    path.write_text(text)
    return run(str(path))


def mistakes(folder: Path, text: str) -> list[str]:
    """What is wrong, without the name of the file."""
    done = check(folder, text)
    assert (done.returncode, done.stderr) == (2, "")
    *lines, last = done.stdout.splitlines()
    assert last == f"{len(lines)} to mend"
    return [line.removeprefix(f"{folder}/config.toml:") for line in lines]


def secret_file(folder: Path, mode: int) -> None:
    (folder / "secret").write_text("canary\n")
    (folder / "secret").chmod(mode)


def test_a_file_without_a_mistake_is_said_to_be_one(tmp_path: Path) -> None:
    secret_file(tmp_path, 0o600)
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    done = check(
        tmp_path,
        """
        [defaults]
        host = ["ns1", "local"]
        cacert = "ca.pem"
        [targets.ns1]
        host = "192.0.2.1"
        password_file = "secret"
        [targets.ns2]
        password_command = ["sh", "-c", "exit 1"]
        [groups.edge]
        targets = ["ns1", "192.0.2.9"]
        [alerts]
        command = ["sh"]
        [alerts.rules]
        "few" = { rule = "sessions < 10", targets = ["edge", "local"] }
        """,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path}/config.toml: nothing is wrong (2 targets, 1 group, 1 rule)\n"


def test_every_mistake_is_told_with_its_line_in_their_order(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        "[alerts]\nclean_hours = -1\n"  # 1, 2
        "[groups.bad]\ntargets = 5\n"  # 3, 4
        "[targets.ns1]\nintervall = 5\npin = 'x'\n"  # 5, 6, 7
        "[targets.10.0.0.1]\nuser = 'x'\n"  # 8, 9
        "[defaults]\ntimeout = 0\nusr = 'x'\n"  # 10, 11, 12
        "[alerts.rules]\na = 'errors >'\n"  # 13, 14
        "[defalts]\n",  # 15
    )
    assert [line.partition(":")[0] for line in told] == ["2", "4", "6", "7", "8", "11", "12", "14", "15"]
    assert "did you mean interval?" in told[2]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[defaults]\npassword_file = 'none'", 2, "[defaults] password_file: {0}/none: No such file"),
        ("[targets.a]\n\npassword_file = 'open'", 3, "chmod 600 {0}/open"),
        ("[targets.a]\npassword_file = 'link'", 2, "is a symbolic link"),
        ("[targets.a]\npassword_file = 'two'", 2, "there is more than one line"),
        ("[defaults]\ncacert = 'open'", 2, "[defaults] cacert: {0}/open: no certificate in PEM form"),
        ("[defaults]\ncacert = 'none.pem'", 2, "none.pem: No such file"),
        ("[targets.a]\npassword_command = ['nosuchprogram', 'canary']", 2, "there is no program nosuchprogram"),
        ("[alerts]\ncommand = ['/no/such']", 2, "[alerts] command: there is no program /no/such"),
        ("[targets.a]\nhost = 'http://192.0.2.1'", 1, "[targets.a]: http://192.0.2.1 would carry user and password"),
        ("[targets.a]\nhost = 'a/b'", 1, "give only the host and port"),
        ("[targets.a]\ninterval = 0.5", 1, "too short for a NetScaler"),
        ("[defaults]\nhost = ['ns1', 'x/y']", 2, "[defaults] host: 'x/y'"),
        ("[groups.a]\ntargets = ['ns1']\n[groups.b]\ntargets = ['a']", 4, "a is a group"),
        ("[groups.a]\ntargets = ['fe80::1']", 2, "stands in brackets"),
        ("[targets.edge]\n[alerts.rules]\na = { rule = 'errors rises', targets = ['egde'] }", 3, "did you mean edge?"),
        ("[targets.a]\nhost = 'local:a/b'", 1, "a network namespace is a name"),
    ],
)
def test_what_the_file_names_is_looked_at(tmp_path: Path, text: str, line: int, words: str) -> None:
    secret_file(tmp_path, 0o600)
    (tmp_path / "open").write_text("canary\n")
    (tmp_path / "open").chmod(0o644)
    (tmp_path / "two").write_text("canary\ncanary\n")
    (tmp_path / "two").chmod(0o600)
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    (told,) = mistakes(tmp_path, text)
    assert told.startswith(f"{line}: ")
    assert words.format(tmp_path) in told


def test_nothing_is_run_and_no_secret_shown(tmp_path: Path) -> None:
    secret_file(tmp_path, 0o644)
    done = check(
        tmp_path,
        f"""
        [defaults]
        password = "canary-in-the-file"
        password_file = "secret"
        [targets.a]
        password_command = ["touch", "{tmp_path}/run", "canary-argument"]
        host = "https://me:canary-url@192.0.2.1"
        """,
    )
    assert done.returncode == 2
    assert "canary" not in done.stdout + done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[defaults\n", "line 1"),
        (b"\n\xff\n", ":2: this is not UTF-8"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
    ],
)
def test_what_is_no_toml_is_one_mistake(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    done = run(str(path))
    assert (done.returncode, done.stderr) == (2, "")
    assert words in done.stdout
    assert done.stdout.endswith("1 to mend\n")


def test_a_file_with_a_command_that_others_may_write_is_one(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[defaults]\npassword_command = ["sh"]\n')
    path.chmod(0o666)
    done = run(str(path))
    assert done.returncode == 2
    assert f"chmod go-w {path}" in done.stdout


def test_without_a_name_it_is_the_file_that_is_used(tmp_path: Path) -> None:
    path = tmp_path / "mptcp-top" / "config.toml"
    path.parent.mkdir()
    path.write_text("[defaults]\nusr = 'x'\n")
    assert run(XDG_CONFIG_HOME=str(tmp_path)).stdout.startswith(f"{path}:2: ")
    assert run(MPTCP_TOP_CONFIG=str(path)).returncode == 2


def test_no_file_is_no_mistake_unless_it_was_named(tmp_path: Path) -> None:
    done = run(XDG_CONFIG_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (
        0,
        f"{tmp_path}/mptcp-top/config.toml: there is none, and none is needed\n",
    )
    for done in (run(str(tmp_path / "x")), run(MPTCP_TOP_CONFIG=str(tmp_path / "x"))):
        assert (done.returncode, done.stdout) == (2, "")
        assert f"there is no {tmp_path}/x" in done.stderr


def test_what_is_no_file_is_refused_in_a_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        done = run(str(path))
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
