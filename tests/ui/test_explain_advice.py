"""The page of one counter beside others: what to do, what is related, and how the other targets do."""

from __future__ import annotations

import pytest

from mptcp_top.catalogue import catalogue
from mptcp_top.engine.basis import Basis
from mptcp_top.model import Group, Kind, Layout, Metric, Severity
from mptcp_top.ui.explain import Known, known_of, place_in
from mptcp_top.ui.explain_commands import PROGRAMS, Step, all_of, step_of, steps_of
from mptcp_top.ui.explain_head import head_lines
from mptcp_top.ui.explain_links import Link
from mptcp_top.ui.glyphs import drawable
from tests.feed import Feed, Feeds, appliance, linux, text_of
from tests.ui.explained import TOKEN, every_counter, page, row, said, subject, troubled

WIDTHS = (60, 79, 100, 109, 119, 199)
SENTENCES = {"ask", "compare", "find", "list", "nothing", "read"}


@pytest.mark.parametrize("failing", [False, True], ids=["answering", "failing"])
def test_no_line_of_any_counter_is_wider_than_its_column(failing: bool) -> None:
    for feed, name in every_counter():
        if failing:
            feed.fail()
        seen = subject(feed, name)
        for width in WIDTHS:
            drawn = page(seen, width)
            left = drawn.beside - 2 if drawn.beside else width
            right = width - drawn.beside
            assert (width > 108) is bool(drawn.beside)
            for lines, room in ((head_lines(seen, width), width), (drawn.numbers, left), (drawn.words, right)):
                assert max(map(len, text_of(lines)), default=0) <= room, (name, width)


def test_on_the_smallest_usual_screen_what_matters_is_there_without_scrolling() -> None:
    for feed, name in every_counter():
        seen = subject(feed, name)
        room = 24 - len(head_lines(seen, 79)) - 1
        drawn = page(seen, 79, room)
        commands = [line for line in text_of(drawn.words[: drawn.starts["See also"]]) if line.strip()]
        assert len(drawn.numbers) + len(commands) <= room + 1, name
        assert any(line.startswith(" Check next") for line in text_of([*drawn.numbers, *drawn.words])[:room]), name


def test_numbers_stand_beside_the_words_where_there_is_room_and_above_where_not() -> None:
    seen = subject(troubled())
    assert page(seen, 109).beside > 50
    assert page(seen, 108).beside == 0


def test_commands_run_inside_the_namespace_and_sentences_stay_what_they_are() -> None:
    steps = steps_of(catalogue.linux().entries[TOKEN].check_next, "ip netns exec red ")
    assert steps[0].says.startswith("ip netns exec red tcpdump ")
    assert "| grep" in steps[0].says
    assert steps[1] == Step("ip netns exec red ss -Mn", "do the senders have connections here?")
    assert not steps[2].is_command


def test_every_program_of_a_pipe_that_says_something_of_a_namespace_runs_in_it() -> None:
    wanted = "sysctl net.mptcp.blackhole_timeout | sysctl -p -   # after the repair: ends the pause"
    assert step_of(wanted, "nsenter --net=/x ").says.count("nsenter --net=/x sysctl") == 2
    host = step_of("sysctl net.ipv4.tcp_mem   # in the host's own namespace", "nsenter --net=/x ")
    assert host.says == "sysctl net.ipv4.tcp_mem"


def test_each_step_of_the_catalogues_is_a_known_program_or_a_known_sentence() -> None:
    first = {
        step.split()[0]
        for source in catalogue.CATALOGUES
        for entry in catalogue.catalogue_of(source).entries.values()
        for step in entry.check_next
    }
    assert first <= PROGRAMS | SENTENCES
    assert not PROGRAMS & SENTENCES


def test_what_changes_something_is_said_to_and_not_copied_with_the_rest() -> None:
    feed = troubled()
    seen = subject(feed, "MPJoinRejected")
    steps = known_of(seen).steps
    assert any(step.changes for step in steps)
    assert not any("set subflows" in command for command in all_of(steps))
    assert "it changes something; if it is too low" in said(seen)


def test_what_has_to_be_filled_in_is_known() -> None:
    assert step_of("ip route get PEER from ENDPOINT; ip mptcp endpoint show").blanks == ("PEER", "ENDPOINT")
    assert step_of("ss -Mn").blanks == ()


def test_related_counters_have_their_live_numbers() -> None:
    feed = troubled()
    shown = row(subject(feed), "See also")
    assert "MP_JOIN SYN received" in shown
    assert "1,460" in shown
    assert "20.0 /s" in shown
    del feed.values["MPJoinSynRx"]
    feed.layout = Layout(tuple(metric for metric in feed.layout.metrics if metric.name != "MPJoinSynRx"))
    feed.tick()
    assert "not on this target" in row(subject(feed), "See also")


