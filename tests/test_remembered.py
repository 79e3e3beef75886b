"""What is remembered: it survives, it never stops a start, and nothing that was there is lost."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from threading import Thread
from typing import TYPE_CHECKING

import platformdirs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mptcp_top.remembered import LARGEST_BYTES, load, path_of, recall, save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path), "HOME": "/nonexistent"}


@pytest.fixture
def path(environment: dict[str, str]) -> Path:
    path = path_of(environment)
    path.parent.mkdir()
    return path


def written(content: object) -> str:
    return json.dumps({"schema": 1, "remembered": content})


@pytest.mark.parametrize(
    "environment",
    [{"HOME": "/home/ops"}, {"HOME": "/h", "XDG_STATE_HOME": "/x"}, {"HOME": "/h", "XDG_STATE_HOME": "r"}],
)
def test_the_file_is_where_platformdirs_would_have_it(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert path_of(environment) == platformdirs.user_state_path("mptcp-top") / "state.json"


def test_without_a_file_nothing_is_remembered_and_nothing_is_said_or_made(
    environment: dict[str, str], tmp_path: Path
) -> None:
    assert recall(environment) == ({}, "")
    assert list(tmp_path.iterdir()) == []


def test_what_is_saved_is_remembered_beside_what_was_and_only_the_user_may_read_it(environment: dict[str, str]) -> None:
    silences = [{"target": "ns1", "counter": "MPJoinNoTokenFound", "until": 1795255200.5}]
    assert save(environment, "theme", "dark") == ""
    assert save(environment, "silences", silences) == ""
    assert load(environment) == {"theme": "dark", "silences": silences}
    path = path_of(environment)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [found.name for found in path.parent.iterdir()] == ["state.json"]


def test_none_forgets(environment: dict[str, str]) -> None:
    save(environment, "theme", "dark")
    save(environment, "bell", True)
    assert save(environment, "theme", None) == ""
    assert load(environment) == {"bell": True}


def test_saving_what_is_remembered_already_leaves_the_file_alone(environment: dict[str, str]) -> None:
    save(environment, "theme", "dark")
    before = path_of(environment).stat()
    save(environment, "theme", "dark")
    assert path_of(environment).stat().st_ino == before.st_ino


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"1" * 5000, "no JSON"),
        (b"[]", "schema 1"),
        (b'{"theme": "dark"}', "schema 1"),
        (b'{"schema": 2, "remembered": {"theme": "dark"}}', "schema 1"),
        (b'{"schema": 1, "remembered": ["theme"]}', "schema 1"),
        (b" " * (LARGEST_BYTES + 1), "larger than 1 MiB"),
    ],
)
def test_a_file_of_no_use_counts_as_nothing_with_a_note_and_is_kept_when_a_new_one_is_begun(
    content: bytes, why: str, environment: dict[str, str], path: Path
) -> None:
    path.write_bytes(content)
    recalled = recall(environment)
    assert recalled.values == {}
    assert why in recalled.note
    assert path.read_bytes() == content
    said = save(environment, "theme", "dark")
    assert why in said
    assert "kept as state.json.unread.1" in said
    assert (path.parent / "state.json.unread.1").read_bytes() == content
    assert recall(environment) == ({"theme": "dark"}, "")


def test_a_second_file_of_no_use_does_not_push_out_the_first(environment: dict[str, str], path: Path) -> None:
    for content in ("first", "second"):
        path.write_text(content)
        save(environment, "theme", "dark")
    assert [(path.parent / f"state.json.unread.{number}").read_text() for number in (1, 2)] == ["first", "second"]


def test_a_symlink_is_neither_read_nor_written_through(environment: dict[str, str], path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(written({"theme": "dark"}))
    path.symlink_to(elsewhere)
    assert recall(environment).values == {}
    assert recall(environment).note
    save(environment, "theme", "light")
    assert elsewhere.read_text() == written({"theme": "dark"})
    assert not path.is_symlink()
    assert load(environment) == {"theme": "light"}


def test_a_symlink_left_where_the_new_file_is_written_is_not_followed(
    environment: dict[str, str], path: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    (path.parent / "state.json.new").symlink_to(elsewhere)
    assert save(environment, "theme", "dark") == ""
    assert elsewhere.read_text() == "mine"


def test_a_folder_that_is_a_symlink_is_not_used(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mptcp-top").symlink_to(tmp_path / "elsewhere")
    assert "not remembered: " in save(environment, "theme", "dark")
    assert recall(environment).note
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_others_may_write_is_not_believed(environment: dict[str, str], path: Path) -> None:
    path.write_text(written({"theme": "dark"}))
    for mode in (0o620, 0o602):
        path.chmod(mode)
        recalled = recall(environment)
        assert (recalled.values, "others than you" in recalled.note) == ({}, True)
    path.chmod(0o644)
    assert load(environment) == {"theme": "dark"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_root_writes_nothing_into_the_home_of_somebody_else(environment: dict[str, str], path: Path) -> None:
    os.chown(path.parent, 12345, -1)
    assert "belongs to user 12345" in save(environment, "theme", "dark")
    assert "belongs to user 12345" in recall(environment).note
    assert list(path.parent.iterdir()) == []


def test_what_is_no_file_does_not_hold_the_start_up(environment: dict[str, str], path: Path) -> None:
    os.mkfifo(path)
    assert "is no file" in recall(environment).note


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environment = {"XDG_STATE_HOME": str(tmp_path / "file")}
    said = save(environment, "theme", "dark")
    assert said.startswith("not remembered: ")
    assert "Not a directory" in said
    assert load(environment) == {}


def test_dashboards_that_save_at_once_lose_nothing_of_each_other(environment: dict[str, str]) -> None:
    def save_many(who: int) -> None:
        for number in range(10):
            save(environment, f"{who}.{number}", number)

    threads = [Thread(target=save_many, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert load(environment) == {f"{who}.{number}": number for who in range(4) for number in range(10)}


def test_a_path_with_escape_sequences_is_told_without_them(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path / "\x1b]0;owned\x07")}
    path_of(environment).parent.mkdir(parents=True)
    path_of(environment).write_text("{")
    assert recall(environment).note.isprintable()
    assert save(environment, "theme", "dark").isprintable()


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(), value=_VALUES.filter(lambda value: value is not None))
def test_any_value_comes_back_as_it_was_saved(name: str, value: object, environment: dict[str, str]) -> None:
    assert save(environment, name, value) == ""
    assert load(environment)[name] == value


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | _VALUES.map(lambda value: json.dumps(value).encode()))
def test_whatever_the_file_holds_it_stops_nobody(content: bytes, environment: dict[str, str]) -> None:
    path = path_of(environment)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    assert recall(environment).note.isprintable()


def test_a_start_without_a_file_imports_no_json() -> None:
    script = (
        "import sys\nfrom mptcp_top.remembered import load\nload({'XDG_STATE_HOME': '/nonexistent'})\n"
        "print([name for name in ('json', 'fcntl', 'platformdirs') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
