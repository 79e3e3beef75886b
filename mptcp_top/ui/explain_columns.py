"""How the two columns of a page are placed: beside each other, or one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Region, Size
from textual.layout import Layout, WidgetPlacement

from mptcp_top.ui.explain import AISLE
from mptcp_top.ui.lines import Lines

if TYPE_CHECKING:
    from textual.layout import ArrangeResult
    from textual.widget import Widget


class Beside(Layout):
    """Two columns of lines, or one below the other."""

    name: ClassVar[str] = "beside"

    def __init__(self) -> None:
        self.beside = 0

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:  # noqa: ARG002, FBT001, FBT002  # Textual's
        """Return where each column goes."""
        parent.pre_layout(self)
        placements, x, y = [], 0, 0
        for child in children:
            height = len(child.lines) if isinstance(child, Lines) else 0
            width = self.beside - AISLE if self.beside and x == 0 else size.width - x
            region = Region(x, y, width, height) if height else Region(0, 0, 0, 0)
            placements.append(
                WidgetPlacement(region, child.styles.offset.resolve(size, size), child.styles.margin, child)
            )
            x, y = (self.beside, 0) if self.beside else (0, y + height)
        return placements
