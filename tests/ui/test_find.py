"""Finding by a few letters, and what a filter lets through and says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.engine.basis import Basis
from mptcp_top.model import Group, Metric, Severity
from mptcp_top.ui.find import (
    ALL,
    EVENT_TOKENS,
    LONGEST,
    TOKENS,
    Filter,
    Tally,
    advice,
    filter_line,
    filter_of,
    found_in,
    lit,
    meant_in,
    names_of,
)
from mptcp_top.ui.frame import Moment, frame_of
from mptcp_top.ui.fuzzy import Candidate, match_of, ranked
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.sift import sift
from mptcp_top.ui.themes import THEMES
from tests.feed import LINUX_6_18, NETSCALER, WALL, Feed, text_of

WIDTHS = (40, 60, 80, 120, 200)
LETTERS = st.text(alphabet="aAbBcC tT_0é", max_size=12)
NAMES = st.lists(st.text(max_size=30) | LETTERS, min_size=1, max_size=4).map(tuple)
COUNTERS = [
    Candidate(name, names_of(entry.metric))
    for source in ("linux", "netscaler")
    for name, entry in catalogue_of(source).entries.items()
]


def candidates(many: list[tuple[str, ...]]) -> list[Candidate]:
    return [Candidate(str(number), names) for number, names in enumerate(many)]


def keys(text: str) -> list[str]:
    return [found.key for found in ranked(text, COUNTERS)]


def test_an_alias_of_the_appliance_that_is_typed_out_comes_before_anything() -> None:
    assert keys("TokenEr")[0] == "mptcperrunknowntoken"


def test_a_counter_is_the_first_that_its_name_finds() -> None:
    assert [keys(counter.key)[0] for counter in COUNTERS] == [counter.key for counter in COUNTERS]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("token", "MPJoinNoTokenFound"),
        ("jnt", "MPJoinNoTokenFound"),
        ("unknown join", "MPJoinNoTokenFound"),
        ("chksum", "DataCsumErr"),
        ("HMAC", "mptcperrinvalmac"),
        ("MP_JOIN syn received", "mptcptotmpjoinsyn"),
        ("join_unknown_token", "mptcperrunknowntoken"),
    ],
)
def test_a_few_letters_of_any_of_its_names_find_a_counter(text: str, name: str) -> None:
    assert name in keys(text)


def test_letters_that_are_only_scattered_over_a_name_do_not_find_it() -> None:
    assert len(keys("token")) < 6
    assert match_of("token", "window update overtaken") is None


def test_words_together_come_before_letters_here_and_there() -> None:
    names = ("checksum", "chunk summary", "catch ksum")
    found = ranked("checksum", candidates([("bad chxexcksum",), *((name,) for name in names)]))
    assert found[0].name == "checksum"
    best = [found.name for found in ranked("chsum", candidates([(name,) for name in names]))]
    assert best[0] == "chunk summary"  # both stretches begin a word


def test_capitals_are_found_by_small_letters_and_like_capitals_best() -> None:
    spelled = candidates([("tokener",), ("TokenEr",), ("TOKENER",)])
    assert [found.name for found in ranked("TokenEr", spelled)] == ["TokenEr", "TOKENER", "tokener"]
    assert ranked("tokener", spelled)[0].name == "tokener"
    assert len(ranked("tokener", spelled)) == 3


@given(text=st.text(max_size=12) | LETTERS, many=st.lists(NAMES, max_size=5))
def test_whatever_is_typed_finds_something_or_nothing(text: str, many: list[tuple[str, ...]]) -> None:
    found = ranked(text, candidates(many))
    assert found == ranked(text, candidates(many))
    assert len({one.key for one in found}) == len(found) <= len(many)


@given(many=st.lists(NAMES, min_size=1, max_size=5), data=st.data())
def test_a_whole_name_finds_who_bears_it_first(many: list[tuple[str, ...]], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for names in many for name in names if name.strip()] or ["none"]))
    bearers = [str(number) for number, names in enumerate(many) if name in names]
    found = [one.key for one in ranked(name, candidates(many))]
    assert set(found[: len(bearers)]) == set(bearers)


@given(text=LETTERS, letter=st.characters(), many=st.lists(NAMES, max_size=5))
def test_typing_on_never_finds_more(text: str, letter: str, many: list[tuple[str, ...]]) -> None:
    more = {found.key for found in ranked(text + letter, candidates(many))}
    assert more <= {found.key for found in ranked(text, candidates(many))}


@given(word=LETTERS.filter(lambda text: text.strip()).map(lambda text: text.split()[0]), name=st.text(max_size=20))
def test_the_letters_that_are_shown_are_those_that_were_typed(word: str, name: str) -> None:
    for said in (name, f"{name}x{word}y{name}"):
        match = match_of(word, said)
        if match is not None:
            assert "".join(said[place] for place in match.places).lower() == word.lower()
            assert list(match.places) == sorted(set(match.places))


def test_names_of_one_letter_over_and_over_take_no_longer_than_others() -> None:
    assert match_of("a" * 59, "a a" * 20) is None or match_of("ab" * 30, "a b" * 60) is not None


# The filter


@given(
    typed=st.text(max_size=40) | st.lists(st.sampled_from([":e", ":mp", ":moving", "x", ":join", ":zz"])).map(" ".join)
)
def test_any_text_is_a_filter_and_is_said_to_be_one(typed: str) -> None:
    wanted = filter_of(typed)
    assert filter_of(wanted.typed) == wanted
    assert (wanted.on and wanted.said() != "") or not wanted.said()
    advice(wanted)


@pytest.mark.parametrize("token", TOKENS)
def test_every_token_is_understood_however_it_is_spelled(token: str) -> None:
    assert filter_of(f":{token}") == filter_of(f":{token.upper()}")
    assert filter_of(f":{token}").on
    assert filter_of(f":{token}").typed == f":{token}"


def test_a_token_nobody_knows_keeps_nothing_back_and_is_told_what_there_is() -> None:
    wanted = filter_of(":red")
    assert not wanted.on
    assert advice(wanted).startswith(":red is nothing: there are :errors :sessions :MP_CAPABLE")
    assert advice(wanted).endswith(":moving :nonzero")
    assert "moving" not in advice(filter_of(":x", EVENT_TOKENS), EVENT_TOKENS)
    assert advice(filter_of(":x", {}), {}) == ":x is nothing here"


def test_ten_thousand_characters_are_a_filter_that_finds_nothing() -> None:
    wanted = filter_of("x" * 10_000)
    assert len(wanted.text) == LONGEST
    assert not found_in(LINUX_6_18, wanted.text)


def test_control_characters_do_not_come_through() -> None:
    assert filter_of("a\x1b[2Jb\r\nc\u202e").text == "a·[2Jb c·"


def test_a_panel_is_all_that_stands_in_it_and_the_errors_that_come_from_it() -> None:
    names = meant_in(LINUX_6_18, filter_of(":MP_JOIN"))
    assert {"MPJoinNoTokenFound", "MPJoinSynRx"} <= names
    assert "MPCapableSYNRX" not in names
    errors = meant_in(LINUX_6_18, filter_of(":errors"))
    assert "MPJoinNoTokenFound" in errors
    assert "MPJoinSynRx" not in errors


def test_a_severity_is_that_and_worse() -> None:
    levels = [Metric("a", "a", Group.DSS, severity=severity) for severity in Severity]
    wanted = filter_of(":error")
    assert [metric.severity.value for metric in levels if wanted.means(metric)] == ["error", "security"]


def sifted(feed: Feed, typed: str, basis: Basis = Basis.RATE) -> frozenset[str]:
    frame = frame_of(feed.store, feed.target, Moment(feed.now, WALL + feed.now), feed.interval_seconds, basis)
    return sift(frame, filter_of(typed)).names


def test_what_is_not_known_is_not_taken_for_a_zero() -> None:
    feed = Feed()
    feed.values["MPJoinSynRx"] = None
    feed.tick(MPJoinAckRx=1)
    feed.tick()
    assert {"MPJoinSynRx", "MPJoinAckRx"} <= sifted(feed, ":nonzero")
    assert "MPCapableSYNRX" not in sifted(feed, ":nonzero")
    assert "MPJoinSynRx" not in sifted(feed, ":moving")


def test_a_counter_moves_that_grew_in_the_last_minute_or_rises_or_is_a_level_that_changed() -> None:
    feed = Feed()
    feed.tick(MPJoinSynRx=5, MPCapableSYNRX=5, MPCurrEstab=3)
    for _ in range(70):
        feed.tick()
    assert sifted(feed, ":moving") == frozenset()
    feed.tick(MPCapableSYNRX=1, MPJoinNoTokenFound=1, MPCurrEstab=1)
    assert sifted(feed, ":moving") == {"MPCapableSYNRX", "MPJoinNoTokenFound", "MPCurrEstab"}
    assert sifted(feed, ":moving syn") == {"MPCapableSYNRX"}


def test_what_moves_is_what_grew_over_what_the_numbers_are_counted_over() -> None:
    feed = Feed()
    feed.tick()
    feed.tick(MPJoinSynRx=5)
    for _ in range(70):
        feed.tick()
    assert [sifted(feed, ":moving", basis) for basis in (Basis.RATE, Basis.START)] == [frozenset(), {"MPJoinSynRx"}]


def test_of_a_target_that_was_never_read_nothing_is_wanted() -> None:
    assert sifted(Feed(), ":moving") == frozenset()


def test_a_counter_is_found_by_its_alias_where_it_has_one() -> None:
    assert list(found_in(NETSCALER, "TokenEr")) == ["mptcperrunknowntoken"]
    assert "MPJoinNoTokenFound" not in found_in(LINUX_6_18, "TokenEr")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("typed", ["token", "token :errors :security :moving :nonzero", "x" * 150])
@pytest.mark.parametrize("rising", [0, 2, 170])
def test_a_filtered_screen_says_so_and_what_rises_behind_it_at_any_width(width: int, typed: str, rising: int) -> None:
    line = filter_line(filter_of(typed), Tally(12, 170, rising), Basis.RATE, width)
    (said,) = text_of([line])
    assert len(said) <= width - 1
    assert said.startswith((" 12 of 170 rows: /", " 12 of 170: /"))
    assert (f"{rising} rising hidden" in said) == bool(rising)


def test_with_room_all_is_said() -> None:
    line = filter_line(filter_of("token :error :moving"), Tally(12, 170, 2), Basis.RATE, 120)
    said = " 12 of 170 rows: /token, errors and worse, moving  ▲ 2 rising hidden by the filter  (Esc clears)"
    assert text_of([line]) == [said]


def test_found_letters_are_shown_by_more_than_a_colour() -> None:
    assert all(theme.inks[Look.FOUND].underline for theme in THEMES.values())
    line = lit(Line((Piece("  "), Piece("unknown token", Look.TITLE), Piece(" 12")), key="a"), 1, "token")
    assert [(piece.text, piece.look) for piece in line.pieces[1:3]] == [
        ("unknown ", Look.TITLE),
        ("token", Look.FOUND),
    ]
    assert text_of([line]) == ["  unknown token 12"]
    assert line.key == "a"


@given(label=st.text(max_size=20), words=LETTERS, name=LETTERS)
def test_showing_what_was_found_never_makes_a_line_longer_or_shorter(label: str, words: str, name: str) -> None:
    line = lit(Line((Piece("  "), Piece(label), Piece("|"))), 1, words, name)
    assert sum(len(piece.text) for piece in line.pieces) == 3 + len(label)


def test_the_filter_that_lets_everything_through_is_no_filter() -> None:
    assert not ALL.on
    assert ALL.typed == ALL.said() == ""
    assert Filter() == filter_of("  ")
