"""The host screen: one target, verdict first, errors before traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.geometry import Region, Spacing

from mptcp_top.model import Group, Metric
from mptcp_top.ui.board import Columns, Panel
from mptcp_top.ui.deck import NOT_POLLED
from mptcp_top.ui.find import Tally
from mptcp_top.ui.finding import Finding
from mptcp_top.ui.frame import Frame, frame_of
from mptcp_top.ui.glyphs import RISING
from mptcp_top.ui.header import counter_to_look_at, error_to_look_at, header_lines
from mptcp_top.ui.keys import HOST
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.pace import Floor, stepped
from mptcp_top.ui.panels import headline_key, name_of
from mptcp_top.ui.plan import Shape
from mptcp_top.ui.sheet import ShowCounter
from mptcp_top.ui.sift import sift
from mptcp_top.ui.silenced import needs_a_look, to_silence
from mptcp_top.ui.silencing import ask_to_silence
from mptcp_top.ui.sketch import TRAFFIC, Sketch, Wishes, sketch, tally_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.app import ComposeResult
    from textual.layout import Layout

    from mptcp_top.engine.events import Event
    from mptcp_top.model import Target
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.fuzzy import Rank
    from mptcp_top.ui.line import Line


_NAMES_AT_MOST: Final = 36
"""How long the names of other targets in trouble may be together; longer ones are counted."""


class HostScreen(Finding):
    """Everything about one target. Each line is a function of the store and the cursor."""

    BINDINGS: ClassVar = [key.binding for key in HOST]
    KEYS: ClassVar = HOST

    def __init__(self, deck: Deck, target: Target, row: str = "") -> None:
        super().__init__(deck)
        self._store = deck.store
        self._controls = deck.controls
        self._target = target
        self._row = self._given = row
        self._past: tuple[object, Frame] | None = None
        self._wishes = Wishes()
        self._sketched: tuple[object, Sketch] | None = None
        self._shown: tuple[Frame, Sketch] | None = None
        self._panels = {group: Panel(group) for group in (Group.ERRORS, *TRAFFIC)}
        self._columns = Columns()
        self._header = Lines(id="header")

    def compose(self) -> ComposeResult:
        """Lay the screen out, filled with what is known already, so that the first paint has numbers."""
        self._draw(*self.app.size)
        yield self._header
        yield self.footer
        yield from self._panels.values()
        yield self.prompt

    def watched(self) -> tuple[str, ...]:
        """Return the target that is shown."""
        return (self._target.name,)

    def subject(self) -> tuple[str, Metric | None]:
        """Return the target, and the counter of the row, or its worst error."""
        return self._target.name, self._metric()

    @property
    def layout(self) -> Layout:
        """How the panels are placed: children of the screen itself, so that one paint shows them all."""
        return self._columns

    def frame(self) -> Frame:
        """Return what there is to draw: of now, or of the moment of the time cursor."""
        frame = self._frame()
        if self.wanted.on:
            frame = frame._replace(sifted=sift(frame, self.wanted))
        targets = self._store.targets
        if len(targets) == 1:
            return frame
        place = f"{targets.index(self._target) + 1}/{len(targets)} (Tab)"
        return frame._replace(place=place, elsewhere=self._elsewhere())

    def _frame(self) -> Frame:
        """Return the frame; that of the past does not change, and stays when history has forgotten it."""
        now, basis = self.now(), self.deck.basis
        interval = self._controls.interval_of(self._target.name)
        if now.cursor is None:
            return frame_of(self._store, self._target, now, interval, basis)
        key = (self._target, now.cursor, basis, self._store.mark_at(now.cursor), self._store.silences.all)
        if self._past is None or self._past[0] != key:
            self._past = key, frame_of(self._store, self._target, now, interval, basis)
        return self._past[1]._replace(moment=now)

    def _elsewhere(self) -> str:
        """Say which other targets need a look."""
        now = self.now()
        others = [target.name for target in self._store.targets if target != self._target]
        troubled = [name for name in others if needs_a_look(self._store, name, now)]
        names = ", ".join(troubled)
        if len(names) > _NAMES_AT_MOST:
            names = f"{len(troubled):,} others"
        return f"{RISING} also: {names}" if troubled else ""

    def _draw(self, width: int, height: int) -> None:
        frame = self.frame()
        width -= 1  # the last column is the scrollbar's
        header = header_lines(frame, width)
        drawn = self._sketch(frame, width, height - len(header) - 1)
        self._shown = frame, drawn
        header += self.filter_lines(width)
        if self._header.styles.height is None or len(header) != self._header.styles.height.value:
            self._header.styles.height = len(header)
        self._header.show(header)
        self.draw_footer(frame.moment, width)
        self._place(drawn)

    def _sketch(self, frame: Frame, width: int, room: int) -> Sketch:
        """Return the panels; between two refreshes of an appliance they read the same, and are not made anew."""
        seen = frame.observation
        if seen is None or not (seen.refresh_seconds or frame.paused):
            return sketch(frame, width, room, self._wishes, self._row)
        wishes = (self._wishes.all_rows, *self._wishes.shapes.items())
        state = (seen.data_time, seen.values, seen.rising, seen.failure, seen.reset, frame.target.name)
        numbers = (frame.basis, frame.grown and frame.grown.since, frame.moment.cursor, frame.interval_seconds)
        key = (width, room, self._row, wishes, state, numbers, frame.sifted, *frame.silenced.items())
        if self._sketched is None or self._sketched[0] != key:
            self._sketched = key, sketch(frame, width, room, self._wishes, self._row)
        return self._sketched[1]

    def news(self, now: Moment) -> Event | None:
        """Return what is to be told: of other targets only, since this one is on the screen."""
        found = self.deck.newest(now)
        return None if found is not None and found.target == self._target.name and now.tells_now else found

    def _place(self, drawn: Sketch) -> None:
        before = self._arranged()
        self._columns.columns, self._columns.gap = drawn.columns, drawn.gap
        for group, panel in self._panels.items():
            panel.column = drawn.places.get(group)
            panel.show(drawn.lines.get(group, []))
        if before != self._arranged():
            # Asked of a child: only that makes Textual forget how the screen was arranged.
            self._panels[Group.ERRORS].refresh(layout=True)

    def _arranged(self) -> tuple[object, ...]:
        places = tuple((panel.column, len(panel.lines)) for panel in self._panels.values())
        return (self._columns.columns, self._columns.gap, places)

    # What the keys do

    def action_row(self, step: int) -> None:
        """Move the row cursor."""
        keys = self._keys()
        if not keys:
            return
        rows = [key for key in keys if not key.startswith("panel:")]
        if self._row not in keys and step == 1 and rows:
            self._move(rows[0])
            return
        outside = -1 if step > 0 else len(keys)
        place = keys.index(self._row) if self._row in keys else outside
        self._move(keys[min(max(place + step, 0), len(keys) - 1)])

    def action_release(self) -> None:
        """Let go of the row; without one in sight, or with that of the screen below, go back."""
        if self.clears():
            return
        held = self._row if self._row in self._keys() else ""
        if held and not (held == self._given and self.is_above):
            self.choose("")
        else:
            self.back()

    def action_open(self) -> None:
        """Fold or unfold on a headline, else explain the row, or the worst error if no row is chosen."""
        folded = next((group for group in Group if headline_key(group) == self._row), None)
        if folded is not None:
            shapes = self._wishes.shapes
            closed = shapes.get(folded) is Shape.FOLDED or len(self._panels[folded].lines) <= 1
            shapes[folded] = (Shape.MOVED if folded is Group.ERRORS else Shape.FULL) if closed else Shape.FOLDED
            self.draw()
            return
        metric = self._metric()
        if metric is not None:
            self.post_message(ShowCounter(self._target.name, metric.name))
        else:
            self.tell("nothing to explain yet: no row is chosen, and no error is known (↑↓ chooses)")

    def action_zeros(self) -> None:
        """Show every row, or those that say something."""
        self._wishes = Wishes(all_rows=not self._wishes.all_rows)
        self.draw()

    def action_bottom(self) -> None:
        """Go to the last row; from the past, back to now."""
        if self.deck.past:
            self.action_live()
        else:
            self.action_row(9999)

    def action_pace(self, step: int) -> None:
        """Poll less often (1) or more often (-1)."""
        if self.deck.player is not None:
            self.tell(NOT_POLLED)
            return
        name, ask = self._target.name, self._controls
        floor = Floor(ask.fastest_of(name), ask.why_no_faster(name))
        seconds, said = stepped(ask.interval_of(name), step, floor)
        if seconds is not None:
            ask.set_interval(name, seconds)
        self.tell(said)

    def action_retry(self) -> None:
        """Poll now: after a wrong password was mended, or because the next try is far."""
        if self.deck.player is not None:
            self.tell(NOT_POLLED)
        else:
            self._controls.retry(self._target.name)

    def action_silence(self) -> None:
        """Ask until when the error of the row, or what alarms first if none is chosen, is not to alarm here."""
        ask_to_silence(
            self, self._target.name, to_silence(self.frame(), self._chosen() or error_to_look_at(self.frame()))
        )

    def action_target(self, step: int) -> None:
        """Show another target; a row that was not chosen by hand, or is not there, is let go of: Enter means that."""
        targets = self._store.targets
        self._target = targets[(targets.index(self._target) + step) % len(targets)]
        if self._row == self._given:
            self._row = self._given = ""
        self.draw()
        if self._row not in self._keys():
            self.choose("")

    def on_mount(self) -> None:
        """Bring the row the screen was opened for into view."""
        self.call_after_refresh(self._bring_into_view, self._row)

    def on_click(self, event: events.Click) -> None:
        """Choose the row that was clicked."""
        if isinstance(event.widget, Panel) and 0 <= event.y < len(event.widget.lines):
            self._move(event.widget.lines[event.y].key)

    def _keys(self) -> list[str]:
        panels = sorted(self._panels.values(), key=lambda panel: -1 if panel.column is None else panel.column)
        return [line.key for panel in panels for line in panel.lines if line.key]

    def tally(self) -> Tally:
        """Return how many rows are shown of how many."""
        return tally_of(*self._shown) if self._shown else Tally(0, 0)

    def rows_shown(self) -> list[str]:
        """Return the keys of the rows that are shown."""
        return [key for key in self._keys() if not key.startswith("panel:")]

    def ranks(self) -> Mapping[str, Rank]:
        """Return the counters that are wanted: all of them have a row of their name."""
        sifted = sift(self._frame(), self.wanted)
        return {name: found.rank for name, found in sifted.found.items() if name in sifted.names}

    def row_chosen(self) -> str:
        """Return the key of the row with the row cursor."""
        return self._row

    def choose(self, key: str) -> None:
        """Put the row cursor on a row, or nowhere."""
        self._row = key
        self.draw()
        self.call_after_refresh(self._bring_into_view, key)  # where the panels are is known only then

    def _move(self, key: str) -> None:
        """Put the row cursor on another row of those that are drawn: nothing else changes, and a key is not to wait."""
        self._row = key
        for panel in self._panels.values():
            panel.show([_marked(line, key) for line in panel.lines])
        self.call_after_refresh(self._bring_into_view, key)

    def _bring_into_view(self, key: str) -> None:
        covered = Spacing(top=len(self._header.lines), bottom=1)  # by the header and the footer
        for panel in self._panels.values():
            for y, line in enumerate(panel.lines):
                if key and line.key == key:
                    region = Region(0, y, panel.size.width, 1).translate(panel.virtual_region.offset)
                    self.scroll_to_region(region, spacing=covered, animate=False, force=True)

    def _metric(self) -> Metric | None:
        return self._chosen() or counter_to_look_at(self.frame())

    def _chosen(self) -> Metric | None:
        """Return the counter of the row cursor."""
        seen = self.frame().observation
        column = seen.layout.index.get(name_of(self._row)) if seen else None
        return None if seen is None or column is None else seen.layout.metrics[column]


def _marked(line: Line, key: str) -> Line:
    """Return a line as it is while the row cursor is on the row of that key.

    >>> from mptcp_top.ui.line import Line
    >>> _marked(Line(key="a"), "a").selected, _marked(Line(key="a", selected=True), "").selected
    (True, False)
    """
    here = bool(key) and line.key == key
    return line if line.selected == here else line._replace(selected=here)
