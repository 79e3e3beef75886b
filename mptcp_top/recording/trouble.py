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
