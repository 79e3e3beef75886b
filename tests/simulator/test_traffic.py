"""Traffic: how much of it there was, at times that are parameters."""

from __future__ import annotations

import pytest

from mptcp_top.simulator.scenario import load_scenario
from mptcp_top.simulator.traffic import Day, Factor, Multiplied, Noise, Strength, Term, Traffic

HOURS = (0.3, 0.2, 0.9, 1.0, 0.6, 0.4)


def counted(term: Term, begin: float, end: float, repeat: float | None = None) -> float:
    return Traffic({"n": (term,)}, repeat).events("n", begin, end)


@pytest.mark.parametrize(
    ("strength", "begin", "end", "events"),
    [
        (Strength(30, 90), 0, 1000, 750.0),
        (Strength(30, 90), 0, 31.5, 18.75),
        (Strength(30, 90), 60, 61, 12.5),
        (Strength(30, 90, rise=20), 0, 50, 125.0),
        (Strength(30, 90, rise=20, fall=40), 0, 100, 375.0),
        (Strength(0, 10, rise=20, fall=20), 0, 100, 15.625),
        (Strength(60, every=45, lasting=12), 0, 60 + 3 * 45 + 6, 12.5 * 42),
        (Strength(30), -7, 0, 0.0),
    ],
)
def test_an_incident_adds_exactly_what_it_says(strength: Strength, begin: float, end: float, events: float) -> None:
    assert counted(Term(12.5, (strength,)), begin, end) == pytest.approx(events, abs=1e-5)


def test_the_course_of_a_day_with_noise_and_an_incident_adds_up_to_the_area_under_it() -> None:
    incident = Multiplied(Strength(3000, 5000, rise=500), 7.0)
    factors: tuple[Factor, ...] = (Day(HOURS, 2.5), Noise(3, 0.2), Noise(4, 0.1), incident)
    traffic = Traffic({"n": (Term(40.0, factors),)})
    step = 0.05
    area = sum(traffic.level("n", (number + 0.5) * step) * step for number in range(round(7000 / step)))
    assert traffic.events("n", 0, 7000) == pytest.approx(area, rel=1e-7)


def test_the_same_moment_gives_the_same_total_whatever_was_asked_before() -> None:
    scenario = load_scenario("token-mismatch")
    asked_once, asked_often = (scenario.traffic_of(scenario.appliances[0]) for _ in range(2))
    for moment in (900.0, 3.0, 77.7, 412.0, 3.0, 899.9):
        asked_often.events("mptcperrunknowntoken", 0, moment)
    assert asked_once.events("mptcperrunknowntoken", 0, 612.5) == asked_often.events("mptcperrunknowntoken", 0, 612.5)


def test_a_whole_rate_loses_no_event_in_a_year() -> None:
    assert counted(Term(14.0), 0, 31_536_000) == 14 * 31_536_000


def test_before_the_start_traffic_was_as_at_the_start() -> None:
    assert counted(Term(10.0, (Day(HOURS),)), -7, 0) == pytest.approx(21.0)


def test_a_scenario_that_repeats_counts_the_same_in_every_round() -> None:
    term = Term(5.0, (Noise(1, 0.3), Strength(20, 40)))
    rounds = [counted(term, begin, begin + 60, repeat=60) for begin in (0, 60, 6000)]
    assert rounds[0] == rounds[1] == rounds[2] > 0
    assert counted(term, 0, 6030, repeat=60) == 100 * rounds[0] + counted(term, 0, 30, repeat=60)


def test_a_day_is_low_at_night_rises_dips_at_lunch_and_peaks_in_the_evening() -> None:
    scenario = load_scenario("day")
    traffic = scenario.traffic_of(scenario.appliances[0])
    night, morning, lunch, evening = (
        traffic.events("mptcptotmpcapsyn", begin, begin + 3600)
        for begin in ((hour - 7) % 24 * 3600.0 for hour in (3, 10, 13, 20))
    )
    assert night < lunch < morning < evening
    assert evening > 4 * night


def test_noise_is_small_and_always_the_same() -> None:
    heights = [Noise(9, 0.1).at(moment / 3) for moment in range(3000)]
    assert heights == [Noise(9, 0.1).at(moment / 3) for moment in range(3000)]
    assert 0.9 <= min(heights) < 0.92
    assert 1.08 < max(heights) <= 1.1
