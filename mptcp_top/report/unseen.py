"""What the summary owes to honesty: what was not seen, and what was looked at without finding anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.report.markdown import code, prose
from mptcp_top.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mptcp_top.model import Metric
    from mptcp_top.report.story import Account, Story

AT_MOST: Final = 50
NAMED: Final = 12
LATE_SECONDS: Final = 5.0
"""So much later than the rest may a target's first sample be."""


def unseen_lines(story: Story) -> Iterator[str]:
    """Yield what was not seen: times that are not recorded, targets that were not read, counters without a value."""
    lines = [*_beyond(story), *(line for account in story.accounts for line in _of_target(account, story))]
    if not lines:
        return
    yield "## Not seen"
    yield ""
    yield from lines[:AT_MOST]
    if len(lines) > AT_MOST:
        yield f"* and {len(lines) - AT_MOST:,} more of that kind."


def checked_lines(story: Story) -> Iterator[str]:
    """Yield what was watched without a finding."""
    yield "## Checked"
    yield ""
    if not story.rises:
        yield f"* No error rose on {counted(len(story.accounts), 'target')}."
    for account in story.accounts[:AT_MOST]:
        yield from _checked(account)


def _beyond(story: Story) -> Iterator[str]:
    clock, asked = story.span.clock, story.span.asked
    for began, ended in ((asked.begin, clock.begin), (clock.end, asked.end)):
        if ended - began >= 1.0:
            yield f"* {asked.short(began)} to {asked.short(ended)} is not in the recording."


def _of_target(account: Account, story: Story) -> Iterator[str]:
    course, clock, name = account.course, story.span.clock, code(account.target.name)
    if course.first is None:
        yield f"* {name} was never read in this time."
        return
    if course.first.wall - clock.begin > max(LATE_SECONDS, 2 * course.first.interval_seconds):
        yield f"* {name} was first read at {clock.short(course.first.wall)}."
    for one in course.unseen:
        stretch = f"{clock.short(one.began)} to {clock.short(one.ended)}, {text.duration(one.ended - one.began)}"
        yield f"* {name}: {stretch}: {prose(one.why)}."
    newest = course.newest
    if newest is not None and clock.end - newest.wall > max(LATE_SECONDS, 3 * newest.interval_seconds):
        yield f"* {name}: nothing is recorded after {clock.short(newest.wall)}."
    yield from _without(account)


def _without(account: Account) -> Iterator[str]:
    """Yield the counters that nothing is known of, and those that nothing can be derived from."""
    unknown, name = _unknown(account), code(account.target.name)
    missing = [metric for metric in unknown if not metric.ambiguous]
    if missing:
        yield f"* {name} had no value for {counted(len(missing), 'counter')}: {_listed(missing)}."
    if either := [metric for metric in unknown if metric.ambiguous]:
        yield f"* {name}: nothing is derived from {_listed(either)}: each may be either of two counters of that name."


def _listed(metrics: Sequence[Metric]) -> str:
    named = ", ".join(code(one.name) for one in metrics[:NAMED])
    return f"{named} and {len(metrics) - NAMED} more" if len(metrics) > NAMED else named


def _unknown(account: Account) -> list[Metric]:
    last = account.course.last
    if last is None or last.values is None:
        return []
    pairs = zip(last.layout.metrics, last.values, strict=True)
    return [metric for metric, value in pairs if value is None or metric.ambiguous]


def _checked(account: Account) -> Iterator[str]:
    course, name = account.course, code(account.target.name)
    if course.last is None:
        return
    unknown = {metric.name for metric in _unknown(account)}
    watched = [metric for metric in course.last.layout.metrics if metric.flagged and metric.name not in unknown]
    rose, grown = {rise.metric.name for rise in account.rises}, course.grown
    quiet = [metric for metric in watched if metric.name not in rose]
    moved = [metric for metric in quiet if grown.get(metric.name)]
    errors = counted(len(watched), "error counter")
    yield f"* {name}: of {errors} {len(rose)} rose, nothing else." if rose else f"* {name}: none of {errors} rose."
    if moved:
        listed = ", ".join(f"{code(one.name)} +{grown[one.name]:,}" for one in moved[:NAMED])
        yield f"  Moved, but too slowly or with an innocent explanation: {listed}."
