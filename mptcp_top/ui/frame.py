"""One moment of one target, ready to be drawn: what every line of the screen is a function of."""

from __future__ import annotations

from math import ceil
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.basis import Basis
from mptcp_top.engine.judge import Look, verdict_at
from mptcp_top.engine.ratios import Ratios, ratios_in, ratios_of
from mptcp_top.engine.silences import NOBODY
from mptcp_top.engine.trend import Cells
from mptcp_top.engine.verdict import Verdict
from mptcp_top.ui.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.store import Store
    from mptcp_top.engine.trend import Cell, Growth
    from mptcp_top.model import Episode, Metric, Observation, Target
    from mptcp_top.ui.replayed import Replay
    from mptcp_top.ui.sift import Sifted

CELL_SECONDS: Final = 5.0
SLACK_SECONDS: Final = 3.0
"""What a cell is longer than a refresh, so that there is always one in it."""

CELLS: Final = 24
UNKNOWN_THEN: Final = "not known then"
"""What is said of a target before everything that is remembered of it, or recorded."""

NO_RATIOS: Final = ratios_of({})
NO_EPISODES: Final[Mapping[str, Episode]] = MappingProxyType({})


class Moment(NamedTuple):
    """When we look: the clock of arithmetic, that of people, and the time cursor, by both, if that is not now.

    Where a recording is shown, now is its end, and ``replay`` says how it is played.
    """

    monotonic: float
    wall: float
    cursor: float | None = None
    cursor_wall: float | None = None
    replay: Replay | None = None

    @property
    def looked(self) -> float:
        """When somebody looked, by the clock of answers that stand there for seconds."""
        return self.monotonic if self.replay is None else self.replay.looked

    @property
    def live(self) -> bool:
        """Whether what is shown is what is read now."""
        return self.cursor is None and self.replay is None

    @property
    def tells_now(self) -> bool:
        """Whether the news are of the moment that is shown."""
        return self.cursor is None or self.replay is not None

    @property
    def nothing(self) -> str:
        """What is said of a target of which nothing is known."""
        if self.replay is not None:
            return "not recorded"
        return "connecting" if self.cursor is None else UNKNOWN_THEN

    @property
    def nothing_yet(self) -> str:
        """The same, as a sentence."""
        if self.replay is not None:
            return (
                "no counters are recorded of that moment" if self.cursor is not None else "no counters are recorded yet"
            )
        return "waiting for the first counters" if self.cursor is None else "no counters are known of that moment"

    @property
    def past_seconds(self) -> float:
        """How long ago the moment is that is shown; 0 for now."""
        return 0.0 if self.cursor is None else max(0.0, self.monotonic - self.cursor)

    @property
    def shown_monotonic(self) -> float:
        """The moment that is shown, by the clock of arithmetic."""
        return self.monotonic if self.cursor is None else self.cursor

    @property
    def shown_wall(self) -> float:
        """The wall clock at the moment that is shown; of one that nothing is remembered of, by how long ago it is."""
        return self.wall - self.past_seconds if self.cursor_wall is None else self.cursor_wall


