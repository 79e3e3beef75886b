"""R asks where to, writes a report of what is recorded beside all else, and says where it is, or why there is none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.report_key import KeyedReports
from mptcp_top.text import clock
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.lines import Lines
from tests.feed import WALL, Feed
from tests.recording.incident import typical
from tests.terminal import DEADLINE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from mptcp_top.ui.reporting import Reports


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return typical(tmp_path_factory.mktemp("recorded") / "typical.db")


def played(
    reports: Reports | None, deed: Callable[[Pilot[int]], Awaitable[None]], *, mark: float | None = None
) -> None:
    """Do something on the host screen of a target that is recorded."""
    feed = Feed()
    feed.tick()
    if mark is not None:
        feed.engine.mark("a mark", feed.now, WALL + mark)

    async def play() -> None:
        deck = Deck(feed.store, feed, reports=reports)
        async with MptcpTopApp(deck, output_diff=False).run_test(size=(120, 40)) as pilot:
            await deed(pilot)

    asyncio.run(play())


def last_line(pilot: Pilot[int]) -> str:
    footer = pilot.app.screen.query_one("#footer", Lines).lines
    prompt = pilot.app.screen.query_one("#prompt", Lines)
    lines = prompt.lines if prompt.display else footer
    return "".join(piece.text for piece in lines[-1].pieces)


async def told(pilot: Pilot[int], words: str) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while words not in last_line(pilot):  # noqa: ASYNC110  # another process works
            await asyncio.sleep(0.05)


def test_it_writes_what_is_asked_for_and_says_where(recording: Path, tmp_path: Path) -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("R")
        assert f"report, since {clock(WALL + 60)}, to: " in last_line(pilot)
        await pilot.press(*str(tmp_path / "mine"), "enter")
        await told(pilot, "report written")

    played(KeyedReports(lambda: (recording, ""), WALL + 60.0), deed)
    assert f"{clock(WALL + 60)} to {clock(WALL + 510)}" in (tmp_path / "mine/summary.md").read_text().splitlines()[0]


def test_where_a_mark_is_set_it_begins_there(recording: Path, tmp_path: Path) -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("R")
        assert f"report, since the mark of {clock(WALL + 100)}, to: " in last_line(pilot)
        await pilot.press(*str(tmp_path / "mine"), "enter")
        await told(pilot, "report written")

    played(KeyedReports(lambda: (recording, "")), deed, mark=100.0)
    assert f"{clock(WALL + 100)} to {clock(WALL + 510)}" in (tmp_path / "mine/summary.md").read_text().splitlines()[0]


def test_without_a_recording_it_says_why_there_is_no_report() -> None:
    for reports, said in (
        (None, "no report: nothing is recorded here"),
        (KeyedReports(lambda: (None, "no space left on the disk")), "no report: no space left on the disk"),
        (KeyedReports(lambda: (None, "")), "no report: nothing is recorded yet"),
    ):

        async def deed(pilot: Pilot[int], said: str = said) -> None:
            await pilot.press("R")
            assert said in last_line(pilot)

        played(reports, deed)


def test_a_mistake_is_told_and_the_dashboard_goes_on(recording: Path, tmp_path: Path) -> None:
    async def deed(pilot: Pilot[int]) -> None:
        await pilot.press("R", *str(tmp_path), "enter")
        await told(pilot, "it is there already")
        await pilot.press("R", "escape")
        assert "to: " not in last_line(pilot)

    played(KeyedReports(lambda: (recording, "")), deed)
    assert not list(tmp_path.iterdir())


def test_nothing_in_the_working_folder_is_taken_for_the_program(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sqlite3.py").write_text("raise SystemExit('not ours')")
    (tmp_path / "mptcp_top").mkdir()
    monkeypatch.chdir(tmp_path)
    assert KeyedReports(lambda: (recording, "")).write("mine", None) == "report written: mine"
