"""An alert in the past shows the figures it had then: live, out of memory and out of a recording, and in a report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.alerts import Watched
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import Watch
from tests.recording.agreement import JUST_AFTER, replayed
from tests.recording.story import PLOTS, WALL, Actor, Plot, Session, record

if TYPE_CHECKING:
    from pathlib import Path

    from mptcp_top.model import Observation


@dataclass
class Heard(Session):
    """A session that remembers what the alerts said after each poll that was answered."""

    said: list[tuple[str, float, list[str]]] = field(default_factory=list)

    def poll(self, actor: Actor) -> Observation:
        """Read one target, and look at its alerts."""
        seen = super().poll(actor)
        if seen.failure is None:
            name = actor.target.name
            self.said.append((name, seen.monotonic, [alert.says for alert in self.store.alerts(name)]))
        return seen


PLOTS_LOOKED_AT = PLOTS[:7]
"""The last is polled faster than alerts are looked at: what they say then may be half a second older."""


def told_otherwise(session: Heard, path: Path, at_most: int = 60) -> list[object]:
    """Return where a recording, or the memory of the session itself, says otherwise than alerts did then."""
    alarmed = [one for one in session.said if one[2]]
    found: list[object] = []
    assert alarmed
    with replayed(path) as replay:
        for name, moment, said in alarmed[:: max(1, len(alarmed) // at_most)]:
            cursor = moment + JUST_AFTER
            past = [alert.says for alert in replay.alerts(name, cursor + session.ahead_seconds)]
            mine = [alert.says for alert in session.store.alerts(name, cursor)]
            found += [] if said == past == mine else [(moment, said, past, mine)]
    return found


@pytest.mark.parametrize("seed", range(len(PLOTS_LOOKED_AT)))
def test_a_replay_and_memory_say_the_figures_that_alerts_had_at_the_time(tmp_path: Path, seed: int) -> None:
    session = Heard(PLOTS_LOOKED_AT[seed], seed, 5000.0, WALL)
    record(tmp_path / "story.db", session)
    assert told_otherwise(session, tmp_path / "story.db") == []


def test_what_an_earlier_run_counted_is_not_in_the_figures_of_a_later_one(tmp_path: Path) -> None:
    first, second = (Heard(Plot(trouble=0.0, sleeps=False, polls=polls), 1, 5000.0, WALL) for polls in (90, 120))
    first.actors[0].losing = 0.0
    record(tmp_path / "story.db", first)
    second.wall, second.actors = WALL + 95.0, first.actors
    second.actors[0].losing, second.actors[0].due = 0.6, second.began
    record(tmp_path / "story.db", second)
    assert told_otherwise(second, tmp_path / "story.db", at_most=1000) == []


def test_a_rate_of_an_hour_is_of_more_than_a_screen_looks_back_on(tmp_path: Path) -> None:
    session = Heard(Plot(polls=900, sleeps=False), 0, 5000.0, WALL)
    session.store.watch(Watched((Watch("hour", parse("errors > 5/h")),)))
    record(tmp_path / "story.db", session)
    assert told_otherwise(session, tmp_path / "story.db") == []
