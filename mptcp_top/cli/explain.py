"""``mptcp-top explain``: the catalogue, read aloud."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING

from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of, nearest
from mptcp_top.catalogue.prose import body_of, head_of
from mptcp_top.errors import SettingsError
from mptcp_top.model import Group
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.catalogue.entry import Entry, Unnamed

WIDEST = 100


def explain(names: Sequence[str]) -> int:
    """Print what the named counters are, or the list of all, and return the exit code.

    Raises:
        SettingsError: a name means nothing.
    """
    if not names:
        _print_list()
        return 0
    width = min(shutil.get_terminal_size().columns, WIDEST)
    print("\n\n".join(said for name in names for said in _about(name, width)))
    return 0


def _about(name: str, width: int) -> list[str]:
    """Return what is known of every counter a name means; a name spelt exactly means that one only."""
    catalogues = [catalogue_of(source) for source in CATALOGUES]
    found = [entry for catalogue in catalogues for entry in catalogue.find(name)]
    exact = [entry for entry in found if name in entry.names]
    unnamed = [one for source in CATALOGUES for one in unnamed_as(name, source)]
    said = [text_of(entry, width) for entry in (exact or ([] if unnamed else found))]
    said += [
        f"{one.alias}\n{textwrap.fill(one.says, width, initial_indent='  ', subsequent_indent='  ')}" for one in unnamed
    ]
    if not said:
        raise SettingsError(unknown_counter(name))
    return said


def unnamed_as(name: str, source: str) -> list[Unnamed]:
    """Return the counters that are spelt just like ``name``, and that their owner does not give a name of their own."""
    return [one for one in catalogue_of(source).unnamed if name in {one.alias, one.label}]


def unknown_counter(name: str) -> str:
    """Return what to say of a name that means nothing."""
    near = nearest(name)
    guess = f": did you mean {' or '.join(near)}?" if near else ""
    return f"no counter is called {printable(name, 60)!r}{guess} (all of them: mptcp-top explain)"


def _print_list() -> None:
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
