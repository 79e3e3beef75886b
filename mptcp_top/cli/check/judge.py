"""What the rules say of each target, sample by sample. Nothing here waits: it is told what was read."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.cli.check.rules import is_for, is_of_growth
from mptcp_top.engine.episodes import HOLD_SECONDS, alarming_rise
from mptcp_top.engine.figures import RATE_SECONDS, Figures
from mptcp_top.engine.ratios import ATTEMPTS, FUNNELS
from mptcp_top.rules.names import ERRORS, FALLBACK_SHARE, SHARES, Sort, metric_of, sort_of
from mptcp_top.rules.rule import comparisons_of
from mptcp_top.rules.truth import Figure, rule_on, truth_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mptcp_top.cli.alerting import Origin
    from mptcp_top.engine.store import Store
    from mptcp_top.model import Metric, Observation, Sample
    from mptcp_top.rules.rule import Comparison, Rule


class Why(Enum):
    """Why a comparison says nothing. The values are for people."""

    FEW = "too few to judge"
    ONE = "one sample says nothing of growth"
    RESET = "the counters began anew between the samples"
    BEAT = "the appliance took no stock between the samples"
    NONE = "its value is not available"


class Rise(NamedTuple):
    """A counter, and how fast it grew per second."""

    metric: Metric
    rate: float | None


class Told(NamedTuple):
    """What one comparison says: the value, whether that is true or why it is not known, and of which counters it is.

    Of all errors together, the worst counter comes first, and those that did not rise are left out.
    """

    asked: Comparison
    value: float | None
    true: bool | None
    why: Why | None = None
    rises: tuple[Rise, ...] = ()


class Ruling(NamedTuple):
    """What of a rule is asked of a target, whether it was true at each sample, and its figures at the newest one."""

    rule: Rule
    truths: tuple[bool | None, ...]
    told: tuple[Told, ...]

    def lasted(self) -> int:
        """Return for how many intervals it has been true, up to the newest sample. Unknown ones do not count.

        >>> def lasted(*truths): return Ruling(None, truths, ()).lasted()
        >>> lasted(None, True), lasted(True), lasted(True, True, True), lasted(False, True), lasted(True, False, True)
        (1, 0, 2, 0, 0)
        """
        count = 0
        for before, now in zip(self.truths[-2::-1], self.truths[:0:-1], strict=True):
            if before is False or now is False:
                break
            count += now is True
        return count


class Seen(NamedTuple):
    """What is known of a target: its newest observation, how many polls that took, and what the rules say of it.

    The ``rulings`` are by the number of the rule. ``seconds`` are those between the first sample and the newest; where
    the counters began anew, since then.
    """

    observation: Observation
    polls: int = 1
    samples: int = 0
    seconds: float = 0.0
    rulings: dict[int, Ruling] = {}  # noqa: RUF012  # never written to


class Judge:
    """Looks at the rules as observations come in. What is in ``seen`` never changes, so any thread may read it."""

    def __init__(self, store: Store, rules: Sequence[Origin]) -> None:
        self._store = store
        self._rules = rules
        self._since: dict[str, float] = {}
        self.seen: dict[str, Seen] = {}

    def take(self, observation: Observation) -> None:
        """Take in what was read, or that it was not."""
        name = observation.target.name
        before = self.seen.get(name, Seen(observation, polls=0))
        seen = before._replace(observation=observation, polls=before.polls + 1)
        sample = self._store.tracks[name].sample
        if observation.failure is None and sample is not None:
            if observation.reset or name not in self._since:
                self._since[name] = observation.monotonic
            kept = {} if observation.reset else before.rulings
            seconds = observation.monotonic - self._since[name]
            rulings = dict(self._rulings(name, sample, kept))
            seen = seen._replace(samples=before.samples + 1, seconds=seconds, rulings=rulings)
        self.seen[name] = seen

    def _rulings(self, name: str, sample: Sample, before: dict[int, Ruling]) -> Iterator[tuple[int, Ruling]]:
        look = _Look(self._store, name, sample)
        for number, one in enumerate(self._rules):
            rule = rule_on(one.watch.rule, sample.layout) if is_for(one, name) else None
            if rule is not None:
                told = tuple(look.told(asked) for asked in comparisons_of(rule.when))
                known = before[number].truths if number in before else ()
                yield number, Ruling(rule, (*known, truth_of(rule.when, look.figure)), told)


class _Look:
    """One target just after one sample."""

    def __init__(self, store: Store, name: str, sample: Sample) -> None:
        self._store, self._name, self._sample = store, name, sample
        self._figures = Figures(store.tracks[name].history, sample, hasty=True)
        self._growth = store.growth(name)
        self._reset = store.reset_wall(name) is not None

    def figure(self, asked: Comparison) -> Figure:
        """Return what the operand of a comparison is."""
        return Figure() if is_of_growth(asked) and self._no_growth() else self._figures.of(asked)

    def told(self, asked: Comparison) -> Told:
        """Return what a comparison says."""
        value = self.figure(asked).value
        if value is None:
            return Told(asked, None, None, self._why(asked))
        rises = tuple(self._rises(asked, value)) if is_of_growth(asked) and not asked.operand.over else ()
        return Told(asked, value, asked.says(value), None, rises)

    def _why(self, asked: Comparison) -> Why:
        if is_of_growth(asked) and (found := self._no_growth()):
            return found
        missing = any(self._value(metric) is None for metric in self._metrics(asked))
        return Why.NONE if missing or not _is_share(asked) else Why.FEW

    def _no_growth(self) -> Why | None:
        """Return why nothing is known of growth.

        An appliance whose numbers are the same as before stands still, unless by its own account something moves.
        """
        if self._growth is None:
            return Why.RESET if self._reset else Why.ONE
        stood_still = self._sample.refresh_seconds and not any(self._growth.counts)
        return Why.BEAT if stood_still and any(self._sample.own_rates or ()) else None

    def _rises(self, asked: Comparison, value: float) -> Iterator[Rise]:
        name = asked.operand.name
        if name != ERRORS:
            metric = metric_of(self._sample.layout, name)
            return iter((Rise(metric, value),) if metric is not None else ())
        growth = self._store.growth(self._name, None, RATE_SECONDS.get(asked.unit, HOLD_SECONDS))
        if growth is None or not growth.seconds:
            return iter(())
        layout, seconds = growth.layout, growth.seconds
        grown = ((layout.metrics[at], alarming_rise(layout, at, growth.counts, seconds)) for at in layout.flagged)
        found = [Rise(metric, count / seconds) for metric, count in grown if count]
        return iter(sorted(found, key=lambda rise: (rise.metric.severity.rank, rise.rate), reverse=True))

    def _metrics(self, asked: Comparison) -> Iterator[Metric]:
        """Return the counters and levels that a comparison is made of."""
        layout = self._sample.layout
        for name in filter(None, asked.operand):
            funnels = [funnel for funnel in FUNNELS if funnel.name in SHARES.get(name, ())]
            concepts = [concept for funnel in funnels for concept in (funnel.began, funnel.arrived)]
            concepts = [*ATTEMPTS] if name == FALLBACK_SHARE else concepts or [name]
            found = (metric_of(layout, concept) for concept in concepts)
            yield from (metric for metric in found if metric is not None)

    def _value(self, metric: Metric) -> int | None:
        return self._sample.values[self._sample.layout.index[metric.name]]


def _is_share(asked: Comparison) -> bool:
    return bool(asked.operand.over) or sort_of(asked.operand.name) is Sort.SHARE
