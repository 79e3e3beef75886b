"""An error that rises is one story, however often what records it is killed and begun again."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import pytest

from mptcp_top.cli.main import main
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.events import Happening
from mptcp_top.engine.left import RESUME_SECONDS
from mptcp_top.engine.store import Store
from mptcp_top.engine.told import listed
from mptcp_top.model import Identity, Sample, Target
from mptcp_top.recording import place
from mptcp_top.recording.beside import Beside
from mptcp_top.recording.reader import Reader
from mptcp_top.recording.retold import retold
from mptcp_top.recording.tap import Tap
from mptcp_top.recording.verify import verified
from mptcp_top.recording.writer import Writer
from mptcp_top.report.make import Asked, make
from mptcp_top.text import iso_time
from mptcp_top.ui.event_filter import counted_from_start, watched_since
from tests.feed import LINUX_6_18, WALL
from tests.recording.agreement import replayed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from sqlite3 import Connection

    from mptcp_top.engine.episodes import Kept
    from mptcp_top.recording.seen import Seen

KERNEL = Target("local", "linux")
COUNTERS = ("MPJoinNoTokenFound", "DSSCorruptionFallback", "MPCapableFallbackACK")
BEGAN = 5000.0


class Poll(NamedTuple):
    """When a kernel was polled, what its counters stood at, and since which boot."""

    at: float
    values: dict[str, int]
    boot: str = "boot 1"


def story(seed: int, polls: int, pause: float, *, pause_after: int) -> list[Poll]:
    """Return polls a second apart, with a pause after so many of them. Errors come and go."""
    rng, values, at, raging = random.Random(seed), dict.fromkeys(COUNTERS, 7), BEGAN, set[str]()
    found = []
    for number in range(polls):
        if rng.random() < 0.05:
            raging ^= {rng.choice(COUNTERS)}
        for name in raging:
            values[name] += rng.choice((0, 1, 5))
        found.append(Poll(at, dict(values)))
        at += 1.0 + (pause if number + 1 == pause_after else 0.0)
    return found


class Run:
    """One run of a program that records. It does not look into the recording until so many polls were taken."""

    def __init__(self, path: Path, began: float, *, late: int = 0) -> None:
        self.store = Store([KERNEL])
        self._engine, self._tap = Engine(self.store), Tap(self.store)
        self._path, self._began, self._late = path, began, late
        self._waiting: list[Seen] = []
        self._connection: Connection | None = None

    def live(self, polls: list[Poll], *, ends_well: bool = False) -> Run:
        """Poll, record, and be killed, or end as it should."""
        for poll in polls:
            row = tuple(poll.values.get(metric.name, 0) for metric in LINUX_6_18.metrics)
            identity = Identity("vm", "Linux", poll.boot)
            sample = Sample(KERNEL, LINUX_6_18, row, poll.at, WALL + poll.at, 0.001, identity, 64)
            seen = self._tap.seen(self._engine.observe(sample, 1.0))
            assert seen is not None
            self._waiting.append(seen)
            if len(self._waiting) > self._late or self._connection is not None:
                self._write()
        self._write()
        if ends_well:
            self.writer.finish()
        if self._connection is not None:
            self._connection.close()
        return self

    def _write(self) -> None:
        if self._connection is None:
            descriptor = place.claim(self._path)
            place.let_go(descriptor)
            self._connection = place.to_write(self._path)
            self.writer = Writer(self._connection, [KERNEL], self._began, WALL + self._began)
            self.writer.resumed.tell(self.store.resume)
        self.writer.write(self._waiting)
        self._waiting = []


def told(episodes: list[Kept], ahead: float = 0.0) -> list[tuple[object, ...]]:
    """Return what is told of episodes."""
    return [
        (
            one.episode.metric.name, round(one.first + ahead, 3), round(one.last + ahead, 3), one.episode.total,
            round(one.episode.started, 3), round(one.episode.last_rise, 3), round(one.episode.peak_rate, 6),
            one.episode.ongoing,
        )
        for one in sorted(episodes, key=lambda one: (one.first, one.episode.metric.name))
    ]  # fmt: skip


def recorded(path: Path) -> list[tuple[object, ...]]:
    with closing(place.to_read(path)) as connection:
        return told(Reader(connection).episodes()["local"])


@pytest.mark.parametrize("late", [0, 1, 4])
@pytest.mark.parametrize("seed", range(8))
def test_what_rises_while_it_is_killed_and_begun_again_is_told_as_if_it_had_not_been(
    tmp_path: Path, seed: int, late: int
) -> None:
    cut = random.Random(seed).randrange(5, 290)
    pause = random.Random(seed).choice((0.0, 3.0, 25.0, 40.0, 200.0))
    polls = story(seed, 300, pause, pause_after=cut)
    whole = Run(tmp_path / "whole.db", BEGAN).live(polls, ends_well=True)
    Run(tmp_path / "cut.db", BEGAN).live(polls[:cut])
    second = Run(tmp_path / "cut.db", polls[cut].at, late=late).live(polls[cut:], ends_well=True)
    assert recorded(tmp_path / "cut.db") == recorded(tmp_path / "whole.db")
    live, uncut = (told(run.store.tracks["local"].episodes.begun_by(float("inf"))) for run in (second, whole))
    since = polls[cut].at
    assert [one for one in live if one[2] >= since] == [one for one in uncut if one[2] >= since]  # type: ignore[operator]


@pytest.mark.parametrize("seed", range(4))
def test_a_replay_across_a_restart_shows_what_the_table_of_rises_and_a_dump_say(tmp_path: Path, seed: int) -> None:
    cut = 100 + seed
    polls = story(seed, 300, 5.0, pause_after=cut)
    Run(tmp_path / "cut.db", BEGAN).live(polls[:cut])
    Run(tmp_path / "cut.db", polls[cut].at).live(polls[cut:], ends_well=True)
    with replayed(tmp_path / "cut.db") as store:
        for at in (WALL + polls[place].at for place in (cut - 3, cut, cut + 2, cut + 40, cut + 120)):
            seen = store.at("local", at + 0.5)
            assert seen is not None
            with closing(place.to_read(tmp_path / "cut.db")) as connection:
                *_, dumped = retold(Reader(connection), at - 1.0, at + 0.5, ["local"])
            assert {name: one.started for name, one in seen.rising.items()} == {
                name: one.started for name, one in dumped.observation.rising.items()
            }
    found = verified(tmp_path / "cut.db")
    assert found.wrong == ()
    assert found.recomputed > 0


def test_the_table_of_rises_is_right_as_soon_as_the_file_is_written_again(tmp_path: Path) -> None:
    polls = [Poll(BEGAN + place, {"MPJoinNoTokenFound": 3 * place}) for place in range(90)]
    Run(tmp_path / "killed.db", BEGAN).live(polls)
    late = recorded(tmp_path / "killed.db")
    assert polls[-1].at + WALL - late[0][2] <= 5.0  # type: ignore[operator]  # of what is written every few seconds
    long_after = polls[-1].at + 10 * RESUME_SECONDS
    Run(tmp_path / "killed.db", long_after).live([Poll(long_after, {"MPJoinNoTokenFound": 9000})])
    ((_, first, last, total, *_, ongoing),) = recorded(tmp_path / "killed.db")
    assert (first, last) == (polls[1].at + WALL, polls[-1].at + WALL)
    assert (total, ongoing) == (3 * 89, False)


def test_after_a_long_pause_or_a_reboot_what_grew_meanwhile_is_no_rise_of_now(tmp_path: Path) -> None:
    for name, pause, boot in (("long.db", RESUME_SECONDS + 1.0, "boot 1"), ("boot.db", 40.0, "boot 2")):
        Run(tmp_path / name, BEGAN).live([Poll(BEGAN, {"MPJoinNoTokenFound": 0})])
        again = Run(tmp_path / name, BEGAN + pause)
        again.live([Poll(BEGAN + pause + place, {"MPJoinNoTokenFound": 50}, boot) for place in range(3)])
        assert again.store.episodes("local") == ()
        assert recorded(tmp_path / name) == []
        with replayed(tmp_path / name) as store:
            assert store.episodes("local") == ()


def test_a_slice_across_a_restart_is_sound_and_tells_the_rise_once(tmp_path: Path) -> None:
    polls = [Poll(BEGAN + place, {"MPJoinNoTokenFound": max(0, 3 * (place - 20))}) for place in range(120)]
    Run(tmp_path / "cut.db", BEGAN).live(polls[:60])
    Run(tmp_path / "cut.db", BEGAN + 60).live(polls[60:], ends_well=True)
    make(Asked(tmp_path / "cut.db", tmp_path / "x", iso_time(WALL + BEGAN + 40), None))
    ((counter, _, last, total, *_),) = recorded(tmp_path / "x" / "recording.db")
    assert (counter, last, total) == ("MPJoinNoTokenFound", polls[-1].at + WALL, 3 * 99)
    assert verified(tmp_path / "x" / "recording.db").wrong == ()
    summary = (tmp_path / "x" / "summary.md").read_text()
    (row,) = (line for line in summary.splitlines() if line.startswith("| `MPJoinNoTokenFound`"))
    assert "+297" in row


def test_the_list_of_events_goes_back_beyond_this_run(tmp_path: Path) -> None:
    polls = [Poll(BEGAN + place, {"MPJoinNoTokenFound": 3 * place if place < 20 else 57}) for place in range(120)]
    polls += [Poll(BEGAN + place, {"MPJoinNoTokenFound": 3 * place}) for place in range(120, 240)]
    Run(tmp_path / "cut.db", BEGAN).live(polls[:150])
    second = Run(tmp_path / "cut.db", BEGAN + 150)
    second.live(polls[150:151])
    beside = second.store.archive = Beside(second.store, 30.0)
    beside.open(tmp_path / "cut.db", second.writer.ahead_seconds)
    rises = [event for event in listed(second.store, "local", float("-inf"), None) if event.kind is Happening.RISE]
    assert [event.wall for event in rises] == [WALL + BEGAN + 1, WALL + BEGAN + 120]
    assert watched_since(second.store) == pytest.approx(WALL + BEGAN, rel=0, abs=1e-5)
    assert counted_from_start(second.store) == WALL + BEGAN + 150, "growth since the start is that of this run"


def test_long_after_a_restart_a_replay_and_a_report_still_say_since_when(tmp_path: Path) -> None:
    polls = [Poll(BEGAN + place, {"MPJoinNoTokenFound": place // 9 * 20}) for place in range(700)]  # rises now and then
    Run(tmp_path / "cut.db", BEGAN).live(polls[:130])
    Run(tmp_path / "cut.db", BEGAN + 130).live(polls[130:], ends_well=True)
    said = [(since, int(total)) for since, total in _since_and_totals(tmp_path / "cut.db", range(20, 699, 7))]
    assert said == [(BEGAN + 9 + WALL, place // 9 * 20) for place in range(20, 699, 7)]
    for begin in (131, 190, 200, 260):
        since = iso_time(WALL + BEGAN + begin)
        make(Asked(tmp_path / "cut.db", tmp_path / f"x{begin}", since, iso_time(WALL + BEGAN + begin + 40)))
        ((_, _, _, total, *_),) = recorded(tmp_path / f"x{begin}" / "recording.db")
        assert total == (begin + 40) // 9 * 20
        with closing(place.to_read(tmp_path / f"x{begin}" / "recording.db")) as connection:
            told_first, *_ = retold(Reader(connection), 0.0, 1e12, ["local"])
        assert told_first.observation.rising["MPJoinNoTokenFound"].total == begin // 9 * 20


def _since_and_totals(path: Path, seconds: range) -> Iterator[tuple[float, int]]:
    """Yield what a replay says of the one rise, each moment by a store that was at no other before."""
    for second in seconds:
        with replayed(path) as store:
            seen = store.at("local", WALL + BEGAN + second + 0.5)
            assert seen is not None
            (episode,) = seen.rising.values()
            yield round(episode.started, 3), episode.total


def test_a_dump_that_is_imported_again_tells_the_same_rises(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    polls = story(3, 300, 20.0, pause_after=140)
    Run(tmp_path / "cut.db", BEGAN).live(polls[:140])
    Run(tmp_path / "cut.db", polls[140].at).live(polls[140:], ends_well=True)
    assert main(["dump", str(tmp_path / "cut.db"), "--json"]) == 0
    (tmp_path / "lines").write_text(capsys.readouterr().out)
    assert main(["import", str(tmp_path / "lines"), "-o", str(tmp_path / "again.db")]) == 0
    known, again = (
        [(name, round(since, 2), total) for name, *_, total, since, _, _, _ in recorded(tmp_path / one)]  # type: ignore[call-overload]
        for one in ("cut.db", "again.db")
    )
    assert again == known
    assert verified(tmp_path / "again.db").wrong == ()


def test_a_rise_of_a_run_whose_end_cannot_be_read_is_over(tmp_path: Path) -> None:
    polls = [Poll(BEGAN + place, {"MPJoinNoTokenFound": 3 * place}) for place in range(90)]
    Run(tmp_path / "torn.db", BEGAN).live(polls)
    with closing(sqlite3.connect(tmp_path / "torn.db")) as connection:
        connection.execute("UPDATE layouts SET metrics = 'nonsense'")
        connection.commit()
    Run(tmp_path / "torn.db", BEGAN + 95).live([Poll(BEGAN + 95, {"MPJoinNoTokenFound": 900})], ends_well=True)
    with closing(sqlite3.connect(tmp_path / "torn.db")) as connection:
        assert connection.execute("SELECT state FROM rises").fetchall() == [("over",)]
