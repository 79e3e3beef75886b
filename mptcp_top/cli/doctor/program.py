"""What the program itself stands on: versions, the config file and other settings, and folders to write in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.cli.doctor.finding import Area, Finding, fails, fine, note
from mptcp_top.cli.version import parts
from mptcp_top.config import ask, load, path_of
from mptcp_top.errors import SettingsError
from mptcp_top.passwords import there_is_a_keyring
from mptcp_top.remembered import path_of as state_file_of
from mptcp_top.text import printable
from mptcp_top.ui.clipboard import folders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mptcp_top.config import Asked


class Settled(NamedTuple):
    """The settings, None if they are wrong; and what was found of them."""

    asked: Asked | None
    area: Area


def program() -> Area:
    """Look at the versions of what is at work."""
    found = [
        fine(part.name, part.version)
        if part.fits
        else fails(part.name, f"{part.version or 'missing'}, and it takes {part.wanted}", "install mptcp-top anew")
        for part in parts()
    ]
    keyring = "installed: it is asked for passwords" if there_is_a_keyring() else "not installed, and not needed"
    return Area("program", (*found, fine("keyring", keyring)))


def settings(options: Mapping[str, object], environment: Mapping[str, str]) -> Settled:
    """Look at the config file, at all that was asked for, and at the folders that are written in."""
    file = _file(environment)
    asked: Asked | None = None
    said = [file]
    try:
        asked = ask(options, environment)
    except SettingsError as error:
        if file.says != str(error):
            said.append(fails("settings", str(error)))
    else:
        said.append(fine("settings", _origins(asked)))
    return Settled(asked, Area("settings", (*said, *_folders(environment))))


def _file(environment: Mapping[str, str]) -> Finding:
    path = printable(str(path_of(environment)), 5000)
    try:
        config = load(environment)
    except SettingsError as error:
        return fails("config file", str(error), "see: mptcp-top config check")
    if not config.found:
        return fine("config file", f"there is none at {path}: mptcp-top config example prints one")
    return fine(
        "config file", f"{path}: {_counted(len(config.targets), 'target')}, {_counted(len(config.groups), 'group')}"
    )


def _origins(asked: Asked) -> str:
    """Return which settings somebody has set, and where."""
    told = [f"{name} ({origin})" for name, origin in asked.origins.items() if origin != "default"]
    return ", ".join(told) or "all as they are by default"


def _folders(environment: Mapping[str, str]) -> Iterator[Finding]:
    yield _writable("state folder", state_file_of(environment).parent)
    runtime = next(folders(environment), None)
    if runtime is not None:
        yield _writable("copies", runtime / "mptcp-top")


def _writable(name: str, folder: Path) -> Finding:
    """Return whether a folder can be written in, or made; nothing is made to find out."""
    shown, there = printable(str(folder), 5000), os.access(folder, os.F_OK)
    nearest = next(path for path in (folder, *folder.parents) if os.access(path, os.F_OK))
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return note(name, f"{shown} cannot be written", f"see: ls -ld {printable(str(nearest), 5000)}")
    owner = nearest.stat().st_uid
    if owner != os.geteuid() and (there or not os.geteuid()):
        return note(
            name, f"{shown} is in a folder of user {owner}", "with sudo, give XDG_STATE_HOME=/root/.local/state"
        )
    return fine(name, f"{shown}{'' if there else ' (can be made)'}")


def _counted(number: int, what: str) -> str:
    """Return a number of things.

    >>> _counted(1, "group"), _counted(0, "group")
    ('1 group', '0 groups')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"
