"""Times as a report writes them: of this host's time zone, with the date wherever there is more than one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from mptcp_top import text


class Clock(NamedTuple):
    """How moments between two others, by the wall clock, are written."""

    begin: float
    end: float

    def short(self, wall: float) -> str:
        """Return a moment: its time of day, with the date unless all of the report is of that day."""
        days = {local(moment).date() for moment in (self.begin, self.end, wall)}
        return f"{local(wall):%H:%M:%S}" if len(days) == 1 else f"{local(wall):%Y-%m-%d %H:%M:%S}"

    @property
    def zone(self) -> str:
        """What the times are of."""
        return zone_of(self.end)

    @property
    def period(self) -> str:
        """From when to when, and how long that is."""
        begin, end = local(self.begin), local(self.end)
        until = f"{end:%H:%M:%S}" if begin.date() == end.date() else f"{end:%Y-%m-%d %H:%M:%S}"
        long = "the clock was set back" if self.end < self.begin else text.duration(self.end - self.begin)
        return f"{begin:%Y-%m-%d %H:%M:%S} to {until} {self.zone} ({long})"


def local(wall: float) -> datetime:
    """Return a stamp of the wall clock in this host's time zone."""
    return datetime.fromtimestamp(wall, tz=UTC).astimezone()


def zone_of(wall: float) -> str:
    """Return how far this host's time zone is ahead of UTC at a moment."""
    offset = f"{local(wall):%z}"
    return "UTC" if offset == "+0000" else f"UTC{offset[:3]}:{offset[3:5]}"
