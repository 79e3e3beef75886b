"""A bundle is made whole or not at all, and never in the place of something else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

from mptcp_top.errors import SettingsError
from mptcp_top.report.bundle import bundled, free_name
from tests.recording.incident import incident, typical

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return typical(tmp_path_factory.mktemp("recorded") / "typical.db")


def command(*arguments: str | Path, cwd: Path, before: str = "pass") -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, with something done before it starts."""
    program = f"import sys; {before}; from mptcp_top.cli.main import main; sys.exit(main())"
    environment = {**os.environ, "XDG_STATE_HOME": str(cwd / "state"), "XDG_CONFIG_HOME": str(cwd / "config")}
    started = [sys.executable, "-c", program, "report", *map(str, arguments)]
    return subprocess.run(started, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_without_a_name_it_is_an_archive_in_the_working_folder_that_is_named_on_standard_output(
    recording: Path, tmp_path: Path
) -> None:
    done = command(recording, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        0,
        "mptcp-top: 1 counter rose; something was wrong on 2 of 2 targets; summary.md is for the ticket\n",
    )
    written = tmp_path / done.stdout.strip()
    assert [path for path in tmp_path.iterdir() if path.is_file()] == [written]
    assert written.name.startswith("mptcp-top-report-")
    assert written.stat().st_mode & 0o777 == 0o600
    with tarfile.open(written) as archive:
        assert f"{written.name.removesuffix('.tar.gz')}/summary.md" in archive.getnames()


def test_two_reports_of_the_same_are_the_same_archive_but_for_the_times_in_it(recording: Path, tmp_path: Path) -> None:
    names = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        assert command(recording, "-o", "x.tar.gz", cwd=tmp_path / name).returncode == 0
        with tarfile.open(tmp_path / name / "x.tar.gz") as archive:
            names.append([(member.name, member.mode, member.uid) for member in archive.getmembers()])
    assert names[0] == names[1]
    assert names[0] == sorted(names[0])


@pytest.mark.parametrize("there", ["file", "folder", "link"])
@pytest.mark.parametrize("name", ["out", "out.tar.gz"])
def test_what_is_there_already_is_never_written_over(recording: Path, tmp_path: Path, there: str, name: str) -> None:
    place = tmp_path / name
    if there == "folder":
        place.mkdir()
    elif there == "file":
        place.touch()
    else:
        place.symlink_to("nowhere")
    done = command(recording, "-o", name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, f"mptcp-top: {name}: it is there already; give a name that is free\n")
    assert [path for path in tmp_path.iterdir() if path.name not in {"state", "config"}] == [place]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.db",), "nowhere.db: No such file or directory"),
        ((), "there is no recording in {tmp}/state/mptcp-top/recordings yet: give a file"),
        (("{recording}", "-o", "none/x"), "none: there is no such folder; make it first"),
        (("{recording}", "--host", "nsl"), "nsl: it is not in this recording, which has red, ns1; did you mean ns1?"),
        (("{recording}", "--from", "teatime"), "--from: 'teatime' is no moment: give one like 03:12"),
        (("{recording}", "--from", "2020-01-01 10:00", "--to", "2020-01-01 11:00"), "nothing is recorded in that time"),
        ((__file__,), "test_report_bundle.py: it is no recording of mptcp-top\n"),
        (("{recording}", "-o", "x.zip"), "x.zip: give a name that ends with .tar.gz, or the name of a folder"),
        ((".",), ".: it is a folder; give a file in it"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(
    recording: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = command(*(one.format(recording=recording) for one in arguments), cwd=tmp_path)
    assert done.returncode == 2
    assert said.format(tmp=tmp_path) in done.stderr
    assert done.stderr.count("\n") == 1
    assert not [path for path in tmp_path.iterdir() if path.name not in {"state", "config"}]


@pytest.mark.parametrize("name", ["out", "out.tar.gz"])
@pytest.mark.parametrize("kilobytes", [40, 60, 150])
def test_where_the_disk_is_full_nothing_is_left(recording: Path, tmp_path: Path, name: str, kilobytes: int) -> None:
    full = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024},) * 2)"
    done = command(recording, "-o", name, cwd=tmp_path, before=full)
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_damaged_recording_is_one_line_and_nothing_is_left(recording: Path, tmp_path: Path) -> None:
    content = bytearray(recording.read_bytes())
    content[-44_000:-4_000] = bytes(40_000)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(content)
    done = command(damaged, "-o", "out", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "mptcp-top recordings verify" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith("damaged.db")]


def test_what_ends_it_leaves_nothing_half_made(recording: Path, tmp_path: Path) -> None:
    stop = (
        "import mptcp_top.report.make as m, time; m.summary = lambda story: (print('now', flush=True), time.sleep(60))"
    )
    program = f"import sys; {stop}; from mptcp_top.cli.main import main; sys.exit(main())"
    started = [sys.executable, "-c", program, "report", str(recording), "-o", "out"]
    with subprocess.Popen(started, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "now\n"
        assert [path.name for path in tmp_path.iterdir()] != []
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 143
    assert not list(tmp_path.iterdir())


def test_a_name_is_free_or_gets_a_number(tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").touch()
    (tmp_path / "x-2.tar.gz").symlink_to("nowhere")
    assert free_name(tmp_path, "x", ".tar.gz").name == "x-3.tar.gz"


def test_somebody_who_takes_the_name_meanwhile_keeps_it(tmp_path: Path) -> None:
    def make(name: str) -> None:
        with bundled(tmp_path / name) as bundle:
            bundle.add("a", "a")
            (tmp_path / name).write_text("mine")

    for name in ("out", "out.tar.gz"):
        with pytest.raises(SettingsError, match="it is there already"):
            make(name)
        assert (tmp_path / name).read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"out", "out.tar.gz"}


def test_a_recording_that_is_being_written_can_be_reported_of(tmp_path: Path) -> None:
    with incident(tmp_path / "growing.db") as one:
        one.quiet(20)
        done = command(tmp_path / "growing.db", "-o", "out", cwd=tmp_path)
        one.quiet(5)
    assert done.returncode == 0, done.stderr
    assert "40 samples read" in (tmp_path / "out/summary.md").read_text()


def test_a_target_that_was_read_once_has_a_report_too(tmp_path: Path) -> None:
    (tmp_path / "once.txt").write_text('2026-11-21T10:00:00Z\n{"kernel": {"MPTcpExtMPCapableSYNRX": 5}}\n')
    take_in = ["import", "-o", "once.db", "--host", "h", "once.txt"]
    script = f"import sys; from mptcp_top.cli.main import main; sys.exit(main({take_in!r}))"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True)
    done = command("once.db", "-o", "out", cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert (tmp_path / "out" / "summary.md").exists()
