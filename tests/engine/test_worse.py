"""Which step of a handshake got worse, since when, and what it was: found in time, and never where it was chance."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.fallbacks import more_fallbacks
from mptcp_top.engine.funnels import Worse, worse_steps
from mptcp_top.engine.turning import Point, turn_for_the_worse
from mptcp_top.simulator.appliance import Appliance
from mptcp_top.simulator.scenario import load_scenario
from tests.feed import WALL, Feed, appliance, linux

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mptcp_top.engine.store import Store

BEGIN = 5000.0


def crowd(dice: random.Random, many: int, share: float) -> int:
    return sum(dice.random() < share for _ in range(many))


def joined(
    share: Callable[[int], float], seconds: int, pace: float = 40.0, seed: int = 1, feed: Feed | None = None
) -> Iterator[tuple[int, Feed]]:
    """Join so often a second, lose such a share of them by chance, and yield after each poll."""
    box, dice, begun = feed or linux("a"), random.Random(seed), 0.0
    for second in range(seconds):
        begun += pace
        many, begun = int(begun), begun % 1.0
        lost = crowd(dice, many, share(second))
        box.tick(MPJoinSynRx=many, MPJoinAckRx=many - lost)
        yield second, box


def after(share: Callable[[int], float], seconds: int, pace: float = 40.0, seed: int = 1) -> Worse | None:
    *_, (_, feed) = joined(share, seconds, pace, seed)
    return worsened(feed.store)


def worsened(store: Store, cursor: float | None = None) -> Worse | None:
    """The step that got worse the most."""
    return max(worse_steps(store, "a", cursor), key=lambda worse: worse.by, default=None)


def since(worse: Worse | None) -> float:
    """The second after which it got worse."""
    assert worse is not None
    return worse.since - WALL - BEGIN


def test_a_loss_that_jumps_is_named_within_two_polls_with_what_it_was_and_until_when() -> None:
    *earlier, found = [worsened(feed.store) for _, feed in joined(lambda at: 0.6 if at >= 300 else 0.03, 302)]
    assert not any(earlier[:300])
    assert found is not None
    assert (found.handshake, found.concept, found.step) == ("joins in", "join_ack_rx", "final ACK received")
    assert 0.02 < found.before < 0.04
    assert found.share > 0.4
    assert since(found) == pytest.approx(300, abs=2)


def test_it_stays_marked_with_the_same_moment_as_long_as_it_lasts() -> None:
    moments = set()
    for second, feed in joined(lambda second: 0.6 if second >= 600 else 0.03, 1800):
        if second >= 660 and second % 97 == 0:
            moments.add(since(worsened(feed.store)))
    assert moments <= {599.0, 600.0, 601.0}


def test_what_has_passed_for_a_minute_is_not_marked_any_more() -> None:
    assert after(lambda second: 0.6 if 300 <= second < 500 else 0.03, 565) is None


def test_an_earlier_trouble_is_no_part_of_this_one() -> None:
    assert since(after(lambda second: 0.5 if 300 <= second < 600 or second >= 1500 else 0.03, 1700)) == pytest.approx(
        1500, abs=2
    )


def test_where_it_got_worse_in_steps_the_first_step_counts() -> None:
    found = after(lambda second: 0.03 if second < 600 else 0.2 if second < 1200 else 0.6, 1500)
    assert since(found) == pytest.approx(600, abs=5)
    assert found is not None
    assert (round(found.before, 2), round(found.share, 1)) == (0.03, 0.6)


def test_a_slow_ramp_is_found_near_its_foot() -> None:
    found = after(lambda second: 0.03 + 0.57 * min(1.0, max(0.0, (second - 900) / 600)), 1400)
    assert 900 <= since(found) <= 1020
    assert found is not None
    assert found.before < 0.06


@pytest.mark.parametrize(("pace", "share"), [(0.5, 0.1), (5.0, 0.3), (40.0, 0.03), (2.0, 0.9)])
def test_chance_is_never_taken_for_a_turn(pace: float, share: float) -> None:
    for seed in range(2):
        assert all(worsened(feed.store) is None for _, feed in joined(lambda _: share, 1200, pace, seed))


def test_a_difference_that_nobody_cares_about_is_none() -> None:
    assert after(lambda second: 0.03 if second < 600 else 0.045, 900, pace=400.0) is None


def test_a_busier_time_has_more_under_way_and_loses_no_more() -> None:
    feed, before = linux("a"), 0
    for second in range(400):
        pace = 40 if second < 300 else 400
        feed.tick(MPJoinSynRx=pace, MPJoinAckRx=before)  # each takes a second
        before = pace
        assert worsened(feed.store) is None


def test_nothing_began_is_not_known_and_no_turn() -> None:
    assert after(lambda _: 0.0, 300, pace=0.0) is None
    feed = linux("a")
    assert worsened(feed.store) is None
    feed.tick(MPJoinSynRx=5)
    assert worsened(feed.store) is None


def test_on_a_slow_box_a_few_losses_in_a_row_are_needed() -> None:
    every_20_seconds = 0.05
    polls = joined(lambda second: 1.0 if second >= 1800 else 0.0, 2000, every_20_seconds)
    first = next(second for second, feed in polls if worsened(feed.store) is not None)
    assert 1880 <= first <= 1940


def test_a_reset_in_between_is_no_loss_and_hides_none() -> None:
    calm = lambda _: 0.03  # noqa: E731  # a course, as in the calls around
    *_, (_, feed) = joined(calm, 300)
    feed.values = {}
    feed.identity = feed.identity._replace(boot="another boot")
    for _, box in joined(calm, 100, feed=feed):
        assert worsened(box.store) is None
    *_, (_, feed) = joined(lambda _: 0.5, 10, feed=feed)
    assert since(worsened(feed.store)) == pytest.approx(400, abs=2)


def test_missed_polls_are_no_loss_and_hide_none() -> None:
    *_, (_, feed) = joined(lambda _: 0.03, 300)
    for _ in range(20):
        feed.fail()
        assert worsened(feed.store) is None
    *_, (_, feed) = joined(lambda _: 0.5, 5, feed=feed)
    assert since(worsened(feed.store)) == pytest.approx(320, abs=21)


def test_the_time_cursor_sees_what_could_be_seen_then() -> None:
    *_, (_, feed) = joined(lambda second: 0.5 if second >= 300 else 0.03, 400)
    assert worsened(feed.store, BEGIN + 290) is None
    assert since(worsened(feed.store, BEGIN + 330)) == pytest.approx(300, abs=2)


def test_since_a_mark_the_time_after_it_is_held_against_the_time_before() -> None:
    *_, (_, feed) = joined(lambda second: 0.5 if second >= 300 else 0.03, 400)
    (found,) = worse_steps(feed.store, "a", since=BEGIN + 300)
    assert (round(found.before, 2), since(found)) == (0.03, 300.0)
    assert worse_steps(feed.store, "a", since=BEGIN + 350) == ()  # it was as bad before that
    assert worse_steps(feed.store, "a", since=BEGIN - 1) == ()


def test_the_cause_is_the_counter_that_explains_most_or_what_is_left_over() -> None:
    feed = linux("a")
    for second in range(200):
        bad = second >= 150
        feed.tick(MPJoinSynRx=40, MPJoinAckRx=15 if bad else 40, MPJoinNoTokenFound=20 if bad else 0)
    found = worsened(feed.store)
    assert found is not None
    assert (found.cause, found.metric and found.metric.name) == ("unknown token", "MPJoinNoTokenFound")
    *_, (_, other) = joined(lambda second: 0.5 if second >= 150 else 0.0, 200)
    found = worsened(other.store)
    assert found is not None
    assert (found.cause, found.metric) == ("lost, stripped or flood", None)


def simulated(name: str, until: int) -> tuple[dict[str, Worse], int]:
    """Play a scenario of the simulator at a poll a second; return what got worse by then, and when the first was."""
    scenario = load_scenario(name)
    box, feed, first = Appliance.of(scenario, scenario.appliances[0], []), appliance("ns1"), 0
    feed.refresh_seconds = 7.0
    found: tuple[Worse, ...] = ()
    for second in range(until):
        feed.values = {metric.name: box.truth(metric.name, float(second)) for metric in feed.layout.metrics}
        feed.tick()
        found = worse_steps(feed.store, "ns1")
        first = first or (second if found else 0)
    return {worse.concept: worse for worse in found}, first


@pytest.mark.parametrize(
    ("name", "step", "cause", "by"),
    [
        ("token-mismatch", "join_synack_tx", "unknown token", 44),
        ("syn-flood", "capable_ack_rx", "lost, flood or filtered", 44),
        ("checksum-middlebox", "join_synack_tx", "join after fallback", 90),
        ("memory-pressure", "join_synack_tx", "perhaps subflow PCB, no memory", 150),
    ],
)
def test_each_incident_of_the_simulator_is_named_by_the_step_it_hits(name: str, step: str, cause: str, by: int) -> None:
    found, first = simulated(name, 200)
    assert list(found) == [step]
    assert found[step].cause == cause
    assert 30 <= first <= by  # the first two begin at once: two refreshes; the others grow slowly


def test_a_middlebox_that_changes_payload_shows_as_a_larger_share_of_fallbacks() -> None:
    scenario = load_scenario("checksum-middlebox")
    box, feed = Appliance.of(scenario, scenario.appliances[0], []), appliance("ns1")
    feed.refresh_seconds = 7.0
    found = []
    for second in range(150):
        feed.values = {metric.name: box.truth(metric.name, float(second)) for metric in feed.layout.metrics}
        feed.tick()
        found.append(more_fallbacks(feed.store, "ns1"))
    assert not any(found[:30])
    last = found[-1]
    assert last is not None
    assert (last.title, last.cause) == ("fallback to plain TCP", "infinite map, now TCP")
    assert last.before < 0.005
    assert 0.06 < last.share < 0.09
    assert 30 <= since(last) <= 60


def test_plain_fallbacks_by_chance_are_no_turn() -> None:
    dice, feed = random.Random(3), linux("a")
    for _ in range(900):
        feed.tick(MPCapableSYNRX=20, MPCapableFallbackACK=crowd(dice, 20, 0.1))
        assert more_fallbacks(feed.store, "a") is None


@pytest.mark.parametrize("name", ["day", "reboot", "cleared", "failover"])
def test_ordinary_traffic_reboots_and_cleared_counters_are_no_turn(name: str) -> None:
    assert simulated(name, 400) == ({}, 0)


def test_too_few_points_say_nothing() -> None:
    assert turn_for_the_worse([]) is None
    assert turn_for_the_worse([Point(0.0, 0, 0), Point(1.0, 100, 100)]) is None
