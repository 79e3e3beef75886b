"""Which rules alarm on one target, since when: conditions over time, driven by what is read and by no clock.

A rule alarms when it has been true for as long as it asks, and ends when it has been over for as long. What is not
known moves neither: a missed poll keeps everything as it is, and the time it took counts for nothing. A reset of the
counters begins the times anew.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.events import Happening, Remark
from mptcp_top.engine.figures import Figures
from mptcp_top.rules.names import Sort, sort_of
from mptcp_top.rules.rule import Unit, duration_text
from mptcp_top.rules.truth import rule_on, true_ones, truth_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.engine.history import History
    from mptcp_top.model import Episode, Observation, Sample, Severity
    from mptcp_top.rules.rule import Comparison, Rule, Watch

EVERY_SECONDS: Final = 0.9
"""How soon rules are looked at again: about once a second, however fast the polls."""

CLEAN_HOURS: Final = 24.0
ENDED_KEPT: Final = 500


class Watched(NamedTuple):
    """What is watched for: the rules, and after how many hours without an error the first one is news (0: never)."""

    watches: tuple[Watch, ...] = ()
    clean_hours: float = CLEAN_HOURS


class Alert(NamedTuple):
    """A rule that alarms, or did. ``figures`` are what was true of it, and the numbers when it was last looked at."""

    name: str
    rule: Rule
    severity: Severity
    monotonic: float
    wall: float
    figures: tuple[tuple[Comparison, float | None], ...] = ()
    ended: float | None = None

    @property
    def asked(self) -> tuple[Comparison, ...]:
        """What was true when it began."""
        return tuple(asked for asked, _ in self.figures)

    @property
    def says(self) -> str:
        """Its name and its numbers, and what these are."""
        return f"{self.name}: {', '.join(f'{one.operand} {value_text(one, value)}' for one, value in self.figures)}"

    @property
    def brief(self) -> str:
        """Its name and its numbers."""
        return f"{self.name}: {', '.join(value_text(one, value) for one, value in self.figures)}"


class Step(NamedTuple):
    """One look: what is seen, and how long after the last one; None after a gap."""

    seen: Observation
    seconds: float | None


class _State:
    """One rule on one target: whether it alarms, and for how long its opposite has been true."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.alert: Alert | None = None
        self._lasted = 0.0
        self._was: bool | None = None

    def restart(self) -> None:
        """Begin the times anew."""
        self._lasted, self._was = 0.0, None

    def turns(self, rule: Rule, figures: Figures, step_seconds: float | None) -> bool:
        """Whether it is time to begin, or to end, ``step_seconds`` after the last look (None: there was a gap)."""
        found = self._over(rule, figures) if self.alert else truth_of(rule.when, figures.of)
        if found is None:
            self._was = None
            return False
        if not found:
            self.restart()
            return False
        if self._was and step_seconds is not None:
            self._lasted += step_seconds
        self._was = True
        if self._lasted < (rule.end_seconds if self.alert else rule.seconds):
            return False
        self.restart()
        return True

    @staticmethod
    def _over(rule: Rule, figures: Figures) -> bool | None:
        if rule.until is not None:
            return truth_of(rule.until, figures.of)
        still = truth_of(rule.when, figures.of, lenient=True)
        return None if still is None else not still


