"""The handshakes of one target as funnels: a bar a step, what was lost in between, what got worse. Pure functions."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.fallbacks import losses, shares
from mptcp_top.engine.funnels import rest_name
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.glyphs import AT_MOST, BAR, RISING
from mptcp_top.ui.handshakes_row import SIGN, Numbers, Plan, State, cells_of, row_line, segment
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.panels import headline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mptcp_top.engine.fallbacks import Fallbacks
    from mptcp_top.engine.funnels import Part, Passage, Worse
    from mptcp_top.engine.trend import Cell, Growth
    from mptcp_top.model import Metric
    from mptcp_top.ui.frame import Frame

REST: Final = "rest"
"""What the key of a rest begins with, in the place of a counter's name."""

_LITTLE: Final = 0.1
"""What may explain no more than this of a rest is not worth a line."""

NO_WORSE: Final[Mapping[str, Worse]] = MappingProxyType({})


class Seen(NamedTuple):
    """What the screen shows of a target: what went through each funnel, what got worse (by step), what fell back."""

    frame: Frame
    growth: Growth | None = None
    passages: tuple[Passage, ...] = ()
    worse: Mapping[str, Worse] = NO_WORSE
    fallbacks: Fallbacks | None = None
    more_fallbacks: Worse | None = None

    @property
    def all_worse(self) -> list[Worse]:
        """All that got worse, the worst first."""
        more = [self.more_fallbacks] if self.more_fallbacks else []
        return sorted([*self.worse.values(), *more], key=lambda worse: -worse.by)


class Sight(NamedTuple):
    """How it is looked at: the columns, the row cursor, and whether what did not move is shown as well."""

    plan: Plan
    cursor: str = ""
    zeros: bool = False


def funnel_lines(seen: Seen, passage: Passage, sight: Sight) -> list[Line]:
    """Return the lines of one funnel: its headline alone where nothing went through it."""
    lines = [_headline(seen, passage, sight.plan), *_unsent_lines(seen, passage, sight)]
    if not sight.zeros and not any(step.number for step in passage.steps):
        return lines
    for place, step in enumerate(passage.steps):
        lines += _lost_lines(seen, passage, place, sight) if place else []
        lines.append(_step_line(seen, passage, place, sight))
        worse = seen.worse.get(step.metric.concept)
        lines += [worse_line(worse, sight.plan, seen)] if worse is not None else []
    return lines


def _headline(seen: Seen, passage: Passage, plan: Plan) -> Line:
    share = passage.share(len(passage.steps) - 1)
    worse = any(step.metric.concept in seen.worse for step in passage.steps)
    if passage.began is None:
        says = Fact(f"{text.UNKNOWN} not known", Look.QUIET, 9)
    elif share is None:
        says = Fact("nothing began", Look.QUIET, 9)
    else:
        says = Fact(f"{text.percent(share)} {passage.handshake.done}", Look.WARN if share < 0.95 else Look.QUIET, 9)
    facts = [Fact(f"{RISING} got worse" if worse else "", Look.BAD, 8), says]
    return headline(f" {passage.handshake.title}", facts, plan.width - 1, "", "none")


def _unsent_lines(seen: Seen, passage: Passage, sight: Sight) -> Iterator[Line]:
    for part in passage.unsent:
        if part.number or sight.zeros:
            lost = f"{AT_MOST} unsent" if part.perhaps else "unsent"
            state = _state(seen, sight, _key(part.metric, passage), quiet=part.perhaps)
            yield row_line(sight.plan, f"  {part.says}", Numbers(part.number, passage.seconds, lost=lost), state)


def _step_line(seen: Seen, passage: Passage, place: int, sight: Sight) -> Line:
    step, plan = passage.steps[place], sight.plan
    share = passage.share(place)
    numbers = Numbers(step.number, passage.seconds, text.percent(share), bar=BAR * cells_of(share or 0.0, plan.bar - 1))
    if place:
        before = passage.steps[place - 1].metric
        trend = losses(*_cells(seen, plan, before, step.metric)) if plan.trend else None
        numbers = numbers._replace(lost=text.percent(passage.lost_share(place)), trend=trend)
    worse = step.metric.concept in seen.worse
    return row_line(plan, step.metric.label, numbers, _state(seen, sight, _key(step.metric, passage), worse=worse))


