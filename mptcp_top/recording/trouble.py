"""Why nothing can be recorded."""

from __future__ import annotations

from mptcp_top.errors import MptcpTopError
from mptcp_top.text import printable


class NotRecorded(MptcpTopError):
    """Nothing can be recorded now; ``why`` says it in a few words. A ``spoilt`` file is of no use any more."""

    def __init__(self, why: str, *, spoilt: bool = False) -> None:
        super().__init__(printable(why, 400))
        self.why = printable(why, 400)
        self.spoilt = spoilt


def why_first(said: str) -> str:
    """Return a complaint about a file with the file at its end: a narrow line shows why, whatever its path is.

    >>> why_first("/var/lib/a.db: its file system is read-only"), why_first("no space left on the disk")
    ('its file system is read-only (/var/lib/a.db)', 'no space left on the disk')
    """
    path, colon, why = said.partition(": ")
    return f"{why} ({path})" if colon and path.startswith("/") else said
