"""The panels as lines: pure functions of a frame and a width."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.basis import Basis
from mptcp_top.engine.causes import causes_first
from mptcp_top.engine.ratios import ACCEPTED, CONNECTED, JOINS_IN, JOINS_OUT
from mptcp_top.model import Group, Kind, Metric
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.glyphs import FOLDED, RISING
from mptcp_top.ui.line import Line, Look, Piece
from mptcp_top.ui.numbers import grown_text
from mptcp_top.ui.plan import Need, Shape
from mptcp_top.ui.silenced import silenced_words
from mptcp_top.ui.sparkline import sparkline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mptcp_top.model import Episode, Layout
    from mptcp_top.ui.frame import Frame

_RATE: Final = 9
_VALUE: Final = 13
_SHORT_VALUE: Final = 10
_CLOCK: Final = 9
_LEAST_TREND: Final = 6
_MOST_TREND: Final = 24
_HEADLINES: Final = {
    Group.MP_CAPABLE: (ACCEPTED, CONNECTED),
    Group.MP_JOIN: (JOINS_IN, JOINS_OUT),
}


class Row(NamedTuple):
    """One metric's line in a panel, with its column in the observation."""

    metric: Metric
    column: int
    place: str = ""

    @property
    def key(self) -> str:
        """What the row cursor holds on to: the counter, and the panel where it stands in two."""
        return f"{self.metric.name}@{self.place}" if self.place else self.metric.name


def name_of(key: str) -> str:
    """Return the counter of a row by its key.

    >>> name_of(Row(Metric("MPRstTx", "reset sent", Group.TERMINATION), 3, "termination").key)
    'MPRstTx'
    """
    return key.partition("@")[0]


def headline_key(group: Group) -> str:
    """Return the key of a panel's headline.

    >>> headline_key(Group.DSS)
    'panel:DSS'
    """
    return f"panel:{group.value}"


def rows_of(frame: Frame, group: Group) -> Sequence[Row]:
    """Return the rows of a panel. Error counters of every group stand in the errors panel, and only there.

    While something is looked for, only those that are wanted are rows.
    """
    rows = _rows(frame.observation.layout, group) if frame.observation else ()
    return rows if frame.sifted is None else [row for row in rows if row.metric.name in frame.sifted.names]


@lru_cache(maxsize=256)
def _rows(layout: Layout, group: Group) -> tuple[Row, ...]:
    rows = [Row(metric, column) for column, metric in enumerate(layout.metrics)]
    if group is Group.ERRORS:
        return tuple(row for row in rows if row.metric.flagged or row.metric.group is group)
    # What another counter explains (resets beside fastcloses) is traffic as well as, at times, an error.
    mine = [row for row in rows if row.metric.group is group and (not row.metric.flagged or row.metric.net_of)]
    return tuple(row._replace(place=group.value) if row.metric.flagged else row for row in mine)


def counted(frame: Frame, row: Row) -> bool:
    """Whether a row has anything to say: it is not zero, or not known.

    A gauge always has: one that comes and goes with its value would move the screen about.
    """
    if frame.observation is None:
        return False
    return row.metric.kind is Kind.GAUGE or frame.observation.values[row.column] != 0


def blamed(frame: Frame, row: Row) -> bool:
    """Whether an error counter has anything to say that its ``net_of`` counter does not explain."""
    if frame.observation is None:
        return False
    value = frame.observation.values[row.column]
    explained = frame.observation.layout.index.get(row.metric.net_of or "")
    if value is None or explained is None:
        return value != 0
    return value > (frame.observation.values[explained] or 0)


def need_of(frame: Frame, group: Group) -> Need:
    """Return how many rows a panel would take."""
    rows = rows_of(frame, group)
    return Need(group, sum(counted(frame, row) for row in rows), len(rows))


def group_lines(frame: Frame, group: Group, shape: Shape, width: int, cursor: str) -> list[Line]:
    """Return the lines of a panel of ordinary counters."""
    rows = rows_of(frame, group)
    shown = [row for row in rows if shape is Shape.FULL or (shape is Shape.MOVED and counted(frame, row))]
    label = _label_width(frame)
    lines = [_headline(frame, group, rows, shown, width, cursor)]
    return lines + [_group_row(frame, row, label, width, cursor) for row in shown]


def _label_width(frame: Frame) -> int:
    """Return the width of the label column: one for all panels, so that numbers stand under each other."""
    return _longest_label(frame.observation.layout) if frame.observation else 0


