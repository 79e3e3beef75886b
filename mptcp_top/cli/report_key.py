"""What stands behind the key R: ``mptcp-top report`` in a process of its own, so that no poll and no screen waits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import mptcp_top
from mptcp_top import text

if TYPE_CHECKING:
    from collections.abc import Callable

_RUN: Final = "import sys; sys.path.append(sys.argv.pop(1)); from mptcp_top.cli.main import main; sys.exit(main())"
LONGEST_SECONDS: Final = 600.0


class KeyedReports:
    """Writes reports of a recording: ``where`` returns the file, or else why there is none.

    They begin at ``since``, a time of the wall clock; None is the beginning of the recording.
    """

    def __init__(self, where: Callable[[], tuple[Path | None, str]], since: float | None = None) -> None:
        self._where = where
        self._since = since

    def why_not(self) -> str:
        """Return why there can be none now; mostly nothing."""
        path, why = self._where()
        return "" if path is not None else why or "nothing is recorded yet"

    def name(self) -> str:
        """Return what one is called that nobody gives a name: by the time, and free in the working folder."""
        from mptcp_top.cli.report import default_output  # noqa: PLC0415  # most sessions never ask

        return str(default_output())

    def began(self) -> float | None:
        """Return from when on one tells, by the wall clock, None for all that is recorded."""
        return self._since

    def write(self, name: str, since: float | None) -> str:
        """Write one and return what to tell of it."""
        path, why = self._where()
        if path is None:
            return f"no report: {why}"
        begin = [] if since is None else ["--from", text.iso_time(since)]
        root = str(Path(mptcp_top.__file__).parents[1])
        command = [sys.executable, "-P", "-c", _RUN, root, "report", *begin, f"--output={name}", "--", str(path)]
        try:
            done = subprocess.run(  # noqa: S603  # this very program
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LONGEST_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"no report: {text.printable(str(error), 200)}"
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2].removeprefix("mptcp-top: ")
        if done.returncode:
            return f"no report: {text.printable(said, 400)}"
        return f"report written: {text.printable(done.stdout.decode(errors='replace').strip(), 300)}"
