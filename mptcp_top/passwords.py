"""How a password is read: from a file, a command or a keyring, bounded, and with nothing of it in any complaint."""

from __future__ import annotations

import errno
import os
import select
import stat
import sys
import time
from typing import TYPE_CHECKING, Final

from mptcp_top.errors import SettingsError
from mptcp_top.model import Secret
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from subprocess import Popen

SERVICE: Final = "mptcp-top"
LARGEST_BYTES: Final = 4096
COMMAND_SECONDS: Final = 30.0
_ENOUGH_BYTES: Final = LARGEST_BYTES + 3
"""With the end of a line, and one more to see that it is too much."""


def secret_of(content: bytes, whence: str) -> Secret:
    """Return the password that a file, a command or a variable holds: one line, with or without its end.

    Raises:
        SettingsError: it is no password. What it is instead is not repeated.
    """
    line = content.removesuffix(b"\r\n") if content.endswith(b"\r\n") else content.removesuffix(b"\n")
    complaint = _complaint_about(line)
    if complaint:
        del content, line  # tracebacks can show local variables
        raise SettingsError(f"{whence}: {complaint}")
    return Secret(line.decode())


def _complaint_about(line: bytes) -> str:
    if not line or len(line) > LARGEST_BYTES:
        return f"the password has more than {LARGEST_BYTES} bytes" if line else "the password is empty"
    if b"\n" in line:
        return "there is more than one line; give the password alone"
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return "the password is not UTF-8"
    if any(ord(char) < 32 or 127 <= ord(char) < 160 for char in text):
        return "the password has a control character in it"
    return ""


def read_password_file(path: Path) -> Secret:
    """Return the password in a file of this user that nobody else may read.

    Raises:
        SettingsError: it cannot be read, or others can.
    """
    shown = printable(str(path))
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            _refuse_what_others_read(path, os.fstat(descriptor))
            return secret_of(os.read(descriptor, LARGEST_BYTES + 3), shown)
        finally:
            os.close(descriptor)
    except OSError as error:
        link = error.errno == errno.ELOOP and path.is_symlink()
        raise SettingsError(
            f"{shown} is a symbolic link: give the file itself" if link else f"{shown}: {error.strerror}"
        ) from error


def _refuse_what_others_read(path: Path, status: os.stat_result) -> None:
    from shlex import quote  # noqa: PLC0415  # only for the complaints

    shown, quoted = printable(str(path)), printable(quote(str(path)), 5000)
    if not stat.S_ISREG(status.st_mode):
        raise SettingsError(f"{shown} is no regular file")
    if _is_a_credential(path, status):
        return
    if status.st_uid != os.geteuid():
        raise SettingsError(f"{shown} belongs to user {status.st_uid}, not to you: chown {os.geteuid()} {quoted}")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"{shown} holds a password and others may read it: chmod 600 {quoted}")


def _is_a_credential(path: Path, status: os.stat_result) -> bool:
    """Whether systemd gave it to this service (LoadCredential=): it may stay root's, and be read by an access list.

    What looks like the rights of a group then is what that list may grant at most.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    others = stat.S_IWGRP | stat.S_IXGRP | stat.S_IRWXO
    return folder == str(path.parent) and status.st_uid in {0, os.geteuid()} and not status.st_mode & others


def read_command(command: Sequence[str], *, first: bool, seconds: float = COMMAND_SECONDS) -> Secret:
    """Return the password that a command prints. There is no shell, and no input.

    The ``first`` time it may use the terminal, and complain there. Later the dashboard has that for itself.

    Raises:
        SettingsError: it gives none within so many ``seconds``.
    """
    program = f"password_command {printable(command[0])}"
    return secret_of(_output_of(command, program, seconds, first=first), program)


def there_is_a_keyring() -> bool:
    """Whether the package keyring is installed."""
    from importlib.util import find_spec  # noqa: PLC0415  # only where nothing else gave a password

    return bool(sys.executable) and find_spec("keyring") is not None


def read_keyring(account: str, *, first: bool) -> Secret:
    """Return the keyring's password of ``USER@TARGET``, an empty one if it has none.

    Its backends are anybody's plug-ins that may raise and wait as they like, so they do it in a process of their own.

    Raises:
        SettingsError: the keyring does not work.
    """
    command = (sys.executable, "-P", "-c", _ASK_KEYRING, SERVICE, account)
    said = _output_of(command, "keyring", COMMAND_SECONDS, first=first)
    if said.startswith(b"-"):
        raise SettingsError(f"keyring: {printable(said[1:].decode(errors='replace'))}")
    return secret_of(said[1:], "keyring") if said else Secret("")


_ASK_KEYRING: Final = """\
import sys
try:
    import keyring
    password = keyring.get_password(*sys.argv[1:])
    said = "" if password is None else f"+{password}"
except Exception as error:
    said = f"-{type(error).__name__}: {error}"
sys.stdout.buffer.write(said.encode(errors="replace"))
"""


def _output_of(command: Sequence[str], program: str, seconds: float, *, first: bool) -> bytes:
    from subprocess import DEVNULL, PIPE, Popen  # noqa: PLC0415  # slow to import, and few passwords need it

    try:
        with Popen(  # noqa: S603  # from a file that nobody else writes, or this Python
            command, stdin=DEVNULL, stdout=PIPE, stderr=None if first else DEVNULL, start_new_session=not first
        ) as process:
            try:
                content = _drain(process, time.monotonic() + seconds)
            finally:
                process.kill()
    except TimeoutError:
        raise SettingsError(f"{program} has not ended after {seconds:g} s") from None
    except OSError as error:
        raise SettingsError(f"{program}: {error.strerror}") from error
    if process.returncode and len(content) < _ENOUGH_BYTES:
        del content  # tracebacks can show local variables
        code = process.returncode
        raise SettingsError(f"{program} ended with exit code {code if code > 0 else 128 - code}")
    return content


def _drain(process: Popen[bytes], deadline: float) -> bytes:
    """Return what a process writes until it ends, or enough of it.

    Raises:
        TimeoutError: it does neither before the deadline.
    """
    output = process.stdout.fileno() if process.stdout else -1
    poll = select.poll()
    poll.register(output, select.POLLIN)
    content = b""
    while len(content) < _ENOUGH_BYTES:
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError
        more = os.read(output, _ENOUGH_BYTES - len(content))
        if not more:
            _wait(process, deadline)
            break
        content += more
    return content


def _wait(process: Popen[bytes], deadline: float) -> None:
    from subprocess import TimeoutExpired  # noqa: PLC0415  # as above

    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except TimeoutExpired:
        raise TimeoutError from None
