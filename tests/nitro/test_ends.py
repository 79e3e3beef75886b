"""Every way to end, and what the appliance saw: one login, one logout, no session left behind."""

from __future__ import annotations

import shlex
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.nitro.appliances import (
    PASSWORD,
    USER,
    assert_was_a_good_guest,
    at,
    dashboard,
    environment,
    hurry,
    polls,
    ran,
    started,
    until,
)
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.simulator.running import Box

SIGNALS = [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131)]
LONG = ("--timeout", "600")
"""A poll that is waited for at the end keeps the test waiting for longer than its deadline."""


def by_signal(number: signal.Signals) -> Callable[[Terminal], None]:
    return lambda terminal: terminal.send(number)


ENDS: dict[str, tuple[Callable[[Terminal], None], int]] = {
    "q": (lambda terminal: terminal.type("q"), 0),
    "ctrl-c": (lambda terminal: terminal.type("\x03"), 130),
    "closed terminal": (lambda terminal: terminal.hang_up(), 129),
    **{number.name: (by_signal(number), code) for number, code in SIGNALS},
}
every_end = pytest.mark.parametrize(("end", "code"), ENDS.values(), ids=ENDS)
every_signal = pytest.mark.parametrize(("number", "code"), SIGNALS, ids=str)


def asked_for(box: Box, resource: str, times: int = 1) -> Callable[[], bool]:
    return lambda: len(box.audit().of(resource)) >= times


@every_end
def test_the_dashboard_logs_out_however_it_ends(
    box: Box, home: Path, end: Callable[[Terminal], None], code: int
) -> None:
    with dashboard(home, *at(box)) as terminal:
        terminal.wait_for("● live")
        hurry(terminal, box, 3)
        end(terminal)
        assert terminal.wait_for_end() == code
    assert_was_a_good_guest(box)


@pytest.mark.parametrize("way", ["q", "closed terminal", "SIGTERM"])
def test_the_dashboard_does_not_wait_for_an_answer_that_hangs(box: Box, home: Path, way: str) -> None:
    box.fault("stall", on="protocolmptcp", skip=2)
    end, code = ENDS[way]
    with dashboard(home, *at(box), *LONG) as terminal:
        terminal.wait_for("● live")
        hurry(terminal, box, 3)
        end(terminal)
        assert terminal.wait_for_end() == code
    assert_was_a_good_guest(box)


@pytest.mark.parametrize(
    ("moment", "signalled"), [*zip(["login", "protocolmptcp", "nshostname", "nsversion"], SIGNALS, strict=True)]
)
def test_a_signal_while_the_screen_is_still_being_made_logs_out_too(
    box: Box, home: Path, moment: str, signalled: tuple[signal.Signals, int]
) -> None:
    """Textual takes longer to import than a loopback appliance to answer."""
    number, code = signalled
    with dashboard(home, *at(box)) as terminal:
        until(asked_for(box, moment), f"a request for {moment}")
        terminal.send(number)
        assert terminal.wait_for_end() == code
        assert terminal.modes_left_on() == []
    assert_was_a_good_guest(box)


def test_a_signal_before_the_login_leaves_no_login_or_a_logout(box: Box, home: Path) -> None:
    with dashboard(home, *at(box)) as terminal:
        terminal.wait_for(caught(terminal.pid, signal.SIGTERM))
        terminal.send(signal.SIGTERM)
        assert terminal.wait_for_end() == 143
        assert terminal.modes_left_on() == []
    assert_was_a_good_guest(box, logins=box.audit().logins)


def caught(pid: int, number: signal.Signals) -> Callable[[], bool]:
    """Whether a process has a handler of its own for a signal by now."""

    def there() -> bool:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        mask = next(int(line.split()[1], 16) for line in status if line.startswith("SigCgt:"))
        return bool(mask >> (number - 1) & 1)

    return there


@pytest.mark.parametrize("command", ["dashboard", "stat"])
def test_a_login_under_way_at_the_end_is_waited_for_and_logged_out(box: Box, home: Path, command: str) -> None:
    box.switch(latency_seconds=0.5)
    if command == "stat":
        with started(home, "stat", *at(box)) as process:
            until(asked_for(box, "login"), "a login")
            process.terminate()
            assert process.wait(20) == 143
    else:
        with dashboard(home, *at(box)) as terminal:
            terminal.wait_for(asked_for(box, "login"))
            terminal.type("q")
            terminal.send(signal.SIGTERM)
            assert terminal.wait_for_end() == 143
    assert_was_a_good_guest(box)


def test_a_login_that_is_never_answered_does_not_hold_up_the_end(box: Box, home: Path) -> None:
    box.fault("stall", on="login")
    with dashboard(home, *at(box), *LONG) as terminal:
        terminal.wait_for("connecting")
        terminal.wait_for(asked_for(box, "login"))
        terminal.type("q")
        assert terminal.wait_for_end() == 0
    assert_was_a_good_guest_but_for(box, sessions=1)


