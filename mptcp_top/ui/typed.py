"""Keys that come faster than they are dealt with: each is handed on when all that the one before set going is done."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import App
    from textual.events import Event
    from textual.message_pump import MessagePump


class TypeAhead:
    """What is typed and not yet handed on.

    Textual gives a key to what has the focus when it comes in, and what it means is done later. So of a burst (a slow
    link, ``tmux send-keys``, a paste without marks) every letter after ``/`` would go to the screen, which takes no
    letters any more by then. ``hand_on`` is Textual's own way to deal with a key.
    """

    def __init__(self, app: App[int], hand_on: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._hand_on = hand_on
        self._waiting: deque[Event] = deque()
        self._busy = False

    async def take(self, event: Event) -> None:
        """Hand a key or a paste on, or keep it until it is its turn."""
        self._waiting.append(event)
        if not self._busy:
            await self._next()

    async def _next(self) -> None:
        self._busy = bool(self._waiting)
        if self._waiting:
            first = self._app.focused or self._app.screen
            await self._hand_on(self._waiting.popleft())
            self._after(first, self._half_way)

    def _half_way(self) -> None:
        """Wait for what the key has set going, too: it is on its way through the screen that is shown by now."""
        self._after(self._app.screen, self._next)

    def _after(self, pump: MessagePump, then: Callable[[], object]) -> None:
        """Call when a widget has dealt with all it was told so far, and we with what came of it.

        A new screen deals with nothing before it is laid out; one that is gone with nothing at all.
        """
        if not pump.call_later(self._app.call_later, then):
            self._app.call_later(then)
