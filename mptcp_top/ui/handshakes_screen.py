"""The handshakes screen: where the handshakes of one target die, and what became plain TCP."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mptcp_top.engine.basis import Basis
from mptcp_top.engine.fallbacks import FALLBACK, fallbacks, more_fallbacks
from mptcp_top.engine.funnels import passages, worse_steps
from mptcp_top.ui.frame import Frame, frame_of
from mptcp_top.ui.glance import glances_of
from mptcp_top.ui.handshakes import REST, Seen, Sight, funnel_lines
from mptcp_top.ui.handshakes_fallback import fallback_lines
from mptcp_top.ui.handshakes_head import basis_words, head_lines, notes
from mptcp_top.ui.handshakes_rest import rest_lines
from mptcp_top.ui.handshakes_row import label_width, plan_of
from mptcp_top.ui.keys import HANDSHAKES
from mptcp_top.ui.line import Line
from mptcp_top.ui.pages import Page
from mptcp_top.ui.sheet import Sheet, ShowCounter, window_top
from mptcp_top.ui.view import View

if TYPE_CHECKING:
    from mptcp_top.model import Metric, Target
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Moment


class HandshakesScreen(Sheet):
    """A bar a step. It opens for the target of the screen below: the one shown or chosen there, else the worst."""

    BINDINGS: ClassVar = [key.binding for key in HANDSHAKES]
    KEYS: ClassVar = HANDSHAKES

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self._name = ""
        self._zeros = False
        self._order: list[str] = []
        self._seen: tuple[object, Seen] | None = None
        self._drawn: tuple[object, list[Line]] | None = None

    def watched(self) -> tuple[str, ...]:
        """Return the target that is shown."""
        return (self._target().name,)

    def head(self, now: Moment, width: int) -> list[Line]:
        """Return who this is, what got worse, and the titles."""
        seen = self._look(now)
        return head_lines(seen, basis_words(seen), self._sight(seen, width).plan)

    def rows(self, now: Moment, width: int) -> list[Line]:
        """Return the funnels and what fell back, what got worse first. Made anew only for new numbers."""
        seen = self._look(now)
        key = (self._seen and self._seen[0], width, self.chosen, self._zeros)
        if self._drawn is None or self._drawn[0] != key:
            sight = self._sight(seen, width)
            sections = {one.handshake.name: funnel_lines(seen, one, sight) for one in seen.passages}
            sections[FALLBACK] = fallback_lines(seen, sight)
            parts = [*(sections[name] for name in self._ordered(seen, list(sections))), notes(seen, width - 1)]
            self._drawn = key, [line for part in parts if part for line in (*part, Line())][:-1]
        return self._drawn[1]

    def window(self, now: Moment, width: int, room: int) -> list[Line]:
        """Return the rows in sight; where they are too many, without the empty lines."""
        rows = self.rows(now, width)
        if len(rows) > room:
            rows = [line for line in rows if line.pieces]
        self._top = window_top(rows, self.chosen, room, self._top)
        if not any(line.key for line in rows[: self._top]) and not any(line.selected for line in rows[room:]):
            self._top = 0  # nothing is above but headlines
        return rows[self._top : self._top + room]

    def open(self, key: str) -> None:
        """Explain the counter of a row, or those that no counter speaks of."""
        name, _, place = key.partition("@")
        if name.startswith(f"{REST}:"):
            self.app.push_screen(Page(self.deck, lambda width: self._rest(name.partition(":")[2], place, width)))
            return
        self.post_message(ShowCounter(self._target().name, name))

    def subject(self) -> tuple[str, Metric | None]:
        """Return the counter of the row."""
        name = self._target().name
        return name, self.counter_of(name, self.chosen.partition("@")[0])

    def action_release(self) -> None:
        """Let go of the row; without one, go back to the screen below."""
        if self.chosen:
            self.choose("")
        else:
            self.back()

    def action_zeros(self) -> None:
        """Show every cause, or those that say something."""
        self._zeros = not self._zeros
        self.draw()

    def action_target(self, step: int) -> None:
        """Show another target."""
        names = [target.name for target in self.deck.store.targets]
        self._name = names[(names.index(self._target().name) + step) % len(names)]
        self.draw()

    def _target(self) -> Target:
        """Return the target that is shown; which one it is was settled when the screen was opened."""
        if not self._name:
            self._name = self._asked_for() or glances_of(self.deck.store, self.deck.controls, self.now())[0].target.name
        return self.deck.store.tracks[self._name].target

    def _asked_for(self) -> str:
        below = [screen for screen in self.app.screen_stack if screen is not self and isinstance(screen, View)]
        if not below:
            return ""
        shown = below[-1].watched()
        if len(shown) == 1:
            return shown[0]
        chosen = below[-1].chosen if isinstance(below[-1], Sheet) else ""
        return chosen if chosen in self.deck.store.tracks else ""

    def _frame(self, now: Moment) -> Frame:
        target, targets = self._target(), self.deck.store.targets
        frame = frame_of(self.deck.store, target, now, self.deck.controls.interval_of(target.name), self.deck.basis)
        place = f"{targets.index(target) + 1}/{len(targets)} (Tab)" if len(targets) > 1 else ""
        return frame._replace(place=place)

    def _look(self, now: Moment) -> Seen:
        """Return what there is to show; the sums are made anew only for new numbers."""
        frame, store = self._frame(now), self.deck.store
        at = frame.observation
        mark = store.mark_at(now.cursor) if frame.basis is Basis.MARK else None
        state = (at.data_time, at.failure, at.reset) if at else None
        key = (frame.target.name, state, now.cursor, frame.basis, mark, frame.interval_seconds)
        if self._seen is None or self._seen[0] != key:
            growth = store.grown(frame.target.name, frame.basis, now.cursor)
            when = (now.cursor, mark.monotonic if mark else None)
            worse = worse_steps(store, frame.target.name, *when)
            self._seen = (
                key,
                Seen(
                    frame,
                    growth,
                    passages(growth) if growth else (),
                    {one.concept: one for one in worse},
                    fallbacks(growth) if growth else None,
                    more_fallbacks(store, frame.target.name, *when),
                ),
            )
        return self._seen[1]._replace(frame=frame)

    def _ordered(self, seen: Seen, names: list[str]) -> list[str]:
        """Return the sections, those that got worse first; while a row is chosen they stay where they are."""
        if not self.chosen or set(self._order) != set(names):
            worst = dict.fromkeys(worse.handshake for worse in seen.all_worse)
            self._order = list(dict.fromkeys([*(name for name in worst if name in names), *names]))
        return self._order

    def _sight(self, seen: Seen, width: int) -> Sight:
        label = label_width(seen.frame.observation.layout) if seen.frame.observation else 0
        return Sight(plan_of(label, width - 1), self.chosen, self._zeros)  # the last column is the scrollbar's

    def _rest(self, concept: str, name: str, width: int) -> list[Line]:
        seen = self._look(self.now())
        for passage in seen.passages:
            for place, step in enumerate(passage.steps):
                if place and passage.handshake.name == name and step.metric.concept == concept:
                    return rest_lines(passage, place, seen.frame.target.name, width)
        return head_lines(seen, basis_words(seen), self._sight(seen, width).plan)
