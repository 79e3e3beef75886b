"""What rows hold is what was put into them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mptcp_top.catalogue import catalogue
from mptcp_top.model import Identity
from mptcp_top.recording import rows

COUNTS = st.one_of(st.none(), st.integers(0, 2**64 - 1), st.sampled_from([2**62, 2**62 - 1, 2**63 - 1, 2**63]))
SIGNED = 2**63


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=6))
def test_values_come_back_from_a_row_above_any_base(pairs: list[tuple[int | None, int | None]]) -> None:
    before, now = (tuple(values) for values in zip(*pairs, strict=True))
    base = rows.base_row(before)
    row = rows.above(now, base)
    if row is None:
        base = rows.base_row(now)
        row = rows.above(now, base)
    assert row is not None
    assert rows.restorer(base)(row) == now


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=6))
def test_no_number_in_a_row_nor_its_sum_is_more_than_sqlite_counts_exactly(
    pairs: list[tuple[int | None, int | None]],
) -> None:
    before, now = zip(*pairs, strict=True)
    base = rows.base_row(before)
    for value, begin in zip(rows.above(now, base) or [], base, strict=False):
        if isinstance(value, int):
            assert isinstance(begin, int)
            assert -SIGNED <= value < SIGNED
            assert -SIGNED <= value + begin < SIGNED


@given(COUNTS, COUNTS)
def test_a_counter_is_told_apart_from_one_that_is_not_known(before: int | None, now: int | None) -> None:
    base = rows.base_row((before, 1))
    row = rows.above((now, 2), base)
    assert row is None or (row[0] is None) == (now is None)


@given(st.floats(1e9, 2e9), st.integers(10**15, 2 * 10**15))
def test_the_wall_clock_is_kept_to_the_millisecond(wall: float, at: int) -> None:
    shown = rows.wall_of(at, rows.skew_of(at, wall))
    assert abs(shown - wall) < 0.000_51
    assert rows.same_wall(at, shown) == shown


@given(st.integers(0, 2**52), st.integers(0, rows.TARGETS_AT_MOST))
def test_a_row_knows_when_and_whose_it_is(at: int, target: int) -> None:
    assert rows.when_and_whose(rows.row_id(at, target)) == (at, target)


def test_metrics_and_identities_come_back_as_they_were() -> None:
    metrics = catalogue.netscaler().layout(catalogue.netscaler().entries).metrics
    assert rows.metrics_of(rows.metrics_text(metrics)) == metrics
    identity = Identity("ns1", "NetScaler 14.1", None, {"a": "1"}, ("careful",), "ip netns exec a", "primary")
    assert rows.identity_of(rows.identity_row(identity)) == identity
