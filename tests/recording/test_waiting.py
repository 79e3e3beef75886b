"""What waits to be recorded."""

from __future__ import annotations

from mptcp_top.recording.recorder import Plan, Recorder
from mptcp_top.recording.waiting import Waiting
from tests.feed import Feed


def seen_by(feed: Feed, number: int) -> list[float]:
    waiting = Waiting(5)
    tap = Recorder(feed.store, Plan(list, 30.0))._tap
    for _ in range(number):
        seen = tap.seen(feed.tick())
        assert seen is not None
        waiting.put(seen)
    batch = waiting.take()
    return [float(batch.lost), batch.lost_since or 0.0, *(seen.reading.monotonic for seen in batch.seen)]


def test_as_long_as_there_is_room_all_of_it_waits() -> None:
    assert seen_by(Feed(), 5) == [0, 0, 1, 2, 3, 4, 5]


def test_the_oldest_are_dropped_and_counted_from_when_on() -> None:
    assert seen_by(Feed(), 8) == [3, 1, 4, 5, 6, 7, 8]


def test_what_is_put_back_comes_first_again() -> None:
    feed, waiting = Feed(), Waiting(5)
    tap = Recorder(feed.store, Plan(list, 30.0))._tap
    for _ in range(4):
        waiting.put(tap.seen(feed.tick()))  # type: ignore[arg-type]
    batch = waiting.take()
    for _ in range(3):
        waiting.put(tap.seen(feed.tick()))  # type: ignore[arg-type]
    waiting.put_back(batch)
    again = waiting.take()
    assert [seen.reading.monotonic for seen in again.seen] == [3, 4, 5, 6, 7]
    assert (again.lost, again.lost_since) == (2, 1.0)
    assert waiting.take() == ([], 0, None)
