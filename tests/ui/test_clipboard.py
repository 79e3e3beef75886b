"""What is copied: into tmux, to the terminal, and always into a file that nobody can bend elsewhere."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from mptcp_top.ui.clipboard import copy, save, to_file
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Return the environment of a program inside a tmux of our own."""
    socket = tmp_path / "tmux"
    command = ["tmux", "-f", "/dev/null", "-S", str(socket)]
    outside = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "HOME": str(tmp_path)}
    subprocess.run([*command, "new-session", "-d", "-x", "80", "-y", "24", "cat"], env=outside, check=True)
    yield {**outside, "TMUX": f"{socket},0,0", "XDG_RUNTIME_DIR": str(tmp_path)}
    subprocess.run([*command, "kill-server"], env=outside, check=True)


@needs_tmux
def test_inside_tmux_the_text_is_in_its_buffer_and_the_terminal_is_left_alone(tmux: dict[str, str]) -> None:
    sent: list[str] = []
    said = copy("ss -Mn | grep 'a\nb'", sent.append, tmux)
    shown = subprocess.run(["tmux", "show-buffer"], env=tmux, check=True, capture_output=True, text=True)
    assert shown.stdout == "ss -Mn | grep 'a\nb'"
    assert sent == []
    assert said == f"copied with tmux; also in {tmux['XDG_RUNTIME_DIR']}/mptcp-top/copied.txt"


@needs_tmux
def test_a_tmux_that_is_gone_is_told_and_the_other_ways_are_taken(tmp_path: Path) -> None:
    sent: list[str] = []
    inside = {"PATH": os.environ["PATH"], "TMUX": f"{tmp_path}/nobody,0,0", "HOME": str(tmp_path)}
    said = copy("ss -Mn", sent.append, inside)
    assert sent == ["ss -Mn"]
    assert said.startswith("sent to the terminal (OSC 52); also in ")
    assert "tmux: " in said
    assert (tmp_path / ".local/state/mptcp-top/copied.txt").read_text(encoding="utf-8") == "ss -Mn\n"


def test_only_the_user_can_read_the_file(tmp_path: Path) -> None:
    file = save("ss -Mn", tmp_path / "deep" / "mptcp-top")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["copied.txt"]  # and no draft is left


def test_a_link_in_the_place_of_the_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    folder = tmp_path / "mptcp-top"
    folder.mkdir()
    (folder / "copied.txt").symlink_to(victim)
    (folder / f".copied.txt.{os.getpid()}").symlink_to(victim)
    file = save("ss -Mn", folder)
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not file.is_symlink()
    assert file.read_text(encoding="utf-8") == "ss -Mn\n"


def test_a_folder_that_is_a_link_is_not_used_and_the_next_is(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mptcp-top").symlink_to(elsewhere)
    path, _ = to_file("ss -Mn", {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "HOME": str(tmp_path)})
    assert path == tmp_path / ".local/state/mptcp-top/copied.txt"
    assert list(elsewhere.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "mptcp-top"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    path, reason = to_file("ss -Mn", {"XDG_RUNTIME_DIR": str(tmp_path)})
    assert path is None
    assert "belongs to somebody else" in reason
    assert list(folder.iterdir()) == []


def test_where_no_file_can_be_written_that_is_told_and_the_rest_is_done() -> None:
    sent: list[str] = []
    said = copy("ss -Mn", sent.append, {"XDG_RUNTIME_DIR": "relative"})
    assert sent == ["ss -Mn"]
    assert "no file: neither XDG_RUNTIME_DIR nor XDG_STATE_HOME nor HOME is set" in said


def test_on_a_terminal_of_its_own_the_text_goes_out_as_osc_52(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.ui.copying_app"]
    with Terminal(command, (100, 30), {"XDG_RUNTIME_DIR": str(tmp_path)}) as terminal:
        terminal.wait_for("1 error rising")
        terminal.type("\r")
        terminal.wait_for("Check next")
        terminal.type("j\x1b[By")  # the second command
        terminal.wait_for("sent to the terminal (OSC 52)")
        terminal.wait_for(f"{tmp_path}/mptcp-top/copied.txt"[:40])
        assert f"\x1b]52;c;{b64encode(b'ss -Mn').decode()}\x07" in terminal.written
        assert (tmp_path / "mptcp-top/copied.txt").read_text(encoding="utf-8") == "ss -Mn\n"
        terminal.type("\x03")
        assert terminal.wait_for_end() == 0
