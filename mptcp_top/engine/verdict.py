"""The verdict on a target: what is wrong, in words, what is behind it first; and when all is well, what was wrong last.

A verdict is a list of findings. There are no weights: what comes first follows from two rules. What explains another
finding stands before it: a flood before the errors it makes, a reboot before what rose after it, an error that rises
before the handshakes it spoils, these before the alert they raise. Else the worse concern stands first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.evidence import Evidence, Finding, Last
from mptcp_top.engine.findings import alerts, changes, errors, handshakes, listed, stale
from mptcp_top.engine.standing import Concern, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence


class Verdict(NamedTuple):
    """What is to be said of a target. ``last`` is there where nothing is wrong now; ``quiet`` is what is silenced.

    It is not ``known`` whether errors rise before an appliance's first refresh.
    """

    findings: tuple[Finding, ...] = ()
    last: Last | None = None
    quiet: tuple[str, ...] = ()
    known: bool = True

    @property
    def standing(self) -> Standing:
        """Where the target stands among others: by its worst finding; the reasons are those of all of them."""
        worst = max(self.findings, key=lambda one: (one.concern, one.severity, one.rate), default=None)
        if worst is None:
            return Standing(reason=f"silenced: {', '.join(self.quiet)}" if self.quiet else "")
        reasons = listed(one.short for one in self.findings if one.short)
        return Standing(worst.concern, worst.severity, worst.rate, reasons)


def verdict_of(evidence: Evidence) -> Verdict:
    """Return the verdict.

    >>> verdict_of(Evidence(None)).standing.concern.name
    'CONNECTING'
    """
    seen = evidence.observation
    if seen is None:
        return Verdict((Finding(Concern.CONNECTING, "waiting for the first counters", short="connecting"),))
    if seen.failure is not None:
        reason = seen.failure.reason
        return Verdict((Finding(Concern.DOWN, reason, hint=seen.failure.advice, short=reason),))
    findings = [
        *errors(evidence, seen),
        *handshakes(evidence, seen),
        *alerts(evidence),
        *changes(evidence, seen),
        *stale(evidence),
    ]
    if not findings and not evidence.known:
        return Verdict((_UNKNOWN_YET,), quiet=evidence.quiet)
    ordered = sorted(findings, key=lambda one: not _behind(one, findings))
    return Verdict(tuple(ordered), None if ordered else evidence.last, evidence.quiet)


NOT_REMEMBERED: Final = Verdict(
    (Finding(Concern.CONNECTING, "no counters are known of that moment", short="not known then"),)
)
"""The verdict on a target at a moment before everything that is remembered of it."""

_UNKNOWN_YET: Final = Finding(
    Concern.CONNECTING, "whether errors rise is known after the first refresh", short="known after a refresh"
)


def _behind(finding: Finding, findings: Sequence[Finding]) -> bool:
    """Whether a finding explains others: a flood does, and a change explains what rose after it."""
    if finding.concern is Concern.CHANGED:
        others = [one.since for one in findings if one.concern > Concern.CHANGED]
        return finding.since is not None and any(since is not None and since >= finding.since for since in others)
    return finding.behind
