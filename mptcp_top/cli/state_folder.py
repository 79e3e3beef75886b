"""A folder of this program in the user's state folder: entered step by step, and never through a symbolic link."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mptcp_top.errors import SettingsError
from mptcp_top.remembered import path_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class StateFolder:
    """One folder of ours, held open. It is this user's and nobody else can write in it.

    Raises:
        SettingsError: there can be none.
    """

    def __init__(self, environment: Mapping[str, str], name: str) -> None:
        self.path = path_of(environment).with_name(name)
        try:
            self._descriptor = entered(self.path)
        except OSError as error:
            raise self.unfit(error) from error

    def write(self, name: str, text: str) -> Path:
        """Write a new file, on the disk when this returns, and return where.

        Raises:
            SettingsError: it cannot be written, or is there already.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._put(name, flags, text)
        except FileExistsError as error:
            raise self.unfit(error, name) from error
        except OSError as error:
            with suppress(OSError):
                os.unlink(name, dir_fd=self._descriptor)  # half of it would look like all of it
            raise self.unfit(error, name) from error
        return self.path / name

    def append(self, name: str, text: str) -> Path:
        """Add to a file, in one piece, and return where that is.

        Raises:
            SettingsError: it cannot be written.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            self._put(name, flags, text)
        except OSError as error:
            raise self.unfit(error, name) from error
        return self.path / name

    def unfit(self, error: OSError, name: str = "") -> SettingsError:
        """Return what to say of a file, or of the folder itself."""
        reason = "it is a symbolic link" if error.errno == errno.ELOOP else error.strerror
        return SettingsError(f"{printable(str(self.path / name), 5000)}: {reason}")

    def _put(self, name: str, flags: int, text: str) -> None:
        descriptor = os.open(name, flags, 0o600, dir_fd=self._descriptor)
        try:
            refuse_what_is_of_others(os.fstat(descriptor))
            content = text.encode()
            if os.write(descriptor, content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def entered(path: Path) -> int:
    """Return a folder of ours, open, and made where it is missing, its last two steps one by one.

    Those are ours: neither may be a link, nor be anybody else's.

    Raises:
        OSError: it is none, or cannot be one.
    """
    _refuse_to_leave_files_of_root(path)
    base = path.parents[1]
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = os.open(base, _FOLDER)
    for name in path.parts[-2:]:
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=folder)
        inner = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
        os.close(folder)
        folder = inner
        refuse_what_is_of_others(os.fstat(folder))
    return folder


def refuse_what_is_of_others(status: os.stat_result) -> None:
    """Refuse a file or a folder that is not this user's alone.

    Raises:
        OSError: it is so, or neither of the two.
    """
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise OSError(errno.EINVAL, "it is no regular file")
    if status.st_uid != os.geteuid():
        raise OSError(errno.EPERM, f"it belongs to user {status.st_uid}, not to you")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or (stat.S_ISREG(status.st_mode) and status.st_nlink != 1):
        raise OSError(errno.EPERM, "others than you may write it")


def _refuse_to_leave_files_of_root(path: Path) -> None:
    """Refuse to make folders of root in the home of who became root: they would lock the user out."""
    nearest = next(folder for folder in (path, *path.parents) if folder.exists())
    if not nearest.is_dir():
        raise OSError(errno.ENOTDIR, f"{printable(str(nearest), 1000)} is a file, not a folder")
    owner = nearest.stat().st_uid
    if os.geteuid() == 0 != owner:
        where = f"{printable(str(nearest))} belongs to user {owner}"
        raise OSError(errno.EPERM, f"{where}: with sudo, give XDG_STATE_HOME=/root/.local/state")
