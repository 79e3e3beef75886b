"""``mptcp-top man``: the manual page, written from the same parser that reads the command line."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.grammar import PROGRAM, grammar
from mptcp_top.cli.parser import EXIT_CODES, TARGETS
from mptcp_top.settings import PARSERS, variable_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mptcp_top.cli.grammar import Command, Option, Place

EXAMPLES: Final = (
    ("this host's kernel, live: no configuration, no root", "mptcp-top"),
    ("two appliances and this host, the worst first", "mptcp-top --host ns1 --host ns2 --host local"),
    ("every error counter of an appliance, once", "mptcp-top stat --host ns1 errors"),
    ("what a counter is, and what to do when it rises", "mptcp-top explain TokenEr"),
    ("what would work here, and what would not", "mptcp-top doctor"),
)
FILES: Final = (
    ("$XDG_CONFIG_HOME/mptcp-top/config.toml", "targets, groups and settings; mptcp-top config example"),
    ("$XDG_STATE_HOME/mptcp-top/", "what is remembered, and what was saved before counters were cleared"),
    ("$XDG_RUNTIME_DIR/mptcp-top/copied.txt", "what was copied last in the dashboard"),
)
VARIABLES: Final = (
    ("MPTCP_TOP_PASSWORD", "the password"),
    ("MPTCP_TOP_CONFIG", "another config file"),
    ("MPTCP_TOP_SIMULATE_PASSWORD", "the password that simulated appliances ask for"),
    ("NO_COLOR", "not empty: no colours"),
)


def man() -> int:
    """Print the manual page, and return the exit code."""
    print(page(), end="")
    return 0


def page() -> str:
    """Return the manual page in the language of man(7)."""
    program = grammar()
    parts = (
        _head(program),
        _section("OPTIONS", _options(program.options)),
        _section("TARGETS", _as_it_stands(TARGETS)),
        _section("COMMANDS", chain.from_iterable(_command(each, program) for each in program.commands.values())),
        _section("EXIT STATUS", [_text(EXIT_CODES)]),
        _section("ENVIRONMENT", _environment()),
        _section("FILES", chain.from_iterable(_entry(_bold(name), says) for name, says in FILES)),
        _section("EXAMPLES", chain.from_iterable(_example(*each) for each in EXAMPLES)),
        _section("SEE ALSO", [".BR nstat (8),", ".BR ip\\-mptcp (8),", ".BR ss (8)"]),
    )
    return "\n".join((r".\" Written by: mptcp-top man", *chain.from_iterable(parts))) + "\n"


def _head(program: Command) -> Iterator[str]:
    yield f'.TH {PROGRAM.upper()} 1 "" "{PROGRAM}"'
    yield from _section("NAME", [rf"{_text(PROGRAM)} \- a live dashboard for Multipath TCP"])
    yield from _section("SYNOPSIS", _synopsis(program))
    yield from _section("DESCRIPTION", [_text(program.description)])


def _synopsis(program: Command) -> Iterator[str]:
    yield _usage(program)
    for command in _leaves(program):
        yield ".br"
        yield _usage(command)


def _leaves(command: Command) -> Iterator[Command]:
    """Yield the commands that are whole ones, not just the beginning of others."""
    for inner in command.commands.values():
        yield from _leaves(inner) if inner.commands else [inner]


def _usage(command: Command) -> str:
    """Return how a command is typed, in a line."""
    words = [_bold(command.name), *(["[OPTION]..."] if len(command.options) > 1 else ())]
    words += [_shape(place) for place in command.places]
    return " ".join(word if word.startswith("\\f") else _text(word) for word in words)


def _shape(place: Place) -> str:
    """Return how often a word may stand there.

    >>> from mptcp_top.cli.grammar import Place
    >>> _shape(Place("COUNTER", "", many=True, optional=True)), _shape(Place("SHELL", "", ("bash", "zsh")))
    ('[COUNTER]...', 'bash|zsh')
    """
    word = "|".join(place.choices) or place.value
    return f"{f'[{word}]' if place.optional else word}{'...' if place.many else ''}"


def _command(command: Command, program: Command) -> Iterator[str]:
    """Yield what is to say of a command; flags it shares with the program itself are described there."""
    if command.commands:
        for inner in command.commands.values():
            yield from _command(inner, program)
        return
    yield f".SS {_usage(command)}"
    yield _text(command.description or f"{command.says.capitalize()}.")
    own = [option for option in command.options if not _is_shared(option, program)]
    shared = [option.flags[-1] for option in command.options if option not in own and option.flags[-1] != "--help"]
    yield from chain.from_iterable(_entry(_text(_shape(place)), place.says) for place in command.places)
    yield from _options(own)
    for words in (_also(shared), command.epilog):
        if words:
            yield ".PP"
            yield _text(words)


def _is_shared(option: Option, program: Command) -> bool:
    """Whether a flag of a command is described as one of the program: it has the same meaning there."""
    twin = program.option(option.flags[-1])
    return twin is not None and twin.says == option.says


def _also(flags: list[str]) -> str:
    return f"And as above: {', '.join(flags)}." if flags else ""


def _options(options: Iterable[Option]) -> Iterator[str]:
    for option in options:
        flags = ", ".join(_bold(flag) for flag in option.flags)
        yield from _entry(f"{flags} {_text(option.value)}".rstrip(), option.says)


def _environment() -> Iterator[str]:
    yield _text("A flag wins over its variable, and that over the config file.")
    for name in PARSERS:
        yield from _entry(_bold(variable_of(name)), f"as --{name.replace('_', '-')}")
    yield from chain.from_iterable(_entry(_bold(name), says) for name, says in VARIABLES)


def _example(says: str, command: str) -> Iterator[str]:
    yield from _entry(_bold(command), says)


def _entry(title: str, says: str) -> Iterator[str]:
    yield ".TP"
    yield title
    yield _text(says[:1].upper() + says[1:] + ("" if says.endswith(".") else "."))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f".SH {title}"
    yield from lines


def _as_it_stands(text: str) -> Iterator[str]:
    yield ".nf"
    yield from map(_text, text.splitlines())
    yield ".fi"


def _bold(text: str) -> str:
    return rf"\fB{_text(text)}\fR"


def _text(text: str) -> str:
    r"""Return a text that roff takes for nothing but text.

    >>> print(_text(".5 a\\b --host 'x'"))
    \&.5 a\eb \-\-host \(aqx\(aq
    """
    safe = (
        text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga").replace("^", r"\(ha")
    )
    return re.sub(r"^(?=\.)", r"\\&", safe.replace("~", r"\(ti").replace('"', r"\(dq"))
