"""Which rows stand on the split screen: counters of several targets, aligned by what they count. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.model import Group
from mptcp_top.ui.find import Tally
from mptcp_top.ui.panels import blamed, counted, is_older, rows_of
from mptcp_top.ui.sketch import TRAFFIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.model import Metric
    from mptcp_top.ui.frame import Frame
    from mptcp_top.ui.fuzzy import Found
    from mptcp_top.ui.panels import Row
    from mptcp_top.ui.sift import Sifted

SECTIONS: Final = (Group.ERRORS, *TRAFFIC)


class Shared(NamedTuple):
    """One row: a counter, and which row of its panel it is on each side; None where a target has no such counter."""

    section: Group
    name: str
    rows: tuple[Row | None, ...]

    @property
    def key(self) -> str:
        """What the row cursor holds on to, whichever targets are shown."""
        return f"{self.section.value}:{self.name}"

    @property
    def metric(self) -> Metric:
        """What is counted, in the words of the first target that has it."""
        return next(row.metric for row in self.rows if row is not None)


class Heading(NamedTuple):
    """The first line of a section, and how many of its rows are left out because they are zero on all sides.

    The ``older`` errors are those that did not rise on any side since we watch: they stand last of all.
    """

    section: Group
    hidden: int = 0
    older: bool = False


def shared_rows(frames: Sequence[Frame]) -> list[Shared]:
    """Return every counter any of the targets has, section by section, aligned by what it counts."""
    return [row for section in SECTIONS for row in _aligned(section, [rows_of(frame, section) for frame in frames])]


def _aligned(section: Group, columns: Sequence[Sequence[Row]]) -> list[Shared]:
    names: list[str] = []
    by_name = [{row.metric.concept or row.metric.name: row for row in column} for column in columns]
    for column in by_name:
        place = 0
        for name in column:  # what the others do not have stands after what it stands after here
            if name in names:
                place = names.index(name) + 1
            else:
                names.insert(place, name)
                place += 1
    return [Shared(section, name, tuple(column.get(name) for column in by_name)) for name in names]


def listed(everything: Sequence[Shared], frames: Sequence[Frame], *, zeros: bool) -> list[Heading | Shared]:
    """Return the rows of the screen, headings among them: errors first, what rises on top of them.

    Rows that are zero on every side are left out, unless they are asked for.
    """
    lines: list[Heading | Shared] = []
    older: list[Shared] = []
    for section in SECTIONS:
        rows = [row for row in everything if row.section is section]
        shown = [row for row in rows if zeros or _says_something(frames, row)]
        heading = Heading(section, len(rows) - len(shown))
        if section is Group.ERRORS:
            older = [row for row in shown if _is_older(frames, row)]
            shown = sorted((row for row in shown if row not in older), key=lambda row: _urgency(frames, row))
        if shown or section is Group.ERRORS:
            lines += [heading, *shown]
    if older:
        lines += [Heading(Group.ERRORS, older=True), *older]
    return lines


def wanted_rows(everything: Sequence[Shared], sides: Sequence[Sifted]) -> list[Shared]:
    """Return the rows that are wanted on any side."""
    return [
        shared
        for shared in everything
        if any(row and row.metric.name in side.names for side, row in zip(sides, shared.rows, strict=True))
    ]


def found_as(shared: Shared, sides: Sequence[Sifted]) -> Found | None:
    """Return how well a row is what was typed, on the side where that is best; None where nothing was typed."""
    found = [side.found.get(row.metric.name) for side, row in zip(sides, shared.rows, strict=True) if row]
    return min((one for one in found if one), key=lambda one: one.rank, default=None)


def tally_of(everything: Sequence[Shared], shown: Sequence[Heading | Shared], frames: Sequence[Frame]) -> Tally:
    """Return how many rows are shown of how many, and how many errors that rise on any side are not."""
    keys = {row.key for row in shown if isinstance(row, Shared)}
    hidden = [row for row in everything if row.section is Group.ERRORS and row.key not in keys]
    rising = sum(any(rises(*side) for side in zip(frames, row.rows, strict=True)) for row in hidden)
    return Tally(len(keys), len(everything), rising)


def _says_something(frames: Sequence[Frame], shared: Shared) -> bool:
    says = blamed if shared.section is Group.ERRORS else counted
    here = [(frame, row) for frame, row in zip(frames, shared.rows, strict=True) if row is not None]
    return any(says(frame, row) or rises(frame, row) for frame, row in here)


def _is_older(frames: Sequence[Frame], shared: Shared) -> bool:
    """Whether an error counter says nothing on any side but what was there before we watched."""
    here = [(frame, row) for frame, row in zip(frames, shared.rows, strict=True) if row is not None]
    return all(is_older(frame, row) for frame, row in here)


def worst_side(shared: Shared, frames: Sequence[Frame]) -> tuple[Frame, Row]:
    """Return the side by which a counter is explained: the first where it rises, else the first that has it."""
    having = [(frame, row) for frame, row in zip(frames, shared.rows, strict=True) if row is not None]
    return next((side for side in having if rises(*side)), having[0])


def rises(frame: Frame, row: Row | None) -> bool:
    """Whether a counter is there and rises on a side."""
    return row is not None and frame.observation is not None and row.metric.name in frame.observation.rising


def _urgency(frames: Sequence[Frame], shared: Shared) -> tuple[int, float]:
    """Sort key: what rises on any side, the most severe first, then the one that began first; the rest as it was."""
    seen = zip(frames, shared.rows, strict=True)
    rising = [
        frame.observation.rising[row.metric.name]
        for frame, row in seen
        if row and frame.observation and rises(frame, row)
    ]
    if not rising:
        return 0, 0.0
    return -1 - max(one.metric.severity.rank for one in rising), min(one.started for one in rising)
