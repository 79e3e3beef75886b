"""The page of one counter as lines: its live numbers, what it is, what to do next, and where to look further."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.catalogue.prose import fine_print_of
from mptcp_top.ui.explain_chart import chart_lines
from mptcp_top.ui.explain_commands import Step, steps_of
from mptcp_top.ui.explain_links import (
    TARGETS_SHOWN,
    Link,
    Sister,
    everywhere,
    label_width,
    link_line,
    related,
    sisters,
)
from mptcp_top.ui.explain_numbers import TABLE, earlier_lines, number_lines
from mptcp_top.ui.line import Line, Look, Piece

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.ui.explain_subject import Subject

WIDE: Final = 110
"""Columns from which the numbers stand beside the words."""

AISLE: Final = 2

_GUTTER: Final = 15
_CHART_ROWS: Final = (6, 5, 4, 3)
_ESSENTIAL: Final = 2
_EARLIER: Final = "Earlier rises"
_NOT_KNOWN: Final = "The catalogue does not know this counter: its name and its numbers are all there is."
CHANGES: Final = "it changes something"


class Section(NamedTuple):
    """A part of the page: its title, and its lines without it."""

    title: str
    lines: list[Line]


class Known(NamedTuple):
    """What a page can lead to: steps, and counters to go to."""

    steps: tuple[Step, ...]
    related: tuple[Link, ...]
    sisters: tuple[Sister, ...]
    everywhere: tuple[Link, ...]

    @property
    def acts(self) -> Mapping[str, Step | Link]:
        """What can be chosen, by the keys of the rows, in no order."""
        found: dict[str, Step | Link] = {_key("related", place): link for place, link in enumerate(self.related)}
        found |= {_key("step", place): step for place, step in enumerate(self.steps) if step.is_command}
        found |= {_key("sister", place): one.link for place, one in enumerate(self.sisters) if one.link}
        return found | {_key("target", link.target): link for link in self.everywhere if not link.here}


class Spread(NamedTuple):
    """The page laid out: a column of numbers, and one of words ``beside`` it, below where that is 0.

    ``starts`` says in which line of the words each section begins, by its title, and each row, by its key.
    """

    numbers: list[Line]
    words: list[Line]
    starts: Mapping[str, int]
    beside: int

    def line_of(self, part: str, beyond: int) -> int:
        """Return the line of the page that is so far beyond the beginning of a part, or of the page."""
        begin = 0 if self.beside else len(self.numbers)
        return begin + self.starts[part] + beyond if part in self.starts else min(beyond, len(self.numbers))


def known_of(subject: Subject) -> Known:
    """Return what the page of a counter can lead to."""
    prefix = subject.frame.observation.identity.prefix if subject.frame.observation else ""
    here = everywhere(subject)
    steps = steps_of(subject.entry.check_next, prefix) if subject.entry else ()
    return Known(tuple(steps), tuple(related(subject)), tuple(sisters(subject, here)), tuple(here))


def spread_of(subject: Subject, known: Known, width: int, room: int, chosen: str = "") -> Spread:
    """Return the page for ``width`` columns; what matters most stands in the first ``room`` lines, if it can."""
    if width + 1 >= WIDE:
        left = max(TABLE + 1, width * 2 // 5)
        numbers = [*number_lines(subject, left), Line(), *chart_lines(subject, left, _CHART_ROWS[0]), Line()]
        earlier = earlier_lines(subject, left - 2)
        titled = [Line((Piece(f" {_EARLIER}", Look.TITLE),)), *map(_indented, earlier)] if earlier else []
        blocks = _blocks(subject, known, width - left - AISLE, chosen)
        return Spread([*numbers, *titled], *_laid(blocks), left + AISLE)
    table, blocks = number_lines(subject, width), _blocks(subject, known, width, chosen)
    blocks.insert(_ESSENTIAL, [Section(_EARLIER, earlier_lines(subject, width - _GUTTER))])
    left = room - len(table) - 1 - sum(len(section.lines) for block in blocks[:_ESSENTIAL] for section in block)
    rows = next((rows for rows in _CHART_ROWS if rows + _ESSENTIAL <= left), _CHART_ROWS[-1])
    airy = rows + _ESSENTIAL <= left
    numbers = [*table, *chart_lines(subject, width, rows), *([Line()] if airy else [])]
    return Spread(numbers, *_laid(blocks, 0 if airy else _ESSENTIAL), 0)


def place_in(spread: Spread, line: int) -> tuple[str, int]:
    """Return a line of the page as a part and a line of it, so that it is found again when lines break elsewhere."""
    begin = 0 if spread.beside else len(spread.numbers)
    before = [(start, part) for part, start in spread.starts.items() if begin + start <= line]
    if not line or not before:
        return "", line
    start, part = max(before)
    return part, line - begin - start


def _blocks(subject: Subject, known: Known, width: int, chosen: str) -> list[list[Section]]:
    """Return the words, block by block: the first `_ESSENTIAL` of them are to be seen without scrolling."""
    room, entry = max(20, width - _GUTTER), subject.entry
    said = [("What it is", entry.meaning), ("A rise means", entry.on_rise)] if entry else [("What it is", _NOT_KNOWN)]
    steps = [line for place, step in enumerate(known.steps) for line in _step_lines(step, place, room, chosen)]
    links = [*known.related, *(one.link for one in known.sisters if one.link)]
    label = label_width(links, room)
    also = [_link_row(link, _key("related", place), room, label, chosen) for place, link in enumerate(known.related)]
    sisters = [
        Section(f"On {one.system}", _sister_lines(one, _key("sister", place), room, label, chosen))
        for place, one in enumerate(known.sisters)
    ]
    fine = fine_print_of(entry) if entry else ()
    return [
        [Section(title, _wrapped(words, room)) for title, words in said],
        [Section("Check next", steps)],
        [Section("See also", also), *sisters],
        [Section("Targets", _target_lines(known.everywhere, room, chosen))],
        [Section(title, _wrapped(words, room)) for title, words in fine],
    ]


def _indented(line: Line) -> Line:
    return line._replace(pieces=(Piece("  "), *line.pieces))


def _laid(blocks: Sequence[Sequence[Section]], tight: int = 0) -> tuple[list[Line], dict[str, int]]:
    """Return blocks under each other with air between them, but for the first ``tight`` ones, and where parts begin."""
    lines: list[Line] = []
    starts: dict[str, int] = {}
    for place, block in enumerate(blocks):
        if lines and place >= tight and any(section.lines for section in block):
            lines.append(Line())
        for title, inside in block:
            starts.setdefault(title, len(lines))
            for row, line in enumerate(inside):
                gutter = Piece(f" {'' if row else title:<{_GUTTER - 1}}", Look.TITLE)
                if line.key:
                    starts[line.key] = len(lines)
                lines.append(line._replace(pieces=(gutter, *line.pieces)))
    return lines, starts


def _wrapped(words: str, width: int, look: Look = Look.PLAIN) -> list[Line]:
    return [Line((Piece(part, look),)) for part in textwrap.wrap(words, width, break_on_hyphens=False)]


def _step_lines(step: Step, place: int, width: int, chosen: str) -> list[Line]:
    """Return a step: if it can be chosen all its lines are, and the comment stands behind it where there is room."""
    key = _key("step", place) if step.is_command else ""
    selected = bool(key) and key == chosen
    lines = [line._replace(selected=selected) for line in _wrapped(step.says, width)]
    lines[0] = lines[0]._replace(key=key)
    remark = "; ".join(said for said in (CHANGES if step.changes else "", step.comment) if said)
    if not remark:
        return lines
    if len(lines[-1].pieces[0].text) + len(remark) + 4 <= width:
        lines[-1] = lines[-1]._replace(pieces=(*lines[-1].pieces, Piece(f"  ({remark})", Look.QUIET)))
        return lines
    return [*lines, *_wrapped(f"({remark})", width, Look.QUIET)]


def _link_row(link: Link, key: str, width: int, label: int, chosen: str) -> Line:
    return link_line(link, width, label, key=key, selected=key == chosen)


def _sister_lines(sister: Sister, key: str, width: int, label: int, chosen: str) -> list[Line]:
    if sister.link is None:
        return _wrapped(f"{sister.name}. {sister.says}", width)
    return [_link_row(sister.link, key, width, label, chosen), *_wrapped(sister.says, width, Look.QUIET)]


def _target_lines(links: Sequence[Link], width: int, chosen: str) -> list[Line]:
    shown = links[:TARGETS_SHOWN]
    label = label_width(shown, width)
    lines = []
    for link in shown:
        key = "" if link.here else _key("target", link.target)
        lines.append(link_line(link, width, label, key=key, selected=bool(key) and key == chosen))
    more = len(links) - len(shown)
    return [*lines, Line((Piece(f"  and {more} more: c compares them", Look.QUIET),))] if more else lines


def _key(kind: str, which: object) -> str:
    return f"{kind} {which}"
