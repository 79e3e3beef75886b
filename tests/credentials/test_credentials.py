"""Where the credentials of a target come from, in which order, and what happens when one is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.pretty import pretty_repr

from mptcp_top.credentials import Credentials, Way, credentials_of, way_of
from mptcp_top.errors import SettingsError
from mptcp_top.model import Secret
from mptcp_top.settings import Access, access

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOBODY: Mapping[str, str] = {}


def reach(**values: object) -> Access:
    return access("ns1", {}, {}, {"file: [targets.ns1]": {"user": "ops", **values}})


def password_of(found: Access, environment: Mapping[str, str] = NOBODY) -> str:
    return credentials_of("ns1", found, environment, interactive=False).password().reveal()


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


def test_a_command_complains_to_us_at_the_start_and_to_nobody_later(capfd: pytest.CaptureFixture[str]) -> None:
    command = ["/bin/sh", "-c", "echo complaint >&2; echo pw"]
    credentials = credentials_of("ns1", reach(password_command=command), NOBODY, interactive=False)
    assert capfd.readouterr().err == "complaint\n"
    assert [credentials.password().reveal() for _ in range(3)] == ["pw"] * 3
    assert capfd.readouterr().err == ""


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
