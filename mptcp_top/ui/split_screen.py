"""The split screen: two to four targets beside each other, scrolling together. Which ones holds while it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mptcp_top.ui.find import lit
from mptcp_top.ui.frame import frame_of
from mptcp_top.ui.glance import glance_of, glances_of
from mptcp_top.ui.keys import SPLIT
from mptcp_top.ui.line import Line
from mptcp_top.ui.sheet import Sheet, ShowCounter, window_top
from mptcp_top.ui.sift import Sifted, sift
from mptcp_top.ui.split import Plan, Side, fits, head_lines, heading_line, longest_label, plan_of, row_line
from mptcp_top.ui.split_rows import Heading, Shared, found_as, listed, shared_rows, tally_of, wanted_rows, worst_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.model import Metric
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.find import Tally
    from mptcp_top.ui.frame import Frame, Moment
    from mptcp_top.ui.fuzzy import Rank


class SplitScreen(Sheet):
    """A row a counter, a column a target: the picked ones, else the worst."""

    BINDINGS: ClassVar = [key.binding for key in SPLIT]
    KEYS: ClassVar = SPLIT

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self._ring: list[str] = []
        self._picked: list[str] = []
        self._first = 0
        self._zeros = False
        self._sides: list[Side] = []
        self._shared: list[Shared] = []
        self._rows: list[Heading | Shared] = []
        self._sifted: list[Sifted] = []
        self._read: tuple[object, ...] = ()
        self._drawn: dict[object, Line] = {}

    def head(self, now: Moment, width: int) -> list[Line]:
        """Return which targets these are, how each of them is, and the titles."""
        names = self._names(now, width)
        self._sides = [self._side(name, now) for name in names]
        self._look_again(now, width)
        return head_lines(self._sides, self._plan(width), self._place(names), now, width)

    def _look_again(self, now: Moment, width: int) -> None:
        """Find out which rows there are, unless all that they say is as it was: an appliance renews it every 7 s."""
        read = (width, self.wanted, self._zeros, now.cursor, *(_says(side.frame) for side in self._sides))
        if read == self._read:
            return
        self._read, self._drawn = read, {}
        self._shared = shared_rows(self._frames)
        self._sifted = [sift(frame, self.wanted) for frame in self._frames] if self.wanted.on else []
        wanted = wanted_rows(self._shared, self._sifted) if self.wanted.on else self._shared
        self._rows = listed(wanted, self._frames, zeros=self._zeros or self.wanted.names)

    def keys(self, now: Moment, width: int) -> list[str]:
        """Return the keys of the rows; headings have none."""
        del now, width
        return [row.key for row in self._rows if isinstance(row, Shared)]

    def window(self, now: Moment, width: int, room: int) -> list[Line]:
        """Return the rows in sight, with the headings just above the chosen one."""
        del now
        keys = [row.key if isinstance(row, Shared) else "" for row in self._rows]
        place = self._top = window_top([Line(key=key) for key in keys], self.chosen, room, self._top)
        while keys[place] == self.chosen and 0 < self._top > place - room + 1 and not keys[self._top - 1]:
            self._top -= 1
        plan, frames = self._plan(width), self._frames
        in_sight = self._rows[self._top : self._top + room]
        return [self._line(row, frames, plan) for row in in_sight]

    def _line(self, row: Shared | Heading, frames: list[Frame], plan: Plan) -> Line:
        """Return a row as it is drawn, made once for what it says."""
        key = (row.key, row.key == self.chosen) if isinstance(row, Shared) else row
        line = self._drawn.get(key)
        if line is None:
            line = self._row(row, frames, plan) if isinstance(row, Shared) else heading_line(row, frames, plan)
            self._drawn[key] = line
        return line

    def tally(self) -> Tally:
        """Return how many rows are shown of how many."""
        return tally_of(self._shared, self._rows, self._frames)

    def ranks(self) -> Mapping[str, Rank]:
        """Return the counters that are wanted on any side."""
        sifted = [sift(frame, self.wanted) for frame in self._frames]
        found = {row.key: found_as(row, sifted) for row in wanted_rows(self._shared, sifted)}
        return {key: one.rank for key, one in found.items() if one}

    def open(self, key: str) -> None:
        """Explain a counter: side by side first, then by the words of one target."""
        shared = next((row for row in self._shared if row.key == key), None)
        if shared is not None:
            frame, row = worst_side(shared, self._frames)
            self.post_message(ShowCounter(frame.target.name, row.metric.name, lambda width: self._beside(key, width)))

    def subject(self) -> tuple[str, Metric | None]:
        """Return the counter of the row on the side by which it is explained."""
        shared = next((row for row in self._shared if row.key == self.chosen), None)
        if shared is None:
            return super().subject()
        frame, row = worst_side(shared, self._frames)
        return frame.target.name, row.metric

    def action_release(self) -> None:
        """Show all rows again; else let go of the row; without one, go back to the screen below."""
        if self.clears():
            return
        if self.chosen:
            self.choose("")
        else:
            self.back()

    def action_zeros(self) -> None:
        """Show every row, or those that say something."""
        self._zeros = not self._zeros
        self.draw()

    def action_others(self, step: int) -> None:
        """Show the next targets instead, or those before; at the end, the first again."""
        shown, last = len(self._sides), len(self._ring) - len(self._sides)
        if step > 0:
            self._first = 0 if self._first >= last else min(self._first + shown, last)
        else:
            self._first = last if self._first <= 0 else max(self._first - shown, 0)
        self.draw()

    def _row(self, row: Shared, frames: list[Frame], plan: Plan) -> Line:
        line = row_line(row, frames, plan, self.chosen)
        found = found_as(row, self._sifted) if self.wanted.text else None
        return lit(line, 0, self.wanted.text, found.name) if found else line

    @property
    def _frames(self) -> list[Frame]:
        return [side.frame for side in self._sides]

    def _plan(self, width: int) -> Plan:
        return plan_of(longest_label(self._shared), len(self._sides), width)

    def _names(self, now: Moment, width: int) -> list[str]:
        """Return the targets to show. Their order is that of the moment they were picked, or the screen opened."""
        picked = list(self.deck.picked)
        if not self._ring or picked != self._picked:
            worst = [glance.target.name for glance in glances_of(self.deck.store, self.deck.controls, now)]
            self._ring = [*picked, *(name for name in worst if name not in picked)]
            self._picked, self._first = picked, 0
        shown = min(fits(width), len(self._ring), len(picked) if len(picked) > 1 else len(self._ring))
        self._first = min(self._first, len(self._ring) - shown)
        return self._ring[self._first : self._first + shown]

    def _place(self, names: list[str]) -> str:
        every = len(self._ring)
        if len(names) == every:
            return ""
        which = f"{self._first + 1} to {self._first + len(names)} of {every:,} targets"
        return f"{which}, {'the picked ones first' if self._picked else 'the worst first'}"

    def _side(self, name: str, now: Moment) -> Side:
        target = self.deck.store.tracks[name].target
        interval = self.deck.controls.interval_of(name)
        return Side(
            frame_of(self.deck.store, target, now, interval, self.deck.basis),
            glance_of(self.deck.store, target, now, interval),
        )

    def _beside(self, key: str, width: int) -> list[Line]:
        """Return the row of a counter under the names of the targets, as they are now."""
        _, names, _, titles = self.head(self.now(), width)
        shared = next((row for row in self._shared if row.key == key), None)
        if shared is None:  # other targets are shown by now
            return []
        return [names, titles, row_line(shared, self._frames, self._plan(width), "")]


def _says(frame: Frame) -> tuple[object, ...]:
    """Return all that the rows of one side depend on."""
    seen = frame.observation
    if seen is None:
        return (frame.target,)
    moved = (seen.data_time, seen.values, seen.rising, seen.failure, seen.reset)
    return (frame.target, frame.interval_seconds, frame.numbers, frame.grown and frame.grown.since, *moved)
