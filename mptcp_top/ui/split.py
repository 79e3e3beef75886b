"""Two to four targets beside each other as lines: one row a counter, the same in every column. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.ratios import ACCEPTED, CONNECTED, JOINS_IN, JOINS_OUT
from mptcp_top.engine.trend import Break, Cell, Cells
from mptcp_top.model import Group, Kind
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.fleet import COLUMNS, sign_of
from mptcp_top.ui.frame import rows_a_cell
from mptcp_top.ui.glyphs import GAP, RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.numbers import Numbers, counted_from, grown_text
from mptcp_top.ui.panels import error_rate, full_label
from mptcp_top.ui.sparkline import largest, sparkline
from mptcp_top.ui.split_rows import Heading, Shared, rises

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mptcp_top.model import Change
    from mptcp_top.ui.frame import Frame, Moment
    from mptcp_top.ui.glance import Glance
    from mptcp_top.ui.panels import Row

_WIDE: Final = ((160, 4), (120, 3))
_FUNNELS: Final = {Group.MP_CAPABLE: (ACCEPTED, CONNECTED), Group.MP_JOIN: (JOINS_IN, JOINS_OUT)}
_SIGN: Final = 4
"""Cells of the gap before a target's cell and of the sign in it."""

_LEAST_LABEL: Final = 14
_LEAST_CELL: Final = 9
"""A sign, and a number of five characters: what a terminal has no room for ends at its edge."""

_RATE: Final = 7
_LEAST_VALUE: Final = 8
_MOST_VALUE: Final = 13
_LEAST_TREND: Final = 6
_FAIR_TREND: Final = 8
_MOST_TREND: Final = 24


def fits(width: int) -> int:
    """Return how many targets stand beside each other.

    >>> [fits(width) for width in (60, 80, 120, 160, 200)]
    [2, 2, 3, 4, 4]
    """
    return next((targets for least, targets in _WIDE if width >= least), 2)


class Side(NamedTuple):
    """One of the targets: everything its panels are drawn from, and what the fleet says of it."""

    frame: Frame
    glance: Glance


class Plan(NamedTuple):
    """The widths of the columns; 0 is not there. ``cell`` is all of one target."""

    label: int
    cell: int
    value: int
    rate: int = 0
    trend: int = 0


