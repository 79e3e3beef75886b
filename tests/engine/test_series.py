from __future__ import annotations

import pytest

from mptcp_top.engine.history import GOOD, RESET, History, Stamp
from mptcp_top.engine.series import Between, Stretch, extent, freshness, series
from mptcp_top.engine.trend import Break
from mptcp_top.model import Group, Kind, Layout, Metric
from tests.feed import WALL, appliance, linux

JOINS = Metric("joins", "joins", Group.MP_JOIN)
ERRORS = Metric("errors", "errors", Group.ERRORS)
OPEN = Metric("open", "open", Group.SESSIONS, Kind.GAUGE)
LAYOUT = Layout((JOINS, ERRORS, OPEN))


def written(*rows: tuple[float, int | None] | tuple[float, int | None, int]) -> History:
    """A history of one counter: when, its value (None: a missed poll), and what kind of row if no good one."""
    history = History()
    for at, value, *state in rows:
        if value is None and not state:
            history.add_gap(at, WALL + at)
        else:
            kind = state[0] if state else GOOD
            history.add(LAYOUT, (value, 2 * (value or 0), value), kind, Stamp(at, WALL + at, at))
    return history


def one(history: History, over: Between, metric: Metric = JOINS) -> list[Stretch]:
    return series(history, [(metric,)], over, None)[0]


def test_the_rates_of_all_stretches_add_up_to_what_was_counted() -> None:
    values = [0, 7, 7, 30, 31, 90, 90, 90, 400, 401, 1000]
    history = written(*((float(at), value) for at, value in enumerate(values)))
    for step in (0.5, 1.0, 2.0, 3.0, 5.0):
        stretches = one(history, Between(0.0, 10.0, step))
        counted = [stretch.exact for stretch in stretches if stretch.exact is not None]
        reached = max(at for at in Between(0.0, 10.0, step).edges())
        assert sum(counted) == values[int(reached)]
        assert all(
            stretch.cell == pytest.approx((stretch.exact or 0) / (stretch.end - stretch.begin)) for stretch in stretches
        )


def test_stretches_stay_what_they_are_while_time_goes_on() -> None:
    history = written(*((at * 1.0, at * at) for at in range(60)))
    early, late = one(history, Between(10.0, 30.0, 5.0)), one(history, Between(10.0, 59.0, 5.0))
    assert late[: len(early)] == early
    assert [stretch.end for stretch in early] == [15.0, 20.0, 25.0, 30.0]


def test_a_poll_a_minute_is_one_stretch_a_minute_however_fine_the_chart() -> None:
    history = written((0.0, 0), (60.0, 60), (120.0, 300))
    assert one(history, Between(0.0, 180.0, 2.0)) == [Stretch(0.0, 60.0, 1.0, 60), Stretch(60.0, 120.0, 4.0, 240)]


def test_a_change_of_pace_changes_no_rate() -> None:
    times = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 10.0, 20.0, 20.5]
    history = written(*((at, round(at * 10)) for at in times))
    stretches = one(history, Between(0.0, 21.0, 0.5))
    assert [stretch.cell for stretch in stretches] == pytest.approx([10.0] * 4)
    assert [stretch.end for stretch in stretches] == [0.5, 10.0, 20.0, 20.5]


def test_what_was_not_read_is_a_hole_and_not_a_zero() -> None:
    history = written((0.0, 0), (1.0, 5), (2.0, None), (3.0, None), (4.0, 45), (5.0, 50))
    assert one(history, Between(0.0, 5.0, 1.0)) == [
        Stretch(0.0, 1.0, 5.0, 5),
        Stretch(1.0, 4.0, Break.GAP, 40),  # what it had come to meanwhile is known, when is not
        Stretch(4.0, 5.0, 5.0, 5),
    ]


def test_a_missed_poll_among_good_ones_makes_no_hole_where_a_stretch_has_both() -> None:
    history = written((0.0, 0), (1.0, 5), (2.0, None), (3.0, 30), (4.0, 40), (5.0, 50))
    assert one(history, Between(0.0, 5.0, 5.0)) == [Stretch(0.0, 5.0, 10.0, 50)]


def test_a_hole_that_goes_on_is_drawn_as_far_as_it_is_known() -> None:
    history = written((0.0, 0), (1.0, 5), (2.0, None), (3.0, None))
    assert one(history, Between(0.0, 9.0, 1.0))[-1] == Stretch(1.0, 3.0, Break.GAP)


def test_a_target_that_never_answered_has_nothing_but_a_hole() -> None:
    history = written((1.0, None), (2.0, None))
    assert one(history, Between(0.0, 5.0, 1.0)) == [Stretch(1.0, 2.0, Break.GAP)]
    assert one(History(), Between(0.0, 5.0, 1.0)) == []


def test_a_reset_is_a_break_and_what_was_counted_before_and_after_it_is_kept() -> None:
    history = written((0.0, 100), (1.0, 110), (2.0, 120), (3.0, 2, RESET), (4.0, 4), (5.0, 6), (6.0, 8))
    assert one(history, Between(0.0, 6.0, 3.0)) == [
        Stretch(0.0, 2.0, 10.0, 20),
        Stretch(2.0, 3.0, Break.RESET),
        Stretch(3.0, 6.0, 2.0, 6),
    ]


