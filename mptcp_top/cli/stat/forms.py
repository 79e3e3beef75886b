"""What makes text of samples, by the form that is wanted. Each imports what it needs: start-up counts."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TypeVar

from mptcp_top.cli.stat.printer import Rounds
from mptcp_top.cli.stat.wanted import EXPOSITIONS, TABLE
from mptcp_top.ui.glyphs import TO_ASCII

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.cli.stat.table import Page
    from mptcp_top.cli.stat.told import Told
    from mptcp_top.cli.stat.wanted import Wanted

_Drawn = TypeVar("_Drawn")


def form_of(wanted: Wanted, targets: Sequence[str], *, ascii_only: bool = False) -> Callable[[Told], str]:
    """Return what makes text of each sample as it comes; some say nothing until they have one of every target.

    What people read is 7-bit where their terminal may not take more, and so is JSON, which loses nothing by it.
    """
    if wanted.silent:
        return _complaints
    if wanted.form == TABLE:
        tables = _tables(wanted, targets)
        return (lambda told: tables(told).translate(TO_ASCII)) if ascii_only else tables
    if wanted.form in EXPOSITIONS:
        return _exposition(wanted, targets)
    from mptcp_top.cli.stat.records import as_json, csv_of  # noqa: PLC0415

    if wanted.form == "csv":
        return csv_of(wanted.selection)
    return lambda told: as_json(told, wanted.selection, ascii_only=ascii_only)


def _tables(wanted: Wanted, targets: Sequence[str]) -> Callable[[Told], str]:
    from mptcp_top.cli.stat.table import table_of  # noqa: PLC0415

    if len(targets) == 1:
        return _apart(lambda told: table_of(told, wanted.selection, _page(wanted)))
    from mptcp_top.cli.stat.sides import sides_of  # noqa: PLC0415

    return Rounds(targets, _apart(lambda tolds: sides_of(tolds, wanted.selection, _page(wanted))))


def _exposition(wanted: Wanted, targets: Sequence[str]) -> Callable[[Told], str]:
    from mptcp_top.cli.stat.exposition import WRITERS, families_of  # noqa: PLC0415

    write = WRITERS[wanted.form]
    return Rounds(targets, lambda tolds: write(families_of(tolds, wanted.selection)))


def _complaints(told: Told) -> str:
    """Say on standard error that a target could not be read: on standard output nothing is expected."""
    failure = told.observation.failure
    if failure is not None:
        print(f"mptcp-top: {failure.target.name}: {failure.status.value}: {failure.reason}", file=sys.stderr)
    return ""


def _apart(lines_of: Callable[[_Drawn], list[str]]) -> Callable[[_Drawn], str]:
    """Return a function that gives lines as text, with an empty line between one text and the next."""
    begun = False

    def write(drawn: _Drawn) -> str:
        nonlocal begun
        between, begun = ("\n" if begun else ""), True
        return between + "\n".join(lines_of(drawn)) + "\n"

    return write


def _page(wanted: Wanted) -> Page:
    """Return what is printed on as it is now: a terminal can be resized, and a pipe has no width."""
    from mptcp_top.cli.stat.table import NARROWEST, Page  # noqa: PLC0415  # already there

    width = os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else 0
    return Page(max(width, NARROWEST) if width else None, wanted.full_values, wanted.rate, wanted.selection.changed)
