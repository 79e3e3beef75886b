"""Passwords: what nothing shows, where each comes from and in which order, and what is refused."""

from __future__ import annotations

import copy
import os
import pickle
import signal
import subprocess
import sys
import termios
import time
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.pretty import pretty_repr

from mptcp_top.credentials import Credentials, Way, credentials_of, way_of
from mptcp_top.errors import SettingsError
from mptcp_top.model import Secret
from mptcp_top.passwords import LARGEST_BYTES, read_command, read_password_file, secret_of
from mptcp_top.settings import Access, access
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOBODY: Mapping[str, str] = {}


def reach(**values: object) -> Access:
    return access("ns1", {}, {}, {"file: [targets.ns1]": {"user": "ops", **values}})


def password_of(found: Access, environment: Mapping[str, str] = NOBODY) -> str:
    return credentials_of("ns1", found, environment, interactive=False).password().reveal()


@pytest.fixture
def password_file(tmp_path: Path) -> Callable[..., Path]:
    def write(content: bytes, mode: int = 0o600) -> Path:
        path = tmp_path / "pass word"
        path.write_bytes(content)
        path.chmod(mode)
        return path

    return write


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


def test_a_command_complains_to_us_at_the_start_and_to_nobody_later(capfd: pytest.CaptureFixture[str]) -> None:
    command = ["/bin/sh", "-c", "echo complaint >&2; echo pw"]
    credentials = credentials_of("ns1", reach(password_command=command), NOBODY, interactive=False)
    assert capfd.readouterr().err == "complaint\n"
    assert [credentials.password().reveal() for _ in range(3)] == ["pw"] * 3
    assert capfd.readouterr().err == ""


# --- which one


def test_the_order_is_typed_file_then_variable_then_the_config_files(password_file: Callable[..., Path]) -> None:
    path = password_file(b"of the file\n")
    typed = access("ns1", {"password_file": str(path), "user": "ops"}, {}, {})
    variable = {"MPTCP_TOP_PASSWORD": "of the variable"}
    assert password_of(typed, variable) == "of the file"
    assert password_of(reach(password_file=str(path)), variable) == "of the variable"
    assert password_of(reach(password_file=str(path)), {"MPTCP_TOP_PASSWORD": ""}) == "of the file"
    assert password_of(reach(password_command=("/bin/echo", "of the command"))) == "of the command"


def test_a_password_that_changes_in_its_file_is_picked_up_and_an_error_later_is_a_settings_error(
    password_file: Callable[..., Path],
) -> None:
    path = password_file(b"old")
    credentials = credentials_of("ns1", reach(password_file=str(path)), NOBODY, interactive=False)
    assert credentials.password().reveal() == "old"
    path.write_bytes(b"new")
    assert credentials.password().reveal() == "new"
    path.unlink()
    with pytest.raises(SettingsError, match="No such file"):
        credentials.password()


def test_a_command_is_run_once_for_the_start_and_its_first_use(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    command = ("/bin/sh", "-c", f"echo run >> {runs}; echo pw")
    credentials = credentials_of("ns1", reach(password_command=command), NOBODY, interactive=False)
    credentials.password()
    assert runs.read_text() == "run\n"
    credentials.password()
    assert runs.read_text() == "run\nrun\n"


def test_credentials_show_no_password_and_their_source_no_arguments() -> None:
    way = way_of(reach(password_command=("pass", "show", "canary")), NOBODY)
    assert way is not None
    assert way[:2] == ("password_command pass", "file: [targets.ns1]")
    credentials = Credentials("ops", way, Secret("canary"))
    assert "canary" not in pretty_repr({name: getattr(credentials, name) for name in Credentials.__slots__})


def test_nothing_to_find_and_nobody_to_ask_lists_the_ways() -> None:
    with pytest.raises(SettingsError, match=r"no password for ops.*--password-file.*MPTCP_TOP_PASSWORD.*keyring"):
        credentials_of("ns1", reach(), NOBODY, interactive=False)
    with pytest.raises(SettingsError, match=r"ns1: which user\? Give --user"):
        credentials_of("ns1", Access("ns1"), NOBODY, interactive=False)


# --- keyring, in a process where the package is there

_FAKE_KEYRING = """
def get_password(service, account):
    {body}
"""


def with_keyring(tmp_path: Path, body: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "keyring.py").write_text(_FAKE_KEYRING.format(body=body))
    script = """
from mptcp_top.credentials import credentials_of
from mptcp_top.errors import SettingsError
from mptcp_top.settings import access
try:
    found = credentials_of("ns1", access("ns1", {"user": "ops"}, {}, {}), {}, interactive=False)
    print(found.source, found.password().reveal(), found.password().reveal())
except SettingsError as error:
    print(error)
"""
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{Path.cwd()}"}
    return subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment, timeout=60
    )


