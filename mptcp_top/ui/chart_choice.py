"""What the user wants to see in a chart: which counters of which targets, over which time, on which scale. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.catalogue.alignment import key_of
from mptcp_top.ui.chart_traces import LETTERS, TOGETHER, metrics_in
from mptcp_top.ui.chart_window import Sight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.model import Layout, Metric, Observation, Target


class Pick(NamedTuple):
    """A counter in the legend; without a letter it is not drawn."""

    key: str
    metric: Metric
    letter: str = ""


class Picks(NamedTuple):
    """The legend. Who is in it stays in it, so that what was taken away can be put back."""

    all: tuple[Pick, ...] = ()

    @property
    def drawn(self) -> tuple[Pick, ...]:
        """Those that are drawn, in the order of their letters."""
        return tuple(sorted((pick for pick in self.all if pick.letter), key=lambda pick: pick.letter))

    @property
    def full(self) -> bool:
        """Whether no letter is left."""
        return len(self.drawn) == len(LETTERS)

    def letter_of(self, key: str) -> str:
        """Return the letter of a counter, "" if it is not drawn."""
        return next((pick.letter for pick in self.all if pick.key == key), "")

    def metric_of(self, key: str) -> Metric | None:
        """Return a counter, or the first that is drawn."""
        return next((pick.metric for pick in (*self.all, *self.drawn) if key in {pick.key, ""}), None)

    def offered(self, source: str, metrics: Iterable[Metric]) -> Picks:
        """Return the legend with counters that could be drawn at its end."""
        known = {pick.key for pick in self.all}
        new = {key: metric for metric in metrics if (key := key_of(source, metric)) not in known}
        return Picks((*self.all, *(Pick(key, metric) for key, metric in new.items()))) if new else self

    def toggled(self, key: str) -> Picks:
        """Return the legend with a counter drawn that was not, under the first letter that is free, or the reverse.

        >>> from mptcp_top.model import Group, Metric
        >>> picks = Picks().offered("linux", [Metric(name, name, Group.DSS) for name in "xy"])
        >>> [pick.letter for pick in picks.toggled("linux:y").toggled("linux:x").toggled("linux:y").all]
        ['B', '']
        """
        free = next((letter for letter in LETTERS if all(pick.letter != letter for pick in self.all)), "")
        return Picks(
            tuple(pick._replace(letter="" if pick.letter else free) if pick.key == key else pick for pick in self.all)
        )

    def on(self, layout: Layout, *, same_source: bool) -> Picks:
        """Return the legend for another target: its own counters, where it has what counts the same."""
        return Picks(tuple(_on(pick, metrics_in(layout, pick.metric, same_source=same_source)) for pick in self.all))


def _on(pick: Pick, metrics: tuple[Metric, ...]) -> Pick:
    return pick._replace(metric=metrics[0]) if metrics and pick.metric != TOGETHER else pick


class Choice(NamedTuple):
    """All a chart is drawn by. With ``share``, each counter goes by its own peak."""

    target: Target
    second: Target | None = None
    picks: Picks = Picks()
    sight: Sight = Sight()
    share: bool = False
    threshold: float | None = None

    @property
    def targets(self) -> tuple[Target, ...]:
        """The target, and the second one if there is one."""
        return (self.target,) if self.second is None else (self.target, self.second)

    @property
    def letters(self) -> tuple[tuple[str, Metric], ...]:
        """What is drawn."""
        return tuple((pick.letter, pick.metric) for pick in self.picks.drawn)

    def turned_to(self, target: Target, seen: Observation | None) -> Choice:
        """Return the same wishes for another target."""
        second = None if self.second == target else self.second
        picks = self.picks.on(seen.layout, same_source=target.source == self.target.source) if seen else self.picks
        return self._replace(target=target, second=second, picks=picks)
