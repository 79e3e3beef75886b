"""The chart as lines: what it says, what it leaves open, and that it fits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mptcp_top.ui.chart_traces import TOGETHER
from mptcp_top.ui.chart_window import Sight
from mptcp_top.ui.glyphs import CURSOR, GAP, LIMIT, RESET, drawable
from tests.feed import WALL, Feeds, appliance, linux, text_of
from tests.ui.charts import JOINS, OPEN, TOKEN, axis, drawing, laid, metric, plot, rising, said

# What is drawn


def test_a_counter_is_drawn_and_named_with_its_unit() -> None:
    feed = rising()
    lines = said(laid(feed, drawing(feed, metric(feed, TOKEN))))
    assert lines[0].startswith(" chart  red")
    assert "everything" in lines[0]
    assert "rises since" in lines[1]
    assert lines[2].strip() == f"{metric(feed, TOKEN).unit}/s"
    assert lines[-1].split()[:2] == ["A", "▲"]
    assert "3.00 " in lines[-1]
    assert "+177" in lines[-1]


def test_a_rate_that_holds_is_a_line_at_its_height_from_zero_up() -> None:
    feed = rising()
    found = laid(feed, drawing(feed, metric(feed, TOKEN)))
    rows = [row for row in plot(found) if row.strip()]
    assert len(rows) == 1
    labels = [line.pieces[0].text for line in found.head[3:-3]]
    assert [labels[0].strip(), labels[-1].strip()] == ["3.00", "0"]
    assert {len(label) for label in labels} == {7}


def test_a_gap_is_a_hole_with_its_sign_on_the_axis_and_no_zero() -> None:
    feed = rising()
    for _ in range(40):
        feed.fail()
    for _ in range(60):
        feed.tick(**{TOKEN: 3})
    found = laid(feed, drawing(feed, metric(feed, TOKEN)))
    gaps = [column for column, sign in enumerate(axis(found)) if sign == GAP]
    assert len(gaps) >= 8
    assert gaps == list(range(gaps[0], gaps[-1] + 1))
    assert all(row[gaps[0] : gaps[-1] + 1].strip() == "" for row in plot(found))
    (row,) = (row for row in plot(found) if row.strip())
    assert row[gaps[0] - 1].strip()
    assert row[gaps[-1] + 1].strip()


def test_a_reset_breaks_the_line_and_stands_on_the_axis() -> None:
    feed = rising()
    feed.values[TOKEN] = 0
    feed.identity = feed.identity._replace(boot="another")
    for _ in range(30):
        feed.tick(**{TOKEN: 3})
    found = laid(feed, drawing(feed, metric(feed, TOKEN)), (120, 40))
    assert axis(found).count(RESET) == 1
    assert GAP not in axis(found)
    column = axis(found).index(RESET)
    (row,) = (row for row in plot(found) if row.strip())  # and no zero, no cliff
    assert row[column - 1].strip()
    assert not row[column].strip()
    assert row[column + 1].strip()
    read = laid(feed, drawing(feed, metric(feed, TOKEN)), (120, 40), cursor=5062.0)
    assert "reset at" in said(read)[-1]


def test_a_counter_that_never_moved_says_so() -> None:
    feed = rising()
    assert "has not moved in this time" in said(laid(feed, drawing(feed, metric(feed, "MPFailRx")), (120, 40)))[-1]


def test_a_counter_of_which_nothing_is_known_is_not_drawn_at_zero() -> None:
    feed = rising()
    feed.values["MPFailRx"] = None
    for _ in range(200):
        feed.tick()
    choice = drawing(feed, metric(feed, "MPFailRx"))._replace(sight=Sight(60.0))
    found = laid(feed, choice, (120, 40))
    assert not any(row.strip() for row in plot(found))
    assert "not known in this time" in said(found)[-1]


def test_traces_can_be_told_apart_without_colour() -> None:
    feed = rising()
    choice = drawing(feed, metric(feed, TOKEN), metric(feed, JOINS))
    letters = {char for row in plot(laid(feed, choice)) for char in row if char.isalpha()}
    assert letters == {"A", "B"}
    one = plot(laid(feed, drawing(feed, metric(feed, TOKEN))))
    assert not any(char.isascii() and char.isalpha() for row in one for char in row)


def test_ascii_draws_with_letters_and_seven_bits() -> None:
    feed = rising()
    feed.fail()
    choice = drawing(feed, metric(feed, TOKEN), metric(feed, JOINS))._replace(threshold=5.0)
    lines = [drawable(line, ascii_only=True) for line in said(laid(feed, choice, cursor=5030.0, ascii_only=True))]
    assert all(line.isascii() for line in lines)
    assert not any("?" in line for line in lines)
    assert any("AAAA" in line for line in lines)
    assert any("BBBB" in line for line in lines)


def test_rates_and_levels_have_an_edge_each() -> None:
    feed = rising()
    feed.tick(**{OPEN: 17})
    for _ in range(30):
        feed.tick()
    found = laid(feed, drawing(feed, metric(feed, TOKEN), metric(feed, OPEN)))
    top = text_of(found.head)[3].split()
    assert [top[0], top[-1]] == ["3.00", "20"]
    assert f"17 {metric(feed, OPEN).unit}" in said(found)[-1]
    assert said(found)[2].split() == [f"{metric(feed, TOKEN).unit}/s", metric(feed, OPEN).unit]


def test_each_by_its_own_peak_fills_the_height() -> None:
    feed = rising()
    choice = drawing(feed, metric(feed, TOKEN), metric(feed, JOINS))._replace(share=True)
    found = laid(feed, choice)
    assert text_of(found.head)[3].strip().startswith("100 %")
    assert plot(found)[0].strip()
    assert len([row for row in plot(found) if row.strip()]) == 1


def test_the_threshold_says_for_how_long_it_was_exceeded() -> None:
    feed = rising(seconds=60, rate=1)
    for _ in range(60):
        feed.tick(**{TOKEN: 5})
    choice = drawing(feed, metric(feed, TOKEN))._replace(threshold=3.0)
    found = laid(feed, choice, (120, 40))
    assert any(row.count(LIMIT) > 50 for row in plot(found))
    assert "threshold 3.00 /s" in said(found)[2]
    assert said(found)[-1].endswith(" 1 min")
    below = laid(feed, choice._replace(threshold=50.0), (120, 40))
    assert not said(below)[-1].endswith(" min")
    assert any(row.count(LIMIT) > 50 for row in plot(below))  # the chart reaches up to it


def test_the_cursor_reads_every_trace_at_its_moment() -> None:
    feed = rising(seconds=60, rate=1)
    for _ in range(60):
        feed.tick(**{TOKEN: 5})
    choice = drawing(feed, metric(feed, TOKEN))
    early, late = laid(feed, choice, (120, 40), cursor=5030.0), laid(feed, choice, (120, 40), cursor=5090.0)
    assert "1.00 " in said(early)[-1]
    assert "5.00 " in said(late)[-1]
    columns = {row.index(CURSOR) for row in plot(early) if CURSOR in row}
    assert len(columns) == 1
    clock = datetime.fromtimestamp(WALL + 5030, tz=UTC).astimezone().strftime("%H:%M:%S")
    assert clock in text_of(early.head)[-2]
    assert f"at {clock}" in text_of(early.head)[-1]


def test_the_cursor_in_a_hole_reads_what_is_known_of_it() -> None:
    feed = rising()
    for _ in range(40):
        feed.fail()
    for _ in range(60):
        feed.tick(**{TOKEN: 3})
    last = said(laid(feed, drawing(feed, metric(feed, TOKEN)), (120, 40), cursor=5080.0))[-1]
    assert "not read" in last
    assert "meanwhile" in last


def test_all_errors_together_are_one_trace() -> None:
    feed = rising()
    for _ in range(60):
        feed.tick(MPFailRx=2, MPJoinNoTokenFound=3)
    found = laid(feed, drawing(feed, TOGETHER)._replace(sight=Sight(30.0)))
    assert "5.00 " in said(found)[-1]
    assert "of them rise" in said(found)[1]


def test_a_threshold_of_rates_says_nothing_of_levels() -> None:
    feed = rising()
    for _ in range(60):
        feed.tick(**{TOKEN: 3, OPEN: 1})
    choice = drawing(feed, metric(feed, OPEN), metric(feed, TOKEN))._replace(threshold=2.0)
    levels, rates = said(laid(feed, choice, (120, 40)))[-2:]
    assert not levels.endswith(("s", "min"))
    assert rates.endswith(("s", "min"))
    alone = said(laid(feed, drawing(feed, metric(feed, OPEN))._replace(threshold=2.0), (120, 40)))[-1]
    assert alone.endswith(("s", "min"))


def test_a_point_is_said_to_be_as_long_as_what_it_stands_for() -> None:
    feed = rising(400)
    assert "a point is 3 s" in said(laid(feed, drawing(feed, metric(feed, TOKEN)), (120, 40)))[0]
    box = appliance("ns1")
    box.refresh_seconds = 7.0
    for _ in range(60):
        box.tick()
    assert "a point is 7 s" in said(laid(box, drawing(box, TOGETHER), (120, 40)))[0]


# Two targets


def test_two_targets_with_different_sources_are_aligned_by_what_is_counted() -> None:
    feeds = Feeds(linux("red"), appliance("ns1"))
    names = {one.name: one for one in feeds["red"].layout.metrics if one.concept}
    shared = next(one for one in names.values() if one.concept in feeds["ns1"].layout.concepts and one.grows)
    other = feeds["ns1"].layout.metrics[feeds["ns1"].layout.concepts[shared.concept]]
    for _ in range(60):
        feeds["red"].tick(**{shared.name: 4})
        feeds["ns1"].tick(**{other.name: 9})
    choice = drawing(feeds["red"], shared)._replace(second=feeds["ns1"].target)
    lines = said(laid(feeds["red"], choice, (120, 40)))
    assert lines[0].startswith(" chart  red and ns1")
    assert [line.split()[0] for line in lines[-2:]] == ["A", "a"]
    assert "4.00 " in lines[-2]
    assert "9.00 " in lines[-1]


def test_what_the_second_target_does_not_count_is_said_and_not_drawn() -> None:
    feeds = Feeds(linux("red"), appliance("ns1"))
    linux_concepts = feeds["red"].layout.concepts
    alone = next(one for one in feeds["ns1"].layout.metrics if one.concept not in linux_concepts and one.grows)
    for _ in range(30):
        feeds.tick()
    choice = drawing(feeds["ns1"], alone)._replace(second=feeds["red"].target)
    last = said(laid(feeds["ns1"], choice, (120, 40)))[-1]
    assert last.split()[:2] == ["a", "red"]
    assert "no such counter there" in last


def test_the_same_wishes_hold_for_another_target() -> None:
    feeds = Feeds(linux("red"), appliance("ns1"))
    feeds.tick()
    shared = next(one for one in feeds["red"].layout.metrics if one.concept in feeds["ns1"].layout.concepts)
    choice = drawing(feeds["red"], shared, TOGETHER).turned_to(feeds["ns1"].target, feeds.store.at("ns1"))
    assert [one.metric.concept for one in choice.picks.all] == [shared.concept, TOGETHER.concept]
    assert choice.picks.all[0].metric.name in feeds["ns1"].layout.index


# It fits


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (120, 40), (200, 50)])
@pytest.mark.parametrize("cursor", [None, 5030.0])
def test_it_fits_every_screen(size: tuple[int, int], cursor: float | None) -> None:
    feeds = Feeds(linux("red"), linux("blue"))
    for _ in range(60):
        feeds["red"].tick(**{TOKEN: 3, JOINS: 40, OPEN: 1})
        feeds["blue"].tick(**{TOKEN: 1})
    feed = feeds["red"]
    choice = drawing(feed, metric(feed, TOKEN), metric(feed, JOINS), metric(feed, OPEN), TOGETHER)
    for wish in (choice, choice._replace(second=feeds["blue"].target, threshold=5.0), choice._replace(share=True)):
        found = laid(feed, wish, size, cursor)
        head, legend = text_of(found.head), text_of(found.legend)
        assert max(len(line) for line in (*head, *legend)) <= size[0]
        past = 0 if cursor is None else 1
        assert len(head) + past + 1 < size[1]  # with the footer, and room for the legend


def test_a_legend_with_more_rows_than_room_says_how_many_there_are() -> None:
    feeds = Feeds(linux("red"), linux("blue"))
    for _ in range(60):
        feeds.tick()
    choice = drawing(feeds["red"], metric(feeds["red"], TOKEN), metric(feeds["red"], JOINS), TOGETHER)
    assert "rows" not in text_of(laid(feeds["red"], choice).head)[-1]
    assert "6 rows ↓" in text_of(laid(feeds["red"], choice._replace(second=feeds["blue"].target)).head)[-1]


def test_a_target_that_never_answered_has_an_empty_chart() -> None:
    feed = linux("red")
    for _ in range(30):
        feed.fail()
    found = laid(feed, drawing(feed, TOGETHER))
    assert not any(row.strip() for row in plot(found))
    assert GAP in axis(found)
    assert "not read" in said(found)[0]