def test_the_keyring_is_asked_for_user_at_target(tmp_path: Path) -> None:
    done = with_keyring(tmp_path, "return f'{service}/{account}/ä'")
    assert done.stdout == "keyring ops@ns1 mptcp-top/ops@ns1/ä mptcp-top/ops@ns1/ä\n"


def test_a_keyring_that_knows_nothing_leaves_the_other_ways(tmp_path: Path) -> None:
    assert with_keyring(tmp_path, "return None").stdout.startswith("ns1: no password for ops.")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise RuntimeError('no \\x1b backend')", "keyring: RuntimeError: no · backend. ns1: no password for ops"),
        ("import os; os._exit(7)", "keyring ended with exit code 7. ns1: no password for ops"),
        ("return 'two\\nlines'", "keyring: there is more than one line"),
    ],
)
def test_a_keyring_that_fails_is_a_clear_text(tmp_path: Path, body: str, said: str) -> None:
    done = with_keyring(tmp_path, body)
    assert done.stdout.startswith(said)
    assert done.stderr == ""


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


def test_a_typed_password_that_was_refused_is_not_given_again() -> None:
    typed = Credentials("ops", Way("asked for", "default", lambda _: Secret("abc"), typed=True), Secret("abc"))
    assert typed.typed
    assert [typed.password().reveal() for _ in range(2)] == ["abc", "abc"]
    typed.refused()
    for _ in range(2):
        with pytest.raises(SettingsError, match="was refused: quit and start again to type another"):
            typed.password()


def test_a_password_of_a_file_is_read_anew_after_it_was_refused(password_file: Callable[..., Path]) -> None:
    path = password_file(b"old")
    credentials = credentials_of("ns1", reach(password_file=str(path)), NOBODY, interactive=False)
    assert not credentials.typed
    assert credentials.password().reveal() == "old"
    credentials.refused()
    path.write_bytes(b"new")
    assert credentials.password().reveal() == "new"


def test_a_command_without_a_password_names_the_target_at_the_start_and_later(tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    command = ("/bin/sh", "-c", f"test ! -e {flag} && echo pw")
    credentials = credentials_of("ns1", reach(password_command=command), NOBODY, interactive=False)
    credentials.password()
    flag.touch()
    said = "^ns1: password_command /bin/sh ended with exit code 1$"
    with pytest.raises(SettingsError, match=said):
        credentials.password()
    with pytest.raises(SettingsError, match=said):
        credentials_of("ns1", reach(password_command=command), NOBODY, interactive=False)


def test_a_target_whose_name_has_dots_is_told_its_table_in_quotes() -> None:
    with pytest.raises(SettingsError, match=r'in \[targets\."10\.0\.0\.1"\] of the config file'):
        credentials_of("10.0.0.1", reach(), NOBODY, interactive=False)


def test_nobody_is_asked_when_standard_input_is_no_terminal() -> None:
    script = _ASKING.format(names=("ns1",), flags={"user": "ops"})
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, input="canary\n")
    assert "no password for ops" in done.stdout
