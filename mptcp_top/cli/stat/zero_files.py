"""Where the zeros of ``--since-last`` are kept: a small file a target, of this user and for nobody else.

A file is replaced at once, under a lock that is held from before it is read to after it is written, and never found
through a symbolic link. Unlike what the dashboard remembers, it is an input: what cannot be read is an error.
"""

from __future__ import annotations

import errno
import json
import os
import time
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Any, Final

from mptcp_top.cli.stat.last_calls import Stamp, Zero, Zeros
from mptcp_top.cli.state_folder import entered, refuse_what_is_of_others
from mptcp_top.errors import SettingsError
from mptcp_top.remembered import path_of
from mptcp_top.text import dated, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mptcp_top.model import Target

SCHEMA: Final = 1
LARGEST_BYTES: Final = 1 << 20
LOCK_SECONDS: Final = 5.0
LONGEST_NAME: Final = 120
FOLDER: Final = "stat"
SAFE: Final = frozenset(f"{ascii_letters}{digits}-_.")
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class ZeroFiles:
    """The files of this user. They are opened before anything is polled, so that trouble with them is told at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._path = path_of(environment).with_name(FOLDER)
        self.machine = _machine()
        try:
            self._folder = entered(self._path)
            self._lock = os.open(
                "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=self._folder
            )
        except OSError as error:
            raise self._unfit(error) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other calls of this user from the files meanwhile.

        Raises:
            SettingsError: one of them does not let go.
        """
        deadline = time.monotonic() + LOCK_SECONDS
        while not self._locked():
            if time.monotonic() > deadline:
                raise self._unfit("another call has held it for too long", "lock")
            time.sleep(0.005)
        try:
            yield
        finally:
            flock(self._lock, LOCK_UN)

    def read(self, target: Target) -> Zeros | None:
        """Return the zeros of a target, None if there are none: not under this name, or it was another address.

        Raises:
            SettingsError: the file is not one that this program wrote.
        """
        name = name_of(target.name)
        try:
            content = self._content(name)
        except FileNotFoundError:
            return None
        except IsADirectoryError as error:
            raise self._unfit("it is a folder: remove it", name) from error
        except OSError as error:
            raise self._unfit(f"{_reason(error)}; {_anew(target)}", name) from error
        try:
            return zeros_in(content, target)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            raise self._unfit(f"it is not what mptcp-top wrote; {_anew(target)}", name) from error

    def write(self, target: Target, zeros: Zeros) -> None:
        """Replace the zeros of a target.

        Raises:
            SettingsError: they cannot be written.
        """
        name = name_of(target.name)
        new = f"{name}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with suppress(FileNotFoundError):  # of a call that was killed
                os.unlink(new, dir_fd=self._folder)
            with os.fdopen(os.open(new, flags, 0o600, dir_fd=self._folder), "w", encoding="ascii") as file:
                file.write(text_of(zeros, target))
            os.replace(new, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except OSError as error:
            raise self._unfit(error, name) from error

    def _locked(self) -> bool:
        try:
            flock(self._lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise self._unfit(error, "lock") from error
        return True

    def _content(self, name: str) -> bytes:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with os.fdopen(os.open(name, flags, dir_fd=self._folder), "rb") as file:
            refuse_what_is_of_others(os.fstat(file.fileno()))
            return file.read(LARGEST_BYTES)

    def _unfit(self, why: OSError | str, name: str = "") -> SettingsError:
        reason = _reason(why) if isinstance(why, OSError) else why
        return SettingsError(f"{printable(str(self._path / name), 5000)}: {reason}")


def _reason(error: OSError) -> str:
    return "it is a symbolic link" if error.errno == errno.ELOOP else str(error.strerror)


def _anew(target: Target) -> str:
    """Return what to type to begin anew: only this target, since the zeros of the others are good."""
    from shlex import quote  # noqa: PLC0415  # only for what is spoilt

    return f"to begin anew: mptcp-top stat --reset --host {quote(printable(target.name))}"


def name_of(target: str) -> str:
    """Return what the file of a target is called: its name, where that is one for files.

    >>> name_of("ns1"), name_of("https://10.0.0.1:8443")
    ('ns1.json', 'https%3a%2f%2f10.0.0.1%3a8443.json')
    """
    safe = "".join(
        chr(byte) if chr(byte) in SAFE else f"%{byte:02x}" for byte in target.encode("utf-8", "surrogatepass")
    )
    if len(safe) > LONGEST_NAME:
        from hashlib import sha256  # noqa: PLC0415  # few targets have such a name, and it is slow to import

        safe = f"{safe[: LONGEST_NAME - 40]}~{sha256(target.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
    return f"{safe}.json"


def text_of(zeros: Zeros, target: Target) -> str:
    """Return the zeros of a target as they are written: each stamp once, and after each value the number of its own."""
    stamps = list(dict.fromkeys((zeros.newest, *(zero.stamp for zero in zeros.counters.values() if zero.stamp))))
    numbers = {stamp: number for number, stamp in enumerate(stamps)}
    counters = {
        name: [zero.value, None if zero.stamp is None else numbers[zero.stamp]] for name, zero in zeros.counters.items()
    }
    said = {"schema": SCHEMA, "target": _known_as(target), "boot": zeros.boot, "stamps": stamps, "counters": counters}
    return json.dumps(said) + "\n"


def zeros_in(content: bytes, target: Target) -> Zeros | None:
    """Return the zeros that are written in a file, None if they are those of another target.

    Raises:
        ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError: it is not what `text_of` gives.
    """
    said: dict[str, Any] = json.loads(content)
    if said["schema"] != SCHEMA:
        raise ValueError(said["schema"])
    if said["target"] != _known_as(target):
        return None
    stamps = [Stamp(_time(wall), _time(monotonic), str(machine)) for wall, monotonic, machine in said["stamps"]]
    counters = {
        str(name): Zero(_whole(value), None if number is None else stamps[_whole(number)])
        for name, (value, number) in said["counters"].items()
    }
    return Zeros(None if said["boot"] is None else str(said["boot"]), stamps[0], counters)


def _whole(value: object) -> int:
    if type(value) is not int or value < 0 or value >> 64:
        raise ValueError(value)
    return value


def _time(value: object) -> float:
    if not isinstance(value, (int, float)) or not dated(value):
        raise ValueError(value)
    return float(value)


def _known_as(target: Target) -> list[str]:
    return [target.name, target.source, target.address]


def _machine() -> str:
    """Return the name of this boot of this machine, within which its monotonic clock goes on; "" if it has none."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
