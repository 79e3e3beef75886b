"""Whatever a target, a host or a counter is called, it is a word in every file of a report and nothing else."""

from __future__ import annotations

import csv
import re
import tarfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from mptcp_top.model import Group, Identity, Layout, Metric, Severity, Target
from mptcp_top.recording.library import opened
from mptcp_top.report.make import Asked, make
from mptcp_top.text import printable
from tests.recording.incident import incident

if TYPE_CHECKING:
    from pathlib import Path

NASTY = (
    "=cmd()|' /C calc'!A0",
    "</svg><script>alert(1)</script>",
    "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e",
    "a|b|c| --- |\n| x |",
    "[x](http://y.example) ![z](http://z.example/z.png) <img src=x onerror=y>",
    "`$(reboot)` **bold** _it_ # @everyone www.evil.example",
    "../../../../etc/passwd",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\r\n-1+1",
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of targets and counters that are called all of that."""
    folder = tmp_path_factory.mktemp("hostile")
    targets = tuple(Target(f"{nasty}", "linux", nasty, nasty) for nasty in NASTY)
    metrics = tuple(Metric(nasty, nasty, Group.ERRORS, severity=Severity.SECURITY, hint=nasty) for nasty in NASTY)
    with incident(folder / "hostile.db", targets) as one:
        one.layouts = {target.name: Layout(metrics) for target in targets}
        for nasty in NASTY:
            who = Identity(nasty, nasty, "boot", {nasty: nasty}, (nasty,), f"{nasty} ", nasty)
            one.identities[nasty] = who
        one.quiet(3)
        one.mark(NASTY[4])
        one.quiet(3, {nasty: {nasty: 2} for nasty in NASTY})
        one.sleep(60.0, NASTY[1])
        one.poll(lost=NASTY)
        one.quiet(2)
    make(Asked(folder / "hostile.db", folder / "report"))
    return folder / "report"


def texts(bundle: Path) -> dict[str, str]:
    return {str(path.relative_to(bundle)): path.read_text() for path in bundle.rglob("*.*") if path.suffix != ".db"}


def test_no_control_character_is_in_any_file(bundle: Path) -> None:
    for name, text in texts(bundle).items():
        assert not [char for char in text if not char.isprintable() and char != "\n"], name


def test_no_file_is_outside_of_the_bundle_and_all_have_plain_names(bundle: Path) -> None:
    assert {path.name for path in bundle.parent.iterdir() if not path.name.startswith("hostile.db")} == {"report"}
    assert all(re.fullmatch(r"[\w.-]+", path.name, re.ASCII) for path in bundle.rglob("*"))


def test_every_chart_is_a_picture_without_anything_that_runs_or_is_fetched(bundle: Path) -> None:
    charts = list((bundle / "charts").glob("*.svg"))
    assert len(charts) == 8
    for chart in charts:
        tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(chart.read_text()).iter()}  # noqa: S314  # what we wrote
        assert tags <= {"svg", "title", "rect", "text", "path", "g"}
        assert "href" not in chart.read_text()


def test_no_cell_of_the_events_is_a_formula(bundle: Path) -> None:
    rows = list(csv.reader((bundle / "events.csv").read_text().splitlines()))
    assert {len(row) for row in rows} == {9}
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_the_summary_shows_nothing_but_words(bundle: Path) -> None:
    summary = (bundle / "summary.md").read_text()
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(summary)
    tags = set(re.findall(r"<(\w+)", page))
    assert tags <= {"h1", "h2", "ul", "li", "p", "strong", "code", "table", "thead", "tbody", "tr", "th", "td"}
    for table in re.findall(r"<table>.*?</table>", page, re.DOTALL):
        rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
        assert len({len(re.findall(r"<t[hd]", row)) for row in rows}) == 1
    outside_of_code = re.sub(r"`[^`]*`", "", summary)
    assert not [sign for sign in ("://", "www.", "@") if sign in outside_of_code]


def test_no_word_of_it_stands_before_a_command(bundle: Path) -> None:
    commands = re.findall(r"^  \* `([^`]*)`", (bundle / "summary.md").read_text(), re.MULTILINE)
    assert not [command for command in commands if any(nasty.strip() in command for nasty in NASTY)]


def test_the_slice_keeps_them_fit_for_a_terminal(bundle: Path) -> None:
    with opened(bundle / "recording.db") as reader:
        assert [target.name for target in reader.targets()] == [printable(nasty, 1000) for nasty in NASTY]


def test_an_archive_of_them_has_one_folder_at_its_top(bundle: Path, tmp_path: Path) -> None:
    make(Asked(bundle / "recording.db", tmp_path / "out.tar.gz"))
    with tarfile.open(tmp_path / "out.tar.gz") as archive:
        members = archive.getmembers()
    assert {member.name.partition("/")[0] for member in members} == {"out"}
    assert {(member.mode, member.uid, member.gid, member.uname) for member in members} == {(0o600, 0, 0, "")}
    assert all(member.isfile() and ".." not in member.name for member in members)
    assert [member.name for member in members] == sorted(member.name for member in members)
