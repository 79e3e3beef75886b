"""Tables of ``stat`` at every width: nothing is wider than the terminal, nothing is cut, what is left out is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mptcp_top.cli.selection import Selection
from mptcp_top.cli.stat.cells import width_of
from mptcp_top.cli.stat.fit import GAP, Column, fit
from mptcp_top.cli.stat.sides import sides_of
from mptcp_top.cli.stat.table import Page, table_of
from mptcp_top.model import Kind, Observation, Target
from tests.cli.test_selection import observed
from tests.cli.test_stat_table import HERE, NS1, NS2, PIPE, SUMMARY, WIDTHS, told

texts = st.text(
    st.characters(codec="ascii", categories=["L", "Nd"]) | st.sampled_from("東京ü"), min_size=1, max_size=12
)
tables = st.integers(1, 5).flatmap(
    lambda rows: st.lists(
        st.builds(
            Column,
            texts,
            st.lists(texts, min_size=rows, max_size=rows),
            st.none() | st.integers(1, 9),
            st.none() | st.lists(texts, min_size=rows, max_size=rows),
            st.integers(0, 20),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
        unique_by=lambda column: column.name,
    )
)


@given(tables, st.integers(2, 100), st.booleans())
def test_no_line_is_too_wide_and_no_cell_is_cut(columns: list[Column], width: int, abbreviate: bool) -> None:
    fitted = fit(columns, width, abbreviate=abbreviate)
    kept = [column for column in columns if column.name not in fitted.left_out]
    numbers = sum(len(GAP) + max(map(width_of, (abbreviate and column.short) or column.cells)) for column in kept[1:])
    for number, row in enumerate(fitted.rows):
        assert max(map(width_of, row)) <= max(width, numbers)
        whole = [column.cells[number] for column in kept]
        short = [(column.short or column.cells)[number] for column in kept]
        said = "".join(line.replace(" ", "") for line in row)
        assert said == "".join(whole) or (abbreviate and said == "".join(short))


@given(tables)
def test_without_a_width_nothing_is_left_out(columns: list[Column]) -> None:
    fitted = fit(columns, None, abbreviate=True)
    assert fitted.left_out == ()
    assert [line.split() for (line,) in fitted.rows] == [
        list(row) for row in zip(*(c.cells for c in columns), strict=True)
    ]


def test_the_lightest_column_goes_first() -> None:
    columns = [Column("name", ["aaaa"]), Column("heavy", ["bbbb"], 9), Column("light", ["cccc"], 1)]
    assert fit(columns, 13, abbreviate=True).left_out == ("light",)
    assert fit(columns, 4, abbreviate=True).left_out == ("heavy", "light")
    assert len(GAP.join(("aaaa", "bbbb", "cccc"))) == 16


def test_a_narrow_page_abbreviates_numbers_unless_they_are_wanted_in_full() -> None:
    big = told(observed(HERE, "MPRstTx", value=123_456_789_012))
    for full_values, number in ((False, "123G"), (True, "123,456,789,012")):
        lines = table_of(big, SUMMARY, Page(24, full_values))
        assert any(line.split()[-1] == number for line in lines)
    assert "123,456,789,012" in "\n".join(table_of(big, SUMMARY, PIPE))


@pytest.mark.parametrize("width", WIDTHS)
def test_every_line_fits_and_what_does_not_is_named(width: int) -> None:
    for target in (HERE, NS1, Target("東京" * 20, "netscaler")):
        for selection in (SUMMARY, Selection(detail=True), Selection(("nothing like it",))):
            lines = table_of(told(observed(target, value=2**63)), selection, Page(width))
            assert max(map(width_of, lines)) <= width


@pytest.mark.parametrize("growth", [False, True])
@pytest.mark.parametrize("rate", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
def test_of_up_to_five_targets_every_line_fits_and_every_number_is_there(width: int, rate: bool, growth: bool) -> None:
    targets = [HERE, NS1, Target("https://東京.example.com:8443", "netscaler"), NS2, Target("local:red", "linux")]
    page = Page(width, rate=rate, growth=growth)
    for number in range(1, 6):
        tolds = [told(grown(observed(target, value=900 + place))) for place, target in enumerate(targets[:number])]
        lines = sides_of(tolds, Selection(detail=True), page)
        assert max(map(width_of, lines)) <= width
        for place, one in enumerate(tolds):  # the gauges, whatever else is wanted
            gauges = [metric for metric in one.observation.layout.metrics if metric.kind is Kind.GAUGE]
            assert sum(line.split().count(str(900 + place)) for line in lines) >= len(gauges) > 0


def grown(observation: Observation) -> Observation:
    increases = tuple(12_345_678 if metric.grows else None for metric in observation.layout.metrics)
    return observation._replace(increases=increases, elapsed_seconds=7.0)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_targets_that_do_not_fit_beside_each_other_stand_in_further_tables(width: int) -> None:
    targets = [Target(f"appliance-number-{number}", "netscaler") for number in range(9)]
    values = {target.name: 1000 + number for number, target in enumerate(targets)}
    tolds = [told(observed(target, value=values[target.name])) for target in targets]
    lines = sides_of(tolds, SUMMARY, Page(width))
    assert max(map(width_of, lines)) <= width
    rows = [line for line in lines if line.startswith("    mptcperrunknowntoken")]
    assert len(rows) > 1
    numbers = [word.replace(",", "") for row in rows for word in row.split()[1:] if word[0].isdigit()]
    assert numbers == [str(value) for value in values.values()]
