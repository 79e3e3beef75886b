"""The README agrees with the program: its keys, its options, its counts, its pictures."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.cli.grammar import Command, grammar
from mptcp_top.engine.history import ROWS
from mptcp_top.rules.defaults import default_watches
from mptcp_top.settings import PARSERS
from mptcp_top.ui import keys
from mptcp_top.ui.app import VIEWS
from mptcp_top.ui.help import drawn
from mptcp_top.ui.player import SPEEDS
from screenshots import make

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.catalogue.entry import Entry

ROOT: Final = Path(__file__).parents[1]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
FLAT: Final = " ".join(README.split())

# Keys

TABLES: Final = {
    "one target": keys.HOST,
    "fleet": keys.FLEET,
    "compare": keys.COMPARE,
    "events": keys.EVENTS,
    "chart": keys.CHART,
    "side by side": keys.SPLIT,
    "handshakes": keys.HANDSHAKES,
    "moved": keys.MOVED,
    "explain": keys.EXPLAIN,
}
"""The screens by the words that the table sets in bold for them."""


def bound(table: tuple[keys.Key, ...]) -> set[str]:
    """Return what the keys of a screen are called."""
    return {drawn(name) for key in table for name in key.keys.split(",")}


def key_table() -> Iterator[tuple[str, str]]:
    """Yield each key of the README's table, with the screen it is of; "" where it is of most."""
    rows = README.partition("### Keys\n")[2].strip().partition("\n\n")[0].splitlines()[2:]
    screen = ""
    for row in rows:
        cell = row.split("|")[1]
        screen = (re.findall(r"\*\*(.+?)\*\*", cell) or [screen])[0]
        yield from ((screen, key) for key in re.findall(r"`(\S+)`", cell))


def test_every_key_of_the_readme_is_bound_on_its_screen() -> None:
    every = set().union(*map(bound, TABLES.values()))
    unknown = [(screen, key) for screen, key in key_table() if key not in (bound(TABLES[screen]) if screen else every)]
    assert not unknown


@pytest.mark.parametrize("screen", TABLES)
def test_every_action_of_a_screen_has_a_key_in_the_readme(screen: str) -> None:
    named = {key for _, key in key_table()}
    groups: list[set[str]] = []
    for key in TABLES[screen]:
        names = {drawn(name) for name in key.keys.split(",")}
        groups.append(names) if key.sign else groups[-1].update(names)
    assert [group for group in groups if not group & named] == []


# Options


def commands(command: Command) -> Iterator[Command]:
    """Yield a command, and those inside of it."""
    yield command
    for inner in command.commands.values():
        yield from commands(inner)


PROGRAM: Final = grammar()
OURS: Final = {flag for command in commands(PROGRAM) for option in command.options for flag in option.flags}
OF_OTHERS: Final = frozenset({"--password", "--target", "--no-dev", "--locked", "--dist", "--quick", "--is-not-one"})
"""Flags of pip, uv, pytest and the benchmarks, and the one that is said not to be there."""


def flags(text: str) -> set[str]:
    """Return the long options in a text."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def typed() -> Iterator[tuple[str, set[str]]]:
    """Yield the command lines of the README: the command, and its flags."""
    for line in re.findall(r"(?<![\w/.-])mptcp-top ([^`\n|#]*(?:\n {10,}[^`\n|#]*)*)", README):
        words = line.split()
        name = next((word for word in words[:3] if word.partition("|")[0] in PROGRAM.commands), "")
        yield name, flags(line)


def test_every_option_of_the_readme_is_one() -> None:
    assert flags(README) - OURS - OF_OTHERS == set()


def test_every_option_is_in_the_readme() -> None:
    words = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", README))
    missing = {
        option.flags for command in commands(PROGRAM) for option in command.options if not words & {*option.flags}
    }
    assert missing == set()


def test_a_command_line_of_the_readme_has_the_options_of_its_command() -> None:
    of_the_program = {flag for option in PROGRAM.options for flag in option.flags}
    for name, given in typed():
        inside = commands(PROGRAM.commands[name]) if name else iter([PROGRAM])
        known = {flag for command in inside for option in command.options for flag in option.flags}
        assert given - OF_OTHERS <= known | of_the_program, (name, given)


def test_the_option_table_is_that_of_check() -> None:
    table = README.partition("| option | what it does |\n")[2].partition("\n\n")[0].splitlines()[1:]
    named = set(chain.from_iterable(re.findall(r"(?<![\w-])--?[a-z]+", row.split("|")[1]) for row in table))
    own = {option.flags for option in PROGRAM.commands["check"].options}
    of_the_dashboard = {option.flags for option in PROGRAM.options} - {("--interval",)}
    assert named == {min(spelt, key=len) for spelt in own - of_the_dashboard}


def test_every_setting_has_its_variable_as_the_readme_says() -> None:
    assert "Every option of the dashboard but `--demo` has a variable" in FLAT
    dashboard = {
        flag.removeprefix("--no-") if flag == "--no-record" else flag[2:]
        for option in PROGRAM.options
        for flag in option.flags
        if flag.startswith("--")
    }
    assert {name.replace("-", "_") for name in dashboard} - set(PARSERS) <= {"demo", "version", "help", "host", "group"}


# Counts


def entries(source: str) -> list[Entry]:
    return list(catalogue_of(source).entries.values())


COUNTS: Final = (
    (r"All (\d+) counters\*\* of NITRO", len(entries("netscaler"))),
    (r"(\d+) since 12\.1", len([one for one in entries("netscaler") if one.since in {None, "12.1"}])),
    (r": (\d+) upstream counters from Linux", len(entries("linux"))),
    (r"remembered for ([\d,]+) polls", ROWS),
    (r"play slower, faster \(([\d.]+) to", SPEEDS[0]),
    (r"play slower, faster \([\d.]+ to (\d+) times", SPEEDS[-1]),
    (r"(\w+) rules are shipped", ("no", "One", "Two", "Three", "Four", "Five", "Six")[len(default_watches())]),
)


@pytest.mark.parametrize(("words", "number"), COUNTS)
def test_a_count_of_the_readme_is_that_of_the_program(words: str, number: float | str) -> None:
    (said,) = re.findall(words, FLAT)
    assert said == number if isinstance(number, str) else float(said.replace(",", "")) == number


# Pictures


def pictures() -> set[str]:
    """Return the names of the pictures that the README shows or leads to."""
    return set(re.findall(r"\(screenshots/([\w-]+)\.svg\)", README))


def test_every_picture_of_the_readme_is_there_and_no_other() -> None:
    assert pictures() == {path.stem for path in (ROOT / "screenshots").glob("*.svg")}


def test_every_picture_is_made_by_the_program_that_the_readme_names() -> None:
    assert pictures() == {name for name, _, _ in (*make.KERNEL, *make.DEMO, *make.REPLAYED)}


@pytest.mark.parametrize("screen", [*VIEWS, "netscaler", "explain", "chart", "replay", "past", "find", "help"])
def test_every_screen_is_to_be_seen_in_the_readme(screen: str) -> None:
    assert re.search(rf"!\[[^]]+\]\(screenshots/(?:netscaler-)?{screen}-\d+x\d+\.svg\)", README)
