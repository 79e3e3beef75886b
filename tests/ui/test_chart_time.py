"""The chart in time: what of it is shown, and when it is drawn again."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.series import Extent
from mptcp_top.ui.chart_easel import Easel, Space
from mptcp_top.ui.chart_window import ALL, Sight, Window, panned, shown_at, ticks, window_of, zoomed
from mptcp_top.ui.frame import Moment
from tests.feed import WALL, Feed, appliance
from tests.ui.charts import OLD, TOKEN, YOUNG, drawing, laid, metric, plot, rising

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.ui.chart_choice import Choice


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
