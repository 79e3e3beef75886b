"""How anything becomes text that may be shown: cleaning what came from outside, and numbers.

Everything that reaches a terminal passes `printable` where it enters the program. Escape sequences, C1 controls,
bidirectional overrides and zero-width characters are not printable in Unicode's sense, so one rule covers them all.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

UNKNOWN: Final = "–"
"""What stands where a number is not known. Never a zero."""

_STEPS: Final = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_DATED: Final = (-62_000_000_000.0, 250_000_000_000.0)
"""Wall-clock stamps of the years 5 and 9892: between them every time zone has a date for each."""


def printable(text: str, limit: int = 200) -> str:
    r"""Return ``text`` fit for a terminal: unprintable characters become a middle dot, the rest is cut at ``limit``.

    >>> printable("ns1\x1b]0;owned\x07")
    'ns1·]0;owned·'
    >>> printable("a\u202eb")
    'a·b'
    >>> printable("x" * 9, limit=4)
    'xxx…'
    """
    if len(text) <= limit and text.isprintable():  # nearly always
        return text
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else "·" for char in cut)


def count(value: int | None) -> str:
    """Return a whole number with its thousands separated.

    >>> count(12345678), count(0), count(None)
    ('12,345,678', '0', '–')
    """
    return UNKNOWN if value is None else f"{value:,}"


def short_count(value: int | None, width: int) -> str:
    """Return ``value`` in at most ``width`` characters (five or more), in full where it fits.

    >>> short_count(12345678, 10), short_count(12345678, 9), short_count(2**64 - 1, 7)
    ('12,345,678', '12.3M', '18.4E')
    """
    full = count(value)
    return full if value is None or len(full) <= width else magnitude(value)


def magnitude(value: float) -> str:
    """Return a number of 0 or more with three significant digits and a metric suffix.

    >>> [magnitude(v) for v in (0, 3, 86.14, 412.4, 999.7, 12_345, 9_999_999, 2**64)]
    ['0', '3.00', '86.1', '412', '1.00k', '12.3k', '10.0M', '18.4E']
    """
    if value == 0:
        return "0"
    for size, suffix in _STEPS:
        if value >= size * 0.9995:
            return _three_digits(value / size) + suffix
    return _three_digits(value)


def _three_digits(value: float) -> str:
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def rate(value: float | None) -> str:
    """Return a rate per second in at most six characters; what is not zero never reads as zero.

    >>> [rate(v) for v in (None, 0.0, 1 / 600, 0.033, 0.5, 3.0, 86.1, 10e6)]
    ['–', '0', '0.0017', '0.033', '0.50', '3.00', '86.1', '10.0M']
    >>> rate(1e-9)
    '<.0001'
    """
    if value is None:
        return UNKNOWN
    if value == 0 or value >= 0.0995:
        return magnitude(value)
    if value < 0.0001:
        return "<.0001"
    return f"{value:.3f}" if value >= 0.00995 else f"{value:.4f}"


def percent(share: float | None) -> str:
    """Return a share as a percentage that says 0 % and 100 % only when it is exactly that.

    >>> [percent(v) for v in (None, 0.0, 0.00001, 0.912, 0.99999, 1.0)]
    ['–', '0 %', '<0.1 %', '91.2 %', '99.9 %', '100 %']
    """
    if share is None:
        return UNKNOWN
    if share <= 0:
        return "0 %"
    if share >= 1:
        return "100 %"
    return "<0.1 %" if share < 0.001 else f"{min(share, 0.999):.1%}".replace("%", " %")


def duration(seconds: float) -> str:
    """Return a length of time in two units at most; what a clock that was set back makes less than nothing is none.

    >>> [duration(v) for v in (0.4, 8, 59.6, 135, 3600, 8130, 90_000, -3600)]
    ['0 s', '8 s', '1 min', '2 min 15 s', '1 h', '2 h 15 min', '1 d 1 h', '0 s']
    """
    whole = max(0, round(seconds))
    units = ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))
    for size, name, small, small_name in units:
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size} {name} {rest} {small_name}" if rest else f"{whole // size} {name}"
    return f"{whole} s"


def interval(seconds: float) -> str:
    """Return a polling interval as it is typed.

    >>> interval(1.0), interval(0.5), interval(90)
    ('1 s', '0.5 s', '90 s')
    """
    return f"{seconds:g} s"


def latency(seconds: float) -> str:
    """Return how long an answer took.

    >>> latency(0.01264), latency(0.9999), latency(4.321)
    ('12.6 ms', '999.9 ms', '4.3 s')
    """
    return f"{seconds * 1000:.1f} ms" if seconds < 0.99995 else f"{seconds:.1f} s"


def dated(wall: float) -> bool:
    """Whether a wall-clock stamp is a moment that can be shown as a date: not every number in a file is.

    >>> dated(1795255200.0), dated(1e300), dated(float("nan"))
    (True, False, False)
    """
    first, last = _DATED
    return first < wall < last


def clock(wall: float) -> str:
    """Return the local time of day of a wall-clock stamp."""
    return datetime.fromtimestamp(wall, tz=UTC).astimezone().strftime("%H:%M:%S")


def date_and_clock(wall: float, now: float) -> str:
    """Return a moment to the second, seen from another: with its day where that differs."""
    then, today = (datetime.fromtimestamp(stamp, tz=UTC).astimezone() for stamp in (wall, now))
    if then.date() == today.date():
        return f"{then:%H:%M:%S}"
    return f"{then:%a %H:%M:%S}" if 0 <= (today - then).days < 6 else f"{then:%Y-%m-%d %H:%M:%S}"


def when(wall: float, now: float) -> str:
    """Return a moment as people say it, seen from another, in nine characters at most: its day where that differs."""
    then, today = (datetime.fromtimestamp(stamp, tz=UTC).astimezone() for stamp in (wall, now))
    if then.date() == today.date():
        return f"{then:%H:%M:%S}"
    return f"{then:%a %H:%M}" if (today - then).days < 6 else f"{then:%d %b}"


def shortened(name: str, width: int) -> str:
    """Return a name in at most ``width`` characters, with its middle left out where it is longer.

    >>> shortened("local:red", 20), shortened("local:/run/docker/netns/0123456789", 17)
    ('local:red', 'local:/r…23456789')
    """
    if len(name) <= width:
        return name
    tail = width // 2
    return f"{name[: width - tail - 1]}…{name[-tail:]}"


def iso_time(wall: float) -> str:
    """Return a wall-clock stamp in UTC with milliseconds.

    >>> iso_time(1795255200.1234)
    '2026-11-21T10:00:00.123Z'
    """
    stamp = datetime.fromtimestamp(wall, tz=UTC)
    return f"{stamp:%Y-%m-%dT%H:%M:%S}.{stamp.microsecond // 1000:03d}Z"
