"""The engine's rules, written as scenario files: what was read, and what it must mean."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import (
    Failure,
    Group,
    Identity,
    Kind,
    Layout,
    Metric,
    Observation,
    Sample,
    Severity,
    Status,
    Target,
)

FILES = sorted((Path(__file__).parents[1] / "scenarios").glob("*.toml"))
TARGET = Target("box", "linux")
WALL = 1_000_000.0


class Player:
    """Plays a scenario into an engine and holds each step against what the file expects."""

    def __init__(self, scenario: dict[str, Any]) -> None:
        self.scenario = scenario
        self.store = Store([TARGET], scenario.get("hold", 30.0))
        self.engine = Engine(self.store)
        self.layouts: dict[tuple[str, ...], Layout] = {}
        self.seen: list[tuple[float, Observation]] = []

    def metric(self, name: str) -> Metric:
        told = self.scenario.get("metric", {}).get(name, {})
        return Metric(
            name,
            name,
            Group.ERRORS,
            Kind(told.get("kind", "counter")),
            Severity(told.get("severity", "error")),
            flag_above=told.get("flag_above"),
            net_of=told.get("net_of"),
        )

    def play(self, step: dict[str, Any]) -> Observation:
        at, interval = float(step["at"]), float(step.get("interval", self.scenario.get("interval", 1.0)))
        if "fails" in step:
            failure = Failure(TARGET, Status.UNREACHABLE, step["fails"], at, WALL + at)
            return self.engine.observe(failure, interval)
        values = step.get("values") or {"E": step["value"]}
        names = tuple(values)
        layout = self.layouts.setdefault(names, Layout(tuple(self.metric(name) for name in names)))
        known = tuple(None if value == "unknown" else int(value) for value in values.values())
        identity = Identity(boot=step.get("boot", "first boot"))
        sample = Sample(TARGET, layout, known, at, WALL + at, 0.0, identity, self.scenario.get("wrap_bits"))
        return self.engine.observe(sample, interval)

    def check(self, step: dict[str, Any], observation: Observation) -> None:
        name = step.get("of", "E")
        change = observation.change(name)
        assert change is not None
        expected = {key: step[key] for key in ("increase", "rate", "rising", "reset") if key in step}
        found = {"increase": change.increase, "rate": change.rate, "rising": change.rising, "reset": observation.reset}
        assert {key: "unknown" if found[key] is None else found[key] for key in expected} == expected
        if "episodes" in step:
            told = [
                {"total": e.total, "started": e.started - WALL, "last": e.last_rise - WALL, "ongoing": e.ongoing}
                for e in self.store.episodes(TARGET.name)
            ]
            assert told == step["episodes"]


def players() -> list[Any]:
    return [pytest.param(tomllib.loads(file.read_text(encoding="utf-8")), id=file.stem) for file in FILES]


@pytest.mark.parametrize("scenario", players())
def test_each_step_means_what_its_scenario_says(scenario: dict[str, Any]) -> None:
    player = Player(scenario)
    for number, step in enumerate(scenario["step"]):
        observation = player.play(step)
        try:
            player.check(step, observation)
        except AssertionError as error:
            error.add_note(f"in step {number}, at {step['at']} s: {step}")
            raise


@pytest.mark.parametrize("scenario", players())
def test_the_past_reads_as_it_read_when_it_was_the_present(scenario: dict[str, Any]) -> None:
    player = Player(scenario)
    live = [player.play(step) for step in scenario["step"]]
    for step, then in zip(scenario["step"], live, strict=True):
        if "fails" in step or "out_of_order" in step:
            continue
        past = player.store.at(TARGET.name, float(step["at"]))
        assert past is not None
        names = [metric.name for metric in then.layout.metrics if metric.name in past.layout.index]
        assert [past.change(name) for name in names] == [then.change(name) for name in names], step
        assert past.reset == then.reset
        totals = {name: (e.total, e.started, e.last_rise) for name, e in then.rising.items()}
        assert {name: (e.total, e.started, e.last_rise) for name, e in past.rising.items()} == totals, step


def test_there_are_scenarios() -> None:
    assert len(FILES) >= 10


def test_an_old_episode_does_not_change_when_another_one_begins() -> None:
    scenario = {"hold": 5.0, "metric": {"E": {"severity": "error"}}}
    player = Player(scenario)
    then = None
    for at, value in ((0, 0), (1, 10), (2, 20), (3, 20), (20, 20), (21, 500), (22, 900)):
        player.play({"at": at, "value": value})
        if at == 2:
            then = player.store.at(TARGET.name)
    past = player.store.at(TARGET.name, 2.0)
    assert then is not None
    assert past is not None
    assert past.rising["E"].total == then.rising["E"].total == 20
    assert past.rising["E"].mean_rate(past.data_time) == then.rising["E"].mean_rate(then.data_time)
    assert [episode.total for episode in player.store.episodes(TARGET.name, 1.0)] == [10]
