"""What is said before and after counters are cleared: what it will do, what became of it, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.errors import SourceError
from mptcp_top.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mptcp_top.model import Metric, Sample, Target

CLEARED: Final = "cleared"
REFUSED: Final = "refused"
UNKNOWN: Final = "unknown"
NAMED_AT_MOST: Final = 5
HANGING: Final = 12
"""How far in the lines begin that go on where a terminal is narrow."""


class Outcome(NamedTuple):
    """What became of the one request: the ``event`` of the log, and in words why."""

    target: Target
    command: str
    event: str
    reason: str = ""
    advice: str = ""


class Moved(NamedTuple):
    """The totals that were not zero, by what became of them, and how many levels there are, which are no totals."""

    zeroed: tuple[str, ...]
    began: tuple[str, ...]
    higher: tuple[str, ...]
    levels: int


def warning(before: Sample, command: str) -> Iterator[str]:
    """Yield what has to be known before anybody says yes."""
    target, identity = before.target, before.identity
    where = "" if target.address == target.name else target.address
    who = (where, identity.product, identity.host, identity.role, target.caution)
    pairs = zip(before.layout.metrics, before.values, strict=True)
    totals = sum(1 for metric, value in pairs if _is_total(metric) and value)
    yield f"{target.name}: {', '.join(part for part in who if part)}"
    yield f"  what      every total goes to zero; {totals} of them are not zero now"
    yield f"  command   {command}"
    yield "  for whom  everybody: GUI, SNMP and other monitoring see counters begin anew"
    yield f"  stays     {_levels(before)} levels (sessions now ...), connections, configuration"
    yield "  undone    it cannot be; what they read now is saved in a file first"


def outcome(found: Outcome, saved: Path) -> Iterator[str]:
    """Yield what the appliance answered, and where the numbers from before are."""
    words = {CLEARED: "cleared", REFUSED: "not cleared", UNKNOWN: "nobody can say whether it was cleared"}
    yield f"{found.target.name}: {words[found.event]} ({found.command}){f': {found.reason}' if found.reason else ''}"
    if found.advice:
        yield f"  {found.advice}"
    yield f"  saved before: {text.printable(str(saved), 5000)}"


def since(found: Outcome, before: Sample, after: Sample | SourceError) -> Iterator[str]:
    """Yield what the counters say to that."""
    if isinstance(after, SourceError):
        yield f"  could not be read afterwards: {after.reason}"
        return
    moved = moved_between(before, after)
    lower = len(moved.zeroed) + len(moved.began)
    if found.event == REFUSED and not lower:
        yield "  read again: nothing went down"
        return
    counted = lower + len(moved.higher)
    if not counted:
        yield f"  read again: {_why_none(before)}"
        return
    zeroed = "all" if len(moved.zeroed) == lower else len(moved.zeroed)
    yield f"  read again: {lower} of {counted} totals went down{f', {zeroed} of them to zero' if lower else ''}"
    for names, says in ((moved.began, "count again already"), (moved.higher, "did not go down")):
        if names:
            yield f"  {says}: {_some(names)}"
    if not lower:
        yield "  an appliance takes stock every 7 s: look again with mptcp-top stat"
    yield f"  {moved.levels} levels are no totals, and stay"


def not_begun(target: Target, error: SourceError) -> Iterator[str]:
    """Yield why nothing was even asked for."""
    yield f"{target.name}: nothing was cleared: {error.reason}"
    if error.advice:
        yield f"  {error.advice}"


def moved_between(before: Sample, after: Sample) -> Moved:
    """Return what became of every counter that was not zero and can be read before and after."""
    now = dict(zip((metric.name for metric in after.layout.metrics), after.values, strict=True))
    totals = [
        (metric.name, value, left)
        for metric, value in zip(before.layout.metrics, before.values, strict=True)
        if _is_total(metric) and value and (left := now.get(metric.name)) is not None
    ]
    return Moved(
        zeroed=tuple(name for name, _, left in totals if not left),
        began=tuple(name for name, value, left in totals if 0 < left < value),
        higher=tuple(name for name, value, left in totals if left >= value),
        levels=_levels(before),
    )


def _why_none(before: Sample) -> str:
    """Return why there is no total of which to say whether it went down."""
    pairs = zip(before.layout.metrics, before.values, strict=True)
    totals = [value for metric, value in pairs if _is_total(metric)]
    if any(totals):
        return "no total that was not zero before can be read now"
    return "no total could be read before" if None in totals else "every total was zero before, too"


def _is_total(metric: Metric) -> bool:
    return metric.kind is Kind.COUNTER


def _levels(sample: Sample) -> int:
    return sum(metric.kind is Kind.GAUGE for metric in sample.layout.metrics)


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else ""
    return ", ".join(names[:NAMED_AT_MOST]) + more
