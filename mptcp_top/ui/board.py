"""Panels on a board: the errors across the whole width, the others in columns below."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Region, Size
from textual.layout import Layout, WidgetPlacement

from mptcp_top.ui.lines import Lines
from mptcp_top.ui.plan import AISLE, column_width

if TYPE_CHECKING:
    from textual.layout import ArrangeResult
    from textual.widget import Widget

    from mptcp_top.model import Group


class Panel(Lines):
    """One panel: its lines, and the column it stands in; None is the whole width."""

    def __init__(self, group: Group) -> None:
        super().__init__(id=f"panel-{group.value}", classes="panel")
        self.group = group
        self.column: int | None = None


class Columns(Layout):
    """Panels under each other in columns, in the order they come."""

    name: ClassVar[str] = "columns"

    def __init__(self) -> None:
        self.columns = 1
        self.gap = 1

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:  # noqa: ARG002, FBT001, FBT002  # Textual's
        """Return where each panel goes."""
        parent.pre_layout(self)
        width = column_width(size.width, self.columns)
        bottoms = [0] * self.columns
        placements = []
        for child in children:
            height = len(child.lines) if isinstance(child, Panel) else 0
            column = child.column if isinstance(child, Panel) else None
            if not height:
                region = Region(0, 0, 0, 0)  # where nothing is, nothing makes the board longer
            elif column is None:
                region = Region(0, max(bottoms), size.width, height)
                bottoms = [region.bottom + self.gap] * self.columns
            else:
                region = Region(column * (width + AISLE), bottoms[column], width, height)
                bottoms[column] = region.bottom + self.gap
            placements.append(
                WidgetPlacement(region, child.styles.offset.resolve(size, size), child.styles.margin, child)
            )
        return placements
