"""Users and passwords that are asked for, on a terminal."""

from __future__ import annotations

import signal
import subprocess
import sys
import termios

import pytest

from tests.terminal import Terminal, mptcp_top

# --- asking, on a terminal

_ASKING = """
from mptcp_top.credentials import Typed, can_ask, credentials_of
from mptcp_top.errors import SettingsError
from mptcp_top.settings import access
typed = Typed([{flags!r}.get("user")] * len({names!r}))
try:
    for name in {names!r}:
        found = credentials_of(name, access(name, {flags!r}, {{}}, {{}}), {{}}, interactive=can_ask(), typed=typed)
        print("<", found.user, found.password() == found.password(), found.password().reveal()[::-1], ">")
    typed.say_where_else()
except SettingsError as error:
    print("error:", error)
"""


def asking(names: tuple[str, ...], **flags: str) -> Terminal:
    return Terminal([sys.executable, "-c", _ASKING.format(names=names, flags=flags)], size=(100, 24))


def test_user_and_password_are_asked_for_and_the_password_is_not_shown() -> None:
    with asking(("ns1",)) as terminal:
        terminal.wait_for("User of ns1:")
        terminal.type("ops\n")
        terminal.wait_for("Password of ops on ns1:")
        terminal.type("canary\n")
        terminal.wait_for("< ops True yranac >")
        assert "canary" not in terminal.written
        assert terminal.wait_for_end() == 0


def test_a_user_s_password_is_asked_for_once_and_the_other_targets_are_named() -> None:
    with asking(("ns1", "ns2", "ns3"), user="ops") as terminal:
        terminal.wait_for("Password of ops on ns1 (and 2 more):")
        terminal.type("abc\n")
        terminal.wait_for("ops's password is used for ns2, ns3 as well")
        assert terminal.text.count("< ops True cba >") == 3
        assert terminal.text.count("Password of") == 1


def test_of_many_targets_with_the_same_password_the_first_are_named() -> None:
    with asking(tuple(f"ns{number}" for number in range(13)), user="ops") as terminal:
        terminal.wait_for("Password of ops on ns0 (and 12 more):")
        terminal.type("abc\n")
        terminal.wait_for("used for ns1, ns2, ns3, ns4, ns5, ns6, ns7, ns8 and 4 more as well")


def test_enter_means_the_user_given_before_and_another_user_has_another_password() -> None:
    with asking(("ns1", "ns2", "ns3")) as terminal:
        terminal.wait_for("User of ns1:")
        terminal.type("ops\n")
        terminal.wait_for("Password of ops on ns1:")
        terminal.type("abc\n")
        terminal.wait_for("User of ns2 (Enter: ops):")
        terminal.type("\n")
        terminal.wait_for("User of ns3 (Enter: ops):")
        terminal.type("guest\n")
        terminal.wait_for("Password of guest on ns3:")
        terminal.type("xyz\n")
        terminal.wait_for("< guest True zyx >")
        terminal.wait_for("ops's password is used for ns2 as well")


def test_an_empty_answer_asks_again_three_times_in_all() -> None:
    with asking(("ns1",), user="ops") as terminal:
        for asked in (1, 2, 3):
            terminal.wait_for(lambda asked=asked: terminal.text.count("Password of ops on ns1:") == asked)  # type: ignore[misc]
            terminal.type("\n")
        terminal.wait_for("error: Password of ops on ns1: the password is empty")
    with asking(("ns1",), user="ops") as terminal:
        terminal.wait_for("Password of ops on ns1:")
        terminal.type("\n")
        terminal.wait_for(lambda: terminal.text.count("Password of ops on ns1:") == 2)
        terminal.type("abc\n")
        terminal.wait_for("< ops True cba >")


@pytest.mark.parametrize(("flags", "prompt"), [({"user": "ops"}, "Password of ops on ns1:"), ({}, "User of ns1:")])
def test_the_end_of_input_at_a_prompt_is_a_settings_error_on_a_line_of_its_own(
    flags: dict[str, str], prompt: str
) -> None:
    with asking(("ns1",), **flags) as terminal:
        terminal.wait_for(prompt)
        terminal.type("\x04")
        terminal.wait_for("none given")
        assert terminal.text.splitlines()[:2] == [prompt, f"error: {prompt} none given"]


def echoes(terminal: Terminal) -> bool:
    return bool(termios.tcgetattr(terminal.master)[3] & termios.ECHO)


PROMPTING = (*("stat", "--host", "ns1.invalid"), *("--user", "ops"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_at_the_password_prompt_leaves_a_terminal_that_echoes(number: signal.Signals) -> None:
    with Terminal(mptcp_top(*PROMPTING), environment={"HOME": "/nonexistent"}) as terminal:
        terminal.wait_for("Password of ops on ns1.invalid:")
        assert not echoes(terminal)
        terminal.send(number)
        assert terminal.wait_for_end() == 128 + number
        assert echoes(terminal)
        assert "Traceback" not in terminal.written


def test_control_c_at_the_password_prompt_ends_on_a_new_line() -> None:
    with Terminal(mptcp_top(*PROMPTING), environment={"HOME": "/nonexistent"}) as terminal:
        terminal.wait_for("Password of ops on ns1.invalid:")
        terminal.type("\x03")
        assert terminal.wait_for_end() == 130
        assert terminal.written.endswith("\r\n")
        assert echoes(terminal)


def test_a_terminal_that_is_closed_at_the_password_prompt_ends_the_program() -> None:
    with Terminal(mptcp_top(*PROMPTING), environment={"HOME": "/nonexistent"}) as terminal:
        terminal.wait_for("Password of ops on ns1.invalid:")
        terminal.hang_up()
        assert terminal.wait_for_end() == 128 + signal.SIGHUP


def test_after_a_prompt_the_signals_mean_what_they_meant_before() -> None:
    script = (
        "import signal\n"
        + _ASKING.format(names=("ns1",), flags={"user": "ops"})
        + "print([signal.getsignal(n) is signal.SIG_DFL for n in (1, 3, 15)])"
    )
    with Terminal([sys.executable, "-c", script], size=(100, 24)) as terminal:
        terminal.wait_for("Password of ops on ns1:")
        terminal.type("abc\n")
        terminal.wait_for("[True, True, True]")


def test_nobody_is_asked_when_standard_input_is_no_terminal() -> None:
    script = _ASKING.format(names=("ns1",), flags={"user": "ops"})
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, input="canary\n")
    assert "no password for ops" in done.stdout
