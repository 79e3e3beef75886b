"""What the numbers of a screen are, in words and in a column: a rate, or an increase since some moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mptcp_top import text
from mptcp_top.engine.basis import Basis

if TYPE_CHECKING:
    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.trend import Growth


class Numbers(NamedTuple):
    """On which basis the numbers are, and which mark that is where it is since one."""

    basis: Basis = Basis.RATE
    mark: Mark | None = None

    def said(self, wall: float) -> str:
        """Return what the numbers are, "" for the rate that every reader expects.

        >>> Numbers(Basis.MARK).said(0.0), Numbers(Basis.INTERVAL).said(0.0), Numbers().said(0.0)
        ('no mark yet (m): since the start', 'in the last interval', '')
        """
        if self.basis is Basis.RATE:
            return ""
        if self.basis is not Basis.MARK:
            return self.basis.title
        if self.mark is None:
            return f"no mark yet (m): {Basis.START.title}"
        return f"since {self.mark.name}, {text.when(self.mark.wall, wall)}"


def counted_from(growth: Growth | None, wall: float) -> str:
    """Return from when on counters grew where that is not what the basis says, "" where it is."""
    if growth is None or growth.astray is None or growth.since is None:
        return ""
    return f"counted from {text.when(growth.since, wall)} ({growth.astray})"


def grown_text(growth: Growth | None, name: str, width: int) -> str:
    """Return how far a counter grew, with its sign, in at most ``width`` characters (six or more).

    >>> grown_text(None, "MPFailRx", 9)
    '–'
    """
    return count_text(None if growth is None else growth.of(name), width)


def count_text(count: int | None, width: int) -> str:
    """Return an increase with its sign.

    >>> count_text(1203, 9), count_text(0, 9), count_text(None, 9)
    ('+1,203', '0', '–')
    """
    return f"+{text.short_count(count, width - 1)}" if count else text.count(count)
