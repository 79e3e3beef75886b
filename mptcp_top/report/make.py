"""Make a report: ask the recording, and fill a bundle with what it says."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.store import Store
from mptcp_top.errors import SettingsError
from mptcp_top.recording.archive import Recorded
from mptcp_top.recording.lenient import Lenient
from mptcp_top.recording.library import legible
from mptcp_top.recording.place import leave_nothing_beside, to_read
from mptcp_top.report.bundle import bundled
from mptcp_top.report.clean import file_name
from mptcp_top.report.curves import curves_of
from mptcp_top.report.drawn import drawn
from mptcp_top.report.excerpt import excerpt
from mptcp_top.report.happened import csv_lines, rows_of, text_lines
from mptcp_top.report.screens import screens_of
from mptcp_top.report.span import chosen, span_of
from mptcp_top.report.story import Story, account_of, ordered
from mptcp_top.report.summary import summary
from mptcp_top.report.svg import svg_of
from mptcp_top.report.versions import versions_text
from mptcp_top.report.walk import hold_of, walk

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mptcp_top.model import Target
    from mptcp_top.report.bundle import Bundle
    from mptcp_top.report.span import Span


RECORDING: Final = "recording.db"


class Asked(NamedTuple):
    """What a report is to be of, and where it goes.

    ``programs`` are the versions of what makes it, and ``settings`` is how they are set, without anything secret.
    """

    recording: Path
    output: Path
    since: str | None = None
    until: str | None = None
    hosts: Sequence[str] | None = None
    programs: str = ""
    settings: str = ""


def make(asked: Asked) -> Story:
    """Write a report, and return what it tells.

    Raises:
        SettingsError: there is nothing to report of, or it cannot be written.
    """
    with _reading(asked.recording) as connection:
        reader = Lenient(connection)
        with legible(asked.recording):
            span, targets = span_of(reader, asked.since, asked.until), chosen(reader.targets(), asked.hosts)
        with bundled(asked.output) as bundle:
            return _filled(bundle, asked, _Source(connection, reader, span, targets))


class _Source(NamedTuple):
    """A recording, and what of it is meant."""

    connection: sqlite3.Connection
    reader: Lenient
    span: Span
    targets: tuple[Target, ...]


def _filled(bundle: Bundle, asked: Asked, source: _Source) -> Story:
    """Fill a bundle. The slice is made first: what it is made from is gone through once."""
    with legible(asked.recording), excerpt(bundle.folder / RECORDING, source.targets, asked.output) as copy:
        courses = walk(source.reader, source.span, source.targets, copy)
        if not any(course.newest for course in courses):
            if source.reader.unread:
                raise ValueError("nothing of these targets in that time")
            raise SettingsError("nothing of these targets is recorded in that time")
    with legible(asked.recording):
        sessions = source.reader.sessions()
        hold = hold_of(sessions, source.span.end)
        store = _store(source, hold)
        span = source.span
        accounts = ordered([account_of(store, course, span.end) for course in courses])
        marks = tuple(mark for mark in store.marks if span.begin <= mark.monotonic <= span.end)
        runs = tuple(one for one in sessions if one.began <= span.end)
        unread = tuple(one for one in source.reader.unread if one.end > span.begin and one.begin < span.end)
        story = Story(asked.recording.name, span, accounts, marks, runs[-3:], unread)
        curves = curves_of(store, story)
        screens = screens_of(source.connection, story, hold)
    bundle.add("summary.md", summary(story))
    rows = rows_of(story)
    bundle.add("events.csv", csv_lines(rows))
    bundle.add("events.txt", text_lines(rows, span.clock))
    bundle.add("versions.txt", versions_text(story, asked.programs))
    bundle.add("settings.txt", asked.settings)
    for number, curve in enumerate(curves, 1):
        name = f"{number}-{file_name(curve.rise.target.name)}-{file_name(curve.rise.metric.name)}"
        bundle.add(f"charts/{name}.svg", svg_of(curve))
        bundle.add(f"charts/{name}.txt", drawn(curve))
    for name, screen in screens.items():
        bundle.add(f"screens/{name}.txt", screen)
    return story


def _store(source: _Source, hold_seconds: float) -> Store:
    store = Store(source.targets, hold_seconds)
    store.marks = source.reader.marks()
    store.archive = Recorded(source.reader, hold_seconds, lambda: store.marks, alone=True)
    return store


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a recording as it is at this moment, whatever is written into it meanwhile."""
    connection = to_read(path)
    try:
        with legible(path):
            connection.execute("BEGIN")
        yield connection
    finally:
        connection.close()
        leave_nothing_beside(path)
