"""The page of one counter as lines: what it says, in which order, and that it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.trend import Break
from mptcp_top.model import Identity
from mptcp_top.ui.explain_chart import bars
from mptcp_top.ui.explain_head import head_lines
from mptcp_top.ui.explain_numbers import earlier
from mptcp_top.ui.sparkline import sparkline
from tests.feed import WALL, appliance, linux, text_of
from tests.ui.explained import page, row, said, subject, troubled

if TYPE_CHECKING:
    from mptcp_top.engine.trend import Cell


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
