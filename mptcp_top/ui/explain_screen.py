"""The page of one counter: it scrolls, and has a row cursor over what can be gone to or copied."""

from __future__ import annotations

import asyncio
import os
import textwrap
from typing import TYPE_CHECKING, ClassVar, Final

from mptcp_top import clock, text
from mptcp_top.ui.clipboard import copy
from mptcp_top.ui.explain import Known, Spread, known_of, place_in, spread_of
from mptcp_top.ui.explain_columns import Beside
from mptcp_top.ui.explain_commands import Step, all_of
from mptcp_top.ui.explain_head import head_lines
from mptcp_top.ui.explain_links import Link
from mptcp_top.ui.explain_subject import subject_of
from mptcp_top.ui.frame import frame_of
from mptcp_top.ui.keys import EXPLAIN
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.sheet import ShowCounter
from mptcp_top.ui.silenced import to_silence
from mptcp_top.ui.silencing import ask_to_silence
from mptcp_top.ui.view import View, past_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.layout import Layout

    from mptcp_top.engine.events import Event
    from mptcp_top.model import Metric
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Frame, Moment

COPIED_SECONDS: Final = 10.0
"""How long the last line says what was copied, and where it is."""

_TALL: Final = 30
"""Lines of a terminal from which there is air below the head."""


