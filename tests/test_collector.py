"""When targets are read: ticks, timeouts, backoff, and what stays still. The loop's clock is the test's own."""

from __future__ import annotations

import asyncio
import selectors
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

import pytest

from mptcp_top.collector import BACKOFF_AT_MOST_SECONDS, BURST, JITTER, Collector, CollectorThread, Job, Pace
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.engine.trend import Break, Cells
from mptcp_top.errors import AuthFailed, SourceError, Unreachable
from mptcp_top.model import Group, Identity, Layout, Metric, Sample, Status, Target

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE_SECONDS = 20.0
METRIC = Metric("E", "E", Group.ERRORS)
LAYOUT = Layout((METRIC,))


class NoWaiting(selectors.DefaultSelector):
    """A selector that never waits: the time it was asked to wait has passed."""

    passed = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout:
            self.passed += timeout
        return found


class OwnClock(asyncio.SelectorEventLoop):
    """A loop whose time jumps to the next timer whenever there is nothing else to do."""

    def __init__(self) -> None:
        self._selector_of_time = NoWaiting()
        super().__init__(self._selector_of_time)

    def time(self) -> float:
        return self._selector_of_time.passed


@dataclass
class Scripted:
    """A source that answers as a function of how often it was asked, and remembers when that was."""

    target: Target
    answer: Callable[[int], SourceError | float | None] = lambda _: None
    asked: list[float] = field(default_factory=list)
    closed: int = 0

    async def poll(self) -> Sample:
        clock = asyncio.get_running_loop().time
        self.asked.append(round(clock() - 1000.0, 6))
        answer = self.answer(len(self.asked))
        if isinstance(answer, SourceError):
            raise answer
        if answer is not None:
            await asyncio.sleep(answer)
        return Sample(self.target, LAYOUT, (len(self.asked),), clock(), clock(), 0.0, Identity(boot="one"))

    async def close(self) -> None:
        self.closed += 1


def run(
    sources: list[Scripted], pace: Pace, until: float = 60.0, then: Callable[[Collector], None] | None = None
) -> Store:
    store = Store([source.target for source in sources])

    async def main() -> None:
        loop = asyncio.get_running_loop()
        collector = Collector([Job(source, pace) for source in sources], Engine(store), lambda _: None)
        if then is not None:
            loop.call_later(until / 2, then, collector)
        loop.call_later(until, collector.stop)
        await collector.run()

    with asyncio.Runner(loop_factory=OwnClock) as runner:
        runner.run(main())
    return store


def box(name: str = "box") -> Target:
    return Target(name, "scripted")


def test_every_target_is_read_on_the_same_tick() -> None:
    sources = [Scripted(box(name)) for name in "abc"]
    run(sources, Pace(2.0), until=9.0)
    assert [source.asked for source in sources] == [[0.0, 2.0, 4.0, 6.0, 8.0]] * 3


def test_a_slow_answer_skips_ticks_and_does_not_shift_them() -> None:
    source = Scripted(box(), lambda turn: 2.5 if turn == 2 else None)
    run([source], Pace(1.0, timeout_seconds=5.0), until=6.5)
    assert source.asked == [0.0, 1.0, 4.0, 5.0, 6.0]


def test_no_answer_in_time_is_unreachable_and_the_others_miss_nothing() -> None:
    hung, fine = Scripted(box("hung"), lambda _: 1e9), Scripted(box("fine"))
    store = run([hung, fine], Pace(1.0, timeout_seconds=3.0), until=30.5)
    assert fine.asked == [float(second) for second in range(31)]
    lost = store.at("hung")
    assert lost is not None
    assert lost.failure is not None
    assert (lost.status, lost.failure.reason) == (Status.UNREACHABLE, "no answer within 3 s")


def test_after_failures_it_waits_longer_each_time_with_jitter_up_to_a_limit() -> None:
    source = Scripted(box(), lambda _: Unreachable("refused"))
    run([source], Pace(1.0), until=400.0)
    pauses = [later - now for now, later in zip(source.asked, source.asked[1:], strict=False)]
    assert pauses[0] == 1.0
    for pause, planned in zip(pauses[1:], (2, 4, 8, 16, *[BACKOFF_AT_MOST_SECONDS] * 50), strict=False):
        assert planned * (1 - JITTER) <= pause <= planned * (1 + JITTER)
    assert len({round(pause, 3) for pause in pauses[5:]}) > 1


def test_the_first_good_answer_brings_the_ticks_back() -> None:
    source = Scripted(box(), lambda turn: Unreachable("refused") if turn < 5 else None)
    run([source], Pace(1.0), until=40.0)
    back = source.asked[4]
    assert [later - now for now, later in zip(source.asked[5:], source.asked[6:], strict=False)][:5] == [1.0] * 5
    assert source.asked[5] - back <= 1.0


