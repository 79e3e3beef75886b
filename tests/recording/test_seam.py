"""Where memory ends, the store of a dashboard that records reads what was recorded."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from tests.feed import WALL, Feed
from tests.recording.fed import Recorded, held

if TYPE_CHECKING:
    from pathlib import Path

RISING = "MPJoinNoTokenFound"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.db"


def test_where_memory_ends_the_store_reads_what_was_recorded_in_the_run_before(path: Path) -> None:
    before = Recorded(path)
    before.tick(20, **{RISING: 2})
    before.recorder.start()
    before.recorder.stop()
    now = Recorded(path, feed=Feed(now=100.0, values={RISING: 100}), seam=True)
    now.recorder.start()
    now.tick(5, **{RISING: 1})
    now.until(lambda: now.feed.store.archive, "the seam")
    now.until(lambda: now.feed.store.at("local", 10.0), "the run before", ticking=True)
    old, new = now.feed.store.at("local", 20.0), now.feed.store.at("local", 103.0)
    assert old is not None
    assert new is not None
    assert (old.values[old.layout.index[RISING]], new.values[new.layout.index[RISING]]) == (40, 103)
    assert old.wall == WALL + 20
    assert now.feed.store.at("local", None) is now.feed.store.tracks["local"].latest
    now.recorder.stop()
    assert now.feed.store.at("local", 20.0) is None, "a recording that is closed is none"


def test_a_poll_that_memory_has_forgotten_is_still_there_at_its_moment(path: Path) -> None:
    feed = Feed(now=0.123456789, interval_seconds=1.0000003)
    feed.store = Store([feed.target], rows={"local": 60})
    feed.engine = Engine(feed.store)
    run = Recorded(path, feed=feed, seam=True)
    moments = []
    for _ in range(40):
        run.tick()
        moments.append(feed.now)
    run.recorder.start()
    run.until(lambda: run.recorder.state.path and held(path) == 40, "forty samples")
    run.tick(70)
    run.until(lambda: feed.store.at("local", moments[-1]), "the recording", ticking=True)
    found = [feed.store.at("local", moment) for moment in moments]
    assert [one and round(one.wall - WALL, 4) for one in found] == [round(moment, 4) for moment in moments]
    run.recorder.stop()


def test_a_recording_that_cannot_be_read_leaves_what_is_in_memory(path: Path) -> None:
    run = Recorded(path, seam=True)
    run.recorder.start()
    run.tick(5)
    run.until(lambda: run.feed.store.archive, "the seam")
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE stretches SET layout = 99")
        other.commit()
    run.until(lambda: run.feed.store.at("local", 3.0), "what is in memory", ticking=True)
    run.recorder.stop()
