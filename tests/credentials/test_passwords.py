"""Passwords: what nothing shows, what one may be, and what is refused."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import time
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.pretty import pretty_repr

from mptcp_top.errors import SettingsError
from mptcp_top.model import Secret
from mptcp_top.passwords import LARGEST_BYTES, read_command, read_password_file, secret_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


# --- Secret


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("canary")
    shown = f"{secret} {secret!r} {secret!s} {secret:>9} {[secret]} {pretty_repr(secret)} {dir(secret)}"
    assert "canary" not in shown
    assert secret.reveal() == "canary"
    assert not hasattr(secret, "__dict__")
    assert not isinstance(secret, (str, tuple))


def test_a_traceback_with_local_variables_does_not_show_a_secret() -> None:
    secret = Secret("yranac"[::-1])  # the traceback shows this line
    console = Console(file=StringIO(), width=200)
    try:
        assert secret == Secret("other")
    except AssertionError:
        console.print_exception(show_locals=True)
    text = console.file.getvalue() if isinstance(console.file, StringIO) else ""
    assert "secret = " in text
    assert "canary" not in text


def test_a_secret_is_neither_pickled_nor_copied() -> None:
    for write in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="written nowhere"):
            write(Secret("canary"))


def test_secrets_are_equal_by_their_texts_and_to_nothing_else() -> None:
    assert Secret("pä\udcff") == Secret("pä\udcff")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert (bool(Secret("")), bool(Secret("a"))) == (False, True)


# --- what a password may be


@pytest.mark.parametrize(
    ("content", "password"),
    [(b"a", "a"), (b"a b \n", "a b "), (b"a\r\n", "a"), ("ä€\n".encode(), "ä€"), (b"a\\", "a\\")],
)
def test_one_end_of_line_is_not_part_of_a_password(content: bytes, password: str) -> None:
    assert secret_of(content, "it").reveal() == password


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it: the password is empty"),
        (b"\n", "empty"),
        (b"canary\n\n", "more than one line"),
        (b"canary\nurl: x", "more than one line"),
        (b"canary\xff", "not UTF-8"),
        (b"canary\x1b", "control character"),
        (b"canary\t", "control character"),
        (b"canary\r", "control character"),
        ("canary\x9b".encode(), "control character"),
        (b"canary" * 1000, "more than 4096 bytes"),
    ],
)
def test_what_is_no_password_is_refused_and_not_repeated(content: bytes, why: str) -> None:
    with pytest.raises(SettingsError, match=why) as raised:
        secret_of(content, "it")
    assert "canary" not in str(raised.value)
    frames, step = [], raised.value.__traceback__
    while step is not None:
        frames.append(step.tb_frame)
        step = step.tb_next
    assert not any("canary" in repr(frame.f_locals) for frame in frames[1:])
    assert raised.value.__cause__ is None


def test_the_longest_password_is_4096_bytes_and_its_end_of_line(password_file: Callable[..., Path]) -> None:
    assert len(read_password_file(password_file(b"x" * LARGEST_BYTES + b"\r\n")).reveal()) == LARGEST_BYTES
    with pytest.raises(SettingsError, match="more than 4096"):
        read_password_file(password_file(b"x" * (LARGEST_BYTES + 1)))


# --- files


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o602, 0o777])
def test_a_password_file_for_others_is_refused_with_the_command_that_mends_it(
    mode: int, password_file: Callable[..., Path]
) -> None:
    path = password_file(b"canary", mode)
    with pytest.raises(SettingsError, match="others may read it") as raised:
        read_password_file(path)
    subprocess.run(["bash", "-c", str(raised.value).rpartition(": ")[2]], check=True)
    assert read_password_file(path).reveal() == "canary"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_password_file_of_somebody_else_is_refused(password_file: Callable[..., Path]) -> None:
    path = password_file(b"canary")
    os.chown(path, 12345, -1)
    with pytest.raises(SettingsError, match="belongs to user 12345, not to you: chown 0 "):
        read_password_file(path)


def test_a_symbolic_link_is_no_password_file(password_file: Callable[..., Path], tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(password_file(b"canary"))
    with pytest.raises(SettingsError, match="is a symbolic link: give the file itself"):
        read_password_file(link)


def test_what_is_no_file_is_no_password_file_and_nothing_waits_for_it(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo, 0o600)
    for path, why in ((fifo, "no regular file"), (tmp_path, "no regular file"), (tmp_path / "x", "No such file")):
        with pytest.raises(SettingsError, match=why):
            read_password_file(path)


# --- commands


def test_a_command_gets_its_arguments_as_they_are_and_no_input() -> None:
    script = "import sys; print(sys.argv[1] + sys.stdin.read())"
    assert read_command([sys.executable, "-c", script, "$HOME; *"], first=True).reveal() == "$HOME; *"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["/bin/sh", "-c", "echo canary; exit 3"], "^password_command /bin/sh ended with exit code 3$"),
        (["/bin/sh", "-c", "kill -9 $$"], "ended with exit code 137"),
        (["/no/such/program", "canary"], "^password_command /no/such/program: No such file or directory$"),
        (["/etc", "canary"], "Permission denied"),
        (["/bin/true"], "the password is empty"),
        (["/usr/bin/yes", "canary"], "more than 4096 bytes"),
    ],
)
def test_a_command_that_gives_no_password_is_named_without_its_arguments(command: list[str], why: str) -> None:
    with pytest.raises(SettingsError, match=why) as raised:
        read_command(command, first=False)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("script", ["exec sleep 60", "exec >&-; exec sleep 60", "echo canary; exec sleep 60"])
def test_a_command_that_does_not_end_is_ended(script: str) -> None:
    started = time.monotonic()
    with pytest.raises(SettingsError, match=r"has not ended after 0\.3 s"):
        read_command(["/bin/bash", "-c", script], first=False, seconds=0.3)
    assert time.monotonic() - started < 10
