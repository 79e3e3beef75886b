"""B3, B4, B10 to B13: numbers that cannot be, that go back, that wrap, and clocks that do what they like."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.selection import Selection
from mptcp_top.cli.stat.records import as_object
from mptcp_top.cli.stat.told import told_of
from mptcp_top.engine.series import Between
from mptcp_top.engine.trend import Break
from mptcp_top.model import Failure, Identity, Layout, Metric, Observation, Sample, Status, Target
from mptcp_top.sources.nitro.counters import Counters, rate_name
from mptcp_top.sources.nitro.reply import Answer, understand
from tests.feed import LINUX_6_18, NETSCALER, WALL, Feed
from tests.sources.nitro_replies import WHAT, good_fields

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[[], "Box"]

KERNEL, APPLIANCE = Target("local", "linux"), Target("ns1", "netscaler")
GOOD = good_fields()
NAMES = [name for name in GOOD if name.startswith("mptcp")]
ODD = {
    "empty": '""',
    "null": "null",
    "true": "true",
    "NaN": "NaN",
    "NaN in quotes": '"NaN"',
    "infinity": "Infinity",
    "minus infinity": "-Infinity",
    "beyond a float": "1e999",
    "beyond a float in quotes": '"1e999"',
    "negative": "-1",
    "negative in quotes": '"-1"',
    "a comma": '"1,234"',
    "an underscore": '"1_234"',
    "a blank": '" 5"',
    "a plus": '"+5"',
    "hexadecimal": '"0x10"',
    "Arabic digits": '"٣٣"',
    "5,000 digits": "9" * 5000,
    "5,000 digits in quotes": '"' + "9" * 5000 + '"',
    "beyond 64 bits": str(2**64),
    "all bits of 64": f'"{2**64 - 1}"',
    "all bits of 32": "4294967295",
    "a list": "[5]",
    "an object": '{"value": 5}',
    "an escape sequence": '"\\u001b[2J5"',
}


def reply_with(name: str, written: str) -> bytes:
    pairs = (f"{json.dumps(key)}: {written if key == name else json.dumps(value)}" for key, value in GOOD.items())
    return b'{"errorcode": 0, "severity": "NONE", "protocolmptcp": {%b}}' % ", ".join(pairs).encode()


@dataclass
class Box:
    """One target, polled at moments and with numbers that the test chooses."""

    target: Target
    layout: Layout
    wrap_bits: int | None
    interval_seconds: float = 1.0
    refresh_seconds: float = 0.0
    now: float = 5000.0
    ahead: float = 0.0
    boot: str = "boot"
    feed: Feed = field(init=False)

    def __post_init__(self) -> None:
        self.feed = Feed(self.target, self.layout)

    def poll(self, values: dict[str, int | None], after: float | None = None) -> Observation:
        self.now += self.interval_seconds if after is None else after
        row = tuple(values.get(metric.name, 0) for metric in self.layout.metrics)
        own = tuple(1.0 if metric.grows else None for metric in self.layout.metrics) if self.refresh_seconds else None
        identity = Identity("box", "product", self.boot)
        wall = WALL + self.now + self.ahead
        sample = Sample(self.target, self.layout, row, self.now, wall, 0.01, identity, self.wrap_bits)
        sample = sample._replace(refresh_seconds=self.refresh_seconds, own_rates=own)
        return self.feed.engine.observe(sample, self.interval_seconds)

    def miss(self) -> Observation:
        self.now += self.interval_seconds
        failure = Failure(self.target, Status.UNREACHABLE, "no answer", self.now, WALL + self.now + self.ahead)
        return self.feed.engine.observe(failure, self.interval_seconds)


def kernel(wrap_bits: int | None = 64) -> Box:
    return Box(KERNEL, LINUX_6_18, wrap_bits)


def appliance() -> Box:
    return Box(APPLIANCE, NETSCALER, None, interval_seconds=7.0, refresh_seconds=7.0)


def growing(layout: Layout) -> list[Metric]:
    return [metric for metric in layout.metrics if metric.grows]


def all_at(layout: Layout, value: int) -> dict[str, int | None]:
    return {metric.name: value for metric in layout.metrics}


def numbers(seen: Observation, name: str) -> tuple[int | None, float | None]:
    change = seen.change(name)
    assert change is not None
    return change.increase, change.rate


@pytest.mark.parametrize("written", ODD.values(), ids=ODD)
def test_b3_whatever_stands_for_any_number_of_a_reply_is_unreadable_and_no_other_number_suffers(written: str) -> None:
    counters = Counters()
    good = counters.read(understand(Answer(200, reply_with("", "")), WHAT))
    for name in NAMES:
        reading = counters.read(understand(Answer(200, reply_with(name, written)), WHAT))
        columns = [metric.name for metric in reading.layout.metrics]
        expected = [None if column == name else value for column, value in zip(columns, good.values, strict=True)]
        rates = [
            None if rate_name(column) == name else rate for column, rate in zip(columns, good.own_rates, strict=True)
        ]
        assert (reading.layout, [*reading.values], [*reading.own_rates]) == (good.layout, expected, rates), name


@pytest.mark.parametrize("make", [kernel, appliance])
def test_b3_what_is_unreadable_is_told_as_unknown_and_has_no_rate_before_or_after(make: Make) -> None:
    box = make()
    for metric in growing(box.layout):
        box.poll(all_at(box.layout, 1000))
        seen = box.poll(all_at(box.layout, 1001) | {metric.name: None})
        said = as_object(told_of(seen, None), Selection((metric.name,)))["metrics"][metric.name]
        assert (said["value"], said["increase"], said["rate"]) == (None, None, None)
        back = box.poll(all_at(box.layout, 1002))
        assert numbers(back, metric.name)[0] is None
        assert [seen.reset, back.reset] == [False, False]


@pytest.mark.parametrize("count", [10_000, 100_000])
def test_b4_of_so_many_fields_the_catalogue_and_500_more_are_kept(count: int) -> None:
    fields = GOOD | {f"mptcpunheardof{number}": "1" for number in range(count)}
    raw = json.dumps({"errorcode": 0, "protocolmptcp": fields}).encode()
    reading = Counters().read(understand(Answer(200, raw), WHAT))
    assert len(reading.values) == len(NETSCALER.metrics) + 500


@pytest.mark.parametrize("make", [kernel, appliance])
def test_b10_any_counter_that_goes_back_is_a_reset_for_one_interval_and_never_a_rate(make: Make) -> None:
    for metric in growing(make().layout):
        for fallen in (0, 499_999, 999_999):
            box = make()
            value = 1_000_000 - 3 * 5
            for _ in range(6):
                box.poll(all_at(box.layout, value))
                value += 3
            reset = box.poll(all_at(box.layout, value) | {metric.name: fallen})
            assert reset.reset, (metric.name, fallen)
            assert numbers(reset, metric.name) == (None, None)
            for step in range(1, 4):
                after = box.poll(all_at(box.layout, value + 3 * step) | {metric.name: fallen + 3 * step})
                increase, rate = numbers(after, metric.name)
                assert increase == 3
                assert not after.reset
                assert rate is None or 0 <= rate <= 3
            over = Between(5000.0, box.now, box.interval_seconds)
            (stretches,) = box.feed.store.series(box.target.name, [(metric,)], over)
            cells = [stretch.cell for stretch in stretches if isinstance(stretch.cell, float)]
            assert all(0 <= cell <= 3 for cell in cells)
            assert Break.RESET in {stretch.cell for stretch in stretches}


@pytest.mark.parametrize("make", [kernel, appliance])
def test_b10_after_a_boot_no_counter_has_a_rate_though_every_one_is_higher(make: Make) -> None:
    box = make()
    box.poll(all_at(box.layout, 5))
    box.poll(all_at(box.layout, 8))
    box.boot = "another boot"
    seen = box.poll(all_at(box.layout, 4_000_000))
    assert seen.reset
    assert {numbers(seen, metric.name) for metric in box.layout.metrics} == {(None, None)}


@pytest.mark.parametrize("bits", [32, 64])
def test_b11_any_counter_of_a_known_width_wraps_without_a_loss(bits: int) -> None:
    for metric in growing(LINUX_6_18):
        box = kernel(bits)
        box.poll(all_at(box.layout, 7) | {metric.name: (1 << bits) - 3})
        seen = box.poll(all_at(box.layout, 7) | {metric.name: 4})
        assert numbers(seen, metric.name) == (7, 7.0)
        assert not seen.reset


@pytest.mark.parametrize("bits", [32, 64])
def test_b11_of_a_width_that_is_not_known_it_is_a_reset(bits: int) -> None:
    for metric in growing(NETSCALER):
        box = Box(APPLIANCE, NETSCALER, None)
        box.poll(all_at(box.layout, 7) | {metric.name: (1 << bits) - 3})
        seen = box.poll(all_at(box.layout, 7) | {metric.name: 4})
        assert (numbers(seen, metric.name), seen.reset) == ((None, None), True)


STEPS = {
    "an hour back": -3600.0,
    "an hour on": 3600.0,
    "a leap second": -1.0,
    "a smear": 0.0005,
    "to 1970": -WALL,
    "eight hours on": 8 * 3600.0,
    "a century on": 100 * 365.25 * 86400,
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("make", [kernel, appliance])
def test_b12_no_step_of_the_wall_clock_changes_a_rate(make: Make, step: float) -> None:
    stepped, still = make(), make()
    for number in range(12):
        stepped.ahead = step if number >= 6 else 0.0
        values = all_at(stepped.layout, 1000 + 14 * number)
        one, other = stepped.poll(values), still.poll(values)
        assert [one.change_at(column) for column in range(len(values))] == [
            other.change_at(column) for column in range(len(values))
        ]
        assert one.reset == other.reset
    for metric in growing(stepped.layout)[:5]:
        over = Between(5000.0, stepped.now, stepped.interval_seconds)
        ways = (box.feed.store.series(box.target.name, [(metric,)], over) for box in (stepped, still))
        assert next(ways) == next(ways)


def test_b12_eight_hours_of_sleep_are_a_gap_and_their_growth_no_spike() -> None:
    box = appliance()
    value = 0
    for _ in range(10):
        value += 7
        box.poll(all_at(box.layout, value))
    value += 8 * 3600
    woken = box.poll(all_at(box.layout, value), after=8 * 3600.0)
    for _ in range(3):
        value += 7
        woken = box.poll(all_at(box.layout, value))
    for metric in growing(box.layout):
        (stretches,) = box.feed.store.series("ns1", [(metric,)], Between(5000.0, box.now, 7.0))
        cells = [stretch.cell for stretch in stretches]
        assert cells.count(Break.GAP) == 1
        assert {cell for cell in cells if isinstance(cell, float)} <= {1.0}
        rate = numbers(woken, metric.name)[1]
        assert rate is not None
        assert rate <= 1.01


@pytest.mark.parametrize("make", [kernel, appliance])
def test_b13_of_any_number_of_missed_polls_the_growth_is_exact_and_the_rate_over_its_time(make: Make) -> None:
    for missed in range(1, 101):
        box = make()
        value = 1000
        for _ in range(4):
            box.poll(all_at(box.layout, value))
            value += 14
        for _ in range(missed):
            assert box.miss().status is Status.UNREACHABLE
        value += 14 * missed
        seen = box.poll(all_at(box.layout, value))
        metric = growing(box.layout)[0]
        increase, rate = numbers(seen, metric.name)
        assert increase == 14 * (missed + 1)
        assert rate == pytest.approx(14 / box.interval_seconds, rel=0.01)
        (stretches,) = box.feed.store.series(
            box.target.name, [(metric,)], Between(5000.0, box.now, box.interval_seconds)
        )
        assert [one.cell for one in stretches].count(Break.GAP) == 1


@pytest.mark.parametrize("make", [kernel, appliance])
def test_b13_a_sample_that_is_no_newer_changes_nothing(make: Make) -> None:
    box = make()
    seen = [box.poll(all_at(box.layout, 1000 + number)) for number in range(4)][-1]
    for after in (0.0, -1e-9, -box.interval_seconds, -1000.0):
        assert box.poll(all_at(box.layout, 5), after=after) is seen
        box.now -= after
    assert not box.poll(all_at(box.layout, 1004)).reset


@pytest.mark.parametrize("make", [kernel, appliance])
def test_b13_an_older_total_is_a_reset_and_what_comes_after_it_is_no_more_than_was_counted_since(make: Make) -> None:
    for metric in growing(make().layout):
        box = make()
        for number in range(4):
            box.poll(all_at(box.layout, 1000 + 7 * number))
        older = box.poll(all_at(box.layout, 1021) | {metric.name: 990})
        assert (older.reset, numbers(older, metric.name)) == (True, (None, None))
        seen = box.poll(all_at(box.layout, 1028))
        assert (seen.reset, numbers(seen, metric.name)[0]) == (False, 38)