class Alerts:
    """The alerts of one target. Written by one thread; what `now` and `by` return is never changed afterwards."""

    def __init__(self, watched: Watched, target: str) -> None:
        self._states = [_State(one) for one in watched.watches if not one.targets or target in one.targets]
        self._clean_seconds = watched.clean_hours * 3600
        self._clean = 0.0
        self._looked: float | None = None
        self._next = float("-inf")
        self._data_time: float | None = None
        self._now: tuple[Alert, ...] = ()
        self._ended: deque[Alert] = deque(maxlen=ENDED_KEPT)

    def now(self) -> tuple[Alert, ...]:
        """Return the alerts that hold, the one that began first before the others."""
        return self._now

    def ended_at(self, monotonic: float) -> tuple[Alert, ...]:
        """Return the alerts that ended at just that moment."""
        return tuple(one for one in self._ended if one.ended == monotonic)

    def at(self, monotonic: float) -> tuple[Alert, ...]:
        """Return the alerts that held at a moment, the first to begin first, with the newest figures they had."""
        kept = (*self._ended, *self._now)
        held = [one for one in kept if one.monotonic <= monotonic < (one.ended or float("inf"))]
        return tuple(sorted(held, key=lambda alert: (alert.monotonic, alert.name)))

    def recall(self, alerts: Iterable[Alert]) -> None:
        """Take in alerts as they were told then; what was known before is forgotten."""
        found = sorted(alerts, key=lambda alert: alert.monotonic)
        self._now = tuple(one for one in found if one.ended is None)
        self._ended = deque((one for one in found if one.ended is not None), maxlen=ENDED_KEPT)

    def miss(self) -> None:
        """Take in that a poll was missed."""
        self._looked = None

    def look(self, history: History, sample: Sample, seen: Observation, longest_step: float) -> list[Remark]:
        """Look at the rules, if it is time to, and return what there is to tell.

        What passes beyond ``longest_step`` seconds between two samples was not watched, and does not count.
        """
        told = self._first(seen, longest_step) if self._clean_seconds else []
        if seen.reset:
            for state in self._states:
                state.restart()
        if not self._states or seen.monotonic < self._next or seen.data_time == self._data_time:
            return told
        step = None if self._looked is None else min(seen.monotonic - self._looked, EVERY_SECONDS + longest_step)
        self._looked, self._next, self._data_time = seen.monotonic, seen.monotonic + EVERY_SECONDS, seen.data_time
        figures = Figures(history, sample)
        for state in self._states:
            rule = rule_on(state.watch.rule, sample.layout)
            told += self._turn(state, rule, figures, Step(seen, step)) if rule else ()
        self._now = tuple(sorted((s.alert for s in self._states if s.alert), key=lambda alert: alert.monotonic))
        return told

    def _turn(self, state: _State, rule: Rule, figures: Figures, step: Step) -> Iterable[Remark]:
        alert, seen = state.alert, step.seen
        turned = state.turns(rule, figures, step.seconds)
        if alert is None and not turned:
            return
        asked = alert.asked if alert else true_ones(rule.when, figures.of)
        values = tuple((one, figures.of(one).value) for one in asked)
        if alert is None:
            watch = state.watch
            state.alert = Alert(watch.name, watch.rule, watch.severity, seen.monotonic, seen.wall, values)
            yield Remark(Happening.ALERT, _began(state.alert), watch.name, watch.severity)
        elif turned:
            lasted = text.duration(seen.monotonic - alert.monotonic)
            over = alert._replace(figures=values, ended=seen.monotonic)
            self._ended.append(over)
            state.alert = None
            yield Remark(Happening.OVER, f"{over.says}, over after {lasted}", alert.name)
        else:
            state.alert = alert._replace(figures=values)

    def _first(self, seen: Observation, longest_step: float) -> list[Remark]:
        """Return the first error after a long time without one."""
        if not seen.rising:
            self._clean += min(seen.elapsed_seconds or 0.0, longest_step)
            return []
        clean, self._clean = self._clean, 0.0
        if clean < self._clean_seconds:
            return []
        first: Episode = max(seen.rising.values(), key=lambda episode: episode.metric.severity.rank)
        says = f"first error after {text.duration(clean)}: {first.metric.group} {first.metric.label}"
        return [Remark(Happening.FIRST, says, first.metric.name, first.metric.severity)]


def _began(alert: Alert) -> str:
    """Return what is told of an alert that begins: its numbers, and what they should not have been for how long."""
    figures = ", ".join(f"{one.operand} {value_text(one, value)} ({one.test})" for one, value in alert.figures)
    return f"{alert.name}: {figures}{f' for {duration_text(alert.rule.seconds)}' if alert.rule.seconds else ''}"


def value_text(asked: Comparison, value: float | None) -> str:
    """Return the value of an operand as the screens write it.

    >>> from mptcp_top.rules.parser import parse
    >>> value_text(parse("join_success < 95%").when, 0.813), value_text(parse("sessions < 10").when, None)
    ('81.3 %', '–')
    """
    if value is None:
        return text.UNKNOWN
    if asked.rises:
        return f"{text.rate(value)} /s"
    if asked.unit.is_rate:
        return f"{text.rate(value * asked.unit.per)} {asked.unit}"
    if asked.unit is Unit.PERCENT or sort_of(asked.operand.name) is Sort.SHARE:
        return text.percent(value) if value <= 1 else f"{value * 100:,.0f} %"
    return f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}"
