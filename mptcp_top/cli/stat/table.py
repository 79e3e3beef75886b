"""A target's counters as a table for people: panel by panel, one line a counter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.cli.selection import lacks
from mptcp_top.cli.stat.cells import wrapped as broken
from mptcp_top.cli.stat.fit import Column, fit
from mptcp_top.model import Group

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from mptcp_top.cli.selection import Selection
    from mptcp_top.cli.stat.told import Told
    from mptcp_top.model import Change, Metric, Observation

SHORT_COUNT: Final = 7
NARROW, NARROWEST = 30, 20
"""Where every column of a terminal counts, and what is made to fit at least."""


class Page(NamedTuple):
    """What tables are printed on: how wide it is (None: as wide as it takes), and what the numbers are."""

    width: int | None = None
    full_values: bool = False
    rate: bool = False
    growth: bool = False

    @property
    def indent(self) -> int:
        """How far the rows of a table stand to the right of what is said of its target."""
        return 4 if self.width is None or self.width > NARROW else 2

    @property
    def room(self) -> int | None:
        """How wide the rows of a table may be."""
        return None if self.width is None else max(1, self.width - self.indent)


def table_of(told: Told, selection: Selection, page: Page) -> list[str]:
    """Return an observation as lines."""
    observation = told.observation
    lines = head_of(told)
    if observation.failure is not None:
        return wrapped(lines, page.width)
    shown = selection.shown(told)
    table = [pair for group in Group for pair in shown if pair[1].group is group]
    fitted = fit(_columns(told, table, page), page.room, abbreviate=not page.full_values)
    remarks = [*_left_over(told, selection, {column for column, _ in shown}), *left_out(fitted.left_out, page.width)]
    remarks += [lacks(pattern, observation.target.source) for pattern in selection.without_any(observation)]
    body = under_panels(zip((metric.group for _, metric in table), fitted.rows, strict=True), page) if table else []
    return [*wrapped(lines, page.width), *body, *wrapped([f"  {remark}" for remark in remarks], page.width)]


def head_of(told: Told) -> list[str]:
    """Return who a target is, and what must be known of its numbers; if it could not be read, why."""
    observation, identity = told.observation, told.observation.identity
    about = [observation.target.name, identity.product, identity.role, identity.host, text.clock(observation.wall)]
    head = "  ".join(part for part in about if part)
    failure = observation.failure
    if failure is not None:
        return [
            head,
            f"  {failure.status.value}: {failure.reason}",
            *([f"  {failure.advice}"] if failure.advice else []),
        ]
    since = told.since.said(observation.wall) if told.since else ""
    began_anew = "the counters began anew: growth is not known" if observation.reset and not since else ""
    notices = (observation.target.caution, *identity.notices, since, began_anew)
    return [head, *(f"  {notice}" for notice in notices if notice)]


def wrapped(lines: Iterable[str], width: int | None) -> list[str]:
    """Return lines of which none is wider than the terminal, if that has a width."""
    if width is None:
        return list(lines)
    return [part for line in lines for part in broken(line, max(width, NARROWEST), f"{_indent_of(line)}  ")]


def _indent_of(line: str) -> str:
    return " " * (len(line) - len(line.lstrip()))


def under_panels(rows: Iterable[tuple[Group, list[str]]], page: Page) -> list[str]:
    """Return rows that are in the order of their panels with a heading over each panel."""
    lines: list[str] = []
    before = None
    for group, row in rows:
        if group is not before:
            lines.append(f"{' ' * (page.indent // 2)}{group.value}")
            before = group
        lines += [f"{' ' * page.indent}{line}" for line in row]
    return lines


def left_out(columns: Sequence[str], width: int | None) -> Iterator[str]:
    """Yield what to say of columns there is no room for."""
    if columns:
        yield f"not shown in {width} columns: {', '.join(columns)}"


def _left_over(told: Told, selection: Selection, shown: set[int]) -> Iterator[str]:
    """Yield what to say of selected counters that are not worth a line."""
    values = told.observation.values
    rest = [values[column] for column, _ in selection.metrics(told.observation) if column not in shown]
    zeros = rest.count(0)
    if not rest:
        return
    if selection.changed and told.compared:
        yield f"{_rest(len(rest), shown)} did not move{or_ambiguous([told], selection)} (to see them: --zeros)"
    elif zeros < len(rest):
        yield f"{len(rest) - zeros} more are not zero, {zeros} are (all of them: --detail)"
    else:
        yield f"{_rest(zeros, shown)} {'is' if zeros == 1 else 'are'} zero (to see them: --zeros)"


def _rest(number: int, shown: Collection[int]) -> str:
    return f"{number} {'more' if shown else 'counter' if number == 1 else 'counters'}"


def or_ambiguous(tolds: Iterable[Told], selection: Selection) -> str:
    """Return what to add where it is said that counters did not move: of some that is not known."""
    chosen = (metric for told in tolds for _, metric in selection.metrics(told.observation))
    return " or are ambiguous" if any(metric.ambiguous for metric in chosen) else ""


def _columns(told: Told, rows: Sequence[tuple[int, Metric]], page: Page) -> list[Column]:
    observation = told.observation
    changes = [observation.change_at(column) for column, _ in rows]
    counts = [change.value for change in changes]
    names = [metric.name for _, metric in rows]
    since = [told.base_said(column) for column, _ in rows]
    alias = [_alias(metric, observation) for _, metric in rows]
    growth = page.growth and told.moved is not None
    value = Column(
        "value",
        [text.count(count) for count in counts],
        None,
        [text.short_count(count, SHORT_COUNT) for count in counts],
        least=14,
        right=True,
    )
    rates = Column("rate", [rate_text(change) for change in changes], None if page.rate else 4, least=9, right=True)
    grown = Column(
        "increase",
        [increase_text(change.increase) for change in changes],
        None if growth and not page.rate else 6,
        [increase_text(change.increase, SHORT_COUNT) for change in changes],
        least=10,
        right=True,
    )
    numbers = (rates, value, grown) if page.rate else (value, grown, rates)
    return [
        Column("name", names, least=26),
        *numbers,
        Column("since", since, None, [said.removeprefix("since ") for said in since]),
        Column("label", [metric.label for _, metric in rows], 3, least=25),
        Column("alias", alias, 2),
        Column("rising", ["rising" if change.rising else "" for change in changes], 7),
    ]


def _alias(metric: Metric, observation: Observation) -> str:
    entry = catalogue_of(observation.target.source).entries.get(metric.name)
    return f"({entry.aliases[0]})" if entry and entry.aliases else ""


def increase_text(increase: int | None, width: int | None = None) -> str:
    """Return an increase with its sign, "" where there is none to be known.

    >>> increase_text(1_234_567), increase_text(1_234_567, 7), increase_text(None), increase_text(0)
    ('+1,234,567', '+1.23M', '', '+0')
    """
    if increase is None:
        return ""
    return f"+{text.count(increase) if width is None else text.short_count(increase, width - 1)}"


def rate_text(change: Change) -> str:
    """Return a rate with its unit, "" where there is none to be known."""
    return "" if change.rate is None else f"{text.rate(change.rate)} /s"
