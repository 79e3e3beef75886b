"""What ``clear`` says of the counters before and after: nothing that went down is made up."""

from __future__ import annotations

import pytest

from mptcp_top.cli.clear_said import CLEARED, REFUSED, Outcome, since
from mptcp_top.errors import Unreachable
from mptcp_top.model import Kind, Sample, Target
from tests.feed import NETSCALER, WALL

TARGET = Target("ns1", "netscaler")
DONE = Outcome(TARGET, "the command", CLEARED)
TOTALS = sum(metric.kind is Kind.COUNTER for metric in NETSCALER.metrics)


def sample(total: int | None) -> Sample:
    values = tuple(total if metric.kind is Kind.COUNTER else 3 for metric in NETSCALER.metrics)
    return Sample(TARGET, NETSCALER, values, 0.0, WALL)


def said(before: int | None, after: int | None, outcome: Outcome = DONE) -> str:
    return "\n".join(since(outcome, sample(before), sample(after)))


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (9, 0, f"{TOTALS} of {TOTALS} totals went down, all of them to zero"),
        (9, 9, f"0 of {TOTALS} totals went down"),
        (0, 0, "every total was zero before, too"),
        (9, None, "no total that was not zero before can be read now"),
        (None, 0, "no total could be read before"),
    ],
)
def test_only_what_was_read_twice_is_said_to_have_gone_down(before: int | None, after: int | None, says: str) -> None:
    assert says in said(before, after)
    assert "0 of 0" not in said(before, after)


def test_what_was_refused_is_told_by_the_numbers_too() -> None:
    assert said(9, 9, Outcome(TARGET, "the command", REFUSED)) == "  read again: nothing went down"


def test_numbers_that_cannot_be_read_afterwards_are_not_there_to_be_compared() -> None:
    assert [*since(DONE, sample(9), Unreachable("no answer"))] == ["  could not be read afterwards: no answer"]
