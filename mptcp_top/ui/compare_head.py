"""The head of the comparison: the mode, who stands out, a remark, and the titles of the columns. Pure functions."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.catalogue.pairs import pair_of
from mptcp_top.engine.odd import FEWEST
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.glyphs import DOWN, HIGHER, LIVE, LOWER, NOTICE, PAUSED
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.numbers import counted_from
from mptcp_top.ui.sides import Mode, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.ui.compare import Plan
    from mptcp_top.ui.comparison import Comparison

_WIDE: Final = 100
INDENT: Final = 1


class Choice(NamedTuple):
    """What the user chose to see: rows at zero too, or only those that stand out; which row, from which column on."""

    every: bool = False
    outstanding: bool = False
    row: str = ""
    first: int = 0


def head_lines(
    comparison: Comparison, plan: Plan, choice: Choice, standing: Mapping[int, int] | None, width: int
) -> list[Line]:
    """Return what stands above the rows: the mode and the verdict, a remark, and the titles of the columns.

    ``standing`` is in how many rows each target stands out, None where that was not worked out.
    """
    facts = [
        Fact(_title(comparison, width), Look.TITLE, 10),
        Fact(_counted(comparison), Look.WARN, 9),
        _who_stands_out(comparison, standing, 2 if width >= _WIDE else 0),
        Fact(_in_sight(comparison, plan), Look.QUIET, 8),
        Fact(_left_out(comparison, choice), Look.WARN if choice.outstanding else Look.QUIET, 7),
    ]
    kept = fitting(facts, width - 2)
    pieces = [piece for fact in kept for piece in (Piece("  "), Piece(fact.text, fact.look))]
    remark = textwrap.shorten(_remark(comparison, choice), max(20, width - 2), placeholder=" …")
    return [
        Line((Piece(" "), *pieces[1:])),
        Line((Piece(f" {remark}", Look.QUIET),)),
        _titles(comparison, plan),
        _states(comparison, plan),
    ]


def _title(comparison: Comparison, width: int) -> str:
    mode = comparison.mode
    if mode is Mode.MARK and comparison.mark is None:
        return f"no mark yet (m): {Mode.SINCE.short}"
    return mode.value if width >= _WIDE else mode.short


def _counted(comparison: Comparison) -> str:
    """Say which of the sides that are compared are counted from another moment than the title says."""
    said = [
        f"{side.target.name} {counted}"
        for side, reason in zip(comparison.sides, comparison.unjudged, strict=True)
        if comparison.mode.counts_up and side.observation and not reason
        if (counted := counted_from(side.grown, side.observation.wall))
    ]
    return ", ".join(said)


def _left_out(comparison: Comparison, choice: Choice) -> str:
    """Say which rows are not shown, and the key that shows them."""
    if choice.outstanding:
        return "only rows that differ (d)"
    quiet = sum(not comparison.counted(topic) for topic in comparison.alignment.topics)
    if choice.every or not quiet:
        return ""
    return f"{quiet:,} rows {'at zero' if comparison.mode is Mode.TOTAL else 'have not moved'} (z)"


def _who_stands_out(comparison: Comparison, standing: Mapping[int, int] | None, others_named: int) -> Fact:
    if standing is None or comparison.judged < FEWEST:
        return Fact("", Look.PLAIN, 9)
    if not standing:
        return Fact(f"{LIVE} nobody stands out", Look.GOOD, 9)
    (first, most), *others = standing.items()
    names = [f"{comparison.sides[place].target.name} in {rows}" for place, rows in others[:others_named]]
    names += [f"{len(others) - len(names)} more"] if others_named and len(others) > len(names) else []
    rows = f"{most} row{'s' if most > 1 else ''}"
    said = ", ".join([f"{comparison.sides[first].target.name} odd in {rows}", *names])
    return Fact(f"{HIGHER}{LOWER} {said}", Look.WARN, 9)


def _in_sight(comparison: Comparison, plan: Plan) -> str:
    count = len(comparison.sides)
    return "" if plan.shown == count else f"targets {plan.first + 1}-{plan.first + plan.shown} of {count:,} (, .)"


def _remark(comparison: Comparison, choice: Choice) -> str:
    """Say what a reader must know of the row under the cursor, or else of the table: why nobody is odd."""
    return _remark_on_row(comparison, choice.row) or _remark_on_all(comparison)


def _remark_on_row(comparison: Comparison, row: str) -> str:
    pair = pair_of(row)
    if pair is not None and len({side.target.source for side in comparison.sides}) > 1:
        return pair.says
    topic = next((topic for topic in comparison.alignment.topics if topic.key == row), None)
    if topic is not None and topic.hint and comparison.verdict(topic).odd:
        return f"{topic.label}: {topic.hint}"
    return ""


def _remark_on_all(comparison: Comparison) -> str:
    left_out: dict[str, list[str]] = {}
    for side, reason in zip(comparison.sides, comparison.unjudged, strict=True):
        if reason:
            left_out.setdefault(reason, []).append(side.target.name)
    without = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in left_out.items())
    if comparison.judged < FEWEST:
        words = {1: "one target", 2: "two targets"}.get(comparison.judged, "no target")
        few = f"with {words} nobody is odd: three are needed"
        return f"with {words} that can be compared nobody is odd ({without})" if without else few
    if comparison.mode is Mode.TOTAL:
        return "totals began at different times and are not judged; levels, and shares of the last 5 min, are"
    return f"not judged: {without}" if without else "marked: neither chance nor the spread of the others explains it"


def _titles(comparison: Comparison, plan: Plan) -> Line:
    pieces = [Piece(" " * (INDENT + plan.label))]
    for place in plan.places:
        side = comparison.sides[place]
        name = text.shortened(side.target.name, plan.cell - 2)
        pieces.append(Piece(f"{name:>{plan.cell - 1}} ", Look.QUIET if side.stale else Look.TITLE))
    if plan.odd:
        pieces.append(Piece(f"  {'odd one out':<{plan.odd - 2}}", Look.QUIET))
    return Line(tuple(pieces))


def _states(comparison: Comparison, plan: Plan) -> Line:
    pieces = [Piece(" " * (INDENT + plan.label))]
    for place in plan.places:
        words, look = _state(comparison, comparison.sides[place])
        pieces.append(Piece(f"{words[: plan.cell - 2]:>{plan.cell - 1}} ", look))
    if plan.odd:
        pieces.append(Piece(" " * plan.odd))
    return Line(tuple(pieces))


def _state(comparison: Comparison, side: Side) -> tuple[str, Look]:
    age = "" if side.age_seconds is None else f" {text.duration(side.age_seconds)}"
    seen = side.observation
    if seen is None:
        return f"{PAUSED} {'no data' if comparison.past else 'connect'}", Look.QUIET
    if seen.failure is not None:
        return f"{DOWN}{age or ' down'}", Look.BAD
    if side.overdue:
        return f"{NOTICE}{age}", Look.WARN
    if comparison.mode.counts_up and side.grown is not None and side.grown.astray is not None:
        return f"{NOTICE} {side.grown.astray.name.lower()}", Look.WARN
    if comparison.past:
        return f"{PAUSED} {seen.identity.role or 'then'}", Look.WARN
    return f"{LIVE} {seen.identity.role or 'live'}", Look.GOOD
