"""What changed since the mark, as lines: errors first, then what is faster or slower than before. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.basis import Basis
from mptcp_top.ui.find import names_of
from mptcp_top.ui.fuzzy import Candidate, ranked
from mptcp_top.ui.glyphs import RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.moved_columns import COLUMNS, change_look
from mptcp_top.ui.panels import full_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.engine.marks import Mark, Moved
    from mptcp_top.engine.shift import Shift
    from mptcp_top.model import Episode, Target
    from mptcp_top.ui.fuzzy import Found
    from mptcp_top.ui.moved_columns import Column

_NAME_AT_MOST: Final = 28
_LABEL_AT_LEAST: Final = 20
_LABEL_WHOLE: Final = 30
_WEIGHTY: Final = 6
"""Columns of that weight are worth a shortened label."""


class Change(NamedTuple):
    """A counter of a target that moved, over how many seconds, and its episode where it rises now.

    ``shift`` is None where it is not known what was before.
    """

    target: Target
    moved: Moved
    seconds: float
    episode: Episode | None = None
    shift: Shift | None = None

    @property
    def key(self) -> str:
        """What the row cursor holds on to."""
        return f"{self.target.name} {self.moved.metric.name}"

    @property
    def changed(self) -> bool:
        """Whether it is faster or slower than before."""
        return self.shift is not None and self.shift.far > 0

    @property
    def usual(self) -> bool:
        """Whether it is nothing to look at: no error, and as fast as before."""
        return self.shift is not None and not self.changed and not self.moved.metric.flagged


class Since(NamedTuple):
    """From when on: the mark, or the start; of how many targets; and how many seconds before it are known.

    Of ``unknown`` targets nothing is known; of ``past`` moments that is because nothing is remembered.
    """

    mark: Mark | None
    start: float | None
    targets: int
    before: float = 0.0
    unknown: int = 0
    past: bool = False

    @property
    def basis(self) -> Basis:
        """What growth is counted over."""
        return Basis.MARK if self.mark else Basis.START


class Plan(NamedTuple):
    """The widths of name and label, where 0 is not there, and the columns after them."""

    name: int
    label: int
    columns: tuple[Column, ...]


def urgency(change: Change) -> tuple[int, int, float]:
    """Return the sort key: errors that rise, then errors, what changed and is most severe first; then the farthest."""
    metric = change.moved.metric
    if metric.flagged:
        rank = metric.severity.rank + (100 if change.changed else 0)
        return 0 if change.episode else 1, -rank, change.moved.first or 0.0
    if change.shift is None:
        return 3, 0, 0.0
    return (2, 0, -change.shift.far) if change.changed else (4, 0, 0.0)


def found_among(changes: Sequence[Change], words: str) -> Mapping[str, Found]:
    """Return the changes that a text can mean, by the counter or by the target; all of them where there is none."""
    candidates = [Candidate(change.key, (change.target.name, *names_of(change.moved.metric))) for change in changes]
    return {found.key: found for found in ranked(words, candidates)}


def plan_of(changes: Sequence[Change], names: Sequence[str], width: int) -> Plan:
    """Return the columns for a width: the rises go first where there is no room, what changed at last.

    >>> [[column.title for column in plan_of([], ["ns1"], width).columns] for width in (50, 70, 80)]
    [['increase', 'mean'], ['increase', 'mean', 'last rise'], ['increase', 'mean', 'first rise', 'last rise']]
    """
    name = min(_NAME_AT_MOST, max(len("target"), *map(len, names)), max(8, width // 5)) if len(names) > 1 else 0
    wanted = max((len(full_label(change.moved.metric)) for change in changes), default=30)
    room = width - 1 - 3 - (name + 2 if name else 0)  # the last column is the scrollbar's
    compares = any(change.shift for change in changes)
    kept: list[Column] = []
    for column in sorted(COLUMNS, key=lambda column: -column.weight):
        least = _LABEL_AT_LEAST if column.weight >= _WEIGHTY else min(max(wanted, _LABEL_AT_LEAST), _LABEL_WHOLE)
        if column.compares in {None, compares} and room - column.width - 1 >= least:
            kept.append(column)
            room -= column.width + 1
    return Plan(name, max(1, min(wanted, room)), tuple(column for column in COLUMNS if column in kept))


def title_line(plan: Plan) -> Line:
    """Return the titles of the columns."""
    cells = [f"{'target':<{plan.name}}  "] if plan.name else []
    cells += [f"{'counter':<{plan.label}}"]
    cells += [f" {column.title:>{column.width}}" for column in plan.columns]
    return Line((Piece("   "), Piece("".join(cells), Look.QUIET)))


def row_line(change: Change, plan: Plan, wall: float, cursor: str) -> Line:
    """Return the row of a counter that moved."""
    metric = change.moved.metric
    look = Look.BAD if change.episode else Look.WARN if metric.flagged else Look.PLAIN
    label = full_label(metric)
    label = label if len(label) <= plan.label else text.shortened(metric.label, plan.label)
    pieces = [Piece(f" {RISING if change.episode else ' '} ", Look.BAD)]
    if plan.name:
        pieces.append(Piece(f"{text.shortened(change.target.name, plan.name):<{plan.name}}  "))
    stands_out = change.episode or (change.changed and not metric.flagged)
    pieces.append(Piece(f"{label:<{plan.label}}", Look.TITLE if stands_out else look))
    looks = {"increase": look, "change": change_look(change), "first rise": Look.PLAIN, "last rise": Look.PLAIN}
    for column in plan.columns:
        said = column.shows(change, wall)
        pieces.append(Piece(f" {said:>{column.width}}", looks.get(column.title, Look.QUIET)))
    return Line(tuple(pieces), selected=change.key == cursor, key=change.key)


def folded_line(many: int) -> Line:
    """Return what stands for the counters that moved as they did before."""
    words = f"{text.count(many)} other{'' if many == 1 else 's'} moved, without a clear change"
    return Line((Piece(f"   {words}", Look.PLAIN), Piece("  (z shows all)", Look.QUIET)))
