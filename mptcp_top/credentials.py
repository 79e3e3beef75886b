"""Who logs in to a target, and where the password comes from: asked for, or read anew whenever it is needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.model import Secret
from mptcp_top.passwords import SERVICE, read_command, read_keyring, read_password_file, secret_of, there_is_a_keyring
from mptcp_top.settings import PARSERS, is_typed
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mptcp_top.settings import Access

VARIABLE: Final = "MPTCP_TOP_PASSWORD"


class Way(NamedTuple):
    """One way to a password: what to call it, where that was said, and how to go it.

    ``read`` is told whether this is the first time, with the terminal still ours, and raises SettingsError.
    """

    source: str
    origin: str
    read: Callable[[bool], Secret]


class Credentials:
    """User and password for one target. Shows neither, and holds a password only until it is first asked for."""

    __slots__ = ("_first", "_read", "source", "user")

    def __init__(self, user: str, way: Way, first: Secret) -> None:
        self.user = user
        self.source = way.source
        self._first: Secret | None = first
        self._read = way.read

    def password(self) -> Secret:
        """Return the password: at first the one read at the start, from then on what its source says by now.

        This may take as long as a command does: up to 30 seconds.

        Raises:
            SettingsError: its source does not give one any more.
        """
        first, self._first = self._first, None
        known = first or self._read(False)
        if not known:
            raise SettingsError(f"{printable(self.source)}: there is no password any more")
        return known


def can_ask() -> bool:
    """Whether there is somebody at a terminal to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def credentials_of(
    name: str,
    access: Access,
    environment: Mapping[str, str],
    *,
    interactive: bool,
    given: dict[str, Secret] | None = None,
) -> Credentials:
    """Return user and password for the target ``name``, read or asked for now.

    ``given`` remembers, by user, what was typed: hand in the same one for all targets, and Enter means "the same".

    Raises:
        SettingsError: there are none, or they may not be used as they are.
    """
    given = {} if given is None else given
    user = access.user or _ask_user(name, given, interactive=interactive)
    way = way_of(access, environment)
    if way is not None:
        return Credentials(user, way, way.read(True))
    trouble = ""
    if there_is_a_keyring():
        account = f"{user}@{name}"
        way = Way(f"keyring {account}", "default", lambda first: read_keyring(account, first=first))
        try:
            if known := way.read(True):
                return Credentials(user, way, known)
        except SettingsError as error:
            trouble = f"{error}. "
    if not interactive:
        raise SettingsError(trouble + _no_password(user, name))
    secret = _ask_password(user, name, given, trouble)
    given[user] = secret
    return Credentials(user, Way("asked for", "default", lambda _: secret), secret)


def way_of(access: Access, environment: Mapping[str, str]) -> Way | None:
    """Return the way to a target's password that flags, environment and config file name, if they do."""
    path, command, origins = access.password_file, access.password_command, access.origins
    if environment.get(VARIABLE) and not (path and is_typed(origins["password_file"])):
        return Way(f"{VARIABLE} (set)", VARIABLE, lambda _: secret_of(_bytes(environment[VARIABLE]), VARIABLE))
    if path:
        return Way(f"password_file {path}", origins["password_file"], lambda _: read_password_file(Path(path)))
    if command:
        source = f"password_command {command[0]}"  # its arguments may be nobody's business
        return Way(source, origins["password_command"], lambda first: read_command(command, first=first))
    return None


def _ask_user(name: str, given: dict[str, Secret], *, interactive: bool) -> str:
    if not interactive:
        raise SettingsError(
            f'{printable(name)}: which user? Give --user NAME, MPTCP_TOP_USER, or user = "NAME" in the config file, '
            f"in [targets.{printable(name)}] or [defaults]"
        )
    last = next(reversed(given), "")
    sys.stderr.write(f"User of {printable(name)}{f' (Enter: {last})' if last else ''}: ")
    sys.stderr.flush()
    try:
        user: str = PARSERS["user"](sys.stdin.readline().strip() or last)
    except ValueError as error:
        raise SettingsError(f"{printable(name)}: {error}") from error
    return user


def _ask_password(user: str, name: str, given: Mapping[str, Secret], trouble: str) -> Secret:
    from getpass import getpass  # noqa: PLC0415  # only where somebody is asked

    hint = " (Enter: the same as before)" if user in given else ""
    whence = f"Password of {printable(user)} on {printable(name)}"
    try:
        answer = Secret(getpass(f"{trouble}{whence}{hint}: "))
    except EOFError as error:
        raise SettingsError(f"{whence}: none given") from error
    return given[user] if user in given and not answer else secret_of(_bytes(answer.reveal()), whence)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _no_password(user: str, name: str) -> str:
    target = printable(name)
    return (
        f"{target}: no password for {printable(user)}. Give --password-file FILE, {VARIABLE}, or password_file or "
        f"password_command in [targets.{target}] of the config file; or, with the package keyring, once: keyring set "
        f"{SERVICE} {printable(user)}@{target}; or start it in a terminal to be asked"
    )
