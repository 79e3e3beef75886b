"""The events screen: what happened to every target, the newest first. Enter goes back to the moment of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mptcp_top.ui import find
from mptcp_top.ui.event_filter import ALL, LISTED, Filter, newest_events, watched_since
from mptcp_top.ui.events import Plan, Told, head_lines, later, lit_line, nothing_line, plan_of, rises_now, row_line
from mptcp_top.ui.find import Tally
from mptcp_top.ui.keys import EVENTS
from mptcp_top.ui.line import Line
from mptcp_top.ui.sheet import Sheet, ShowHost, window_top
from mptcp_top.ui.view import ShowChart

if TYPE_CHECKING:
    from mptcp_top.engine.events import Event
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Moment


class EventsScreen(Sheet):
    """A row an event. While a row is chosen what is in sight stays there, and newer events gather above it."""

    BINDINGS: ClassVar = [key.binding for key in EVENTS]
    KEYS: ClassVar = EVENTS
    TOKENS: ClassVar = find.EVENT_TOKENS
    FIND_HINT: ClassVar = "counter, target, word, :join :error…   Enter keeps  Esc clears"

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self._target = ""
        self._since: dict[Filter, float] = {}
        self._events: list[Event] = []
        self._shown: list[Event] = []
        self._keys: list[str] = []
        self._newest = ""
        self._first_in_sight = ""

    def head(self, now: Moment, width: int) -> list[Line]:
        """Return how many of which events are shown, one of them in words, and the titles."""
        self._look()
        newer = self._keys.index(self._newest) if self._newest in self._keys else 0
        told = Told(self._events, self._shown, newer, self.chosen)
        return head_lines(told, self._asked, self._plan(width), now.wall, width)

    def keys(self, now: Moment, width: int) -> list[str]:
        """Return the keys of the events that are shown."""
        del now, width
        return self._keys

    def window(self, now: Moment, width: int, room: int) -> list[Line]:
        """Return the rows in sight, and make no others: there may be thousands."""
        if not self._shown:
            return [nothing_line(Told(self._events, ()), watched_since(self.deck.store, now.cursor), now.wall)]
        if not self.chosen:
            self._top = 0
        elif self._first_in_sight in self._keys:
            self._top = self._keys.index(self._first_in_sight)
        self._top = window_top([Line(key=key) for key in self._keys], self.chosen, room, self._top)
        self._first_in_sight = self._keys[self._top]
        plan = self._plan(width)
        in_sight = self._shown[self._top : self._top + room]
        rows = [row_line(event, plan, now.wall, width, self.chosen) for event in in_sight]
        if now.cursor is not None:
            after = [event.monotonic > now.cursor for event in in_sight]
            rows = [later(row) if is_later else row for is_later, row in zip(after, rows, strict=True)]
        return [lit_line(row, plan, self.wanted.text) for row in rows] if self.wanted.text else rows

    def open(self, key: str) -> None:
        """Go to the moment of the event on all screens, and show its target then."""
        event = next(event for event in self._shown if event.key == key)
        self.deck.go(event.monotonic)
        if event.target:
            self.post_message(ShowHost(event.target, event.subject))
        else:
            self.draw()

    def choose(self, key: str) -> None:
        """Move the row cursor; what is newer than the list is now will be said to be."""
        if not self.chosen or key == next(iter(self._keys), ""):
            self._newest = next(iter(self._keys), "")
        super().choose(key)

    def action_release(self) -> None:
        """Show all events again; else let go of the row; without one in sight, go back to the screen below."""
        if self.clears():
            return
        if self.chosen in self._keys:
            super().choose("")
        else:
            self.back()

    def action_chart(self) -> None:
        """Show what rose over time, about the moment of the event."""
        event = next((event for event in self._shown if event.key == self.chosen and event.target), None)
        if event is None:
            super().action_chart()
        else:
            metric = event.episode.metric if event.episode else None
            self.post_message(ShowChart(event.target, metric, event.monotonic))

    def action_target(self, step: int) -> None:
        """Show the events of the next target that has any, or of all again."""
        having = {event.target for event in self._events}
        names = ["", *(target.name for target in self.deck.store.targets if target.name in having)]
        place = names.index(self._target) if self._target in names else 0
        self._target = names[(place + step) % len(names)]
        self._look_anew()

    def tally(self) -> Tally:
        """Return how many events are shown of how many."""
        rising = [sum(map(rises_now, some)) for some in (self._events, self._shown)]
        return Tally(len(self._shown), len(self._events), rising[0] - rising[1], "event")

    def want(self, wanted: find.Filter) -> None:
        """Keep back what is not wanted. The row cursor stays where it can: it would hold the list up."""
        self.wanted = wanted
        self._look_anew()

    @property
    def _asked(self) -> Filter:
        return Filter(self._target, self.wanted.least, self.wanted.text, self.wanted.group)

    def _look_anew(self) -> None:
        self._look()
        if self.chosen not in self._keys:
            self.chosen = ""
        self._newest = next(iter(self._keys), "")
        self.draw()

    def _look(self) -> None:
        """Ask what happened. What is too old to be listed is not asked for again."""
        self._events = self._newest_of(ALL)
        self._shown = self._events if self._asked == ALL else self._newest_of(self._asked)
        self._keys = [event.key for event in self._shown]
        if not self.chosen:
            self._newest = next(iter(self._keys), "")

    def _newest_of(self, wanted: Filter) -> list[Event]:
        since = self._since.get(wanted, float("-inf"))
        found = newest_events(self.deck.store, wanted, since, self.deck.cursor)
        if len(found) == LISTED and self.deck.player is None:  # elsewhere the cursor may go back to what is older
            self._since[wanted] = found[-1].monotonic
        return found

    def _plan(self, width: int) -> Plan:
        names = [target.name for target in self.deck.store.targets]
        return plan_of([self._target] if self._target else names, width)
