"""``mptcp-top simulate`` as a user types it."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mptcp_top.simulator.scenario import scenario_names
from tests.simulator.calls import MPTCP
from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "MPTCP_TOP_SIMULATE_PASSWORD"


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        mptcp_top("simulate", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | environment,
    )


def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    with start(*arguments, **environment) as process:
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err


@contextmanager
def started(*arguments: str, lines: int, **environment: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    with start(*arguments, **environment) as process:
        assert process.stdout is not None
        try:
            yield process, [process.stdout.readline() for _ in range(lines)]
        finally:
            process.terminate()
            process.wait(60)


def statistics(url: str, password: str, user: str = "monitor") -> int:
    asked = urllib.request.Request(url + MPTCP, headers={"X-NITRO-USER": user, "X-NITRO-PASS": password})
    with urllib.request.urlopen(asked, timeout=20) as reply:
        return int(reply.status)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_says_where_the_appliances_are_and_keeps_the_password_in_a_file(number: signal.Signals, code: int) -> None:
    with started("--port", "0", lines=4) as (process, lines):
        urls = [re.search(r"http://127\.0\.0\.1:\d+", line) for line in lines[:3]]
        assert [line.split()[0] for line in lines[:3]] == ["ns1", "ns2", "ns3"]
        assert "mptcp-top --host http://127.0.0.1:" in lines[0]
        assert "--allow-http --user monitor --password-file /" in lines[0]
        file = Path(lines[3].split()[-1])
        password = file.read_text().strip()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert password not in "".join(lines)
        assert [statistics(url[0], password) for url in urls if url] == [200, 200, 200]
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (code, "", "")
        assert not file.exists()


def test_the_password_may_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from a file\n")
    file.chmod(0o600)
    common = ("--scenario", "constant", "--port", "0", "--user", "ada")
    for arguments, password in (((), "from outside"), (("--password-file", str(file)), "from a file")):
        with started(*common, *arguments, lines=2, **{VARIABLE: "from outside"}) as (_, lines):
            url = re.search(r"http://\S+", lines[0])
            assert url
            assert statistics(url[0], password, "ada") == 200
            assert password not in "".join(lines)


def test_tls_comes_with_a_certificate_to_trust() -> None:
    with started("--tls", "--scenario", "constant", "--port", "0", lines=2, **{VARIABLE: "x"}) as (_, lines):
        assert re.search(r"https://127\.0\.0\.1:\d+", lines[0])
        cert = re.search(r"--cacert (\S+)", lines[0])
        assert cert
        assert Path(cert[1]).read_text().startswith("-----BEGIN CERTIFICATE-----")
        assert "--allow-http" not in lines[0]


def test_quiet_says_nothing_and_needs_a_password() -> None:
    code, out, err = run("--quiet")
    assert (code, out) == (2, "")
    assert VARIABLE in err


def test_the_scenarios_can_be_listed() -> None:
    code, out, _ = run("--list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(scenario_names())


def test_what_cannot_be_is_answered_with_advice(tmp_path: Path) -> None:
    open_file = tmp_path / "open"
    open_file.write_text("secret\n")
    open_file.chmod(0o644)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for arguments, advice in (
            (("--port", str(port)), "is taken: stop what listens there, or give another --port"),
            (("--port", "70000"), "give a --port from 0 to 65535"),
            (("--scenario", "demos"), "did you mean demo"),
            (("--cert", "x"), "give --cert FILE and --key FILE"),
            (("--password-file", str(open_file)), f"chmod 600 {open_file}"),
            (("--password-file", str(tmp_path / "none")), "No such file"),
        ):
            code, out, err = run(*arguments)
            assert (code, out) == (2, ""), err
            assert advice in err
            assert "secret" not in err
            assert "Traceback" not in err


def test_without_openssl_tls_says_what_to_do(tmp_path: Path) -> None:
    code, _, err = run("--tls", "--port", "0", PATH=str(tmp_path))
    assert code == 2
    assert "openssl" in err
    assert "--cert" in err
