"""``mptcp-top explain``: the catalogue, read aloud."""

from __future__ import annotations

import shutil
import textwrap
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of, nearest
from mptcp_top.catalogue.prose import body_of, head_of
from mptcp_top.errors import SettingsError
from mptcp_top.model import Group
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mptcp_top.catalogue.entry import Entry, Unnamed

WIDEST: Final = 100
NSTAT: Final = "MPTcpExt"
"""What nstat puts before the name of a kernel's MPTCP counter."""


class Meant(NamedTuple):
    """What a name stands for: counters of a source, and those that their owner gives no name of their own."""

    source: str
    entries: list[Entry]
    unnamed: list[Unnamed]


def explain(names: Sequence[str], *, as_json: bool = False, as_list: bool = False) -> int:
    """Print what the named counters are, all of them if none is named, and return the exit code.

    Raises:
        SettingsError: a name means nothing.
    """
    width = shutil.get_terminal_size().columns
    if as_json or as_list:
        from mptcp_top.cli.explained import lines_of  # noqa: PLC0415  # people read prose

        lines: Iterable[str] = lines_of(_meant_by_all(names), width, as_json=as_json, as_list=as_list)
        print("\n".join(lines))
    elif names:
        print("\n\n".join(_said(_meant_by_all(names), min(width, WIDEST))))
    else:
        _print_panels()
    return 0


def _meant_by_all(names: Sequence[str]) -> list[Meant]:
    if not names:
        return [Meant(source, [*catalogue_of(source).entries.values()], []) for source in CATALOGUES]
    return [meant for name in names for meant in meant_by(name)]


def meant_by(name: str) -> list[Meant]:
    """Return what a name stands for in each source; a name that is spelt exactly means that one only.

    It may be the owner's name, also as nstat spells it, an alias, a label, a panel or a concept, with ``*`` and ``?``.

    >>> [(meant.source, [entry.metric.name for entry in meant.entries]) for meant in meant_by("mp_fail_rx")]
    [('linux', ['MPFailRx']), ('netscaler', ['mptcpmpfailrecvd'])]

    Raises:
        SettingsError: it means nothing.
    """
    bare = name.removeprefix(NSTAT) or name
    found = [Meant(source, catalogue_of(source).find(bare), unnamed_as(bare, source)) for source in CATALOGUES]
    spelt = [meant._replace(entries=[entry for entry in meant.entries if bare in entry.names]) for meant in found]
    for meants in (spelt, found, [_like(bare, source) for source in CATALOGUES]):
        if any(meant.entries or meant.unnamed for meant in meants):
            return meants
    raise SettingsError(unknown_counter(name))


def _like(name: str, source: str) -> Meant:
    """Return the counters of a panel or a concept. That of errors has every counter whose rise is bad news."""
    wanted = name.casefold()
    entries = [
        entry
        for entry in catalogue_of(source).entries.values()
        if any(word and fnmatchcase(word.casefold(), wanted) for word in (*_panels(entry), entry.metric.concept))
    ]
    return Meant(source, entries, [])


def _panels(entry: Entry) -> tuple[str, ...]:
    return (entry.metric.group, Group.ERRORS) if entry.metric.flagged else (entry.metric.group,)


def _said(meants: Iterable[Meant], width: int) -> list[str]:
    """Return everything that is known, a text a counter."""
    said = []
    for _, entries, unnamed in meants:
        said += [text_of(entry, width) for entry in entries]
        said += [
            f"{one.alias}\n{textwrap.fill(one.says, width, initial_indent='  ', subsequent_indent='  ')}"
            for one in unnamed
        ]
    return said


def unnamed_as(name: str, source: str) -> list[Unnamed]:
    """Return the counters that are spelt just like ``name``, and that their owner does not give a name of their own."""
    return [one for one in catalogue_of(source).unnamed if name in {one.alias, one.label}]


def unknown_counter(name: str) -> str:
    """Return what to say of a name that means nothing, or of a pattern that no name matches.

    >>> unknown_counter("zz*")
    "no counter matches 'zz*' (to see them all: mptcp-top explain --list)"
    """
    whole = "(to see them all: mptcp-top explain --list)"
    if any(sign in name for sign in "*?["):
        return f"no counter matches {printable(name, 60)!r} {whole}"
    near = [*_nearest_panels(name), *nearest(name)][:3]
    guess = f": did you mean {' or '.join(near)}?" if near else ""
    return f"no counter is called {printable(name, 60)!r}{guess} {whole}"


def _nearest_panels(name: str) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415  # only for mistakes, and slow to import

    by_folded = {group.casefold(): group.value for group in Group}
    return [by_folded[folded] for folded in get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.75)]


def _print_panels() -> None:
    for source in CATALOGUES:
        entries = catalogue_of(source).entries.values()
        system = next(iter(entries)).system
        widest = max(len(entry.metric.name) for entry in entries)
        for group in Group:
            print(f"{system}: {group.value}")
            for entry in entries:
                if entry.metric.group is group:
                    print(f"  {entry.metric.name:<{widest}} {entry.metric.severity.value:<9} {entry.metric.label}")


def text_of(entry: Entry, width: int) -> str:
    """Return an entry as text of at most ``width`` columns."""
    return "\n".join((*head_of(entry), *body_of(entry, width)))
