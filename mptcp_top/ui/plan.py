"""How much of each panel is drawn, given the room: all rows, the rows that ever moved, or the headline alone."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.model import Group

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


class Shape(IntEnum):
    """How much of a panel is drawn."""

    FOLDED = 0
    MOVED = 1
    FULL = 2


class Need(NamedTuple):
    """How many rows a panel would take."""

    group: Group
    moved: int
    full: int

    def height(self, shape: Shape) -> int:
        """Return the lines it takes, headline included."""
        return 1 + {Shape.FOLDED: 0, Shape.MOVED: self.moved, Shape.FULL: self.full}[shape]


ORDER: Final = (
    Group.MP_CAPABLE,
    Group.MP_JOIN,
    Group.DSS,
    Group.SESSIONS,
    Group.ADDRESSING,
    Group.TERMINATION,
    Group.MEMORY,
)
"""Which panel gets its room first where the room is short. A group that is not here comes last."""

WIDE: Final = ((180, 3), (100, 2))


AISLE: Final = 2
"""Cells between two columns."""


def column_width(width: int, columns: int) -> int:
    """Return the width of one of ``columns`` columns.

    >>> column_width(119, 2)
    58
    """
    return (width - AISLE * (columns - 1)) // columns


def columns_for(width: int) -> int:
    """Return how many panels stand side by side.

    >>> [columns_for(width) for width in (60, 80, 120, 200)]
    [1, 1, 2, 3]
    """
    return next((columns for least, columns in WIDE if width >= least), 1)


def deal(needs: Sequence[Need], columns: int) -> dict[Group, int]:
    """Return the column of each panel, filled one after the other as in a newspaper, about equally long.

    It goes by the rows a panel could have, so a panel stays where it is while counters move.

    >>> deal([Need(Group.MP_CAPABLE, 1, 8), Need(Group.MP_JOIN, 1, 9), Need(Group.DSS, 0, 5)], 2)[Group.DSS]
    1
    """
    share = sum(need.height(Shape.FULL) + 1 for need in needs) / columns
    places, used = {}, 0.0
    for need in needs:
        height = need.height(Shape.FULL) + 1
        places[need.group] = min(columns - 1, int((used + height / 2) / share))
        used += height
    return places


class Room(NamedTuple):
    """The lines there are, in how many columns, with how many empty lines between panels."""

    lines: int
    columns: int = 1
    gap: int = 0


def plan(
    needs: Sequence[Need], room: Room, wishes: Mapping[Group, Shape], first: Collection[Group] = ()
) -> dict[Group, Shape]:
    """Return the shape of each panel so that all fit into the room, as far as that can be done.

    First every panel gets its headline, then each in `ORDER` the rows that ever moved, then each all its rows; what
    does not fit any more stays as it is. The ``first`` ones, where errors rise, come before the others.
    ``wishes`` are what the user folded or unfolded by hand; they hold, whatever the room.

    >>> needs = [Need(Group.MP_CAPABLE, 2, 8), Need(Group.MEMORY, 3, 7)]
    >>> [[shape.name for shape in plan(needs, Room(lines), {}).values()] for lines in (17, 13, 7, 4)]
    [['FULL', 'FULL'], ['FULL', 'MOVED'], ['MOVED', 'MOVED'], ['MOVED', 'FOLDED']]
    """
    places = deal(needs, room.columns)
    shapes = {need.group: wishes.get(need.group, Shape.FOLDED) for need in needs}

    def fits() -> bool:
        heights = [-room.gap] * room.columns
        for need in needs:
            heights[places[need.group]] += need.height(shapes[need.group]) + room.gap
        return max(heights, default=0) <= room.lines

    turns = sorted(shapes, key=lambda group: (group not in first, ORDER.index(group) if group in ORDER else len(ORDER)))
    hidden = {need.group for need in needs if need.moved and need.group not in wishes}
    for shape in (Shape.MOVED, Shape.FULL):
        if shape is Shape.FULL and any(shapes[group] is Shape.FOLDED for group in hidden):
            break  # no room for zeros while something that counts is folded away
        for group in turns:
            before = shapes[group]
            if group not in wishes and before == shape - 1:
                shapes[group] = shape
                if not fits():
                    shapes[group] = before
    return shapes
