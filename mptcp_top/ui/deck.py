"""What all screens share: where the numbers are, who collects them, the groups of the user, and the bell."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from mptcp_top import clock, text
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.events import Happening
from mptcp_top.ui.frame import Moment
from mptcp_top.ui.glyphs import DOWN, LIVE, LOWER, MARK, NOTICE, RESET, RISING
from mptcp_top.ui.themes import ANSI, Theme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mptcp_top.engine.events import Event
    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.silences import Silence
    from mptcp_top.engine.store import Store
    from mptcp_top.ui.player import Player
    from mptcp_top.ui.reporting import Reports

TOLD_SECONDS: Final = 30.0
"""How long an event is told on every screen."""

TOLD_AT_LEAST_SECONDS: Final = 6.0
"""How long that is by the clock of whoever looks, however fast a recording is played."""

NOT_POLLED: Final = "a recording cannot be polled: it shows what was read then"

SIGNS: Final = {
    Happening.RISE: RISING,
    Happening.RESET: RESET,
    Happening.ROLE: RESET,
    Happening.LOST: DOWN,
    Happening.BACK: LIVE,
    Happening.PACE: " ",
    Happening.MARK: MARK,
    Happening.ALERT: NOTICE,
    Happening.OVER: LIVE,
    Happening.FIRST: RISING,
    Happening.FAILED: NOTICE,
    Happening.WORSE: LOWER,
}


class Controls(Protocol):
    """What the screens may ask of whoever collects."""

    def interval_of(self, target: str) -> float:
        """Return the interval in force for a target."""

    def fastest_of(self, target: str) -> float:
        """Return the shortest interval a target is to be polled at."""

    def why_no_faster(self, target: str) -> str:
        """Return why a target is not to be polled more often than that."""

    def set_interval(self, target: str, seconds: float) -> None:
        """Poll a target at another pace."""

    def retry(self, target: str) -> None:
        """Poll a target now, even one that had stopped because its credentials were refused."""

    def mark(self, name: str, monotonic: float, wall: float) -> Mark:
        """Set a mark on all targets at one moment."""

    def rename(self, mark: Mark, name: str) -> Mark:
        """Give a mark another name."""

    def silence(self, silence: Silence) -> str:
        """Let a counter or an alert of a target not alarm for a while; return what to tell of it, mostly nothing."""


@dataclass
class Deck:
    """What a screen needs beside its own state.

    ``picked`` are the targets the user wants side by side. ``cursor`` is the one time cursor of all screens, a
    monotonic time; None is now. ``basis`` is what the numbers of all screens are. ``remember`` keeps something under a
    name until the next start, and returns what to tell the user of it: mostly nothing. ``notice`` is told at the start.
    ``recording`` returns what is to be told of the recording at a monotonic time: mostly nothing, too. ``recorded``
    says where that is, or why there is none. ``reports`` writes reports of what is recorded; without it there is none.
    ``player`` is there where a recording is shown: it moves the cursor, and knows what is now.
    """

    store: Store
    controls: Controls
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    picked: list[str] = field(default_factory=list)
    cursor: float | None = None
    basis: Basis = Basis.RATE
    theme: Theme = ANSI
    why_only_ansi: str = ""
    notice: str = ""
    remember: Callable[[str, object], str] = lambda _name, _value: ""
    recording: Callable[[float], str] = lambda _: ""
    recorded: Callable[[], str] = lambda: ""
    bell: bool = False
    heard: frozenset[str] = frozenset()
    reports: Reports | None = None
    player: Player | None = None

    def now(self) -> Moment:
        """Return this moment by both clocks, and the time cursor."""
        monotonic, wall, cursor = clock.monotonic(), time.time(), self.cursor
        shown = None if cursor is None else self.store.wall_at(cursor)
        if self.player is None:
            return Moment(monotonic, wall, cursor, shown)
        replay = self.player.replay(cursor, monotonic, wall)
        return Moment(*self.player.now(cursor, monotonic), cursor, shown, replay)

    def go(self, cursor: float | None) -> None:
        """Show another moment, on all screens; None is now, or the end of a recording."""
        self.cursor = cursor if self.player is None else self.player.rest(cursor)

    def tick(self) -> str:
        """Let the time of a recording go by, and return what there is to tell of that."""
        if self.player is None:
            return ""
        self.cursor, said = self.player.tick(self.cursor, clock.monotonic(), time.time())
        return said

    @property
    def past(self) -> bool:
        """Whether there is a later moment to come back to."""
        return self.cursor is not None and (
            self.player is None or self.player.growing or self.cursor < self.player.ends
        )

    def newest(self, now: Moment) -> Event | None:
        """Return the newest alarming event that is still news."""
        return max(self._news(now), key=lambda event: event.monotonic, default=None)

    def _news(self, now: Moment) -> list[Event]:
        moment, wall, until, told = now.monotonic, now.wall, None, TOLD_SECONDS
        if now.replay is not None:  # what was news then
            moment, wall, until = now.shown_monotonic, now.shown_wall, now.cursor
            told = max(told, TOLD_AT_LEAST_SECONDS * now.replay.speed)
        names = [target.name for target in self.store.targets]
        found = [event for name in names for event in self.store.events(name, until, moment - told) if event.alarming]
        return [event for event in found if event.subject not in self.store.silences.of(event.target, wall)]

    def rings(self, now: Moment) -> bool:
        """Whether something alarming happened that was not rung for yet. Asking counts as hearing."""
        news = frozenset(event.key for event in self._news(now))
        fresh = not news <= self.heard
        self.heard = news
        return fresh and self.bell


def told(event: Event) -> str:
    """Return an event in one line."""
    where = f"{event.target}: " if event.target else ""
    return f"{SIGNS[event.kind]} {text.clock(event.wall)} {where}{event.says}"