class _Lost(NamedTuple):
    """Some that did not reach a step, by a counter (the rest has none), and where in the bar they are drawn."""

    says: str
    number: int
    part: Part | None = None
    upper: float = 0.0
    lower: float = 0.0

    @property
    def sure(self) -> bool:
        """Whether these are known to have got lost here."""
        return self.part is None or not self.part.perhaps


def _lost_lines(seen: Seen, passage: Passage, place: int, sight: Sight) -> Iterator[Line]:
    """Yield what became of those that did not reach a step: the counted ones, the rest, the likely ones of the rest."""
    step = passage.steps[place]
    if step.lost is None:
        return
    for lost in _lost(passage, place):
        if sight.zeros or (lost.number if lost.sure else lost.number > _LITTLE * step.rest > 0):
            yield _lost_line(seen, passage, place, lost, sight)
    if step.beyond:
        numbers = Numbers(step.beyond, passage.seconds)
        yield row_line(sight.plan, "  began before that time", numbers, State(quiet=True))


def _lost(passage: Passage, place: int) -> Iterator[_Lost]:
    step, began = passage.steps[place], passage.began or 1
    upper = passage.share(place - 1) or 0.0
    for part in step.parts:
        if not part.perhaps:
            lower = max(0.0, upper - part.number / began)
            yield _Lost(part.says, part.number, part, upper, lower)
            upper = lower
    says = rest_name(passage.steps[place - 1].metric, step.metric)
    yield _Lost(says, step.rest, None, upper, max(0.0, upper - step.rest / began))
    for part in step.parts:
        if part.perhaps:
            yield _Lost(part.says, part.number, part)


def _lost_line(seen: Seen, passage: Passage, place: int, lost: _Lost, sight: Sight) -> Line:
    before, step, plan = passage.steps[place - 1], passage.steps[place], sight.plan
    metric = lost.part.metric if lost.part else None
    number = lost.number if lost.sure else min(lost.number, step.rest)
    share = text.percent(min(1.0, number / before.number) if before.number else None)
    trend = shares(*_cells(seen, plan, metric, before.metric)) if metric and plan.trend else None
    bar = segment(lost.upper, lost.lower, plan.bar - 1) if lost.number else ""
    at_most = "" if lost.sure or not number else AT_MOST
    numbers = Numbers(lost.number, passage.seconds, "", f"{at_most}{share}", bar, trend)
    key = _key(metric, passage) if metric else f"{REST}:{step.metric.concept}@{passage.handshake.name}"
    return row_line(plan, f"  {lost.says}", numbers, _state(seen, sight, key, quiet=not lost.sure))


def worse_line(worse: Worse, plan: Plan, seen: Seen) -> Line:
    """Return what got worse at a step, in words: what is lost now, what it was and until when, and mostly for what."""
    facts = [
        Fact(f"{RISING} {text.percent(worse.share)} {'lost ' if worse.step else ''}now", Look.BAD, 9),
        Fact(f"was {before_words(worse, seen)}", Look.WARN, 8),
        Fact(worse.cause, Look.WARN, 5),
    ]
    kept = fitting(facts, plan.width - SIGN - 3)
    pieces = [piece for fact in kept for piece in (Piece("  "), Piece(fact.text, fact.look))]
    return Line((Piece(" " * SIGN), *pieces))


def before_words(worse: Worse, seen: Seen) -> str:
    """Return what share was lost before, and until when."""
    until = "before the mark" if since_mark(seen) else f"until {text.when(worse.since, seen.frame.moment.shown_wall)}"
    return f"{text.percent(worse.before)} {until}"


def since_mark(seen: Seen) -> bool:
    """Whether what got worse is asked of the time since the mark."""
    return seen.frame.basis is Basis.MARK and seen.frame.numbers.mark is not None


def _state(seen: Seen, sight: Sight, key: str, *, worse: bool = False, quiet: bool = False) -> State:
    return State(key, bool(key) and key == sight.cursor, worse, quiet or seen.frame.stale)


def _key(metric: Metric | None, passage: Passage) -> str:
    return f"{metric.name}@{passage.handshake.name}" if metric else ""


def _cells(seen: Seen, plan: Plan, *metrics: Metric) -> list[list[Cell]]:
    return [seen.frame.trend(metric, plan.trend - 1, growing=False) for metric in metrics]
