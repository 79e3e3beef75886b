"""The text of a config file: what it may hold, and what it says. Imported only where there is a file."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.config_values import CHECKS, DEFAULTS
from mptcp_top.errors import SettingsError
from mptcp_top.settings import parse_target, table_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class Said(NamedTuple):
    """What a config file says, by table. Every value is what its setting takes."""

    defaults: Mapping[str, Any]
    targets: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, tuple[str, ...]]
    alerts: Mapping[str, Any]
    recording: Mapping[str, Any]


_NOTHING: Final = Said({}, {}, {}, {}, {})


class _Wrong(Exception):
    """A key that cannot be: in which table, and why."""

    def __init__(self, place: tuple[str, ...], name: str, why: str) -> None:
        super().__init__(why)
        self.place, self.name, self.why = place, name, why


class Mistake(NamedTuple):
    """Something wrong in a file: in which line, if that can be told, and what. It repeats no password."""

    line: int | None
    says: str
    cause: Exception | None = None

    def told(self, path: Path) -> str:
        """Return it with its place in the file.

        >>> from pathlib import Path
        >>> Mistake(3, "no").told(Path("a.toml")), Mistake(None, "no").told(Path("a.toml"))
        ('a.toml:3: no', 'a.toml: no')
        """
        shown = printable(str(path))
        return f"{shown}: {self.says}" if self.line is None else f"{shown}:{self.line}: {self.says}"


class Examined(NamedTuple):
    """What a file says, and every mistake in it, in whose place nothing is said. Its text is to find lines in."""

    said: Said
    mistakes: tuple[Mistake, ...] = ()
    text: str = ""


def parse(content: bytes, path: Path) -> Said:
    """Return what the content of the config file ``path`` says.

    Raises:
        SettingsError: it is no TOML, or says what means nothing here.
    """
    said, mistakes, _ = examine(content, path)
    if mistakes:
        raise SettingsError(mistakes[0].told(path)) from mistakes[0].cause
    return said


def examine(content: bytes, path: Path) -> Examined:
    """Return what the content of the config file ``path`` says, and all that is wrong with it."""
    try:
        text = content.decode("utf-8-sig")
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Examined(_NOTHING, (Mistake(line, "this is not UTF-8", error),))
    except RecursionError as error:
        return Examined(_NOTHING, (Mistake(None, "nested too deeply", error),))
    except ValueError as error:  # tomllib's own, or of Python on numbers of thousands of digits
        return Examined(_NOTHING, (Mistake(None, printable(str(error)), error),))
    mistakes: list[Mistake] = []
    while True:
        try:
            return Examined(_said(document, path.absolute().parent), tuple(mistakes), text)
        except _Wrong as wrong:
            table = f"{_header_of(wrong.place)} " if wrong.place else ""
            says = f"{table}{printable(wrong.name, 60)}: {wrong.why}"
            mistakes.append(Mistake(line_of(wrong.place, wrong.name, text), says, wrong))
            if not _drop(document, wrong):
                return Examined(_NOTHING, tuple(mistakes), text)


def _drop(document: dict[str, Any], wrong: _Wrong) -> bool:
    """Take what is wrong out of a document, so that what else there is can be looked at; whether that was done."""
    place = (*wrong.place, wrong.name)
    if place[0] == "groups":
        place = place[:2]  # nothing is left of a group without its targets
    table: Any = document
    for name in place[:-1]:
        table = table.get(name) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        return False
    named = (place[-1], next((name for name in table if place[-1].startswith(f"{name}.")), ""))  # dots fall apart
    return any(table.pop(name, None) is not None for name in named)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a question for the known name that was meant, or nothing if there is none like it.

    >>> nearest("usr", ["user", "pin"]), nearest("x", ["user"])
    (': did you mean user?', '')
    """
    from difflib import get_close_matches  # noqa: PLC0415  # only for mistakes, and slow to import

    near = get_close_matches(name, known, n=1)
    return f": did you mean {printable(near[0])}?" if near else ""


def _header_of(place: tuple[str, ...]) -> str:
    return table_of(place[1], place[0]) if len(place) > 1 else f"[{place[0]}]"


