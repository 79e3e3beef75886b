"""The dashboard over simulated appliances, on a real pty: who answers, who does not, and what is asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mptcp_top.model import Secret
from mptcp_top.simulator.accounts import Account
from mptcp_top.simulator.certificate import Certificate, self_signed
from tests.nitro.appliances import (
    PASSWORD,
    USER,
    WIDE,
    assert_was_a_good_guest,
    at,
    dashboard,
    environment,
    polls,
    ran,
    running,
)
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mptcp_top.simulator.running import Box

ENOUGH_POLLS = 2


@pytest.fixture
def certificate() -> Iterator[Certificate]:
    made = self_signed()
    yield made
    made.discard()


def shows(terminal: Terminal, pattern: str) -> Callable[[], bool]:
    return lambda: re.search(pattern, terminal.text) is not None


def times_seen(terminal: Terminal, said: str, times: int) -> Callable[[], bool]:
    return lambda: terminal.text.count(said) == times


def look_at(terminal: Terminal, place: str) -> str:
    """Open one of several targets from the fleet and return what its screen says."""
    terminal.wait_for("Enter open")
    terminal.type("\r")
    terminal.wait_for(shows(terminal, r"\d/\d \(Tab\)"))
    if place not in terminal.text:
        terminal.type("\t")
    return terminal.wait_for(place)


def let_time_pass(terminal: Terminal, clock: Box) -> None:
    """Wait for some polls of another target, at the same interval."""
    enough = polls(clock) + ENOUGH_POLLS
    terminal.wait_for(lambda: polls(clock) >= enough)


def test_an_appliance_is_live_with_firmware_role_and_the_age_of_its_numbers(home: Path) -> None:
    with running("failover") as simulation:
        primary, secondary = simulation.appliances.values()
        with dashboard(home, *at(primary, secondary), size=(160, 40)) as terminal:
            fleet = terminal.wait_for(shows(terminal, r"(?s)s primary.*s secondary"))
            assert "2 not known yet" in fleet or "2 fine" in fleet  # before the first refresh, or after it
            look_at(terminal, "1/2 (Tab)")
            terminal.wait_for("● live")
            terminal.wait_for(shows(terminal, r"data \d+ s old"))
            shown = terminal.wait_for(shows(terminal, r"SYN received +[\d,]{5,}"))
            for said in ("NetScaler 14.1-51.80", "primary", "no TLS", "every 1 s"):
                assert said in shown, said
            terminal.type("\t")
            terminal.wait_for("2/2 (Tab)")
            assert "secondary" in terminal.wait_for("● live")
            terminal.type("\x11")  # Ctrl+Q: from any screen
            assert terminal.wait_for_end() == 0
        assert_was_a_good_guest(primary)
        assert_was_a_good_guest(secondary)


def test_a_refused_password_is_tried_again_only_by_hand_and_then_once(home: Path) -> None:
    with running("failover") as simulation:
        refusing, clock = simulation.appliances.values()
        refusing.add_account(Account(USER, Secret("another")))
        clock.add_account(Account("ada", Secret(PASSWORD)))
        config = home / "config.toml"
        config.write_text(
            f"[defaults]\nallow_http = true\ninterval = 1\n[targets.ns1]\nhost = '{refusing.url}'\nuser = '{USER}'\n"
            f"[targets.clock]\nhost = '{clock.url}'\nuser = 'ada'\n"
        )
        config.chmod(0o600)
        options = ("--host", "ns1", "--host", "clock")
        with dashboard(home, *options, MPTCP_TOP_CONFIG=str(config)) as terminal:
            assert "user name or password refused" in terminal.wait_for("1 down")
            look_at(terminal, "1/2 (Tab)")
            terminal.wait_for("✕ access refused")
            assert "(r in the dashboard)" in terminal.wait_for("user name or password refused")
            let_time_pass(terminal, clock)
            assert refusing.audit().failed_logins == 1
            terminal.type("r")
            terminal.wait_for(lambda: refusing.audit().failed_logins == 2)
            refusing.add_account(Account(USER, Secret(PASSWORD)))
            let_time_pass(terminal, clock)
            assert len(refusing.audit().records) == 2
            terminal.wait_for("✕ access refused")
            terminal.type("r")
            terminal.wait_for("● live")
            terminal.type("\x11")  # Ctrl+Q: from any screen
            assert terminal.wait_for_end() == 0
        assert (refusing.audit().logins, refusing.audit().logouts, refusing.sessions()) == (1, 1, 0)
        assert_was_a_good_guest(clock)


def test_a_password_that_one_appliance_refused_is_not_tried_on_the_next(home: Path) -> None:
    """A directory behind all of them would lock the account after a few."""
    with running("demo") as simulation:
        boxes = list(simulation.appliances.values())
        for box in boxes:
            box.add_account(Account(USER, Secret("another")))
        with dashboard(home, *at(*boxes)) as terminal:
            terminal.wait_for("3 down")
            terminal.type("q")
            assert terminal.wait_for_end() == 0
        assert sum(box.audit().failed_logins for box in boxes) == 1
        assert sum(len(box.audit().records) for box in boxes) == 1


def test_unverified_tls_is_said_all_the_time(home: Path, certificate: Certificate) -> None:
    said = "TLS not verified"
    with running(certificate=certificate) as simulation:
        box = simulation.appliances["ns1"]
        box.switch(latency_seconds=0.5)
        with dashboard(home, "--host", box.url, "--user", USER, "--interval", "1", "--insecure") as terminal:
            assert said in terminal.wait_for("connecting")
            assert said in terminal.wait_for("● live")
            box.switch(latency_seconds=0.0)
            box.fault("unavailable")
            assert said in terminal.wait_for("✕ unreachable")
            for columns, lines in ((80, 24), (60, 20), WIDE):
                terminal.screen.reset()
                terminal.resize(columns, lines)
                terminal.wait_for("q quit")
                assert said in terminal.wait_for("✕ unreachable"), (columns, lines)
            terminal.type("p")
            assert said in terminal.wait_for("◌ the past")
            terminal.type("p")
            box.mend()
            terminal.type("r")
            assert said in terminal.wait_for("● live")
            terminal.type("q")
            assert terminal.wait_for_end() == 0
        assert_was_a_good_guest(box)


@pytest.mark.parametrize("size", [(80, 24), WIDE])
def test_a_self_signed_certificate_is_shown_with_the_flag_that_trusts_it(
    home: Path, certificate: Certificate, size: tuple[int, int]
) -> None:
    with running(certificate=certificate) as simulation:
        box = simulation.appliances["ns1"]
        options = ("--host", box.url, "--user", USER, "--interval", "1")
        with dashboard(home, *options, size=size) as terminal:
            shown = terminal.wait_for("✕ unreachable")
            terminal.type("q")
            assert terminal.wait_for_end() == 0
        assert "self-signed certificate" in " ".join(shown.split())
        told = re.search(r"--pin(sha256:[0-9a-f]{64})", "".join(shown.split()))
        assert told, shown
        assert box.audit().records == []
        done = ran(home, "stat", *options, "--pin", told[1])
        assert (done.returncode, done.stderr) == (0, "")
        assert "TLS not verified" not in done.stdout
        assert_was_a_good_guest(box)


def test_another_certificate_than_the_pinned_one_gets_no_byte_of_ours(home: Path, certificate: Certificate) -> None:
    with running(certificate=certificate) as simulation:
        box = simulation.appliances["ns1"]
        pinned = f"sha256:{'00' * 32}"
        done = ran(home, "stat", "--host", box.url, "--user", USER, "--pin", pinned)
        assert done.returncode == 1
        assert "its certificate is not the pinned one" in done.stdout
        assert pinned in done.stdout
        assert box.audit().records == []


def test_the_password_is_asked_for_without_an_echo(box: Box, home: Path) -> None:
    without = environment(home)
    del without["MPTCP_TOP_PASSWORD"]
    with Terminal(mptcp_top(*at(box)), WIDE, without) as terminal:
        terminal.wait_for(f"Password of {USER} on {box.url}")
        terminal.type(f"{PASSWORD}\r")
        terminal.wait_for("● live")
        terminal.type("q")
        assert terminal.wait_for_end() == 0
    assert PASSWORD not in terminal.written
    assert_was_a_good_guest(box)


def test_no_password_at_the_prompt_is_told_in_a_line(box: Box, home: Path) -> None:
    without = environment(home)
    del without["MPTCP_TOP_PASSWORD"]
    for keys, code, said in (("\r\r\r", 2, "the password is empty"), ("\x04", 2, "none given"), ("\x03", 130, "")):
        with Terminal(mptcp_top(*at(box)), WIDE, without) as terminal:
            for asked, key in enumerate(keys, start=1):
                terminal.wait_for(times_seen(terminal, "Password of", asked))
                terminal.type(key)
            assert terminal.wait_for_end() == code
            assert said in terminal.text
            assert "Traceback" not in terminal.written
    assert box.audit().records == []


def test_one_password_is_typed_once_for_all_targets(home: Path) -> None:
    without = environment(home)
    del without["MPTCP_TOP_PASSWORD"]
    with running("demo") as simulation:
        boxes = list(simulation.appliances.values())
        with Terminal(mptcp_top(*at(*boxes)), WIDE, without) as terminal:
            terminal.wait_for(f"on {boxes[0].url} (and 2 more)")
            terminal.type(f"{PASSWORD}\r")
            terminal.wait_for("3 fine")
            terminal.type("q")
            assert terminal.wait_for_end() == 0
        for box in boxes:
            assert_was_a_good_guest(box)


def test_a_session_ended_by_somebody_is_entered_again_once_and_not_at_once_again(home: Path) -> None:
    with running("failover") as simulation:
        box, clock = simulation.appliances.values()
        with dashboard(home, *at(box, clock)) as terminal:
            look_at(terminal, "1/2 (Tab)")
            terminal.wait_for("● live")
            box.kill_sessions()
            terminal.wait_for(lambda: box.audit().logins == 2)
            let_time_pass(terminal, clock)
            terminal.wait_for("● live")
            box.kill_sessions()
            terminal.wait_for("the appliance ended our session again")
            terminal.type("r")
            let_time_pass(terminal, clock)
            assert box.audit().logins == 2
            terminal.type("\x11")  # Ctrl+Q: from any screen
            assert terminal.wait_for_end() == 0
        assert_was_a_good_guest(box, logins=2, logouts=0)
        assert_was_a_good_guest(clock)


def test_the_demonstration_shows_three_appliances_and_an_error_that_rises(home: Path) -> None:
    with dashboard(home, "--demo") as terminal:
        fleet = terminal.wait_for("3 fine")
        assert [name for name in ("ns1", "ns2", "ns3") if name in fleet] == ["ns1", "ns2", "ns3"]
        assert "simulated" in look_at(terminal, "1/3 (Tab)")
        for place in ("2/3 (Tab)", "3/3 (Tab)", "1/3 (Tab)"):
            terminal.type("\t")
            terminal.wait_for(place)
            assert "NetScaler 1" in terminal.wait_for("● live")
        terminal.type("f")
        terminal.wait_for("errors rise on 1", seconds=75)
        look_at(terminal, "1/3 (Tab)")
        terminal.wait_for(shows(terminal, r"[▲] \d errors? rising"))
        terminal.type("\x11")  # Ctrl+Q: from any screen
        assert terminal.wait_for_end() == 0
        assert terminal.modes_left_on() == []
    assert list(home.iterdir()) == []
