"""The values of a config file: which keys a table may hold, and what each of them takes.

A check is given the key, what the file says, and the folder the file is in. It raises ValueError with what to say.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.settings import PARSERS, THEMES, Between, SecondsBetween, parse_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Check = Callable[[str, object, Path], Any]
    Schema = Mapping[str, Any]


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
    found, wrong = [], []
    for text in _texts(value, '["ns1", "local"]'):
        try:
            found.append(_address(name, text, folder))
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError("; ".join(wrong))
    return tuple(found)


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


def _setting(name: str) -> Value:
    """Return what a setting takes that is a number of something."""
    parser = PARSERS[name]
    if not isinstance(parser, Between):
        raise TypeError(f"{name} is no number")
    return _amount(parser.low, parser.high, parser.unit)


def _amount(least: float, most: float, unit: str) -> Value:
    def check(name: str, value: object, folder: Path) -> float:
        del name, folder
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            raise ValueError(f"give {unit} from {least:g} to {most:g}")
        return float(value)

    return Value(check, lambda _: {"type": "number", "minimum": least, "maximum": most})


class Value:
    """What a key takes: a check of it, and as much of that as JSON Schema can say, which is never more."""

    def __init__(self, check: Check, schema: Callable[[str], Schema]) -> None:
        self._check = check
        self.schema = schema

    def __call__(self, name: str, value: object, folder: Path) -> Any:  # noqa: ANN401  # whatever the setting is
        """Return the value of a key, or raise ValueError with what to say."""
        return self._check(name, value, folder)


def _schema_of_text(name: str) -> Schema:
    return {"type": "string", **_TEXTS.get(name, {"pattern": r"\S"})}


def _schema_of_seconds(name: str) -> Schema:
    parser = PARSERS[name]
    bounds = {"minimum": parser.low, "maximum": parser.high} if isinstance(parser, SecondsBetween) else {}
    return {"type": "number", **bounds}


def _schema_of_rules(_: str) -> Schema:
    from mptcp_top.config_alerts import schema_of_rules  # noqa: PLC0415  # few ask for it

    return schema_of_rules()


def _any_case(word: str) -> str:
    """Return a pattern of a word in capital and small letters, for which those of JSON Schema have no flag.

    >>> _any_case("ansi-1")
    '[aA][nN][sS][iI]-1'
    """
    return "".join(f"[{char}{char.upper()}]" if char.isalpha() else char for char in word)


_TEXTS: Final[Mapping[str, Schema]] = {
    "pin": {"pattern": rf"^\s*{_any_case('sha256')}:[0-9a-fA-F:]{{64,}}\s*$"},
    "theme": {"anyOf": [{"enum": list(THEMES)}, {"pattern": rf"^\s*(?:{'|'.join(map(_any_case, THEMES))})\s*$"}]},
    "password_file": {"minLength": 1},
    "cacert": {"minLength": 1},
}
_TARGET: Final[Schema] = {"type": "string", "pattern": r"^(?=.*\S)(?:local:.*|[^@]*)$"}
_WORDS: Final[Schema] = {"type": "array", "items": {"type": "string"}, "minItems": 1}

_A_TEXT: Final = Value(_text, _schema_of_text)
_A_FILE: Final = Value(_file, _schema_of_text)
_A_TIME: Final = Value(_seconds, _schema_of_seconds)
_A_SWITCH: Final = Value(_boolean, lambda _: {"type": "boolean"})
_A_TARGET: Final = Value(_address, lambda _: _TARGET)
_TARGETS: Final = Value(_addresses, lambda _: {"type": "array", "items": _TARGET, "minItems": 1})
_A_COMMAND: Final = Value(_command, lambda _: _WORDS)
_AN_ANNOUNCEMENT: Final = Value(_announcing, lambda _: _WORDS)
_RULES: Final = Value(lambda *_: None, _schema_of_rules)  # they have been read by then

_ACCESS: Final[Mapping[str, Value]] = {
    "user": _A_TEXT,
    "password_file": _A_FILE,
    "password_command": _A_COMMAND,
    "cacert": _A_FILE,
    "pin": _A_TEXT,
    "allow_http": _A_SWITCH,
    "interval": _A_TIME,
    "timeout": _A_TIME,
}
DEFAULTS: Final[Mapping[str, Value]] = {
    "host": _TARGETS,
    "hold": _A_TIME,
    "ascii": _A_SWITCH,
    "mark": _A_SWITCH,
    "theme": _A_TEXT,
    "output_diff": _A_SWITCH,
    **_ACCESS,
}
CHECKS: Final[Mapping[str, Mapping[str, Value]]] = {
    "defaults": DEFAULTS,
    "targets": {"host": _A_TARGET, **_ACCESS},
    "groups": {"targets": _TARGETS},
    "alerts": {
        "defaults": _A_SWITCH,
        "clean_hours": _amount(0, 8760, "hours (0: never)"),
        "command": _AN_ANNOUNCEMENT,
        "command_every": _amount(1, 86_400, "seconds"),
        "rules": _RULES,
    },
    "recording": {"enabled": _A_SWITCH, "keep_days": _setting("keep_days"), "keep_mb": _setting("keep_mb")},
}
NAMED: Final[Mapping[str, Schema]] = {
    "targets": {"pattern": r"^(?!-|local(?::|$))[^\s,@]+$"},
    "groups": {"pattern": r"^(?!-)(?:local:[^\s,]*|[^\s,@]+)$"},
}
"""The tables that hold tables with names, and how these are spelt."""
