"""``mptcp-top config check``: everything that is wrong with a config file, and with the files it names."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.cli.targets import targets_of
from mptcp_top.config import VARIABLE, Asked, Config, path_of, read, refuse_what_others_write
from mptcp_top.config_text import Examined, Mistake, examine, line_of, nearest
from mptcp_top.errors import SettingsError
from mptcp_top.passwords import read_password_file
from mptcp_top.settings import Settings, table_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Place = tuple[str, ...]


def check(file: str | None, environment: Mapping[str, str]) -> int:
    """Print what is wrong with a file, or with the one that is used, and return the exit code: 2 if anything is.

    Raises:
        SettingsError: there is no such file.
    """
    path = Path(file) if file else path_of(environment)
    shown = printable(str(path), 5000)
    try:
        content, status = read(path)
    except FileNotFoundError as error:
        if not file and not environment.get(VARIABLE):
            print(f"{shown}: there is none, and none is needed")
            return 0
        raise SettingsError(f"there is no {shown}") from error
    except OSError as error:
        raise SettingsError(f"{shown}: {error.strerror}") from error
    examined = examine(content, path)
    config = Config(path, True, *examined.said)
    mistakes = [*examined.mistakes, *_Named(config, examined).mistakes()]
    try:
        refuse_what_others_write(config, status)
    except SettingsError as error:
        mistakes.insert(0, Mistake(None, str(error).removeprefix(f"{shown} ")))
    for mistake in sorted(mistakes, key=lambda each: each.line or 0):
        print(mistake.told(path))
    print(f"{len(mistakes)} to mend" if mistakes else _sum_of(config))
    return 2 if mistakes else 0


def _sum_of(config: Config) -> str:
    rules = config.alerts.get("rules", {})
    counted = {"target": len(config.targets), "group": len(config.groups), "rule": len(rules)}
    told = ", ".join(f"{number} {name}{'' if number == 1 else 's'}" for name, number in counted.items())
    return f"{printable(str(config.path), 5000)}: nothing is wrong ({told})"


class _Named:
    """What a file names: other files, programs, targets, groups."""

    def __init__(self, config: Config, examined: Examined) -> None:
        self._config = config
        self._text = examined.text

    def mistakes(self) -> Iterator[Mistake]:
        """Yield what is wrong with what it names. Nothing is run, and nobody is asked over the network."""
        config = self._config
        tables: dict[Place, Mapping[str, Any]] = {("defaults",): config.defaults, ("alerts",): config.alerts}
        tables |= {("targets", name): table for name, table in config.targets.items()}
        for place, table in tables.items():
            for key in table.keys() & _LOOKS.keys():
                yield from self._tried(place, key, partial(_LOOKS[key], table[key]))
        for name in config.targets:
            yield from self._tried(("targets",), name, partial(self._target, name))
        yield from self._members(("defaults",), "host", self._config.defaults.get("host", ()))
        for name, members in self._config.groups.items():
            yield from self._members(("groups", name), "targets", members)
        yield from self._rules()

    def _members(self, place: Place, key: str, names: tuple[str, ...]) -> Iterator[Mistake]:
        """Yield what is wrong with targets that are named elsewhere than in a table of their own."""
        for name in names:
            if name in self._config.groups and name not in self._config.targets:
                yield self._mistake(place, key, f"{printable(name)} is a group, and only targets can stand here")
            elif name not in self._config.targets:
                yield from self._tried(place, key, partial(self._target, name))

    def _rules(self) -> Iterator[Mistake]:
        known = {*self._config.targets, *self._config.groups}
        for rule, watch in self._config.alerts.get("rules", {}).items():
            for name in watch.targets if watch is not None else ():
                guess = "" if name in known else nearest(name, known)
                if guess:
                    yield self._mistake(("alerts", "rules"), rule, f"no target or group is {printable(name)}{guess}")

    def _target(self, name: str) -> None:
        """Refuse a target that could not be read as it is described."""
        targets_of(Asked(Settings(host=(name,)), self._config, {}, {}, {}))

    def _tried(self, place: Place, key: str, look: Callable[[], object]) -> Iterator[Mistake]:
        try:
            look()
        except SettingsError as error:
            yield self._mistake(place, key, str(error))

    def _mistake(self, place: Place, key: str, says: str) -> Mistake:
        line = line_of(place, key, self._text)
        if place == ("targets",):
            return Mistake(line, f"{table_of(key)}: {says.removeprefix(f'{printable(key)}: ')}")
        header = table_of(place[1], place[0]) if place[0] != "alerts" and len(place) > 1 else f"[{'.'.join(place)}]"
        return Mistake(line, f"{header} {printable(key, 60)}: {says}")


def _certificates(path: str) -> None:
    from mptcp_top.sources.nitro.tls import context_of  # noqa: PLC0415  # few files name one

    try:
        context_of(path)
    except SettingsError as error:
        raise SettingsError(str(error).removeprefix("--cacert ")) from error


def _program(command: tuple[str, ...]) -> None:
    if shutil.which(command[0]) is None:
        raise SettingsError(f"there is no program {printable(command[0])} that may be run")


_LOOKS: Final[Mapping[str, Callable[[Any], object]]] = {
    "password_file": lambda path: read_password_file(Path(path)),
    "cacert": _certificates,
    "password_command": _program,
    "command": _program,
}
