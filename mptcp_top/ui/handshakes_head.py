"""What stands above and below the funnels: the verdict, the titles, and what cannot be shown, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mptcp_top import text
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.funnels import main_cause, passages
from mptcp_top.engine.handshake import HANDSHAKES
from mptcp_top.engine.trend import Growth
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.glyphs import AT_MOST, LIVE, NOTICE, PAUSED, RISING
from mptcp_top.ui.handshakes import before_words, since_mark
from mptcp_top.ui.handshakes_row import SIGN
from mptcp_top.ui.header import header_lines
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.numbers import counted_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.ui.handshakes import Seen
    from mptcp_top.ui.handshakes_row import Plan

_MUCH: Final = 0.05
_ONE_WAY: Final = {"netscaler": "Outbound: none. Towards servers an appliance speaks plain TCP."}
"""Why a kind of source has no funnels of its own connections."""


def head_lines(seen: Seen, basis: str, plan: Plan) -> list[Line]:
    """Return who this is, what is the matter with its handshakes, and the titles; what is down says why instead."""
    header = header_lines(seen.frame, plan.width)
    above = header if seen.frame.stale else [header[0], _verdict(seen, plan.width)]
    return [*above, _titles(basis, plan)]


def basis_words(seen: Seen) -> str:
    """Return over what time the numbers are."""
    growth, numbers, wall = seen.growth, seen.frame.numbers, seen.frame.moment.shown_wall
    if counted := counted_from(growth, wall):
        return counted
    if numbers.basis in {Basis.RATE, Basis.INTERVAL}:
        return f"in the last {text.duration(growth.seconds)}" if growth else "lately"
    if growth is not None and growth.since is not None and numbers.basis is Basis.START:
        return f"{numbers.said(wall)}, {text.when(growth.since, wall)}"
    return numbers.said(wall)


def _titles(basis: str, plan: Plan) -> Line:
    room = plan.label + plan.bar
    cells = [f"{text.shortened(basis, room):<{room}}"]
    names = (("count", plan.value), ("/s", plan.rate), ("share", plan.share), ("lost", plan.lost))
    cells += [f"{name:>{size}}" for name, size in names if size]
    cells += [f" {'over time':>{plan.trend - 1}}"] if plan.trend else []
    return Line((Piece(" " * SIGN), Piece("".join(cells), Look.QUIET)))


def _verdict(seen: Seen, width: int) -> Line:
    if seen.all_worse:
        worst, *others = seen.all_worse
        facts = [
            Fact(f"{RISING} {worst.title} {'loses ' if worst.step else ''}{text.percent(worst.share)}", Look.BAD, 10),
            Fact(f"was {before_words(worst, seen)}", Look.WARN, 9),
            Fact(worst.cause, Look.WARN, 7),
            Fact(f"{len(others)} more got worse" if others else "", Look.BAD, 8),
        ]
    elif seen.frame.observation is None:
        facts = [Fact(f"{PAUSED} {_why_nothing(seen)}", Look.QUIET, 10)]
    elif not seen.passages or all(passage.began is None for passage in seen.passages):
        facts = [Fact(f"{PAUSED} whether handshakes get lost is known after two samples", Look.QUIET, 10)]
    elif not any(passage.began for passage in seen.passages):
        facts = [Fact(f"{text.UNKNOWN} no handshake began in that time", Look.QUIET, 10)]
    else:
        facts = _no_worse(seen)
    pieces = [piece for fact in fitting(facts, width - 2) for piece in (Piece("  "), Piece(fact.text, fact.look))]
    return Line((Piece(" "), *pieces[1:]))


def _why_nothing(seen: Seen) -> str:
    return seen.frame.moment.nothing_yet


def _no_worse(seen: Seen) -> list[Fact]:
    """Say that nothing got worse: not that all is well, where much is lost all the time."""
    than = "than before the mark" if since_mark(seen) else "than before"
    steps = [(passage, place) for passage in seen.passages for place in range(1, len(passage.steps))]
    passage, place = max(steps, key=lambda step: step[0].lost_share(step[1]) or 0.0)
    share = passage.lost_share(place) or 0.0
    if share < _MUCH:
        return [Fact(f"{LIVE} no step loses more handshakes {than}", Look.GOOD, 10)]
    return [
        Fact(f"{NOTICE} {passage.handshake.title} loses {text.percent(share)}", Look.WARN, 10),
        Fact(f"not more {than}", Look.QUIET, 9),
        Fact(main_cause(passage, place)[0], Look.WARN, 8),
    ]


def notes(seen: Seen, width: int) -> list[Line]:
    """Return what is to be said below the funnels: what is not known yet or not counted, and what a sign means."""
    at = seen.frame.observation
    if at is None or not at.layout.metrics:
        return []
    counted = passages(Growth(at.layout, (None,) * len(at.layout.metrics), 0.0))
    titles = [passage.handshake.title for passage in counted]
    missing = [handshake.title for handshake in HANDSHAKES if handshake.title not in titles]
    not_counted = _ONE_WAY.get(seen.frame.target.source, f"Not counted by this target: {', '.join(missing)}.")
    sentences = (
        f"Not known before a second sample: {', '.join(titles)}." if titles and seen.growth is None else "",
        not_counted if missing else "",
        f"{AT_MOST} at most: whether these end there is not documented." if _likely(seen) else "",
    )
    return [Line((Piece(f" {note}", Look.QUIET),)) for note in _fitted(sentences, width)]


def _likely(seen: Seen) -> bool:
    steps = [step for passage in seen.passages for step in passage.steps]
    return any(part.perhaps and part.number for step in steps for part in step.parts)


def _fitted(sentences: Sequence[str], width: int) -> list[str]:
    """Return sentences as lines: in one where they fit.

    >>> _fitted(["a b.", "", "c d."], 20), _fitted(["a b.", "c d."], 8)
    (['a b. c d.'], ['a b.', 'c d.'])
    """
    lines: list[str] = []
    for sentence in filter(None, sentences):
        if lines and len(lines[-1]) + 1 + len(sentence) < width:
            lines[-1] += f" {sentence}"
        else:
            lines.append(sentence)
    return lines
