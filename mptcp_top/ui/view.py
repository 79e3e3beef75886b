"""What every screen is: a view of the store at the one time cursor, and a last line that tells, asks, names keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen

from mptcp_top import clock, text
from mptcp_top.ui import travel
from mptcp_top.ui.deck import told
from mptcp_top.ui.footer import footer_line, news_room
from mptcp_top.ui.glance import glances_of
from mptcp_top.ui.glyphs import PAUSED
from mptcp_top.ui.keys import ELSEWHERE, at_moment, placed
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.lines import Lines
from mptcp_top.ui.numbers import Numbers
from mptcp_top.ui.output_drawn import forget_who_is_gone
from mptcp_top.ui.prompt import Prompt, Question
from mptcp_top.ui.replayed import time_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from mptcp_top.engine.events import Event
    from mptcp_top.engine.marks import Mark
    from mptcp_top.model import Metric
    from mptcp_top.ui.deck import Deck
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.keys import Key

TOLD_SECONDS: Final = 6.0
"""How long the answer to a key stands in the last line."""


class _Told(NamedTuple):
    """The answer to a key, until when it stands there, and the mark it speaks of."""

    words: str
    until: float
    mark: Mark | None = None


class ShowChart(Message):
    """Somebody wants to see a counter of a target over time, about a moment; without one, its worst error, now."""

    def __init__(self, target: str, metric: Metric | None = None, moment: float | None = None) -> None:
        super().__init__()
        self.target = target
        self.metric = metric
        self.moment = moment


class View(Screen[None]):
    """The base of all screens. A subclass says what is drawn, and which targets the keys of time go by."""

    BINDINGS: ClassVar = [Binding(key, f"advise({key!r})", show=False) for key in ELSEWHERE]
    KEYS: ClassVar[Sequence[Key]] = ()

    def __init__(self, deck: Deck) -> None:
        super().__init__()
        self.deck = deck
        self.footer = Lines(id="footer")
        self.prompt = Prompt()
        self._told: _Told | None = None

    def draw(self) -> None:
        """Bring the screen up to date; what reads the same is not touched."""
        if self.is_mounted:
            self._draw(*self.app.size)

    def _draw(self, width: int, height: int) -> None:
        """Draw everything for a terminal of this size."""
        raise NotImplementedError

    def on_resize(self, event: events.Resize) -> None:
        """Plan anew for the new size."""
        del event
        self.draw()

    def on_unmount(self) -> None:
        """Let go of what was drawn here."""
        forget_who_is_gone()

    def on_screen_resume(self) -> None:
        """Catch up after another screen was open."""
        self.draw()

    def now(self) -> Moment:
        """Return this moment by both clocks, and the time cursor."""
        return self.deck.now()

    def watched(self) -> tuple[str, ...]:
        """Return the targets this screen is about: their polls and events are what the keys of time step by."""
        return tuple(target.name for target in self.deck.store.targets)

    def subject(self) -> tuple[str, Metric | None]:
        """Return the target and the counter the row cursor is on; where it is nowhere, the worst target and none."""
        names = self.watched()
        if len(names) == 1:
            return names[0], None
        return glances_of(self.deck.store, self.deck.controls, self.now())[0].target.name, None

    def counter_of(self, target: str, name: str) -> Metric | None:
        """Return what a counter of a target is by its owner's name, None where the target has none of that name."""
        seen = self.deck.store.at(target, self.deck.cursor)
        column = None if seen is None else seen.layout.index.get(name)
        return None if seen is None or column is None else seen.layout.metrics[column]

    def keys_named(self) -> Sequence[Key]:
        """Return the keys the last line names now."""
        return self.KEYS

    def news(self, now: Moment) -> Event | None:
        """Return what is to be told at the right of the last line."""
        return self.deck.newest(now)

    def tell(self, words: str, mark: Mark | None = None) -> None:
        """Answer a key in the last line, for a few seconds; as long can a ``mark`` it speaks of be given a name."""
        self._told = _Told(words, clock.monotonic() + TOLD_SECONDS, mark)
        self.draw()

    def ask(self, question: Question) -> None:
        """Ask something in the last line: Enter gives the answer, Esc gives it up."""
        self.prompt.ask(question)

    def draw_footer(self, now: Moment, width: int) -> None:
        """Draw the last line: the answer to a key, else the news, beside the keys."""
        self._forget(now.looked)
        news = None if self._told else self.news(now)
        words = self._told.words if self._told else told(news) if news else self.deck.recording(now.monotonic)
        keys = self._keys_now(now)
        answer = self._told is not None  # who pressed a key wants the whole answer
        self.footer.show([footer_line(keys, width, words, bell=self.deck.bell, answer=answer)])

    def _keys_now(self, now: Moment) -> tuple[Key, ...]:
        keys = placed(self.keys_named(), targets=len(self.deck.store.targets), first=not self.is_above)
        return at_moment(keys, now)

    def back(self) -> None:
        """Go back to the screen below; on the first one, from the past to now."""
        if self.is_above:
            self.app.pop_screen()
        elif self.deck.player is not None:
            self.tell("this is the first screen: q quits, 0 goes to the end of the recording")
        elif self.deck.cursor is not None:
            self.action_live()

    @property
    def is_above(self) -> bool:
        """Whether there is a screen below, to go back to."""
        return self.app.screen_stack[:1] != [self]

    def action_advise(self, key: str) -> None:
        """Tell where a key means something that means nothing here."""
        self.tell(ELSEWHERE[key])

    def action_chart(self) -> None:
        """Show the counter of the row over time."""
        self.post_message(ShowChart(*self.subject()))

    # The time cursor, the marks, and what the numbers are: the same on every screen

    def action_step(self, polls: int) -> None:
        """Go back by a poll, or forward; forward from the newest is now."""
        travel.step(self, polls)

    def action_event(self, step: int) -> None:
        """Go to the event before the moment that is shown, or to the next; after the last comes now."""
        travel.event(self, step)

    def action_live(self) -> None:
        """Come back to now."""
        self.go(None)

    def action_pause(self) -> None:
        """Hold the moment that is shown, on all screens; collecting goes on. Or come back to now.

        A recording is played, or paused.
        """
        travel.pause(self)

    def action_speed(self, step: int) -> None:
        """Play a recording faster, or slower."""
        player = self.deck.player
        self.tell(player.faster(step) if player else "{ and } play a recording slower and faster: mptcp-top replay")

    def action_goto(self) -> None:
        """Ask for a time, and go there on all screens."""
        travel.ask_where(self)

    def go(self, cursor: float | None) -> None:
        """Show another moment, on all screens."""
        self.deck.go(cursor)
        self.draw()

    def action_mark(self) -> None:
        """Set a mark on all targets now. While that is told, the same key names it."""
        self._forget(clock.monotonic())
        if self._told is not None and self._told.mark is not None:
            self._ask_name(self._told.mark)
            return
        now = self.now()
        moment = (now.shown_monotonic, now.shown_wall) if now.replay else (now.monotonic, now.wall)
        mark = self.deck.controls.mark(f"mark {len(self.deck.store.marks) + 1}", *moment)
        targets = " on all targets" if len(self.deck.store.targets) > 1 else ""
        room = news_room(self._keys_now(now), self.app.size.width - 1, bell=self.deck.bell)
        self.tell(mark_set(f"{mark.name} set at {text.clock(mark.wall)}", targets, room), mark)

    def _ask_name(self, mark: Mark) -> None:
        """Ask what to call a mark."""

        def named(name: str) -> None:
            kept = self.deck.controls.rename(mark, text.printable(name.strip(), 40)) if name.strip() else mark
            self.tell(f"{kept.name}: n and M show what grows since")

        words = f"name of the mark of {text.clock(mark.wall)}"
        self.ask(Question(words, mark.name, named, given_up=self.draw, hint="Enter keeps  Esc leaves"))

    def _forget(self, monotonic: float) -> None:
        """Let go of the answer to a key when it has stood there long enough."""
        if self._told is not None and monotonic >= self._told.until:
            self._told = None

    def action_numbers(self) -> None:
        """Show the numbers on the next basis: rate, last interval, since the mark, since the start."""
        self.deck.basis = self.deck.basis.next
        mark = self.deck.store.mark_at(self.deck.cursor)
        said = Numbers(self.deck.basis, mark).said(self.now().shown_wall)
        self.tell(f"numbers: {said or self.deck.basis.title} (n: next)")

    def action_report(self) -> None:
        """Write a report of what is recorded."""
        from mptcp_top.ui.reporting import ask_for_report  # noqa: PLC0415  # most sessions never do

        ask_for_report(self)


