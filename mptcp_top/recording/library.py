"""Where recordings are kept when nobody says where, and which one is meant when nobody says which."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from mptcp_top.errors import SettingsError
from mptcp_top.recording.place import BESIDE, is_claimed, leave_nothing_beside, shown, to_read
from mptcp_top.recording.reader import Reader
from mptcp_top.remembered import path_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from mptcp_top.model import Target

FOLDER: Final = "recordings"
SUFFIX: Final = ".db"
AT_ONCE: Final = 20
"""How many may record the same at the same time."""


def folder_of(environment: Mapping[str, str]) -> Path:
    """Return the folder of this user's recordings; it may not be there yet."""
    return path_of(environment).with_name(FOLDER)


def name_of(targets: Sequence[Target]) -> str:
    """Return what the recording of some targets is called: the same ones go on in the same file.

    >>> from mptcp_top.model import Target
    >>> name_of([Target("ns1", "netscaler", "https://192.0.2.10")])
    'ns1-45c7.db'
    """
    words = [re.sub(r"[^A-Za-z0-9.]+", "_", target.name).strip("._")[:24] or "target" for target in targets]
    called = "+".join([*words[:2], *([f"{len(words) - 2}_more"] if len(words) > 2 else [])])
    addresses = "\n".join(sorted(f"{target.source} {target.address}" for target in targets))
    return f"{called}-{hashlib.sha256(addresses.encode()).hexdigest()[:4]}{SUFFIX}"


def free_names(folder: Path, name: str) -> list[Path]:
    """Return where those are recorded one after the other who record the same at the same time.

    >>> from pathlib import Path
    >>> [path.name for path in free_names(Path("/tmp"), "ns1-45c7.db")][:3]
    ['ns1-45c7.db', 'ns1-45c7-2.db', 'ns1-45c7-3.db']
    """
    stem = name.removesuffix(SUFFIX)
    return [folder / name, *(folder / f"{stem}-{number}{SUFFIX}" for number in range(2, AT_ONCE + 1))]


def recordings(folder: Path) -> list[Path]:
    """Return the recordings in a folder, the one that was written last at the end."""
    found = []
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):
                if path.suffix == SUFFIX and path.is_file() and not path.is_symlink():
                    found.append((written_at(path), path))
    return [path for _, path in sorted(found)]


def written_at(path: Path) -> float:
    """Return when a recording was last written, by the wall clock.

    Raises:
        OSError: it is not there.
    """
    newest = path.stat().st_mtime
    with suppress(OSError):
        newest = max(newest, path.with_name(f"{path.name}{BESIDE[1]}").stat().st_mtime)
    return newest


def current(environment: Mapping[str, str]) -> Path:
    """Return the recording that is meant when no file is given: what is being written now, else what was written last.

    Raises:
        SettingsError: there is none.
    """
    found = [path for path in recordings(folder_of(environment)) if _holds_something(path)]
    if not found:
        raise SettingsError(
            f"there is no recording in {shown(folder_of(environment))} yet: give a file, or let the dashboard or "
            "mptcp-top record make one"
        )
    writing = [path for path in found if _is_claimed(path)]
    return (writing or found)[-1]


@contextmanager
def opened(path: Path, ahead_seconds: float = 0.0) -> Iterator[Reader]:
    """Open a recording to read it, and say in one line what is wrong with one that cannot be read.

    Raises:
        SettingsError: there is none, it is no recording, or it is damaged.
    """
    connection = to_read(path)
    try:
        with legible(path):
            yield Reader(connection, ahead_seconds)
    finally:
        connection.close()
        leave_nothing_beside(path)


@contextmanager
def legible(path: Path) -> Iterator[None]:
    """Turn what a damaged recording raises into one line about it.

    Raises:
        SettingsError: it is damaged.
    """
    try:
        yield
    except (sqlite3.Error, ValueError, TypeError, KeyError, OverflowError) as error:
        said = printable(str(error), 200)
        raise SettingsError(f"{shown(path)}: it cannot be read ({said}); to look closer: mptcp-top recordings verify "
                            f"{shown(path)}") from error  # fmt: skip


def _holds_something(path: Path) -> bool:
    """Whether a recording was begun: whoever is killed on a full disk may leave a file of no length."""
    with suppress(OSError):
        return path.stat().st_size > 0
    return False


def _is_claimed(path: Path) -> bool:
    with suppress(OSError):
        return is_claimed(path)
    return False