def _alerts(table: object, folder: Path) -> dict[str, Any]:
    """Return what is said of alerts: the rules by their names, None for one that is not wanted."""
    if not isinstance(table, dict) or "rules" not in table:
        return _table((), "alerts", table, folder)
    from mptcp_top.config_alerts import watch_of  # noqa: PLC0415  # few files have rules

    rules = table["rules"]
    if not isinstance(rules, dict):
        raise _Wrong(("alerts",), "rules", "give a table: [alerts.rules], with lines NAME = RULE below")
    found = {}
    for name, value in rules.items():
        try:
            found[name] = watch_of(name, value)
        except ValueError as error:
            raise _Wrong(("alerts", "rules"), name, str(error)) from error
    return {**_table((), "alerts", {**table, "rules": None}, folder), "rules": found}


def _said(document: Mapping[str, object], folder: Path) -> Said:
    for name in document:
        if name not in Said._fields:
            advice = "put it into [defaults]" if name in DEFAULTS else f"unknown{nearest(name, Said._fields)}"
            raise _Wrong((), name, _REFUSED.get(name, advice))
    defaults = _table((), "defaults", document.get("defaults", {}), folder)
    targets = {name: _table(("targets",), name, table, folder) for name, table in _named(document, "targets")}
    groups = {name: _table(("groups",), name, table, folder) for name, table in _named(document, "groups")}
    for name in targets:
        if name.partition(":")[0] == "local":
            raise _Wrong(("targets",), name, "this name has a meaning already: a kernel of this host")
    for name, group in groups.items():
        if "targets" not in group:
            raise _Wrong(("groups",), name, 'say what is in it: targets = ["ns1", "ns2"]')
    alerts = _alerts(document.get("alerts", {}), folder)
    recording = _table((), "recording", document.get("recording", {}), folder)
    if "enabled" in recording:
        recording["record"] = recording.pop("enabled")
    return Said(defaults, targets, {name: group["targets"] for name, group in groups.items()}, alerts, recording)


def _named(document: Mapping[str, object], kind: str) -> Iterable[tuple[str, object]]:
    tables = document.get(kind, {})
    if not isinstance(tables, dict):
        raise _Wrong((), kind, f"give tables, for instance [{kind}.ns]")
    for name in tables:
        if any(char.isspace() or char == "," for char in name) or name.startswith("-"):
            raise _Wrong((kind,), name, "a name has no spaces or commas in it, and no dash at its start")
        try:
            parse_target(name)
        except ValueError as error:
            raise _Wrong((kind,), name, str(error)) from error
    return tables.items()


def _table(above: tuple[str, ...], name: str, table: object, folder: Path) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise _Wrong(above, name, f"give a table: [{'.'.join((*above, 'NAME' if above else name))}], with lines below")
    place = (*above, name)
    checks = CHECKS[place[0]]
    values = {}
    for key, value in table.items():
        if key not in checks and above and isinstance(value, dict):
            dotted = ".".join((name, key, *_names_within(value)))
            raise _Wrong(above, dotted, f"quote names with dots: {table_of(dotted, above[0])}")
        if key not in checks:
            raise _Wrong(place, key, _REFUSED.get(key) or f"unknown{nearest(key, checks)}")
        try:
            values[key] = checks[key](key, value, folder)
        except ValueError as error:
            raise _Wrong(place, key, str(error)) from error
    if "password_file" in values and "password_command" in values:
        raise _Wrong(place, "password_command", "there is a password_file, too: drop one of them")
    if above == ("targets",) and "host" in values:
        values["address"] = values.pop("host")
    return values


def _names_within(table: Mapping[str, object]) -> list[str]:
    """Return the names of the tables in a table, from outside to inside: what a name with dots falls apart into."""
    found = []
    inner: object = table
    while isinstance(inner, dict) and (name := next((key for key in inner if isinstance(inner[key], dict)), None)):
        found.append(name)
        inner = inner[name]
    return found


_REFUSED: Final = {
    "password": "a password does not belong in this file: give password_file or password_command",
    "insecure": "this has to be typed, as --insecure; what a file can do is to name the certificate: pin or cacert",
}


def line_of(table: tuple[str, ...], name: str, text: str) -> int | None:
    """Return where a key or its table stands, where no text of several lines can look like it."""
    if '"""' in text or "'''" in text:
        return None
    place, whole = (re.sub(r"\s", "", ".".join(parts)) for parts in (table, (*table, name)))
    key = re.compile(rf"""["']?{re.escape(name)}["']?\s*[=.]""")
    header = ""
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if bare.startswith("["):
            header = re.sub(r"""["'\s]""", "", bare.lstrip("[").partition("]")[0])
            if header == whole or header.startswith(f"{whole}."):
                return number
        elif header == place and key.match(bare):
            return number
    return None
