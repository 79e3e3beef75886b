"""The legend of a chart: each counter in a row, with its letter and its numbers. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.trend import Break
from mptcp_top.model import Kind, Metric
from mptcp_top.ui.chart import look_of
from mptcp_top.ui.chart_traces import TOGETHER, Facts, Trace, at, facts_of, metrics_in
from mptcp_top.ui.glyphs import RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.numbers import count_text
from mptcp_top.ui.panels import full_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.engine.series import Stretch
    from mptcp_top.model import Observation
    from mptcp_top.ui.chart_choice import Choice
    from mptcp_top.ui.chart_window import Window

_GAP: Final = "  "
_SIGNS: Final = 5  # the letter, the sign of a rise, and a space around each
_VALUE: Final = 8
_NAME_AT_LEAST: Final = 14


class Entry(NamedTuple):
    """A row of the legend: a trace that is drawn, or a counter that could be. Two targets have a row each."""

    key: str
    metric: Metric
    trace: Trace | None = None
    facts: Facts = Facts()
    rising: bool = False


class Reading(NamedTuple):
    """What the numbers of a legend are of: a moment, how to tell its clock time, the threshold, whose they are.

    ``step_seconds`` is how near to the moment a reset has to be so that it is told, and ``rows`` are in sight.
    """

    moment: float
    wall_offset: float
    threshold: float | None = None
    targets: tuple[str, ...] = ()
    step_seconds: float = 0.0
    rows: int = 99

    def clock(self, moment: float) -> str:
        """Return the clock time of a moment."""
        return text.clock(moment + self.wall_offset)


class _Column(NamedTuple):
    """A column of numbers: its title, its texts by row, and what it weighs where there is no room for all."""

    title: str
    texts: tuple[str, ...]
    weight: int
    width: int

    def cell(self, said: str) -> str:
        return f"{_GAP}{said:>{self.width}}"


def entries_of(
    choice: Choice, traces: Sequence[Trace], window: Window, seen: Mapping[str, Observation | None]
) -> list[Entry]:
    """Return the rows of the legend: what is drawn, of one target or two, and what could be."""
    found = []
    levels = all(trace.level for trace in traces)
    for pick in choice.picks.all:
        mine = [trace for trace in traces if trace.letter.upper() == pick.letter]
        for trace in mine:
            facts = facts_of(trace, window, choice.threshold if trace.level is levels else None)
            found.append(Entry(pick.key, pick.metric, trace, facts, _rises(trace, choice, seen)))
        if not mine:
            found.append(Entry(pick.key, pick.metric, rising=_rising(pick.metric, seen[choice.target.name])))
    return found


def _rises(trace: Trace, choice: Choice, seen: Mapping[str, Observation | None]) -> bool:
    observation = seen[trace.target]
    if not trace.beside or observation is None:
        return _rising(trace.metric, observation)
    same = len({target.source for target in choice.targets}) == 1
    return any(_rising(one, observation) for one in metrics_in(observation.layout, trace.metric, same_source=same))


def _rising(metric: Metric, seen: Observation | None) -> bool:
    return seen is not None and (bool(seen.rising) if metric == TOGETHER else metric.name in seen.rising)


def offer_lines(metrics: Sequence[Metric], width: int) -> list[Line]:
    """Return the counters that some letters could mean, each with its owner's name, the first of them marked."""
    if not metrics:
        return [Line((Piece(" type some letters of a counter's name", Look.QUIET),))]
    longest = max(len(full_label(metric)) for metric in metrics)
    return [
        Line(
            (
                Piece(f"     {full_label(metric):<{longest}}"),
                Piece(f"{_GAP}{metric.name}" if len(metric.name) + longest + 8 <= width else "", Look.QUIET),
            ),
            selected=place == 0,
        )
        for place, metric in enumerate(metrics)
    ]


def unit_of(metric: Metric) -> str:
    """Return what the numbers of a trace are.

    >>> from mptcp_top.model import Group
    >>> unit_of(Metric("a", "", Group.DSS, unit="packets")), unit_of(Metric("a", "", Group.DSS, Kind.GAUGE))
    ('packets/s', '')
    """
    return metric.unit if metric.kind is Kind.GAUGE else f"{metric.unit}/s"


def value_of(trace: Trace, one: Stretch | None) -> str:
    """Return what a trace reads in a stretch of time: a number, or why there is none."""
    if trace.stretches is None:
        return "has none"
    if one is None or one.cell is Break.NOTHING:
        return text.UNKNOWN
    if isinstance(one.cell, Break):
        return "not read" if one.cell is Break.GAP else "reset"
    return text.short_count(one.exact, _VALUE) if trace.level else text.rate(one.cell)


