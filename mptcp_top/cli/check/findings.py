"""From what the rules said of the samples to findings: what is wrong where, and what could not be judged."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top import text
from mptcp_top.cli.check.judge import Why
from mptcp_top.cli.check.rules import SHIPPED, is_for, is_meant
from mptcp_top.cli.check.state import State, state_of
from mptcp_top.engine.alerts import value_text
from mptcp_top.rules.names import ERRORS
from mptcp_top.rules.rule import duration_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.cli.alerting import Origin
    from mptcp_top.cli.check.course import Course
    from mptcp_top.cli.check.judge import Ruling, Seen, Told
    from mptcp_top.rules.rule import Comparison, Rule


class Finding(NamedTuple):
    """What is found about one target, by one rule or because it cannot be read.

    ``says`` are the figures or the reason, ``note`` what must be known beside them. ``weight`` sorts findings of one
    state, the worst highest. A finding with ``few`` is fine for want of anything to judge.
    """

    target: str
    state: State
    says: str
    one: Origin | None = None
    rule: Rule | None = None
    note: str = ""
    weight: tuple[float, ...] = ()
    told: tuple[Told, ...] = ()
    few: bool = False

    @property
    def name(self) -> str:
        """What the rule is called, nothing if it was typed."""
        return self.one.watch.name if self.one else ""

    @property
    def not_counted(self) -> bool:
        """Whether it is that its rule asks for what the target does not count."""
        return self.one is not None and self.rule is None


def findings_of(
    courses: Mapping[str, Course], rules: Sequence[Origin], seen: Mapping[str, Seen], ended_by: str
) -> list[Finding]:
    """Return all that is found, target by target; ``ended_by`` says what came before the samples were complete."""
    found: list[Finding] = []
    for target, course in courses.items():
        known = seen.get(target)
        if trouble := _trouble(target, course, known, ended_by):
            found.append(trouble)
        if known is not None and known.observation.failure is None:
            found += [_judged(target, course, rules[n], ruling) for n, ruling in known.rulings.items()]
    read = {target: known for target in courses if (known := seen.get(target)) and known.observation.failure is None}
    return [*found, *(each for target, known in read.items() for each in _not_judged(target, rules, known))]


def _trouble(target: str, course: Course, known: Seen | None, ended_by: str) -> Finding | None:
    """Return what is wrong with the reading itself."""
    if known is None:
        return Finding(target, State.UNKNOWN, f"no answer {ended_by}")
    if failure := known.observation.failure:
        advice = f" ({failure.advice})" if failure.advice else ""
        return Finding(target, State.UNKNOWN, f"{failure.status.value}: {failure.reason}{advice}")
    if known.polls < course.samples:
        return Finding(target, State.UNKNOWN, f"{known.samples} of {course.samples} samples {ended_by}")
    return None


def _judged(target: str, course: Course, one: Origin, ruling: Ruling) -> Finding:
    truth = ruling.truths[-1]
    wanted = ceil(ruling.rule.seconds / course.interval_seconds - 1e-9)
    spanned = len(ruling.truths) > wanted
    note = "" if spanned else f"its {duration_text(ruling.rule.seconds)} not waited for"
    found = Finding(target, State.OK, says_of(ruling.told), one, ruling.rule, note, (), ruling.told)
    if truth is None:
        return _undecided(found)
    if not truth:
        return found
    if spanned and ruling.lasted() < wanted:
        return found._replace(note=f"true, but not for {duration_text(ruling.rule.seconds)} yet")
    severity = one.watch.severity
    true = [told for told in ruling.told if told.true]
    weight = (float(severity.rank), max((_excess(told.asked, told.value or 0.0) for told in true), default=0.0))
    return found._replace(state=state_of(severity), says=says_of(true), weight=weight)


def _undecided(found: Finding) -> Finding:
    """Return what to make of a rule that says nothing: fine while too little happens, else not known."""
    reasons = list(dict.fromkeys(told.why for told in found.told if told.why is not None))
    graver = [why for why in reasons if why is not Why.FEW]
    if graver:
        return found._replace(state=State.UNKNOWN, note=", ".join(why.value for why in graver))
    return found._replace(note=", ".join(why.value for why in reasons), few=True)


def _not_judged(target: str, rules: Sequence[Origin], known: Seen) -> list[Finding]:
    """Return the rules that a target has nothing for: one that was meant for it could never fail there.

    Of those shipped each is for some source only, and it goes without saying where the others are not.
    """
    found = [
        Finding(
            target,
            State.UNKNOWN if is_meant(one, target) else State.OK,
            f"{one.watch.rule.when}: not counted there",
            one,
        )
        for number, one in enumerate(rules)
        if is_for(one, target) and number not in known.rulings and one.origin != SHIPPED
    ]
    if known.rulings or any(one.state for one in found):
        return found
    return [*found, Finding(target, State.UNKNOWN, "no rule applies to it")]


def says_of(told: Sequence[Told]) -> str:
    """Return figures as text."""
    return ", ".join(_figure_text(one) for one in told)


def _figure_text(told: Told) -> str:
    asked, value = told.asked, value_text(told.asked, told.value)
    limit = "" if asked.rises else f" ({asked.test})"
    if not told.rises:
        return f"{asked.operand} {value}{limit}"
    first, *others = told.rises
    counter = f"{first.metric.label} ({first.metric.name})"
    if asked.operand.name != ERRORS:
        return f"{counter} {value}{limit}"
    more = f" and {len(others)} more" if others else ""
    return f"{f'{ERRORS} {value}{limit}, worst ' if limit else ''}{counter} {text.rate(first.rate)} /s{more}"


def _excess(asked: Comparison, value: float) -> float:
    """Return by how many times a value is on the wrong side of its limit.

    >>> from mptcp_top.rules.parser import parse
    >>> _excess(parse("join_success < 90%").when, 0.45), _excess(parse("errors > 2/s").when, 3.0)
    (2.0, 1.5)
    >>> _excess(parse("errors rises").when, 3.0), _excess(parse("sessions < 1").when, 0.0)
    (3.0, inf)
    """
    if asked.rises:
        return value
    above, below = (asked.limit, value) if asked.sign.startswith("<") else (value, asked.limit)
    return above / below if below else float("inf")
