"""``doctor`` with simulated appliances: how far it gets, what it says to do, and that it is a good guest."""

from __future__ import annotations

import json
import signal
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.model import Secret
from mptcp_top.simulator.accounts import NO_MPTCP, Account
from mptcp_top.simulator.certificate import self_signed
from tests.nitro.appliances import (
    PASSWORD,
    USER,
    assert_was_a_good_guest,
    at,
    ran,
    running,
    started,
    tokens,
    until,
)
from tests.nitro.test_canary import spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

    from mptcp_top.simulator.certificate import Certificate
    from mptcp_top.simulator.running import Box

STEPS = ["name", "connection", "TLS", "login", "counters", "identity", "clock"]


def doctor(home: Path, *options: str, **more: str) -> CompletedProcess[str]:
    return ran(home, "doctor", "--json", *options, **more)


def findings(done: CompletedProcess[str], target: str) -> dict[str, dict[str, Any]]:
    assert done.stderr == ""
    told = json.loads(done.stdout)["findings"]
    return {finding["name"]: finding for finding in told if finding["target"] == target}


def states(done: CompletedProcess[str], target: str) -> dict[str, str]:
    return {name: finding["state"] for name, finding in findings(done, target).items()}


def up_to(step: str, *, noted: tuple[str, ...] = ("TLS",)) -> dict[str, str]:
    """How the steps end where one fails: those before it are fine, those after it are not taken."""
    number = STEPS.index(step)
    before = {name: "note" if name in noted else "ok" for name in STEPS[:number]}
    return {**before, step: "fails", **dict.fromkeys(STEPS[number + 1 :], "skipped")}


@pytest.fixture(scope="module")
def certificate() -> Iterator[Certificate]:
    made = self_signed("127.0.0.1")
    yield made
    made.discard()


@pytest.fixture
def secure(certificate: Certificate) -> Iterator[Box]:
    with running(certificate=certificate) as simulation:
        yield simulation.appliances["ns1"]


def test_everything_is_fine_within_one_login(box: Box, home: Path) -> None:
    done = doctor(home, *at(box))
    assert done.returncode == 0
    assert states(done, box.url) == {**dict.fromkeys(STEPS, "ok"), "TLS": "note"}
    told = findings(done, box.url)
    assert "81 of the 81" in told["counters"]["says"]
    assert told["identity"]["says"] == "NetScaler 14.1-51.80, ns1"
    assert "MPTCP_TOP_PASSWORD (set)" in told["login"]["says"]
    assert_was_a_good_guest(box)
    assert len(box.audit().records) == 7


TROUBLES: dict[str, tuple[Callable[[Box], None], str, str]] = {
    "wrong password": (lambda box: box.add_account(Account(USER, Secret("another"))), "login", "refused"),
    "no right": (lambda box: box.add_account(Account(USER, Secret(PASSWORD), NO_MPTCP)), "counters", "no right to"),
    "old": (lambda box: box.switch(old_firmware=True), "counters", "does not know the command"),
    "boots": (lambda box: box.fault("unavailable"), "login", "not ready"),
    "another product": (lambda box: box.fault("login-page"), "login", "HTML page"),
    "half a reply": (lambda box: box.fault("truncated-json", on="protocolmptcp"), "counters", "cut off"),
    "never answers": (lambda box: box.fault("stall", on="protocolmptcp"), "counters", "no answer within 0.5 s"),
    "login hangs": (lambda box: box.fault("stall", on="login"), "login", "not answered yet"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_step_that_fails_is_named_with_what_to_do(box: Box, home: Path, trouble: str) -> None:
    bring, step, words = TROUBLES[trouble]
    bring(box)
    done = doctor(home, *at(box), "--timeout", "0.5")
    assert done.returncode == 1
    assert states(done, box.url) == up_to(step)
    told = findings(done, box.url)[step]
    assert words in told["says"]
    assert told["advice"]
    audit = box.audit()
    if trouble != "login hangs":  # nobody told us that session's token
        assert (audit.logins, box.sessions()) == (audit.logouts, 0)
    assert len(audit.of("login")) == 1
    assert audit.clearstats == 0


def test_rights_that_are_missing_beside_the_counters_are_noted_with_their_names(box: Box, home: Path) -> None:
    box.add_account(Account(USER, Secret(PASSWORD), "^stat protocol mptcp$"))
    done = doctor(home, *at(box))
    assert done.returncode == 0
    told = findings(done, box.url)["identity"]
    assert told["state"] == "note"
    for command in ("stat system", "stat ha node", "show ns hostName", "show ns version"):
        assert f"no right to: {command}" in told["says"]


def test_a_full_table_of_sessions_is_noted(box: Box, home: Path) -> None:
    box.fault("full", on="login")
    done = doctor(home, *at(box))
    assert done.returncode == 0
    assert states(done, box.url)["login"] == "note"
    assert states(done, box.url)["counters"] == "ok"


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        ((), "fails: its certificate is not trusted"),
        (("--insecure",), "note: not verified (--insecure)"),
        (("--cacert", "CERT"), "ok: verified by"),
        (("--pin", "PIN"), "ok: as pinned"),
        (("--pin", "sha256:" + "0" * 64), "fails: is not the pinned one"),
    ],
)
def test_tls_is_judged_as_it_would_be(
    secure: Box, certificate: Certificate, home: Path, options: tuple[str, ...], verdict: str
) -> None:
    state, _, words = verdict.partition(": ")
    pin = findings(doctor(home, "--host", secure.url, "--user", USER, "--insecure"), secure.url)["TLS"]["says"]
    known = {"CERT": str(certificate.cert), "PIN": pin.split()[1].rstrip(",")}
    before = len(secure.audit().records)
    done = doctor(home, "--host", secure.url, "--user", USER, *(known.get(option, option) for option in options))
    told = findings(done, secure.url)
    assert (told["TLS"]["state"], done.returncode) == (state, int(state == "fails"))
    assert words in told["TLS"]["says"]
    assert known["PIN"] in told["TLS"]["says"]
    if state == "fails":
        assert len(secure.audit().records) == before, "something was sent"
        assert states(done, secure.url) == up_to("TLS", noted=())


