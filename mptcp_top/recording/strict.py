"""What a recording may hold: everything that is read out of one passes here, because anybody can write an SQLite file.

All of it raises ValueError where a value makes no sense, with a text for people.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Final, NoReturn

from mptcp_top.text import printable

if TYPE_CHECKING:
    from typing import Any

LONGEST: Final = 1000
"""Characters of any text that is read; what we write is shorter."""

LONGEST_BITS: Final = 64
LONGEST_DIGITS: Final = 40
LARGEST: Final = 10**300

LATEST_SECONDS: Final = 253_402_300_799
"""The end of the year 9999, beyond which no clock can be written out."""


def whole(value: object) -> int:
    """Return a value that must be a whole number.

    >>> whole(7)
    7
    """
    if type(value) is not int:
        raise ValueError(f"{shown(value)} is no whole number")
    return value


def count(value: object) -> int:
    """Return a number of things, which is a text where SQLite cannot count so far.

    >>> count("18446744073709551614")
    18446744073709551614
    """
    if isinstance(value, str) and value.isdecimal() and len(value) <= LONGEST_DIGITS:
        return int(value)
    return whole(value)


def seconds(milliseconds: object) -> float:
    """Return a length of time that is kept in milliseconds.

    >>> seconds(-1)
    Traceback (most recent call last):
    ValueError: -1 milliseconds is no length of time
    """
    if not 0 <= whole(milliseconds) <= LATEST_SECONDS * 1000:
        raise ValueError(f"{shown(milliseconds)} milliseconds is no length of time")
    return whole(milliseconds) / 1e3


def width(bits: object) -> int | None:
    """Return how wide counters are, None where that is not known."""
    if bits is not None and not 0 < whole(bits) <= LONGEST_BITS:
        raise ValueError(f"{shown(bits)} bits is no width of a counter")
    return None if bits is None else whole(bits)


def moment(microseconds: object) -> int:
    """Return a time of the recording's clock, or of the wall's, that must be one of this age.

    >>> moment(-1)
    Traceback (most recent call last):
    ValueError: -1 microseconds is no time that can be
    """
    if not 0 <= whole(microseconds) <= LATEST_SECONDS * 1_000_000:
        raise ValueError(f"{shown(microseconds)} microseconds is no time that can be")
    return whole(microseconds)


def real(value: object) -> float:
    """Return a value that must be a number, and neither without end nor none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST or not isfinite(value):
        raise ValueError(f"{shown(value)} is no number")
    return float(value)


def wall(value: object) -> float:
    """Return a time of the wall clock, in seconds."""
    if not 0 <= real(value) <= LATEST_SECONDS:
        raise ValueError(f"{shown(value)} seconds is no time that can be")
    return real(value)


def words(value: object) -> str:
    r"""Return a value that must be a text, fit for a terminal.

    >>> words("ns1\x1b[2J")
    'ns1·[2J'
    """
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is no text")  # noqa: TRY004  # as all that makes no sense
    return printable(value, LONGEST)


def loaded(written: object) -> Any:  # noqa: ANN401  # whatever JSON has: who asks looks at it
    """Return what a JSON text says.

    >>> loaded("[NaN]")
    Traceback (most recent call last):
    ValueError: NaN is no number
    """
    if not isinstance(written, str):
        raise ValueError(f"{shown(written)} is no text")  # noqa: TRY004  # as above
    try:
        return json.loads(written, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("brackets in brackets without end") from error


def shown(value: object) -> str:
    """Return a value as a complaint repeats it."""
    return printable(str(value)[:100] if isinstance(value, str) else repr(value)[:100], 40)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
