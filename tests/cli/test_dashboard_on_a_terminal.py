"""The dashboard on a real pty: start, keys, signals, sizes, and what it leaves behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.terminal import Terminal, mptcp_top

needs_mptcp = pytest.mark.skipif(
    "MPTcpExt" not in Path("/proc/net/netstat").read_text(encoding="ascii"),
    reason="this kernel has no MPTCP counters",
)
pytestmark = needs_mptcp
F2 = "\x1bOQ"
COLOURS = re.compile(r"\x1b\[[\d;]*\b(3[0-7]|4[0-7]|38|48|9[0-7]|10[0-7])\b[\d;]*m")


def started(*arguments: str, size: tuple[int, int] = (80, 24), **environment: str) -> Terminal:
    return Terminal(mptcp_top(*arguments), size, environment)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 50)])
def test_the_first_screen_has_verdict_figures_and_every_panel(size: tuple[int, int]) -> None:
    with started(size=size) as terminal:
        terminal.wait_for("● live")
        terminal.wait_for("q quit")
        shown = terminal.wait_for("memory")
        assert "connections" in shown
        for panel in ("errors", "sessions", "MP_CAPABLE", "MP_JOIN", "addressing", "DSS", "termination", "memory"):
            assert re.search(rf"(^|\s){panel}\b", shown), panel
        terminal.type("q")
        assert terminal.wait_for_end() == 0


def test_q_leaves_the_terminal_as_it_was() -> None:
    with started() as terminal:
        terminal.wait_for("● live")
        assert terminal.modes_left_on()
        terminal.type("q")
        assert terminal.wait_for_end() == 0
        assert terminal.modes_left_on() == []


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131)],
    ids=str,
)
def test_a_signal_ends_it_with_the_terminal_restored(number: signal.Signals, code: int) -> None:
    with started() as terminal:
        terminal.wait_for("● live")
        terminal.send(number)
        assert terminal.wait_for_end() == code
        assert terminal.modes_left_on() == []


def test_ctrl_c_ends_it_with_130() -> None:
    with started() as terminal:
        terminal.wait_for("● live")
        terminal.type("\x03")
        assert terminal.wait_for_end() == 130


def test_a_closed_terminal_ends_it() -> None:
    with started() as terminal:
        terminal.wait_for("● live")
        terminal.hang_up()
        assert terminal.wait_for_end() == 129


def test_a_closed_terminal_ends_it_though_nobody_sends_a_signal() -> None:
    """Under nohup, or where the terminal is not the controlling one, the input just ends."""

    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with Terminal(mptcp_top(), controlling=False, prepare=ignore) as terminal:
        terminal.wait_for("● live")
        terminal.hang_up()
        assert terminal.wait_for_end() == 129


def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() -> None:
    with started() as terminal:
        terminal.wait_for("● live")
        terminal.type("\x1a")
        terminal.wait_for(lambda: terminal.state() == "T")
        terminal.wait_for(lambda: terminal.modes_left_on() == [])
        terminal.send(signal.SIGCONT)
        terminal.wait_for(lambda: bool(terminal.modes_left_on()))
        terminal.screen.reset()
        terminal.wait_for("● live")
        terminal.wait_for("q quit")
        terminal.type("q")
        assert terminal.wait_for_end() == 0


def test_a_resize_storm_leaves_it_alive_and_right() -> None:
    with started() as terminal:
        terminal.wait_for("● live")
        for step in range(150):
            terminal.resize(1 + step * 37 % 200, 1 + step * 17 % 60)
            terminal.read(0.005)
        terminal.resize(100, 30)
        terminal.wait_for("● live")
        terminal.wait_for("q quit")
        terminal.type("q")
        assert terminal.wait_for_end() == 0


def test_standard_error_in_a_file_does_not_blank_the_screen(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def redirect() -> None:
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT), 2)

    with Terminal(mptcp_top(), prepare=redirect) as terminal:
        terminal.wait_for("● live")
        terminal.type("q")
        assert terminal.wait_for_end() == 0
        assert log.read_text() == ""


def test_without_a_terminal_it_says_what_to_do() -> None:
    done = subprocess.run(mptcp_top(), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "not a terminal" in done.stderr
    assert "mptcp-top stat" in done.stderr


def test_a_dumb_terminal_is_refused_with_a_word() -> None:
    with started(TERM="dumb") as terminal:
        assert terminal.wait_for_end() == 2
        assert "TERM=dumb" in terminal.text


def test_plus_and_minus_change_the_interval() -> None:
    with started("--interval", "0.5", size=(120, 40)) as terminal:
        terminal.wait_for("every 0.5 s")
        terminal.type("+")
        terminal.wait_for("every 1 s")
        terminal.type("--")
        terminal.wait_for("every 0.2 s")


def test_p_pauses_the_screen_and_lets_it_go_on() -> None:
    with started() as terminal:
        terminal.wait_for("● live")
        terminal.type("p")
        terminal.wait_for("◌ the past")
        terminal.type("p")
        terminal.wait_for("● live")


def test_the_help_page_lists_every_key() -> None:
    with started(size=(100, 110)) as terminal:
        terminal.wait_for("● live")
        terminal.type("?")
        shown = terminal.wait_for("Words")
        for key in ("↑↓", "Enter", "Esc", "z", "p", "+ -", "?", "q"):
            assert re.search(rf"^  {re.escape(key)}\s", shown, re.MULTILINE), key
        terminal.type("q")  # leaves the page, not the program
        terminal.wait_for("● live")


def test_enter_explains_the_row_under_the_cursor() -> None:
    with started(size=(100, 50)) as terminal:
        terminal.wait_for("● live")
        terminal.type("zjj\r")
        shown = terminal.wait_for("A rise means")
        assert "Check next" in shown
        terminal.type("\x1b")
        terminal.wait_for("● live")


def test_no_color_sends_no_colour() -> None:
    with started(NO_COLOR="1") as terminal:
        terminal.wait_for("● live")
        terminal.type("?")
        terminal.wait_for("Keys")
        assert not COLOURS.search(terminal.written)


def test_the_theme_that_was_chosen_last_is_that_of_the_next_start_unless_one_is_typed(tmp_path: Path) -> None:
    with started(XDG_STATE_HOME=str(tmp_path)) as terminal:
        terminal.wait_for("● live")
        terminal.type(F2)
        terminal.wait_for("theme dark: ")
        terminal.type("q")
        assert terminal.wait_for_end() == 0
        assert "48;5;" not in terminal.written.partition("theme dark: ")[0].partition("● live")[0]
    for arguments, paper in (((), "48;5;234m\x1b[2J"), (("--theme", "light"), "48;5;231m\x1b[2J")):
        with started(*arguments, XDG_STATE_HOME=str(tmp_path)) as terminal:
            terminal.wait_for("● live")
            assert paper in terminal.written


def test_a_state_file_of_no_use_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "mptcp-top").mkdir()
    (tmp_path / "mptcp-top" / "state.json").write_text("{")
    with started(size=(160, 30), XDG_STATE_HOME=str(tmp_path)) as terminal:
        terminal.wait_for("nothing is remembered: ")
        terminal.wait_for("it is no JSON")
        terminal.type("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "xterm"}], ids=str)
def test_where_there_are_no_256_colours_no_theme_brings_any(environment: dict[str, str]) -> None:
    with Terminal(mptcp_top("--theme", "dark"), environment=environment) as terminal:
        terminal.wait_for("● live")
        terminal.type(F2)
        terminal.wait_for("the colours stay the terminal's own: ")
        assert "48;" not in terminal.written


@pytest.mark.parametrize(
    ("arguments", "environment"), [(("--ascii",), {}), ((), {"LANG": "C"}), ((), {"LC_ALL": "de_DE.ISO-8859-1"})]
)
def test_ascii_mode_draws_with_seven_bits(arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    with Terminal(mptcp_top(*arguments), environment=environment) as terminal:
        terminal.wait_for("* live")
        terminal.type("?")
        terminal.wait_for("Keys")
        terminal.type("\x1b[6~" * 20)
        terminal.wait_for("fastclose explains")
        assert terminal.written.isascii()


def test_a_namespace_that_does_not_exist_is_a_calm_state() -> None:
    with started("--host", "local:no-such-namespace", size=(100, 30)) as terminal:
        terminal.wait_for("✕ unreachable")
        shown = terminal.wait_for("ip netns list")
        assert "there is no network namespace no-such-namespace" in shown
        terminal.type("q")
        assert terminal.wait_for_end() == 0
