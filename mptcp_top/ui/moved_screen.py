"""What changed since the mark: one list over all targets, or of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from mptcp_top.engine.shift import moves_of
from mptcp_top.ui.event_filter import counted_from_start
from mptcp_top.ui.find import Tally, lit
from mptcp_top.ui.keys import MOVED
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.moved import Change, Plan, Since, folded_line, found_among, plan_of, row_line, title_line, urgency
from mptcp_top.ui.moved_head import Late, head_line, late_lines, share_lines
from mptcp_top.ui.sheet import Sheet, ShowCounter, window_top
from mptcp_top.ui.sift import sift_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.shift import ShareShift
    from mptcp_top.model import Metric, Target
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.fuzzy import Found, Rank


class _Seen(NamedTuple):
    """What one target did: its counters, the shares that changed, how long a before is known, and since when it is."""

    changes: list[Change]
    shares: tuple[ShareShift, ...] = ()
    before: float = 0.0
    late: Late | None = None


class MovedScreen(Sheet):
    """A row a counter that changed since the newest mark, or that grew since the start where there is none."""

    BINDINGS: ClassVar = [key.binding for key in MOVED]
    KEYS: ClassVar = MOVED

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self._every: list[Change] = []
        self._found: Mapping[str, Found] = {}
        self._changes: list[Change] = []
        self._folded = 0
        self._unknown = False
        self._all = False
        self._known: dict[str, tuple[object, _Seen]] = {}

    def head(self, now: Moment, width: int) -> list[Line]:
        """Return since when, how much moved, which shares changed, and the titles."""
        store, wall = self.deck.store, now.shown_wall
        mark, several = store.mark_at(now.cursor), len(store.targets) > 1
        seen = {target.name: self._seen(target, mark, now) for target in store.targets}
        self._every = sorted((change for one in seen.values() for change in one.changes), key=urgency)
        self._changes = self._wanted_of(self._every, now) if self.wanted.on else self._shown()
        self._folded = 0 if self.wanted.on else len(self._every) - len(self._changes)
        before = max((one.before for one in seen.values()), default=0.0)
        unknown = sum(store.at(name, now.cursor) is None for name in seen)
        self._unknown = unknown == len(seen)
        start = counted_from_start(store, now.cursor)
        since = Since(mark, start, len(store.targets), before, unknown, now.cursor is not None)
        shares = [(name if several else "", share) for name, one in seen.items() for share in one.shares]
        late = [one.late._replace(target=name if several else "") for name, one in seen.items() if one.late is not None]
        return [
            head_line(self._every, since, wall, width),
            *late_lines(late, wall, width),
            *share_lines(shares, width),
            title_line(self._plan(width)),
        ]

    def keys(self, now: Moment, width: int) -> list[str]:
        """Return the keys of the rows."""
        del now, width
        return [change.key for change in self._changes]

    def window(self, now: Moment, width: int, room: int) -> list[Line]:
        """Return the rows in sight, and make no others."""
        folded = [folded_line(self._folded)] if self._folded else []
        if not self._changes:
            words = "nothing is known" if self._unknown else "nothing moved"
            if self._every:
                words = "nothing that is looked for moved" if self.wanted.on else "nothing changed"
            return [Line((Piece(f"   {words}", Look.QUIET),)), *folded]
        stubs = [*(Line(key=change.key) for change in self._changes), *folded]
        self._top = window_top(stubs, self.chosen, room, self._top)
        plan = self._plan(width)
        in_sight = self._changes[self._top : self._top + room]
        lines = [row_line(change, plan, now.shown_wall, self.chosen) for change in in_sight]
        if not self.wanted.text:
            return [*lines, *folded[: room - len(lines)]]
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

    def action_zeros(self) -> None:
        """Show every counter that moved, or those that changed."""
        self._all = not self._all
        self.draw()

    def _shown(self) -> list[Change]:
        """Return what changed; what is at its usual rate only where all is wanted, or the row cursor is on it."""
        return [one for one in self._every if self._all or not one.usual or one.key == self.chosen]

    def _seen(self, target: Target, mark: Mark | None, now: Moment) -> _Seen:
        """Return what one target did; between two refreshes of an appliance that is not worked out again."""
        seen = self.deck.store.at(target.name, now.cursor)
        if seen is None:
            return _Seen([])
        key = (mark, now.cursor, seen.data_time, seen.values, seen.rising)
        if target.name not in self._known or self._known[target.name][0] != key:
            self._known[target.name] = key, self._look(target, now)
        return self._known[target.name][1]

    def _look(self, target: Target, now: Moment) -> _Seen:
        store = self.deck.store
        seen, found = store.at(target.name, now.cursor), moves_of(store, target.name, now.cursor)
        if seen is None or found is None:
            return _Seen([])
        seconds, rising = found.grown.seconds, seen.rising
        changes = [
            Change(target, one, seconds, rising.get(one.metric.name), found.shifts.get(one.metric.name))
            for one in found.moved
        ]
        base, before = found.base, 0.0 if found.before is None else found.before.seconds
        why = found.grown.astray
        late = None if why is None else Late(target.name, base.wall, why)
        return _Seen(changes, found.shares, before, late)

    def _wanted_of(self, changes: list[Change], now: Moment) -> list[Change]:
        counters = self.wanted._replace(text="")  # a text may also mean the target
        names = {target: sift_target(self.deck, target, now, counters).names for target in self.deck.store.targets}
        self._found = found_among(
            [one for one in changes if one.moved.metric.name in names[one.target]], self.wanted.text
        )
        return [change for change in changes if change.key in self._found]

    def _plan(self, width: int) -> Plan:
        return plan_of(self._changes or self._every, [target.name for target in self.deck.store.targets], width)
