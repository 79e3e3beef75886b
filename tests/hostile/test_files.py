"""B16, for the files that are no recordings: what is remembered, and the zeros of the last call."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.stat.zero_files import ZeroFiles, name_of
from mptcp_top.errors import SettingsError
from mptcp_top.remembered import path_of, recall, save
from tests.hostile.parsers import GOOD_STATE, GOOD_ZEROS, HERE
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    from pathlib import Path

F2 = "\x1bOQ"
UNWRITABLE = {
    "NaN": '{"x": NaN}',
    "beyond a float": '{"x": 1e999}',
    "nested as deep as can be read": f'{{"x": {"[" * 900}{"]" * 900}}}',
    "megabytes when indented": f'{{"x": {"[" * 300}{"[],[]," * 2000}[]{"]" * 300}}}',
}
SAVE = """
import resource, signal, sys
from pathlib import Path
from mptcp_top.remembered import save
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
print(save({"XDG_STATE_HOME": sys.argv[1]}, "theme", "light"))
"""
SET_ZERO = """
import resource, signal, sys
from mptcp_top.cli.stat.last_calls import Stamp, Zero, Zeros
from mptcp_top.cli.stat.zero_files import ZeroFiles
from mptcp_top.errors import SettingsError
from mptcp_top.model import Target
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
files = ZeroFiles({"XDG_STATE_HOME": sys.argv[1]})
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
stamp = Stamp(1_795_255_200.0, 6.0, "m")
try:
    files.write(Target("here", "linux"), Zeros("b", stamp, {"MPRstTx": Zero(7, stamp)}))
    print()
except SettingsError as error:
    print(error)
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path)}


def state_file(environment: dict[str, str], content: bytes = GOOD_STATE) -> Path:
    path = path_of(environment)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def zero_file(environment: dict[str, str], content: bytes = GOOD_ZEROS) -> Path:
    ZeroFiles(environment)
    path = path_of(environment).with_name("stat") / name_of(HERE.name)
    path.write_bytes(content)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("values", UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_can_be_read_and_not_be_written_is_kept_aside_and_stops_nothing(
    environment: dict[str, str], values: str
) -> None:
    path = state_file(environment, f'{{"schema": 1, "remembered": {values}}}'.encode())
    note = save(environment, "theme", "dark")
    assert note.isprintable()
    assert recall(environment) == ({"theme": "dark"}, "")
    kept = path.with_name("state.json.unread.1")
    assert kept.read_text() == f'{{"schema": 1, "remembered": {values}}}'
    assert str(kept.name) in note


@pytest.mark.parametrize("until", ["1e300", "1e12", "NaN", "Infinity", "-1e300"])
def test_a_silence_until_no_date_stops_no_dashboard(environment: dict[str, str], until: str) -> None:
    state_file(environment, GOOD_STATE.replace(b"1795265100.0", until.encode()).replace(b'"ns1"', b'"local"'))
    with Terminal(mptcp_top(), (120, 40), environment) as terminal:
        terminal.wait_for("● live")
        terminal.type(F2)
        terminal.wait_for(lambda: recall(environment).values.get("theme") == "light")
        terminal.type("q")
        assert terminal.wait_for_end() == 0


def test_a_state_file_torn_anywhere_is_told_or_whole(environment: dict[str, str]) -> None:
    whole = json.loads(GOOD_STATE)["remembered"]
    for length in range(len(GOOD_STATE) + 1):
        state_file(environment, GOOD_STATE[:length])
        values, note = recall(environment)
        assert (values == whole and not note) if length == len(GOOD_STATE) else (values == {} and note.isprintable())


def test_a_zero_file_torn_anywhere_is_an_error_with_what_to_type(environment: dict[str, str]) -> None:
    for length in range(len(GOOD_ZEROS)):
        zero_file(environment, GOOD_ZEROS[:length])
        with pytest.raises(
            SettingsError, match="it is not what mptcp-top wrote; to begin anew: mptcp-top stat --reset"
        ):
            ZeroFiles(environment).read(HERE)
    zero_file(environment)
    assert ZeroFiles(environment).read(HERE) is not None


@pytest.mark.parametrize(
    ("good", "spoilt"),
    [
        (b"1795255100.0, 5.0", b"NaN, 5.0"),
        (b"1795255100.0, 5.0", b"1795255100.0, Infinity"),
        (b"1795255100.0, 5.0", b"1e300, 5.0"),
        (b"1795255100.0, 5.0", b"9" * 400 + b", 5.0"),
        (b"18446744073709551615", b"18446744073709551616"),
        (b"[5, 0]", b"[-5, 0]"),
        (b"[5, 0]", b"[true, 0]"),
        (b"[5, 0]", b"[5, 1]"),
    ],
)
def test_a_zero_that_cannot_be_is_no_zero(environment: dict[str, str], good: bytes, spoilt: bytes) -> None:
    zero_file(environment, GOOD_ZEROS.replace(good, spoilt))
    with pytest.raises(SettingsError, match="it is not what mptcp-top wrote"):
        ZeroFiles(environment).read(HERE)


def after_a_full_disk(program: str, folder: Path, size: int) -> str:
    """Run a program that writes where no file can be longer than so many bytes, and return what it says."""
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder), str(size)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize("size", [0, 1, 60])
def test_a_disk_full_at_any_byte_loses_nothing_of_what_is_remembered(
    environment: dict[str, str], tmp_path: Path, size: int
) -> None:
    path = state_file(environment)
    assert after_a_full_disk(SAVE, tmp_path, size) == f"not remembered: {path}: File too large"
    assert path.read_bytes() == GOOD_STATE
    assert save(environment, "theme", "light") == ""  # what was left half written is in nobody's way
    assert recall(environment).values["theme"] == "light"
    assert sorted(file.name for file in path.parent.iterdir()) == ["state.json"]


@pytest.mark.parametrize("size", [0, 1, 60])
def test_a_disk_full_at_any_byte_loses_no_zero(environment: dict[str, str], tmp_path: Path, size: int) -> None:
    path = zero_file(environment)
    assert after_a_full_disk(SET_ZERO, tmp_path, size) == f"{path}: File too large"
    assert path.read_bytes() == GOOD_ZEROS
    assert after_a_full_disk(SET_ZERO, tmp_path, 1 << 20) == ""
    assert ZeroFiles(environment).read(HERE) is not None
    assert sorted(file.name for file in path.parent.iterdir()) == ["here.json", "lock"]