def test_a_reset_while_nobody_answered_is_a_hole_and_a_reset() -> None:
    history = written((0.0, 100), (1.0, 101), (2.0, None), (3.0, 5, RESET), (4.0, 6))
    assert one(history, Between(0.0, 4.0, 1.0)) == [
        Stretch(0.0, 1.0, 1.0, 1),
        Stretch(1.0, 3.0, Break.GAP),
        Stretch(3.0, 3.0, Break.RESET),
        Stretch(3.0, 4.0, 1.0, 1),
    ]


def test_whole_numbers_are_exact_beyond_what_a_float_can_hold() -> None:
    big = 2**60
    history = written((0.0, big), (10.0, big + 3), (20.0, 2 * big + 4))
    assert [stretch.exact for stretch in one(history, Between(0.0, 20.0, 10.0))] == [3, big + 1]
    assert one(history, Between(0.0, 20.0, 10.0), OPEN)[1].exact == 2 * big + 4


def test_a_gauge_is_its_level_and_what_is_not_known_is_no_level() -> None:
    history = written((0.0, 3), (1.0, 7), (2.0, None, GOOD), (3.0, 5))
    assert [stretch.cell for stretch in one(history, Between(0.0, 3.0, 1.0), OPEN)] == [7.0, Break.NOTHING, 5.0]


def test_several_counters_are_one_and_the_unknown_ones_count_for_nothing() -> None:
    history = written((0.0, 0), (1.0, 5))
    unheard_of = Metric("unheard of", "", Group.ERRORS)
    together, unknown = series(history, [(JOINS, ERRORS, unheard_of), (unheard_of,)], Between(0.0, 1.0, 1.0), None)
    assert together == [Stretch(0.0, 1.0, 15.0, 15)]
    assert unknown == [Stretch(0.0, 1.0, Break.NOTHING)]


def test_of_what_may_be_either_of_two_counters_nothing_is_derived() -> None:
    history = written((0.0, 0), (1.0, 5))
    assert one(history, Between(0.0, 1.0, 1.0), JOINS._replace(ambiguous=True)) == [Stretch(0.0, 1.0, Break.NOTHING)]


def test_an_appliance_that_refreshes_every_seven_seconds_has_no_saw_tooth() -> None:
    feed = appliance("ns1")
    feed.refresh_seconds = 7.0
    for second in range(120):
        feed.tick(mptcptotmpcapsyn=70 if second % 7 == 6 else 0)
    metric = feed.layout.metrics[feed.layout.index["mptcptotmpcapsyn"]]
    for step in (1.0, 2.0, 5.0, 15.0):
        (stretches,) = feed.store.series("ns1", [(metric,)], Between(5040.0, 5120.0, step))
        assert {stretch.cell for stretch in stretches} == {10.0}


def test_freshness_changes_with_each_refresh_and_each_missed_poll_and_with_nothing_else() -> None:
    feed = appliance("ns1")
    feed.refresh_seconds = 7.0
    seen = []
    for second in range(70):
        feed.tick(mptcptotmpcapsyn=70 if second % 7 == 6 else 0)
        seen.append(feed.store.freshness("ns1", feed.now))
    assert len(set(seen[27:69])) == 6
    feed.fail()
    feed.fail()
    assert len({seen[-1], feed.store.freshness("ns1", feed.now), feed.store.freshness("ns1", feed.now - 1)}) == 3


def test_what_was_known_up_to_a_moment_stays_known_when_the_ring_is_full() -> None:
    history = History(rows=10)
    for at in range(25):
        history.add(LAYOUT, (at * 3, 0, 0), GOOD, Stamp(float(at), WALL + at, float(at)))
    assert extent(history) == (15.0, 24.0, WALL + 24)
    assert [stretch.cell for stretch in one(history, Between(0.0, 24.0, 3.0))] == [3.0] * 3
    assert freshness(history, 3.0) == (0.0, 0.0)


def test_an_hour_of_missed_polls_is_one_hole() -> None:
    history = written((0.0, 0), *((float(at), None) for at in range(1, 3500)), (3500.0, 1), (3501.0, 3))
    assert one(history, Between(0.0, 3510.0, 30.0)) == [
        Stretch(0.0, 3500.0, Break.GAP, 1),
        Stretch(3500.0, 3501.0, 2.0, 2),
    ]


def test_a_store_answers_for_a_kernel_polled_once_a_second() -> None:
    feed = linux("red")
    for _ in range(30):
        feed.tick(MPJoinNoTokenFound=3)
    metric = feed.layout.metrics[feed.layout.index["MPJoinNoTokenFound"]]
    (stretches,) = feed.store.series("red", [(metric,)], Between(5000.0, 5030.0, 10.0))
    assert [stretch.cell for stretch in stretches] == [3.0, 3.0, 3.0]
    assert feed.store.extent("red") == (5001.0, 5030.0, WALL + 5030)
