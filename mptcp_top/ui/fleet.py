"""The fleet as lines: a row a target, worst first, what does not fit left out by weight. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.standing import Concern
from mptcp_top.model import Status
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.glyphs import DOWN, LIVE, NOTICE, PAUSED, PICKED, RISING
from mptcp_top.ui.header import SIGNS
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.numbers import Numbers, count_text, counted_from
from mptcp_top.ui.sparkline import sparkline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mptcp_top.engine.trend import Cell
    from mptcp_top.ui.frame import Moment
    from mptcp_top.ui.glance import Glance

NAME: Final = "target"
LATELY_SECONDS: Final = 3600.0
"""How long what was wrong last is told of a target that is well again."""

TREND_CELLS: Final = 10
_NAME_AT_MOST: Final = 28
_TITLED: Final = 80
_STATE: Final = 16
_DOWN_WORDS: Final = {
    Status.UNREACHABLE: "down",
    Status.AUTH_FAILED: "refused",
    Status.BAD_REPLY: "unreadable",
    Status.UNSUPPORTED: "no MPTCP",
    Status.NO_ACCESS: "no access",
}


class Column(NamedTuple):
    """One column: its title, width, weight (the lightest go first), what it shows, and what it is sorted by."""

    title: str
    width: int
    weight: int
    shows: Callable[[Glance, Moment], str]
    order: Callable[[Glance], float]
    left: bool = False


def _number(value: float | None) -> float:
    """Return a sort key that puts the unknown last, whichever way numbers are sorted."""
    return float("-inf") if value is None else value


def _amount(glance: Glance, rate: float | None, count: int | None, width: int) -> str:
    """Return a rate, or how far something grew where growth is counted since a moment."""
    return text.rate(rate) if glance.numbers.basis is Basis.RATE else count_text(count, width)


def _weight(glance: Glance, rate: float | None, count: int | None) -> float:
    return _number(rate if glance.numbers.basis is Basis.RATE else count)


def _state(glance: Glance, now: Moment) -> str:
    """Return the state in words: how old the numbers are and the HA role, or since when there are none.

    A long time is said in its larger unit only: no column moves for it.
    """
    seen = glance.observation
    if seen is None:
        return now.nothing
    if seen.failure is not None:
        word = _DOWN_WORDS.get(seen.failure.status, "down")
        counted = seen.values_monotonic
        return word if counted is None else _with_time(f"{word} ", now.shown_monotonic - counted)
    return _with_time("", glance.age_seconds or 0.0, f" {seen.identity.role}" if seen.identity.role else "")


def _with_time(before: str, seconds: float, after: str = "") -> str:
    """Return words around a length of time, in the width of the column if that can be.

    >>> _with_time("unreadable ", 8130), _with_time("", 61, " primary"), _with_time("down ", 135)
    ('unreadable 2 h', '1 min primary', 'down 2 min 15 s')
    """
    said = text.duration(seconds)
    short = " ".join(said.split()[:2])
    return next(
        (f"{before}{one}{after}" for one in (said, short) if len(before + one + after) <= _STATE), after.strip()
    )


COLUMNS: Final = (
    Column(
        "state",
        _STATE,
        90,
        _state,
        lambda glance: float(glance.standing.concern),
        left=True,
    ),
    Column(
        "sessions",
        10,
        60,
        lambda glance, _: text.short_count(glance.sessions, 10),
        lambda glance: _number(glance.sessions),
    ),
    Column(
        "new /s",
        7,
        55,
        lambda glance, _: _amount(glance, glance.new_rate, glance.new_count, 7),
        lambda glance: _weight(glance, glance.new_rate, glance.new_count),
    ),
    Column(
        "accepted", 8, 40, lambda glance, _: text.percent(glance.accepted), lambda glance: -_number(glance.accepted)
    ),
    Column("joins", 7, 70, lambda glance, _: text.percent(glance.joins), lambda glance: -_number(glance.joins)),
    Column("fallback", 8, 45, lambda glance, _: text.percent(glance.fallback), lambda glance: _number(glance.fallback)),
    Column(
        "errors /s",
        9,
        80,
        lambda glance, _: _amount(glance, glance.error_rate, glance.error_count, 9),
        lambda glance: _weight(glance, glance.error_rate, glance.error_count),
    ),
)
"""Beside the name, the trend and the reason, which are always asked for first, and dropped by their own weights."""

_TREND_WEIGHT: Final = 50
_REASON: Final = Column("why", 24, 75, lambda glance, _: glance.standing.reason, lambda _: 0.0, left=True)


class Plan(NamedTuple):
    """Which columns there is room for; ``reason`` and ``trend`` are widths, 0 where there is none."""

    name: int
    columns: tuple[Column, ...]
    trend: int
    reason: int
    numbers: Numbers = Numbers()


def plan_of(glances: Sequence[Glance], width: int) -> Plan:
    """Return the columns for a width: what does not fit is left out whole, the lightest first."""
    titled = len(f"{NAME}+") if width >= _TITLED else 1  # where it is narrow, a column has no title rather than cells
    longest = max([titled, *(len(glance.target.name) for glance in glances)])
    name = min(_NAME_AT_MOST, longest, max(8, width // 3))
    left = width - 1 - 3 - name  # the last column is the scrollbar's
    wanted: list[tuple[int, int, Column | None]]
    wanted = [(column.weight, column.width + 2, column) for column in (*COLUMNS, _REASON)]
    wanted.append((_TREND_WEIGHT, TREND_CELLS + 2, None))
    kept: list[Column] = []
    trend = 0
    for _, size, column in sorted(wanted, key=lambda one: -one[0]):
        if size > left:
            continue
        left -= size
        if column is None:
            trend = TREND_CELLS
        else:
            kept.append(column)
    shown = tuple(column for column in COLUMNS if column in kept)
    numbers = glances[0].numbers if glances else Numbers()
    return Plan(name, shown, trend, _REASON.width + left if _REASON in kept else 0, numbers)


def title_line(plan: Plan, order: Order) -> Line:
    """Return the titles; the one the rows are sorted by says so."""

    def title(words: str) -> str:
        counted = words if plan.numbers.basis is Basis.RATE else words.removesuffix(" /s")
        return f"{counted}{'-' if order.backwards else '+'}" if words == order.title else counted

    cells = [f"{title(NAME) if len(title(NAME)) <= plan.name else '':<{plan.name}}"]
    for column in plan.columns:  # the sign of the order may take a cell of the gap before it
        words = title(column.title)
        cells.append(f"  {words:<{column.width}}" if column.left else f"{words:>{column.width + 2}}")
    if plan.trend:
        cells.append(f"  {'trend':<{plan.trend}}")
    if plan.reason:
        cells.append("  why")
    return Line((Piece("   "), Piece("".join(cells), Look.QUIET)))


def row_line(glance: Glance, trend: Sequence[Cell], plan: Plan, now: Moment, cursor: str) -> Line:
    """Return the row of a target."""
    sign, look = sign_of(glance)
    quiet = Look.QUIET if glance.stale or glance.observation is None else Look.PLAIN
    name = text.shortened(glance.target.name, plan.name)
    pieces = [Piece(f" {sign} ", look), Piece(f"{name:<{plan.name}}", Look.TITLE if look is Look.BAD else Look.PLAIN)]
    for column in plan.columns:
        shown = column.shows(glance, now)
        cell = f"{shown:<{column.width}}" if column.left else f"{shown:>{column.width}}"
        pieces += [Piece("  "), Piece(cell, _look_of(column, glance, quiet))]
    if plan.trend:
        pieces += [Piece("  "), Piece(f"{sparkline(trend):>{plan.trend}}", Look.TREND)]
    if plan.reason:
        counted = counted_from(glance.grown, now.shown_wall)
        counted = counted if len(counted) <= plan.reason else counted.removeprefix("counted ")
        why = glance.standing.reason or counted or _last(glance, now, plan.reason)
        shown = look if look is Look.BAD else quiet if glance.standing.reason else Look.QUIET
        pieces += [Piece("  "), Piece(_cut(why, plan.reason), shown)]
    return Line(tuple(pieces), selected=glance.target.name == cursor, key=glance.target.name)


def _last(glance: Glance, now: Moment, width: int) -> str:
    """Return what was wrong last with a target that is well, if that was lately."""
    last = glance.verdict.last
    if last is None or now.shown_wall - last.wall > LATELY_SECONDS:
        return ""
    said = f"{text.when(last.wall, now.shown_wall)} {last.says}"
    return f"last {said}" if len(said) + 5 <= width else said


def picked_line(line: Line) -> Line:
    """Return the row of a target that is picked: a tick stands before its sign."""
    sign, *rest = line.pieces
    return line._replace(pieces=(Piece(PICKED, Look.TITLE), sign._replace(text=sign.text[1:]), *rest))


def detail_lines(glance: Glance | None, now: Moment, width: int) -> list[Line]:
    """Return what is to be said of one target in two lines: since when and why, and what may be done about it."""
    counted = counted_from(glance.grown, now.shown_wall) if glance else ""
    if glance is None or (glance.standing.concern is Concern.NONE and not counted):
        return [Line(), Line()]
    since, advice = _since_and_advice(glance, now)
    head = f" {glance.target.name}  "
    since = "".join(f"{words}  " for words in (counted, since) if words)
    reason = _cut(glance.standing.reason, max(10, width - len(head) - len(since) - 1)).rstrip()
    says = _begun(advice, width - 3)
    return [
        Line((Piece(head, Look.TITLE), Piece(since), Piece(reason))),
        Line((Piece(f"   {says}", Look.WARN),)) if says else Line(),
    ]


def _begun(advice: str, width: int) -> str:
    """Return as many whole words as fit, and where the others are.

    >>> _begun("give --cacert FILE with the authority that signed it", 40)
    'give --cacert FILE… (Enter: all of it)'
    """
    more = "… (Enter: all of it)"
    return advice if len(advice) <= width else f"{advice[: max(1, width - len(more) + 1)].rsplit(' ', 1)[0]}{more}"


def _since_and_advice(glance: Glance, now: Moment) -> tuple[str, str]:
    seen = glance.observation
    if seen is not None and seen.failure is not None:
        return "", "; ".join(part for part in (_retry(glance, now), seen.failure.advice) if part)
    first = next(iter(glance.verdict.findings), None)
    if seen is None or first is None:
        return "", ""
    hint = "Enter: the numbers; e: what happened" if first.called else first.hint
    if first.metric is not None:
        hint = f"{hint}  (Enter: what to check)" if hint else "Enter: what to check"
    return "" if first.since is None else f"{'at' if first.once else 'since'} {text.when(first.since, seen.wall)}", hint


class Order(NamedTuple):
    """What the rows are sorted by: a column's title, or "" for the worst first."""

    title: str = ""
    backwards: bool = False


