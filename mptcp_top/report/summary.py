"""The summary, to be pasted into a ticket: what was wrong, where, since when, what it means, what to check next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.engine.events import Happening
from mptcp_top.model import Severity
from mptcp_top.report.alarms import alarms_of, until_words
from mptcp_top.report.handshakes import handshake_lines
from mptcp_top.report.markdown import AT_MOST, code, prose, table
from mptcp_top.report.unseen import checked_lines, unseen_lines
from mptcp_top.report.words import counted, lasted, verdict_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mptcp_top.engine.events import Event
    from mptcp_top.report.clocks import Clock
    from mptcp_top.report.story import Account, Rise, Story

STEPS: Final = 3
_ANEW: Final = frozenset({Happening.RESET, Happening.ROLE})


def summary(story: Story) -> str:
    """Return the summary."""
    parts = (
        _head(story),
        _verdicts(story),
        _rises(story),
        _meanings(story),
        _outages(story),
        _anew(story),
        handshake_lines(story),
        _alerts(story),
        _marks(story),
        unseen_lines(story),
        checked_lines(story),
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def _head(story: Story) -> Iterator[str]:
    clock, accounts = story.span.clock, story.accounts
    samples, missed = sum(one.course.samples for one in accounts), sum(one.course.missed for one in accounts)
    programs = ", ".join(dict.fromkeys(code(session.program) for session in story.sessions))
    yield f"# MPTCP from {clock.period}"
    yield ""
    yield f"* Targets: {_targets(accounts)}"
    yield f"* Watched: {counted(samples, 'sample')} read, {counted(missed, 'poll')} missed"
    yield f"* Recording: {code(story.recording)}, made by {programs or '–'}; times are {clock.zone}"


def _targets(accounts: Sequence[Account]) -> str:
    named = ", ".join(_named(account) for account in accounts[:8])
    return f"{named}, and {len(accounts) - 8:,} more" if len(accounts) > 8 else named


def _named(account: Account) -> str:
    last = account.course.last
    product = last.identity.product if last else ""
    caution = f", {prose(account.target.caution)}" if account.target.caution else ""
    return code(account.target.name) + (f" ({prose(product)}{caution})" if product else "")


def _verdicts(story: Story) -> Iterator[str]:
    clock = story.span.clock
    yield "## Verdict, the worst first"
    yield ""
    for account in story.affected[:AT_MOST]:
        then = verdict_words(account.then, clock) if account.then else ""
        yield f"* **{code(account.target.name)}** at {clock.short(account.wall)}: {prose(then)}."
        yield f"  At the end: {prose(verdict_words(account.finally_, clock))}."
    calm = [one for one in story.accounts if one.moment is None]
    for account in calm[:AT_MOST]:
        yield f"* {code(account.target.name)}: {prose(verdict_words(account.finally_, clock))}, all the time."
    if len(calm) > AT_MOST:
        yield f"* {len(calm) - AT_MOST:,} more like that."


def _rises(story: Story) -> Iterator[str]:
    if not story.rises:
        return
    clock = story.span.clock
    yield "## What rose"
    yield ""
    titles = ("counter", "what", "severity", "target", "since", "until", "total", "peak /s", "episodes")
    yield from table(titles, (_rise_row(rise, clock) for rise in story.rises))


def _rise_row(rise: Rise, clock: Clock) -> tuple[str, ...]:
    severity = rise.metric.severity
    word = f"**{severity}**" if severity in {Severity.ERROR, Severity.SECURITY} else severity.value
    until = clock.short(rise.until)
    if rise.ongoing:
        until = f"**{'rising when it was lost**' if rise.lost else 'still rising** at the end'}, last {until}"
    since = clock.short(rise.since)
    where, what = code(rise.target.name), prose(rise.metric.label)
    numbers = f"+{rise.total:,}", text.rate(rise.peak_rate), f"{len(rise.episodes):,}"
    return (code(rise.metric.name), what, word, where, since, until, *numbers)


def _meanings(story: Story) -> Iterator[str]:
    """Yield what each counter that rose means, once for all targets, and what to check next."""
    told: dict[str, Rise] = {}
    for rise in story.rises:
        told.setdefault(rise.metric.name, rise)
    if not told:
        return
    yield "## What it means, and what to check next"
    yield ""
    for rise in list(told.values())[:AT_MOST]:
        yield f"* {code(rise.metric.name)} ({prose(rise.metric.label)}): {prose(rise.means)}"
        for step in rise.steps[:STEPS]:
            said = [
                *(["**changes something**"] if step.changes else []),
                *([prose(step.comment)] if step.comment else []),
            ]
            comment = f" – {', '.join(said)}" if said else ""
            yield f"  * {code(step.says) if step.is_command else prose(step.says)}{comment}"


def _outages(story: Story) -> Iterator[str]:
    clock = story.span.clock
    rows = [
        (
            code(account.target.name),
            clock.short(one.began),
            "**not back**" if one.ended is None else clock.short(one.ended),
            lasted(one.began, clock.end if one.ended is None else one.ended),
            f"{one.polls:,}",
            prose(one.reason),
        )
        for account in story.accounts
        for one in account.course.outages
    ]
    if rows:
        yield "## Lost"
        yield ""
        yield from table(("target", "lost", "back", "for", "polls missed", "why"), rows)


def _anew(story: Story) -> Iterator[str]:
    found = sorted(_told(story, _ANEW), key=lambda event: event.monotonic)
    if found:
        yield "## Reboots, resets, takeovers"
        yield ""
        rows = ((story.span.clock.short(one.wall), code(one.target), prose(one.says)) for one in found)
        yield from table(("time", "target", "what"), rows)


def _alerts(story: Story) -> Iterator[str]:
    """Yield the alerts and until when each held, and the commands that failed to tell of one."""
    clock, end = story.span.clock, story.span.end
    alarms = (one for account in story.accounts for one in alarms_of(account.course, end))
    found = [(one.since, one.target, one.says, until_words(one, clock)) for one in alarms]
    found += [(one.wall, one.target, one.says, "") for one in _told(story, frozenset({Happening.FAILED}))]
    if found:
        yield "## Alerts"
        yield ""
        rows = ((clock.short(since), code(name), prose(says), until) for since, name, says, until in sorted(found))
        yield from table(("since", "target", "what", "until"), rows)


def _told(story: Story, kinds: frozenset[Happening]) -> Iterator[Event]:
    return (event for account in story.accounts for event in account.course.events if event.kind in kinds)


def _marks(story: Story) -> Iterator[str]:
    if story.marks:
        yield "## Marks"
        yield ""
        yield from (f"* {story.span.clock.short(mark.wall)} {prose(mark.name)}" for mark in story.marks[-AT_MOST:])
