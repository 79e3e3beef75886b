"""The keys of time: through what is remembered, and through a recording. The same on every screen."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.engine.told import event_beside
from mptcp_top.ui.deck import told
from mptcp_top.ui.player import moment_of
from mptcp_top.ui.prompt import Question
from mptcp_top.when import parse_when

if TYPE_CHECKING:
    from mptcp_top.ui.view import View

LATEST: Final = float(2**40)
HOLE_SECONDS: Final = 60.0
"""From how long on a time in which nothing was read is told of."""

HINT: Final = "03:12  yesterday 03:12  -15m  start  end"


def step(view: View, polls: int) -> None:
    """Go back by a poll, or forward."""
    deck, names = view.deck, view.watched()
    cursor, store = deck.cursor, deck.store
    newest = deck.player.ends if deck.player else store.newest(names)
    if newest is None or (cursor is None and polls > 0):
        return
    begin = newest if cursor is None else cursor
    if len(names) == 1:
        found = store.step(names[0], begin, polls)
    else:
        pace = min(deck.controls.interval_of(name) for name in names)
        found = begin + polls * pace
        found = None if found > newest or not _known(view, found) else found
    if found is None and polls < 0:
        view.tell(f"nothing older is {kept(view)}")
    else:
        view.go(found)


def event(view: View, step: int) -> None:
    """Go to the event before the moment that is shown, or to the next."""
    deck = view.deck
    found = event_beside(deck.store, view.watched(), LATEST if deck.cursor is None else deck.cursor, step)
    if found is not None and (step > 0 or _known(view, found.monotonic)):
        view.go(found.monotonic)
        view.tell(told(found))
    elif step < 0:
        view.tell(f"nothing happened before that is {kept(view)}")
    else:
        view.go(None)


def pause(view: View) -> None:
    """Hold the moment that is shown, or come back to now; play a recording, or pause it."""
    deck = view.deck
    player, before = deck.player, deck.cursor
    if player is None:
        every = [target.name for target in deck.store.targets]
        view.go(deck.store.newest(every) if before is None else None)
        return
    deck.cursor = player.turn(before)
    if before is not None and before >= player.ends and not player.growing:
        view.tell("this is the end: [ goes back to an event, @ to a time, and p plays on from there")
    else:
        view.draw()


def ask_where(view: View, words: str = "go to", typed: str = "") -> None:
    """Ask for a time, and go there."""
    view.ask(Question(words, typed, partial(_go, view), given_up=view.draw, hint=HINT))


def _go(view: View, typed: str) -> None:
    """Go to a time that was typed, as far as there is one; ask again where it is none."""
    if not typed.strip():
        view.draw()
        return
    deck, now, begins = view.deck, view.now(), _begins(view)
    skew = _skew_at(view, begins)
    first = begins + (now.wall - now.monotonic if skew is None else skew)
    try:
        wall = parse_when(typed, first, now.wall)
    except ValueError:
        ask_where(view, "that is no time (03:12, -15m, start); go to", typed)
        return
    moment = moment_of(wall, max(begins, now.monotonic - (now.wall - wall)), partial(_skew_at, view))
    what, today = "the recording" if deck.player else "what is known", time.time()
    if moment < begins:
        view.go(begins)
        if wall < first - 1.0:
            view.tell(f"{what} begins at {text.date_and_clock(first, today)}")
    elif moment >= now.monotonic:
        view.go(None)
        if wall > now.wall + 1.0:
            view.tell(f"{what} ends at {text.date_and_clock(now.wall, today)}")
    else:
        view.go(moment)
        _tell_of_a_hole(view, moment)


def _tell_of_a_hole(view: View, moment: float) -> None:
    """Say of when the numbers are, where nobody watched at the moment that was asked for."""
    deck, newest = view.deck, view.deck.store.poll_at(moment)
    pace = min(deck.controls.interval_of(name) for name in view.watched())
    if newest is not None and moment - newest[0] > max(HOLE_SECONDS, 3 * pace):
        view.tell(f"nothing is {kept(view)} from {text.date_and_clock(newest[1], time.time())} to that moment")


def _skew_at(view: View, moment: float) -> float | None:
    """Return how far the wall clock was ahead at a moment."""
    player = view.deck.player
    if player is not None:
        return player.tape.skew(moment)
    newest = view.deck.store.poll_at(moment)
    return None if newest is None else newest[1] - newest[0]


def _begins(view: View) -> float:
    """Return the oldest moment there is."""
    if view.deck.player is not None:
        return view.deck.player.begins
    store = view.deck.store
    extents = [store.extent(target.name) for target in store.targets]
    return min((one.first for one in extents if one is not None), default=view.now().monotonic)


def _known(view: View, moment: float) -> bool:
    return any(view.deck.store.at(name, moment) is not None for name in view.watched())


def kept(view: View) -> str:
    """Return what a moment is that can be gone to: it is recorded, or known in memory or from the recording."""
    return "recorded" if view.deck.player else "known"
