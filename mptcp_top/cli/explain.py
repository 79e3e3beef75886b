"""``mptcp-top explain``: the catalogue, read aloud."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from mptcp_top.catalogue.catalogue import linux
from mptcp_top.catalogue.prose import body_of, head_of
from mptcp_top.errors import SettingsError
from mptcp_top.model import Group
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.catalogue.entry import Entry

WIDEST = 100


def explain(names: Sequence[str]) -> int:
    """Print what the named counters are, or the list of all, and return the exit code.

    Raises:
        SettingsError: a name means nothing.
    """
    if not names:
        _print_list()
        return 0
    entries = [entry for name in names for entry in _find(name)]
    print("\n\n".join(text_of(entry, min(shutil.get_terminal_size().columns, WIDEST)) for entry in entries))
    return 0


def _find(name: str) -> list[Entry]:
    found = linux().find(name)
    if not found:
        raise SettingsError(unknown_counter(name))
    return found


def unknown_counter(name: str) -> str:
    """Return what to say of a name that means nothing."""
    near = linux().nearest(name)
    guess = f": did you mean {' or '.join(near)}?" if near else ""
    return f"no counter is called {printable(name, 60)!r}{guess} (all of them: mptcp-top explain)"


def _print_list() -> None:
    entries = linux().entries.values()
    for group in Group:
        print(group.value)
        for entry in entries:
            if entry.metric.group is group:
                print(f"  {entry.metric.name:<26} {entry.metric.severity.value:<9} {entry.metric.label}")


def text_of(entry: Entry, width: int) -> str:
    """Return an entry as text of at most ``width`` columns."""
    return "\n".join((*head_of(entry), *body_of(entry, width)))
