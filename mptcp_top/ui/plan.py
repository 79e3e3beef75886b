"""How much of each panel is drawn, given the room: all rows, the rows that ever moved, or the headline alone."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.model import Group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


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


FOLD_ORDER: Final = (
    Group.MEMORY,
    Group.TERMINATION,
    Group.ADDRESSING,
    Group.SESSIONS,
    Group.DSS,
    Group.MP_JOIN,
    Group.MP_CAPABLE,
)
"""Which panel gives way first when the room is short."""

WIDE: Final = ((180, 3), (100, 2))


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


def plan(needs: Sequence[Need], room: Room, wishes: Mapping[Group, Shape]) -> dict[Group, Shape] | None:
    """Return the shape of each panel so that all fit into the room, None if that cannot be done.

    ``wishes`` are what the user folded or unfolded by hand; they hold, whatever the room.

    >>> needs = [Need(Group.MP_CAPABLE, 2, 8), Need(Group.MEMORY, 3, 7)]
    >>> [[shape.name for shape in plan(needs, Room(lines), {}).values()] for lines in (17, 7, 4)]
    [['FULL', 'FULL'], ['MOVED', 'MOVED'], ['MOVED', 'FOLDED']]
    """
    places = deal(needs, room.columns)

    def settled(shapes: Mapping[Group, Shape]) -> dict[Group, Shape]:
        return {need.group: wishes.get(need.group, shapes[need.group]) for need in needs}

    def fits(shapes: Mapping[Group, Shape]) -> bool:
        heights = [-room.gap] * room.columns
        for need in needs:
            heights[places[need.group]] += need.height(shapes[need.group]) + room.gap
        return max(heights, default=0) <= room.lines

    for shape in (Shape.FULL, Shape.MOVED):
        shapes = settled(dict.fromkeys(Group, shape))
        if fits(shapes):
            return shapes
    folded: dict[Group, Shape] = dict.fromkeys(Group, Shape.MOVED)
    for group in FOLD_ORDER:
        folded[group] = Shape.FOLDED
        if fits(settled(folded)):
            return settled(folded)
    return None
