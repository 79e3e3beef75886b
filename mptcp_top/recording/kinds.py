"""A name of a recording is of one kind of target for ever: its samples are told by what its target is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.errors import SettingsError
from mptcp_top.sources.registry import SOURCES
from mptcp_top.text import printable

if TYPE_CHECKING:
    import sqlite3

    from mptcp_top.model import Target


class AnotherKind(SettingsError):
    """A name is that of a target of another kind in a recording."""


def refuse_another_kind(connection: sqlite3.Connection, target: Target) -> None:
    """Refuse a target that has the name of one of another kind.

    Raises:
        AnotherKind: it has.
    """
    known = connection.execute("SELECT source FROM targets WHERE name = ?", (target.name,)).fetchone()
    if known is not None and known[0] != target.source:
        raise AnotherKind(
            f"{printable(target.name, 60)} is {called(known[0])} there, and {called(target.source)} now: "
            "give the target another name, or give another file"
        )


def called(source: object) -> str:
    """Return what people call a kind of target.

    >>> called("netscaler"), called("cisco")
    ('a NetScaler', "'cisco'")
    """
    kind = SOURCES.get(source) if isinstance(source, str) else None
    return printable(repr(source), 60) if kind is None else kind.called