@lru_cache(maxsize=64)
def _longest_label(layout: Layout) -> int:
    return max((len(metric.label) for metric in layout.metrics if not metric.flagged or metric.net_of), default=0)


def _headline(  # noqa: PLR0913, PLR0917  # one call; the panel's state has no other name
    frame: Frame, group: Group, rows: Sequence[Row], shown: Sequence[Row], width: int, cursor: str
) -> Line:
    facts = []
    for name in _HEADLINES.get(group, ()):
        passed = frame.ratios.funnels.get(name)
        if passed is not None and passed.share is not None and not frame.stale:
            look = Look.WARN if passed.share < 0.95 else Look.QUIET
            facts.append(Fact(f"{name} {text.percent(passed.share)}", look, 5))
    facts += _got_worse(frame, group)
    hidden = len(rows) - len(shown)
    if not shown:
        facts.append(Fact(_folded(frame, rows), Look.QUIET, 9))
    elif hidden:
        facts.append(Fact(f"{hidden} at zero", Look.QUIET, 3))
    marker = f"{FOLDED} " if not shown and any(counted(frame, row) for row in rows) else "  "
    return headline(f"{marker}{group.value}", facts, width, headline_key(group), cursor)


def _got_worse(frame: Frame, group: Group) -> list[Fact]:
    """Return what a step of the panel's handshakes loses since it got worse, and since when; nothing if none did."""
    if frame.store is None or frame.stale or group not in _HEADLINES:
        return []
    from mptcp_top.engine.funnels import worse_steps  # noqa: PLC0415  # the first paint needs no history yet

    found = worse_steps(frame.store, frame.target.name, frame.moment.cursor)
    worst = max((one for one in found if one.handshake in _HEADLINES[group]), key=lambda one: one.by, default=None)
    if worst is None:
        return []
    since = text.when(worst.since, frame.moment.shown_wall)
    return [Fact(f"{RISING} {text.percent(worst.share)} lost since {since}", Look.BAD, 4)]


def _folded(frame: Frame, rows: Sequence[Row]) -> str:
    """Say in a word what goes on in a panel of which only the headline is drawn."""
    if frame.observation is None:
        return ""
    gauges = [row for row in rows if row.metric.kind is Kind.GAUGE]
    if gauges and len(rows) == len(gauges):
        return f"{text.count(frame.observation.values[gauges[0].column])} now"
    moved = frame.observation.increases if frame.observation.rates is None else frame.observation.rates
    known = [grown for row in rows if (grown := moved[row.column]) is not None]
    moving = sum(grown > 0 for grown in known)
    if not known:
        return text.UNKNOWN
    return f"{moving} of {len(rows)} moving" if moving else "quiet"


def headline(title: str, facts: Sequence[Fact], width: int, key: str, cursor: str) -> Line:
    """Return a panel's first line: its title, and facts at the right."""
    kept = fitting(facts, width - len(title) - 3)
    tail: list[Piece] = []
    for fact in kept:
        tail += [Piece("  "), Piece(fact.text, fact.look)]
    used = len(title) + sum(len(piece.text) for piece in tail)
    filler = Piece(" " * max(0, width - used))
    return Line((Piece(title, Look.TITLE), filler, *tail), selected=key == cursor, key=key)


def _group_row(frame: Frame, row: Row, label: int, width: int, cursor: str) -> Line:
    assert frame.observation is not None  # noqa: S101  # rows come from an observation
    change = frame.observation.change_at(row.column)
    value = max(5, min(_value_width(label, width), width - 2 - label - 1))
    idle = change.value == 0 and not change.increase
    pieces = [
        Piece("  "),
        Piece(f"{row.metric.label:<{label}}", Look.QUIET if frame.stale or idle else Look.PLAIN),
        Piece(f" {text.short_count(change.value, value):>{value}}", _number_look(frame, change.value)),
    ]
    left = width - 3 - label - value
    if left >= _RATE + 1:
        shown = "now" if row.metric.kind is Kind.GAUGE else "" if idle else _movement(frame, row, change.rate)
        pieces.append(Piece(f" {shown:>{_RATE}}", _number_look(frame, change.rate)))
        left -= _RATE + 1
    if left > _LEAST_TREND:
        cells = min(left - 1, _MOST_TREND)
        trend = " " * cells if idle and row.metric.kind is Kind.COUNTER else _trend(frame, row.metric, cells)
        pieces.append(Piece(f" {trend}", Look.TREND))
    return Line(tuple(pieces), selected=row.key == cursor, key=row.key)


