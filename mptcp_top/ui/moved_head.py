"""What stands above what moved: since when, how much, which shares changed, whose counters began anew. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.trend import Astray
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.glyphs import HIGHER, LIVE, LOWER, MARK, PAUSED, RISING
from mptcp_top.ui.line import Line, Look, Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.engine.shift import ShareShift
    from mptcp_top.ui.moved import Change, Since

_WHY: Final = {
    Astray.RESET: "counters began anew at",
    Astray.FIRST: "first read at",
    Astray.OUTAGE: "not read at the mark, but at",
}


class Late(NamedTuple):
    """A target ("": the only one) that is not counted from the mark, or the start, itself: since when, and why."""

    target: str
    wall: float
    why: Astray


def head_line(changes: Sequence[Change], since: Since, wall: float, width: int) -> Line:
    """Return since when, and how many errors and how many counters moved or changed."""
    errors = sum(change.moved.metric.flagged and change.moved.grown > 0 for change in changes)
    changed = sum(change.changed for change in changes)
    facts = [
        Fact(_when(since, wall), Look.TITLE, 10),
        _errors(errors, since),
        _unknown(since),
        Fact(f"{text.count(changed)} changed" if since.before else "", Look.PLAIN, 8),
        Fact(_against(since), Look.QUIET, 4),
        Fact(f"{text.count(sum(change.moved.grown > 0 for change in changes))} counters in all", Look.QUIET, 5),
        Fact(f"on {since.targets} targets" if since.targets > 1 else "", Look.QUIET, 3),
    ]
    pieces = [piece for fact in fitting(facts, width - 2) for piece in (Piece("  "), Piece(fact.text, fact.look))]
    return Line((Piece(" "), *pieces[1:]))


def _errors(errors: int, since: Since) -> Fact:
    if errors:
        return Fact(f"{RISING} {text.count(errors)} error{'s' if errors > 1 else ''} moved", Look.BAD, 9)
    known = since.unknown < since.targets
    return Fact(f"{LIVE} no error moved" if known else "", Look.GOOD, 9)


def _unknown(since: Since) -> Fact:
    words = "not known then" if since.past else "not read yet"
    of = "" if since.unknown == since.targets else f"{text.count(since.unknown)} "
    return Fact(f"{PAUSED} {of}{words}" if since.unknown else "", Look.QUIET, 9)


def _when(since: Since, wall: float) -> str:
    if since.mark is not None:
        ago = text.duration(wall - since.mark.wall)
        return f"{MARK} since {since.mark.name}, {text.when(since.mark.wall, wall)}, {ago} ago"
    if since.start is not None:
        return f"since the start, {text.when(since.start, wall)}; m sets a mark"
    return "no target has been read yet"


def _against(since: Since) -> str:
    if since.mark is None:
        return ""
    return f"against the {text.duration(since.before)} before" if since.before else "what was before is not known"


def share_lines(shares: Sequence[tuple[str, ShareShift]], width: int) -> list[Line]:
    """Return the shares that changed, each with its target where there are several; the farthest first."""
    facts = [
        Fact(
            f"{_whose(name)}{one.name} {text.percent(one.before)} -> {text.percent(one.since)} "
            f"{HIGHER if one.since > one.before else LOWER}",
            Look.BAD if one.worse else Look.GOOD,
            0,
        )
        for name, one in sorted(shares, key=lambda share: -abs(share[1].since - share[1].before))
    ]
    return [_as_many_as_fit(facts, width)] if facts else []


def late_lines(late: Sequence[Late], wall: float, width: int) -> list[Line]:
    """Return which counters are not counted from the mark, or the start, but from another moment."""
    facts = [
        Fact(f"{_whose(one.target)}{_WHY[one.why]} {text.when(one.wall, wall)}; counted from there", Look.WARN, 0)
        for one in sorted(late, key=lambda one: one.why is not Astray.RESET)
    ]
    return [_as_many_as_fit(facts, width)] if facts else []


def _whose(target: str) -> str:
    return f"{target}: " if target else ""


def _as_many_as_fit(facts: Sequence[Fact], width: int) -> Line:
    """Return a line of facts, and how many more there are; the first stands there in any case."""
    kept = list(facts)
    while len(kept) > 1 and sum(len(fact.text) + 3 for fact in (*kept, *_more(facts, kept))) > width - 1:
        kept.pop()
    said = (*kept, *_more(facts, kept))
    return Line(tuple(piece for fact in said for piece in (Piece("   "), Piece(fact.text, fact.look))))


def _more(facts: Sequence[Fact], kept: Sequence[Fact]) -> list[Fact]:
    more = len(facts) - len(kept)
    return [Fact(f"and {text.count(more)} more", Look.QUIET, 0)] if more else []
