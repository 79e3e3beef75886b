"""The command line's grammar as plain values, read out of its parser: for completion and the manual page."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.cli.parser import COMMANDS, build

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM: Final = "mptcp-top"


class Option(NamedTuple):
    """A flag: how it may be spelt, the word that stands for its value ("" if it takes none), and what it is for."""

    flags: tuple[str, ...]
    value: str
    says: str
    choices: tuple[str, ...] = ()
    again: bool = False


class Place(NamedTuple):
    """A word that is no flag: what stands for it, and whether there may be any number of such words, or none."""

    value: str
    says: str
    choices: tuple[str, ...] = ()
    many: bool = False
    optional: bool = False


class Command(NamedTuple):
    """The whole program, or a command of it: what it says of itself, and what it takes."""

    name: str
    says: str
    description: str
    epilog: str
    options: tuple[Option, ...]
    places: tuple[Place, ...]
    commands: Mapping[str, Command]

    def option(self, flag: str) -> Option | None:
        """Return the option that is spelt like this."""
        return next((option for option in self.options if flag in option.flags), None)


def grammar() -> Command:
    """Return everything that can be typed."""
    return _command(PROGRAM, "", build(tuple(COMMANDS)))


def _command(name: str, says: str, parser: argparse.ArgumentParser) -> Command:
    actions = [action for action in parser._actions if action.help != argparse.SUPPRESS]  # noqa: SLF001  # no other way
    commands = [action for action in actions if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001  # as above
    words = [action for action in actions if action not in commands]
    return Command(
        name,
        says,
        parser.description or "",
        parser.epilog or "",
        tuple(_option(action) for action in words if action.option_strings),
        tuple(_place(action) for action in words if not action.option_strings),
        {
            choice.dest: _command(f"{name} {choice.dest}", choice.help or "", action.choices[choice.dest])
            for action in commands
            for choice in action._choices_actions  # noqa: SLF001  # as above
        },
    )


def _option(action: argparse.Action) -> Option:
    value = _value(action) if action.nargs != 0 else ""
    again = type(action) is argparse._AppendAction  # noqa: SLF001  # argparse has no name for it
    return Option(tuple(action.option_strings), value, action.help or "", _choices(action), again)


def _place(action: argparse.Action) -> Place:
    many = action.nargs in {"*", "+"}
    return Place(_value(action), action.help or "", _choices(action), many, action.nargs in {"*", "?"})


def _value(action: argparse.Action) -> str:
    return action.metavar if isinstance(action.metavar, str) else action.dest.upper()


def _choices(action: argparse.Action) -> tuple[str, ...]:
    return tuple(map(str, action.choices or ()))
