"""What a store asks of a recording: the past of its targets beyond what is in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.events import Event
    from mptcp_top.engine.series import Between, Extent, Stretch
    from mptcp_top.engine.track import Track
    from mptcp_top.model import Metric


class Archive(Protocol):
    """A recording, as a store of targets sees it. Moments are on the clock of that store."""

    def track(
        self, target: str, cursor: float | None, remembered_since: float | None, *, whole: bool = False
    ) -> Track | None:
        """Return a target's past about a moment (None: the newest that is recorded), None to use what is in memory.

        ``remembered_since`` is from when on that is in memory, None where nothing is. It is some minutes of the past;
        the ``whole`` is as much as memory would hold.
        """

    def begins(self, target: str) -> float | None:
        """Return when the first recorded poll of a target was, None where there is none."""

    def series(self, target: str, wanted: Sequence[Sequence[Metric]], over: Between) -> list[list[Stretch]] | None:
        """Return what metrics did between two moments, as `Store.series` does; None to use what is in memory."""

    def extent(self, target: str) -> Extent | None:
        """Return how far the recording of a target reaches, None to go by what is in memory alone."""

    def events(self, target: str, until: float | None) -> Sequence[Event]:
        """Return what happened to a target as it is known now, the oldest first: before what is in memory.

        If that is too much to be listed, the newest up to a moment (None: the end).
        """

    def event_beside(self, targets: Sequence[str], moment: float, step: int) -> Event | None:
        """Return the last recorded event of some targets before a moment (-1), or the next after it (1)."""

    def poll_beside(self, moment: float, step: int, target: str | None = None) -> float | None:
        """Return when the next poll of a target, or of any, after a moment was (1), or the last before it (-1)."""
