"""The fleet screen: all targets, worst first. The order holds while the row cursor moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from mptcp_top.engine.events import Happening
from mptcp_top.engine.standing import Concern
from mptcp_top.ui.deck import NOT_POLLED
from mptcp_top.ui.find import Tally, lit
from mptcp_top.ui.fleet import COLUMNS, NAME, TREND_CELLS, Order, Plan, head_lines, picked_line, plan_of, row_line
from mptcp_top.ui.glance import Glance, error_trend_of, found_targets, glances_of
from mptcp_top.ui.keys import FLEET
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.sheet import Sheet, ShowHost, window_top
from mptcp_top.ui.silenced import needs_a_look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.engine.events import Event
    from mptcp_top.model import Metric
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.fuzzy import Found, Rank

HELD_SECONDS: Final = 10.0
"""How long after the last key the rows stay where they are."""

ORDERS: Final = ("", NAME, *(column.title for column in COLUMNS if column.title != "state"))


class FleetScreen(Sheet):
    """A row a target."""

    BINDINGS: ClassVar = [key.binding for key in FLEET]
    KEYS: ClassVar = FLEET
    TOKENS: ClassVar = {}
    FIND_HINT: ClassVar = "a name, host, role or group   Enter keeps  Esc clears"

    def __init__(self, deck: Deck) -> None:
        super().__init__(deck)
        self._order = Order()
        self._grouped = False
        self._held: list[str] = []
        self._held_until = float("-inf")
        self._glances: list[Glance] = []
        self._found: Mapping[str, Found] = {}

    def head(self, now: Moment, width: int) -> list[Line]:
        """Return the verdict over all, what is to be said of the chosen row, and the titles."""
        self._glances = self._ordered(now)
        self._found = found_targets(self._glances, self.deck.groups, self.wanted.text) if self.wanted.on else {}
        return head_lines(self._glances, self.chosen, self._order, now, width)

    def rows(self, now: Moment, width: int) -> list[Line]:
        """Return a row a target, under the names of their groups if so wanted."""
        return self._made(self._places(now), plan_of(self._glances, width), now)

    def keys(self, now: Moment, width: int) -> list[str]:
        """Return the targets in their order."""
        del width
        return [place.target.name for place in self._places(now) if isinstance(place, Glance)]

    def window(self, now: Moment, width: int, room: int) -> list[Line]:
        """Return the rows in sight, and make no others: there may be hundreds."""
        places = self._places(now)
        bare = [Line(key=place.target.name if isinstance(place, Glance) else "") for place in places]
        self._top = window_top(bare, self.chosen, room, self._top)
        return self._made(places[self._top : self._top + room], plan_of(self._glances, width), now)

    def _places(self, now: Moment) -> list[Glance | str]:
        """Return what stands in the rows: targets, and the names of groups."""
        if not self._glances:
            self._glances = self._ordered(now)
        found = self._found if self.wanted.on else None
        glances = [glance for glance in self._glances if found is None or glance.target.name in found]
        if not (self._grouped and self.deck.groups):
            return [*glances]
        places: list[Glance | str] = []
        grouped: set[str] = set()
        for name, members in self.deck.groups.items():
            inside = [glance for glance in glances if glance.target.name in members]
            grouped.update(members)
            places += [name, *inside] if inside else []
        others = [glance for glance in glances if glance.target.name not in grouped]
        return [*places, "in no group", *others] if others else places

    def _made(self, places: Sequence[Glance | str], plan: Plan, now: Moment) -> list[Line]:
        return [
            Line((Piece(f" {place}", Look.TITLE),)) if isinstance(place, str) else self._row(place, plan, now)
            for place in places
        ]

    def tally(self) -> Tally:
        """Return how many targets are shown of how many, and on how many of the others errors rise."""
        hidden = [glance for glance in self._glances if glance.target.name not in self._found]
        rising = sum(glance.standing.concern in {Concern.ERRORS, Concern.SECURITY} for glance in hidden)
        return Tally(len(self._found), len(self._glances), rising, "target")

    def ranks(self) -> Mapping[str, Rank]:
        """Return the targets that are wanted."""
        found = found_targets(self._glances, self.deck.groups, self.wanted.text)
        return {name: one.rank for name, one in found.items()}

    def open(self, key: str) -> None:
        """Show one target alone, with the row cursor on its worst error, if one rises."""
        glance = next((glance for glance in self._glances if glance.target.name == key), None)
        first = next(iter(glance.loud), None) if glance else None
        self.post_message(ShowHost(key, first.metric.name if first else ""))

    def choose(self, key: str) -> None:
        """Move the row cursor; the order holds meanwhile."""
        now = self.now()
        self._held = [glance.target.name for glance in self._glances]
        self._held_until = now.looked + HELD_SECONDS
        super().choose(key)

    def action_release(self) -> None:
        """Show all again; else let go of the row: the worst goes to the top. Then sort by the worst; then back."""
        if self.clears():
            return
        if not self.chosen and self._order == Order():
            self.back()
            return
        if not self.chosen:
            self._order = Order()
        super().choose("")
        self._held_until = float("-inf")
        self.draw()

    def news(self, now: Moment) -> Event | None:
        """Return what no row says: a rise and a loss are rows here, and the keys need the room."""
        event = super().news(now)
        return None if event is not None and event.kind in {Happening.RISE, Happening.LOST} else event

    def subject(self) -> tuple[str, Metric | None]:
        """Return the chosen target, or the worst."""
        return (self.chosen, None) if self.chosen else super().subject()

    def action_advise(self, key: str) -> None:
        """Tell where a key means something: first of all a counter has to be chosen."""
        if key == "x":
            self.tell("x: choose a counter first (Enter opens a target)")
        else:
            super().action_advise(key)

    def action_target(self, step: int) -> None:
        """Go to the next target that needs a look, round and round."""
        now, keys = self.now(), self.rows_shown()
        place = keys.index(self.chosen) if self.chosen in keys else -1
        following = [*keys[place + 1 :], *keys[: max(place, 0)]][::step]
        found = next((name for name in following if needs_a_look(self.deck.store, name, now)), "")
        if found:
            self.choose(found)
        else:
            self.tell("no other target needs a look" if self.chosen else "no target needs a look")

    def action_pick(self) -> None:
        """Pick the chosen target, or the first one, to be shown side by side with others; or drop it again."""
        if not self.chosen:
            self.action_row(1)
        picked = self.deck.picked
        if self.chosen in picked:
            picked.remove(self.chosen)
        elif self.chosen:
            picked.append(self.chosen)
        self.draw()

    def action_order(self, step: int) -> None:
        """Sort by the next column, or the one before."""
        title = ORDERS[(ORDERS.index(self._order.title) + step) % len(ORDERS)]
        self._order = self._order._replace(title=title)
        self._held_until = float("-inf")
        self.draw()

    def action_backwards(self) -> None:
        """Turn the order round."""
        self._order = self._order._replace(backwards=not self._order.backwards)
        self._held_until = float("-inf")
        self.draw()

    def action_groups(self) -> None:
        """Put the rows under the groups of the config file, or not."""
        self._grouped = not self._grouped
        self.draw()

    def action_retry(self) -> None:
        """Poll the chosen target now, or all that are down."""
        if self.deck.player is not None:
            self.tell(NOT_POLLED)
            return
        down = [glance.target.name for glance in self._glances if glance.stale]
        for name in [self.chosen] if self.chosen else down:
            self.deck.controls.retry(name)

    def _row(self, glance: Glance, plan: Plan, now: Moment) -> Line:
        trend = error_trend_of(self.deck.store, glance, TREND_CELLS, now.cursor) if plan.trend else []
        line = row_line(glance, trend, plan, now, self.chosen)
        line = lit(line, 1, self.wanted.text) if self.wanted.on else line
        return picked_line(line) if glance.target.name in self.deck.picked else line

    def _ordered(self, now: Moment) -> list[Glance]:
        glances = glances_of(self.deck.store, self.deck.controls, now, self.deck.basis)
        title, backwards = self._order
        if now.looked < self._held_until and len(self._held) == len(glances):
            places = {name: place for place, name in enumerate(self._held)}
            return sorted(glances, key=lambda glance: places[glance.target.name])
        if title == NAME:
            return sorted(glances, key=lambda glance: glance.target.name, reverse=backwards)
        column = next((column for column in COLUMNS if column.title == title), None)
        if column is None:
            return glances[::-1] if backwards else glances
        return sorted(glances, key=column.order, reverse=not backwards)
