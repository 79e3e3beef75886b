"""A whole screen of panels as lines, before anything is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.model import Group
from mptcp_top.ui.panels import error_lines, group_lines, need_of
from mptcp_top.ui.plan import Need, Room, Shape, column_width, columns_for, deal, plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.ui.frame import Frame
    from mptcp_top.ui.line import Line

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
