"""The chart screen: counters of a target, or of two, over time. Made only when somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mptcp_top import text
from mptcp_top.catalogue.alignment import key_of
from mptcp_top.engine.causes import causes_first
from mptcp_top.ui.chart_choice import Choice, Picks
from mptcp_top.ui.chart_easel import Easel, Laid, Space
from mptcp_top.ui.chart_legend import offer_lines
from mptcp_top.ui.chart_traces import LETTERS, TOGETHER, threshold_of
from mptcp_top.ui.chart_window import Sight, panned, shown_at, usual_zoom, window_of, zoomed
from mptcp_top.ui.find import found_in
from mptcp_top.ui.keys import CHART
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.prompt import Question
from mptcp_top.ui.sheet import Sheet
from mptcp_top.ui.travel import kept

if TYPE_CHECKING:
    from mptcp_top.engine.series import Extent
    from mptcp_top.model import Metric, Observation, Target
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Moment


class ChartScreen(Sheet):
    """Above the plot, below it the legend: its rows are the counters that are drawn, and those that could be."""

    BINDINGS: ClassVar = [key.binding for key in CHART]
    KEYS: ClassVar = CHART

    def __init__(self, deck: Deck, target: Target, metric: Metric | None = None, moment: float | None = None) -> None:
        super().__init__(deck)
        self.choice = Choice(target)
        self.easel = Easel(deck.store, ascii_only=Lines.ascii_only)
        self._laid: Laid | None = None
        self._offers: list[Metric] | None = None
        self._about = moment
        self._followed: float | None = None
        seen = self._seen()
        worst = next(iter(causes_first(seen.rising.values())), None) if seen is not None else None
        first = metric or (worst.metric if worst else TOGETHER)
        picks = Picks().offered(target.source, [first]).toggled(key_of(target.source, first))
        self.choice = Choice(target, picks=picks, sight=Sight(usual_zoom(self._pace())))

    def watched(self) -> tuple[str, ...]:
        """Return the targets that are shown."""
        return tuple(target.name for target in self.choice.targets)

    def head(self, now: Moment, width: int) -> list[Line]:
        """Return all above the rows of the legend: the plot takes the room they leave."""
        self._laid = None
        extent = self._extent()
        if extent is None:
            return [Line((Piece(f" {self.choice.target.name}: waiting for the first counters", Look.QUIET),))]
        self._offer_what_rises()
        space = Space(width, self.app.size.height)
        self._follow(extent, space)
        self._laid = self.easel.laid(self.choice, now, space, self.chosen)
        return self._laid.head

    def rows(self, now: Moment, width: int) -> list[Line]:
        """Return the legend, or while somebody types the name of a counter, those it could be."""
        del now
        if self._offers is not None:
            return offer_lines(self._offers, width)
        return self._laid.legend if self._laid else []

    def keys(self, now: Moment, width: int) -> list[str]:
        """Return the keys of the counters in the legend."""
        del now, width
        return [pick.key for pick in self.choice.picks.all]

    def open(self, key: str) -> None:
        """Draw a counter, or take it away."""
        picks = self.choice.picks
        if picks.full and not picks.letter_of(key):
            self.tell(f"{len(LETTERS)} are drawn: take one away first (Space on its row)")
        else:
            self._want(self.choice._replace(picks=picks.toggled(key)))

    def action_release(self) -> None:
        """Let go of the row; without one, go back to the screen below."""
        if self.chosen:
            self.choose("")
        else:
            self.back()

    def action_overlay(self) -> None:
        """Draw the same counters of the next target too, at last of none again."""
        others = [None, *(target for target in self.deck.store.targets if target != self.choice.target)]
        if len(others) == 1:
            self.tell("there is no other target")
        else:
            self._want(self.choice._replace(second=others[(others.index(self.choice.second) + 1) % len(others)]))

    def action_target(self, step: int) -> None:
        """Show the same counters of another target."""
        targets = self.deck.store.targets
        following = targets[(targets.index(self.choice.target) + step) % len(targets)]
        self._want(self.choice.turned_to(following, self.deck.store.at(following.name)))

    def action_zoom(self, step: int) -> None:
        """Show less time, or more."""
        extent = self._extent()
        if extent is not None and self._laid is not None:
            before, columns = self._laid.window.seconds, self._laid.columns
            sight = zoomed(self.choice.sight, extent, columns, step, self.deck.cursor)
            self._want(self.choice._replace(sight=sight))
            if window_of(sight, extent, columns).seconds == before:
                self.tell("that is all there is" if step < 0 else "less time is not shown")

    def action_pan(self, quarters: int) -> None:
        """Show an earlier time, or a later one."""
        extent = self._extent()
        if extent is not None and self._laid is not None:
            self._want(self.choice._replace(sight=panned(self.choice.sight, extent, self._laid.columns, quarters)))

    def action_live(self) -> None:
        """Come back to now, with the time that is shown too."""
        self.choice = self.choice._replace(sight=self.choice.sight._replace(until=None))
        super().action_live()

    def action_step(self, polls: int) -> None:
        """Move the cursor by a point of the chart: from the newest one back, and beyond that to now."""
        extent = self._extent()
        if extent is None or self._laid is None:
            return
        begin = self._laid.newest if self.deck.cursor is None else self.deck.cursor
        found = begin + polls * max(self._laid.window.step_seconds, self._pace())
        if found < extent.first:
            self.tell(f"nothing older is {kept(self)}")
        else:
            self.go(found if found < extent.last else None)

    def action_scale(self) -> None:
        """Draw each counter by its own peak, or all by one scale."""
        self._want(self.choice._replace(share=not self.choice.share))
        self.tell("each counter by its own peak (n: one scale)" if self.choice.share else "one scale for all (n: next)")

    def action_threshold(self) -> None:
        """Ask for a number to draw a line at; at first the one from which the counter is flagged."""
        flagged = self.choice.picks.metric_of(self.chosen)
        usual = flagged.flag_above if flagged is not None else None
        shown = usual if self.choice.threshold is None else self.choice.threshold
        answer = "" if shown is None else f"{shown:g}/s"
        self.ask(Question("threshold", answer, self._set_threshold, hint="3/s, 90/min, 1.5k; nothing: none"))

    def action_add(self) -> None:
        """Ask for a counter by some letters of its name, and show on the way which it would be."""
        self.ask(Question("add a counter", "", self._add, self._offer, self._give_up, "Enter adds the first"))

    def _set_threshold(self, words: str) -> None:
        found = threshold_of(words)
        if words.strip() and found is None:
            self.tell(f"{text.printable(words, 20)} is no number: 3/s, 90/min, 1.5k")
        else:
            self._want(self.choice._replace(threshold=found))

    def _offer(self, words: str) -> None:
        self._offers = self._found(words)
        self.draw()

    def _give_up(self) -> None:
        self._offers = None
        self.draw()

    def _add(self, words: str) -> None:
        found, self._offers, source = self._found(words), None, self.choice.target.source
        if not found:
            self.tell(f"no counter is called {text.printable(words, 30)}" if words.strip() else "nothing was added")
            return
        picks = self.choice.picks.offered(source, found[:1])
        self.choice, self.chosen = self.choice._replace(picks=picks), key_of(source, found[0])
        if picks.letter_of(self.chosen):
            self.draw()
        else:
            self.open(self.chosen)

    def _found(self, words: str) -> list[Metric]:
        seen = self._seen()
        if seen is None or not words.strip():
            return []
        return [seen.layout.metrics[seen.layout.index[name]] for name in found_in(seen.layout, words)]

    def _want(self, choice: Choice) -> None:
        self.choice = choice
        self.draw()

    def _seen(self) -> Observation | None:
        return self.deck.store.at(self.choice.target.name, self.deck.cursor)

    def _extent(self) -> Extent | None:
        return self.deck.store.extent(self.choice.target.name)

    def _pace(self) -> float:
        name = self.choice.target.name
        seen = self.deck.store.at(name)
        return max(self.deck.controls.interval_of(name), seen.refresh_seconds if seen else 0.0)

    def _offer_what_rises(self) -> None:
        seen = self._seen()
        rising = sorted(seen.rising.values(), key=lambda episode: episode.started) if seen else []
        metrics = [*(episode.metric for episode in rising), TOGETHER]
        picks = self.choice.picks.offered(self.choice.target.source, metrics)
        self.choice = self.choice._replace(picks=picks)

    def _follow(self, extent: Extent, space: Space) -> None:
        """Bring a moment into view that the cursor was moved to, or that the chart was opened for."""
        cursor, sight = self.deck.cursor, self.choice.sight
        columns = self.easel.room(self.choice, space).columns
        if cursor != self._followed:
            sight = sight._replace(until=None) if cursor is None else shown_at(sight, extent, columns, cursor)
        elif self._about is not None and not window_of(sight, extent, columns).begin <= self._about:
            sight = shown_at(sight, extent, columns, self._about)
        self._about, self._followed = None, cursor
        self.choice = self.choice._replace(sight=sight)