def test_a_logout_that_is_never_answered_does_not_hold_up_the_end(box: Box, home: Path) -> None:
    box.fault("stall", on="logout")
    with dashboard(home, *at(box), *LONG) as terminal:
        terminal.wait_for("● live")
        terminal.type("q")
        assert terminal.wait_for_end() == 0
    assert_was_a_good_guest(box)


ASK_ONCE = """[ -e "{0}/asked" ] && touch "{0}/asked again" && exec sleep 600; touch "{0}/asked"; echo {1}"""


@pytest.mark.parametrize("command", ["dashboard", "stat"])
def test_a_password_command_that_hangs_does_not_hold_up_the_end(box: Box, home: Path, command: str) -> None:
    """Only its first run is before there is a screen; the next is when a session has ended."""
    give = ASK_ONCE.format(home, PASSWORD)
    config = home / "config.toml"
    config.write_text(f"[targets.ns1]\nhost = '{box.url}'\npassword_command = ['sh', '-c', '''{give}''']\n")
    config.chmod(0o600)
    options = ("--host", "ns1", "--allow-http", "--user", USER, "--interval", "1")
    more = {"MPTCP_TOP_CONFIG": str(config), "MPTCP_TOP_PASSWORD": ""}
    asked_again = (home / "asked again").exists
    if command == "stat":
        with started(home, "stat", *options, "--count", "50", **more) as process:
            until(asked_for(box, "protocolmptcp"), "a poll")
            box.kill_sessions()
            until(asked_again, "the password asked for again")
            process.terminate()
            assert process.wait(20) == 143
    else:
        with Terminal(mptcp_top(*options), environment=environment(home, **more)) as terminal:
            terminal.wait_for("● live")
            box.kill_sessions()
            terminal.wait_for(asked_again)
            terminal.type("q")
            assert terminal.wait_for_end() == 0


def assert_was_a_good_guest_but_for(box: Box, sessions: int) -> None:
    """Nobody told it the token of its session, which then ends by itself."""
    assert box.sessions() == sessions
    assert box.kill_sessions() == sessions
    assert_was_a_good_guest(box, logouts=0)


def test_stat_logs_out_after_its_last_sample(box: Box, home: Path) -> None:
    done = ran(home, "stat", *at(box), "--count", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert_was_a_good_guest(box)
    assert polls(box) == 1


@every_signal
def test_a_signal_to_stat_logs_out(box: Box, home: Path, number: signal.Signals, code: int) -> None:
    with started(home, "stat", *at(box), "--count", "50", "--json") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("{")
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert (process.returncode, said) == (code, "")
    assert_was_a_good_guest(box)
    assert polls(box) < 50


@pytest.mark.parametrize(("number", "code"), SIGNALS[1:3], ids=str)
def test_a_signal_to_stat_does_not_wait_for_an_answer_that_hangs(
    box: Box, home: Path, number: signal.Signals, code: int
) -> None:
    box.fault("stall", on="protocolmptcp", skip=1)
    with started(home, "stat", *at(box), *LONG, "--count", "50") as process:
        until(asked_for(box, "protocolmptcp", 2), "a second poll")
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert (process.returncode, said) == (code, "")
    assert_was_a_good_guest(box)


def test_a_reader_that_has_seen_enough_logs_out(box: Box, home: Path) -> None:
    command = shlex.join(mptcp_top("stat", *at(box), "--count", "50", "--json"))
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1"],
        check=False,
        capture_output=True,
        text=True,
        env=environment(home),
        timeout=60,
    )
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")
    assert_was_a_good_guest(box)
    assert polls(box) < 50


def test_a_full_disk_logs_out(box: Box, home: Path) -> None:
    command = shlex.join(mptcp_top("stat", *at(box), "--count", "50", "--json"))
    done = subprocess.run(
        ["bash", "-c", f"{command} >/dev/full"], check=False, capture_output=True, text=True, env=environment(home)
    )
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert_was_a_good_guest(box)


def test_a_counter_that_is_not_there_logs_out(box: Box, home: Path) -> None:
    done = ran(home, "stat", *at(box), "--count", "50", "mptcptotmpcapsin")
    assert done.returncode == 2
    assert "mptcptotmpcapsyn" in done.stderr
    assert_was_a_good_guest(box)
    assert polls(box) == 1


def test_two_ends_at_once_log_out_once(box: Box, home: Path) -> None:
    box.switch(latency_seconds=0.2)
    with started(home, "stat", *at(box), "--count", "50", "--json") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        until(asked_for(box, "logout"), "a logout")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert (process.returncode in {130, 143}, said) == (True, "")
    assert_was_a_good_guest(box)