def legend_lines(entries: Sequence[Entry], reading: Reading, chosen: str, width: int) -> tuple[Line, list[Line]]:
    """Return the titles of the legend and a line for each entry. Columns that have no room are left out."""
    whose = max(len(name) for name in reading.targets) + len(_GAP) if len(reading.targets) > 1 else 0
    names = [full_label(entry.metric) for entry in entries]
    longest = _widest(names)
    columns = _columns(entries, reading)
    fixed = _SIGNS + whose + len(_GAP) + _VALUE + 1
    units = _units(entries, width - 1 - fixed - longest - _together(columns), width - 1 - fixed - _NAME_AT_LEAST)
    unit = _widest(units)
    fixed += unit
    while columns and fixed + longest + _together(columns) > width - 1:
        columns.remove(min(columns, key=lambda column: column.weight))
    room = max(_NAME_AT_LEAST, min(longest, width - 1 - fixed - _together(columns)))
    lines = []
    for number, entry in enumerate(entries):
        value = value_of(entry.trace, at(entry.trace, reading.moment)) if entry.trace else ""
        numbers = f"{_GAP}{value:>{_VALUE}} {units[number]:<{unit}}"
        rest = "".join(column.cell(column.texts[number]) for column in columns)
        remark = _remark(entry, reading)
        rest = f"{_GAP}{remark}".ljust(len(rest)) if remark and len(remark) + len(_GAP) <= len(rest) else rest
        name = f"{text.shortened(names[number], room):<{room}}"
        lines.append(_row(entry, whose, name, numbers + rest, selected=entry.key == chosen))
    counted = "at " + reading.clock(reading.moment)
    word = "counter" if len(entries) <= reading.rows else f"{len(entries)} rows ↓"
    title = f"{' ' * (_SIGNS + whose)}{word:<{room}}{counted:>{len(_GAP) + _VALUE + 1 + unit}}"
    return Line((Piece(title + "".join(column.cell(column.title) for column in columns), Look.QUIET),)), lines


def _units(entries: Sequence[Entry], room: int, at_most: int) -> list[str]:
    """Return the units of the numbers: those of rates in short where they have no room, and where none is, none.

    It is said above the plot what is counted, and rates are told from levels by their ``/s``.
    """
    units = [unit_of(entry.metric) if entry.trace else "" for entry in entries]
    if _widest(units) > room:
        units = ["/s" if one.endswith("/s") else one for one in units]
    return units if _widest(units) <= at_most else ["/s" if one.endswith("/s") else "" for one in units]


def _widest(texts: Sequence[str]) -> int:
    return max((len(one) for one in texts), default=0)


def _together(columns: Sequence[_Column]) -> int:
    return sum(column.width + len(_GAP) for column in columns)


def _columns(entries: Sequence[Entry], reading: Reading) -> list[_Column]:
    """Return the columns of numbers a legend may have, from left to right."""
    columns = [
        _Column("peak", tuple(_peak(entry) for entry in entries), 4, 6),
        _Column("when", tuple(_peak_at(entry, reading) for entry in entries), 3, 8),
        _Column("grew", tuple(_grown(entry) for entry in entries), 5, 9),
    ]
    if reading.threshold is None:
        return columns
    over = tuple(text.duration(entry.facts.over_seconds) if entry.facts.over_seconds else "" for entry in entries)
    title = f"over {text.rate(reading.threshold)}"
    return [*columns, _Column(title, over, 6, max(len(title), 10))]


def _peak(entry: Entry) -> str:
    peak = entry.facts.peak
    if entry.trace is None or peak is None:
        return ""
    return text.short_count(round(peak), 6) if entry.trace.level else text.rate(peak)


def _peak_at(entry: Entry, reading: Reading) -> str:
    return reading.clock(entry.facts.peak_at) if entry.trace and entry.facts.peak else ""


def _grown(entry: Entry) -> str:
    return "" if entry.trace is None or entry.facts.grown is None else count_text(entry.facts.grown, 9)


def _remark(entry: Entry, reading: Reading) -> str:
    """Return what is to be said of an entry instead of numbers, "" if these say it all."""
    if entry.trace is None:
        return "Space draws it"
    if entry.trace.stretches is None:
        return "no such counter there"
    one = at(entry.trace, reading.moment)
    resets = (stretch.end for stretch in entry.trace.stretches if stretch.cell is Break.RESET)
    reset = next((end for end in resets if abs(end - reading.moment) <= reading.step_seconds), None)
    if reset is not None:
        return f"reset at {reading.clock(reset)}"
    if one is not None and one.cell is Break.GAP and one.exact is not None and not entry.trace.level:
        return f"{count_text(one.exact, 9)} meanwhile, in {text.duration(one.end - one.begin)}"
    if entry.facts.still:
        return "has not moved in this time"
    return "" if entry.facts.peak is not None else "not known in this time"


def _row(entry: Entry, whose: int, name: str, numbers: str, *, selected: bool) -> Line:
    trace = entry.trace
    look = look_of(trace.letter) if trace else Look.QUIET
    letter = Piece(f" {trace.letter if trace else ' '} ", look)
    sign = Piece(f"{RISING} ", Look.BAD) if entry.rising else Piece("  ")
    target = Piece(f"{trace.target if trace else '':<{whose}}" if whose else "", Look.PLAIN)
    plain = Look.PLAIN if trace else Look.QUIET
    return Line((letter, sign, target, Piece(name, plain), Piece(numbers, plain)), selected, entry.key)
