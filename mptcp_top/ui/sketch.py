"""A whole screen of panels as lines, before anything is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.model import Group
from mptcp_top.ui.find import Tally, lit
from mptcp_top.ui.panels import error_lines, group_lines, name_of, need_of, rows_of
from mptcp_top.ui.plan import Need, Room, Shape, column_width, columns_for, deal, plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.ui.frame import Frame
    from mptcp_top.ui.line import Line
    from mptcp_top.ui.sift import Sifted

TRAFFIC: Final = tuple(group for group in Group if group is not Group.ERRORS)


class Wishes:
    """What the user asked to see: every row, and panels folded or unfolded by hand."""

    def __init__(self, *, all_rows: bool = False) -> None:
        self.all_rows = all_rows
        self.shapes: dict[Group, Shape] = {}

    @property
    def settled(self) -> dict[Group, Shape]:
        """The shapes that hold whatever the room."""
        return {**(dict.fromkeys(Group, Shape.FULL) if self.all_rows else {}), **self.shapes}


class Sketch(NamedTuple):
    """The lines of each panel, the column of each (None: the whole width), and how they stand."""

    lines: dict[Group, list[Line]]
    places: dict[Group, int]
    columns: int
    gap: int


def sketch(frame: Frame, width: int, room: int, wishes: Wishes, row: str) -> Sketch:
    """Return the panels of a frame for a board of ``width`` columns and ``room`` lines.

    There is air between the panels, unless some would have to be folded for it. What still does not fit scrolls.
    """
    if frame.sifted is not None:
        return _sketch_of_found(frame, frame.sifted, width, wishes, row)
    columns, shapes = columns_for(width), wishes.settled
    shape = shapes.get(Group.ERRORS, Shape.MOVED)
    errors = error_lines(frame, shape, width, row)
    needs = [need for need in (need_of(frame, group) for group in TRAFFIC) if need.full]
    first = _troubled(frame)
    gap, traffic = _settle(needs, Room(room - len(errors), columns), shapes, first)
    if Shape.FOLDED in traffic.values():  # what goes on now matters more than what went on long ago
        errors = error_lines(frame, shape, width, row, older=False)
        gap, traffic = _settle(needs, Room(room - len(errors), columns), shapes, first)
    narrow = column_width(width, columns)
    lines = {Group.ERRORS: errors}
    for need in needs:
        lines[need.group] = group_lines(frame, need.group, traffic[need.group], narrow, row)
    return Sketch(lines, deal(needs, columns), columns, gap)


def _sketch_of_found(frame: Frame, sifted: Sifted, width: int, wishes: Wishes, row: str) -> Sketch:
    """Return the panels while something is looked for: those that have it are unfolded, the others are not there."""
    columns = columns_for(width)
    narrow = column_width(width, columns)
    shape = Shape.FULL if wishes.all_rows or sifted.wanted.names else Shape.MOVED
    drawn = {Group.ERRORS: error_lines(frame, shape, width, row)}
    drawn.update({group: group_lines(frame, group, shape, narrow, row) for group in TRAFFIC})
    lines = {group: _as_found(some, sifted) for group, some in drawn.items() if len(some) > 1}
    return Sketch(lines, _fill({group: len(lines[group]) for group in TRAFFIC if group in lines}, columns), columns, 1)


def _fill(heights: Mapping[Group, int], columns: int) -> dict[Group, int]:
    """Return the column of each panel: that which is shortest yet, so that few panels begin at the left.

    >>> _fill({Group.MP_CAPABLE: 9, Group.MP_JOIN: 2, Group.DSS: 4}, 2)[Group.DSS], _fill({Group.DSS: 4}, 2)
    (1, {<Group.DSS: 'DSS'>: 0})
    """
    used, places = [0] * columns, {}
    for group, height in heights.items():
        places[group] = used.index(min(used))
        used[places[group]] += height + 1
    return places


def _as_found(lines: Sequence[Line], sifted: Sifted) -> list[Line]:
    """Return the lines of a panel with the letters that were found; its headline folds nothing."""
    headline, *rows = lines
    lit_rows = [lit(row, 1, sifted.wanted.text, sifted.found_by(name_of(row.key))) if row.key else row for row in rows]
    return [headline._replace(key="", selected=False), *lit_rows]


def tally_of(frame: Frame, drawn: Sketch) -> Tally:
    """Return how many rows are drawn of how many there could be, and how many errors rise in those that are not."""
    every = sum(len(rows_of(frame._replace(sifted=None), group)) for group in Group)
    keys = [line.key for lines in drawn.lines.values() for line in lines if line.key]
    shown = {name_of(key) for key in keys}
    rising = frame.observation.rising if frame.observation else {}
    return Tally(len(keys), every, sum(name not in shown for name in rising))


def _troubled(frame: Frame) -> set[Group]:
    """Return the panels in which errors rise: they say what became of the rest."""
    rising = frame.observation.rising.values() if frame.observation else ()
    return {episode.metric.group for episode in rising}


def _settle(
    needs: Sequence[Need], room: Room, wishes: dict[Group, Shape], first: set[Group]
) -> tuple[int, dict[Group, Shape]]:
    airy = plan(needs, Room(room.lines - 1, room.columns, gap=1), wishes, first)
    if all(shape is not Shape.FOLDED for shape in airy.values()):
        return 1, airy
    return 0, plan(needs, room, wishes, first)