def head_lines(glances: Sequence[Glance], chosen: str, order: Order, now: Moment, width: int) -> list[Line]:
    """Return what stands above the rows: the verdict over all, what is to be said of one, and the titles.

    The one is the chosen target, or the worst.
    """
    worst = max(glances, key=lambda glance: glance.standing, default=None)
    about = next((glance for glance in glances if glance.target.name == chosen), worst)
    titles = title_line(plan_of(glances, width), order)
    return [summary_line(glances, now, width), *detail_lines(about, now, width), titles]


def summary_line(glances: Sequence[Glance], now: Moment, width: int) -> Line:
    """Return the verdict over all targets: how many are in trouble, and which is worst."""
    counts: Mapping[Concern, int] = {
        concern: sum(glance.standing.concern is concern for glance in glances) for concern in Concern
    }
    worst = max(glances, key=lambda glance: glance.standing, default=None)
    connecting = sum(glance.observation is None for glance in glances)
    unknown = counts[Concern.CONNECTING] - connecting
    rising, failing = counts[Concern.SECURITY] + counts[Concern.ERRORS], counts[Concern.HANDSHAKES]
    facts = [
        Fact(f"{DOWN} {counts[Concern.DOWN]:,} down" if counts[Concern.DOWN] else "", Look.BAD, 10),
        Fact(f"{RISING} errors rise on {rising:,}" if rising else "", Look.BAD, 9),
        Fact(f"{NOTICE} alerts on {counts[Concern.ALERT]:,}" if counts[Concern.ALERT] else "", Look.WARN, 9),
        Fact(f"{NOTICE} handshakes fail on {failing:,}" if failing else "", Look.WARN, 8),
        Fact(f"{NOTICE} {counts[Concern.CHANGED]:,} changed" if counts[Concern.CHANGED] else "", Look.WARN, 7),
        Fact(f"{NOTICE} {counts[Concern.STALE]:,} stale" if counts[Concern.STALE] else "", Look.WARN, 7),
        Fact(f"{PAUSED} {connecting:,} {now.nothing}" if connecting else "", Look.QUIET, 3),
        Fact(f"{PAUSED} {unknown:,} not known yet" if unknown else "", Look.QUIET, 3),
        Fact(f"{LIVE} {counts[Concern.NONE]:,} fine" if counts[Concern.NONE] else "", Look.GOOD, 4),
    ]
    for caution in dict.fromkeys(glance.target.caution for glance in glances if glance.target.caution):
        on = sum(glance.target.caution == caution for glance in glances)
        where = "" if on == len(glances) else f" on {on:,}"
        facts.append(Fact(f"{NOTICE} {caution}{where}", Look.BAD, 11))
    if worst is not None and worst.standing.concern > Concern.CONNECTING:
        facts.append(Fact(f"worst: {text.shortened(worst.target.name, _NAME_AT_MOST)}", Look.PLAIN, 6))
    if glances and glances[0].observation is not None:
        facts.append(Fact(glances[0].numbers.said(glances[0].observation.wall), Look.WARN, 9))
        facts.append(Fact(_counted_otherwise(glances), Look.WARN, 9))
    kept = fitting(facts, width - 2)
    pieces = [piece for fact in kept for piece in (Piece("  "), Piece(fact.text, fact.look))]
    return Line((Piece(" "), *pieces[1:]))


