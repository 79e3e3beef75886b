"""What the commands about one recording have in common: which targets of it, and which time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.catalogue.catalogue import CATALOGUES
from mptcp_top.errors import SettingsError
from mptcp_top.text import iso_time, printable
from mptcp_top.when import parse_when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.model import Target
    from mptcp_top.recording.reader import Reader


class Span(NamedTuple):
    """A stretch of time, by the wall clock; ``first`` and ``last`` are when the recording has its first and last poll.

    ``begin`` and ``end`` are moments of the recording's clock: nothing before or after them is within.
    """

    since: float
    until: float
    first: float
    last: float
    begin: float
    end: float


def chosen(reader: Reader, names: Sequence[str] | None) -> list[Target]:
    """Return the targets that are asked for by name, all of them where none is.

    Raises:
        SettingsError: one is not in the recording, or of a kind that this program does not know.
    """
    known = {target.name: target for target in reader.targets()}
    for name in names or ():
        if name not in known:
            there = ", ".join(list(known)[:20]) or "no target at all"
            raise SettingsError(f"--host {printable(name, 60)}: it is not in this recording, which has {there}")
    found = [known[name] for name in dict.fromkeys(names or known)]
    for target in found:
        if target.source not in CATALOGUES:
            raise SettingsError(
                f"{target.name}: {target.source!r} is a kind of target that this mptcp-top does not know"
            )
    return found


def by_source(targets: Sequence[Target]) -> dict[str, list[str]]:
    """Return the names of targets by their kind.

    >>> from mptcp_top.model import Target
    >>> by_source([Target("a", "linux"), Target("b", "netscaler"), Target("c", "linux")])
    {'linux': ['a', 'c'], 'netscaler': ['b']}
    """
    kinds = dict.fromkeys(target.source for target in targets)
    return {kind: [target.name for target in targets if target.source == kind] for kind in kinds}


def span_of(reader: Reader, since: str | None, until: str | None) -> Span | None:
    """Return the time that is asked for, None where nothing is recorded yet.

    Raises:
        SettingsError: it is no time, or ends before it begins.
    """
    extent = reader.extent()
    if extent is None:
        return None
    least, most = reader.ahead_of_wall() if since or until else (0.0, 0.0)
    first, last = (reader.wall_at(moment) or moment for moment in extent)
    if since is None and until is None:  # all of it, whatever the wall clock was set to meanwhile
        return Span(float("-inf"), float("inf"), first, last, *extent)
    begin = first if since is None else _moment("--from", since, first, last)
    end = last if until is None else _moment("--to", until, first, last)
    given = (since is not None, until is not None)
    if begin > end and (all(given) or first <= last):
        raise SettingsError(_turned_round(begin, end, given=given))
    since_wall = float("-inf") if since is None else begin
    until_wall = float("inf") if until is None else end
    return Span(since_wall, until_wall, first, last, max(begin - most, extent[0]), min(end - least, extent[1]))


def _moment(option: str, words: str, first: float, last: float) -> float:
    try:
        return parse_when(words, first, last)
    except ValueError as error:
        raise SettingsError(f"{option}: {error}") from error


def _turned_round(begin: float, end: float, *, given: tuple[bool, bool]) -> str:
    """Return what is wrong with a stretch of time that ends before it begins; ``given`` is which ends were asked for.

    >>> _turned_round(20.0, 10.0, given=(False, True))
    '--to 1970-01-01T00:00:10.000Z is before this recording begins (1970-01-01T00:00:20.000Z)'
    """
    since, until = iso_time(begin), iso_time(end)
    if given == (False, True):
        return f"--to {until} is before this recording begins ({since})"
    if given == (True, False):
        return f"--from {since} is after this recording ends ({until})"
    return f"--from {since} is after --to {until}: change one of them"
