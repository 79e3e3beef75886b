"""The same minutes twice: as a live dashboard remembers them, and as a recording of it shows them."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from math import floor
from typing import TYPE_CHECKING, Self

from mptcp_top.cli.played import deck_over
from mptcp_top.engine.alerts import Watched
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.recording import place
from mptcp_top.recording.reader import Reader
from mptcp_top.recording.tap import Tap
from mptcp_top.recording.writer import Writer
from mptcp_top.rules.defaults import default_watches
from mptcp_top.ui.app import VIEWS, MptcpTopApp
from mptcp_top.ui.chart_screen import ChartScreen
from mptcp_top.ui.deck import Deck
from mptcp_top.ui.explain_screen import ExplainScreen
from mptcp_top.ui.host import HostScreen
from mptcp_top.ui.lines import Lines
from tests.feed import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.silences import Silence
    from mptcp_top.model import Failure, Sample, Target
    from mptcp_top.ui.view import View

LATER = 86_400.0 * 10_000
"""How far the live clock is behind the wall clock: whole days, so that charts of both begin their points together."""

NOT_SHOWN = frozenset({"footer", "prompt"})
SAID_OTHERWISE = ("the past", "replay", "not now", "before its end", " ago  ", "its end")


@dataclass
class Recording:
    """A live session, which is recorded. ``begins`` is by the wall clock; ``at`` is in seconds from there."""

    path: Path
    targets: Iterable[Target]
    interval_seconds: float
    lasts: float
    sessions: int = 1
    store: Store = field(init=False)

    def __enter__(self) -> Self:
        self.begins = floor(time.time()) - self.lasts
        self.store = Store(self.targets)
        self.store.watch(Watched(default_watches()))
        self._engine, self._tap = Engine(self.store), Tap(self.store)
        self._claimed = place.claim(self.path)
        self._connection = place.to_write(self.path)
        self._writer = Writer(self._connection, self.store.targets, self.moment(0.0), self.begins)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.finish()
        self._connection.close()
        place.let_go(self._claimed)

    def moment(self, at: float) -> float:
        """A moment by the live clock."""
        return self.begins + at - LATER

    def recorded(self, at: float) -> float:
        """A moment by the clock of the recording."""
        return self.moment(at) + self._writer.ahead_seconds

    def take(self, reading: Sample | Failure, at: float) -> None:
        """Let a reading come in, and record it."""
        seen = self._tap.seen(
            self._engine.observe(
                reading._replace(monotonic=self.moment(at), wall=self.begins + at), self.interval_seconds
            )
        )
        self._writer.write([seen] if seen is not None else [], self.store.marks)

    def mark(self, name: str, at: float, wall: float = 0.0) -> Mark:
        """Set a mark."""
        del wall
        return self._engine.mark(name, self.moment(at), self.begins + at)

    def live(self) -> Deck:
        """The deck of the live dashboard."""
        return Deck(self.store, Paced(self.interval_seconds))


@dataclass
class Paced:
    """The controls of a live dashboard that nobody asks for more than the pace."""

    interval_seconds: float

    def interval_of(self, target: str) -> float:
        del target
        return self.interval_seconds

    def fastest_of(self, target: str) -> float:
        del target
        return self.interval_seconds

    def why_no_faster(self, target: str) -> str:
        return target

    def set_interval(self, target: str, seconds: float) -> None:
        raise NotImplementedError

    def retry(self, target: str) -> None:
        raise NotImplementedError

    def mark(self, name: str, monotonic: float, wall: float) -> Mark:
        raise NotImplementedError

    def rename(self, mark: Mark, name: str) -> Mark:
        raise NotImplementedError

    def silence(self, silence: Silence) -> str:
        raise NotImplementedError


def screens_of(deck: Deck) -> Iterator[Callable[[], View]]:
    """Yield what makes each screen there is, those of one target for every target."""
    for kind in VIEWS.values():
        if len(deck.store.targets) > 1 or kind.__name__ not in {"FleetScreen", "CompareScreen", "SplitScreen"}:
            yield partial(kind, deck)
    for target in deck.store.targets:
        yield partial(HostScreen, deck, target)
        yield partial(ChartScreen, deck, target)
        rising = deck.store.at(target.name, deck.cursor)
        counter = next(iter(rising.rising), None) if rising is not None else None
        if counter is not None:
            yield partial(ExplainScreen, deck, target.name, counter)


def shown_on(deck: Deck, cursors: Iterable[float], size: tuple[int, int]) -> list[dict[str, str]]:
    """Return what every screen shows at each moment, but for the last line and those that say which moment it is."""

    async def play() -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        app = MptcpTopApp(deck, output_diff=False)
        async with app.run_test(size=size) as pilot:
            for cursor in cursors:
                deck.go(cursor)
                said: dict[str, str] = {}
                for made in screens_of(deck):
                    screen = made()
                    app.push_screen(screen)
                    await pilot.pause()
                    said[f"{type(screen).__name__} {'+'.join(screen.watched())}"] = text_on(screen)
                    app.pop_screen()
                    await pilot.pause()
                found.append(said)
        return found

    return asyncio.run(play())


def text_on(screen: View) -> str:
    """Return the text of a screen."""
    widgets = [one for one in screen.query(Lines) if one.id not in NOT_SHOWN]
    lines = [line for one in widgets for line in text_of(list(one.lines))]
    return "\n".join(line for line in lines if not any(words in line for words in SAID_OTHERWISE))


def replay_of(recording: Recording, cursors: Iterable[float], size: tuple[int, int]) -> list[dict[str, str]]:
    """Return what every screen of a replay shows at each moment of the live session."""
    with closing(place.to_read(recording.path)) as connection:
        deck = deck_over(Reader(connection), recording.path.name, {}, growing=False)
        return shown_on(deck, [recording.recorded(cursor) for cursor in cursors], size)


def live_of(recording: Recording, cursors: Iterable[float], size: tuple[int, int]) -> list[dict[str, str]]:
    """Return what every screen of the live dashboard shows at each moment."""
    return shown_on(recording.live(), [recording.moment(cursor) for cursor in cursors], size)
