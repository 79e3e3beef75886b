"""``mptcp-top record``: says what it records where, and what happens; ends in good order; takes no file of others."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.record import line_of
from mptcp_top.cli.recording_into import in_the_folder
from mptcp_top.engine.events import Event, Happening
from mptcp_top.errors import SettingsError
from mptcp_top.model import Target
from mptcp_top.passwords import read_password_file
from mptcp_top.recording.library import folder_of, opened, recordings
from tests.feed import Feed
from tests.nitro.appliances import at, environment, ran, running, started, until
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    from collections.abc import Callable

UNIT = Path(__file__).parents[2] / "mptcp_top/cli/shipped/mptcp-top-record.service"
needs_mptcp = pytest.mark.skipif(
    "MPTcpExt" not in Path("/proc/net/netstat").read_text(), reason="this kernel counts no MPTCP"
)
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd-analyze: apt-get install systemd"
)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can have files of others")


def samples(path: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return sum(
                int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  # names of ours
                for (table,) in connection.execute(
                    "SELECT name FROM sqlite_master WHERE name LIKE '%\\_samples' ESCAPE '\\'"
                ).fetchall()
            )
    except sqlite3.Error:
        return 0


@needs_mptcp
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)]
)
def test_a_signal_ends_it_with_all_written_into_one_file(tmp_path: Path, number: signal.Signals, code: int) -> None:
    path = tmp_path / "recording.db"
    with started(tmp_path, "record", "--interval", "0.1", "-o", str(path)) as process:
        until(lambda: samples(path) > 3, "samples")
        process.send_signal(number)
        said, complaints = process.communicate(timeout=20)
    assert process.returncode == code
    assert said == f"recording local into {path} (the last 7 days, 500 MB at most)\n"
    assert complaints == ""
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("recording")] == ["recording.db"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with opened(path) as reader:
        found = reader.readings(-1e12, 1e12)["local"]
    rows = [one.row for one in found]  # a busy machine may miss a beat
    assert rows == sorted(set(rows))
    assert len(rows) > 3


@needs_mptcp
def test_without_a_file_it_records_into_a_folder_that_is_only_mine(tmp_path: Path) -> None:
    folder = folder_of({"XDG_STATE_HOME": str(tmp_path)})
    with started(tmp_path, "record", "--interval", "0.1", "--keep-days", "2") as process:
        until(lambda: any(map(samples, recordings(folder))), "samples")
        process.terminate()
        assert "(the last 2 days, 500 MB at most)" in process.communicate(timeout=20)[0]
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


@needs_mptcp
def test_who_records_the_same_at_the_same_time_has_another_file(tmp_path: Path) -> None:
    folder = folder_of({"XDG_STATE_HOME": str(tmp_path)})
    with started(tmp_path, "record") as first:
        until(lambda: len(recordings(folder)) == 1, "the first")
        with started(tmp_path, "record") as second:
            until(lambda: sum(one.stat().st_size > 4096 for one in recordings(folder)) == 2, "the second")
            second.terminate()
            second.wait(20)
        first.terminate()
        first.wait(20)
    assert re.fullmatch(r"local-\w{4}-2\.db local-\w{4}\.db", " ".join(sorted(one.name for one in folder.iterdir())))


@needs_mptcp
def test_a_second_writer_of_a_file_is_refused_and_the_first_one_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "recording.db"
    with started(tmp_path, "record", "--interval", "0.1", "-o", str(path)) as first:
        until(lambda: samples(path) > 0, "samples")
        done = ran(tmp_path, "record", "-o", str(path))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"mptcp-top: {path}: another mptcp-top is recording into it; give another file")
        before = samples(path)
        until(lambda: samples(path) > before, "more samples")
        first.terminate()
        assert first.wait(20) == 143


def _link(path: Path) -> None:
    path.with_name("other.db").write_bytes(b"")
    path.symlink_to(path.with_name("other.db"))


def _hard_link(path: Path) -> None:
    path.with_name("other.db").write_bytes(b"")
    path.hardlink_to(path.with_name("other.db"))


def _of_others(path: Path) -> None:
    path.write_bytes(b"")
    os.chown(path, 65534, 65534)


def _link_beside(path: Path) -> None:
    path.with_name(f"{path.name}-wal").symlink_to(path.with_name("other.db"))


def _text(path: Path) -> None:
    path.write_text("what I have to buy\n" * 100)


def _database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (own TEXT)")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a symbolic link": (_link, "it is a symbolic link; give the file itself"),
    "a link beside it": (_link_beside, "it is a symbolic link; give the file itself"),
    "a hard link": (_hard_link, "it has another name as well (a hard link)"),
    "a folder": (Path.mkdir, "it is a folder; give a file in it"),
    "a pipe": (os.mkfifo, "it is no regular file"),
    "a text": (_text, "it is no recording of mptcp-top"),
    "another database": (_database, "it is no recording of mptcp-top"),
    "a file in no folder": (lambda path: path.parent.rmdir(), "No such file or directory"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_a_file_for_us_is_refused_in_a_line_and_left_as_it_is(tmp_path: Path, what: str) -> None:
    make, why = REFUSED[what]
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "recording.db"
    make(path)
    before = path.lstat() if path.is_symlink() or path.exists() else None
    done = ran(tmp_path, "record", "-o", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    shown = f"{path}-wal" if what == "a link beside it" else path
    assert done.stderr == f"mptcp-top: {shown}: {why}\n"
    if before is not None:
        assert (path.lstat().st_size, path.lstat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


@needs_root
def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recording.db"
    _of_others(path)
    done = ran(tmp_path, "record", "-o", str(path))
    assert (done.returncode, done.stderr) == (2, f"mptcp-top: {path}: it belongs to user 65534, not to you\n")


def test_a_state_folder_that_is_a_file_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=f"{tmp_path / 'file'} is a file, not a folder"):
        in_the_folder({"XDG_STATE_HOME": str(tmp_path / "file")}, [Target("local", "linux")])


@needs_root
def test_a_folder_that_is_a_link_or_of_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mptcp-top").symlink_to(tmp_path / "elsewhere")
    done = ran(tmp_path, "record")
    assert done.returncode == 2
    assert "it is a symbolic link" in done.stderr or "Not a directory" in done.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_target_that_is_lost_and_one_that_is_back_are_a_line_each_and_the_recording_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "recording.db"
    with running() as simulation:
        (box,) = simulation.appliances.values()
        with started(tmp_path, "record", "-o", str(path), *at(box)) as process:
            until(lambda: samples(path) > 0, "samples")
            box.fault("unavailable", on="protocolmptcp")
            assert process.stderr is not None
            lost = process.stderr.readline()
            box.mend()
            back = process.stderr.readline()
            before = samples(path)
            until(lambda: samples(path) > before, "more samples")
            process.terminate()
            process.wait(20)
    assert re.fullmatch(rf"\d{{4}}-\S+Z {re.escape(box.url)}: lost: .+\n", lost)
    assert re.fullmatch(rf"\d{{4}}-\S+Z {re.escape(box.url)}: back: read again after .+\n", back)


def test_an_error_that_begins_to_rise_is_a_line() -> None:
    feed = Feed()
    feed.tick()
    feed.tick(MPJoinNoTokenFound=3)
    (rise,) = [event for event in feed.store.events("local") if event.kind is Happening.RISE]
    assert line_of(rise).startswith("2026-11-21T10:00:02.000Z local: MPJoinNoTokenFound rises (MP_JOIN ")


def test_a_line_about_what_others_sent_reaches_the_terminal_clean() -> None:
    event = Event(Happening.LOST, "ns1\x1b[2J", 1.0, 1.0, "said \x1b]0;owned\x07")
    assert "\x1b" not in line_of(event)


@needs_mptcp
def test_whoever_listens_no_more_ends_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "recording.db"
    with started(tmp_path, "record", "--interval", "0.1", "-o", str(path)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        process.stderr.close()
        until(lambda: samples(path) > 10, "samples")
        process.terminate()
        assert process.wait(20) == 143


def test_textual_is_not_imported(tmp_path: Path) -> None:
    script = (
        "import sys, mptcp_top.cli.record, mptcp_top.recording.shelf\n"
        "print([name for name in ('textual', 'rich', 'plotext', 'aiohttp') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == "[]\n"


@needs_mptcp
def test_the_dashboard_records_what_it_shows(tmp_path: Path) -> None:
    folder = folder_of({"XDG_STATE_HOME": str(tmp_path)})
    shown = environment(tmp_path)
    with Terminal(mptcp_top("--interval", "0.1"), environment={**shown, "MPTCP_TOP_RECORD": "yes"}) as terminal:
        terminal.wait_for("q quit")
        terminal.wait_for(lambda: any(map(samples, recordings(folder))))
        terminal.type("q")
        assert terminal.wait_for_end() == 0
    (path,) = recordings(folder)
    assert sorted(one.name for one in folder.iterdir()) == [path.name]
    with opened(path) as reader:
        assert reader.targets()[0].name == "local"


@needs_mptcp
def test_the_dashboard_records_nothing_that_is_not_wanted(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[recording]\nenabled = false\n")
    ways: list[tuple[list[str], dict[str, str]]] = [
        (["--no-record"], {}),
        ([], {"MPTCP_TOP_RECORD": "no"}),
        ([], {"MPTCP_TOP_CONFIG": str(config)}),
    ]
    for flags, variables in ways:
        shown = {**environment(tmp_path), "MPTCP_TOP_RECORD": "", **variables}
        with Terminal(mptcp_top(*flags), environment=shown) as terminal:
            terminal.wait_for("q quit")
            terminal.type("q")
            assert terminal.wait_for_end() == 0
        assert not folder_of({"XDG_STATE_HOME": str(tmp_path)}).exists()


@needs_mptcp
def test_a_dashboard_that_cannot_record_says_why_and_runs(tmp_path: Path) -> None:
    (tmp_path / "mptcp-top").mkdir(mode=0o700)
    (tmp_path / "mptcp-top/recordings").write_text("in the way")
    shown = {**environment(tmp_path), "MPTCP_TOP_RECORD": "yes"}
    with Terminal(mptcp_top(), (160, 40), shown) as terminal:
        terminal.wait_for("not recording: ")
        terminal.type("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--keep-days", "0"], "give days from 0.01 to 3650, not '0'"),
        (["--keep-mb", "much"], "give megabytes from 1 to 1e+06, not 'much'"),
    ],
)
def test_what_cannot_be_kept_is_refused(tmp_path: Path, options: list[str], says: str) -> None:
    done = ran(tmp_path, "record", *options)
    assert done.returncode == 2
    assert says in done.stderr


@needs_systemd
def test_systemd_has_nothing_to_complain_about_in_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    program = tmp_path / "mptcp-top"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit.write_text(UNIT.read_text().replace("/usr/bin/mptcp-top", str(program)))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_line_of_the_unit_is_understood(tmp_path: Path) -> None:
    (line,) = [line for line in UNIT.read_text().splitlines() if line.startswith("ExecStart=")]
    options = line.replace("${STATE_DIRECTORY}", str(tmp_path / "missing")).split()[1:]
    options = [part.replace("${CREDENTIALS_DIRECTORY}", str(tmp_path)) for part in options]
    done = ran(tmp_path, *options)
    assert (done.returncode, done.stderr) == (
        2,
        f"mptcp-top: {tmp_path}/missing/recording.db: No such file or directory\n",
    )


def test_a_credential_of_systemd_is_a_password_file_and_nothing_beside_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text("tulip\n")
    file.chmod(0o440)  # as an access list makes it look
    with pytest.raises(SettingsError, match="others may read it"):
        read_password_file(file)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_password_file(file).reveal() == "tulip"
    file.chmod(0o444)
    with pytest.raises(SettingsError, match="others may read it"):
        read_password_file(file)