class Frame(NamedTuple):
    """Everything a screen of one target needs to draw itself."""

    target: Target
    moment: Moment
    interval_seconds: float
    observation: Observation | None = None
    ratios: Ratios = NO_RATIOS
    window_seconds: float = 0.0
    episodes: Mapping[str, Episode] = NO_EPISODES
    first: Observation | None = None
    reset_wall: float | None = None
    store: Store | None = None
    numbers: Numbers = Numbers()
    grown: Growth | None = None
    place: str = ""
    elsewhere: str = ""
    sifted: Sifted | None = None
    alerts: tuple[Alert, ...] = ()
    silenced: Mapping[str, float] = NOBODY
    verdict: Verdict = Verdict()

    def trend(self, metric: Metric, cells: int = CELLS, *, growing: bool = True) -> list[Cell]:
        """Return the recent past of a metric; looked up only for what is drawn."""
        if self.store is None:
            return []
        refresh_seconds = self.observation.refresh_seconds if self.observation else 0.0
        shape = Cells(cells, rows_a_cell(self.interval_seconds, refresh_seconds), growing)
        return self.store.trend(self.target.name, metric, shape, self.moment.cursor)

    @property
    def basis(self) -> Basis:
        """What growth is counted over."""
        return self.numbers.basis

    @property
    def loud(self) -> Mapping[str, Episode]:
        """The errors that rise and are not silenced."""
        rising = self.observation.rising if self.observation else NO_EPISODES
        if not self.silenced:
            return rising
        return {name: episode for name, episode in rising.items() if name not in self.silenced}

    @property
    def loud_alerts(self) -> tuple[Alert, ...]:
        """The alerts that hold and are not silenced."""
        return tuple(alert for alert in self.alerts if alert.name not in self.silenced)

    @property
    def quiet(self) -> Mapping[str, float]:
        """What would alarm, had it not been silenced, and until when: counters by labels, alerts by names."""
        rising = self.observation.rising if self.observation else NO_EPISODES
        called = {name: episode.metric.label for name, episode in rising.items()}
        called |= {alert.name: alert.name for alert in self.alerts}
        return {words: self.silenced[name] for name, words in called.items() if name in self.silenced}

    @property
    def stale(self) -> bool:
        """Whether the numbers are those of an earlier poll than the last."""
        return self.observation is not None and self.observation.failure is not None

    @property
    def paused(self) -> bool:
        """Whether the screen shows an earlier moment than now."""
        return self.moment.cursor is not None

    @property
    def age_seconds(self) -> float | None:
        """How old the numbers are, or were at the cursor; None if there are none."""
        return None if self.observation is None else age_seconds(self.observation, self.moment)


def rows_a_cell(interval_seconds: float, refresh_seconds: float = 0.0) -> int:
    """Return how many polls make one cell of a sparkline: about five seconds' worth, one at least.

    Where the source refreshes its numbers on a beat of its own, enough to have a refresh in each cell. The pace of what
    was polled once is not known: 0.

    >>> rows_a_cell(1.0), rows_a_cell(0.5), rows_a_cell(10.0), rows_a_cell(0.0)
    (5, 10, 1, 1)
    >>> rows_a_cell(5.0, refresh_seconds=7.0), rows_a_cell(1.0, refresh_seconds=7.0)
    (2, 10)
    """
    if not interval_seconds:
        return 1
    if refresh_seconds:
        return max(1, ceil((refresh_seconds + SLACK_SECONDS) / interval_seconds))
    return max(1, round(CELL_SECONDS / interval_seconds))


def frame_of(store: Store, target: Target, moment: Moment, interval_seconds: float, basis: Basis = Basis.RATE) -> Frame:
    """Return the frame of a target at a moment, its numbers on a basis."""
    observation = store.at(target.name, moment.cursor)
    if observation is None:
        return Frame(target, moment, interval_seconds)
    overdue = overdue_seconds(observation, moment, interval_seconds)
    silenced = store.silences.of(target.name, moment.shown_wall)
    grown = None if basis is Basis.RATE else store.grown(target.name, basis, moment.cursor)
    ratios, window = ratios_in(grown), grown.seconds if grown else 0.0
    if basis is Basis.RATE:
        ratios, window = store.ratios(target.name, moment.cursor)
    first = store.first(target.name, moment.cursor)
    return Frame(
        target,
        moment,
        interval_seconds,
        observation,
        ratios,
        window,
        {episode.metric.name: episode for episode in store.episodes(target.name, moment.cursor)},
        first,
        store.reset_wall(target.name, moment.cursor),
        store,
        Numbers(basis, store.mark_at(moment.cursor)),
        grown,
        alerts=store.alerts(target.name, moment.cursor),
        silenced=silenced,
        verdict=verdict_at(store, Look(target.name, moment.cursor, overdue, silenced, closely=True)),
    )


def age_seconds(observation: Observation, moment: Moment) -> float | None:
    """Return how old the numbers are, or were at the cursor; None if there are none."""
    counted = observation.values_monotonic
    return None if counted is None else max(0.0, moment.shown_monotonic - counted)


def overdue_seconds(observation: Observation, moment: Moment, interval_seconds: float) -> float | None:
    """Return how old the numbers are if newer ones should have come, else None."""
    age = age_seconds(observation, moment)
    due = 1.5 * interval_seconds + 1 + observation.refresh_seconds
    return age if age is not None and age > due else None