class ExplainScreen(View):
    """One counter of one target. ``above`` is what the screen it was opened from wants to keep in sight."""

    BINDINGS: ClassVar = [key.binding for key in EXPLAIN]
    KEYS: ClassVar = EXPLAIN

    def __init__(
        self, deck: Deck, target: str, counter: str, above: Callable[[int], list[Line]] = lambda _: []
    ) -> None:
        super().__init__(deck)
        self.counter = counter
        self.chosen = ""
        self._target = deck.store.tracks[target].target
        self._above = above
        self._known = Known((), (), (), ())
        self._spread = Spread([], [], {}, 0)
        self._past: tuple[object, Frame] | None = None
        self._drawn: object = None
        self._width = 0
        self._copied = ("", 0.0)
        self._columns = Beside()
        self._header = Lines(id="header")
        self._numbers = Lines(id="numbers")
        self._words = Lines(id="words")

    def subject(self) -> tuple[str, Metric | None]:
        """Return the counter of the page."""
        return self._target.name, self.counter_of(self._target.name, self.counter)

    @property
    def layout(self) -> Layout:
        """How the two columns are placed."""
        return self._columns

    def compose(self) -> ComposeResult:
        """Lay the page out, filled."""
        self._draw(*self.app.size)
        yield self._header
        yield self.footer
        yield self._numbers
        yield self._words
        yield self.prompt

    def watched(self) -> tuple[str, ...]:
        """Return the target that is shown."""
        return (self._target.name,)

    def news(self, now: Moment) -> Event | None:
        """Return what is to be told: of other targets only, since this one is on the screen."""
        found = self.deck.newest(now)
        return None if found is not None and found.target == self._target.name and now.tells_now else found

    def on_click(self, event: events.Click) -> None:
        """Choose the row that was clicked; choose it again to open it."""
        if event.widget is self._words and 0 <= event.y < len(self._words.lines):
            key = self._words.lines[event.y].key
            if key and key == self.chosen:
                self.action_open()
            elif key:
                self._choose(key)

    def draw_footer(self, now: Moment, width: int) -> None:
        """Draw the last line: for some seconds what was copied and where to, in as many lines as that takes."""
        words, until = self._copied
        if now.looked >= until:
            words = ""
        parts = textwrap.wrap(words, max(20, width - 2), break_on_hyphens=False, break_long_words=True)
        lines = max(1, len(parts))
        if self.footer.styles.height is None or lines != self.footer.styles.height.value:
            self.footer.styles.height = lines
        if parts:
            self.footer.show([Line((Piece(f" {part}", Look.WARN),)) for part in parts])
        else:
            super().draw_footer(now, width)

    # What the keys do

    def action_row(self, step: int) -> None:
        """Move to the next row in sight; where there is none, scroll by a line."""
        rows, top = self._rows(), round(self.scroll_y)
        inside = [key for key, row in rows.items() if top <= row < top + self._room()]
        keys = list(rows)
        if self.chosen in inside:
            place = keys.index(self.chosen) + step
            wanted = keys[place] if 0 <= place < len(keys) else ""
        else:
            wanted = next(iter(inside if step > 0 else inside[::-1] if top else ()), "")
        if wanted in inside:
            self._choose(wanted)
        elif top or step > 0:
            self.action_scroll(step)
        else:
            self._choose("")

    def action_scroll(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.scroll_relative(y=lines, animate=False, immediate=True)

    def action_half(self, step: int) -> None:
        """Scroll by half of a screen."""
        self.action_scroll(step * max(1, self.app.size.height // 2))

    def action_bottom(self) -> None:
        """Go to the end of the page; from the past, back to now."""
        if self.deck.past:
            self.action_live()
        else:
            self.scroll_end(animate=False)

    def action_open(self) -> None:
        """Go to the counter of the row, or copy its command; without a row, go back."""
        act = self._act()
        if isinstance(act, Link):
            self.post_message(ShowCounter(act.target, act.counter))
        elif isinstance(act, Step):
            self.action_copy()
        else:
            self.action_back()

    def action_back(self) -> None:
        """Go back to where this page was opened from."""
        self.app.pop_screen()

    def action_silence(self) -> None:
        """Ask until when this counter is not to alarm on this target."""
        subject = subject_of(self._frame(self.now()), self.counter)
        ask_to_silence(self, self._target.name, to_silence(subject.frame, subject.metric))

    def action_copy(self) -> None:
        """Copy the command of the row; without one, all that only look. Nothing waits for the clipboard."""
        act = self._act()
        steps = [act] if isinstance(act, Step) else [step for step in self._known.steps if not step.changes]
        commands = [act.says] if isinstance(act, Step) else all_of(steps)
        if not commands:
            self.tell("there is no command on this page")
            return
        self.run_worker(self._copy(commands, steps), exclusive=True)

    async def _copy(self, commands: list[str], steps: Sequence[Step]) -> None:
        done = await asyncio.to_thread(copy, "\n".join(commands), self._send, os.environ)
        blanks = dict.fromkeys(blank for step in steps for blank in step.blanks)
        fill = f"; fill in {', '.join(blanks)}" if blanks else ""
        many = "1 command " if len(commands) == 1 else f"{len(commands)} commands "
        self._copied = (text.printable(f"{many}{done}{fill}", 400), clock.monotonic() + COPIED_SECONDS)
        self.draw()

    def _send(self, words: str) -> None:
        self.app.call_from_thread(self.app.copy_to_clipboard, words)

    # How it is drawn

    def _draw(self, width: int, height: int) -> None:
        now = self.now()
        width -= 1  # the last column is the scrollbar's
        subject = subject_of(self._frame(now), self.counter)
        past = [] if now.live else [past_line(now, width)]
        air = [Line()] if height > _TALL else []
        head = [*past, *self._above(width), *head_lines(subject, width), *air]
        if self._header.styles.height is None or len(head) != self._header.styles.height.value:
            self._header.styles.height = len(head)
        self._header.show(head)
        self.draw_footer(now, width)
        room = height - len(head) - 1
        drawn = (width, room, self.chosen, self._past and self._past[0])
        if not subject.past or drawn != self._drawn:  # what was, does not change
            self._known = known_of(subject)
            self._place(spread_of(subject, self._known, width, room, self.chosen), width)
        self._drawn = drawn

    def _frame(self, now: Moment) -> Frame:
        """Return the frame; that of the past does not change, and stays when history has forgotten it."""
        store, basis = self.deck.store, self.deck.basis
        interval = self.deck.controls.interval_of(self._target.name)
        if now.cursor is None:
            return frame_of(store, self._target, now, interval, basis)
        key = (now.cursor, basis, store.mark_at(now.cursor), store.silences.all)
        if self._past is None or self._past[0] != key:
            self._past = key, frame_of(store, self._target, now, interval, basis)
        return self._past[1]._replace(moment=now)

    def _place(self, spread: Spread, width: int) -> None:
        before = (self._spread.beside, len(self._spread.numbers), len(self._spread.words))
        place = place_in(self._spread, round(self.scroll_y)) if width != self._width and self._width else None
        self._spread, self._width = spread, width
        self._columns.beside = spread.beside
        self._numbers.show(spread.numbers)
        self._words.show(spread.words)
        if before != (spread.beside, len(spread.numbers), len(spread.words)) and self._words.is_mounted:
            self._words.refresh(layout=True)
        if place is not None:
            self.call_after_refresh(self.scroll_to, y=spread.line_of(*place), animate=False)

    def _rows(self) -> dict[str, int]:
        """Return in which line of the page each row that can be chosen stands."""
        begin = 0 if self._spread.beside else len(self._spread.numbers)
        return {line.key: begin + row for row, line in enumerate(self._spread.words) if line.key}

    def _act(self) -> Step | Link | None:
        """Return what the chosen row leads to, None without one: it may have gone from the page meanwhile."""
        return self._known.acts.get(self.chosen) if self.chosen in self._rows() else None

    def _room(self) -> int:
        return self.app.size.height - len(self._header.lines) - 1

    def _choose(self, key: str) -> None:
        self.chosen = key
        self.draw()
