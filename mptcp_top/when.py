"""Moments as people write them: a time of day, a date with a time, or how long ago."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from mptcp_top.text import dated, printable

FORMS: Final = (
    "03:12, 03:12:30, yesterday 03:12, 2026-11-21, 2026-11-21 03:12, 2026-11-21T03:12:30Z, "
    "-15m (also s, h, d), 15 minutes ago, start, end, now"
)
_UNIT: Final = r"(?:s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?|d(?:ays?)?)"
_AGO: Final = re.compile(rf"-?\s*((?:\d+(?:\.\d+)?\s*{_UNIT}\s*)+)(?:ago)?")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_DAY: Final = re.compile(r"yesterday|today|\d{4}-\d\d-\d\d")
_CLOCK: Final = re.compile(
    r"(?:(yesterday|today|\d{4}-\d\d-\d\d)[ T]+)?(\d\d?):(\d\d)(?::(\d\d(?:\.\d+)?))?(Z|[+-]\d\d:?\d\d)?"
)
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_when(words: str, begin: float, end: float) -> float:
    """Return the moment, by the wall clock, that words mean to somebody who looks at what lies between two moments.

    A time of day without a date is the last such time before ``end``, in this host's time zone, and a date without a
    time is when it began; how long ago is before ``end``, too, which is "now".

    >>> parse_when("-1m30s", 0.0, 1000.0), parse_when("start", 5.0, 9.0), parse_when("1970-01-01T00:01:00Z", 0.0, 100.0)
    (910.0, 5.0, 60.0)
    >>> parse_when("5 minutes ago", 0.0, 1000.0), parse_when("1 h 5 min", 0.0, 9000.0), parse_when("now", 0.0, 9.0)
    (700.0, 5100.0, 9.0)
    >>> parse_when("1970-01-05", 0.0, 1e6) == parse_when("1970-01-05 00:00", 0.0, 1e6)
    True

    Raises:
        ValueError: they mean none, and this says what would.
    """
    asked = words.strip()
    if asked in {"start", "end", "now"}:
        return begin if asked == "start" else end
    moment = _moment(f"{asked} 00:00" if _DAY.fullmatch(asked) else asked, end)
    if moment is not None and dated(moment):
        return moment
    raise ValueError(f"{printable(words, 40)!r} is no moment: give one like {FORMS}")


def _moment(asked: str, end: float) -> float | None:
    if (ago := _AGO.fullmatch(asked)) is not None:
        return end - sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(ago[1]))
    if (found := _CLOCK.fullmatch(asked)) is not None:
        with suppress(ValueError, OverflowError):
            return _clock(found, end)
    return None


def _clock(found: re.Match[str], end: float) -> float:
    day, hour, minute, second, zone = found.groups()
    here = _zone(zone)
    last = datetime.fromtimestamp(end, here) if here else datetime.fromtimestamp(end).astimezone()
    date = last.date() if day in {None, "today", "yesterday"} else datetime.fromisoformat(day).date()
    if day == "yesterday":
        date -= timedelta(days=1)
    seconds = float(second or 0)
    clock = datetime(
        date.year, date.month, date.day, int(hour), int(minute), int(seconds), tzinfo=here
    )  # without a zone it is this host's
    moment = clock.timestamp() + seconds % 1
    if day is None and moment > end:
        moment = (clock - timedelta(days=1)).timestamp() + seconds % 1
    return moment


def _zone(written: str | None) -> timezone | None:
    if written is None:
        return None
    if written == "Z":
        return UTC
    sign = -1 if written[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(written[1:3]), minutes=int(written[-2:])))
