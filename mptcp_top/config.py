"""The config file: found, read and checked. And what was asked for, with it."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.settings import DEFAULTS_TABLE, HERE, PARSERS, access, settle, table_of, variable_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.settings import Access, Settings, Tables

    Table = Mapping[str, Any]

VARIABLE: Final = "MPTCP_TOP_CONFIG"
PASSWORD: Final = "MPTCP_TOP_PASSWORD"  # noqa: S105  # the name of a variable
SIMULATED_PASSWORD: Final = "MPTCP_TOP_SIMULATE_PASSWORD"  # noqa: S105  # as above
LARGEST_BYTES: Final = 1 << 20
_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


class Config(NamedTuple):
    """What the config file says, every value checked. Not ``found``, it says nothing."""

    path: Path
    found: bool = False
    defaults: Table = _EMPTY
    targets: Mapping[str, Table] = _EMPTY
    groups: Mapping[str, tuple[str, ...]] = _EMPTY
    alerts: Table = _EMPTY
    recording: Table = _EMPTY

    def tables_of(self, name: str) -> Tables:
        """Return the tables that say something of one target, its own first."""
        own = {f"file: {table_of(name)}": self.targets[name]} if name in self.targets else {}
        return {**own, DEFAULTS_TABLE: self.defaults}

    def members_of(self, group: str) -> tuple[str, ...]:
        """Return the targets of a group.

        Raises:
            SettingsError: there is no such group.
        """
        if group not in self.groups:
            from mptcp_top.config_text import nearest  # noqa: PLC0415  # only for mistakes

            where = f"in {printable(str(self.path))}" if self.found else f"without {printable(str(self.path))}"
            raise SettingsError(f"there is no group {printable(group)!r} {where}{nearest(group, self.groups)}")
        return self.groups[group]


class Asked(NamedTuple):
    """What was asked for, from everywhere. The environment in it is ours alone, and without the password."""

    settings: Settings
    config: Config
    flags: Mapping[str, Any]
    environment: Mapping[str, str]
    origins: Mapping[str, str]

    def access_of(self, name: str) -> Access:
        """Return how to get at a target.

        Raises:
            SettingsError: what was said of it contradicts itself.
        """
        return access(name, self.flags, self.environment, self.config.tables_of(name))

    def refuse_slash(self, host: str) -> None:
        """Refuse the name of a target with a slash after it: it would be read as the address of another one.

        Raises:
            SettingsError: it is that.
        """
        name = host.rstrip("/")
        if name != host and name in self.config.targets and host not in self.config.targets:
            raise SettingsError(f"{printable(host)} is no target, but {printable(name)} is, without the slash")

    def target_names(self) -> tuple[str, ...]:
        """Return what to read, each once: the hosts, then the members of the groups.

        Raises:
            SettingsError: there is no such group, or what was given for a host is meant otherwise.
        """
        for host in self.settings.hosts:
            if host in self.config.groups and host not in self.config.targets:
                raise SettingsError(f"{printable(host)} is a group: --group {printable(host)}")
            self.refuse_slash(host)
        members = [name for group in self.settings.group for name in self.config.members_of(group)]
        return tuple(dict.fromkeys((*self.settings.hosts, *members))) or HERE


def ask(flags: Mapping[str, Any], environment: Mapping[str, str]) -> Asked:
    """Return what the command line, the environment and the config file ask for together.

    Raises:
        SettingsError: one of them is wrong.
    """
    _refuse_unknown_variables(environment)
    config = load(environment)
    ours = {name: text for name, text in environment.items() if name.startswith("MPTCP_TOP_") and name != PASSWORD}
    settings, origins = settle(flags, ours, config.defaults, config.recording)
    return Asked(settings, config, flags, ours, origins)


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    """Refuse a variable that looks like ours and is none. What it holds is not repeated."""
    known = {*map(variable_of, PARSERS), VARIABLE, PASSWORD, SIMULATED_PASSWORD}
    for name, text in environment.items():
        if text and name.startswith("MPTCP_TOP_") and name not in known:
            from mptcp_top.config_text import nearest  # noqa: PLC0415  # only for mistakes

            raise SettingsError(f"{printable(name)}: there is no such variable{nearest(name, known)}")


def path_of(environment: Mapping[str, str]) -> Path:
    """Return where the config file is, or would be."""
    if given := environment.get(VARIABLE):
        return Path(given)
    if sys.platform == "linux":  # to import platformdirs for this would cost `stat` a tenth of its start
        base = environment.get("XDG_CONFIG_HOME", "").strip()
        if not base.startswith("/"):
            base = f"{environment.get('HOME') or os.path.expanduser('~')}/.config"  # noqa: PTH111  # Path's one raises
        return Path("/", base, "mptcp-top", "config.toml")
    from platformdirs import user_config_path  # noqa: PLC0415  # see above

    return user_config_path("mptcp-top") / "config.toml"


def load(environment: Mapping[str, str]) -> Config:
    """Return what the config file says. That there is none is fine, unless it was named.

    Raises:
        SettingsError: it cannot be read, or used.
    """
    path = path_of(environment)
    try:
        content, status = read(path)
    except FileNotFoundError as error:
        if environment.get(VARIABLE):
            raise SettingsError(f"{VARIABLE}: there is no {printable(str(path))}") from error
        return Config(path)
    except OSError as error:
        raise SettingsError(f"{printable(str(path))}: {error.strerror}") from error
    from mptcp_top.config_text import parse  # noqa: PLC0415  # most starts have no config file to understand

    config = Config(path, True, *parse(content, path))
    refuse_what_others_write(config, status)
    return config


def read(path: Path) -> tuple[bytes, os.stat_result]:
    """Return the content of a config file, and whose it is.

    Raises:
        OSError: it cannot be read.
        SettingsError: it is no file, or far too large.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) and path != Path(os.devnull):
            raise SettingsError(f"{printable(str(path))} is no file")
        content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise SettingsError(f"{printable(str(path))} is larger than 1 MiB")
    return content, status


def refuse_what_others_write(config: Config, status: os.stat_result) -> None:
    """Refuse a file with a command in it that somebody else could have put there.

    Raises:
        SettingsError: it is one.
    """
    from shlex import quote  # noqa: PLC0415  # only for the complaint

    if any("password_command" in table for table in (config.defaults, *config.targets.values())):
        what = "a password_command"
    elif "command" in config.alerts:
        what = "a command for alerts"
    else:
        return
    path = config.path
    reason = f"{printable(str(path))} has {what}, and others than you may write"
    if status.st_uid not in {0, os.geteuid()}:
        raise SettingsError(f"{reason} it: it belongs to user {status.st_uid}")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise SettingsError(f"{reason} it: chmod go-w {printable(quote(str(path)), 5000)}")
