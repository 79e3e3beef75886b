"""Rates of an appliance that takes stock every seven seconds, however often it is asked."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.engine.trend import Break, Cells
from mptcp_top.model import Failure, Group, Identity, Layout, Metric, Observation, Sample, Severity, Status, Target

if TYPE_CHECKING:
    from collections.abc import Callable

BEAT = 7.0
TARGET = Target("ns1", "netscaler")
FLOW = Metric("flow", "flow", Group.DSS)
ERROR = Metric("error", "error", Group.ERRORS, severity=Severity.ERROR)
LAYOUT = Layout((FLOW, ERROR))
START = 5000.0


def constant(rate: float) -> Callable[[float], float]:
    return lambda at: rate * at


def doubled_at(moment: float, rate: float) -> Callable[[float], float]:
    return lambda at: rate * at + rate * max(0.0, at - moment)


@dataclass
class Appliance:
    """A box whose counters are functions of time, seen only as they were at its last beat."""

    flow: Callable[[float], float]
    error: Callable[[float], float] = lambda _: 0.0
    phase: float = 0.0
    own_rates: bool = True
    beat: float = BEAT
    born: str = "one"
    store: Store = field(default_factory=lambda: Store([TARGET]))
    seed: int = 0

    def __post_init__(self) -> None:
        self.engine = Engine(self.store)
        self.random = random.Random(self.seed)

    def totals(self, at: float, beats_ago: int = 0) -> tuple[int, int]:
        counted = (
            at if not self.beat else self.phase + (math.floor((at - self.phase) / self.beat) - beats_ago) * self.beat
        )
        return 10**6 + math.floor(self.flow(counted)), math.floor(self.error(counted)) + 50

    def poll(self, at: float, interval: float, jitter: float = 0.0) -> Observation:
        asked = at + self.random.uniform(0, jitter)
        latency = self.random.uniform(0.001, 0.001 + jitter)
        values = self.totals(asked + latency * self.random.random())
        before = self.totals(asked, beats_ago=1)
        own = tuple(round((now - then) / BEAT) for now, then in zip(self.totals(asked), before, strict=True))
        answered = START + asked + latency
        return self.engine.observe(
            Sample(
                TARGET,
                LAYOUT,
                values,
                answered,
                answered,
                latency,
                Identity(boot=self.born),
                refresh_seconds=BEAT,
                own_rates=tuple(map(float, own)) if self.own_rates else None,
            ),
            interval,
        )

    def polls(self, interval: float, until: float, jitter: float = 0.0) -> list[tuple[float, Observation]]:
        count = int(until / interval) + 1
        return [(number * interval, self.poll(number * interval, interval, jitter)) for number in range(count)]


def rate(observation: Observation, name: str = "flow") -> float | None:
    change = observation.change(name)
    assert change is not None
    return change.rate


PHASES = [0.0, 0.3, 1.9, 3.5, 4.99, 6.7]


@pytest.mark.parametrize("jitter", [0.0, 0.3])
@pytest.mark.parametrize("interval", [1.0, 2.0, 5.0, 7.0, 10.0])
@pytest.mark.parametrize("true_rate", [1.0, 10.0, 86.1, 25_000.0])
def test_a_constant_rate_is_shown_within_5_percent_from_30_s_on_at_every_poll(
    true_rate: float, interval: float, jitter: float
) -> None:
    for phase in PHASES:
        box = Appliance(constant(true_rate), phase=phase, seed=int(phase * 10))
        shown = [rate(seen) for at, seen in box.polls(interval, 150.0, jitter) if at >= 30]
        assert shown == pytest.approx([true_rate] * len(shown), rel=0.05), phase


@pytest.mark.parametrize("interval", [1.0, 2.0, 5.0, 7.0])
def test_a_rate_needs_no_word_of_the_appliance(interval: float) -> None:
    for phase in PHASES:
        box = Appliance(constant(40.0), phase=phase, own_rates=False)
        shown = [rate(seen) for at, seen in box.polls(interval, 150.0, 0.1) if at >= 30]
        assert shown == pytest.approx([40.0] * len(shown), rel=0.05), phase


@pytest.mark.parametrize("interval", [1.0, 2.0, 5.0, 7.0, 10.0])
def test_a_doubling_is_visible_within_two_refreshes(interval: float) -> None:
    for phase in PHASES:
        box = Appliance(doubled_at(60.0, 100.0), phase=phase)
        shown = [(at, rate(seen)) for at, seen in box.polls(interval, 120.0, 0.05)]
        after = [value for at, value in shown if at >= 60 + 2 * BEAT + interval]
        assert after == pytest.approx([200.0] * len(after), rel=0.05), phase


@pytest.mark.parametrize("interval", [1.0, 2.0, 5.0, 7.0, 10.0])
def test_a_standby_that_takes_over_after_idle_minutes_is_read_as_well_as_any(interval: float) -> None:
    for phase in PHASES:
        box = Appliance(lambda at: 100.0 * max(0.0, at - 63.3), phase=phase, seed=int(phase * 10))
        shown = [rate(seen) for at, seen in box.polls(interval, 300.0, 0.05) if at >= 94]
        assert shown == pytest.approx([100.0] * len(shown), rel=0.05), phase


@pytest.mark.parametrize("interval", [1.0, 2.0, 5.0, 7.0, 10.0])
@pytest.mark.parametrize("beat", [6.95, 7.05])
def test_a_beat_that_is_not_quite_seven_seconds_disturbs_nothing(beat: float, interval: float) -> None:
    for phase in PHASES:
        box = Appliance(constant(100.0), phase=phase, beat=beat)
        shown = [rate(seen) for at, seen in box.polls(interval, 900.0, 0.05) if at >= 30]
        assert shown == pytest.approx([100.0] * len(shown), rel=0.05), phase


def test_a_counter_that_stops_reads_zero_within_two_refreshes() -> None:
    box = Appliance(lambda at: 1000.0 * min(at, 60.0), phase=2.0)
    after = [rate(seen) for at, seen in box.polls(1.0, 100.0) if at >= 60 + 2 * BEAT + 2]
    assert after == [0.0] * len(after)


def test_one_error_a_minute_reads_steadily_and_never_as_zero_while_it_is_recent() -> None:
    box = Appliance(constant(10.0), error=lambda at: math.floor(at / 60), phase=1.0)
    shown = {at: rate(seen, "error") for at, seen in box.polls(1.0, 200.0)}
    assert all(shown[float(at)] == pytest.approx(1 / 28) for at in range(66, 80))


def test_a_source_that_counts_at_every_poll_after_all_is_read_as_such() -> None:
    box = Appliance(constant(50.0), beat=0.0)
    shown = [rate(seen) for at, seen in box.polls(1.0, 90.0, 0.0) if at >= 30]
    assert shown == pytest.approx([50.0] * len(shown), rel=0.05)


def test_the_first_sample_shows_the_rates_the_appliance_gives_itself() -> None:
    first = Appliance(constant(40.0)).poll(100.0, 5.0)
    assert rate(first) == 40.0
    assert first.increases == (None, None)


def test_numbers_are_as_old_as_their_refresh_and_not_as_their_poll() -> None:
    box = Appliance(constant(40.0), phase=3.0)
    for at, seen in box.polls(1.0, 120.0):
        if at >= 30:
            assert seen.values_monotonic is not None
            assert seen.monotonic - seen.values_monotonic == pytest.approx((at - 3.0) % BEAT, abs=1.0)


def test_the_past_reads_as_it_read_when_it_was_the_present() -> None:
    box = Appliance(constant(40.0), error=lambda at: 3.0 * max(0.0, at - 40), phase=3.0)
    live = [seen for _, seen in box.polls(2.0, 120.0)]
    for then in live[6:]:  # before the first refresh it is the appliance's own word, which history does not keep
        past = box.store.at("ns1", then.monotonic)
        assert past is not None
        assert [rate(past, name) for name in ("flow", "error")] == [rate(then, name) for name in ("flow", "error")]
        assert {name: e.total for name, e in past.rising.items()} == {name: e.total for name, e in then.rising.items()}
        assert {n: e.peak_rate for n, e in past.rising.items()} == {n: e.peak_rate for n, e in then.rising.items()}


def test_a_reboot_is_a_break_and_no_rate() -> None:
    box = Appliance(constant(40.0))
    box.polls(5.0, 60.0)
    box.born, box.flow = "two", constant(10_000.0)
    broken = box.poll(65.0, 5.0)
    assert broken.reset
    assert rate(broken) is None
    assert rate(box.poll(66.0, 5.0)) in {None, 10_000.0}


def test_a_reset_the_source_knows_of_is_one_although_every_counter_is_higher() -> None:
    box = Appliance(constant(40.0))
    box.polls(5.0, 60.0)
    before = box.store.tracks["ns1"].sample
    assert before is not None
    jumped = before._replace(values=(10**9, 10**6), monotonic=before.monotonic + 5, reset=True)
    broken = box.engine.observe(jumped, 5.0)
    assert broken.reset
    assert broken.increases == (None, None)
    assert rate(broken) is None
    assert not broken.rising


def test_an_episode_has_the_rate_of_refreshes() -> None:
    box = Appliance(constant(40.0), error=lambda at: 3.0 * max(0.0, at - 30), phase=3.0)
    seen = box.polls(1.0, 90.0)[-1][1]
    assert seen.rising["error"].peak_rate == pytest.approx(3.0, rel=0.05)


@pytest.mark.parametrize("interval", [1.0, 2.0, 5.0, 10.0])
def test_a_trend_has_no_saw_tooth(interval: float) -> None:
    box = Appliance(constant(40.0), phase=3.0)
    box.polls(interval, 300.0)
    rows = max(1, math.ceil(10 / interval))
    cells = box.store.trend("ns1", FLOW, Cells(15, rows, growing=False))
    assert cells[1:] == pytest.approx([40.0] * 14, rel=0.05)


def test_missed_polls_do_not_disturb_the_rate() -> None:
    box = Appliance(constant(40.0), phase=3.0)
    box.polls(5.0, 60.0)
    for at in range(65, 100, 5):
        failure = Failure(TARGET, Status.UNREACHABLE, "no answer", START + at, START + at)
        assert box.engine.observe(failure, 5.0).values_monotonic is not None
    back = box.poll(100.0, 5.0)
    assert rate(back) == pytest.approx(40.0, rel=0.05)
    assert Break.GAP in box.store.trend("ns1", FLOW, Cells(10, 2))
