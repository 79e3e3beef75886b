"""Moments as programs write them in front of what they print: ``date`` in its usual forms, seconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from mptcp_top.recording.strict import LATEST_SECONDS

FORMS: Final = 'date -Is, date +%s, or {"time": …}'
_EPOCH: Final = re.compile(r"(\d{9,11}(?:[.,]\d+)?)|(\d{12,14})|(\d{18,20})")
_USUAL: Final = re.compile(
    r"[A-Z]\w\w (?P<month>[A-Z]\w\w) +(?P<day>\d+) (?P<clock>\d\d:\d\d:\d\d)(?P<half> [AP]M)? "
    r"(?P<zone>\S+) (?P<year>\d{4})"
    r"|[A-Z]\w\w +(?P<day2>\d+) (?P<month2>[A-Z]\w\w) (?P<year2>\d{4}) (?P<clock2>\d\d:\d\d:\d\d)(?P<half2> [AP]M)? "
    r"(?P<zone2>\S+)"
)
_ZERO_ZONES: Final = frozenset({"UTC", "GMT", "Z"})


class Moment(NamedTuple):
    """A time of the wall clock in whole milliseconds. ``zoned`` is whether the text itself says in which time zone."""

    milliseconds: int
    zoned: bool = True


def moment_in(text: str) -> Moment | None:
    """Return the moment that a text says, None if it says none. Without a time zone it is one of this host's.

    >>> [moment_in(text) for text in ("1795255200.25", "1795255200250", "2026-11-21T10:00:00,250+00:00")]
    [Moment(milliseconds=1795255200250, zoned=True), Moment(milliseconds=1795255200250, zoned=True), \
Moment(milliseconds=1795255200250, zoned=True)]
    >>> moment_in("Sat Nov 21 10:00:00 UTC 2026") == moment_in("Sat, 21 Nov 2026 10:00:00 +0000")
    True
    >>> moment_in("#kernel") is None
    True
    """
    words = text.strip()
    if not 8 <= len(words) <= 60:
        return None
    if (found := _EPOCH.fullmatch(words)) is not None:
        seconds, milliseconds, nanoseconds = found.groups()
        return _sensible(
            round(float(seconds.replace(",", ".")) * 1000)
            if seconds
            else int(milliseconds) if milliseconds else int(nanoseconds) // 10**6
        )  # fmt: skip
    try:
        clock = _clock(words)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if clock is None:
        return None
    zoned = clock.tzinfo is not None
    try:
        return _sensible(round(clock.timestamp() * 1000), zoned=zoned)
    except (ValueError, OverflowError, OSError):
        return None


def _sensible(milliseconds: int, *, zoned: bool = True) -> Moment | None:
    return Moment(milliseconds, zoned) if 0 <= milliseconds <= LATEST_SECONDS * 1000 else None


def _clock(words: str) -> datetime | None:
    if words[:4].isdigit():
        return datetime.fromisoformat(words.replace(",", "."))
    found = _USUAL.fullmatch(words)
    if found is None:
        return parsedate_to_datetime(words) if "," in words else None
    parts = {name.rstrip("2"): part for name, part in found.groupdict().items() if part is not None}
    form = "%Y %b %d %I:%M:%S %p" if "half" in parts else "%Y %b %d %H:%M:%S"
    half = parts.get("half", "")
    said = f"{parts['year']} {parts['month']} {parts['day']} {parts['clock']}{half}"
    naive = datetime.strptime(said, form)  # noqa: DTZ007  # the zone is looked at below
    return naive.replace(tzinfo=UTC) if parts["zone"] in _ZERO_ZONES else naive
