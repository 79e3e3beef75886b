"""A stretch of a recording as a recording of its own: written anew, so that nothing else can be in it."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mptcp_top.errors import SettingsError
from mptcp_top.recording import place
from mptcp_top.recording.writer import Writer
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mptcp_top.engine.marks import Mark
    from mptcp_top.model import Target
    from mptcp_top.recording.reader import Session
    from mptcp_top.recording.writer import Seen


class Excerpt:
    """A recording that is written at the speed of the disk, with the times that its readings had."""

    def __init__(self, connection: sqlite3.Connection, called: Path, targets: Sequence[Target]) -> None:
        self._connection = connection
        self._called = called
        self._targets = targets
        self._writer: Writer | None = None
        self._session = 0

    def write(self, session: Session, since: float, batch: Sequence[Seen], marks: Sequence[Mark]) -> None:
        """Write some readings of one session, each later than all before it of its target."""
        with _said(self._called):
            if self._writer is None or session.number != self._session:
                self.finish()
                self._writer = Writer(self._connection, self._targets, since, since, session.hold_seconds)
                self._writer.resumed.forget()  # what rises goes on from session to session already
                self._session = session.number
            self._writer.write(batch, marks)

    def note_gap(self, began: float, ended: float, why: str) -> None:
        """Write that nothing could be recorded for a while, and why."""
        with _said(self._called):
            if self._writer is not None:
                self._writer.note_gap(began, ended, why)

    def finish(self) -> None:
        """Write down how the open episodes stand."""
        with _said(self._called):
            if self._writer is not None:
                self._writer.finish()


@contextmanager
def excerpt(path: Path, targets: Sequence[Target], called: Path) -> Iterator[Excerpt]:
    """Make a new recording for some targets: one file when this is over, with nothing beside it.

    What goes wrong is said of what it is ``called``: the file may have another name for the time being.

    Raises:
        SettingsError: it cannot be written.
    """
    descriptor = place.claim(path)
    try:
        with _said(called):
            connection = place.to_write(path)
        try:
            made = Excerpt(connection, called, targets)
            yield made
            made.finish()
            with _said(called):
                connection.execute("PRAGMA journal_mode = DELETE")
        finally:
            connection.close()
    finally:
        place.let_go(descriptor)


@contextmanager
def _said(called: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        said = printable(str(error), 200)
        raise SettingsError(f"{place.shown(called)}: it cannot be written ({said}); nothing is left of it") from error
