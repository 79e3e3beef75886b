"""What a report says is what was recorded, and what the dashboard would show."""

from __future__ import annotations

import csv
import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from mptcp_top.engine.store import Store
from mptcp_top.errors import SettingsError
from mptcp_top.model import Target
from mptcp_top.recording.archive import Recorded
from mptcp_top.recording.library import opened
from mptcp_top.report.make import Asked, make
from mptcp_top.text import iso_time
from tests.feed import WALL
from tests.recording.incident import incident, typical

if TYPE_CHECKING:
    from pathlib import Path

    from mptcp_top.report.story import Story

FAILED = "MPJoinNoTokenFound"
NAMES = ("red", "ns1")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return typical(tmp_path_factory.mktemp("recorded") / "typical.db")


@pytest.fixture(scope="module")
def bundle(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("reports") / "whole"
    make(Asked(recording, output, programs="  mptcp-top  1\n", settings="theme  ansi\n"))
    return output


def made(recording: Path, output: Path, since: float | None = None, until: float | None = None) -> Story:
    """Make a report of a stretch, in seconds since the recording began."""
    begin, end = (None if moment is None else iso_time(WALL + moment) for moment in (since, until))
    return make(Asked(recording, output, begin, end))


def test_the_summary_says_what_rose_where_since_when_how_far_and_what_it_means(bundle: Path) -> None:
    summary = (bundle / "summary.md").read_text()
    row = next(line for line in summary.splitlines() if line.startswith(f"| `{FAILED}`"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:4] == ["unknown token", "**security**", "`red`"]
    assert cells[6:] == ["+92", "5.00", "1"]
    assert "Mostly a load balancer or NAT" in summary
    assert "`ss -Mn`" in summary


def test_what_was_lost_what_began_anew_and_what_was_not_recorded_is_said(bundle: Path) -> None:
    summary = (bundle / "summary.md").read_text()
    assert "| `ns1` |" in summary.partition("## Lost")[2].partition("##")[0]
    assert "no answer" in summary
    assert "rebooted: counters began anew" in summary
    assert "no space left on the disk" in summary.partition("## Not seen")[2]
    assert "before the change" in summary.partition("## Marks")[2]


def test_the_worst_target_comes_first_and_the_verdict_is_that_of_the_dashboard(bundle: Path) -> None:
    verdicts = (bundle / "summary.md").read_text().partition("## Verdict")[2].partition("\n## ")[0]
    assert verdicts.index("`red`") < verdicts.index("`ns1`")
    assert "1 error rising, MP_JOIN unknown token" in verdicts


def test_handshakes_are_counted_before_and_after_the_mark_and_over_a_reboot(bundle: Path) -> None:
    rows = [line for line in (bundle / "summary.md").read_text().splitlines() if "MP_JOIN inbound |" in line]
    assert [cell.strip() for cell in rows[0].strip("|").split("|")][2:] == ["100 % of 1,080", "100 % of 1,000"]


def test_the_episodes_of_a_report_are_those_a_replay_shows_at_its_end(recording: Path, tmp_path: Path) -> None:
    for end in (75.0, 92.0, 119.5, 131.0):
        story = made(recording, tmp_path / f"to-{end}", until=end)
        with opened(recording) as reader:
            store = Store(reader.targets())
            store.archive = Recorded(reader, 30.0, tuple, alone=True)
            shown = {name: [one._replace(ongoing=False) for one in store.episodes(name, WALL + end)] for name in NAMES}
            rising = {name: set(seen.rising) for name in NAMES if (seen := store.at(name, WALL + end)) is not None}
        told = {account.target.name: [kept.episode for kept in account.course.episodes] for account in story.accounts}
        assert {name: [one._replace(ongoing=False) for one in found] for name, found in told.items()} == shown
        assert {name: {one.metric.name for one in found if one.ongoing} for name, found in told.items()} == rising


def test_what_still_rises_at_the_end_is_said_to(recording: Path, tmp_path: Path) -> None:
    made(recording, tmp_path / "middle", until=75.0)
    assert "**still rising**" in (tmp_path / "middle/summary.md").read_text()


def test_where_nothing_rose_it_says_so_and_what_was_watched_for_how_long(recording: Path, tmp_path: Path) -> None:
    story = made(recording, tmp_path / "calm", until=55.0)
    summary = (tmp_path / "calm/summary.md").read_text()
    assert not story.affected
    assert "No error rose on 2 targets." in summary
    assert "none of 37 error counters rose" in summary
    assert "What rose" not in summary
    assert "(54 s)" in summary.splitlines()[0]
    assert not (tmp_path / "calm/charts").exists()
    assert "no error is rising" in (tmp_path / "calm/screens/host-red.txt").read_text()


def test_an_error_counter_that_moved_too_slowly_for_a_flag_is_not_kept_secret(tmp_path: Path) -> None:
    with incident(tmp_path / "slow.db") as one:
        one.poll()
        one.poll({"red": {"MPRstTx": 2, "MPFastcloseTx": 2}})
        one.quiet(3)
    made(tmp_path / "slow.db", tmp_path / "report")
    checked = (tmp_path / "report/summary.md").read_text().partition("## Checked")[2]
    assert "innocent explanation: `MPRstTx` +2" in checked


def test_the_events_are_all_that_happened_in_the_order_of_time(bundle: Path) -> None:
    rows = list(csv.DictReader((bundle / "events.csv").read_text().splitlines()))
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    kinds = [row["event"] for row in rows]
    assert kinds == ["rose", "lost", "mark", "back", "reset", "unseen", "unseen"]
    rose = rows[0]
    assert (rose["counter"], rose["total"], rose["until"]) == (FAILED, "92", iso_time(WALL + 90))
    lines = (bundle / "events.txt").read_text().splitlines()[2:]
    assert len(lines) == len(rows)


def test_the_screen_of_events_knows_nothing_that_was_not_known_when_the_stretch_was_over(
    recording: Path, tmp_path: Path
) -> None:
    story = made(recording, tmp_path / "part", 61.0, 75.0)
    (rise,) = story.rises
    shown = (tmp_path / "part/screens/events.txt").read_text()
    (rising,) = (line for line in shown.splitlines() if "unknown token  " in line)
    assert 0 < rise.total < 92
    assert f" +{rise.total} " in rising
    assert " rising " in rising
    assert not any(word in shown for word in ("lost", "mark", "back", "reset"))


def test_the_screens_are_those_of_the_dashboard_at_the_worst_moment(bundle: Path) -> None:
    host = (bundle / "screens/host-red.txt").read_text()
    assert "1 error rising" in host
    assert "MP_JOIN unknown token" in host
    assert "join reaches the wrong host?" in host
    shown = [path.read_text() for path in (bundle / "screens").iterdir()]
    assert all(re.search(r"◌ recorded +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", screen) for screen in shown), "with its day"
    assert not any(words in screen for screen in shown for words in ("the past", " ago", "p play", "q quit"))
    names = sorted(path.name for path in (bundle / "screens").iterdir())
    assert names == [
        "events.txt",
        "fleet.txt",
        "handshakes-ns1.txt",
        "handshakes-red.txt",
        "host-ns1.txt",
        "host-red.txt",
    ]
    assert all(len(line) <= 120 for path in (bundle / "screens").iterdir() for line in path.read_text().splitlines())


def test_the_manifest_names_every_file_with_its_size_and_digest(bundle: Path) -> None:
    listed = {}
    for line in (bundle / "MANIFEST").read_text().splitlines():
        digest, size, name = line.split(maxsplit=2)
        listed[name] = (digest, int(size))
    there = [path for path in bundle.rglob("*") if path.is_file() and path.name != "MANIFEST"]
    assert listed == {
        str(path.relative_to(bundle)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
        for path in there
    }
    assert {path.stat().st_mode & 0o777 for path in there} == {0o600}


def test_only_the_targets_that_are_asked_for_are_in_it(recording: Path, tmp_path: Path) -> None:
    story = make(Asked(recording, tmp_path / "one", hosts=["ns1"]))
    assert [account.target.name for account in story.accounts] == ["ns1"]
    assert all("red" not in path.name for path in (tmp_path / "one").rglob("*"))
    assert b"red.example" not in b"".join(path.read_bytes() for path in (tmp_path / "one").rglob("*.db"))


def test_a_target_that_is_not_there_is_refused_with_the_one_that_was_meant(recording: Path, tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"nsl: it is not in this recording, which has red, ns1; did you mean ns1\?"
    ):
        make(Asked(recording, tmp_path / "x", hosts=["nsl"]))


def test_a_stretch_outside_of_the_recording_is_refused_with_what_there_is(recording: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing is recorded in that time; what is recorded is 2026-11-21"):
        made(recording, tmp_path / "x", 5000.0)
    with pytest.raises(SettingsError, match=r"--from is after --to: ..:..:.. is after ..:..:..; what is recorded is"):
        made(recording, tmp_path / "x", 100.0, 50.0)
    with pytest.raises(SettingsError, match="--to: 'tea time' is no moment"):
        make(Asked(recording, tmp_path / "x", until="tea time"))
    with pytest.raises(SettingsError, match="nothing of these targets is recorded in that time"):
        made(recording, tmp_path / "x", 200.0, 300.0)
    assert not list(tmp_path.iterdir())


def test_a_stretch_that_reaches_beyond_the_recording_says_what_is_missing(recording: Path, tmp_path: Path) -> None:
    made(recording, tmp_path / "x", -3600.0, 75.0)
    assert "is not in the recording" in (tmp_path / "x/summary.md").read_text().partition("## Not seen")[2]


def test_a_target_that_was_never_read_is_said_to_be_so(tmp_path: Path) -> None:
    with incident(tmp_path / "lost.db") as one:
        for _ in range(5):
            one.poll(lost=("ns1",))
    made(tmp_path / "lost.db", tmp_path / "x")
    summary = (tmp_path / "x/summary.md").read_text()
    assert "`ns1` was never read in this time." in summary
    assert "**not back**" in summary


def test_of_many_targets_the_worst_have_screens_and_all_are_judged(tmp_path: Path) -> None:
    targets = tuple(Target(f"t{number}", "linux") for number in range(30))
    with incident(tmp_path / "many.db", targets) as one:
        one.quiet(5)
        one.quiet(5, {f"t{number}": {FAILED: 1 + number} for number in range(20)})
    story = made(tmp_path / "many.db", tmp_path / "x")
    assert [account.target.name for account in story.affected][:3] == ["t19", "t18", "t17"]
    assert len(list((tmp_path / "x/screens").glob("host-*"))) == 12
    assert len(list((tmp_path / "x/charts").glob("*.svg"))) == 8