def _value_width(label: int, width: int) -> int:
    """Return the width of the value column: less than it could be, where that leaves room for the trend."""
    rest = width - 3 - label - _RATE - 1 - _LEAST_TREND
    return _SHORT_VALUE if _SHORT_VALUE < rest <= _VALUE else _VALUE


def _movement(frame: Frame, row: Row, rate: float | None) -> str:
    """Return what a counter does: its rate, or how far it grew since the moment that growth is counted from."""
    return _per_second(rate) if frame.basis is Basis.RATE else grown_text(frame.grown, row.metric.name, _RATE)


def _per_second(rate: float | None) -> str:
    return text.UNKNOWN if rate is None else f"{text.rate(rate)} /s"


def _number_look(frame: Frame, number: float | None) -> Look:
    return Look.PLAIN if number and not frame.stale else Look.QUIET


def _trend(frame: Frame, metric: Metric, cells: int) -> str:
    """Return a sparkline. Only that of an error moves between cells: elsewhere the rate beside it says what is now."""
    return sparkline(frame.trend(metric, cells, growing=metric.flagged)).rjust(cells)


def error_lines(frame: Frame, shape: Shape, width: int, cursor: str, *, older: bool = True) -> list[Line]:
    """Return the lines of the errors panel: what rises first, then what rose, then what is not zero.

    Without the ``older`` ones, those that have not moved since we watch are only counted.
    """
    rows = rows_of(frame, Group.ERRORS)
    rising = frame.observation.rising if frame.observation else {}
    seen = [row for row in rows if blamed(frame, row) or row.metric.name in rising]
    quiet = [row for row in rows if row not in seen]
    places = {episode.metric.name: place for place, episode in enumerate(causes_first(rising.values()))}
    shown = sorted(seen, key=lambda row: _urgency(frame, row, places)) + (quiet if shape is Shape.FULL else [])
    if shape is Shape.FOLDED:
        shown = [row for row in shown if row.metric.name in rising]
    kept_back = [] if older or shape is not Shape.MOVED else [row for row in shown if is_older(frame, row)]
    shown = [row for row in shown if row not in kept_back]
    known = frame.observation is not None and not frame.stale
    many = sum(row.metric.name in rising for row in rows)
    none = "" if rising else "none rising" if known else "whether any rises is not known"
    facts = [
        Fact(f"{RISING} {many} rising" if many else none, Look.BAD if many else Look.QUIET, 9),
        Fact(f"{quiet_ones} silenced" if (quiet_ones := len(frame.silenced.keys() & rising)) else "", Look.QUIET, 6),
        Fact(f"{risen} seen" if (risen := len(seen) - many - len(kept_back)) else "", Look.QUIET, 4),
        Fact(f"{len(kept_back)} from before the start (z)" if kept_back else "", Look.QUIET, 5),
        Fact(f"{len(quiet)} quiet" if quiet and known else "", Look.QUIET, 3),
    ]
    lines = [headline("  errors", facts, width, headline_key(Group.ERRORS), cursor)]
    label = max((len(full_label(row.metric)) for row in shown), default=0)
    hint = max((len(row.metric.hint) for row in rows), default=0)
    columns = _ErrorColumns.fitting(label, hint, width)
    for row in shown:
        lines += _error_row(frame, row, columns, cursor)
    if kept_back or (shape is Shape.FOLDED and len(shown) < len(seen)):
        lines[0] = headline(f"{FOLDED} errors", facts, width, headline_key(Group.ERRORS), cursor)
    return lines


def is_older(frame: Frame, row: Row) -> bool:
    """Whether all a counter says was there before we watched."""
    name = row.metric.name
    if frame.observation is None or frame.first is None or name in frame.observation.rising or name in frame.episodes:
        return False
    before = frame.first.change(name)
    return before is not None and before.value == frame.observation.values[row.column]


def _urgency(frame: Frame, row: Row, places: Mapping[str, int]) -> tuple[int, float, int]:
    """Sort key: what rises in its places, then what ended last first, then in the catalogue's order."""
    name = row.metric.name
    if name in places:
        return (-1, places[name], row.column)
    episode = frame.episodes.get(name)
    return (0, -episode.last_rise, row.column) if episode else (1, 0.0, row.column)


