"""``mptcp-top replay`` on a real terminal: a finished recording, one that grows under two viewers, and bad files."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.store import Store
from mptcp_top.engine.told import event_beside
from mptcp_top.model import Identity, Sample, Target
from mptcp_top.recording import place
from mptcp_top.recording.beside import Beside
from tests.feed import LINUX_6_18
from tests.recording.replayed import LATER, Recording
from tests.terminal import Terminal, mptcp_top

if TYPE_CHECKING:
    from pathlib import Path

KERNEL = Target("kernel", "linux")
ERROR = "MPJoinNoTokenFound"
ERROR_AT = 200


def sample(poll: int) -> Sample:
    """Return what was read then: an error rose for a while, and a counter says which poll this is."""
    columns = {metric.name: column for column, metric in enumerate(LINUX_6_18.metrics)}
    values = [0] * len(columns)
    values[columns["MPCapableSYNRX"]] = 5000 + poll
    values[columns[ERROR]] = 3 * min(max(poll - ERROR_AT + 1, 0), 20)
    return Sample(KERNEL, LINUX_6_18, tuple(values), 0.0, 0.0, 0.002, Identity("k1", "Linux 6.18.44", "boot"), 64)


def recorded(path: Path, polls: int = 600) -> Path:
    with Recording(path, [KERNEL], 1.0, float(polls)) as recording:
        for poll in range(polls):
            recording.take(sample(poll), float(poll))
            if poll == ERROR_AT - 10:
                recording.mark("deploy", poll + 0.5)
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("recordings") / "finished.db")


def replay(*arguments: str | Path, size: tuple[int, int] = (100, 30), state: str = "/nonexistent") -> Terminal:
    return Terminal(mptcp_top("replay", *map(str, arguments)), size, {"XDG_STATE_HOME": state})


def go_to(terminal: Terminal, when: str) -> None:
    terminal.type("@")
    terminal.wait_for("go to:")
    terminal.type(f"{when}\r")


def refused(*arguments: str) -> str:
    """Return the one line that a command refused by exit code 2 says, on a terminal."""
    with Terminal(mptcp_top(*arguments), (300, 24), {"XDG_STATE_HOME": "/nonexistent"}) as terminal:
        assert terminal.wait_for_end() == 2
        lines = terminal.text.split("\n")
    said = [line for line in lines if line]
    assert len(said) == 1, said
    assert "\x1b[?1049h" not in terminal.written, "the screen was taken already"
    return said[0]


def test_a_finished_recording_stands_at_its_end_and_says_so(finished: Path) -> None:
    with replay(finished) as terminal:
        terminal.wait_for("replay, paused")
        terminal.wait_for("@ time")
        assert "p play" not in terminal.text
        assert "5,599" in terminal.text
        assert "live" not in terminal.text
        terminal.type("e")
        terminal.wait_for("its end  finished.db")
        terminal.type("q")
        terminal.wait_for("q quit")
        terminal.type("q")
        assert terminal.wait_for_end() == 0
        assert terminal.modes_left_on() == []


def test_the_help_lists_no_key_that_does_nothing_there(finished: Path) -> None:
    with replay(finished, size=(100, 60)) as terminal:
        terminal.wait_for("replay, paused")
        terminal.type("?")
        terminal.wait_for("go to the event before")
        assert "poll now" not in terminal.text
        assert "poll less often" not in terminal.text


def test_it_begins_at_the_moment_that_was_asked_for_and_plays_from_there(finished: Path) -> None:
    with replay(finished, "--at", "-5m", "--speed", "10") as terminal:
        terminal.wait_for("playing x10")
        terminal.wait_for("5,3")
        terminal.wait_for("5,4")
        terminal.type("p")
        terminal.wait_for("replay, paused")


def test_an_event_is_gone_to_and_rings_as_news_of_that_moment(finished: Path) -> None:
    with replay(finished) as terminal:
        terminal.wait_for("replay, paused")
        terminal.type("[")
        terminal.wait_for("1 error rising")
        assert "5,200" in terminal.text
        terminal.type("e")
        terminal.wait_for("before its end")
        assert "3 events" in terminal.text


def test_a_time_is_asked_for_again_until_it_is_one(finished: Path) -> None:
    with replay(finished, size=(120, 30)) as terminal:
        terminal.wait_for("replay, paused")
        terminal.type("@")
        terminal.wait_for("go to:")
        terminal.type("soon\r")
        terminal.wait_for("that is no time (03:12, -15m, start); go to: soon_")
        terminal.type("\x15start\r")
        terminal.wait_for("5,000")
        go_to(terminal, "-100d")
        terminal.wait_for("the recording begins at")
        terminal.type("0")
        terminal.wait_for("5,599")
        go_to(terminal, "-1m")
        terminal.wait_for("5,539")


def test_what_is_set_in_a_replay_is_not_written_into_the_recording(finished: Path) -> None:
    before = finished.read_bytes()
    with replay(finished, "--at", "-6m") as terminal:
        terminal.wait_for("replay, paused")
        terminal.type("m")
        terminal.wait_for("mark 2 set at")
        terminal.type("m")
        terminal.wait_for("name of the mark")
        terminal.type("mine\r")
        terminal.wait_for("mine: n and M show")
        terminal.type("r")
        terminal.wait_for("a recording cannot be polled")
        terminal.type("+")
        terminal.wait_for("a recording cannot be polled")
        terminal.type("q")
        assert terminal.wait_for_end() == 0
    assert finished.read_bytes() == before


def test_playing_stops_at_the_end(finished: Path) -> None:
    with replay(finished, "--at", "-30s", "--speed", "60") as terminal:
        terminal.wait_for("this is the end of the recording")
        terminal.wait_for("replay, paused")
        assert "5,599" in terminal.text


def test_in_the_live_dashboard_the_event_before_is_found_in_the_recording_of_an_earlier_run(tmp_path: Path) -> None:
    with Recording(tmp_path / "earlier.db", [KERNEL], 1.0, 300.0) as recording:
        for poll in range(300):
            recording.take(sample(poll), float(poll))
        store = Store([KERNEL])
        store.archive = beside = Beside(store, 30.0)
        beside.open(recording.path, LATER)
        found = event_beside(store, ["kernel"], recording.moment(1000.0), -1)
        assert found is not None
        assert found.subject == ERROR
        assert found.monotonic == pytest.approx(recording.moment(float(ERROR_AT)), abs=1e-3)
        beside.close()


def test_a_report_is_written_out_of_a_replay(finished: Path, tmp_path: Path) -> None:
    with replay(finished, size=(120, 30)) as terminal:
        terminal.wait_for("replay, paused")
        terminal.type("R")
        terminal.wait_for("report, since the mark of")
        terminal.type(f"\x15{tmp_path / 'bundle.tar.gz'}\r")
        terminal.wait_for("report written", 60.0)
    assert (tmp_path / "bundle.tar.gz").stat().st_size > 1000


def test_two_viewers_follow_a_recording_that_grows(tmp_path: Path) -> None:
    with ExitStack() as opened:
        recording = opened.enter_context(Recording(tmp_path / "growing.db", [KERNEL], 1.0, 30.0))
        for poll in range(30):
            recording.take(sample(poll), float(poll))
        viewers = [opened.enter_context(replay(recording.path)) for _ in range(2)]
        for terminal in viewers:
            terminal.wait_for("● following")
            terminal.wait_for("5,029")
        for poll in range(30, 40):
            recording.take(sample(poll), float(poll))
        for terminal in viewers:
            terminal.wait_for("5,039")
        viewers[0].type("e")
        viewers[0].wait_for("following  growing.db  newest data")
        viewers[1].type("p")
        viewers[1].wait_for("replay, paused")
        recording.take(sample(40), 40.0)
        viewers[1].type("0")
        viewers[1].wait_for("5,040")
        viewers[0].wait_for("it has not grown for 1")  # 10 s and more


def test_a_recording_in_which_nothing_is_yet_is_waited_for(tmp_path: Path) -> None:
    with Recording(tmp_path / "new.db", [KERNEL], 1.0, 3.0) as recording, replay(recording.path) as terminal:
        terminal.wait_for("no counters are recorded yet")
        recording.take(sample(0), 0.0)
        recording.take(sample(1), 1.0)
        terminal.wait_for("5,001")


def test_a_recording_that_is_being_made_just_now_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "begun.db"
    claimed = place.claim(path)
    with ExitStack() as opened:
        terminal = opened.enter_context(replay(path))
        terminal.read(1.0)
        place.let_go(claimed)
        recording = opened.enter_context(Recording(path, [KERNEL], 1.0, 3.0))
        recording.take(sample(7), 0.0)
        terminal.wait_for("5,007")


def test_without_a_file_the_recording_that_was_written_last_is_shown(tmp_path: Path) -> None:
    folder = tmp_path / "mptcp-top/recordings"
    folder.mkdir(parents=True)
    recorded(folder / "kernel-1.db", 50)
    with replay(state=str(tmp_path)) as terminal:
        terminal.wait_for("5,049")


def test_a_page_that_cannot_be_read_is_told_where_it_is_and_the_rest_is_shown(tmp_path: Path) -> None:
    path = recorded(tmp_path / "spoilt.db", 1800)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        page = middle_page(connection)
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with replay(path, size=(120, 30)) as terminal:
        terminal.wait_for("replay, paused")
        assert "6,799" in terminal.text
        go_to(terminal, "-15m")
        terminal.wait_for("5,899")
        assert "not readable" not in terminal.text
        go_to(terminal, "-14m20s")
        terminal.wait_for("not readable")
        terminal.type("0")
        terminal.wait_for("6,799")


def middle_page(connection: sqlite3.Connection) -> int:
    """Return a page with samples of the middle of a recording of half an hour."""
    where = "SELECT pageno FROM dbstat WHERE name = 'linux_samples' AND pagetype = 'leaf' ORDER BY path"
    try:
        pages = [page for (page,) in connection.execute(where)]
    except sqlite3.OperationalError:
        pytest.skip("this SQLite cannot say where its pages are (no dbstat)")
    return int(pages[len(pages) // 2])


def bad(folder: Path, name: str) -> str:
    """Make a file that is no recording, and return its path."""
    path = folder / name
    if name == "folder":
        path.mkdir()
    elif name in {"noise", "report.tar.gz"}:
        path.write_bytes(os.urandom(5000))
    elif name == "nothing":
        path.touch()
    elif name == "other":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE t (x)")
        connection.close()
    elif name == "newer":
        with sqlite3.connect(recorded(path, 5)) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
    elif name == "short":
        recorded(path, 300)
        os.truncate(path, path.stat().st_size // 2)
    elif name == "empty":
        with Recording(path, [KERNEL], 1.0, 1.0):
            pass
    return str(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing", "No such file or directory"),
        ("folder", "it is a folder; give a file in it"),
        ("noise", "it is no recording of mptcp-top"),
        ("report.tar.gz", "a report is packed: unpack it"),
        ("nothing", "it is empty: if it was copied"),
        ("other", "it is no recording of mptcp-top"),
        ("newer", "it was made by a newer mptcp-top: use that one (schema 99; this one reads 1)"),
        ("short", "malformed"),
        ("empty", "nothing is recorded in it yet"),
    ],
)
def test_what_is_no_recording_is_refused_in_a_line(tmp_path: Path, name: str, words: str) -> None:
    said = refused("replay", bad(tmp_path, name))
    assert said.startswith(f"mptcp-top: {tmp_path / name}: ")
    assert words in said


def test_without_any_recording_it_says_how_there_will_be_one() -> None:
    assert "there is no recording in /nonexistent/mptcp-top/recordings yet: give a file" in refused("replay")


def test_a_moment_that_is_none_is_refused(finished: Path) -> None:
    assert "--at: 'soon' is no moment: give one like 03:12" in refused("replay", str(finished), "--at", "soon")


def test_a_speed_that_is_none_is_refused(finished: Path) -> None:
    with replay(finished, "--speed", "0") as terminal:
        assert terminal.wait_for_end() == 2
        assert "--speed: give a factor from 0.1 to 3600, not '0'" in terminal.text


def test_a_moment_before_the_beginning_is_told(finished: Path) -> None:
    with replay(finished, "--at", "-10d", size=(160, 30)) as terminal:
        terminal.wait_for("the recording begins here: -10d is not in it")
        assert "5,000" in terminal.text


def test_what_is_silenced_in_a_replay_is_silent_in_it_at_once(finished: Path) -> None:
    with replay(finished, "--at", "-390s", size=(120, 30)) as terminal:
        terminal.wait_for("1 error rising")
        terminal.type("x")
        terminal.wait_for("silence unknown token until")
        terminal.type("\r")
        terminal.wait_for("unknown token silenced until")
        terminal.wait_for("1 silenced")


def test_hosts_are_refused(finished: Path) -> None:
    assert "replay shows the targets of the recording" in refused("--host", "ns1", "replay", str(finished))


def test_without_a_terminal_it_says_what_to_do(finished: Path) -> None:
    done = subprocess.run(
        mptcp_top("replay", str(finished)), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        "mptcp-top: standard input is not a terminal; for pipes, files and cron there is: mptcp-top dump\n"
    )


def test_nothing_of_the_dashboard_is_loaded_before_a_bad_file_is_refused() -> None:
    code = "import sys; import mptcp_top.cli.replay; print({'textual', 'rich', 'aiohttp'} & sys.modules.keys())"
    command = mptcp_top()
    done = subprocess.run([command[0], "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
