"""Who logs in to a target, and where the password comes from: asked for, or read anew whenever it is needed."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.model import Secret
from mptcp_top.passwords import SERVICE, read_command, read_keyring, read_password_file, secret_of, there_is_a_keyring
from mptcp_top.settings import PARSERS, is_typed, table_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mptcp_top.settings import Access

VARIABLE: Final = "MPTCP_TOP_PASSWORD"
TRIES: Final = 3
NAMES_AT_MOST: Final = 8
_ENDING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Way(NamedTuple):
    """One way to a password: what to call it, where that was said, and how to go it.

    ``read`` is told whether this is the first time, with the terminal still ours, and raises SettingsError.
    """

    source: str
    origin: str
    read: Callable[[bool], Secret]
    typed: bool = False


class Credentials:
    """User and password for one target. Shows neither, and holds a password only until it is first asked for."""

    __slots__ = ("_first", "_read", "_spent", "source", "typed", "user")

    def __init__(self, user: str, way: Way, first: Secret) -> None:
        self.user = user
        self.source = way.source
        self.typed = way.typed
        self._first: Secret | None = first
        self._read = way.read
        self._spent = False

    def password(self) -> Secret:
        """Return the password: at first the one read at the start, from then on what its source says by now.

        This may take as long as a command does: up to 30 seconds.

        Raises:
            SettingsError: its source does not give one any more, or nobody can type another.
        """
        if self._spent:
            raise SettingsError("the password that was typed was refused: quit and start again to type another")
        first, self._first = self._first, None
        known = first or self._read(False)
        if not known:
            raise SettingsError(f"{printable(self.source)}: there is no password any more")
        return known

    def refused(self) -> None:
        """Take note that the target refused the password. One that was typed is not given again: it cannot change."""
        self._spent = self.typed


class Typed:
    """What was typed so far: a user's password is asked for once, and goes for all targets that have no other.

    ``users`` are those whose passwords will have to be typed, as far as it is known, once for each target.
    """

    def __init__(self, users: Sequence[str] = ()) -> None:
        self._users = users
        self._known: dict[str, Secret] = {}
        self._also: dict[str, list[str]] = {}

    @property
    def last_user(self) -> str:
        """Whose password was typed last, nobody's if none was."""
        return next(reversed(self._known), "")

    def password_of(self, user: str, name: str, trouble: str) -> Secret:
        """Return the password of a user, asked for unless that is done.

        Raises:
            SettingsError: nobody gives one.
        """
        if user in self._known:
            self._also.setdefault(user, []).append(printable(name))
        else:
            more = 0 if there_is_a_keyring() else self._users.count(user) - 1
            whence = f"Password of {printable(user)} on {printable(name)}"
            self._known[user] = _ask_password(whence, f" (and {more} more)" if more > 0 else "", trouble)
        return self._known[user]

    def say_where_else(self) -> None:
        """Tell for which targets nobody was asked."""
        for user, names in self._also.items():
            more = f" and {len(names) - NAMES_AT_MOST} more" if len(names) > NAMES_AT_MOST else ""
            shown = ", ".join(names[:NAMES_AT_MOST])
            sys.stderr.write(f"{printable(user)}'s password is used for {shown}{more} as well\n")


def can_ask() -> bool:
    """Whether there is somebody at a terminal to answer."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))  # cron may close them


def credentials_of(
    name: str,
    access: Access,
    environment: Mapping[str, str],
    *,
    interactive: bool,
    typed: Typed | None = None,
) -> Credentials:
    """Return user and password for the target ``name``, read or asked for now.

    ``typed`` remembers what was typed: hand in the same one for all targets, and nobody is asked twice.

    Raises:
        SettingsError: there are none, or they may not be used as they are.
    """
    typed = typed or Typed()
    user = access.user or _ask_user(name, typed.last_user, interactive=interactive)
    way = way_of(access, environment)
    if way is not None:
        way = way._replace(read=_named(name, way.read))
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
    secret = typed.password_of(user, name, trouble)
    return Credentials(user, Way("asked for", "default", lambda _: secret, typed=True), secret)


def _named(name: str, read: Callable[[bool], Secret]) -> Callable[[bool], Secret]:
    """Return a reader whose complaints name the target: with many, it is not clear whose password is missing."""

    def named(first: bool) -> Secret:  # noqa: FBT001  # as every reader
        try:
            return read(first)
        except SettingsError as error:
            raise SettingsError(f"{printable(name)}: {error}") from error

    return named


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


def _ask_user(name: str, last: str, *, interactive: bool) -> str:
    if not interactive:
        raise SettingsError(
            f'{printable(name)}: which user? Give --user NAME, MPTCP_TOP_USER, or user = "NAME" in the config file, '
            f"in {table_of(name)} or [defaults]"
        )
    with _prompt():
        sys.stderr.write(f"User of {printable(name)}{f' (Enter: {last})' if last else ''}: ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if not answer:
            raise SettingsError(f"User of {printable(name)}: none given")
    try:
        user: str = PARSERS["user"](answer.strip() or last)
    except ValueError as error:
        raise SettingsError(f"{printable(name)}: {error}") from error
    return user


def _ask_password(whence: str, hint: str, trouble: str) -> Secret:
    from getpass import getpass  # noqa: PLC0415  # only where somebody is asked

    answer = Secret("")
    for _ in range(TRIES):
        try:
            with _prompt():
                answer = Secret(getpass(f"{trouble}{whence}{hint}: "))
        except EOFError as error:
            raise SettingsError(f"{whence}: none given") from error
        if answer:
            break
    return secret_of(_bytes(answer.reveal()), whence)


@contextmanager
def _prompt() -> Iterator[None]:
    """Give the terminal back as it was, and on a line of its own, whatever ends a prompt: ^C, ^D or a signal.

    Without an exception getpass would leave the terminal without echo.
    """
    came: list[int] = []

    def end(number: int, _: object) -> None:
        if not came:
            came.append(number)
            raise SystemExit(128 + number)

    before = {number: signal.getsignal(number) for number in _ENDING}
    before = {number: handler for number, handler in before.items() if handler not in {signal.SIG_IGN, None}}
    for number in before:
        signal.signal(number, end)
    answered = False
    try:
        yield
        answered = True
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if not answered:
            _end_the_line()
        if came:  # whatever getpass has made of it meanwhile
            raise SystemExit(128 + came[0])


def _end_the_line() -> None:
    """Leave the line of the prompt. A terminal that is gone would have Python end with an exit code of its own."""
    try:
        sys.stderr.write("\n")
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _no_password(user: str, name: str) -> str:
    target = printable(name)
    return (
        f"{target}: no password for {printable(user)}. Give --password-file FILE, {VARIABLE}, or password_file or "
        f"password_command in {table_of(name)} of the config file; or, with the package keyring, once: keyring set "
        f"{SERVICE} {printable(user)}@{target}; or start it in a terminal to be asked"
    )
