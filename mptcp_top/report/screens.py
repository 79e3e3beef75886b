"""The screens of a moment as texts: the dashboard itself draws them, on no terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.store import Store
from mptcp_top.recording.archive import Recorded
from mptcp_top.recording.lenient import Lenient
from mptcp_top.report.clean import file_name
from mptcp_top.text import printable
from mptcp_top.ui.app import MptcpTopApp
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.events_screen import EventsScreen
from mptcp_top.ui.fleet_screen import FleetScreen
from mptcp_top.ui.handshakes_screen import HandshakesScreen
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.player import Player
from mptcp_top.ui.replayed import Replay

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from textual.events import Mount
    from textual.pilot import Pilot

    from mptcp_top.engine.episodes import Kept
    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.silences import Silence
    from mptcp_top.model import Target
    from mptcp_top.report.story import Account, Story
    from mptcp_top.ui.view import View

SIZE: Final = (120, 40)
SAME_SECONDS: Final = 0.001
TARGETS_SHOWN: Final = 12
"""So many targets have screens of their own, the worst first."""


class Shot(NamedTuple):
    """A screen of a moment of the recording; ``target`` is None where it is of all of them."""

    name: str
    screen: type[View]
    moment: float
    target: Target | None = None


class _Known(Lenient):
    """A recording as it was when a stretch of it was over: nothing later happened, and what rose had come no further.

    ``rises`` are the episodes as they stood then, by target and counter.
    """

    def __init__(
        self, connection: sqlite3.Connection, end: float, rises: Mapping[tuple[str, str], Sequence[Kept]]
    ) -> None:
        super().__init__(connection)
        self._end = end
        self._rises = rises

    def extent(self) -> tuple[float, float] | None:
        """Return when the first poll was, and the last of the stretch."""
        found = super().extent()
        return None if found is None else (found[0], min(found[1], self._end))

    def marks(self) -> tuple[Mark, ...]:
        """Return the marks that were set by then."""
        return tuple(mark for mark in super().marks() if mark.monotonic <= self._end)

    def risen(
        self, after: float, until: float, at_most: int, step: int, of: Sequence[str] = ()
    ) -> list[tuple[str, Kept]]:
        """Return the episodes that began in a time, as they stood at the end of the stretch."""
        found = super().risen(after, min(until, self._end), at_most, step, of)
        return [(target, self._stood(target, kept)) for target, kept in found]

    def _stood(self, target: str, kept: Kept) -> Kept:
        known = self._rises.get((target, kept.episode.metric.name), ())
        return next((one for one in known if one.first - SAME_SECONDS <= kept.first <= one.last + SAME_SECONDS), kept)


class _Film(Recorded):
    """A recording that is drawn as it is read: what cannot be read ends the report, and is told by whoever asked."""

    def trouble_at(self, cursor: float | None) -> str:
        """Return nothing: there is no going on after trouble."""
        del cursor
        return ""


class Picture(Player):
    """A recording of which a moment is drawn: no time goes by, and there are no keys to speak of."""

    def replay(self, cursor: float | None, monotonic: float, wall: float) -> Replay:
        """Return what the head says: which moment this is, with its day, and of which recording."""
        del cursor, monotonic, wall
        return Replay(self.name, still=True)


class Still:
    """What screens ask of whoever collects, where nobody does."""

    def __init__(self, intervals: dict[str, float]) -> None:
        self._intervals = intervals

    def interval_of(self, target: str) -> float:
        """Return how often a target was polled."""
        return self._intervals.get(target, 1.0)

    def fastest_of(self, target: str) -> float:
        """Return the same: there is no other."""
        return self.interval_of(target)

    def why_no_faster(self, target: str) -> str:
        """Return why."""
        return f"{target} was recorded so"

    def set_interval(self, target: str, seconds: float) -> None:
        """Do nothing."""

    def retry(self, target: str) -> None:
        """Do nothing."""

    def mark(self, name: str, monotonic: float, wall: float) -> Mark:
        """Refuse: nobody presses keys here."""
        raise NotImplementedError

    def rename(self, mark: Mark, name: str) -> Mark:
        """Refuse: nobody presses keys here."""
        raise NotImplementedError

    def silence(self, silence: Silence) -> str:
        """Refuse: nobody presses keys here."""
        raise NotImplementedError


def screens_of(connection: sqlite3.Connection, story: Story, hold_seconds: float) -> dict[str, str]:
    """Return the text of each screen by its name: of all targets, and of those at which something was wrong."""
    targets = tuple(sorted((account.target for account in story.accounts), key=lambda target: target.name))
    reader, store = _Known(connection, story.span.end, _rises(story)), Store(targets, hold_seconds)
    store.marks = reader.marks()
    store.archive = tape = _Film(reader, hold_seconds, lambda: store.marks, alone=True)
    intervals = _intervals(story.accounts)
    player = Picture(story.recording, tape, lambda: min(intervals.values(), default=1.0), growing=False)
    deck = Deck(store, Still(intervals), player=player)
    return asyncio.run(_drawn(deck, shots_of(story)))


def shots_of(story: Story) -> list[Shot]:
    """Return which screens are drawn of which moments."""
    affected = story.affected
    worst = affected[0].moment if affected and affected[0].moment is not None else story.span.end
    shots = [Shot("fleet", FleetScreen, worst)] if len(story.accounts) > 1 else []
    for account in affected[:TARGETS_SHOWN] or story.accounts[:1]:
        name, moment = file_name(account.target.name), account.moment
        at = story.span.end if moment is None else moment
        shots.append(Shot(f"host-{name}", HostScreen, at, account.target))
        shots.append(Shot(f"handshakes-{name}", HandshakesScreen, at, account.target))
    return [*shots, Shot("events", EventsScreen, story.span.end)]


def _rises(story: Story) -> dict[tuple[str, str], Sequence[Kept]]:
    return {(rise.target.name, rise.metric.name): rise.episodes for rise in story.rises}


def _intervals(accounts: Sequence[Account]) -> dict[str, float]:
    newest = {account.target.name: account.course.newest for account in accounts}
    return {name: reading.interval_seconds for name, reading in newest.items() if reading is not None}


async def _drawn(deck: Deck, shots: Sequence[Shot]) -> dict[str, str]:
    app = _Headless(deck, output_diff=False)
    app.error_console.quiet = True  # what it raises is raised here as well, and told by whoever asked
    found: dict[str, str] = {}
    async with app.run_test(size=SIZE, notifications=False) as pilot:
        for shot in shots:
            deck.cursor = shot.moment
            name, number = shot.name, 2
            while name in found:
                name, number = f"{shot.name}-{number}", number + 1
            found[name] = await _taken(pilot, deck, shot)
    return found


async def _taken(pilot: Pilot[int], deck: Deck, shot: Shot) -> str:
    below = len(pilot.app.screen_stack)
    if shot.target is not None:
        await pilot.app.push_screen(HostScreen(deck, shot.target))
    if shot.screen is not HostScreen:  # that of handshakes is of the target of the screen below
        await pilot.app.push_screen(shot.screen(deck))
    await pilot.pause()
    strips = pilot.app.screen._compositor.render_strips()  # noqa: SLF001  # there is no other way to the text
    lines = [printable(strip.text.rstrip(), 1000) for strip in strips]
    while len(pilot.app.screen_stack) > below:
        await pilot.app.pop_screen()
    return "\n".join(lines).rstrip() + "\n"


class _Headless(MptcpTopApp):
    """The dashboard where no terminal is: no clock draws anew, and no signal is taken."""

    def on_mount(self, event: Mount) -> None:  # type: ignore[override]
        """Keep the handler of the dashboard from being called as well: Textual calls both."""
        event.prevent_default()
