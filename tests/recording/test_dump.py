"""``mptcp-top dump``: the lines that ``stat`` printed, or would have."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from mptcp_top.cli.main import main
from tests.feed import WALL
from tests.recording.told_live import KERNEL, Lines, Session, differences, eventful, parsed
from tests.terminal import mptcp_top


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lines]:
    path = tmp_path_factory.mktemp("recorded") / "a.db"
    return path, eventful(path)


def dumped(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(["dump", *map(str, arguments)]) == 0
    said = capsys.readouterr()
    assert not said.err
    return said.out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(["dump", *map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert not said.out
    assert said.err.count("\n") == 1
    return said.err


def test_dump_prints_what_stat_printed_at_the_time(
    recorded: tuple[Path, Lines], capsys: pytest.CaptureFixture[str]
) -> None:
    path, lines = recorded
    then, now = parsed(lines.json), parsed(dumped(capsys, path))
    assert [(one["target"], one["taken_at"]) for one in now] == [(one["target"], one["taken_at"]) for one in then]
    first_refresh = WALL + 7.0  # an appliance's own rates are not recorded: until it counts again there are none
    different = [
        (place, *found)
        for place, pair in enumerate(zip(then, now, strict=True))
        for found in differences(*pair)
        if not (pair[0]["source"] == "netscaler" and place < 2 * first_refresh - 2 * WALL)
    ]
    assert different == []
    assert any(one["reset"] for one in now)
    assert any(metric["rising"] for one in now for metric in one["metrics"].values())


def test_it_is_csv_where_that_is_asked_for(recorded: tuple[Path, Lines], capsys: pytest.CaptureFixture[str]) -> None:
    path, lines = recorded
    then, now = ("".join(lines.csv), dumped(capsys, path, "--csv", "--host", "local"))
    whole, printed = (list(csv.DictReader(io.StringIO(text))) for text in (then, now))
    kept = ("taken_at", "target", "status", "error", "counter", "value", "increase", "rising", "group")
    assert [[row[key] for key in kept] for row in printed] == [
        [row[key] for key in kept] for row in whole if row["target"] == "local"
    ]


@pytest.mark.parametrize("begin", ["2026-11-21T10:00:27Z", "2026-11-21T10:01:03Z", "2026-11-21T10:10:05Z"])
def test_what_is_known_does_not_depend_on_where_it_begins(
    recorded: tuple[Path, Lines], capsys: pytest.CaptureFixture[str], begin: str
) -> None:
    path, _ = recorded
    whole = dumped(capsys, path, "--host", "local").splitlines()
    part = dumped(capsys, path, "--host", "local", "--from", begin).splitlines()
    wanted = [line for line in whole if json.loads(line)["taken_at"] >= begin[:-1]]
    assert 0 < len(part) == len(wanted) < len(whole)
    assert [found for pair in zip(parsed(wanted), parsed(part), strict=True) for found in differences(*pair)] == []


def test_only_what_is_asked_for_is_printed_wherever_that_is_said(
    recorded: tuple[Path, Lines], capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = recorded
    asked = ("--to", "2026-11-21T10:00:10Z", "--host", "local")
    lines = parsed(dumped(capsys, path, *asked, "MPJoin*"))
    assert {one["target"] for one in lines} == {"local"}
    assert lines[-1]["taken_at"] < "2026-11-21T10:00:10"
    assert all(name.startswith("MPJoin") for one in lines for name in one["metrics"])
    assert parsed(dumped(capsys, path, "MPJoin*", *asked)) == lines
    assert parsed(dumped(capsys, "--json", *asked, path, "MPJoin*")) == lines


def test_the_last_seconds_are_asked_for_without_an_equals_sign(
    recorded: tuple[Path, Lines], capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = recorded
    assert len(dumped(capsys, path, "--from", "-5s").splitlines()) == 6


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("--host", "ns7"), "it is not in this recording, which has local, ns1"),
        (("MPJoinn",), "no counter is called 'MPJoinn'"),
        (("--from", "teatime"), "--from: 'teatime' is no moment"),
        (("--from", "-5s", "--to", "-9s"), "is after --to"),
        (
            ("--to", "2020-01-01T10:00:00Z"),
            "--to 2020-01-01T10:00:00.000Z is before this recording begins (2026-11-21T10:",
        ),
        (("--from", "2030-01-01T10:00:00Z"), "--from 2030-01-01T10:00:00.000Z is after this recording ends (2026-11"),
        (("--from", "2026-11-21T10:05:00Z", "--to", "2026-11-21T10:06:00Z"), "this recording reaches from 2026-11-21T"),
    ],
)
def test_what_cannot_be_printed_is_said_in_a_line(
    recorded: tuple[Path, Lines], capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], says: str
) -> None:
    assert says in refused(capsys, recorded[0], *asked)


@pytest.mark.parametrize(("asked", "polls"), [((), 40), (("--from", "2026-11-21T10:00:11Z"), 10)])
def test_a_wall_clock_that_was_set_back_keeps_nothing_from_being_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], polls: int
) -> None:
    session = Session(tmp_path / "a.db", KERNEL)
    for tick in range(40):
        session.now += 1.0
        session.wall(-7200.0 * (tick == 20))
        session.poll(KERNEL, {"MPCapableSYNRX": 1})
    session.close()
    assert len(dumped(capsys, tmp_path / "a.db", *asked).splitlines()) == polls


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "the following arguments are required: FILE\n"),
        (("a.db", "--from", "", "MPJoin*"), "--from: '' is no moment"),
    ],
)
def test_a_mistake_in_the_words_is_told_of_the_word_that_is_wrong(
    recorded: tuple[Path, Lines], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], says: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(recorded[0].parent)
    with suppress(SystemExit):
        assert main(["dump", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_recording_without_a_sample_prints_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Session(tmp_path / "a.db", KERNEL).close()
    assert dumped(capsys, tmp_path / "a.db") == ""


def test_a_recording_is_dumped_while_it_grows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = Session(tmp_path / "a.db", KERNEL)
    for number in range(1, 4):
        session.now += 1.0
        session.poll(KERNEL, {"MPCapableSYNRX": 1})
        assert len(dumped(capsys, tmp_path / "a.db").splitlines()) == number
    session.close()


def test_who_reads_the_first_line_only_is_not_told_of_a_broken_pipe(recorded: tuple[Path, Lines]) -> None:
    with subprocess.Popen(
        mptcp_top("dump", str(recorded[0])), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["schema"] == 1
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_a_full_standard_output_is_said_in_a_line(recorded: tuple[Path, Lines]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            mptcp_top("dump", str(recorded[0])), stdout=full, stderr=subprocess.PIPE, check=False, text=True
        )
    assert (ended.returncode, ended.stderr) == (2, "mptcp-top: standard output: No space left on device\n")


def test_it_starts_without_what_only_screens_and_appliances_need(recorded: tuple[Path, Lines]) -> None:
    code = (
        f"import sys; from mptcp_top.cli.main import main; main(['dump', {str(recorded[0])!r}, '--to', 'start']); "
        "print(sorted({'textual', 'rich', 'aiohttp', 'plotext'} & set(sys.modules)), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stderr == "[]\n"


def test_a_name_that_no_target_of_the_recording_knows_is_told_with_what_counts_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session(tmp_path / "a.db", KERNEL)
    session.now += 1.0
    session.poll(KERNEL, {"MPJoinNoTokenFound": 1})
    session.close()
    assert main(["dump", str(tmp_path / "a.db"), "TokenEr", "--csv"]) == 0
    assert capsys.readouterr().err == (
        "mptcp-top: local: has no such counter: TokenEr; what counts the same there is MPJoinNoTokenFound\n"
    )
    assert main(["dump", str(tmp_path / "a.db"), "MPJoinNoTokenFound"]) == 0
    assert not capsys.readouterr().err


def test_a_moment_reads_the_same_in_dump_and_in_sql(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = Session(tmp_path / "a.db", KERNEL)
    for number in range(40):
        session.now += 1.0
        session.poll(KERNEL, {"MPCapableSYNRX": 1}, later=number * 0.000_13)
    session.close()
    printed = [line["taken_at"] for line in parsed(dumped(capsys, tmp_path / "a.db"))]
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        found = connection.execute("SELECT time FROM readings WHERE counter = 'MPCapableSYNRX' ORDER BY time")
        assert [time for (time,) in found] == printed
