"""A row of the handshakes screen: a label, a bar, and numbers in columns that are left out by weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.handshake import HANDSHAKES, RESTS
from mptcp_top.engine.ratios import FALLBACKS
from mptcp_top.ui.glyphs import LOST, RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.sparkline import largest, sparkline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.trend import Cell
    from mptcp_top.model import Layout

SIGN: Final = 3
"""The cells at the left that say that something is wrong with a row."""

_VALUE: Final = 10
_SHARE: Final = 8
_RATE: Final = 10
_BAR: Final = 9
_TREND: Final = 11
_MOST: Final = 25
_SCALE: Final = 0.1
"""The top of a trend of shares is this at least: what is hardly anything shall not fill it."""


class Plan(NamedTuple):
    """The widths of the columns; 0 is not there."""

    width: int
    label: int
    value: int = 0
    share: int = 0
    lost: int = 0
    bar: int = 0
    rate: int = 0
    trend: int = 0


def plan_of(label: int, width: int) -> Plan:
    """Return the columns that fit beside a label, the weightiest first; what is left over makes the bars longer.

    >>> plan_of(26, 80)
    Plan(width=80, label=26, value=10, share=8, lost=8, bar=15, rate=10, trend=0)
    """
    left = width - SIGN - label
    sizes: dict[str, int] = {}
    for name, size in (
        ("value", _VALUE),
        ("share", _SHARE),
        ("lost", _SHARE),
        ("bar", _BAR),
        ("rate", _RATE),
        ("trend", _TREND),
    ):
        if left >= size:
            sizes[name] = size
            left -= size
    for name in ("bar", "trend"):
        if name in sizes:
            more = min(left, _MOST - sizes[name])
            sizes[name] += more
            left -= more
    return Plan(width, label, **sizes)


def label_width(layout: Layout) -> int:
    """Return how long the labels of a source's steps and causes get, and the names of the rests."""
    steps = {step.concept for one in HANDSHAKES for step in one.steps}
    causes = {cause.concept for one in HANDSHAKES for cause in (*one.unsent, *(c for s in one.steps for c in s.causes))}
    found = [len(metric.label) for metric in layout.metrics if metric.concept in steps]
    found += [2 + len(metric.label) for metric in layout.metrics if metric.concept in causes.union(FALLBACKS)]
    found += [
        2 + len(says) for pair, says in RESTS.items() if pair[0] in layout.concepts and pair[1] in layout.concepts
    ]
    return max(found, default=24)


class Numbers(NamedTuple):
    """What stands in the columns of a row; "" is nothing. The rate is the mean over the seconds."""

    number: int | None
    seconds: float
    share: str = ""
    lost: str = ""
    bar: str = ""
    trend: Sequence[Cell] | None = None


class State(NamedTuple):
    """How a row is drawn: with the row cursor on it, as one that got worse, or as one of little weight."""

    key: str = ""
    selected: bool = False
    worse: bool = False
    quiet: bool = False


def row_line(plan: Plan, label: str, numbers: Numbers, state: State) -> Line:
    """Return a row."""
    look = Look.QUIET if state.quiet or not numbers.number else Look.PLAIN
    pieces = [
        Piece(f" {RISING} ", Look.BAD) if state.worse else Piece(" " * SIGN),
        Piece(f"{label:<{plan.label}}", Look.TITLE if state.worse else look),
    ]
    if plan.bar:
        pieces += drawn(numbers.bar, plan.bar, Look.WARN if LOST in numbers.bar else Look.TREND)
    if plan.value:
        pieces.append(Piece(f"{text.short_count(numbers.number, plan.value - 1):>{plan.value}}", look))
    if plan.rate:
        known = numbers.number is not None and numbers.seconds > 0
        rate = text.rate((numbers.number or 0) / numbers.seconds) if known else text.UNKNOWN
        pieces.append(Piece(f"{rate:>{plan.rate}}", look))
    if plan.share:
        pieces.append(Piece(f"{numbers.share:>{plan.share}}", look))
    if plan.lost:
        nothing = state.quiet or numbers.lost == text.percent(0.0)
        pieces.append(
            Piece(f"{numbers.lost:>{plan.lost}}", Look.BAD if state.worse else Look.QUIET if nothing else look)
        )
    if plan.trend and numbers.trend is not None:
        pieces += drawn(trend_of(numbers.trend), plan.trend, Look.TREND)
    return Line(tuple(pieces), selected=state.selected, key=state.key)


def drawn(strokes: str, width: int, look: Look) -> list[Piece]:
    """Return a bar or a trend in its column; the empty cells around it have no colour that a row cursor would turn.

    >>> [piece.text for piece in drawn("  ██", 8, Look.TREND)]
    ['   ', '██', '   ']
    """
    shown = strokes.strip()
    lead = 1 + len(strokes) - len(strokes.lstrip())
    return [Piece(" " * lead), Piece(shown, look), Piece(" " * (width - lead - len(shown)))]


def trend_of(cells: Sequence[Cell]) -> str:
    """Return a sparkline of shares: up to the largest, yet what is hardly anything does not fill it.

    >>> trend_of([0.0, 0.01, 0.1]), trend_of([0.002, 0.5])
    ('▁▂█', '▂█')
    """
    return sparkline(cells, max(_SCALE, largest(cells)))


def cells_of(share: float, width: int) -> int:
    """Return how much of a bar a share fills: what is not nothing is seen, what is not all is not full.

    >>> [cells_of(share, 10) for share in (0.0, 0.001, 0.5, 0.999, 1.0)]
    [0, 1, 5, 9, 10]
    """
    if share <= 0 or width <= 0:
        return 0
    return width if share >= 1 else min(width - 1, max(1, round(share * width)))


def segment(upper: float, lower: float, width: int) -> str:
    """Return the stretch of a bar that is lost between two shares, in its place.

    >>> segment(1.0, 0.5, 10), segment(0.5, 0.499, 10), segment(0.0, 0.0, 10)
    ('     ░░░░░', '    ░', '')
    """
    begin, end = cells_of(max(0.0, lower), width), cells_of(upper, width)
    if upper <= lower or not end:
        return ""
    begin = min(begin, end - 1)
    return " " * begin + LOST * (end - begin)