def plan_of(longest: int, sides: int, width: int) -> Plan:
    """Return the widths for the longest label: the trend goes first where there is no room, then the rate.

    >>> plan_of(34, 2, 80)
    Plan(label=26, cell=26, value=8, rate=7, trend=6)
    >>> plan_of(34, 2, 60).trend, plan_of(34, 4, 200).value
    (0, 13)
    """
    room = width - 2  # the last column is the scrollbar's
    label = max(_LEAST_LABEL, min(longest, max(20, width // 3), room - sides * _LEAST_CELL))
    cell = max(_LEAST_CELL, (room - label) // max(1, sides))
    left = cell - _SIGN
    rate = _RATE if left >= _RATE + _LEAST_VALUE else 0
    left -= rate
    if left < _LEAST_VALUE + 1 + _LEAST_TREND:
        return Plan(label, cell, min(_MOST_VALUE, left), rate)
    value = min(_MOST_VALUE, max(_LEAST_VALUE, left - 1 - _FAIR_TREND))
    return Plan(label, cell, value, rate, min(_MOST_TREND, left - 1 - value))


def longest_label(rows: Iterable[Shared]) -> int:
    """Return the width the labels would like to have: of all rows, so that columns stay where they are."""
    return max((len(_label(row, 99)) for row in rows), default=0) + 2


def _label(shared: Shared, width: int) -> str:
    """Return what a row is called: in the errors with its panel, where there is room for it."""
    full = full_label(shared.metric) if shared.section is Group.ERRORS else shared.metric.label
    return text.shortened(full if len(full) <= width else shared.metric.label, width)


def head_lines(sides: Sequence[Side], plan: Plan, place: str, now: Moment, width: int) -> list[Line]:
    """Return what stays at the top: which targets these are of how many, how each is, and the titles."""
    facts = [Fact("side by side", Look.TITLE, 10), Fact(place, Look.QUIET, 8), Fact(_cell_said(sides), Look.QUIET, 3)]
    numbers = sides[0].frame.numbers if sides else Numbers()
    facts.append(Fact(numbers.said(now.shown_wall), Look.WARN, 9))
    for side in sides:
        counted = counted_from(side.frame.grown, now.shown_wall)
        facts.append(Fact(f"{side.frame.target.name} {counted}" if counted else "", Look.WARN, 8))
    unit = "/s" if numbers.basis is Basis.RATE else "grown"
    kept = fitting(facts, width - 2)
    first = [piece for fact in kept for piece in (Piece("  "), Piece(fact.text, fact.look))]
    names = [Piece(" " * (plan.label + 1))]
    states = [Piece(" " * (plan.label + 1))]
    for side in sides:
        sign, look = sign_of(side.glance)
        room = plan.cell - _SIGN
        names += [
            Piece(f"  {sign} ", look),
            Piece(f"{text.shortened(side.frame.target.name, room):<{room}}", Look.TITLE),
        ]
        said = text.shortened(_state(side, now, room), room)
        states += [Piece(" " * _SIGN), Piece(f"{said:<{room}}", look if look is Look.BAD else Look.QUIET)]
    return [Line((Piece(" "), *first[1:])), Line(tuple(names)), Line(tuple(states)), _titles(plan, len(sides), unit)]


def _state(side: Side, now: Moment, room: int) -> str:
    """Return how a target is, and from when on its counters grew where that is not what the head says."""
    state, grown = COLUMNS[0].shows(side.glance, now), side.frame.grown
    if grown is None or grown.astray is None:
        return state
    ways = (f"{state}  {counted_from(grown, now.shown_wall)}", f"{state} ({grown.astray})")
    return next((way for way in ways if len(way) <= room), f"({grown.astray})")


def _cell_said(sides: Sequence[Side]) -> str:
    return f"a cell of the trends is {text.duration(cell_seconds([side.frame for side in sides]))}" if sides else ""


def _titles(plan: Plan, sides: int, unit: str) -> Line:
    cell = f"{'':{_SIGN}}{'value':>{plan.value}}"
    cell += f"{unit:>{plan.rate}}" if plan.rate else ""
    cell += f" {'trend':<{plan.trend}}" if plan.trend else ""
    return Line((Piece(" " * (plan.label + 1)), Piece((f"{cell:<{plan.cell}}" * sides).rstrip(), Look.QUIET)))


def heading_line(heading: Heading, frames: Sequence[Frame], plan: Plan) -> Line:
    """Return the first line of a section: its name, and what there is to say of it on each side."""
    if heading.older:
        return Line((Piece(" errors that have not risen since the start", Look.TITLE),))
    title = f" {heading.section.value}"
    hidden = f"  {heading.hidden} at zero" if heading.hidden else ""
    hidden = hidden if len(title + hidden) <= plan.label + 1 else ""
    pieces = [Piece(title, Look.TITLE), Piece(f"{hidden:<{plan.label + 1 - len(title)}}", Look.QUIET)]
    for frame in frames:
        kept = fitting(_heading_facts(heading.section, frame), plan.cell - _SIGN)
        said = "  ".join(fact.text for fact in kept)
        bad = next((fact.look for fact in kept if fact.look in {Look.BAD, Look.WARN}), Look.QUIET)
        pieces.append(Piece(f"{'':{_SIGN if not said.startswith(RISING) else _SIGN - 2}}"))
        pieces.append(Piece(f"{said:<{plan.cell - len(pieces[-1].text)}}", bad))
    return Line(tuple(pieces))


def _heading_facts(section: Group, frame: Frame) -> list[Fact]:
    if frame.observation is None or frame.stale:
        return []
    if section is Group.ERRORS:
        many = len(frame.observation.rising)
        return [Fact(f"{RISING} {many} rising", Look.BAD, 9) if many else Fact("none rising", Look.QUIET, 9)]
    facts = []
    for weight, name in enumerate(reversed(_FUNNELS.get(section, ()))):
        passed = frame.ratios.funnels.get(name)
        if passed is not None and passed.share is not None:
            look = Look.WARN if passed.share < 0.95 else Look.QUIET
            facts.append(Fact(f"{name} {text.percent(passed.share)}", look, weight))
    return facts[::-1]


def row_line(shared: Shared, frames: Sequence[Frame], plan: Plan, cursor: str) -> Line:
    """Return the row of a counter: its label once, then what it does on each side. The trends share one scale."""
    trends = _trends(shared, frames, plan.trend) if plan.trend else [[] for _ in frames]
    top = max(map(largest, trends), default=0.0)
    rising = any(rises(frame, row) for frame, row in zip(frames, shared.rows, strict=True))
    moved = any(
        _change(frame, row).value
        for frame, row in zip(frames, shared.rows, strict=True)
        if row is not None and frame.observation
    )
    look = Look.TITLE if rising else Look.PLAIN if moved else Look.QUIET
    pieces = [Piece(f"   {_label(shared, plan.label - 2):<{plan.label - 2}}", look)]
    for frame, row, trend in zip(frames, shared.rows, trends, strict=True):
        pieces += _cell(frame, row, plan, sparkline(trend, top))
    return Line(tuple(pieces), selected=shared.key == cursor, key=shared.key)


def _cell(frame: Frame, row: Row | None, plan: Plan, trend: str) -> list[Piece]:
    if row is None or frame.observation is None:
        read = frame.observation is not None and frame.observation.layout.metrics
        nothing = GAP if read else text.UNKNOWN  # not there, or nobody knows yet
        return [Piece(f"{'':{_SIGN}}{nothing:>{plan.value}}{'':{plan.cell - _SIGN - plan.value}}", Look.QUIET)]
    change, rising = _change(frame, row), rises(frame, row)
    idle = change.value == 0 and not change.increase and not rising
    look = Look.PLAIN if change.value and not frame.stale else Look.QUIET
    pieces = [
        Piece(f"  {RISING} " if rising else " " * _SIGN, Look.BAD),
        Piece(f"{text.short_count(change.value, plan.value):>{plan.value}}", look),
    ]
    if plan.rate:
        rate = error_rate(frame, frame.observation.rising[row.metric.name]) if rising else change.rate
        moved = text.rate(rate) if frame.basis is Basis.RATE else grown_text(frame.grown, row.metric.name, _RATE)
        shown = "now" if row.metric.kind is Kind.GAUGE else "" if idle else moved
        moving = Look.BAD if rising else Look.PLAIN
        pieces.append(Piece(f"{shown:>{plan.rate}}", moving if rate and not frame.stale else Look.QUIET))
    if plan.trend:
        pieces.append(Piece(f" {'' if idle and row.metric.kind is Kind.COUNTER else trend:>{plan.trend}}", Look.TREND))
    used = sum(len(piece.text) for piece in pieces)
    return [*pieces, Piece(" " * (plan.cell - used))]


def _change(frame: Frame, row: Row) -> Change:
    assert frame.observation is not None  # noqa: S101  # a row comes from an observation
    return frame.observation.change_at(row.column)


def cell_seconds(frames: Sequence[Frame]) -> float:
    """Return how long a cell of the trends is: the same for all the targets, as long as the slowest needs it."""
    return max((_rows_needed(frame) * frame.interval_seconds for frame in frames), default=0.0)


def _rows_needed(frame: Frame) -> int:
    return rows_a_cell(frame.interval_seconds, frame.observation.refresh_seconds if frame.observation else 0.0)


def _trends(shared: Shared, frames: Sequence[Frame], cells: int) -> list[list[Cell]]:
    """Return the trend on each side. As on the host screen, only that of an error shows the cell that still grows."""
    seconds = cell_seconds(frames)
    found: list[list[Cell]] = []
    for frame, row in zip(frames, shared.rows, strict=True):
        if row is None or frame.store is None:
            found.append([Break.NOTHING] * cells)
            continue
        rows = max(_rows_needed(frame), round(seconds / (frame.interval_seconds or seconds)))
        shape = Cells(cells, rows, growing=shared.section is Group.ERRORS)
        found.append(frame.store.trend(frame.target.name, row.metric, shape, frame.moment.cursor))
    return found
