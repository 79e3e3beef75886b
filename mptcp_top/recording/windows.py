"""Which windows of a recording are kept: one about the time cursor, and one about the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top.recording.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.engine.marks import Mark
    from mptcp_top.recording.reader import Reader

AHEAD_SECONDS: Final = 15.0
NEAR_SECONDS: Final = 5.0
"""How much after the cursor a window holds at least, to step on into."""

AHEAD_POLLS: Final = 2.0
"""The same where polls are far apart."""

FAR_SECONDS: Final = 900.0
"""From how far on a window is read anew rather than added to."""

KEPT: Final = 2


class Windows:
    """The windows that are read. ``behind`` says how many seconds before a moment they hold to show a target then."""

    def __init__(
        self,
        reader: Reader,
        hold_seconds: float,
        marks: Callable[[], Sequence[Mark]],
        behind: Callable[[str, float], float],
    ) -> None:
        self._reader = reader
        self._hold_seconds = hold_seconds
        self._marks = marks
        self._behind = behind
        self._windows: list[Window] = []

    def forget(self) -> None:
        """Read anew what is asked for next."""
        self._windows = []

    def about(self, target: str, moment: float, last: float) -> Window:
        """Return a window that shows a target about a moment; ``last`` is when the newest poll was."""
        for window in reversed(self._windows):
            deep = window.reaches_back or window.begins <= moment - window.behind
            if deep and window.begins <= moment <= window.ends + FAR_SECONDS and not window.is_worn(target, moment):
                if window.ends < last and moment + max(NEAR_SECONDS, AHEAD_POLLS * window.interval) > window.ends:
                    window.extend(min(moment + self._ahead(window), last), self._marks())
                return window
        behind, interval = self._behind(target, moment), self._reader.interval(moment)
        window = Window(self._reader, self._hold_seconds, moment, behind, interval)
        window.extend(min(moment + self._ahead(window), last), self._marks())
        self._windows = [*self._windows, window][-KEPT:]
        return window

    @staticmethod
    def _ahead(window: Window) -> float:
        return max(AHEAD_SECONDS, 2 * AHEAD_POLLS * window.interval)
