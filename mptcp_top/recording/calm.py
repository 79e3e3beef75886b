"""A recording behind a store that goes on where a part of it cannot be read: nothing is known of that part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from mptcp_top.recording.beside import DAMAGE
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.engine.events import Event
    from mptcp_top.engine.series import Between, Extent, Stretch
    from mptcp_top.engine.track import Track
    from mptcp_top.model import Metric
    from mptcp_top.recording.archive import Recorded

T = TypeVar("T")

KEPT: Final = 100
"""Moments of which it is remembered that they cannot be read."""


class Calm:
    """A recording whose damage is told and not raised. What could not be read about a moment is not tried again."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._spoilt: dict[float | None, str] = {}
        self._told: dict[float | None, str] = {}
        self._cursor: float | None = None

    def trouble_at(self, cursor: float | None) -> str:
        """Return what could not be read while a moment was shown, "" if there was nothing."""
        return self._told.get(cursor, "")

    @property
    def extent_of_all(self) -> tuple[float, float] | None:
        """When the first and the last poll were, as of the last look."""
        return self._recorded.extent_of_all

    def catch_up(self) -> bool:
        """Look how much is recorded by now, and return whether that is more than at the last look."""
        if found := self._tried(self._recorded.catch_up):
            self._spoilt.pop(None, None)
        return bool(found)

    def track(
        self, target: str, cursor: float | None, remembered_since: float | None, *, whole: bool = False
    ) -> Track | None:
        """Return a target's past about a moment; see `Archive.track`."""
        self._cursor = cursor
        if cursor in self._spoilt:
            return None
        try:
            found = self._recorded.track(target, cursor, remembered_since, whole=whole)
        except DAMAGE as error:
            self._spoilt = {**dict(list(self._spoilt.items())[-KEPT:]), cursor: self._tell(error)}
            self._recorded.read_again()
            return None
        if cursor is not None and (unread := self._recorded.unread_about(cursor)):
            self._note(unread)
        return found

    def begins(self, target: str) -> float | None:
        """Return when the first recorded poll of a target was."""
        return self._tried(lambda: self._recorded.begins(target))

    def series(self, target: str, wanted: Sequence[Sequence[Metric]], over: Between) -> list[list[Stretch]] | None:
        """Return what metrics did between two moments; see `Archive.series`."""
        return self._tried(lambda: self._recorded.series(target, wanted, over))

    def extent(self, target: str) -> Extent | None:
        """Return how far the recording of a target reaches."""
        return self._tried(lambda: self._recorded.extent(target))

    def events(self, target: str, until: float | None) -> Sequence[Event]:
        """Return what happened to a target; see `Archive.events`."""
        return self._tried(lambda: self._recorded.events(target, until)) or ()

    def event_beside(self, targets: Sequence[str], moment: float, step: int) -> Event | None:
        """Return the event before a moment, or after it; see `Archive.event_beside`."""
        return self._tried(lambda: self._recorded.event_beside(targets, moment, step))

    def poll_beside(self, moment: float, step: int, target: str | None = None) -> float | None:
        """Return when the poll beside a moment was; see `Archive.poll_beside`."""
        return self._tried(lambda: self._recorded.poll_beside(moment, step, target))

    def skew(self, moment: float) -> float | None:
        """Return how far the wall clock was ahead of the recording's at a moment."""
        return self._tried(lambda: self._recorded.skew(moment))

    def read_again(self) -> None:
        """Read anew what is asked for next."""
        self._recorded.read_again()

    def _tried(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except DAMAGE as error:
            self._tell(error)
            return None

    def _tell(self, error: Exception) -> str:
        words = printable(str(error) or type(error).__name__, 100)
        self._note(words)
        return words

    def _note(self, words: str) -> None:
        self._told = {**dict(list(self._told.items())[-KEPT:]), self._cursor: words}