def _counted_otherwise(glances: Sequence[Glance]) -> str:
    """Return the targets that are not counted from the moment the numbers are said to be."""
    astray = [(glance.target.name, glance.grown.astray) for glance in glances if glance.grown and glance.grown.astray]
    if len(astray) > 1:
        return f"except {len(astray):,} targets"
    return "".join(f"except {text.shortened(name, _NAME_AT_MOST)} ({why})" for name, why in astray)


def sign_of(glance: Glance) -> tuple[str, Look]:
    """Return how a target stands in one sign, and how it looks."""
    return SIGNS[glance.standing.concern]


def _retry(glance: Glance, now: Moment) -> str:
    failure = glance.observation.failure if glance.observation else None
    if failure is None or not now.live:
        return ""
    if failure.retry_seconds is None:
        return "no try by itself: r tries again"
    left = failure.monotonic + failure.retry_seconds - now.monotonic
    return f"next try in {text.duration(left)}" if left >= 0.5 else "trying again"


def _look_of(column: Column, glance: Glance, quiet: Look) -> Look:
    if quiet is Look.QUIET:
        return quiet
    if column.title == "errors /s" and glance.error_rate:
        return Look.BAD
    if column.title in {"joins", "accepted"}:
        share = glance.joins if column.title == "joins" else glance.accepted
        return Look.WARN if share is not None and share < 0.95 else Look.PLAIN
    return Look.PLAIN


def _cut(words: str, width: int) -> str:
    """Return words in exactly ``width`` cells; what is left out is said to be, whole words where there are several."""
    if len(words) <= width:
        return f"{words:<{width}}"
    between = "; " if "; " in words else ", "
    whole = words[: width - 1].rsplit(between, 1)[0] if between in words[: width - 1] else words[: width - 1]
    return f"{whole + '…':<{width}}"
