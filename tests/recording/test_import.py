"""``mptcp-top import``: recordings made of what others collected."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mptcp_top.cli.main import main
from mptcp_top.engine.store import Store
from mptcp_top.recording.archive import Recorded
from mptcp_top.recording.clock_words import moment_in
from mptcp_top.recording.collected import Lines, Poll, Unusable
from mptcp_top.recording.library import opened
from tests.hostile.inputs import TIMES
from tests.recording.told_live import eventful, parsed
from tests.terminal import mptcp_top

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

DEADLINE_SECONDS = 30.0
AT = 1_795_255_200


def nstat(**values: int) -> str:
    return json.dumps({"kernel": {"TcpExtTCPTimeouts": 3, **{f"MPTcpExt{name}": it for name, it in values.items()}}})


def series(values: Iterable[int], every: float = 5.0) -> str:
    return "".join(f"{AT + number * every:.3f}\n{nstat(MPJoinSynRx=it)}\n" for number, it in enumerate(values))


def stat(at: float, **values: int) -> str:
    """A line of a single call of ``stat --json``: it knows of none before."""
    said = {
        "schema": 1, "target": "ns1", "source": "linux", "status": "ok", "error": None, "elapsed_seconds": None,
        "taken_at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(at)),
        "metrics": {name: {"value": value, "increase": None, "rate": None} for name, value in values.items()},
    }  # fmt: skip
    return json.dumps(said) + "\n"


def imported(
    folder: Path, *texts: str, names: tuple[str, ...] = ("a.log", "b.log"), more: tuple[str, ...] = ()
) -> Path:
    files = [folder / name for name, _ in zip(names, texts, strict=False)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    out = folder / "out.db"
    out.unlink(missing_ok=True)
    assert main(["import", *map(str, files), "-o", str(out), *more]) == 0
    return out


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def asked(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def dumped(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    capsys.readouterr()
    assert main(["dump", str(path), *more]) == 0
    return capsys.readouterr().out


def test_what_is_dumped_and_imported_again_is_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    eventful(tmp_path / "a.db")
    before = dumped(tmp_path / "a.db", capsys)
    again = dumped(imported(tmp_path, before), capsys)
    assert again.splitlines() == before.splitlines()


def test_rises_events_and_alerts_are_those_that_were_recorded_live(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    eventful(tmp_path / "a.db", killed=False)  # else the rises are as they were known in the last minute
    out = imported(tmp_path, dumped(tmp_path / "a.db", capsys, "--host", "local"))
    rises = (
        "SELECT counter, total, round(peak_rate, 6), round(started, 2) FROM episodes WHERE target = 1 ORDER BY first"
    )
    assert asked(out, rises) == asked(tmp_path / "a.db", rises)
    kinds = "SELECT kind, says FROM events WHERE target = 1 AND kind <> 'interval' ORDER BY at, number"
    assert asked(out, kinds) == asked(tmp_path / "a.db", kinds)
    assert {"lost", "back", "reset"} <= {str(kind) for kind, _ in asked(out, kinds)}


def test_an_imported_recording_is_shown_as_any_other(tmp_path: Path) -> None:
    out = imported(tmp_path, series((0, 3, 3, 10), every=2.0))
    with opened(out) as reader:
        store = Store(reader.targets())
        store.archive = archive = Recorded(reader, 30.0, lambda: store.marks, alone=True)
        assert archive.extent_of_all is not None
        seen = store.at("a", archive.extent_of_all[1])
        assert seen is not None
        change = seen.change("MPJoinSynRx")
        assert change is not None
        assert (change.value, change.increase, change.rate) == (10, 7, 3.5)


def test_the_loop_of_a_colleague_becomes_a_recording(tmp_path: Path) -> None:
    loop = "".join(
        f"2026-11-21T11:00:{number:02}+01:00\n{nstat(MPJoinSynRx=number * 2, MPJoinNoTokenFound=number // 3)}\n"
        for number in range(0, 40, 5)
    )
    out = imported(tmp_path, loop, names=("web1.json",))
    rates = "SELECT target, time, value, rate FROM readings WHERE counter = 'MPJoinSynRx' LIMIT 2"
    assert asked(out, rates) == [
        ("web1", "2026-11-21T10:00:00.000Z", 0, None),
        ("web1", "2026-11-21T10:00:05.000Z", 10, 2.0),
    ]
    assert asked(out, "SELECT counter, total FROM rises") == [("MPJoinNoTokenFound", 11)]


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-21T10:00:00+00:00", "2026-11-21T10:00:00Z", "2026-11-21 10:00:00.000+00:00", "20261121T100000Z",
        "2026-11-21T10:00:00,000000000+00:00", "1795255200", "1795255200.000000001", "1795255200000",
        "1795255200000000000", "Sat, 21 Nov 2026 10:00:00 +0000", "Sat Nov 21 10:00:00 UTC 2026",
        "Sat Nov 21 10:00:00 AM UTC 2026", "Sat 21 Nov 2026 10:00:00 AM UTC",
    ],
)  # fmt: skip
def test_a_time_is_understood_as_programs_write_it(written: str) -> None:
    found = moment_in(written)
    assert found is not None
    assert found.milliseconds == AT * 1000


@pytest.mark.parametrize("before", ['{"time": %s}\n', '{"timestamp": "%s"}\n', "%s "])
def test_the_time_may_be_an_object_or_before_the_object(tmp_path: Path, before: str) -> None:
    text = "".join(before % (AT + number) + nstat(MPJoinSynRx=number) + "\n" for number in range(3))
    assert asked(imported(tmp_path, text), "SELECT count(rate), min(rate) FROM readings") == [(2, 1.0)]


def test_an_object_may_take_many_lines(tmp_path: Path) -> None:
    text = "".join(f"{AT + n}\n{json.dumps({'kernel': {'MPTcpExtMPJoinSynRx': n}}, indent=4)}\n" for n in range(3))
    assert asked(imported(tmp_path, text), "SELECT value FROM readings") == [(0,), (1,), (2,)]


def test_a_single_call_now_and_then_has_rates_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = imported(tmp_path, "".join(stat(AT + 60 * n, MPJoinSynRx=30 * n) for n in range(5)))
    lines = parsed(dumped(out, capsys))
    assert [one["metrics"]["MPJoinSynRx"]["rate"] for one in lines] == [None, 0.5, 0.5, 0.5, 0.5]


def test_where_lines_are_missing_the_clock_says_how_much_time_passed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    eventful(tmp_path / "a.db")
    lines = dumped(tmp_path / "a.db", capsys, "--host", "local", "--to", "2026-11-21T10:00:20Z").splitlines(True)
    sparse = parsed(dumped(imported(tmp_path, "".join(lines[::4])), capsys))
    assert all(3.9 < one["elapsed_seconds"] < 4.1 for one in sparse[1:])
    assert {round(one["metrics"]["MPCapableSYNRX"]["rate"], 1) for one in sparse[1:]} == {7.0}


def test_several_files_are_in_the_order_of_time(tmp_path: Path) -> None:
    later = series((5, 6)).replace(str(AT)[:-1], str(AT + 60)[:-1])
    out = imported(tmp_path, later, series((1, 2)), more=("--host", "web1"))
    assert asked(out, "SELECT target, value FROM readings") == [("web1", 1), ("web1", 2), ("web1", 5), ("web1", 6)]


def test_files_of_several_hosts_are_called_by_their_names(tmp_path: Path) -> None:
    out = imported(tmp_path, series((1, 2)), series((3, 4)), names=("web1.json", "web2.json"))
    assert asked(out, "SELECT name FROM targets ORDER BY name") == [("web1",), ("web2",)]


def test_a_line_that_says_nothing_is_told_and_the_rest_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        series((1, 2)) + "#kernel\n" + '{"kernel": {"MPTcpExtMPJoinSynRx": -1}}\n' + '{"half\n' + stat(AT + 30, MPx=1)
    )
    out = imported(tmp_path, text)
    said = capsys.readouterr()
    where = tmp_path / "a.log"
    assert said.err.splitlines() == [
        f"mptcp-top: {where}:5: left out: it is neither a JSON object nor a time",
        f"mptcp-top: {where}:6: left out: the value of MPTcpExtMPJoinSynRx is no number from 0 to 2**64 - 1: -1",
        (
            f"mptcp-top: {where}:7: left out: it is no JSON object (Unterminated string starting at: line 1 column 2 "
            "(char 1))"
        ),
        "mptcp-top: 3 of all lines were left out",
    ]
    assert "3 samples and 0 missed polls of 2 targets, 2026-11-21T10:00:00.000Z to" in said.out
    assert asked(out, "SELECT count(*) FROM linux_samples") == [(3,)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (nstat(MPJoinSynRx=1), "there must be a time before each of its objects"),
        (f"{AT}\n" + '{"kernel": {"TcpExtTCPTimeouts": 3}}', "it has no MPTCP counters"),
        ("", "there is no line in it that can be used"),
        (stat(AT, a=1).replace('"schema": 1', '"schema": 2'), "schema 2: this mptcp-top reads 1"),
        (stat(AT, a=1).replace("linux", "amiga"), "'amiga' is no kind of target that this mptcp-top knows"),
        (stat(AT, a=1).replace('"a"', '"\\u001b[2J"'), "is no name of a counter"),
        ("[" * 200_000, "it is neither a JSON object nor a time"),
        ('{"a":' * 200_000, "brackets in brackets without end"),
    ],
)
def test_of_what_cannot_be_used_nothing_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    (tmp_path / "a.log").write_text(text, encoding="utf-8")
    assert main(["import", str(tmp_path / "a.log"), "-o", str(tmp_path / "out.db")]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.splitlines()[-1].endswith("there is no line in it that can be used; none is recorded")
    assert (said.err.isprintable(), said.out) == (False, "")
    assert all(line.isprintable() for line in said.err.splitlines())
    assert listed(tmp_path) == ["a.log"]


def test_increments_are_not_taken_for_totals_without_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(tmp_path, series((500, 3, 7, 2, 9, 1, 4, 0, 5)))
    assert "counters went down on 4 of 9 lines. Was that nstat without -a?" in capsys.readouterr().err


def test_the_recording_is_new_and_its_owners_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = os.umask(0)
    out = imported(tmp_path, series((1, 2)))
    os.umask(before)
    assert out.stat().st_mode & 0o777 == 0o600
    (tmp_path / "link.db").symlink_to(tmp_path / "elsewhere.db")
    for there in (out, tmp_path / "link.db", tmp_path):
        assert main(["import", str(tmp_path / "a.log"), "-o", str(there)]) == 2
        assert capsys.readouterr().err == f"mptcp-top: {there}: it is there already; give a name that is new\n"
    assert asked(out, "SELECT count(*) FROM linux_samples") == [(2,)]
    assert not (tmp_path / "elsewhere.db").exists()


def test_a_full_disk_leaves_no_half_of_a_recording(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(series(range(5000)), encoding="utf-8")
    ended = subprocess.run(
        mptcp_top("import", str(tmp_path / "a.log"), "-o", str(tmp_path / "out.db")),
        capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)),
    )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"mptcp-top: {tmp_path / 'out.db'}: ")
    assert ended.stderr.endswith("nothing is left there\n")
    assert listed(tmp_path) == ["a.log"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_an_import_that_is_ended_leaves_nothing(tmp_path: Path, number: int, code: int) -> None:
    out = tmp_path / "out.db"
    with subprocess.Popen(
        mptcp_top("import", "-", "-o", str(out)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not out.exists():  # it waits for lines that never come
            assert time.monotonic() < deadline
            assert process.poll() is None
        assert process.stdin is not None
        for line in series(range(3000)).encode().splitlines(keepends=True):
            process.stdin.write(line)
        process.stdin.flush()
        while not (tmp_path / "out.db-wal").exists():
            assert time.monotonic() < deadline
        process.send_signal(number)
        assert process.wait(DEADLINE_SECONDS) == code
    assert listed(tmp_path) == []


def test_a_target_is_not_of_two_kinds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = stat(AT + 5, mptcptotmpcapsession=1).replace('"linux"', '"netscaler"')
    imported(tmp_path, stat(AT, MPJoinSynRx=1) + other)
    assert "ns1 was a kernel before: give each a name" in capsys.readouterr().err


def test_lines_that_keep_changing_what_they_have_do_not_fill_the_disk(tmp_path: Path) -> None:
    names = ("MPJoinSynRx", "MPJoinAckRx", "MPCapableSYNRX", "DataCsumErr", "MPRstTx", "MPRstRx", "AddAddr", "Stale")
    changed = "".join(
        stat(AT + n, **{name: n for place, name in enumerate(names) if n >> place & 1}) for n in range(1, 256)
    )
    out = imported(tmp_path, changed)
    assert asked(out, "SELECT count(*) FROM layouts")[0][0] in range(2, 64)
    found = asked(out, "SELECT value FROM readings WHERE counter = 'MPJoinSynRx' ORDER BY time")
    assert found == [(n,) for n in range(1, 256) if n & 1]


_WORDS = st.text(max_size=12)
_LEAVES = st.none() | st.booleans() | st.integers(-5, 2**65) | st.floats() | _WORDS
_JSON = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3))
_KEYS = ("schema", "target", "source", "status", "error", "advice", "taken_at", "elapsed_seconds", "identity", "reset")
_GOOD = json.loads(stat(AT, MPJoinSynRx=1))


@st.composite
def _lines(draw: st.DrawFn) -> bytes:
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return draw(st.binary(max_size=60))
    if kind == 1:
        return json.dumps(draw(_JSON)).encode()
    if kind == 2:
        return f"{draw(st.integers(AT, AT + 99))} {nstat(MPJoinSynRx=draw(st.integers(0, 2**64)))}".encode()
    said: Mapping[str, object] = _GOOD | {"taken_at": f"2026-11-21T10:00:{draw(st.integers(0, 59)):02}Z"}
    if kind == 3:
        return json.dumps({**said, draw(st.sampled_from(_KEYS)): draw(_JSON)}).encode()
    if kind == 4:
        metric = {draw(st.sampled_from(("value", "increase", "rate", "group", "kind", "label"))): draw(_JSON)}
        return json.dumps({**said, "metrics": {draw(_WORDS): {"value": 1, **metric}}}).encode()
    return json.dumps({**said, "metrics": draw(_JSON)}).encode()


@settings(max_examples=20 * TIMES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(_lines(), min_size=50, max_size=50))
def test_lines_of_anything_are_understood_or_told(lines: list[bytes]) -> None:
    found = list(Lines("x").understood(line + b"\n" for line in lines))
    assert all(isinstance(one, Poll | Unusable) for one in found)
    assert all(one.why.isprintable() for one in found if isinstance(one, Unusable))


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(_lines(), min_size=50, max_size=50))
def test_a_file_of_anything_becomes_a_sound_recording_or_none(
    lines: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    (folder / "a.log").write_bytes(b"\n".join(lines))
    code = main(["import", str(folder / "a.log"), "-o", str(folder / "out.db")])
    assert (folder / "out.db").exists() == (code == 0)
    if code == 0:
        assert main(["recordings", "verify", str(folder / "out.db")]) == 0


def dumped_of(path: Path) -> list[dict[str, object]]:
    with opened(path) as reader:
        (found,) = reader.readings(-1e9, 1e12).values()
        return [{"wall": one.wall, "values": one.values, "at": one.monotonic} for one in found]


def counted(number: int, clock: float = 0.0) -> str:
    """The line of one ``stat --json --count`` a second, whose clock is so far ahead."""
    said = json.loads(stat(AT + number + clock, MPJoinSynRx=number // 3))
    if number:
        said["elapsed_seconds"] = 1.0
        said["metrics"]["MPJoinSynRx"]["increase"] = number // 3 - (number - 1) // 3
    return json.dumps(said) + "\n"


def test_the_lines_of_a_file_that_are_in_no_order_are_sorted_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    straight = dumped_of(imported(tmp_path, "".join(map(counted, range(60)))))
    assert "sorted" not in capsys.readouterr().err
    mixed = sorted(range(60), key=lambda number: number * 37 % 60)
    assert dumped_of(imported(tmp_path, "".join(map(counted, mixed)))) == straight
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "a.log: its lines are not in the order of time and were sorted: " in said[0]


def test_two_files_of_one_target_that_were_put_together_the_wrong_way_round_are_sorted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = series(range(40))
    straight = dumped_of(imported(tmp_path, text))
    lines = text.splitlines(keepends=True)
    assert dumped_of(imported(tmp_path, "".join([*lines[40:], "nonsense\n", *lines[:40]]))) == straight
    said = capsys.readouterr().err
    assert said.count("nonsense") + said.count("a.log:41: left out") == 1
    assert "sorted: 20 came after later ones" in said


def test_a_clock_that_was_set_back_is_no_reason_to_sort(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "".join(counted(number, -30.0 * (number >= 40)) for number in range(60))
    found = dumped_of(imported(tmp_path, text))
    assert [one["at"] for one in found] == [AT + number for number in range(60)]
    assert capsys.readouterr().err == ""


def test_what_comes_through_a_pipe_cannot_be_sorted_and_says_what_to_do(tmp_path: Path) -> None:
    text = "".join(map(counted, (5, 1, 6)))
    command = mptcp_top("import", "-o", str(tmp_path / "a.db"))
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=DEADLINE_SECONDS)
    assert done.returncode == 0
    assert "1 of all lines were left out; to have lines sorted, save them in a file and import that" in done.stderr
