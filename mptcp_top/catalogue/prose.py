"""An entry of the catalogue as text for people."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from mptcp_top.catalogue.catalogue import sisters_of
from mptcp_top.catalogue.pairs import lookalikes_of, pair_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.catalogue.entry import Entry

_TITLE = 13


def head_of(entry: Entry) -> tuple[str, str]:
    """Return the two lines that say which counter this is."""
    metric = entry.metric
    also = f" (also {', '.join(entry.aliases)})" if entry.aliases else ""
    return f"{metric.name}{also}", f"{metric.label}: {metric.kind}, {metric.group}, {metric.severity}, in {metric.unit}"


def body_of(entry: Entry, width: int) -> list[str]:
    """Return everything known about a counter in lines of at most ``width`` columns (40 or more)."""
    return [line for title, said in _parts(entry) for line in _fill(title, said, max(width, 40))]


def _parts(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "What it is", entry.meaning
    yield "A rise means", entry.on_rise
    for row, step in enumerate(entry.check_next):
        command, _, comment = step.partition("   # ")
        yield "" if row else "Check next", command
        if comment:
            yield "", f"({comment})"  # on a line of its own: what is copied is the command
    yield "See also", ", ".join(entry.related)
    for sister in sisters_of(entry):
        pair = pair_of(sister.metric.concept)
        yield f"On {sister.system}", f"{sister.metric.name}. {pair.says}" if pair else sister.metric.name
    yield from fine_print_of(entry)


def fine_print_of(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield what is known of a counter beyond what it means: lookalikes, versions, sections of the RFC, notes."""
    for pair in lookalikes_of(entry):
        yield "Unlike", f"{pair.other(entry.metric.name)}. {pair.says}"
    since = f"{entry.system} {entry.since} and later" if entry.since else "development trees only"
    yield "Since", f"{since}; RFC 8684 section {', '.join(entry.rfc)}" if entry.rfc else since
    for change in entry.changes:
        backports = f" (and {', '.join(change.backported)})" if change.backported else ""
        yield "Careful", f"before {change.before}{backports}: {change.note}"
    for note in entry.notes:
        yield "Note", note


def _fill(title: str, said: str, width: int) -> list[str]:
    return textwrap.wrap(
        said,
        width,
        initial_indent=f"  {title:<{_TITLE}} ",
        subsequent_indent=" " * (_TITLE + 3),
        break_on_hyphens=False,
    )
