"""What a recording is, in short: for a list of them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.recording.library import opened
from mptcp_top.recording.place import is_claimed, shown
from mptcp_top.recording.retention import size_of
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


def is_being_written(path: Path) -> bool:
    """Whether somebody writes a recording now, as far as that can be known."""
    with suppress(OSError):
        return is_claimed(path)
    return False


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
