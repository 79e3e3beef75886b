"""Sentences of the summary: verdicts, and how long something lasted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top import text
from mptcp_top.engine.standing import Concern

if TYPE_CHECKING:
    from mptcp_top.engine.evidence import Finding
    from mptcp_top.engine.verdict import Verdict
    from mptcp_top.report.clocks import Clock


def verdict_words(verdict: Verdict, clock: Clock) -> str:
    """Return a verdict as a sentence, as the head of the host screen says it.

    >>> from mptcp_top.engine.verdict import Verdict
    >>> from mptcp_top.report.clocks import Clock
    >>> verdict_words(Verdict(), Clock(0.0, 9.0))
    'no error is rising'
    """
    if not verdict.findings:
        return "no error is rising"
    return "; ".join(_finding(finding, clock) for finding in verdict.findings)


def _finding(finding: Finding, clock: Clock) -> str:
    when = "" if finding.since is None else f"{'at' if finding.once else 'since'} {clock.short(finding.since)}"
    hint = "" if finding.concern is Concern.CHANGED else finding.hint
    said = ", ".join(filter(None, (finding.says, finding.which, when)))
    return f"{said} ({hint})" if hint else said


def lasted(began: float, ended: float) -> str:
    """Return how long something took.

    >>> lasted(10.0, 10.0), lasted(10.0, 85.0)
    ('once', '1 min 15 s')
    """
    return text.duration(ended - began) if ended > began else "once"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number of things.

    >>> counted(1, "sample"), counted(1200, "sample"), counted(0, "box", "boxes")
    ('1 sample', '1,200 samples', '0 boxes')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
