"""What a page explains: one counter of one target at one moment, and what the catalogue says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.catalogue.catalogue import catalogue_of, generic_metric
from mptcp_top.ui.panels import error_rate

if TYPE_CHECKING:
    from mptcp_top.catalogue.entry import Entry
    from mptcp_top.model import Change, Episode, Metric
    from mptcp_top.ui.frame import Frame


class Subject(NamedTuple):
    """A counter of a target at a moment; ``entry`` is None where the catalogue does not know it."""

    frame: Frame
    metric: Metric
    entry: Entry | None

    @property
    def change(self) -> Change | None:
        """What the counter did; None where the target has none of that name, or was never read."""
        return self.frame.observation.change(self.metric.name) if self.frame.observation else None

    @property
    def episode(self) -> Episode | None:
        """The episode that goes on, else the last one."""
        return self.frame.episodes.get(self.metric.name)

    @property
    def rising(self) -> bool:
        """Whether the counter is flagged as rising."""
        return self.frame.observation is not None and self.metric.name in self.frame.observation.rising

    @property
    def past(self) -> bool:
        """Whether this is how it was, and not how it is."""
        return self.frame.moment.cursor is not None

    @property
    def wall(self) -> float:
        """The time of day the numbers are of."""
        return self.frame.observation.wall if self.frame.observation else self.frame.moment.shown_wall

    @property
    def refreshed(self) -> bool:
        """Whether the owner takes stock on a beat of its own, so that our intervals say nothing."""
        return self.frame.observation is not None and self.frame.observation.refresh_seconds > 0

    @property
    def rate(self) -> float | None:
        """The rate the other screens show: of an error that rises, its mean since then."""
        if self.rising and self.episode is not None:
            return error_rate(self.frame, self.episode)
        return self.change.rate if self.change is not None and not self.frame.stale else None


def subject_of(frame: Frame, counter: str) -> Subject:
    """Return what is known of a counter, by its owner's name, whether the target has it or not."""
    entry = catalogue_of(frame.target.source).entries.get(counter)
    column = frame.observation.layout.index.get(counter) if frame.observation else None
    if column is not None and frame.observation is not None:
        return Subject(frame, frame.observation.layout.metrics[column], entry)
    return Subject(frame, entry.metric if entry else generic_metric(counter), entry)
