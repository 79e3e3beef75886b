"""The command that is told what alarms: a real one, and everything that can be wrong with it."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mptcp_top.announce import MOST_A_MINUTE, Announcer, Limit, announcement_of
from mptcp_top.engine.alerts import Watched
from mptcp_top.engine.events import Event, Happening
from mptcp_top.engine.silences import Silence
from mptcp_top.model import Severity
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import Watch
from tests.feed import WALL, Feed

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 60.0
"""How long a test waits for what must come."""

WRITES = """\
import json, os, sys
with open(os.path.join({folder!r}, str(os.getpid())), "w") as file:
    told = json.loads(sys.stdin.read())
    json.dump({{"arguments": sys.argv[1:], "told": told, "secret": "MPTCP_TOP_PASSWORD" in os.environ}}, file)
os.rename(file.name, file.name + ".json")
"""


def program(folder: Path, text: str) -> tuple[str, ...]:
    path = folder / "tell"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return (str(path),)


def written(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"), key=os.path.getmtime)]


def awaited(found: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever is waited for
    end = time.monotonic() + SECONDS
    while not (value := found()) and time.monotonic() < end:
        time.sleep(0.01)
    return value


def failures(feed: Feed) -> list[str]:
    return [event.says for event in feed.store.events("local") if event.kind is Happening.FAILED]


def errors(feed: Feed, *counters: str) -> None:
    feed.tick()
    for counter in counters:
        feed.tick(**{counter: 1})


@pytest.fixture
def feed() -> Feed:
    return Feed()


def test_the_command_is_told_of_a_rise_in_its_arguments_and_as_json(
    feed: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPTCP_TOP_PASSWORD", "canary")
    command = (*program(tmp_path, WRITES.format(folder=str(tmp_path))), "{target}: {counter}", "a; b $(c) {says}")
    announcer = Announcer(feed.store, command, 300.0)
    announcer.start()
    errors(feed, "MPJoinNoTokenFound")
    announcer.observed("local")
    (run,) = awaited(lambda: written(tmp_path))
    announcer.stop()
    says = "MP_JOIN unknown token rises: join reaches the wrong host?"
    assert run["arguments"] == ["local: MPJoinNoTokenFound", f"a; b $(c) {says}"]
    assert run["told"] == {
        "schema": 1,
        "target": "local",
        "kind": "rising",
        "counter": "MPJoinNoTokenFound",
        "says": says,
        "since": "2026-11-21T10:00:02.000Z",
        "severity": "security",
        "left_out": 0,
    }
    assert run["secret"] is False


def test_an_alert_is_told_with_its_numbers_and_an_ongoing_one_once(feed: Feed, tmp_path: Path) -> None:
    feed.store.watch(Watched((Watch("few sessions", parse("sessions < 10"), Severity.ERROR),)))
    announcer = Announcer(feed.store, program(tmp_path, WRITES.format(folder=str(tmp_path))), 300.0)
    announcer.start()
    for _ in range(20):
        feed.tick()
        announcer.observed("local")
    errors(feed, "DataCsumErr", "DataCsumErr", "DataCsumErr")
    announcer.observed("local")
    assert awaited(lambda: len(written(tmp_path)) == 2)
    announcer.stop()
    told = {run["told"]["counter"]: run["told"] for run in written(tmp_path)}
    assert set(told) == {"few sessions", "DataCsumErr"}
    assert told["few sessions"]["says"] == "few sessions: sessions 0 (< 10)"
    assert told["few sessions"]["severity"] == "error"


def test_what_is_silenced_is_not_told(feed: Feed, tmp_path: Path) -> None:
    announcer = Announcer(feed.store, program(tmp_path, WRITES.format(folder=str(tmp_path))), 300.0)
    feed.silence(Silence("local", "MPJoinNoTokenFound", WALL, WALL + 3600))
    errors(feed, "MPJoinNoTokenFound", "DataCsumErr")
    announcer.observed("local")
    announcer.start()
    assert awaited(lambda: written(tmp_path))
    announcer.stop()
    assert [run["told"]["counter"] for run in written(tmp_path)] == ["DataCsumErr"]


def test_a_program_that_is_not_there_is_told_once(feed: Feed, tmp_path: Path) -> None:
    announcer = Announcer(feed.store, (str(tmp_path / "nothing"),), 300.0)
    announcer.start()
    errors(feed, "MPJoinNoTokenFound", "DataCsumErr", "MPFailRx")
    announcer.observed("local")
    assert awaited(lambda: failures(feed))
    announcer.stop()
    assert failures(feed) == [f"alerts command {tmp_path / 'nothing'}: No such file or directory"]


def test_a_command_that_fails_or_reads_nothing_is_told_of_and_harms_nobody(feed: Feed, tmp_path: Path) -> None:
    announcer = Announcer(feed.store, program(tmp_path, "import os, sys; os.close(0); sys.exit(3)"), 300.0)
    announcer.start()
    errors(feed, "MPJoinNoTokenFound")
    announcer.observed("local")
    assert awaited(lambda: failures(feed))
    announcer.stop()
    assert failures(feed)[0].endswith("ended with exit code 3")


SLEEPS = """\
import os, subprocess, time
child = subprocess.Popen(["sleep", "600"])
with open({name!r}, "w") as file:
    file.write(f"{{os.getpid()}} {{child.pid}}")
