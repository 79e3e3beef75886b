"""The page of one counter as lines: what it says, in which order, and that it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mptcp_top.catalogue import catalogue
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.trend import Break
from mptcp_top.model import Group, Identity, Kind, Layout, Metric, Severity, Target
from mptcp_top.ui.explain import Known, Spread, known_of, place_in, spread_of
from mptcp_top.ui.explain_chart import bars
from mptcp_top.ui.explain_commands import PROGRAMS, Step, all_of, step_of, steps_of
from mptcp_top.ui.explain_head import head_lines
from mptcp_top.ui.explain_links import Link
from mptcp_top.ui.explain_numbers import earlier
from mptcp_top.ui.explain_subject import Subject, subject_of
from mptcp_top.ui.frame import Moment, frame_of
from mptcp_top.ui.glyphs import drawable
from mptcp_top.ui.sparkline import sparkline
from tests.feed import WALL, Feed, Feeds, appliance, linux, text_of

if TYPE_CHECKING:
    from mptcp_top.engine.trend import Cell

TOKEN = "MPJoinNoTokenFound"
WIDTHS = (60, 79, 100, 109, 119, 199)
SENTENCES = {"ask", "compare", "find", "list", "nothing", "read"}


def subject(feed: Feed, counter: str = TOKEN, cursor: float | None = None, basis: Basis = Basis.RATE) -> Subject:
    moment = Moment(feed.now, WALL + feed.now, cursor)
    return subject_of(frame_of(feed.store, feed.target, moment, feed.interval_seconds, basis), counter)


def page(seen: Subject, width: int = 79, room: int = 20) -> Spread:
    return spread_of(seen, known_of(seen), width, room)


def said(seen: Subject, width: int = 79) -> str:
    drawn = page(seen, width)
    return "\n".join(text_of([*head_lines(seen, width), *drawn.numbers, *drawn.words]))


def row(seen: Subject, title: str, width: int = 79) -> str:
    return next(line for line in text_of([*page(seen, width).numbers, *page(seen, width).words]) if title in line)


def troubled() -> Feed:
    feed = linux("web1")
    feed.tick(MPJoinSynRx=1000)
    for _ in range(20):
        feed.tick(MPJoinSynRx=20)
    for _ in range(3):
        feed.tick(MPJoinSynRx=20, MPJoinNoTokenFound=4)
    return feed


def every_counter() -> list[tuple[Feed, str]]:
    kernel = catalogue.linux()
    identity = Identity("ns1", "Linux 6.18.44", "boot", prefix="ip netns exec red ")
    host = Feed(Target("red", "linux"), kernel.layout(kernel.entries), identity, now=5000.0)
    box = appliance("ns1")
    for feed in (host, box):
        feed.tick()
        for _ in range(10):
            feed.tick(**{metric.name: 2 for metric in feed.layout.metrics})
    return [(host, name) for name in kernel.entries] + [(box, name) for name in catalogue.netscaler().entries]


def test_the_head_says_which_counter_how_much_and_since_when_it_rises() -> None:
    first, second, third = text_of(head_lines(subject(troubled()), 79))
    assert "MPJoinNoTokenFound" in first
    assert "web1" in first
    assert "● live" in first
    assert "MP_JOIN: unknown token" in second
    assert "counter, security" in second
    assert "12 SYNs" in second
    assert "▲ rising since " in third
    assert "+12 in 2 s" in third
    assert "join reaches the wrong host?" in third


def test_an_alias_is_told_beside_the_name() -> None:
    box = appliance("ns1")
    box.tick()
    assert "mptcperrunknowntoken  (also TokenEr)" in text_of(head_lines(subject(box, "mptcperrunknowntoken"), 79))[0]


def test_every_stretch_of_time_has_its_increase_and_its_rate() -> None:
    feed = troubled()
    feed.engine.mark("deploy", feed.now, WALL + feed.now)
    feed.tick(MPJoinNoTokenFound=6)
    feed.tick(MPJoinNoTokenFound=2)
    seen = subject(feed)
    assert row(seen, "last interval").split()[2:6] == ["+2", "2.00", "/s", "1"]
    assert row(seen, "last minute").split()[2] == "+20"
    assert row(seen, "since deploy").split()[2:6] == ["+8", "4.00", "/s", "2"]
    assert row(seen, "since the start").split()[3] == "+20"


def test_without_a_mark_the_page_says_how_to_set_one() -> None:
    assert "m sets one" in row(subject(troubled()), "since the mark")


def test_an_appliance_is_held_against_its_own_rate_and_its_refreshes() -> None:
    box = appliance("ns1")
    box.refresh_seconds = box.interval_seconds = 7.0
    for _ in range(5):
        box.tick(mptcptotmpcapsyn=280)
    box.own_rates = {"mptcptotmpcapsyn": 41.0}
    box.tick(mptcptotmpcapsyn=280)
    seen = subject(box, "mptcptotmpcapsyn")
    assert "40.0 /s" in row(seen, "last refresh")
    assert "41.0 /s" in row(seen, "it says itself")
    assert "MPCapableSYNRX" in row(seen, "On Linux")


def test_an_episode_has_its_first_and_last_rise_its_peak_and_its_mean() -> None:
    feed = troubled()
    feed.tick(MPJoinNoTokenFound=9)
    shown = said(subject(feed), 119)
    assert "first rise" in shown
    assert "last rise" in shown
    assert row(subject(feed), "peak").split()[-2:] == ["9.00", "/s"]
    assert row(subject(feed), "mean").split()[-2:] == ["5.25", "/s"]


def test_earlier_episodes_are_listed_the_newest_first_and_the_rest_counted() -> None:
    feed = linux("web1")
    feed.tick()
    for rise in range(1, 9):
        feed.tick(MPJoinNoTokenFound=rise)
        for _ in range(40):
            feed.tick()
    assert [one.total for one in earlier(subject(feed))] == [7, 6, 5, 4, 3, 2, 1]
    shown = said(subject(feed))
    assert "does not rise now" in shown
    assert "+7 at once" in row(subject(feed), "Earlier rises")
    assert "and 2 more: e lists them" in shown
    then = subject(feed, cursor=5000.0 + 3 * 41)
    assert [one.total for one in earlier(then)] == [2, 1]


@pytest.mark.parametrize("width", [60, 79, 109, 119, 199])
def test_an_earlier_rise_is_whole_and_apart_from_its_title(width: int) -> None:
    feed = linux("web1")
    for _ in range(2):
        for _ in range(288):
            feed.tick(MPJoinNoTokenFound=123_457)
        for _ in range(40):
            feed.tick()
    shown = page(subject(feed), width)
    lines = text_of(shown.numbers if shown.beside else shown.words)
    place = next(place for place, line in enumerate(lines) if "Earlier rises" in line)
    told = " ".join(" ".join(lines[place : place + 3]).split())
    assert "Earlier rises 11:2" in told
    assert "in 4 min 46 s" in told
    assert "peak 123k /s" in told or "peak 123,457 /s" in told
    column = shown.beside - 2 if shown.beside else width
    assert all(len(line) <= column for line in lines[place : place + 3])


def test_where_nothing_grew_there_is_no_plus() -> None:
    feed = troubled()
    for _ in range(70):
        feed.tick()
    assert row(subject(feed), "last minute").split()[2:4] == ["0", "0"]
    assert " +0" not in said(subject(feed))


def test_the_chart_is_the_small_sparkline_made_higher() -> None:
    cells: list[Cell] = [Break.NOTHING, 0.0, 0.1, 3.0, Break.GAP, Break.RESET, 8.0, 5.0]
    assert bars(cells, 1, 8.0) == [sparkline(cells)]
    top, *_, bottom = bars(cells, 5, 8.0)
    assert top == "     ╎█ "
    assert bottom == " ▁▂█·╎██"


def test_the_chart_names_its_maximum_its_span_and_times_of_day() -> None:
    feed = linux("web1")
    for second in range(700):
        feed.tick(MPJoinSynRx=20 if second < 400 else 60)
    numbers = text_of(page(subject(feed, "MPJoinSynRx"), 119).numbers)
    chart = "\n".join(numbers[4:])
    assert "max shown 60.0 /s" in chart
    assert "SYNs" in chart
    assert "20 s a cell" in chart
    assert "last 10 min" in chart
    assert sum(":" in word for word in chart.split()) == 2
    assert chart.rstrip().endswith("now")


def test_the_chart_reaches_back_to_where_a_long_episode_began() -> None:
    feed = linux("web1")
    for _ in range(10):
        feed.tick()
    for _ in range(1500):
        feed.tick(MPJoinNoTokenFound=1)
    assert "30 s a cell" in said(subject(feed))


def test_a_counter_that_never_moved_takes_one_row_of_bars() -> None:
    feed = troubled()
    assert len(page(subject(feed, "DataCsumErr")).numbers) < len(page(subject(feed)).numbers)


def test_a_reset_and_missed_polls_are_breaks_of_the_chart() -> None:
    feed = troubled()
    for _ in range(10):
        feed.fail()
    for _ in range(10):
        feed.tick(MPJoinSynRx=20)
    feed.identity = Identity("ns1", "Linux 6.18.44", "another boot")
    feed.values = {}
    for _ in range(10):
        feed.tick(MPJoinSynRx=20)
    numbers = text_of(page(subject(feed, "MPJoinSynRx")).numbers)
    assert sum("╎" in line for line in numbers) >= 3  # as high as the chart
    assert sum("·" in line for line in numbers) == 1
    assert any("since the reset" in line for line in numbers)


def test_a_gauge_says_where_it_stood_before() -> None:
    feed = linux("web1")
    feed.tick(MPCurrEstab=30)
    feed.tick(MPCurrEstab=12)
    feed.engine.mark("deploy", feed.now, WALL + feed.now)
    feed.tick(MPCurrEstab=1)
    seen = subject(feed, "MPCurrEstab")
    assert row(seen, "since the start").split()[3:] == ["+13", "from", "30"]
    assert row(seen, "since deploy").split()[2:] == ["+1", "from", "42"]


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