def test_the_sister_on_another_system_is_live_where_it_is_watched() -> None:
    feeds = Feeds(linux("web1"), appliance("ns1"))
    for _ in range(3):
        feeds["web1"].tick(MPJoinNoTokenFound=1)
        feeds["ns1"].tick(mptcperrunknowntoken=500)
    seen = subject(feeds["web1"])
    shown = row(seen, "On NetScaler")
    assert "mptcperrunknowntoken on ns1" in shown
    assert "1,500" in shown
    assert "500 /s" in shown
    assert Link("ns1", "mptcperrunknowntoken", "x").counter in {
        act.counter for act in known_of(seen).acts.values() if isinstance(act, Link)
    }
    alone = troubled()
    assert "mptcperrunknowntoken. Both count a join" in row(subject(alone), "On NetScaler")


def test_the_counter_on_all_targets_stands_worst_first_and_those_beyond_are_counted() -> None:
    names = [f"web{number}" for number in range(9)]
    feeds = Feeds(*(linux(name) for name in names))
    feeds.tick()
    for name in names:
        feeds[name].tick(MPJoinNoTokenFound=7 if name == "web5" else 0)
    shown = said(subject(feeds["web0"]))
    first = row(subject(feeds["web0"]), "Targets")
    assert "▲ web5" in first
    assert "7.00 /s" in first
    assert "since " in first
    assert "and 3 more: c compares them" in shown
    assert "here" in next(line for line in text_of(page(subject(feeds["web0"])).words) if "web0" in line)


def test_the_numbers_follow_the_basis_the_user_asked_for() -> None:
    feeds = Feeds(linux("web1"), linux("web2"))
    feeds.tick()
    for _ in range(3):
        feeds["web1"].tick(MPJoinNoTokenFound=5, MPJoinSynRx=7)
        feeds["web2"].tick(MPJoinNoTokenFound=4)
    seen = subject(feeds["web1"], basis=Basis.START)
    assert "+21" in row(seen, "See also")
    assert "+15" in row(seen, "Targets")
    assert "+12" in row(seen, "web2")


def test_the_past_has_the_numbers_of_then() -> None:
    feed = troubled()
    then = feed.now
    for _ in range(20):
        feed.tick(MPJoinNoTokenFound=100, MPJoinSynRx=1)
    shown = said(subject(feed, cursor=then))
    assert "12 SYNs" in shown
    assert "+12 in 2 s" in shown
    assert "1,460" in row(subject(feed, cursor=then), "See also")
    assert "100" not in shown
    assert "◌ not now" in shown


def test_a_target_that_is_down_shows_no_rate_and_how_old_its_numbers_are() -> None:
    feed = troubled()
    feed.fail("no route to host")
    head = "\n".join(text_of(head_lines(subject(feed), 79)))
    assert "✕ 1 s old" in head
    assert "no route to host" in head
    assert "/s" not in head
    assert "20.0 /s" not in said(subject(feed)).partition("See also")[2]


def test_a_counter_the_target_does_not_have_is_explained_and_claims_nothing() -> None:
    feed = linux("web1")
    feed.layout = Layout(tuple(metric for metric in feed.layout.metrics if metric.name != TOKEN))
    feed.tick()
    shown = said(subject(feed))
    assert "this target does not have it (Linux 5.7 and later)" in shown
    assert "What it is" in shown
    assert " 0 SYNs" not in shown
    feed = linux("web2")
    assert "waiting for the first counters" in said(subject(feed))


def test_a_counter_nobody_knows_has_its_numbers() -> None:
    metric = Metric("Quantum", "Quantum", Group.DSS, Kind.COUNTER, Severity.NORMAL)
    feed = Feed(layout=Layout((metric,)))
    feed.tick(Quantum=5)
    feed.tick(Quantum=5)
    shown = said(subject(feed, "Quantum"))
    assert "The catalogue does not know this counter" in shown
    assert "5.00 /s" in shown


def test_the_page_is_whole_in_ascii() -> None:
    for feed, name in every_counter()[::7]:
        shown = said(subject(feed, name))
        pairs = zip(shown, drawable(shown.replace("\n", " "), ascii_only=True), strict=True)
        assert {before for before, now in pairs if now == "?"} <= {"?"}


def test_a_line_is_found_again_when_lines_break_elsewhere() -> None:
    seen = subject(troubled())
    narrow, wide = page(seen, 60), page(seen, 100)
    line = narrow.line_of("See also", 1)
    assert place_in(narrow, line) == ("related 1", 0)
    assert "no address id left" in text_of(narrow.words)[line - len(narrow.numbers)]
    assert "no address id left" in text_of(wide.words)[wide.line_of("See also", 1) - len(wide.numbers)]
    assert place_in(narrow, 0) == ("", 0)


def test_nothing_to_do_is_nothing_to_choose() -> None:
    assert Known((), (), (), ()).acts == {}
    assert Known((Step("ask somebody", is_command=False),), (), (), ()).acts == {}