def full_label(metric: Metric) -> str:
    """Return a counter's label with its panel, unless it speaks of that itself; what ends in "no memory" does not.

    >>> full_label(Metric("a", "SYN sent", Group.MP_JOIN)), full_label(Metric("b", "sessions created", Group.SESSIONS))
    ('MP_JOIN SYN sent', 'sessions created')
    """
    said = metric.group is Group.ERRORS or metric.group.value in metric.label.split()[:-1]
    return metric.label if said else f"{metric.group.value} {metric.label}"


class _ErrorColumns(NamedTuple):
    """Which columns of the errors panel there is room for, by their widths; 0 is not there."""

    label: int
    rate: int = 0
    clock: int = 0
    value: int = 0
    total: int = 0
    trend: int = 0
    word: int = 0
    hint: int = 0

    @classmethod
    def fitting(cls, label: int, hint: int, width: int) -> _ErrorColumns:
        """Return the columns that fit beside a label, the weightiest first; ``hint`` is the longest there may be."""
        left = width - 2 - label
        sizes: dict[str, int] = {}
        wanted = (("clock", 1 + _CLOCK), ("rate", 1 + _RATE), ("value", 1 + _VALUE), ("trend", 9), ("word", 6))
        for name, size in (*wanted, ("total", 9), ("hint", 2 + hint)):
            if left >= size:
                sizes[name] = size
                left -= size
        if "trend" in sizes:
            sizes["trend"] += min(left, _MOST_TREND - 8)
        return cls(label, **sizes)


def _error_row(frame: Frame, row: Row, columns: _ErrorColumns, cursor: str) -> list[Line]:
    assert frame.observation is not None  # noqa: S101  # rows come from an observation
    change = frame.observation.change_at(row.column)
    episode = frame.observation.rising.get(row.metric.name) or frame.episodes.get(row.metric.name)
    rising = row.metric.name in frame.observation.rising
    idle = not change.value and not change.increase and not rising
    look = Look.QUIET if frame.stale or not rising else Look.PLAIN
    pieces = [
        Piece(f"{RISING} " if rising else "  ", Look.QUIET if row.metric.name in frame.silenced else Look.BAD),
        Piece(f"{full_label(row.metric):<{columns.label}}", Look.TITLE if rising else look),
    ]
    if columns.value:
        pieces.append(Piece(f" {text.short_count(change.value, _VALUE):>{_VALUE}}", look))
    if columns.total:
        shown = f"+{text.short_count(episode.total, 7)}" if rising and episode else ""
        pieces.append(Piece(f" {shown:>{columns.total - 1}}", look))
    if columns.rate:
        own = error_rate(frame, episode) if rising and episode else change.rate
        rate = "" if idle else _movement(frame, row, own)
        pieces.append(Piece(f" {rate:>{_RATE}}", Look.BAD if change.rate and rising else look))
    if columns.trend:
        cells = columns.trend - 1
        pieces.append(Piece(" " + (" " * cells if idle else _trend(frame, row.metric, cells)), Look.TREND))
    if columns.clock:
        pieces.append(Piece(_since(frame, row, episode, columns, rising=rising), look))
    until = frame.silenced.get(row.metric.name)
    hint = row.metric.hint if rising else ""
    hint, hint_look = (
        (hint, Look.WARN) if until is None else (silenced_words(until, frame.moment.shown_wall), Look.QUIET)
    )
    if columns.hint:
        pieces.append(Piece(f"  {hint:<{columns.hint - 2}}", hint_look))
    line = Line(tuple(pieces), selected=row.key == cursor, key=row.key)
    if not hint or columns.hint:
        return [line]
    return [line, Line((Piece("    "), Piece(hint, hint_look)))]


def error_rate(frame: Frame, episode: Episode) -> float | None:
    """Return the rate of an error that rises, None where the numbers are old."""
    return None if frame.observation is None or frame.stale else frame.observation.error_rate(episode)


def _since(frame: Frame, row: Row, episode: Episode | None, columns: _ErrorColumns, *, rising: bool) -> str:
    now = frame.observation.wall if frame.observation else frame.moment.wall
    if episode is not None:
        word = ("since" if rising else "last") if columns.word else ""
        return f" {word:<{columns.word}}{text.when(episode.started if rising else episode.last_rise, now):<{_CLOCK}}"
    width = _CLOCK + columns.word
    before = frame.first.change(row.metric.name) if frame.first else None
    here = frame.observation.values[row.column] if frame.observation else None
    if not columns.word or not here:
        return f" {'':<{width}}"
    if before is not None and before.value == here:
        return f" {'before start':<{width}}"
    limit = row.metric.flag_above
    return f" {f'under {limit:g} /s' if limit else '':<{width}}"
