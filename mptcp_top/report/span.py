"""Which part of a recording is meant: from when to when, and which targets."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.errors import SettingsError
from mptcp_top.report.clocks import Clock
from mptcp_top.text import printable
from mptcp_top.when import parse_when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.model import Target
    from mptcp_top.recording.reader import Reader


class Span(NamedTuple):
    """A stretch of a recording: by its own clock, and by the wall clock.

    ``asked`` is the stretch of the wall clock that was asked for, which may reach beyond what is recorded.
    """

    begin: float
    end: float
    clock: Clock
    asked: Clock


def span_of(reader: Reader, since: str | None, until: str | None) -> Span:
    """Return the stretch that words mean; where there are none, all that is recorded.

    Raises:
        SettingsError: they mean no moment, or nothing was recorded between the two.
    """
    extent = reader.extent()
    if extent is None:
        raise SettingsError("nothing is recorded there yet")
    first, last = (moment + ahead_of_recording(reader, moment) for moment in extent)
    begin, end = _moment("--from", since, Clock(first, last), first), _moment("--to", until, Clock(first, last), last)
    there = f"what is recorded is {Clock(first, last).period}"
    if (until is not None and end < first) or (since is not None and begin > last):
        raise SettingsError(f"nothing is recorded in that time; {there}")
    if begin > end and since is not None and until is not None:
        raise SettingsError(f"--from is after --to: {_turned_round(begin, end)}; {there}")
    kept = Clock(begin if since is None else max(begin, first), end if until is None else min(end, last))
    moments = (  # a clock may have been set: who gives no moment means all, whatever the clock showed
        extent[0] if since is None else max(extent[0], recorded_at(reader, kept.begin)),
        extent[1] if until is None else min(extent[1], recorded_at(reader, kept.end)),
    )
    return Span(*moments, kept, Clock(begin, end))


def chosen(targets: Sequence[Target], names: Sequence[str] | None) -> tuple[Target, ...]:
    """Return the targets that are asked for by name, in the order of the recording; all where nobody names any.

    >>> from mptcp_top.model import Target
    >>> [target.name for target in chosen([Target("ns1", "netscaler"), Target("ns2", "netscaler")], ["ns2"])]
    ['ns2']

    Raises:
        SettingsError: a name is of no target there.
    """
    known = [target.name for target in targets]
    for name in names or ():
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            meant = f"; did you mean {printable(near[0])}?" if near else ""
            listed = ", ".join(printable(one) for one in known[:8]) + (", …" if len(known) > 8 else "")
            raise SettingsError(f"{printable(name)}: it is not in this recording, which has {listed}{meant}")
    return tuple(target for target in targets if not names or target.name in names)


def ahead_of_recording(reader: Reader, moment: float) -> float:
    """Return how far the wall clock was ahead of the recording's at a moment."""
    found = [reader.newest_sample(target.name, moment) for target in reader.targets()]
    newest = max((one for one in found if one is not None), key=lambda one: one.monotonic, default=None)
    return 0.0 if newest is None else newest.wall - newest.monotonic


def recorded_at(reader: Reader, wall: float) -> float:
    """Return the moment of the recording's clock at which the wall clock showed a time."""
    about = wall - ahead_of_recording(reader, wall)
    return wall - ahead_of_recording(reader, about)


def _turned_round(begin: float, end: float) -> str:
    both = Clock(end, begin)
    return f"{both.short(begin)} is after {both.short(end)}"


def _moment(flag: str, words: str | None, there: Clock, otherwise: float) -> float:
    if words is None:
        return otherwise
    try:
        return parse_when(words, there.begin, there.end)
    except ValueError as error:
        raise SettingsError(f"{flag}: {error}") from error
