"""What a recording is, in short: for a list of them."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.recording.library import opened
from mptcp_top.recording.place import BESIDE, is_claimed, shown
from mptcp_top.recording.schema import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from mptcp_top.recording.reader import Reader


class Summary(NamedTuple):
    """A recording from outside and, where it can be read, from inside. Times are by the wall clock.

    ``wrong`` says why it cannot be read. ``writing`` is whether somebody writes it now.
    """

    path: Path
    size_bytes: int
    writing: bool
    wrong: str = ""
    targets: tuple[str, ...] = ()
    first: float | None = None
    last: float | None = None
    samples: int | None = None
    missed: int | None = None
    program: str = ""
    schema: int | None = None


def summary_of(path: Path) -> Summary:
    """Return what a recording is, even if it is damaged."""
    about = Summary(path, size_of(path), is_being_written(path))
    try:
        with opened(path) as reader:
            return _from_inside(about, reader)
    except SettingsError as error:
        return about._replace(wrong=str(error).removeprefix(f"{shown(path)}: "))


def size_of(path: Path) -> int:
    """Return how many bytes a recording takes, with what SQLite keeps beside it."""
    found = 0
    for more in BESIDE:
        with suppress(OSError):
            found += path.with_name(path.name + more).stat().st_size
    return found


def is_being_written(path: Path) -> bool:
    """Whether somebody writes a recording now, as far as that can be known."""
    with suppress(OSError):
        return is_claimed(path)
    return False


def delete(path: Path) -> int:
    """Delete a recording with what is beside it and return how many bytes that was, 0 if it is being written.

    Raises:
        OSError: it cannot be deleted.
    """
    import fcntl  # noqa: PLC0415  # who only lists has no use for it

    size = size_of(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # from here on nobody can begin to write it
        for more in reversed(BESIDE):  # the recording last: without it, nobody knows what the others are
            with suppress(FileNotFoundError):
                path.with_name(path.name + more).unlink()
    except BlockingIOError:
        return 0
    finally:
        os.close(descriptor)
    return size


def _from_inside(about: Summary, reader: Reader) -> Summary:
    extent, sessions = reader.extent(), reader.sessions()
    samples, missed = reader.polls()
    return about._replace(
        targets=tuple(target.name for target in reader.targets()),
        first=None if extent is None else reader.wall_at(extent[0]),
        last=None if extent is None else reader.wall_at(extent[1]),
        samples=samples,
        missed=missed,
        program=sessions[-1].program if sessions else "",
        schema=VERSION,
    )
