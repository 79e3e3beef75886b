"""What a report tells of alerts: the figures of the moment, until when they held, and where nobody saw their end."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.alerts import Watched
from mptcp_top.report.make import Asked, make
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import Watch
from mptcp_top.text import iso_time
from tests.feed import WALL
from tests.recording.incident import incident

if TYPE_CHECKING:
    from pathlib import Path

RULES = Watched((Watch("failing", parse("MPFailRx > 2/s for 5s")),))
SECOND_RUN = 90.0


def failing(by: int) -> dict[str, dict[str, int]]:
    return {"red": {"MPFailRx": by}}


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that ends while an alert holds, with more and more of it, and one with an alert that ends."""
    path = tmp_path_factory.mktemp("recorded") / "alerts.db"
    with incident(path) as one:
        one.store.watch(RULES)
        one.quiet(20)
        one.quiet(30, failing(5))
        one.quiet(20, failing(50))
    with incident(path, wall=WALL + SECOND_RUN) as one:
        one.store.watch(RULES)
        one.quiet(20)
        one.quiet(20, failing(5))
        one.quiet(30)
    return path


def told(recording: Path, output: Path, since: float | None = None, until: float | None = None) -> list[list[str]]:
    """Return the table of alerts in a report of a stretch."""
    begin, end = (None if moment is None else iso_time(WALL + moment) for moment in (since, until))
    make(Asked(recording, output, begin, end))
    _, _, section = (output / "summary.md").read_text().partition("## Alerts\n\n")
    lines = section.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_an_alert_that_a_run_did_not_see_end_is_told_until_the_recording_stopped(
    recording: Path, tmp_path: Path
) -> None:
    first, second = told(recording, tmp_path / "x")
    assert first[1:] == ["`red`", "failing: MPFailRx 5.00 /s (&gt; 2/s) for 5s", "the recording stopped 40 s later"]
    assert second[3].endswith(" s)")
    rows = list(csv.DictReader((tmp_path / "x/events.csv").read_text().splitlines()))
    cut, over = (row for row in rows if row["event"] == "alert")
    assert cut["says"].endswith("for 5s, still so when the recording stopped")
    assert (cut["until"], cut["counter"]) == (iso_time(WALL + 70), "failing")
    assert over["says"].endswith("for 5s")
    assert over["until"] == next(row["time"] for row in rows if row["event"] == "over")


def test_one_that_began_before_the_stretch_and_held_after_it_is_told(recording: Path, tmp_path: Path) -> None:
    (only,) = told(recording, tmp_path / "x", 35.0, 45.0)
    assert only[2:] == ["failing: MPFailRx &gt; 2/s", "**still so** at the end"]
    assert told(recording, tmp_path / "y", 1.0, 15.0) == []


@pytest.mark.parametrize(("end", "rate"), [(45.0, "5.00"), (65.0, "50.0")])
def test_the_verdict_at_the_end_has_the_figures_of_the_end(
    recording: Path, tmp_path: Path, end: float, rate: str
) -> None:
    told(recording, tmp_path / "x", 1.0, end)
    (line,) = (one for one in (tmp_path / "x/summary.md").read_text().splitlines() if one.startswith("  At the end:"))
    assert f"failing: MPFailRx {rate} /s" in line
