"""The verdict: a line that names the worst, the lines below it, and the same as an object."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top import text
from mptcp_top.cli.check.perfdata import perfdata_of, quantity_of
from mptcp_top.cli.check.state import State, first_line, unbarred, worst
from mptcp_top.rules.rule import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mptcp_top.cli.alerting import Origin
    from mptcp_top.cli.check.course import Course
    from mptcp_top.cli.check.findings import Finding
    from mptcp_top.cli.check.judge import Seen, Told
    from mptcp_top.model import Target

SCHEMA: Final = 1
OTHERS_SHOWN: Final = 3
REASON_AT_MOST: Final = 200
NOTICE_AT_MOST: Final = 80


class Verdict(NamedTuple):
    """All that is found about some targets, and what was seen of them."""

    targets: Sequence[Target]
    courses: Mapping[str, Course]
    seen: Mapping[str, Seen]
    findings: Sequence[Finding]

    @property
    def state(self) -> State:
        """The worst of what is found."""
        return worst(one.state for one in self.findings)

    def of(self, target: str) -> list[Finding]:
        """Return what is found about one target."""
        return [one for one in self.findings if one.target == target]

    @property
    def says(self) -> str:
        """What the first line says: what is worst, or how much was judged."""
        bad = sorted(_told_once(self.findings), key=_badness, reverse=True)
        head = _head(bad)
        others = [one for one in bad if one not in head]
        parts = [_sentence(head), *_also(others, several=self._several)] if bad else [self._all_is_well()]
        return "; ".join((*parts, *self._beside()))

    def _beside(self) -> Iterator[str]:
        """Return what must be known beside every verdict: what no target vouches for, notes, or counts."""
        noted = {target.name: target.caution for target in self.targets if target.caution}
        for name, seen in self.seen.items():
            if notices := seen.observation.identity.notices:
                noted.setdefault(name, text.printable(notices[0].partition(":")[0], NOTICE_AT_MOST))
        for says in dict.fromkeys(noted.values()):
            first, *others = [name for name, noticed in noted.items() if noticed == says]
            whom = f": {first}" + (f" and {len(others)} more" if others else "")
            yield says + (whom if self._several else "")
        if unsaid := [one for one in self.findings if one.not_counted and not one.state]:
            more = f" and {len(unsaid) - 1} more" if len(unsaid) > 1 else ""
            yield f"not counted: {unsaid[0].name} on {unsaid[0].target}{more}"

    @property
    def _several(self) -> bool:
        return len(self.targets) > 1

    @property
    def perfdata(self) -> str:
        """The numbers, as a plugin prints them."""
        return " ".join(map(str, perfdata_of(self.findings, several=self._several)))

    def _all_is_well(self) -> str:
        judged = [one for one in self.findings if one.rule is not None]
        whom = f"{len(self.targets)} targets" if self._several else self.targets[0].name
        number = len({one.one for one in judged})
        seconds = max((one.seconds for one in self.seen.values()), default=0.0)
        over = f" over {text.duration(seconds)}" if round(seconds) else ""
        few = sum(one.few for one in judged)
        times = " times" if self._several else ""
        least = f", {few}{times} with too little traffic to judge" if few else ""
        return f"{whom}: {number} rule{'' if number == 1 else 's'}{over}{least}"


def lines_of(verdict: Verdict, *, verbose: bool) -> list[str]:
    """Return the verdict for people and for a monitoring system: one line, and what is ``verbose`` below it."""
    perfdata = verdict.perfdata
    first = first_line(verdict.state, verdict.says) + (f" | {perfdata}" if perfdata else "")
    return [first, *(map(unbarred, _below(verdict)) if verbose else ())]


def _below(verdict: Verdict) -> Iterator[str]:
    for target in verdict.targets:
        seen, course = verdict.seen.get(target.name), verdict.courses[target.name]
        apart = f", {text.interval(course.interval_seconds)} apart" if course.samples > 1 else ""
        read = f"{seen.samples if seen else 0} of {course.samples} samples{apart}"
        yield ", ".join(part for part in (f"{target.name}: {read}", target.caution) if part)
        yield from (f"{target.name}: {notice}" for notice in (seen.observation.identity.notices if seen else ()))
        yield from (_line(one) for one in verdict.of(target.name))


def _line(one: Finding) -> str:
    """Return what one rule says of a target: the state, the figures, and what is asked."""
    asked = f" [{one.rule}]" if one.rule is not None else ""
    note = f", {one.note}" if one.note else ""
    return f"{one.state.name} {_named(one)}{one.says}{note}{asked}"


def _told_once(findings: Sequence[Finding]) -> list[Finding]:
    """Return what is bad, without the rules that are not judged for what is said of the target already."""
    unread = {one.target for one in findings if one.one is None}
    return [
        one for one in findings if one.state and not (one.state is State.UNKNOWN and one.one and one.target in unread)
    ]


def _head(bad: Sequence[Finding]) -> list[Finding]:
    """Return the worst finding, and with it the worst counter of the same target if it names none itself."""
    first = list(bad[:1])
    if not first or any(told.rises for told in first[0].told):
        return first
    counters = (one for one in bad if one.target == first[0].target and any(told.rises for told in one.told))
    return [*first, *islice(counters, 1)]


def _sentence(head: Sequence[Finding]) -> str:
    said = ", ".join(f"{one.name}{': ' if one.name else ''}{_figures(one)}" for one in head)
    return f"{head[0].target}: {said}"


def _figures(one: Finding) -> str:
    return text.printable(one.says, REASON_AT_MOST) + (f" ({one.note})" if one.note else "")


def _named(one: Finding) -> str:
    return "".join(f"{part}: " for part in (one.target, one.name) if part)


def _also(others: Sequence[Finding], *, several: bool) -> list[str]:
    """Return the rest of what is bad in few words: the target, where there are ``several``, and the rule.

    >>> from mptcp_top.cli.check.findings import Finding
    >>> _also([Finding(name, State.UNKNOWN, "unreachable: no answer") for name in "abcde"], several=True)
    ['also a (not judged), b (not judged), c (not judged) and 2 more']
    """
    shown = list(dict.fromkeys(_briefly(one, several=several) for one in others))
    more = f" and {len(shown) - OTHERS_SHOWN} more" if len(shown) > OTHERS_SHOWN else ""
    return [f"also {', '.join(shown[:OTHERS_SHOWN])}{more}"] if shown else []


def _briefly(one: Finding, *, several: bool) -> str:
    what = one.name or (str(one.one.watch.rule.when) if one.one else "")
    says = ", ".join(part for part in (what, "not judged" if one.state is State.UNKNOWN else "") if part)
    return f"{one.target} ({says})" if several else says


def _badness(one: Finding) -> tuple[int, tuple[float, ...]]:
    return one.state.rank, one.weight


def object_of(verdict: Verdict, wall: float) -> dict[str, Any]:
    """Return the verdict as the public JSON object (``schema`` 1)."""
    return {
        **plain_object(verdict.state, verdict.says, wall),
        "targets": [_target_object(verdict, target) for target in verdict.targets],
        "not_counted": [f"{one.target}: {one.says}" for one in verdict.findings if one.not_counted],
        "perfdata": verdict.perfdata,
    }


def plain_object(state: State, says: str, wall: float) -> dict[str, Any]:
    """Return a verdict of which there is no more to tell, as its JSON object."""
    return {
        "schema": SCHEMA,
        "state": state.name.lower(),
        "exit_code": int(state),
        "says": says,
        "taken_at": text.iso_time(wall),
    }


def _target_object(verdict: Verdict, target: Target) -> dict[str, Any]:
    seen, findings = verdict.seen.get(target.name), verdict.of(target.name)
    failure = seen.observation.failure if seen else None
    troubles = [one.says for one in findings if one.one is None]
    return {
        "target": target.name,
        "source": target.source,
        "state": worst(one.state for one in findings).name.lower(),
        "status": seen.observation.status.value if seen else None,
        "error": failure.reason if failure else troubles[0] if troubles else None,
        "advice": (failure.advice or None) if failure else None,
        "caution": target.caution or None,
        "notices": list(seen.observation.identity.notices) if seen else [],
        "samples": seen.samples if seen else 0,
        "seconds": seen.seconds if seen else None,
        "rules": [_rule_object(one.one, one) for one in findings if one.one and (one.rule or one.state)],
    }


def _rule_object(said: Origin, one: Finding) -> dict[str, Any]:
    return {
        "name": one.name or None,
        "rule": str(one.rule or said.watch.rule),
        "origin": said.origin,
        "severity": said.watch.severity.value,
        "state": one.state.name.lower(),
        "says": one.says,
        "note": one.note or None,
        "figures": [_figure_object(told) for told in one.told],
    }


def _figure_object(told: Told) -> dict[str, Any]:
    asked = told.asked
    unit = Unit.SECOND if asked.rises else asked.unit
    return {
        "operand": str(asked.operand),
        "test": asked.test,
        "value": None if told.value is None else quantity_of(asked, told.value),
        "unit": unit.value or None,
        "true": told.true,
        "counters": [
            {
                "name": rise.metric.name,
                "label": rise.metric.label,
                "severity": rise.metric.severity.value,
                "rate": rise.rate,
            }
            for rise in told.rises
        ],
    }
