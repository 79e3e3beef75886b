"""The chart as lines: what it says, what it leaves open, and that it fits."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from mptcp_top.catalogue.alignment import key_of
from mptcp_top.engine.series import Extent
from mptcp_top.ui.chart_choice import Choice, Picks
from mptcp_top.ui.chart_easel import Easel, Laid, Space
from mptcp_top.ui.chart_traces import TOGETHER
from mptcp_top.ui.chart_window import ALL, Sight, Window, panned, shown_at, ticks, window_of, zoomed
from mptcp_top.ui.frame import Moment
from mptcp_top.ui.glyphs import CURSOR, GAP, LIMIT, RESET, drawable
from tests.feed import WALL, Feed, Feeds, appliance, linux, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.model import Metric

TOKEN, JOINS, OPEN = "MPJoinNoTokenFound", "MPJoinSynRx", "MPCurrEstab"
YOUNG, OLD = Extent(5001.0, 5060.0, WALL + 5060), Extent(1000.0, 5060.0, WALL + 5060)


def metric(feed: Feed, name: str) -> Metric:
    return feed.layout.metrics[feed.layout.index[name]]


def drawing(feed: Feed, *metrics: Metric) -> Choice:
    picks = Picks().offered(feed.target.source, metrics)
    for one in metrics:
        picks = picks.toggled(key_of(feed.target.source, one))
    return Choice(feed.target, picks=picks)


def laid(
    feed: Feed,
    choice: Choice,
    size: tuple[int, int] = (80, 24),
    cursor: float | None = None,
    *,
    ascii_only: bool = False,
) -> Laid:
    now = Moment(feed.now, WALL + feed.now, cursor, None if cursor is None else WALL + cursor)
    return Easel(feed.store, ascii_only=ascii_only).laid(choice, now, Space(*size), "")


def said(found: Laid) -> list[str]:
    return text_of([*found.head, *found.legend])


def plot(found: Laid) -> list[str]:
    """The rows of the plot alone, without its labels."""
    return [line[7:] for line in text_of(found.head)[3:-3]]


def axis(found: Laid) -> str:
    return text_of(found.head)[-3][7:]


def rising(seconds: int = 60, rate: int = 3) -> Feed:
    feed = linux("red")
    for _ in range(seconds):
        feed.tick(**{TOKEN: rate, JOINS: 10})
    return feed


# Which time is shown


def test_a_young_history_begins_at_the_left() -> None:
    window = window_of(Sight(300.0), YOUNG, 70)
    assert window.begin == 5000.0
    assert window.end == 5090.0
    assert window.step_seconds == 2.0


@pytest.mark.parametrize("zoom", [30.0, 300.0, 3600.0])
def test_after_a_start_the_axis_does_not_run_far_into_the_future(zoom: float) -> None:
    for lasts in range(20, 4000, 7):
        extent = Extent(5001.0, 5001.0 + lasts, WALL)
        window = window_of(Sight(zoom), extent, 70)
        assert window.end >= extent.last
        assert window.seconds <= zoom
        assert window.end - extent.last <= 0.4 * window.seconds


def test_a_young_chart_that_holds_still_does_so_while_history_grows() -> None:
    for lasts in range(20, 300):
        young = Extent(5001.0, 5001.0 + lasts, WALL)
        held = shown_at(Sight(300.0), young, 70, 5015.0)
        before = window_of(held, young, 70)
        assert before == window_of(Sight(300.0), young, 70)
        assert before == window_of(held, young._replace(last=9000.0), 70)


def test_zooming_into_a_young_history_shows_less_of_it_at_once() -> None:
    nearer = zoomed(Sight(3600.0), YOUNG, 70, 1, None)
    assert window_of(nearer, YOUNG, 70).seconds == 60.0


def test_a_week_of_a_recording_is_reached_in_steps_and_back_again() -> None:
    week, sight, shown = Extent(0.0, 20 * 86_400.0, WALL), Sight(3600.0), []
    for _ in range(4):
        sight = zoomed(sight, week, 70, -1, None)
        shown.append(window_of(sight, week, 70).seconds / 3600)
    assert shown == [6.0, 24.0, 168.0, 720.0]
    for _ in range(4):
        sight = zoomed(sight, week, 70, 1, None)
        shown.append(window_of(sight, week, 70).seconds / 3600)
    assert shown[4:] == [168.0, 24.0, 6.0, 1.0]


def test_of_two_hours_no_more_is_shown_than_little_beyond_them() -> None:
    hours = Extent(0.0, 2 * 3600.0, WALL)
    assert [window_of(Sight(zoom), hours, 70).seconds / 3600 for zoom in (6 * 3600.0, 7 * 86_400.0)] == [3.0, 3.0]
    assert window_of(zoomed(Sight(7 * 86_400.0), hours, 70, 1, None), hours, 70).seconds == 3600.0


def test_a_live_window_slides_in_jumps_so_that_most_of_it_stays() -> None:
    ends = {window_of(Sight(300.0), OLD._replace(last=4000.0 + second), 70).end for second in range(300)}
    assert len(ends) == 11
    assert all(end % 30 == 0 for end in ends)


def test_a_point_is_a_column_at_least() -> None:
    for zoom in (30.0, 300.0, 3600.0, ALL):
        for columns in (20, 70, 105, 190):
            window = window_of(Sight(zoom), OLD, columns)
            assert window.step_seconds / window.seconds * columns >= 0.999


def test_everything_is_shown_when_everything_is_asked_for() -> None:
    for lasts in (2, 29, 31, 290, 3599, 3700, 90_000, 10**7):
        extent = Extent(77.7, 77.7 + lasts, WALL)
        window = window_of(Sight(ALL), extent, 70)
        assert window.begin <= extent.first
        assert window.end >= extent.last


def test_zooming_holds_the_cursor_where_it_is() -> None:
    sight = Sight(600.0, until=4000.0)
    before = window_of(sight, OLD, 70)
    nearer = zoomed(sight, OLD, 70, 1, 3700.0)
    after = window_of(nearer, OLD, 70)
    assert after.seconds == 300.0
    assert before.place(3700.0, 70) == pytest.approx(after.place(3700.0, 70), abs=1.5)
    assert zoomed(Sight(300.0), OLD, 70, 1, None).until is None  # what is live stays so


def test_panning_ends_at_the_first_poll_and_at_now() -> None:
    sight = Sight(300.0)
    for _ in range(100):
        sight = panned(sight, OLD, 70, -1)
    assert window_of(sight, OLD, 70).begin == pytest.approx(OLD.first, abs=5)
    for _ in range(100):
        sight = panned(sight, OLD, 70, 1)
    assert sight.until is None
    assert panned(Sight(300.0), YOUNG, 70, -1).until is None  # there is nothing earlier


def test_a_moment_is_brought_into_sight_and_what_is_in_sight_holds_still() -> None:
    window = window_of(shown_at(Sight(300.0), OLD, 70, 2000.0), OLD, 70)
    assert window.begin < 2000.0 < window.end
    assert shown_at(Sight(300.0), OLD, 70, 5000.0).until == window_of(Sight(300.0), OLD, 70).end


@pytest.mark.parametrize("seconds", [30.0, 300.0, 3600.0, 86_400.0, 30 * 86_400.0])
def test_clock_times_are_round_and_do_not_touch(seconds: float) -> None:
    found = list(ticks(Window(5000.0, 5000.0 + seconds, seconds / 70), WALL, 70))
    assert 2 <= len(found) <= 9
    assert all(right.place - left.place > len(left.label) + 1 for left, right in pairwise(found))
    walls = [5000.0 + tick.place / 70 * seconds + WALL for tick in found]
    assert all(datetime.fromtimestamp(round(wall), tz=UTC).astimezone().second % 5 == 0 for wall in walls)


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


# When it is drawn


def builds(feed: Feed, choice: Choice, tick: Callable[[int], object]) -> int:
    """How often a chart was drawn in 70 polls, a second apart."""
    easel = Easel(feed.store, ascii_only=False)
    for second in range(70):
        tick(second)
        easel.laid(choice, Moment(feed.now + 0.01, WALL + feed.now), Space(120, 40), "")
    return easel.builds


def test_a_chart_is_drawn_once_a_point_and_not_at_every_poll() -> None:
    feed = rising(400)
    choice = drawing(feed, metric(feed, TOKEN))
    assert 23 <= builds(feed, choice, lambda second: feed.tick(**{TOKEN: second})) <= 27  # 3 s each, and the jumps
    feed = rising(3500)
    choice = drawing(feed, metric(feed, TOKEN))
    assert builds(feed, choice._replace(sight=Sight(3600.0)), lambda _: feed.tick(**{TOKEN: 3})) <= 4


def test_between_two_refreshes_of_an_appliance_nothing_is_drawn_again() -> None:
    feed = appliance("ns1")
    feed.refresh_seconds = 7.0

    def tick(second: int) -> None:
        feed.tick(mptcptotmpcapsyn=70 + second if second % 7 == 6 else 0)

    for second in range(700):
        tick(second)
    choice = drawing(feed, metric(feed, "mptcptotmpcapsyn"))
    assert 10 <= builds(feed, choice, tick) <= 13  # at each refresh, and where the window jumps
    assert len(plot(laid(feed, choice))) > 3


def test_a_target_that_is_down_is_drawn_as_its_hole_grows() -> None:
    feed = rising(400)
    assert 20 <= builds(feed, drawing(feed, metric(feed, TOKEN)), lambda _: feed.fail()) <= 26