os.rename({name!r}, {name!r} + ".there")
time.sleep(600)
"""


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    return state == "Z"  # nobody may have waited for it yet


@pytest.mark.parametrize("run_seconds", [1.5, 600.0])
def test_a_command_that_hangs_is_killed_with_its_children_after_its_time_and_at_the_end(
    feed: Feed, tmp_path: Path, run_seconds: float
) -> None:
    name = tmp_path / "pids"
    announcer = Announcer(feed.store, program(tmp_path, SLEEPS.format(name=str(name))), 300.0, run_seconds)
    announcer.start()
    errors(feed, "MPJoinNoTokenFound")
    announcer.observed("local")
    there = tmp_path / "pids.there"
    assert awaited(there.exists)
    if run_seconds < 600:
        assert awaited(lambda: failures(feed))
        assert failures(feed)[0].endswith("had not ended after 1.5 s and was killed")
    announcer.stop()
    assert awaited(lambda: all(gone(int(pid)) for pid in there.read_text().split()))


def event(target: str, name: str, at: float) -> Event:
    return Event(Happening.ALERT, target, at, WALL + at, "", alarming=True, about=name)


def test_the_same_of_the_same_target_is_told_once_in_a_while() -> None:
    limit = Limit(300.0)
    found = [("a", "x", 0.0), ("a", "x", 299.0), ("b", "x", 299.0), ("a", "y", 299.0), ("a", "x", 301.0)]
    assert [limit.allows(event(*one)) for one in found] == [True, False, True, True, True]


def test_all_together_are_told_no_more_than_so_many_a_minute_and_the_next_says_how_many_were_not() -> None:
    limit = Limit(300.0)
    allowed = [limit.allows(event("a", f"counter {number}", number / 10)) for number in range(50)]
    assert sum(allowed) == MOST_A_MINUTE
    assert limit.allows(event("a", "another", 61.0))
    told = announcement_of(event("a", "another", 61.0), limit.taken())
    assert (told.left_out, limit.taken()) == (50 - MOST_A_MINUTE, 0)


def test_the_first_error_after_long_stands_for_the_rise_it_is(feed: Feed, tmp_path: Path) -> None:
    feed.store.watch(Watched(clean_hours=0.01))
    for _ in range(60):
        feed.tick()
    errors(feed, "MPJoinNoTokenFound")
    announcer = Announcer(feed.store, program(tmp_path, WRITES.format(folder=str(tmp_path))), 300.0)
    announcer.start()
    announcer.observed("local")
    assert awaited(lambda: written(tmp_path))
    announcer.stop()
    assert [run["told"]["kind"] for run in written(tmp_path)] == ["first"]
