"""The slice in a report is a recording of its own: it holds what was recorded in that time, and nothing else."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.basis import Basis
from mptcp_top.engine.judge import Look, verdict_at
from mptcp_top.engine.store import Store
from mptcp_top.recording.archive import Recorded
from mptcp_top.recording.library import opened
from mptcp_top.report.make import Asked, make
from mptcp_top.text import iso_time
from tests.feed import WALL
from tests.recording.incident import incident, typical

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mptcp_top.recording.reader import Reader

NAMES = ("red", "ns1")
SPANS = ((None, None), (70.0, 105.0), (61.0, 131.0), (104.0, 460.0), (130.0, 480.0))


def cut(recording: Path, output: Path, begin: float | None, end: float | None) -> Path:
    since, until = (None if moment is None else iso_time(WALL + moment) for moment in (begin, end))
    make(Asked(recording, output, since, until))
    return output / "recording.db"


def asked(path: Path, question: Callable[[Store], object]) -> object:
    with opened(path) as reader:
        store = Store(reader.targets())
        store.marks = reader.marks()
        store.archive = Recorded(reader, 30.0, lambda: store.marks, alone=True)
        return question(store)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return typical(tmp_path_factory.mktemp("recorded") / "typical.db")


@pytest.mark.parametrize("span", SPANS)
def test_every_reading_of_the_stretch_is_in_it_as_it_was(
    recording: Path, tmp_path: Path, span: tuple[float | None, float | None]
) -> None:
    copied = cut(recording, tmp_path / "x", *span)
    begin, end = span[0] or 0.0, span[1] or 1e6

    def readings(reader: Reader) -> dict[str, list[object]]:
        found = reader.readings(WALL + begin - 0.5, WALL + end + 0.5)
        return {name: [one._replace(layout=one.layout.metrics) for one in some] for name, some in found.items()}  # type: ignore[arg-type]

    with opened(recording) as whole, opened(copied) as part:
        assert readings(whole) == readings(part)
        assert part.extent() == (readings(part)["red"][0].monotonic, readings(part)["ns1"][-1].monotonic)  # type: ignore[attr-defined]


@pytest.mark.parametrize("span", SPANS)
def test_a_replay_of_it_says_what_a_replay_of_all_says(
    recording: Path, tmp_path: Path, span: tuple[float | None, float | None]
) -> None:
    copied = cut(recording, tmp_path / "x", *span)

    def said(store: Store) -> list[object]:
        found: list[object] = []
        for moment in (62.0, 75.0, 91.0, 104.5, 112.0, 133.0, 149.0, 455.0):
            if (span[0] or 0.0) + 1 < moment < (span[1] or 1e6):
                for name in NAMES:
                    seen, cursor = store.at(name, WALL + moment), WALL + moment
                    assert seen is not None
                    rising = {counter: one._replace(ongoing=True) for counter, one in seen.rising.items()}
                    verdict = verdict_at(store, Look(name, cursor))
                    found.append(
                        (
                            name,
                            moment,
                            seen.values,
                            seen.rates,
                            seen.status,
                            seen.reset,
                            rising,
                            verdict.standing.concern,
                        )
                    )
        return found

    assert asked(copied, said) == asked(recording, said)


def test_it_opens_in_the_sqlite3_shell_and_is_one_file_for_its_reader_alone(recording: Path, tmp_path: Path) -> None:
    copied = cut(recording, tmp_path / "x", 70.0, 105.0)
    assert [path.name for path in copied.parent.glob("recording.db*")] == ["recording.db"]
    assert copied.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copied) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        values = connection.execute("SELECT value FROM readings WHERE counter = 'MPJoinNoTokenFound' ORDER BY time")
        assert [value for (value,) in values][-1] == 92
    connection.close()


def test_growth_since_the_mark_is_counted_in_it_as_in_all(recording: Path, tmp_path: Path) -> None:
    copied = cut(recording, tmp_path / "x", 70.0, 128.0)

    def grown(store: Store) -> object:
        found = store.grown("red", Basis.MARK, WALL + 125)
        return None if found is None else (found.counts, found.seconds, found.astray)

    assert asked(copied, grown) == asked(recording, grown)


def two_runs(path: Path, *, apart: float, moved: dict[str, dict[str, int]] | None = None) -> Path:
    """Make a recording of two runs, the second so many seconds after the first by the wall clock."""
    for wall in (WALL, WALL + apart):
        with incident(path, wall=wall) as one:
            one.quiet(10, moved if wall == WALL else None)
    return path


@pytest.mark.parametrize("apart", [60.0, -3600.0], ids=["later", "clock set back"])
def test_runs_stay_apart_in_it(tmp_path: Path, apart: float) -> None:
    two_runs(tmp_path / "two.db", apart=apart)
    copied = cut(tmp_path / "two.db", tmp_path / "x", None, None)
    with opened(tmp_path / "two.db") as whole, opened(copied) as part:
        newest = [reader.session_start("red", 2e9) for reader in (whole, part)]
        began = [
            (reader.first_sample("red"), one and one.monotonic)
            for reader, one in zip((whole, part), newest, strict=True)
        ]
        walls = [[one.wall for one in reader.readings(0.0, 2e9)["red"]] for reader in (whole, part)]
    assert began[0][0] != began[0][1]
    assert began[0] == began[1]
    assert walls[0] == walls[1]


def test_where_a_run_does_not_go_on_from_the_last_growth_is_counted_in_each(tmp_path: Path) -> None:
    recording = two_runs(tmp_path / "two.db", apart=60.0, moved={"red": {"MPJoinSynRx": 5, "MPJoinAckRx": 5}})
    cut(recording, tmp_path / "x", None, None)
    assert "| 100 % of 45 |" in (tmp_path / "x/summary.md").read_text()