def test_what_is_no_tls_is_told_at_that_step(box: Box, home: Path) -> None:
    address = box.url.removeprefix("http://")
    done = doctor(home, "--host", address, "--user", USER)
    assert states(done, address) == up_to("TLS", noted=())
    assert "does not speak TLS" in findings(done, address)["TLS"]["says"]


def test_a_port_where_nobody_listens_and_a_name_that_nobody_knows_are_told_apart(home: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{nobody.getsockname()[1]}"
        done = doctor(home, "--host", closed, "--host", "no-such-host.invalid", "--user", USER)
    assert done.returncode == 1
    assert states(done, closed) == up_to("connection")
    assert states(done, "no-such-host.invalid") == up_to("name")
    assert "Connection refused" in findings(done, closed)["connection"]["says"]


def test_a_clock_that_is_wrong_is_noted_with_how_much(home: Path) -> None:
    with running(wall=time.time() - 600) as simulation:
        box = simulation.appliances["ns1"]
        done = doctor(home, *at(box))
        assert done.returncode == 0
        told = findings(done, box.url)["clock"]
    assert told["state"] == "note"
    assert "behind the clock here" in told["says"]
    assert "10 min" in told["says"] or "9 min" in told["says"]


def test_a_password_that_nobody_gives_fails_the_login_and_asks_nothing(box: Box, home: Path) -> None:
    done = doctor(home, *at(box), MPTCP_TOP_PASSWORD="")
    assert states(done, box.url) == up_to("login")
    assert "no password for" in findings(done, box.url)["login"]["says"]
    assert box.audit().records == []


def test_several_targets_are_looked_at_together_and_told_in_order(box: Box, home: Path) -> None:
    with running(deaf=True) as other:
        deaf = f"http://127.0.0.1:{other.deaf_port}"
        done = doctor(home, *at(deaf, box, other.appliances["ns1"]), "--timeout", "2")
        told = json.loads(done.stdout)["findings"]
        targets = list(dict.fromkeys(finding["target"] for finding in told if finding["target"]))
        assert targets == [deaf, box.url, other.appliances["ns1"].url]
        assert states(done, deaf) == up_to("login")
        assert states(done, box.url)["clock"] == "ok"
        assert done.returncode == 1
        assert_was_a_good_guest(box)
        assert_was_a_good_guest(other.appliances["ns1"])


def test_no_secret_is_shown(home: Path) -> None:
    with running() as simulation:
        box = simulation.appliances["ns1"]
        box.switch(latency_seconds=0.05)
        with started(home, "doctor", *at(box)) as process:
            until(lambda: bool(tokens(simulation)), "a session")
            known = tokens(simulation)
            out, err = process.communicate(timeout=60)
    spelt = {piece for secret in (PASSWORD, *known) for piece in spellings(secret)}
    assert [piece for piece in spelt if piece in out + err] == []
    assert "everything that is needed works" in out


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131)]
)
def test_a_signal_logs_out(box: Box, home: Path, number: signal.Signals, code: int) -> None:
    box.fault("stall", on="protocolmptcp")
    with started(home, "doctor", *at(box), "--timeout", "600") as process:
        until(lambda: len(box.audit().of("protocolmptcp")) == 1, "a request")
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert (process.returncode, said) == (code, "")
    assert_was_a_good_guest(box)
