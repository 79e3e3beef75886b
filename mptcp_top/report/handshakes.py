"""What the summary says of handshakes: how many came through, before and after a mark, and which step got worse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.engine.funnels import Passage, passages
from mptcp_top.report.markdown import AT_MOST, code, prose, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mptcp_top.engine.slumps import Slump
    from mptcp_top.engine.trend import Growth
    from mptcp_top.report.clocks import Clock
    from mptcp_top.report.story import Account, Story

SAME_SECONDS: Final = 0.001


def handshake_lines(story: Story) -> Iterator[str]:
    """Yield the section about handshakes; none where none began."""
    split = any(account.course.after is not None for account in story.accounts)
    rows = [row for account in story.accounts for row in _rows(account, split=split)]
    worse = [line for account in story.accounts for line in _worse(account, story.span.clock)]
    if not rows:
        return
    yield "## Handshakes"
    yield ""
    mark = code(story.marks[-1].name) if story.marks else ""
    shares = (f"came through before the mark {mark}", "after it") if split else ("came through",)
    yield from table(("target", "handshake", *shares), rows)
    if worse:
        yield ""
        yield from worse[:AT_MOST]


def share_of(passed: Passage | None) -> str:
    """Return how many of those that began came through."""
    if passed is None or passed.began is None or passed.steps[-1].number is None:
        return text.UNKNOWN
    if not passed.began:
        return "none began"
    return f"{text.percent(passed.share(-1))} of {passed.began:,}"


def _rows(account: Account, *, split: bool) -> Iterator[tuple[str, ...]]:
    parts = [_passages(growth) for growth in (account.course.before, account.course.after)[: 1 + split]]
    for title in dict.fromkeys(title for part in parts for title in part):
        found = [part.get(title) for part in parts]
        if any(one is not None and one.began for one in found):
            yield (code(account.target.name), title, *map(share_of, found))


def _passages(growth: Growth | None) -> dict[str, Passage]:
    return {} if growth is None else {one.handshake.title: one for one in passages(growth)}


def _worse(account: Account, clock: Clock) -> Iterator[str]:
    """Yield when fewer handshakes came through than before, and at which step they died."""
    name = code(account.target.name)
    for funnel in dict.fromkeys(slump.funnel for slump in account.course.slumps):
        slumps = [one for one in account.course.slumps if one.funnel == funnel]
        yield f"* {name}: {_slumps(slumps, account.course.stops, clock)}."
    for one in account.worse:
        yield (
            f"* {name}: {one.title}, before {prose(one.step)}: {text.percent(one.share)} lost since "
            f"{clock.short(one.since)}, {text.percent(one.before)} before; most of it: {prose(one.cause)}."
        )


def _slumps(slumps: Sequence[Slump], stops: Sequence[float], clock: Clock) -> str:
    """Say how often fewer came through one kind of handshake, and when it was worst."""
    worst = max(slumps, key=lambda one: (one.was.share or 0.0) - (one.shows.share or 0.0))
    fell = f"{worst.funnel} fell from {text.percent(worst.was.share)} to {text.percent(worst.shows.share)}"
    often = f", the worst of {len(slumps):,} times" if len(slumps) > 1 else ""
    return f"{fell} at {clock.short(worst.started)}, {_how_long(worst, stops)}{often}"


def _how_long(slump: Slump, stops: Sequence[float]) -> str:
    """Say how long a slump lasted, or that nobody knows because nothing was recorded any more."""
    if slump.until == float("inf"):
        return "until the end"
    lasted = text.duration(slump.until - slump.began)
    cut = any(abs(slump.until - stop) < SAME_SECONDS for stop in stops)
    return f"still so when the recording stopped {lasted} later" if cut else f"for {lasted}"
