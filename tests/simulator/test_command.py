"""``mptcp-top simulate`` as a user types it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mptcp_top.simulator.faults import FAULT_NAMES
from mptcp_top.simulator.scenario import scenario_names
from tests.simulator.calls import MPTCP
from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VARIABLE = "MPTCP_TOP_SIMULATE_PASSWORD"


UNTOUCHED_BY_HANGUPS = ("sh", "-c", "trap '' HUP; exec \"$@\"", "sh")


def start(*arguments: str, before: Sequence[str] = (), **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*before, *mptcp_top("simulate", *arguments)],
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
def started(
    *arguments: str, lines: int, before: Sequence[str] = (), **environment: str
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    with start(*arguments, before=before, **environment) as process:
        assert process.stdout is not None
        try:
            yield process, [process.stdout.readline() for _ in range(lines)]
        finally:
            process.terminate()
            process.wait(60)


def statistics(url: str, password: str, user: str = "monitor", path: str = MPTCP) -> int:
    asked = urllib.request.Request(url + path, headers={"X-NITRO-USER": user, "X-NITRO-PASS": password})  # noqa: S310  # a simulator of ours, over http:
    try:
        with urllib.request.urlopen(asked, timeout=20) as reply:  # noqa: S310  # a simulator of ours, over http:
            return int(reply.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def where(line: str) -> str:
    found = re.search(r"https?://\S+", line)
    assert found
    return found[0]


SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)]


@pytest.mark.parametrize(("number", "code"), SIGNALS)
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
        assert (process.returncode, err) == (code, "")
        assert [line.split()[0] for line in out.splitlines()] == ["ns1", "ns2", "ns3"]
        assert not file.exists()


def test_a_terminal_that_is_gone_leaves_no_password_and_no_key_behind(tmp_path: Path) -> None:
    arguments = ("--tls", "--scenario", "constant", "--port", "0")
    with started(*arguments, lines=2, TMPDIR=str(tmp_path)) as (process, lines):
        assert Path(lines[1].split()[-1]).parent == tmp_path
        assert len(list(tmp_path.iterdir())) == 2
        assert process.stdout
        process.stdout.close()
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 129
        assert process.stderr
        assert process.stderr.read() == ""
        assert list(tmp_path.iterdir()) == []


def test_more_signals_during_the_end_change_nothing(tmp_path: Path) -> None:
    with started("--tls", "--scenario", "constant", "--port", "0", lines=2, TMPDIR=str(tmp_path)) as (process, _):
        process.send_signal(signal.SIGTERM)
        while process.poll() is None:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
                with suppress(ProcessLookupError):
                    process.send_signal(number)
        out, err = process.communicate(timeout=60)
        assert process.returncode in {143, 130, 131}, err
        assert (len(out.splitlines()), err) == (1, "")
        assert list(tmp_path.iterdir()) == []


def test_who_said_nohup_is_not_hung_up() -> None:
    with started("--scenario", "constant", "--port", "0", lines=2, before=UNTOUCHED_BY_HANGUPS) as (process, _):
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 143


def test_at_the_end_it_says_what_it_was_asked_and_the_audit_has_every_request(tmp_path: Path) -> None:
    file = tmp_path / "audit"
    arguments = ("--scenario", "constant", "--port", "0", "--audit", str(file), "--fault", "unavailable:skip=2,times=1")
    with started(*arguments, lines=2, **{VARIABLE: "tulip canary"}) as (process, lines):
        url = where(lines[0])
        asked = json.dumps({"login": {"username": "monitor", "password": "tulip canary"}}).encode()
        login = urllib.request.Request(f"{url}/nitro/v1/config/login", asked, {"Content-Type": "application/json"})  # noqa: S310  # a simulator of ours, over http:
        urllib.request.urlopen(login, timeout=20).close()  # noqa: S310  # a simulator of ours, over http:
        leak = f"{MPTCP}?args=detail:true&password=tulip+canary"
        assert [statistics(url, "tulip canary", path=path) for path in (leak, MPTCP)] == [200, 503]
        assert statistics(url, "wrong", "tulip canary") == 401
        assert len(file.read_text().splitlines()) == 4
        process.terminate()
        out, _ = process.communicate(timeout=60)
        assert out == (
            "ns1  requests 4, logins 1, failed logins 1, logouts 0, stateless calls 1, clearstats 0, "
            "most requests in flight 1, sessions still open 1\n"
        )
    text = file.read_text()
    told = [json.loads(line) for line in text.splitlines()]
    assert [(each["method"], each["status"], each["fault"]) for each in told] == [
        ("POST", 201, ""),
        ("GET", 200, ""),
        ("GET", 503, "unavailable"),
        ("GET", 401, ""),
    ]
    assert {each["appliance"] for each in told} == {"ns1"}
    assert not re.search(r"tulip|canary|##|%23", text)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_faults_switches_and_a_user_who_may_not_can_be_asked_for() -> None:
    common = ("--scenario", "constant", "--port", "0")
    for arguments, expected in (
        (("--deny",), 403),
        (("--set", "old_firmware=true", "--set", "old_status=400"), 400),
        (("--fault", "unavailable@protocolmptcp"), 503),
    ):
        with started(*common, *arguments, lines=2, **{VARIABLE: "x"}) as (_, lines):
            url = where(lines[0])
            assert statistics(url, "x") == expected
            assert statistics(url, "x", path="/nitro/v1/config/nsversion") == 200


def test_the_faults_and_switches_can_be_listed() -> None:
    code, out, err = run("--list-faults")
    assert (code, err) == (0, "")
    assert {line.split()[0] for line in out.splitlines()} >= {*FAULT_NAMES, "form", "session_limit", "old_firmware"}


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
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for arguments, advice in (
            (("--port", str(port)), "is taken: stop what listens there, or give another --port"),
            (("--port", "70000"), "give a --port from 0 to 65535"),
            (("--scenario", "demos"), "did you mean demo"),
            (("--cert", "x"), "give --cert FILE and --key FILE"),
            (("--password-file", str(open_file)), f"chmod 600 {open_file}"),
            (("--password-file", str(tmp_path / "none")), "No such file"),
            (("--port", "0", "--audit", str(open_file)), "is there already"),
            (("--port", "0", "--audit", str(tmp_path / "link")), "is there already"),
            (("--port", "0", "--audit", str(tmp_path / "no" / "where")), "No such file"),
            (("--fault", "expird@protocolmptcp"), "did you mean expired?"),
            (("--set", "totals=numbers"), "did you mean number?"),
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