def mark_set(words: str, targets: str, room: int) -> str:
    """Return what is told of a new mark: as much of it as there is room for.

    >>> mark_set("mark 1 set at 19:03:52", " on all targets", 78)
    'mark 1 set at 19:03:52: n and M show what grows since (m again names it)'
    >>> mark_set("mark 1 set at 19:03:52", "", 58)
    'mark 1 set at 19:03:52: M shows what grows (m names it)'
    """
    ways = (
        f"{words}{targets}: n and M show what grows since (m again names it)",
        f"{words}: n and M show what grows since (m again names it)",
        f"{words}: M shows what grows (m names it)",
    )
    return next((way for way in ways if len(way) <= room), f"{words} (m names it)")


def past_line(now: Moment, width: int) -> Line:
    """Return the line that says plainly that this is the past, and how far; or that it is a recording."""
    if now.replay is not None:
        return time_line(now, width)
    then, far = text.date_and_clock(now.shown_wall, now.wall), text.duration(now.past_seconds)
    ago = f" {PAUSED} the past: {then}, {far} ago"
    keys = "0 back to now   ← → step   [ ] events "
    room = width - len(ago) - 1
    tail = keys if len(keys) <= room else "0 back to now " if room >= 14 else ""
    return Line((Piece(ago, Look.WARN), Piece(" " * max(0, room + 1 - len(tail))), Piece(tail, Look.QUIET)))
