"""The tables of a recording as people see them: what is said of them is so, and questions are answered."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import pytest

from mptcp_top.cli.main import main
from mptcp_top.recording.explained import EXPLAINED, QUERIES
from tests.recording.told_live import KERNEL, Lines, Session, eventful, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    return eventful(tmp_path_factory.getbasetemp() / "schema.db")


@pytest.fixture
def connection(lines: Lines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    del lines
    found = sqlite3.connect(tmp_path_factory.getbasetemp() / "schema.db")
    yield found
    found.close()


def test_every_table_and_column_is_explained(connection: sqlite3.Connection) -> None:
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall():
        about = re.search(rf"(?m)^  (?:\w+_samples(?:_base)?, )?{name}\b((?:.*\n)(?: {{12,}}.*\n)*)", EXPLAINED)
        assert about is not None, name
        counters = {field for (field,) in connection.execute("SELECT field FROM counters")}
        for _, column, *_ in connection.execute(f'PRAGMA table_info("{name}")'):
            assert column in counters or re.search(rf"\b{column}\b", about[1]), (name, column)


@pytest.mark.parametrize("query", [query.strip() for query in QUERIES.split(";") if query.strip()])
def test_the_queries_to_begin_with_answer(connection: sqlite3.Connection, query: str) -> None:
    asked = query.replace("21T03:12:0", "21T10:00:1").replace("-21T03", "-21T10").replace("1T04", "1T11")
    found = connection.execute(asked.replace("'MPJoinSynRx'", "'MPCapableSYNRX'")).fetchall()
    assert found, query
    assert "--" in query


def test_a_reading_in_the_shell_is_what_stat_printed(connection: sqlite3.Connection, lines: Lines) -> None:
    readings = {
        (target, time, counter): (value, rate)
        for time, target, counter, value, rate in connection.execute(
            "SELECT time, target, counter, value, rate FROM readings"
        )
    }
    first = True
    for said in parsed(lines.json):
        if said["source"] == "linux":
            for name, metric in said["metrics"].items():
                value, rate = readings[said["target"], said["taken_at"], name]
                assert int(value) == metric["value"]
                if isinstance(value, int) and not said["reset"]:  # beyond 2**63 SQL has only texts
                    assert (rate is None) == (metric["rate"] is None), (said["taken_at"], name, value, rate, metric)
                    assert rate is None or abs(rate - metric["rate"]) <= 1e-4 * max(1.0, metric["rate"])
                first = False
    assert not first


def test_one_counter_is_found_by_its_name_and_not_by_looking_at_all(connection: sqlite3.Connection) -> None:
    plan = connection.execute("EXPLAIN QUERY PLAN SELECT value FROM readings WHERE counter = 'MPRstTx'").fetchall()
    said = "\n".join(str(row[-1]) for row in plan)
    assert re.search(r"SEARCH c USING (COVERING )?INDEX counters_name \(source=\? AND name=\?\)", said)
    assert "SCAN c" not in said


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recordings", "schema"]) == 0
    assert capsys.readouterr().out == EXPLAINED
    assert all(len(line) <= 120 for line in EXPLAINED.splitlines())


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="there is no sqlite3 shell here (apt-get install sqlite3)")
def test_the_shell_reads_it_while_it_is_written(tmp_path: Path) -> None:
    session = Session(tmp_path / "a.db", KERNEL)
    for number in range(1, 4):
        session.now += 1.0
        session.poll(KERNEL, {"MPCapableSYNRX": 2})
        query = "SELECT value FROM readings WHERE counter = 'MPCapableSYNRX'"
        ended = subprocess.run(
            ["sqlite3", "-readonly", str(tmp_path / "a.db"), query], capture_output=True, text=True, check=True
        )
        assert ended.stdout.split() == [str(2 * one) for one in range(1, number + 1)]
    session.close()
