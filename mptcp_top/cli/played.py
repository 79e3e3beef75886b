"""What the screens may ask of a recording in the place of whoever collects: marks and silences are this view's own."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mptcp_top.engine.episodes import HOLD_SECONDS
from mptcp_top.engine.marks import Mark
from mptcp_top.engine.recalled import RecalledTrack
from mptcp_top.engine.store import Store
from mptcp_top.recording.archive import Recorded
from mptcp_top.recording.calm import Calm
from mptcp_top.text import printable
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.player import Player

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.engine.silences import Silence
    from mptcp_top.recording.reader import Reader

USUAL_SECONDS: Final = 1.0


def deck_over(reader: Reader, name: str, groups: Mapping[str, tuple[str, ...]], *, growing: bool) -> Deck:
    """Return what the screens share over a recording: it stands at its end, or is followed if it is growing."""
    hold_seconds = next((session.hold_seconds for session in reversed(reader.sessions())), HOLD_SECONDS)
    store = Store(reader.targets(), hold_seconds)
    tape = Calm(Recorded(reader, hold_seconds, lambda: store.marks, alone=True))
    store.archive = tape
    controls = Played(store, reader, tape)
    player = Player(printable(name, 60), tape, controls.pace, growing=growing, look=controls.look_again)
    deck = controls.deck = Deck(store, controls, groups, player=player)
    deck.cursor = player.within(None)
    deck.tick()
    return deck


class Played:
    """The controls of a recording. Nothing is polled, and nothing that is set here is written down."""

    def __init__(self, store: Store, reader: Reader, tape: Calm) -> None:
        self.deck: Deck | None = None
        self._store = store
        self._reader = reader
        self._tape = tape
        self._own: list[Mark] = []
        self._names: dict[float, str] = {}
        self._recorded: tuple[Mark, ...] = ()
        self.look_again()

    def look_again(self) -> str:
        """Take in the marks and the targets that were recorded by now, and say which targets are new."""
        new = []
        with suppress(sqlite3.Error, ValueError, TypeError):
            self._recorded = self._reader.marks()
            new = [target for target in self._reader.targets() if target.name not in self._store.tracks]
        for target in new:
            self._store.add(target)
        if new:
            self._tape.read_again()
        self._show()
        return f"recorded now, too: {', '.join(target.name for target in new)}" if new else ""

    def pace(self) -> float:
        """Return how often the target that was polled most often was polled at the moment that is shown."""
        return min(self.interval_of(target.name) for target in self._store.targets)

    def interval_of(self, target: str) -> float:
        """Return the interval at which a target was polled at the moment that is shown."""
        cursor = None if self.deck is None else self.deck.cursor
        track = self._store.track(target, cursor)
        seconds = track.pace_at(float("inf") if cursor is None else cursor) if isinstance(track, RecalledTrack) else 0.0
        return seconds or USUAL_SECONDS

    def fastest_of(self, target: str) -> float:
        """Return the shortest interval: that which there was."""
        return self.interval_of(target)

    def why_no_faster(self, target: str) -> str:
        """Return why a target is not to be polled more often than that."""
        return f"{target} was polled so"

    def set_interval(self, target: str, seconds: float) -> None:
        """Leave the pace as it was."""

    def retry(self, target: str) -> None:
        """Poll nothing."""

    def mark(self, name: str, monotonic: float, wall: float) -> Mark:
        """Set a mark in this view."""
        mark = Mark(name, monotonic, wall)
        self._own.append(mark)
        self._show()
        self._tape.read_again()
        return mark

    def rename(self, mark: Mark, name: str) -> Mark:
        """Give a mark another name in this view."""
        self._names[mark.monotonic] = name
        self._show()
        return mark._replace(name=name)

    def silence(self, silence: Silence) -> str:
        """Let a counter or an alert of a target not alarm for a while in this view."""
        return self._store.silences.set(silence)

    def _show(self) -> None:
        every = sorted([*self._recorded, *self._own], key=lambda mark: mark.monotonic)
        self._store.marks = tuple(mark._replace(name=self._names.get(mark.monotonic, mark.name)) for mark in every)
