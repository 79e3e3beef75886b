"""What is remembered from one start to the next: a small file of JSON in the user's state folder.

It is convenience, never an input that may stop the dashboard: what cannot be read counts as nothing, with a note. The
values are whatever the file says, so whoever takes one checks it as if it had been typed.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Taken = TypeVar("Taken")
SCHEMA: Final = 1
LARGEST_BYTES: Final = 1 << 20
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


class Recalled(NamedTuple):
    """What is remembered, and if the file was of no use, why."""

    values: dict[str, Any]
    note: str = ""


class _Unfit(Exception):
    """A file that cannot be what this program wrote: why."""


def path_of(environment: Mapping[str, str]) -> Path:
    """Return where the state file is, or would be."""
    if sys.platform == "linux":  # platformdirs would say the same, at the price of its import
        base = environment.get("XDG_STATE_HOME", "").strip()
        if not base.startswith("/"):
            base = f"{environment.get('HOME') or os.path.expanduser('~')}/.local/state"  # noqa: PTH111  # Path's raises
        return Path("/", base, "mptcp-top", "state.json")
    from platformdirs import user_state_path  # noqa: PLC0415  # see above

    return user_state_path("mptcp-top") / "state.json"


def load(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what is remembered, by name."""
    return recall(environment).values


def known(values: Mapping[str, Any], name: str, parse: Callable[[str], Taken]) -> Taken | None:
    """Return a remembered text as its parser takes it, None where there is none or the parser does not.

    >>> known({"seconds": "5", "theme": 7}, "seconds", int), known({"seconds": "5", "theme": 7}, "theme", int)
    (5, None)
    """
    value = values.get(name)
    try:
        return parse(value) if isinstance(value, str) else None
    except ValueError:  # of another release, or written by hand
        return None


def recall(environment: Mapping[str, str]) -> Recalled:
    """Return what is remembered, and a note where there is a file that says nothing to us."""
    path = path_of(environment)
    try:
        with _folder_of(path) as folder:
            return Recalled(_read(folder, path.name))
    except FileNotFoundError:
        return Recalled({})
    except (_Unfit, OSError) as error:
        return Recalled({}, f"nothing is remembered: {_told(path, error)}")


def save(environment: Mapping[str, str], name: str, value: object) -> str:
    """Remember ``value`` under a name (None: forget it), and return what to tell the user of it: mostly nothing.

    What others remembered meanwhile stays. A file that cannot be read is kept beside the new one.
    """
    path = path_of(environment)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _folder_of(path) as folder:
            _lock(folder)
            return _save(folder, path, name, value)
    except (_Unfit, OSError) as error:
        return f"not remembered: {_told(path, error)}"


def _save(folder: int, path: Path, name: str, value: object) -> str:
    note = ""
    try:
        before = _read(folder, path.name)
        _content_of(before)
    except FileNotFoundError:
        before = {}
    except (_Unfit, OSError) as error:
        kept = _set_aside(folder, path.name)
        before, note = {}, f"{_told(path, error)}: kept as {kept}, and a new one begun"
    now = {key: known for key, known in {**before, name: value}.items() if known is not None}
    if now != before or note:
        _write(folder, path.name, now)
    return note


@contextmanager
def _folder_of(path: Path) -> Iterator[int]:
    """Open the folder, which must be the user's own: with sudo, root would write into somebody's home."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        owner = os.fstat(folder).st_uid
        if owner != os.geteuid():
            raise _Unfit(f"its folder belongs to user {owner}")
        yield folder
    finally:
        os.close(folder)


def _lock(folder: int) -> None:
    """Wait for another dashboard that is saving; closing the folder lets go of it."""
    from fcntl import LOCK_EX, flock  # noqa: PLC0415  # only to save

    flock(folder, LOCK_EX)


def _read(folder: int, name: str) -> dict[str, Any]:
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _Unfit("it is no file")
        if status.st_uid != os.geteuid() or status.st_mode & _OTHERS_WRITE:
            raise _Unfit("others than you may write it")
        content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise _Unfit("it is larger than 1 MiB")
    return _parse(content)


def _parse(content: bytes) -> dict[str, Any]:
    import json  # noqa: PLC0415  # most starts have nothing to remember

    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _Unfit("it is no JSON") from error
    if not isinstance(said, dict) or said.get("schema") != SCHEMA or not isinstance(said.get("remembered"), dict):
        raise _Unfit(f"it does not say what this release writes (schema {SCHEMA})")
    return {name: value for name, value in said["remembered"].items() if value is not None}


def _write(folder: int, name: str, values: Mapping[str, Any]) -> None:
    """Replace the file at once. Nothing waits for the disk: after a power cut the older file may be back."""
    content = _content_of(values)
    new = f"{name}.new"
    with suppress(FileNotFoundError):
        os.unlink(new, dir_fd=folder)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(content)
    os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)


def _content_of(values: Mapping[str, Any]) -> str:
    """Return what is written. Not all that Python reads it writes: no NaN, nor what is nested to the limit."""
    import json  # noqa: PLC0415  # as above

    try:
        content = json.dumps({"schema": SCHEMA, "remembered": values}, indent=2, allow_nan=False) + "\n"
    except (ValueError, RecursionError) as error:
        raise _Unfit("what it holds cannot be written again") from error
    if len(content) > LARGEST_BYTES:
        raise _Unfit("it would be larger than 1 MiB")
    return content


def _set_aside(folder: int, name: str) -> str:
    """Give a file that is of no use another name, one that is free, and return it."""
    taken = set(os.listdir(folder))
    number = next(number for number in range(1, len(taken) + 2) if f"{name}.unread.{number}" not in taken)
    aside = f"{name}.unread.{number}"
    os.rename(name, aside, src_dir_fd=folder, dst_dir_fd=folder)
    return aside


def _told(path: Path, error: _Unfit | OSError) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{printable(str(path))}: {reason}"
