"""What moved since the mark: one list over all targets, or of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mptcp_top.ui.event_filter import watched_since
from mptcp_top.ui.find import Tally, lit
from mptcp_top.ui.keys import MOVED
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.moved import Change, Plan, Since, found_among, head_lines, plan_of, row_line, urgency
from mptcp_top.ui.sheet import Sheet, ShowCounter, window_top
from mptcp_top.ui.sift import sift_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.model import Metric, Target
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.fuzzy import Found, Rank


class MovedScreen(Sheet):
    """A row a counter that grew since the newest mark, or since the start where there is none."""

    BINDINGS: ClassVar = [key.binding for key in MOVED]
    KEYS: ClassVar = MOVED

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self._every: list[Change] = []
        self._found: Mapping[str, Found] = {}
        self._changes: list[Change] = []
        self._known: dict[str, tuple[object, list[Change]]] = {}

    def head(self, now: Moment, width: int) -> list[Line]:
        """Return since when, how much moved, and the titles."""
        store = self.deck.store
        since = Since(store.mark_at(now.cursor), watched_since(store), len(store.targets))
        found = [change for target in store.targets for change in self._moved(target, since, now)]
        self._every = sorted(found, key=urgency)
        self._changes = self._wanted_of(self._every, now) if self.wanted.on else self._every
        return head_lines(self._every, since, self._plan(width), now.shown_wall, width)

    def keys(self, now: Moment, width: int) -> list[str]:
        """Return the keys of the rows."""
        del now, width
        return [change.key for change in self._changes]

    def window(self, now: Moment, width: int, room: int) -> list[Line]:
        """Return the rows in sight, and make no others."""
        if not self._changes:
            words = "nothing that is looked for moved" if self._every else "nothing moved"
            return [Line((Piece(f" {words}", Look.QUIET),))]
        stubs = [Line(key=change.key) for change in self._changes]
        self._top = window_top(stubs, self.chosen, room, self._top)
        plan = self._plan(width)
        in_sight = self._changes[self._top : self._top + room]
        lines = [row_line(change, plan, now.shown_wall, self.chosen) for change in in_sight]
        if not self.wanted.text:
            return lines
        label = 2 if plan.name else 1
        return [lit(line, label, self.wanted.text, self._found[line.key].name) for line in lines]

    def tally(self) -> Tally:
        """Return how many changes are shown of how many."""
        rising = [sum(change.episode is not None for change in some) for some in (self._every, self._changes)]
        return Tally(len(self._changes), len(self._every), rising[0] - rising[1])

    def ranks(self) -> Mapping[str, Rank]:
        """Return the changes that are wanted."""
        return {change.key: self._found[change.key].rank for change in self._wanted_of(self._every, self.now())}

    def open(self, key: str) -> None:
        """Explain the counter of a row."""
        change = next(change for change in self._changes if change.key == key)
        self.post_message(ShowCounter(change.target.name, change.moved.metric.name))

    def subject(self) -> tuple[str, Metric | None]:
        """Return the counter of the row."""
        change = next((change for change in self._changes if change.key == self.chosen), None)
        return super().subject() if change is None else (change.target.name, change.moved.metric)

    def action_release(self) -> None:
        """Show all rows again; else let go of the row; without one, go back to the screen below."""
        if self.clears():
            return
        if self.chosen:
            self.choose("")
        elif len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def _moved(self, target: Target, since: Since, now: Moment) -> list[Change]:
        """Return what moved on one target; between two refreshes of an appliance that is not worked out again."""
        seen = self.deck.store.at(target.name, now.cursor)
        if seen is None:
            return []
        key = (since.mark, now.cursor, seen.data_time, seen.values, seen.rising)
        if target.name not in self._known or self._known[target.name][0] != key:
            self._known[target.name] = key, self._moved_of(target, since, now)
        return self._known[target.name][1]

    def _moved_of(self, target: Target, since: Since, now: Moment) -> list[Change]:
        store = self.deck.store
        seen, grown = store.at(target.name, now.cursor), store.grown(target.name, since.basis, now.cursor)
        if seen is None or grown is None:
            return []
        found = store.moved(target.name, since.basis, now.cursor)
        return [Change(target, one, grown.seconds, seen.rising.get(one.metric.name)) for one in found]

    def _wanted_of(self, changes: list[Change], now: Moment) -> list[Change]:
        counters = self.wanted._replace(text="")  # a text may also mean the target
        names = {target: sift_target(self.deck, target, now, counters).names for target in self.deck.store.targets}
        self._found = found_among(
            [one for one in changes if one.moved.metric.name in names[one.target]], self.wanted.text
        )
        return [change for change in changes if change.key in self._found]

    def _plan(self, width: int) -> Plan:
        return plan_of(self._changes, [target.name for target in self.deck.store.targets], width)
