"""The terms of a verdict: what it is judged by, and what is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.events import Event
    from mptcp_top.engine.ratios import Passed
    from mptcp_top.engine.slumps import Slump
    from mptcp_top.engine.standing import Concern
    from mptcp_top.model import Episode, Metric, Observation


class Finding(NamedTuple):
    """One thing that is wrong: the concern, the sentence in parts, and a few words of it for a row of the fleet.

    ``since`` is a time of the wall clock, or ``once`` the moment it happened; ``metric`` is the counter to look at. An
    alert is ``called`` by its name. What is ``behind`` others stands before them. The last two order targets alike.
    """

    concern: Concern
    says: str
    which: str = ""
    since: float | None = None
    hint: str = ""
    short: str = ""
    called: str = ""
    metric: Metric | None = None
    once: bool = False
    behind: bool = False
    severity: int = 0
    rate: float = 0.0


class Last(NamedTuple):
    """The newest trouble that is over: when, by the wall clock, and what it was."""

    wall: float
    says: str
    rise: bool = False


class Where(NamedTuple):
    """At which step handshakes die and of what, in words, and the counter that tells more of it."""

    says: str
    metric: Metric | None = None


class Evidence(NamedTuple):
    """What is judged: the newest observation, and what else is known of its time.

    It is not ``known`` whether errors rise before an appliance's first refresh. ``lately`` is what went through the
    funnels in the last minute; each of the ``slumps`` comes with what goes through it now, and in how many seconds,
    and ``where`` says of those that were looked at closely where handshakes die. What is ``silenced`` of errors and
    alerts is not judged, but said. ``changes`` are the resets and roles of the last minutes.
    """

    observation: Observation | None
    known: bool = True
    lately: Mapping[str, Passed] = {}
    slumps: Sequence[tuple[Slump, Passed, float]] = ()
    where: Mapping[str, Where] = {}
    alerts: Sequence[Alert] = ()
    silenced: Container[str] = frozenset()
    changes: Sequence[Event] = ()
    overdue_seconds: float | None = None
    last: Last | None = None

    @property
    def loud(self) -> list[Episode]:
        """The errors that rise and are not silenced."""
        rising = self.observation.rising.items() if self.observation else ()
        return [episode for name, episode in rising if name not in self.silenced]

    @property
    def quiet(self) -> tuple[str, ...]:
        """What would alarm, had it not been silenced: errors by their labels, alerts by their names."""
        rising = self.observation.rising.items() if self.observation else ()
        labels = [episode.metric.label for name, episode in rising if name in self.silenced]
        return (*labels, *(alert.name for alert in self.alerts if alert.name in self.silenced))
