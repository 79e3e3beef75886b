"""Numbers as they stand on the screen: a width that holds, and never a zero that is none."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from mptcp_top import text

SUFFIXES = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
RATES = st.floats(min_value=1e-3, max_value=1e7) | st.floats(min_value=-3, max_value=7).map(lambda power: 10**power)


def read_back(shown: str) -> float:
    number = shown.removesuffix(" /s").replace(",", "")
    return float(number.rstrip("".join(SUFFIXES))) * SUFFIXES.get(number[-1], 1.0)


@given(RATES)
@example(1e-3)
@example(0.00995)
@example(0.0995)
@example(0.995)
@example(9.995)
@example(99.95)
@example(999.5)
@example(999_500.0)
@example(1e7)
def test_a_rate_has_six_characters_at_most_and_is_what_it_was_but_for_the_last_digit(value: float) -> None:
    shown = text.rate(value)
    assert len(shown) <= 6
    error = 0.05 if value < 1 else 0.006  # two digits below one, three above
    assert abs(read_back(shown) - value) <= error * value


@given(st.floats(min_value=0, max_value=1e15, exclude_min=True))
def test_what_is_not_zero_never_reads_as_zero(value: float) -> None:
    assert set(text.rate(value)) - set("0.")
    assert set(text.magnitude(max(value, 0.005))) - set("0.")


@given(st.floats(min_value=1e-3, max_value=1e7), st.floats(min_value=1e-3, max_value=1e7))
def test_of_two_rates_the_larger_never_reads_as_the_smaller(one: float, other: float) -> None:
    smaller, larger = sorted((one, other))
    assert read_back(text.rate(smaller)) <= read_back(text.rate(larger))


@given(st.integers(min_value=0, max_value=2**64 - 1), st.integers(min_value=5, max_value=14))
def test_a_count_fits_its_column_and_has_its_thousands_separated_where_it_is_shown_in_full(
    value: int, width: int
) -> None:
    shown = text.short_count(value, width)
    assert len(shown) <= width
    assert shown == f"{value:,}" or abs(read_back(shown) - value) <= 0.006 * value


@given(st.floats(min_value=0, max_value=1))
def test_a_share_has_six_characters_at_most_and_says_all_or_nothing_only_when_it_is(share: float) -> None:
    shown = text.percent(share)
    assert len(shown) <= 6
    assert (shown == "0 %") == (share == 0)
    assert (shown == "100 %") == (share == 1)


@given(st.floats(min_value=0, max_value=86_400 * 999))
def test_a_length_of_time_has_eleven_characters_at_most_and_a_unit(seconds: float) -> None:
    shown = text.duration(seconds)
    assert len(shown) <= 11
    assert shown.split()[-1] in {"s", "min", "h", "d"}
