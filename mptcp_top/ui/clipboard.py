"""Take a text out of the dashboard: by tmux or by the terminal (OSC 52), and always into a file as well."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

TMUX_SECONDS: Final = 2.0
"""How long tmux may take."""

FILE: Final = "copied.txt"
_FOLDER: Final = "mptcp-top"


def copy(words: str, send: Callable[[str], None], environment: Mapping[str, str]) -> str:
    """Copy a text by every way there is, and return in words what was done, and what was not.

    ``send`` gives the terminal an OSC 52 sequence; nobody learns whether it was taken.
    """
    done: list[str] = []
    failed: list[str] = []
    if environment.get("TMUX"):
        reason = to_tmux(words, environment)
        (failed if reason else done).append(f"tmux: {reason}" if reason else "copied with tmux")
    if not done:
        send(words)
        done.append("sent to the terminal (OSC 52)")
    path, reason = to_file(words, environment)
    if path is not None:
        done.append(f"also in {path}")
    else:
        failed.append(f"no file: {reason}")
    return "; ".join([*done, *failed])


def to_tmux(words: str, environment: Mapping[str, str]) -> str:
    """Put a text into tmux's buffer, and by tmux into the clipboard; return why not, or nothing."""
    try:
        subprocess.run(  # an argument list, and the text is no argument
            ["tmux", "load-buffer", "-w", "-"],  # noqa: S607  # the user's own tmux
            input=words.encode(),
            env=dict(environment),
            capture_output=True,
            timeout=TMUX_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {TMUX_SECONDS:g} s"
    except subprocess.CalledProcessError as error:
        return error.stderr.decode(errors="replace").strip().partition("\n")[0] or f"exit code {error.returncode}"
    except OSError as error:
        return error.strerror or "it cannot be run"
    return ""


def to_file(words: str, environment: Mapping[str, str]) -> tuple[Path | None, str]:
    """Write a text to a file only its user can read; return where, or why not."""
    reason = "neither XDG_RUNTIME_DIR nor XDG_STATE_HOME nor HOME is set"
    for base in folders(environment):
        try:
            return save(words, base / _FOLDER), ""
        except OSError as error:
            reason = f"{base / _FOLDER}: {error.strerror}"
    return None, reason


def folders(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the folders a file may go to, the best first. Relative ones are no folders (XDG base directories).

    >>> [str(folder) for folder in folders({"HOME": "/home/me", "XDG_RUNTIME_DIR": "/run/user/7"})]
    ['/run/user/7', '/home/me/.local/state']
    """
    home = environment.get("HOME", "")
    state = environment.get("XDG_STATE_HOME", "")
    wanted = (environment.get("XDG_RUNTIME_DIR", ""), state or (f"{home}/.local/state" if home else ""))
    yield from (Path(folder) for folder in wanted if folder.startswith("/"))


def save(words: str, folder: Path) -> Path:
    """Write a text to its file in a folder of our own, at once or not at all, and never through a symbolic link.

    Raises:
        OSError: the folder is a link or somebody else's, or it cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if os.fstat(at).st_uid != os.geteuid():
            raise PermissionError(1, "it belongs to somebody else")
        draft = f".{FILE}.{os.getpid()}"
        with suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=at)
        new = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=at)
        with os.fdopen(new, "w", encoding="utf-8") as file:
            file.write(f"{words}\n")
        os.replace(draft, FILE, src_dir_fd=at, dst_dir_fd=at)
    finally:
        os.close(at)
    return folder / FILE
