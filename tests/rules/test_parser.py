"""What a rule may say, what is said about one that may not, and that nothing else comes out of the parser."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import AllOf, AnyOf, Comparison, Operand, Rule, Unit, comparisons_of
from mptcp_top.rules.tokens import RuleError
from tests.hostile.inputs import TIMES

CHEAP = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
WELL = (
    "join_success < 95% for 30s",
    "mptcperrunknowntoken > 1/s for 10s",
    "join_unknown_token rises",
    "TokenEr rises",
    "MPFailRx > 0/min",
    "fallback_share > 5% for 1m until < 3%",
    "sessions < 10",
    "errors > 3/s",
    "join_unknown_token / join_syn_rx > 10%",
    "join_success < 95% and join_syn_rx > 1/s for 30s",
    "(errors > 3/s or sessions < 10) and accepted < 80% for 1h until errors < 1/min and sessions > 20 for 5m",
    "subflows / sessions > 3",
)
COMPLAINTS = {
    "": (1, "expected the name of a counter"),
    "join_succes < 95%": (1, "did you mean join_success"),
    "errors > 3/s and mpfailrx rises": (18, "did you mean MPFailRx"),
    "TokenER > 1/s": (1, "did you mean TokenEr"),
    "zzzzzzzz > 1/s": (1, "counters: mptcp-top explain --list; figures: join_success"),
    "join_success": (13, "expected <, <=, >, >= or /"),
    "join_success = 95%": (14, "'=' means nothing here: give <, <=, > or >="),
    "join_success < x": (16, "expected a number"),
    "join_success < 95": (16, "never above 100%: give percent"),
    "join_success < 3/s": (16, "is a share: compare it with percent"),
    "join_success rises": (1, "only a counter rises"),
    "sessions > 5%": (12, "is a level: compare it with a plain number"),
    "MPFailRx > 5": (12, "is a counter: say how fast it grows, for instance 5/min"),
    "MPFailRx > 5%": (12, "for instance 5/min"),
    "errors > 3/sec": (12, "expected s, min or h, found 'sec'"),
    "errors rise": (8, "did you mean rises"),
    "errors > 3/s fo 3s": (14, "did you mean for"),
    "errors > 3/s for": (17, "expected a length of time"),
    "errors > 3/s for 30": (20, "expected s, m (or min) or h"),
    "errors > 3/s for 25h": (18, "a day (24h) is the longest"),
    "errors > 3/s until": (19, "expected the name"),
    "errors > 3/s && sessions < 5": (14, "give and"),
    "errors > -3/s": (10, "numbers of 0 or more"),
    "errors > 1e999/s": (10, "too large"),
    "(errors > 3/s": (14, "or ) for the ( at column 1"),
    "errors > 3/s)": (13, "found ')'"),
    "errors / sessions > 3%": (8, "divide counters by counters"),
    "join_success / accepted > 3%": (14, "is a share"),
    "mptcptotdssa > 3/s": (1, "may be either of two counters"),
    "errors > 3/s and sessions < 5 until < 3/s": (37, "expected the name"),
    "(" * 30 + "errors > 3/s": (21, "more than 20 parentheses"),
    "errors > 3/s " + " " * 600: (501, "at most 500 characters"),
    "errors\x1b[31m > 3/s": (7, "'·[' means nothing here"),
}


@pytest.mark.parametrize("text", WELL)
def test_a_rule_reads_back_as_it_was_written(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(("text", "says"), [pytest.param(*pair, id=pair[0][:40]) for pair in COMPLAINTS.items()])
def test_a_complaint_says_where_what_and_what_instead(text: str, says: tuple[int, str]) -> None:
    with pytest.raises(RuleError) as raised:
        parse(text)
    column, words = says
    assert str(raised.value).startswith(f"at column {column}: ")
    assert words in str(raised.value)
    assert str(raised.value).isprintable()
    assert raised.value.at == column - 1


def test_and_binds_tighter_than_or() -> None:
    rule = parse("errors > 1/s or sessions < 5 and accepted < 50%")
    assert isinstance(rule.when, AnyOf)
    assert [type(part) for part in rule.when.parts] == [Comparison, AllOf]


def test_units_and_lengths_of_time_are_what_they_say() -> None:
    rule = parse("MPFailRx>6/min for 1.5min until < 3.6 / h for 2 h")
    assert isinstance(rule.when, Comparison)
    assert isinstance(rule.until, Comparison)
    assert (rule.when.limit, rule.seconds) == (0.1, 90.0)
    assert (rule.until.operand, rule.until.limit, rule.end_seconds) == (Operand("MPFailRx"), 0.001, 7200.0)


def test_a_rule_without_an_end_of_its_own_lasts_until_it_is_clearly_over_for_as_long() -> None:
    rule = parse("fallback_share > 5% for 1m")
    assert rule.end_seconds == 60.0
    (asked,) = comparisons_of(rule.when)
    assert [asked.says(share, lenient=True) for share in (0.051, 0.046, 0.044)] == [True, True, False]


NAMES = ("join_success", "errors", "sessions", "TokenEr", "MPFailRx", "and", "or", "for", "until", "rises")
SIGNS = (
    "(",
    ")",
    "/",
    "<",
    "<=",
    ">",
    ">=",
    "%",
    "s",
    "min",
    "h",
    "5",
    "0.5",
    "1e3",
    "30s",
    "95%",
    "3/s",
    "\n",
    "\x1b",
    "é",
)
WORDS = st.sampled_from((*NAMES, *SIGNS))
TEXTS = st.one_of(
    st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join), st.lists(WORDS, max_size=30).map("".join)
)


@given(TEXTS)
@settings(CHEAP, max_examples=1000 * TIMES)
def test_any_text_is_a_rule_or_a_complaint_and_nothing_else(text: str) -> None:
    try:
        rule = parse(text)
    except RuleError as error:
        assert 0 <= error.at <= len(text)
        assert str(error).isprintable()
    else:
        assert parse(str(rule)) == rule


NUMBERS = st.floats(0, 1e12, allow_nan=False)
COMPARISONS = st.one_of(
    st.builds(
        Comparison,
        st.sampled_from((Operand("errors"), Operand("MPFailRx"))),
        st.sampled_from(("<", ">=")),
        NUMBERS,
        st.sampled_from((Unit.SECOND, Unit.MINUTE, Unit.HOUR)),
    ),
    st.builds(Comparison, st.just(Operand("sessions")), st.sampled_from(("<=", ">")), NUMBERS, st.just(Unit.PLAIN)),
    st.builds(Comparison, st.just(Operand("join_success")), st.just("<"), st.floats(0, 100), st.just(Unit.PERCENT)),
    st.builds(Comparison, st.just(Operand("TokenEr", "MPSYN")), st.just(">"), NUMBERS, st.just(Unit.PERCENT)),
    st.just(Comparison(Operand("TokenEr"), "rises")),
)
SEVERAL = st.lists(COMPARISONS, min_size=2, max_size=3)
CONDITIONS = st.one_of(
    COMPARISONS,
    SEVERAL.map(lambda parts: AllOf(tuple(parts))),
    SEVERAL.map(lambda parts: AnyOf(tuple(parts))),
    SEVERAL.map(lambda parts: AllOf((AnyOf(tuple(parts)), parts[0]))),
    SEVERAL.map(lambda parts: AnyOf((AllOf(tuple(parts)), parts[0]))),
)
SECONDS = st.floats(0, 86_400)


@given(st.builds(Rule, CONDITIONS, SECONDS, st.none() | CONDITIONS, st.none()), SECONDS)
@settings(CHEAP, max_examples=1000)
def test_every_rule_reads_back_as_itself(rule: Rule, until_seconds: float) -> None:
    for written in (rule, rule._replace(until_seconds=until_seconds) if rule.until else rule):
        if len(str(written)) <= 500:
            assert parse(str(written)) == written
