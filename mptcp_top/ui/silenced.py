"""What is silenced, in words: how its end is typed and said, and which targets need a look in spite of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.judge import has_turned

if TYPE_CHECKING:
    from mptcp_top.engine.store import Store
    from mptcp_top.model import Metric
    from mptcp_top.ui.frame import Frame, Moment

HINT: Final = "1h, 30m, 07:00 or off"
LONGEST_SECONDS: Final = 30 * 86_400.0
_LASTING: Final = re.compile(r"(\d{1,6}) ?(m|min|h|d)", re.ASCII)
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_UNITS: Final = {"m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


def until_of(typed: str, wall: float) -> float:
    """Return the end of a silence that begins now: a time of the wall clock, or now itself for ``off``.

    It is a whole minute, as it is told.

    >>> until_of("1h", 7200.0), until_of("90 min", 7230.0), until_of("off", 7200.0)
    (10800.0, 12660.0, 7200.0)

    Raises:
        ValueError: it is no time; the text says what is.
    """
    wanted = typed.strip().casefold()
    if wanted == "off":
        return wall
    if lasting := _LASTING.fullmatch(wanted):
        seconds = int(lasting[1]) * _UNITS[lasting[2]]
        if not 0 < seconds <= LONGEST_SECONDS:
            raise ValueError("give a minute or more, and 30 days at most")
        return ceil((wall + seconds) / 60) * 60.0
    if (clock := _CLOCK.fullmatch(wanted)) and int(clock[1]) < 24 and int(clock[2]) < 60:
        return _next(int(clock[1]), int(clock[2]), wall)
    raise ValueError(f"{text.printable(typed.strip(), 20)!r} is no time: give {HINT}")


def _next(hour: int, minute: int, wall: float) -> float:
    """Return when the clock on the wall shows a time next, today or tomorrow."""
    here = datetime.fromtimestamp(wall, tz=UTC).astimezone().replace(tzinfo=None)  # naive: as the clock on the wall
    found = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if found <= here:
        found += timedelta(days=1)
    return found.timestamp()


def silenced_words(until: float, wall: float) -> str:
    """Return that something is silenced, and until when, seen from a time."""
    at = text.when(until, wall)
    return f"silenced until {at[:-3] if at.count(':') == 2 else at}"


class Subject(NamedTuple):
    """What is to be silenced: a counter or an alert, and what people call it."""

    name: str
    called: str


def to_silence(frame: Frame, metric: Metric | None) -> Subject | str:
    """Return what a silence would be of: a counter, or without one the first alert; else why there is none."""
    if metric is not None and not metric.flagged:
        return f"{metric.name} never alarms by itself"
    if metric is not None:
        return Subject(metric.name, metric.label)
    alert = next(iter(frame.loud_alerts or frame.alerts), None)
    return Subject(alert.name, alert.name) if alert else "nothing alarms here: choose the row of an error"


def needs_a_look(store: Store, target: str, now: Moment) -> bool:
    """Whether a target is down, something alarms on it that is not silenced, or its handshakes or counters turned."""
    seen = store.at(target, now.cursor)
    if seen is None or seen.failure is not None:
        return seen is not None
    silenced = store.silences.of(target, now.shown_wall)
    alarms = [*seen.rising, *(alert.name for alert in store.alerts(target, now.cursor))]
    return any(alarm not in silenced for alarm in alarms) or has_turned(store, target, now.cursor)