def test_missed_polls_are_gaps_one_for_each_tick() -> None:
    source = Scripted(box(), lambda turn: Unreachable("refused") if 4 <= turn <= 6 else None)
    store = run([source], Pace(1.0), until=14.5)
    cells = store.trend("box", METRIC, Cells(30, 1))
    silent = [cell for cell in cells if cell is Break.GAP]
    assert 5 <= len(silent) <= 9  # three polls that failed, and the ticks let pass in between
    assert cells[0] is Break.NOTHING
    assert all(isinstance(cell, float) for cell in cells[-3:])


def test_another_interval_holds_from_now_on() -> None:
    source = Scripted(box())
    run([source], Pace(1.0), until=41.0, then=lambda collector: collector.set_interval("box", 4.0))
    assert source.asked[:21] == [float(second) for second in range(21)]
    assert source.asked[-4:] == [28.5, 32.5, 36.5, 40.5]  # ticks count from the moment it was changed


def test_counted_polls_keep_their_pace_even_when_they_fail() -> None:
    source = Scripted(box(), lambda _: Unreachable("refused"))
    run([source], Pace(1.0, polls=5), until=100.0)
    assert len(source.asked) == 5


def test_every_source_is_closed_at_the_end() -> None:
    sources = [Scripted(box("a")), Scripted(box("b"), lambda _: Unreachable("refused"))]
    run(sources, Pace(1.0), until=3.0)
    assert [source.closed for source in sources] == [1, 1]


def test_refused_credentials_are_not_tried_again_until_somebody_says_so() -> None:
    source = Scripted(box(), lambda asked: AuthFailed("wrong password") if asked < 3 else None)
    store = run([source], Pace(1.0), until=1000.0, then=lambda collector: collector.retry("box"))
    assert source.asked == [0.0, 500.0]
    lost = store.at("box")
    assert lost is not None
    assert lost.failure is not None
    assert lost.failure.retry_seconds is None


def test_once_accepted_again_the_polls_go_on() -> None:
    source = Scripted(box(), lambda asked: AuthFailed("wrong password") if asked == 1 else None)
    run([source], Pace(1.0), until=20.0, then=lambda collector: collector.retry("box"))
    assert source.asked == [0.0, *(float(second) for second in range(10, 20))]


def test_counted_polls_end_at_refused_credentials() -> None:
    source = Scripted(box(), lambda _: AuthFailed("wrong password"))
    run([source], Pace(1.0, polls=5), until=100.0)
    assert source.asked == [0.0]


def test_a_retry_does_not_wait_for_the_pause_to_end() -> None:
    source = Scripted(box(), lambda asked: Unreachable("refused") if asked < 8 else None)
    run([source], Pace(1.0), until=100.0, then=lambda collector: collector.retry("box"))
    assert 50.0 in source.asked


def test_each_target_has_a_pace_of_its_own() -> None:
    fast, slow = Scripted(box("fast")), Scripted(box("slow"))
    store = Store([fast.target, slow.target])

    async def main() -> None:
        jobs = [Job(fast, Pace(1.0)), Job(slow, Pace(5.0))]
        collector = Collector(jobs, Engine(store), lambda _: None)
        asyncio.get_running_loop().call_later(10.5, collector.stop)
        await collector.run()

    with asyncio.Runner(loop_factory=OwnClock) as runner:
        runner.run(main())
    assert fast.asked == [float(second) for second in range(11)]
    assert slow.asked == [0.0, 5.0, 10.0]


def test_a_crowd_takes_turns_within_the_interval() -> None:
    sources = [Scripted(box(str(number))) for number in range(2 * BURST)]
    run(sources, Pace(4.0), until=9.0)
    assert {tuple(source.asked) for source in sources[:BURST]} == {(0.0, 4.0, 8.0)}
    assert {tuple(source.asked) for source in sources[BURST:]} == {(2.0, 6.0)}


def test_a_stop_does_not_wait_for_an_answer_that_does_not_come() -> None:
    source = Scripted(box(), lambda _: 1e6)
    run([source], Pace(1.0, timeout_seconds=1e9), until=5.0)
    assert source.closed == 1


def test_a_bug_in_a_source_ends_the_collector_loudly() -> None:
    def bug(_: int) -> float:
        raise ZeroDivisionError

    crashed = Event()
    source = Scripted(box(), bug)
    collector = Collector([Job(source)], Engine(Store([source.target])), lambda _: None)
    thread = CollectorThread(collector, crashed.set)
    thread.start()
    assert crashed.wait(DEADLINE_SECONDS)
    with pytest.raises(BaseExceptionGroup) as caught:
        thread.stop()
    assert caught.group_contains(ZeroDivisionError)
    assert source.closed == 1


def test_a_collector_in_its_thread_collects_and_stops() -> None:
    seen = Event()
    source = Scripted(box())
    collector = Collector([Job(source, Pace(0.1))], Engine(Store([source.target])), lambda _: seen.set())
    thread = CollectorThread(collector, lambda: None)
    thread.start()
    assert seen.wait(DEADLINE_SECONDS)
    thread.stop()
    assert source.closed == 1
