"""``clear``: exactly one request that changes something, and only when somebody said the target's name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.nitro.appliances import (
    USER,
    ran,
)
from tests.nitro.clear.cleared import (
    ASKED,
    SIGNALS,
    assert_cleared_once,
    assert_nothing_was_cleared,
    clear,
    files,
    log,
    on_a_terminal,
    saved,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mptcp_top.simulator.running import Box
    from tests.terminal import Terminal


@pytest.mark.parametrize(("options", "scope"), [((), "basic"), (("--full",), "full")])
def test_who_types_the_name_of_the_target_clears_it(
    box: Box, home: Path, config: dict[str, str], options: tuple[str, ...], scope: str
) -> None:
    with on_a_terminal(home, config, *options) as terminal:
        seen = terminal.wait_for(ASKED)
        for said in (f"-clearstats {scope}", "everybody", "stays", "it cannot be", box.url, "NetScaler 14.1"):
            assert said in seen
        assert box.audit().clearstats == 0
        terminal.type("ns1\r")
        assert terminal.wait_for_end() == 0
        assert "ns1: cleared" in terminal.text
        assert "totals went down" in terminal.text
    assert_cleared_once(box, scope)
    assert [(entry["event"], entry["scope"], entry["user"]) for entry in log(home)] == [
        ("asked", scope, USER),
        ("cleared", scope, USER),
    ]


@pytest.mark.parametrize("typed", ["", "ns2", "NS1", "ns1 ", " ns1", "yes", "y", "ns1x", "\x1b[31m"])
def test_whatever_else_is_typed_clears_nothing(box: Box, home: Path, config: dict[str, str], typed: str) -> None:
    with on_a_terminal(home, config) as terminal:
        terminal.wait_for(ASKED)
        terminal.type(f"{typed}\r")
        assert terminal.wait_for_end() == 2
        assert "nothing was cleared" in terminal.text
    assert_nothing_was_cleared(box, home)


def test_what_was_typed_before_the_question_is_no_answer(box: Box, home: Path, config: dict[str, str]) -> None:
    box.switch(latency_seconds=0.2)
    with on_a_terminal(home, config) as terminal:
        terminal.wait_for(lambda: len(box.audit().of("login")) == 1)
        terminal.type("ns1\r")
        terminal.wait_for(ASKED)
        terminal.type("no\r")
        assert terminal.wait_for_end() == 2
    assert_nothing_was_cleared(box, home)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda terminal: terminal.type("\x04"), 2),
        (lambda terminal: terminal.type("\x03"), 130),
        (lambda terminal: terminal.hang_up(), 129),
        *((lambda terminal, number=number: terminal.send(number), code) for number, code in SIGNALS),
    ],
    ids=["^D", "^C", "closed terminal", *(number.name for number, _ in SIGNALS)],
)
def test_however_the_question_ends_nothing_is_cleared_and_the_session_given_back(
    box: Box, home: Path, config: dict[str, str], end: Callable[[Terminal], None], code: int
) -> None:
    with on_a_terminal(home, config) as terminal:
        terminal.wait_for(ASKED)
        end(terminal)
        assert terminal.wait_for_end() == code
    assert_nothing_was_cleared(box, home)
    assert box.audit().logins == 1


def test_the_name_on_the_command_line_is_enough_without_a_terminal(
    box: Box, home: Path, config: dict[str, str]
) -> None:
    done = clear(home, config, "--host", "ns1", "--yes-clear", "ns1")
    assert (done.returncode, done.stderr) == (0, "")
    assert_cleared_once(box, "basic")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--host", "ns1"), "nobody is at a terminal to confirm it: --yes-clear ns1"),
        (("--host", "ns1", "--yes-clear", "ns2"), "--yes-clear ns2 does not name the target, which is ns1"),
        (("--host", "ns1", "--yes-clear", ""), "does not name the target"),
        (("--host", "ns1", "--yes-clear", "NS1"), "does not name the target"),
        (("--host", "ns1", "--yes-clear", "ns1/"), "which is ns1 (with one slash too many or too few)"),
        (("--host", "ns1/", "--yes-clear", "ns1/"), "ns1/ is no target, but ns1 is, without the slash"),
        (("--host", "ns1/", "--yes-clear", "ns1"), "ns1/ is no target, but ns1 is, without the slash"),
        ((), "clear takes one target, here on the command line"),
        (("--host", "ns1", "--host", "ns2", "--yes-clear", "ns1"), "clear takes one target, not 2 of them"),
        (("--group", "edge", "--yes-clear", "edge"), "clear takes no group"),
        (("--host", "ns1", "--group", "edge", "--yes-clear", "ns1"), "clear takes no group"),
        (("--host", "edge", "--yes-clear", "edge"), "edge is a group"),
        (("--host", "local", "--yes-clear", "local"), "mptcp-top stat --since-last"),
        (("--host", "local:red", "--yes-clear", "local:red"), "m (mark)"),
        (("--host", "ns1", "--yes"), "unrecognized"),
    ],
)
def test_what_is_not_meant_for_this_one_appliance_is_refused_before_it_hears_of_it(
    box: Box, home: Path, config: dict[str, str], options: tuple[str, ...], complaint: str
) -> None:
    done = clear(home, {**config, "MPTCP_TOP_HOST": "ns1"}, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert box.audit().connections == 0


def test_what_is_saved_is_what_stat_tells_and_nobody_else_can_read_it(
    box: Box, home: Path, config: dict[str, str]
) -> None:
    clear(home, config, "--host", "ns1", "--yes-clear", "ns1")
    before = saved(home)
    (asked, *_) = box.audit().of("protocolmptcp")
    assert {name: told["value"] for name, told in before["metrics"].items()} == {
        name: box.truth(name, asked.at) for name in before["metrics"]
    }
    stat = json.loads(ran(home, "stat", "--json", "--host", "ns1", **config).stdout)
    assert set(before) == set(stat)
    assert set(before["metrics"]) == set(stat["metrics"])
    folder = home / "mptcp-top" / "clear"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_the_log_grows_and_no_file_is_written_over(box: Box, home: Path, config: dict[str, str]) -> None:
    for _ in range(2):
        clear(home, config, "--host", "ns1", "--yes-clear", "ns1")
    assert [entry["event"] for entry in log(home)] == ["asked", "cleared"] * 2
    assert len({entry["saved"] for entry in log(home)}) == 2
    assert len(files(home)) == 3
    assert box.audit().clearstats == 2
