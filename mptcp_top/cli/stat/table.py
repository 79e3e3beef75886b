"""A target's counters as a table for people: panel by panel, one line a counter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.catalogue.catalogue import catalogue_of
from mptcp_top.cli.selection import lacks
from mptcp_top.cli.stat.fit import Column, fit
from mptcp_top.model import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mptcp_top.cli.selection import Selection
    from mptcp_top.cli.stat.told import Told
    from mptcp_top.model import Change, Metric, Observation

INDENT: Final = 4
SHORT_COUNT: Final = 7
NARROWEST: Final = 20
"""What the lines above a table are wrapped to at least."""


class Page(NamedTuple):
    """What tables are printed on: how wide it is (None: as wide as it takes), and what the numbers are."""

    width: int | None = None
    full_values: bool = False
    rate: bool = False
    growth: bool = False


def table_of(told: Told, selection: Selection, page: Page) -> list[str]:
    """Return an observation as lines."""
    observation = told.observation
    lines = head_of(told)
    if observation.failure is not None:
        return wrapped(lines, page.width)
    shown = selection.shown(told)
    table = [pair for group in Group for pair in shown if pair[1].group is group]
    fitted = fit(
        _columns(told, table, page), page.width and max(1, page.width - INDENT), abbreviate=not page.full_values
    )
    remarks = [*_left_over(told, selection, {column for column, _ in shown}), *left_out(fitted.left_out, page.width)]
    remarks += [lacks(pattern, observation.target.source) for pattern in selection.without_any(observation)]
    body = under_panels(zip((metric.group for _, metric in table), fitted.lines, strict=True)) if table else []
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
    found = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        fits = width is None or len(line) <= width
        found += [line] if fits else _wrap(line, max(width or 0, NARROWEST), f"{indent}  ")
    return found


def _wrap(line: str, width: int, indent: str) -> list[str]:
    import textwrap  # noqa: PLC0415  # few lines are too wide

    return textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False)


def under_panels(rows: Iterable[tuple[Group, str]]) -> list[str]:
    """Return rows that are in the order of their panels with a heading over each panel."""
    lines: list[str] = []
    before = None
    for group, row in rows:
        if group is not before:
            lines.append(f"  {group.value}")
            before = group
        lines.append(f"{' ' * INDENT}{row}")
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
    if selection.changed and told.moved is not None:
        yield f"{len(rest)} {'more' if shown else 'counters'} did not move (to see them: --zeros)"
    elif zeros < len(rest):
        yield f"{len(rest) - zeros} more are not zero, {zeros} are (all of them: --detail)"
    else:
        yield f"{zeros} {'more are' if shown else 'counters, all'} zero (to see them: --zeros)"


def _columns(told: Told, rows: Sequence[tuple[int, Metric]], page: Page) -> list[Column]:
    observation = told.observation
    changes = [observation.change_at(column) for column, _ in rows]
    counts = [change.value for change in changes]
    names = [metric.name for _, metric in rows]
    alias = [_alias(metric, observation) for _, metric in rows]
    value = Column(
        "value",
        [text.count(count) for count in counts],
        8 if page.rate else None,
        [text.short_count(count, SHORT_COUNT) for count in counts],
        least=14,
        right=True,
    )
    rates = Column("rate", [rate_text(change) for change in changes], None if page.rate else 4, least=9, right=True)
    grown = Column(
        "increase",
        [increase_text(change.increase) for change in changes],
        6,
        [increase_text(change.increase, SHORT_COUNT) for change in changes],
        least=10,
        right=True,
    )
    numbers = (rates, value, grown) if page.rate else (value, grown, rates)
    return [
        Column("name", names, least=26),
        *numbers,
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
