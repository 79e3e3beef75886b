"""The comparison as lines: a row a counter, a column a target, and who is odd. Pure functions."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.odd import FEWEST
from mptcp_top.model import Kind
from mptcp_top.ui.compare_head import INDENT
from mptcp_top.ui.glyphs import GAP, HIGHER, LOWER
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.sides import Mode, Side, passed_of
from mptcp_top.ui.topics import ERRORS, FALLBACK, MEANINGS, Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.odd import Odd
    from mptcp_top.ui.comparison import Cell, Comparison

_CELL: Final = 12
"""The least width of a column: a gap, a number of ten characters, and the mark."""

_WIDE_CELL: Final = 17
_LEAST_LABEL: Final = 20
_GOOD_LABEL: Final = 24
_LEAST_ODD: Final = 16
_MOST_ODD: Final = 36


class Plan(NamedTuple):
    """Widths, and which targets are in sight: ``shown`` of them from the one numbered ``first``."""

    label: int
    cell: int
    odd: int
    first: int
    shown: int

    @property
    def places(self) -> range:
        """The numbers of the targets in sight."""
        return range(self.first, self.first + self.shown)


def plan_of(comparison: Comparison, first: int, width: int) -> Plan:
    """Return the columns for a width. All targets come first, then who is odd in words, then long labels.

    Where the targets do not all fit, who is odd is always told: it may be one out of sight.
    """
    count = len(comparison.sides)
    longest = comparison.alignment.longest_label
    rest = width - INDENT - count * _CELL
    odd = _LEAST_ODD if comparison.judged >= FEWEST else 0
    if rest < _LEAST_LABEL:
        shown = max(1, (width - INDENT - _LEAST_LABEL - odd) // _CELL)
    else:
        shown = count
        odd = odd if rest >= _GOOD_LABEL + _LEAST_ODD else 0
    rest = width - INDENT - shown * _CELL - odd
    label = max(1, min(longest, rest))
    more = min(rest - label, _MOST_ODD - _LEAST_ODD) if odd else 0
    cell = min(_WIDE_CELL, _CELL + max(0, rest - label - more) // shown)
    return Plan(label, cell, odd + max(0, more), max(0, min(first, count - shown)), shown)


# The rows


def heading_line(topic: Topic) -> Line:
    """Return the heading of the section that begins with a row."""
    words = f"{topic.section}, only {topic.only}" if topic.only else topic.section
    return Line((Piece(f" {words}", Look.TITLE),))


def row_line(comparison: Comparison, topic: Topic, plan: Plan, cursor: str) -> Line:
    """Return one row: its label, the numbers of the targets in sight, and who is odd among all."""
    odd = {one.place: one for one in comparison.verdict(topic).odd}
    cells = [(comparison.sides[place], comparison.cell(comparison.sides[place], topic)) for place in plan.places]
    idle = not odd and not any(cell.figure is not None and cell.figure.value for _, cell in cells)
    label = label_of(topic, comparison.mode).label_in(plan.label)
    pieces = [Piece(" " * INDENT), Piece(f"{label:<{plan.label}}", Look.QUIET if idle else Look.PLAIN)]
    for place, (side, cell) in zip(plan.places, cells, strict=True):
        mark = odd.get(place)
        look = _odd_look(topic, mark) if mark else _plain_look(side, cell)
        number = number_of(cell, topic, comparison.mode, plan.cell - 2)
        sign = " " if mark is None else HIGHER if mark.higher else LOWER
        pieces.append(Piece(f"{number:>{plan.cell - 1}}{sign}", look))
    if plan.odd:
        first = next(iter(odd.values()), None)
        said = "" if first is None else odd_words(comparison, topic, first, len(odd) - 1, plan.odd - 2)
        pieces += [Piece("  "), Piece(f"{said:<{plan.odd - 2}}", _odd_look(topic, first) if first else Look.PLAIN)]
    return Line(tuple(pieces), selected=topic.key == cursor, key=topic.key)


def label_of(topic: Topic, mode: Mode) -> Topic:
    """Return a row as it is called in a mode: where increases are shown, those of the errors are no rate.

    >>> label_of(ERRORS, Mode.RATE).label, label_of(ERRORS, Mode.MARK).label
    ('errors /s', 'errors')
    """
    return topic._replace(label=topic.label.removesuffix(" /s")) if topic is ERRORS and mode.counts_up else topic


def number_of(cell: Cell, topic: Topic, mode: Mode, width: int) -> str:
    """Return a number as it stands in its column.

    >>> from mptcp_top.engine.odd import Figure
    >>> from mptcp_top.ui.comparison import Cell
    >>> topic = Topic("mp_fail_rx", "MP_FAIL received", "errors")
    >>> cells = Cell(Figure(1234)), Cell(None), Cell(None, present=False)
    >>> [number_of(cell, topic, Mode.TOTAL, 10) for cell in cells]
    ['1,234', '–', '·']
    """
    if cell.figure is None:
        return text.UNKNOWN if cell.present else GAP
    if cell.figure.share_of is not None:
        return text.percent(cell.figure.value)
    if (topic is ERRORS and not mode.counts_up) or (
        topic.kind is Kind.COUNTER and mode in {Mode.RATE, Mode.NORMALISED}
    ):
        return text.rate(cell.figure.value)
    return text.short_count(int(cell.figure.value), width)


def odd_words(comparison: Comparison, topic: Topic, odd: Odd, more: int, width: int) -> str:
    """Return who is odd and by how much, in at most so many cells: less of it where there is less room."""
    sign = HIGHER if odd.higher else LOWER
    others = f", {more} more" if more else ""
    name = comparison.sides[odd.place].target.name
    who = f"{sign} {name}"
    if len(who) + len(others) > width:
        who = f"{sign} {text.shortened(name, max(1, width - 2 - len(others)))}"
    short, whole = by_how_much(odd, share=topic.key in MEANINGS and topic is not ERRORS)
    for said in (f"{who}  {whole}{others}", f"{who}  {short}{others}", f"{who}  {short}", f"{who}{others}"):
        if len(said) <= width:
            return said
    return who[:width]


def by_how_much(odd: Odd, *, share: bool = False) -> tuple[str, str]:
    """Return how far off the median one is, in few words and in more.

    >>> from mptcp_top.engine.odd import Odd
    >>> by_how_much(Odd(0, 7.4, 0.12, 9.0))[1], by_how_much(Odd(0, 20.0, 80.0, 9.0))[1]
    ('62 x the median', '25 % of the median')
    >>> by_how_much(Odd(0, 7.4, 0.0, 9.0))[1], by_how_much(Odd(0, 0.0, 86.14, 9.0))[1]
    ('most have none', 'most have 86.1')
    >>> by_how_much(Odd(0, 0.912, 0.996, 9.0), share=True)
    ('-8.4 pts', '8.4 points lower')
    """
    if share:
        points = abs(odd.value - odd.median) * 100
        sign, word = ("+", "higher") if odd.higher else ("-", "lower")
        return f"{sign}{points:.1f} pts", f"{points:.1f} points {word}"
    if not odd.median or not odd.value:
        return "", f"most have {text.rate(odd.median) if odd.median else 'none'}"
    times = odd.value / odd.median
    if times < 1.5:
        return f"{times:.0%}".replace("%", " %"), f"{times:.0%} of the median".replace("%", " %")
    said = f"{times:.1f}" if times < 9.95 else f"{times:.0f}" if times < 9999.5 else text.magnitude(times)
    return f"{said} x", f"{said} x the median"


def _odd_look(topic: Topic, odd: Odd) -> Look:
    worse = odd.higher if topic.alarming else topic.key in MEANINGS and not odd.higher
    return Look.BAD if worse else Look.WARN


def _plain_look(side: Side, cell: Cell) -> Look:
    known = cell.figure is not None and cell.figure.value
    return Look.PLAIN if known and not side.stale else Look.QUIET


# The page of a derived row


def derived_lines(comparison: Comparison, topic: Topic, width: int) -> list[Line]:
    """Return the page of a derived row: what it means, and the numbers behind it, target by target."""
    lines = [Line((Piece(f" {label_of(topic, comparison.mode).label}", Look.TITLE),))]
    lines += [Line((Piece(f" {said}"),)) for said in textwrap.wrap(MEANINGS[topic.key], max(20, width - 1))]
    lines.append(Line())
    name = max(len(side.target.name) for side in comparison.sides)
    for side in comparison.sides:
        cell = comparison.cell(side, topic)
        number = number_of(cell, topic, comparison.mode, 10)
        said = f" {side.target.name:<{name}}  {number:>8}  {_behind(side, topic)}"
        lines.append(Line((Piece(said.rstrip(), Look.QUIET if side.stale else Look.PLAIN),)))
    return lines


def _behind(side: Side, topic: Topic) -> str:
    """Return the numbers a derived figure is made of."""
    if topic is ERRORS:
        seen = side.observation
        return ", ".join(episode.metric.label for episode in seen.rising.values()) if seen else ""
    if topic is FALLBACK:
        causes: Sequence[tuple[str, int]] = [item for item in side.ratios.fallbacks.items() if item[1]]
        return ", ".join(f"{concept.replace('_', ' ')} {text.count(number)}" for concept, number in causes)
    passed = passed_of(side, topic)
    return "" if passed is None else f"{text.count(passed.arrived)} of {text.count(passed.began)}"
