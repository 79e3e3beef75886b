"""The values of a config file: which keys a table may hold, and what each of them takes.

A check is given the key, what the file says, and the folder the file is in. It raises ValueError with what to say.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.settings import PARSERS, parse_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Check = Callable[[str, object, Path], Any]


def _text(name: str, value: object, folder: Path) -> str:
    del folder
    if not isinstance(value, str):
        raise ValueError("give a text in quotes")  # noqa: TRY004  # in a file it is the value that is wrong
    text: str = PARSERS[name](value)
    return text


def _file(name: str, value: object, folder: Path) -> str:
    try:
        return str(folder / Path(_text(name, value, folder)).expanduser())
    except RuntimeError as error:
        raise ValueError("nobody of that name has a home here") from error


def _seconds(name: str, value: object, folder: Path) -> float:
    del folder
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("give a number of seconds")  # noqa: TRY004
    try:
        seconds: float = PARSERS[name](str(float(value)))
    except OverflowError as error:
        raise ValueError("give fewer seconds") from error
    return seconds


def _boolean(name: str, value: object, folder: Path) -> bool:
    del name, folder
    if not isinstance(value, bool):
        raise ValueError("give true or false")  # noqa: TRY004
    return value


def _address(name: str, value: object, folder: Path) -> str:
    del name, folder
    if not isinstance(value, str):
        raise ValueError("give one address, as a text in quotes")  # noqa: TRY004
    return parse_target(value)


def _texts(value: object, example: str) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        raise ValueError(f"give a list of texts, for instance {example}")
    return value


def _addresses(name: str, value: object, folder: Path) -> tuple[str, ...]:
    return tuple(_address(name, text, folder) for text in _texts(value, '["ns1", "local"]'))


def _command(name: str, value: object, folder: Path) -> tuple[str, ...]:
    del name, folder
    example = '["pass", "show", "ns1"]'
    if isinstance(value, str):
        raise ValueError(f"no shell takes it apart, so give a list: {example}")  # noqa: TRY004
    command = _texts(value, example)
    program = command[0]
    if not program or any("\0" in text for text in command):
        raise ValueError(f"give a program and its arguments, for instance {example}")
    if "/" in program and not program.startswith("/"):
        raise ValueError("give the program's absolute path, or just its name: it may be run from anywhere")
    return tuple(command)


def _announcing(name: str, value: object, folder: Path) -> tuple[str, ...]:
    from mptcp_top.config_alerts import check_placeholders  # noqa: PLC0415  # few files have such a command

    command = _command(name, value, folder)
    check_placeholders(command)
    return command


def _amount(least: float, most: float, unit: str) -> Check:
    def check(name: str, value: object, folder: Path) -> float:
        del name, folder
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            raise ValueError(f"give {unit} from {least:g} to {most:g}")
        return float(value)

    return check


_ACCESS: Final[Mapping[str, Check]] = {
    "user": _text,
    "password_file": _file,
    "password_command": _command,
    "cacert": _file,
    "pin": _text,
    "allow_http": _boolean,
    "interval": _seconds,
    "timeout": _seconds,
}
DEFAULTS: Final[Mapping[str, Check]] = {
    "host": _addresses,
    "hold": _seconds,
    "ascii": _boolean,
    "mark": _boolean,
    "theme": _text,
    "output_diff": _boolean,
    **_ACCESS,
}
CHECKS: Final[Mapping[str, Mapping[str, Check]]] = {
    "defaults": DEFAULTS,
    "targets": {"host": _address, **_ACCESS},
    "groups": {"targets": _addresses},
    "alerts": {
        "defaults": _boolean,
        "clean_hours": _amount(0, 8760, "hours (0: never)"),
        "command": _announcing,
        "command_every": _amount(1, 86_400, "seconds"),
        "rules": lambda *_: None,  # they have been read
    },
}
