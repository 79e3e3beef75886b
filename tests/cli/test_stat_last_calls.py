"""What grew since the last call: the rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mptcp_top import text
from mptcp_top.catalogue.catalogue import netscaler
from mptcp_top.cli.stat.last_calls import Stamp, Zero, Zeros, told_since, zeros_after
from mptcp_top.cli.stat.told import Base, Since, Why, told_of
from mptcp_top.cli.stat.zero_files import text_of, zeros_in
from mptcp_top.model import Identity, Observation, Target
from tests.cli.test_selection import observed

HERE, NS1 = Target("here", "linux"), Target("ns1", "netscaler", "https://ns1")
NAMES = ("MPJoinSynRx", "MPRstTx", "MPCurrEstab")
EACH = frozenset(range(len(NAMES)))


def at(seconds: float, machine: str = "this boot") -> Stamp:
    return Stamp(1_795_255_200.0 + seconds, 1000.0 + seconds, machine)


def seen(*values: int | None, boot: str | None = "boot") -> Observation:
    return observed(HERE, *NAMES)._replace(values=values, identity=Identity("box", "Linux", boot))


START = at(0)
LATER = at(10)


def mixed() -> Zeros:
    """What is left by a call for everything, and five seconds later one for the first counter alone."""
    return Zeros(
        "boot", at(5), {"MPJoinSynRx": Zero(5, at(5)), "MPRstTx": Zero(6, at(0)), "MPCurrEstab": Zero(7, at(0))}
    )


def zeros(*values: int, boot: str | None = "boot", stamp: Stamp = START) -> Zeros:
    return Zeros(boot, stamp, {name: Zero(value, stamp) for name, value in zip(NAMES, values, strict=True)})


def why(observation: Observation, before: Zeros | None, now: Stamp = LATER, wrap_bits: int | None = 64) -> Why:
    since = told_since(observation, before, now, wrap_bits, EACH).since
    assert since is not None
    return since.why


def grown(observation: Observation, before: Zeros | None, wrap_bits: int | None = 64) -> tuple[int | None, ...]:
    return told_since(observation, before, at(10), wrap_bits, EACH).observation.increases


def test_without_a_call_before_there_is_no_growth_to_tell() -> None:
    told = told_since(seen(5, 6, 7), None, at(0), 64, EACH)
    assert told.observation.increases == (None, None, None)
    assert told.moved is None
    assert told.since is not None
    assert (told.since.why, told.since.wall) == (Why.FIRST, None)


def test_growth_is_exact_and_a_gauge_has_none() -> None:
    told = told_since(seen(2**53 + 1, 6, 9), zeros(2**53, 6, 7), at(10), 64, EACH)
    assert told.observation.increases == (1, 0, None)
    assert told.observation.elapsed_seconds == 10
    assert told.observation.change_at(0).rate == 0.1
    assert told.moved == frozenset({0, 2})


def test_time_is_taken_from_the_clock_that_nobody_sets() -> None:
    wall_set_back = at(10)._replace(wall=0.0)
    assert told_since(seen(9, 9, 9), zeros(1, 1, 1), wall_set_back, 64, EACH).observation.elapsed_seconds == 10


def test_after_a_reboot_of_this_machine_only_the_wall_clock_tells_the_time() -> None:
    now = Stamp(at(0).wall + 60, 5.0, "another boot")
    assert told_since(seen(9, 9, 9), zeros(1, 1, 1), now, 64, EACH).observation.elapsed_seconds == 60


@pytest.mark.parametrize(
    "observation",
    [seen(700, 800, 3, boot="another"), seen(700, 2, 3)],
    ids=["another boot, all counters higher", "the same boot, one counter lower"],
)
def test_after_a_reset_the_values_since_then_are_told_and_no_rate(observation: Observation) -> None:
    before = zeros(5, 6, 7)
    told = told_since(observation, before, at(10), 64, EACH)
    assert why(observation, before) is Why.RESET
    assert told.observation.reset
    assert told.observation.increases == (*observation.values[:2], None)
    assert [told.observation.change_at(column).rate for column in EACH] == [None] * 3


def test_each_counter_s_rate_is_over_its_own_time() -> None:
    told = told_since(seen(15, 26, 7), mixed(), at(10), 64, EACH)
    assert told.observation.increases == (10, 20, None)
    assert [told.observation.change_at(column).rate for column in EACH] == [2.0, 2.0, None]
    assert told.observation.elapsed_seconds is None
    assert told.bases == (Base(at(5).wall, 5), Base(at(0).wall, 10), Base(at(0).wall, 10))
    assert told.since == Since(Why.MIXED, at(5).wall)
    assert [told.base_said(column) for column in EACH] == ["", f"since {text.clock(at(0).wall)}", ""]


@pytest.mark.parametrize(("asked_for", "reason", "seconds"), [({0}, Why.LAST, 5), ({1, 2}, Why.EARLIER, 10)])
def test_counters_that_were_told_together_have_one_time(asked_for: set[int], reason: Why, seconds: int) -> None:
    told = told_since(seen(15, 26, 7), mixed(), at(10), 64, asked_for)
    assert told.since == Since(reason, at(10 - seconds).wall)
    assert (told.observation.elapsed_seconds, told.bases) == (seconds, None)


moments = st.floats(-100, 100).map(at) | st.none()


@given(st.lists(st.tuples(st.integers(0, 9), moments), min_size=3, max_size=3), st.sets(st.integers(0, 2), min_size=1))
def test_no_rate_is_told_without_its_time_nor_with_another(
    before: list[tuple[int, Stamp | None]], asked_for: set[int]
) -> None:
    zeros_then = {name: Zero(*zero) for name, zero in zip(NAMES, before, strict=True)}
    newest = max((stamp for _, stamp in before if stamp), default=at(-101))
    told = told_since(seen(9, 9, 9), Zeros("boot", newest, zeros_then), at(10), 64, asked_for)
    for column in asked_for:
        change = told.observation.change_at(column)
        seconds = told.bases[column].elapsed_seconds if told.bases else told.observation.elapsed_seconds
        if change.rate is not None:
            assert seconds
            assert change.rate * seconds == pytest.approx(change.increase)


def test_what_may_be_either_of_two_counters_did_not_move_as_far_as_is_known() -> None:
    (name, *_) = (name for name, entry in netscaler().entries.items() if entry.metric.ambiguous)
    box = observed(NS1, name, "mptcptotdss", value=1400)
    before = Zeros(None, at(0), {name: Zero(0, at(0)), "mptcptotdss": Zero(0, at(0))})
    assert told_since(box, before, at(10), None, {0, 1}).moved == frozenset({1})
    restarted = before._replace(counters={"mptcptotdss": Zero(2000, at(0))})
    assert told_since(box, restarted, at(10), None, {0, 1}).moved == frozenset({1})
    assert told_of(box, box._replace(values=(7, 7))).moved == frozenset({1})


def test_a_counter_of_32_bits_that_went_round_was_not_reset() -> None:
    assert grown(seen(4, 6, 7), zeros(2**32 - 3, 6, 7), 32) == (7, 0, None)
    assert why(seen(4, 6, 7), zeros(2**32 - 3, 6, 7), wrap_bits=64) is Why.RESET


def test_a_gauge_that_fell_is_no_reset() -> None:
    assert why(seen(5, 6, 0), zeros(5, 6, 7)) is Why.LAST


def test_a_boot_that_is_not_told_is_no_other_boot() -> None:
    assert why(seen(5, 6, 7, boot=None), zeros(5, 6, 7)) is Why.LAST
    assert why(seen(5, 6, 7), zeros(5, 6, 7, boot=None)) is Why.LAST


def test_what_was_not_known_then_has_no_growth_now() -> None:
    before = zeros(5, 6, 7)._replace(counters={"MPRstTx": Zero(6, at(0))})
    assert grown(seen(9, 9, None), before) == (None, 3, None)


def test_a_call_that_read_before_another_wrote_has_nothing_to_tell() -> None:
    told = told_since(seen(5, 6, 7), zeros(9, 9, 9, stamp=at(10.001)), at(10), 64, EACH)
    assert told.observation.increases == (0, 0, None)
    assert told.moved == frozenset()
    assert zeros_after(told, zeros(9, 9, 9, stamp=at(10.001)), EACH, at(10)) is None


def after(observation: Observation, before: Zeros | None, asked_for: frozenset[int] = EACH) -> Zeros:
    told = told_since(observation, before, at(10), 64, EACH)
    found = zeros_after(told, before, asked_for, at(10))
    assert found is not None
    return found


def test_a_call_sets_the_zero_of_what_it_was_asked_for_alone() -> None:
    found = after(seen(50, 60, 70), zeros(5, 6, 7), frozenset({0}))
    assert found.counters["MPJoinSynRx"] == Zero(50, at(10))
    assert found.counters["MPRstTx"] == Zero(6, at(0))


def test_the_first_call_sets_the_zero_of_everything() -> None:
    assert {name: zero.value for name, zero in after(seen(50, 60, 70), None, frozenset({0})).counters.items()} == {
        "MPJoinSynRx": 50,
        "MPRstTx": 60,
        "MPCurrEstab": 70,
    }


def test_after_a_reset_what_was_not_asked_for_is_counted_from_nothing() -> None:
    found = after(seen(2, 3, 4, boot="another"), zeros(5, 6, 7), frozenset({0}))
    assert found.boot == "another"
    assert found.counters["MPRstTx"] == Zero(0, None)
    again = told_since(seen(2, 9, 4, boot="another"), found, at(20), 64, EACH)
    assert again.observation.increases == (0, 9, None)
    assert again.observation.change_at(1).rate is None
    assert [again.base_said(column) for column in (0, 1)] == ["", "since a reset"]


def test_a_value_that_is_not_known_keeps_its_zero() -> None:
    assert after(seen(None, 60, 70), zeros(5, 6, 7)).counters["MPJoinSynRx"] == Zero(5, at(0))


def test_an_appliance_s_boot_may_waver_by_seconds() -> None:
    started = "Sat Nov 21 09:59:58 2026 ns1"
    for now, expected in (
        ("Sat Nov 21 10:00:01 2026 ns1", Why.LAST),
        ("Sat Nov 21 10:30:00 2026 ns1", Why.RESET),
        ("Sat Nov 21 09:59:58 2026 ns2", Why.RESET),
    ):
        box = observed(NS1)._replace(identity=Identity(boot=now))
        assert why(box, Zeros(started, at(0), {})) is expected, now


def test_an_appliance_s_rate_is_not_told_over_a_few_of_its_refreshes() -> None:
    box = observed(NS1, "mptcptotdss", value=1400)
    before = Zeros(None, at(0), {"mptcptotdss": Zero(0, at(0))})
    soon, late = (told_since(box, before, at(seconds), None, {0}).observation.change_at(0) for seconds in (14, 140))
    assert (soon.increase, soon.rate) == (1400, None)
    assert (late.increase, late.rate) == (1400, 10.0)


stamps = st.builds(Stamp, st.floats(0, 4e9), st.floats(0, 1e9), st.text(max_size=8))
some_zeros = st.builds(
    Zeros,
    st.none() | st.text(max_size=40),
    stamps,
    st.dictionaries(st.text(max_size=30), st.builds(Zero, st.integers(0, 2**64 - 1), st.none() | stamps), max_size=8),
)


@given(some_zeros)
def test_zeros_are_read_as_they_were_written(written: Zeros) -> None:
    assert zeros_in(text_of(written, NS1).encode(), NS1) == written


def test_calls_within_one_second_are_told_as_one() -> None:
    before = Zeros(
        "boot", at(0.4), {"MPJoinSynRx": Zero(5, at(0.4)), "MPRstTx": Zero(6, at(0)), "MPCurrEstab": Zero(7, at(0))}
    )
    told = told_since(seen(6, 8, 7), before, at(10), 64, EACH)
    assert told.since is not None
    assert told.since.why is Why.LAST
    assert [told.base_said(column) for column in range(2)] == ["", ""]
    assert told.bases is not None
