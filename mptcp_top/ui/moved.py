"""What moved since the mark, as lines: only counters that grew, errors first, with their first and last rise. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.basis import Basis
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.find import names_of
from mptcp_top.ui.fuzzy import Candidate, ranked
from mptcp_top.ui.glyphs import LIVE, MARK, RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.numbers import count_text
from mptcp_top.ui.panels import full_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.engine.marks import Mark, Moved
    from mptcp_top.model import Episode, Target
    from mptcp_top.ui.fuzzy import Found

_NAME_AT_MOST: Final = 28
_LABEL_AT_LEAST: Final = 20
_CLOCK: Final = 11
_COUNT: Final = 13
_RATE: Final = 9


class Change(NamedTuple):
    """A counter of a target that moved, over how many seconds, and its episode where it rises now."""

    target: Target
    moved: Moved
    seconds: float
    episode: Episode | None = None

    @property
    def key(self) -> str:
        """What the row cursor holds on to."""
        return f"{self.target.name} {self.moved.metric.name}"


class Since(NamedTuple):
    """From when on: the mark, or the start; of how many targets."""

    mark: Mark | None
    start: float | None
    targets: int

    @property
    def basis(self) -> Basis:
        """What growth is counted over."""
        return Basis.MARK if self.mark else Basis.START


class Plan(NamedTuple):
    """The widths of the columns; 0 is not there."""

    name: int
    label: int
    rate: int
    first: int
    last: int


def urgency(change: Change) -> tuple[int, int, float]:
    """Return the sort key: errors that rise, then errors, the most severe first, then by their first rise; the rest."""
    metric = change.moved.metric
    if not metric.flagged:
        return 2, 0, 0.0
    return 0 if change.episode else 1, -metric.severity.rank, change.moved.first or 0.0


def found_among(changes: Sequence[Change], words: str) -> Mapping[str, Found]:
    """Return the changes that a text can mean, by the counter or by the target; all of them where there is none."""
    candidates = [Candidate(change.key, (change.target.name, *names_of(change.moved.metric))) for change in changes]
    return {found.key: found for found in ranked(words, candidates)}


def plan_of(changes: Sequence[Change], names: Sequence[str], width: int) -> Plan:
    """Return the columns for a width: the rate goes first where there is no room, then the first rise, then the last.

    >>> plan_of([], ["ns1"], 80)
    Plan(name=0, label=29, rate=9, first=11, last=11)
    """
    name = min(_NAME_AT_MOST, max(len("target"), *map(len, names)), max(8, width // 5)) if len(names) > 1 else 0
    wanted = max((len(full_label(change.moved.metric)) for change in changes), default=30)
    left = width - 1 - 3 - (name + 2 if name else 0) - _COUNT - _LABEL_AT_LEAST  # the last column is the scrollbar's
    sizes = {"last": 0, "first": 0, "rate": 0}
    for column, size in (("last", _CLOCK), ("first", _CLOCK), ("rate", _RATE)):
        if left >= size + 1:
            sizes[column] = size
            left -= size + 1
    return Plan(name, min(wanted, _LABEL_AT_LEAST + max(0, left)), sizes["rate"], sizes["first"], sizes["last"])


def head_lines(changes: Sequence[Change], since: Since, plan: Plan, wall: float, width: int) -> list[Line]:
    """Return what stands above the rows: since when, how many errors and how many counters moved, and the titles."""
    errors = sum(change.moved.metric.flagged for change in changes)
    if since.mark is not None:
        when = f"{MARK} since {since.mark.name}, {text.when(since.mark.wall, wall)}"
        when += f", {text.duration(wall - since.mark.wall)} ago"
    elif since.start is not None:
        when = f"since the start, {text.when(since.start, wall)}; m sets a mark"
    else:
        when = "no target has been read yet"
    facts = [
        Fact(when, Look.TITLE, 10),
        Fact(f"{RISING} {text.count(errors)} error{'s' if errors > 1 else ''} moved", Look.BAD, 9)
        if errors
        else Fact(f"{LIVE} no error moved", Look.GOOD, 9),
        Fact(f"{text.count(len(changes))} counters in all", Look.QUIET, 5),
        Fact(f"on {since.targets} targets" if since.targets > 1 else "", Look.QUIET, 3),
    ]
    kept = fitting(facts, width - 2)
    pieces = [piece for fact in kept for piece in (Piece("  "), Piece(fact.text, fact.look))]
    return [Line((Piece(" "), *pieces[1:])), _titles(plan)]


def _titles(plan: Plan) -> Line:
    cells = [f"{'target':<{plan.name}}  "] if plan.name else []
    cells += [f"{'counter':<{plan.label}}", f"{'increase':>{_COUNT}}"]
    cells += [f" {'mean':>{plan.rate}}"] if plan.rate else []
    cells += [f" {'first rise':>{plan.first}}"] if plan.first else []
    cells += [f" {'last rise':>{plan.last}}"] if plan.last else []
    return Line((Piece("   "), Piece("".join(cells), Look.QUIET)))


def row_line(change: Change, plan: Plan, wall: float, cursor: str) -> Line:
    """Return the row of a counter that moved."""
    moved, metric = change.moved, change.moved.metric
    look = Look.BAD if change.episode else Look.WARN if metric.flagged else Look.PLAIN
    label = full_label(metric)
    label = label if len(label) <= plan.label else text.shortened(metric.label, plan.label)
    pieces = [Piece(f" {RISING if change.episode else ' '} ", Look.BAD)]
    if plan.name:
        pieces.append(Piece(f"{text.shortened(change.target.name, plan.name):<{plan.name}}  "))
    pieces.append(Piece(f"{label:<{plan.label}}", Look.TITLE if change.episode else look))
    pieces.append(Piece(f"{count_text(moved.grown, _COUNT):>{_COUNT}}", look))
    if plan.rate:
        mean = text.rate(moved.grown / change.seconds) if change.seconds > 0 else text.UNKNOWN
        pieces.append(Piece(f" {mean + ' /s':>{plan.rate}}", Look.QUIET))
    if plan.first:
        pieces.append(Piece(f" {_time(moved.first, wall):>{plan.first}}"))
    if plan.last:
        going = change.episode is not None and moved.last is not None
        pieces.append(Piece(f" {'rising now' if going else _time(moved.last, wall):>{plan.last}}"))
    return Line(tuple(pieces), selected=change.key == cursor, key=change.key)


def _time(moment: float | None, wall: float) -> str:
    """Return when a counter rose; what was before the oldest sample that is remembered is not known."""
    return text.UNKNOWN if moment is None else text.when(moment, wall)
