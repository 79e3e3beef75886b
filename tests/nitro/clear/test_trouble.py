"""``clear`` where something goes wrong: nothing is cleared, or it is told, once, whatever happens."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import pytest

from mptcp_top.model import Secret
from mptcp_top.simulator.accounts import NO_MPTCP, TIGHT, Account
from tests.nitro.appliances import (
    PASSWORD,
    USER,
    assert_was_a_good_guest,
    environment,
    ran,
    started,
    tokens,
    until,
)
from tests.nitro.clear.cleared import ASKED, LEVELS, SIGNALS, assert_cleared_once, clear, files, log, on_a_terminal
from tests.nitro.test_canary import spellings
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
    from pathlib import Path

    from mptcp_top.simulator.running import Box, Simulation


def a_link_for_the_folder(home: Path) -> None:
    (home / "elsewhere").mkdir()
    (home / "mptcp-top").mkdir(mode=0o700)
    (home / "mptcp-top" / "clear").symlink_to(home / "elsewhere")


def a_link_for_our_folder(home: Path) -> None:
    (home / "elsewhere").mkdir()
    (home / "mptcp-top").symlink_to(home / "elsewhere")


def a_link_for_the_log(home: Path) -> None:
    (home / "mptcp-top" / "clear").mkdir(mode=0o700, parents=True)
    (home / "mptcp-top" / "clear" / "clear.log").symlink_to(home / "elsewhere")


def a_file_for_the_folder(home: Path) -> None:
    (home / "mptcp-top").mkdir(mode=0o700)
    (home / "mptcp-top" / "clear").touch()


def a_folder_others_write(home: Path) -> None:
    (home / "mptcp-top" / "clear").mkdir(parents=True)
    (home / "mptcp-top" / "clear").chmod(0o777)


def a_pipe_for_the_log(home: Path) -> None:
    (home / "mptcp-top" / "clear").mkdir(mode=0o700, parents=True)
    os.mkfifo(home / "mptcp-top" / "clear" / "clear.log")


@pytest.mark.parametrize(
    "obstacle",
    [
        a_link_for_the_folder,
        a_link_for_our_folder,
        a_link_for_the_log,
        a_file_for_the_folder,
        a_folder_others_write,
        a_pipe_for_the_log,
    ],
)
def test_where_nothing_can_be_saved_nothing_is_cleared(
    box: Box, home: Path, config: dict[str, str], obstacle: Callable[[Path], None]
) -> None:
    obstacle(home)
    done = clear(home, config, "--host", "ns1", "--yes-clear", "ns1")
    assert done.returncode == 2
    assert str(home / "mptcp-top" / "clear") in done.stderr
    assert "Traceback" not in done.stderr
    assert_was_a_good_guest(box, logins=box.audit().logins)
    assert not (home / "elsewhere").is_file()
    assert not (home / "elsewhere").is_dir() or not list((home / "elsewhere").iterdir())


def test_a_disk_that_is_full_clears_nothing(box: Box, home: Path, config: dict[str, str]) -> None:
    """A limit on the size of files is as good as a disk that is full."""
    command = shlex.join(mptcp_top("clear", "--host", "ns1", "--yes-clear", "ns1"))
    with started(home, command=["bash", "-c", f"trap '' XFSZ; ulimit -f 4; exec {command}"], **config) as process:
        _, said = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in said) == (2, False)
    assert_was_a_good_guest(box)
    assert set(files(home)) <= {"clear.log"}


def test_a_user_without_the_right_is_told_which_and_nothing_is_changed(
    box: Box, home: Path, config: dict[str, str]
) -> None:
    box.add_account(Account(USER, Secret(PASSWORD), TIGHT))
    done = clear(home, config, "--host", "ns1", "--full", "--yes-clear", "ns1")
    assert done.returncode == 1
    assert "not cleared" in done.stdout
    assert "no right to: stat protocol mptcp -clearstats full (NITRO error 2138" in done.stdout
    assert 'ALLOW "^stat protocol mptcp -clearstats full$"' in done.stdout
    assert "nothing went down" in done.stdout
    assert_was_a_good_guest(box)
    assert [entry["event"] for entry in log(home)] == ["asked", "refused"]


UNREAD: dict[str, Callable[[Box], None]] = {
    "no right to read": lambda box: box.add_account(Account(USER, Secret(PASSWORD), NO_MPTCP)),
    "wrong password": lambda box: box.add_account(Account(USER, Secret("another"))),
    "down": lambda box: box.fault("unavailable"),
    "no room for a session": lambda box: box.fault("full", on="login"),
    "old": lambda box: box.switch(old_firmware=True),
    "hangs": lambda box: box.fault("stall", on="protocolmptcp"),
}


@pytest.mark.parametrize("trouble", UNREAD)
def test_what_cannot_be_read_before_is_not_cleared(box: Box, home: Path, config: dict[str, str], trouble: str) -> None:
    UNREAD[trouble](box)
    done = clear(home, config, "--host", "ns1", "--yes-clear", "ns1", "--timeout", "0.5")
    assert (done.returncode, done.stdout) == (1, "")
    assert "ns1: nothing was cleared: " in done.stderr
    assert box.audit().clearstats == 0
    assert log(home) == []
    assert (box.audit().logins, box.sessions()) == (box.audit().logouts, 0)


@pytest.mark.parametrize("fault", ["truncated-json", "empty-body", "reset", "stall"])
def test_an_answer_that_never_arrives_is_not_taken_for_one_and_the_numbers_tell(
    box: Box, home: Path, config: dict[str, str], fault: str
) -> None:
    box.fault(fault, on="protocolmptcp", skip=1, times=1)
    done = clear(home, config, "--host", "ns1", "--yes-clear", "ns1", "--timeout", "1")
    assert done.returncode == 1
    assert "nobody can say whether it was cleared" in done.stdout
    assert "totals went down" in done.stdout
    assert [entry["event"] for entry in log(home)] == ["asked", "unknown"]
    assert box.audit().clearstats == 1
    assert (box.audit().logins, box.audit().logouts, box.sessions()) == (1, 1, 0)


def test_a_session_that_ended_before_is_no_reason_to_ask_twice(box: Box, home: Path, config: dict[str, str]) -> None:
    box.fault("expired", on="protocolmptcp", skip=1, times=1)
    done = clear(home, config, "--host", "ns1", "--yes-clear", "ns1")
    assert done.returncode == 1
    assert "ns1: not cleared" in done.stdout
    assert box.audit().clearstats == 0


@pytest.mark.parametrize(("number", "code"), SIGNALS, ids=str)
def test_a_signal_while_the_appliance_is_asked_waits_for_what_it_says(
    box: Box, home: Path, config: dict[str, str], number: signal.Signals, code: int
) -> None:
    box.switch(latency_seconds=0.3)
    with started(home, "clear", "--host", "ns1", "--yes-clear", "ns1", **config) as process:
        until(lambda: box.audit().clearstats == 1, "the request")
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, "")
    assert "ns1: cleared" in out
    assert [entry["event"] for entry in log(home)] == ["asked", "cleared"]
    assert_cleared_once(box, "basic")


def test_no_secret_is_shown_saved_or_logged(simulation: Simulation, home: Path, config: dict[str, str]) -> None:
    with on_a_terminal(home, config) as terminal:
        terminal.wait_for(ASKED)
        known = tokens(simulation)
        assert len(known) == 1
        terminal.type("ns1\r")
        assert terminal.wait_for_end() == 0
    spelt = {piece for secret in (PASSWORD, *known) for piece in spellings(secret)}
    texts = [terminal.written, *files(home), *files(home).values()]
    assert [piece for piece in spelt for text in texts if piece in text] == []


def test_levels_stay_as_they_are(box: Box, home: Path, config: dict[str, str]) -> None:
    done = clear(home, config, "--host", "ns1", "--yes-clear", "ns1")
    assert f"{len(LEVELS)} levels are no totals, and stay" in done.stdout
    (asked,) = (record for record in box.audit().of("protocolmptcp") if record.args)
    assert any(box.truth(name, asked.at) for name in LEVELS)


@pytest.mark.parametrize(("output", "reason"), [(">/dev/full", "No space left on device"), ("| true", "Broken pipe")])
def test_what_was_cleared_is_told_elsewhere_where_standard_output_takes_nothing(
    box: Box, home: Path, config: dict[str, str], output: str, reason: str
) -> None:
    box.switch(latency_seconds=0.1)  # the reader has gone by then
    command = shlex.join(mptcp_top("clear", "--host", "ns1", "--yes-clear", "ns1"))
    script = f"set -o pipefail; {command} {output}"
    with started(home, command=["bash", "-c", script], **config) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    assert err.startswith(f"mptcp-top: standard output: {reason}\nns1: cleared (")
    assert "totals went down" in err
    assert f"  log: {home / 'mptcp-top' / 'clear' / 'clear.log'}\n" in err
    assert_cleared_once(box, "basic")


def test_who_can_be_told_nowhere_has_it_in_the_log(home: Path, config: dict[str, str]) -> None:
    command = shlex.join(mptcp_top("clear", "--host", "ns1", "--yes-clear", "ns1"))
    with started(home, command=["bash", "-c", f"{command} >/dev/full 2>&1"], **config) as process:
        assert process.wait(timeout=60) == 0
    assert [entry["event"] for entry in log(home)] == ["asked", "cleared"]


def test_a_log_that_is_full_by_then_hides_nothing(box: Box, home: Path, config: dict[str, str]) -> None:
    box.switch(latency_seconds=0.3)
    folder = home / "mptcp-top" / "clear"
    with started(home, "clear", "--host", "ns1", "--yes-clear", "ns1", **config) as process:
        until(lambda: bool(log(home)), "that it is going to ask")
        (folder / "clear.log").chmod(0o666)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "ns1: cleared" in out
    assert f"  not logged: {folder / 'clear.log'}: others than you may write it" in out


@pytest.mark.parametrize("fault", ["stall", "unavailable", "empty-body"])
def test_what_cannot_be_read_afterwards_is_not_counted(
    box: Box, home: Path, config: dict[str, str], fault: str
) -> None:
    box.fault(fault, on="protocolmptcp", skip=2, times=1)
    done = clear(home, config, "--host", "ns1", "--yes-clear", "ns1", "--timeout", "1")
    assert done.returncode == 0
    assert "ns1: cleared" in done.stdout
    assert "could not be read afterwards: " in done.stdout
    assert "went down" not in done.stdout


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_nothing_that_is_asked_or_said_is_wider_than_the_terminal(
    home: Path, config: dict[str, str], columns: int
) -> None:
    with Terminal(mptcp_top("clear", "--host", "ns1"), (columns, 60), environment(home, **config)) as terminal:
        terminal.wait_for("to clear its counters:")
        terminal.type("ns1\r")
        assert terminal.wait_for_end() == 0
    lines = [line for line in terminal.written.splitlines() if str(home) not in line]
    assert max(map(len, lines)) <= columns
    assert "everybody" in terminal.text


def test_the_help_lists_nothing_that_is_refused(home: Path) -> None:
    said = ran(home, "clear", "--help").stdout
    assert [flag for flag in ("--group", "--interval", "given again") if flag in said] == []
    assert "--host TARGET" in said
