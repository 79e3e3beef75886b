"""Several targets side by side: counters as rows, aligned by what they count, and a column for each target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.catalogue.alignment import align_rows
from mptcp_top.cli.selection import lacks
from mptcp_top.cli.stat.cells import shortened
from mptcp_top.cli.stat.fit import Column, Fitted, fit
from mptcp_top.cli.stat.table import (
    SHORT_COUNT,
    Page,
    head_of,
    increase_text,
    left_out,
    or_ambiguous,
    rate_text,
    table_of,
    under_panels,
    wrapped,
)
from mptcp_top.model import Group, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mptcp_top.catalogue.alignment import Row
    from mptcp_top.cli.selection import Selection
    from mptcp_top.cli.stat.told import Told

SHORT_NAME: Final = 12
"""What a target's name is shortened to where the column is narrow; the lines above say it in full."""

SINCE: Final = "since"


class Side(NamedTuple):
    """One target: what is told of it, the row of each of its columns, and the column of each row."""

    told: Told
    keys: tuple[str, ...]
    columns: Mapping[str, int]

    @property
    def name(self) -> str:
        """What the target is called."""
        return self.told.observation.target.name

    def rows_of(self, columns: Iterable[int]) -> set[str]:
        """Return the rows that some of its columns stand in."""
        return {self.keys[column] for column in columns}


class Sheet(NamedTuple):
    """What all tables of one print have in common: rows, kinds of sources, the page, and short names of the targets."""

    rows: tuple[Row, ...]
    kinds: frozenset[str]
    page: Page
    heads: Mapping[str, str]


def sides_of(tolds: Sequence[Told], selection: Selection, page: Page) -> list[str]:
    """Return the samples of several targets as lines: who they are, then one table, or several where it is narrow.

    Where no two of them fit beside each other, each has a table of its own.
    """
    seen = [(told.observation.target.source, told.observation.layout) for told in tolds]
    aligned = align_rows((source, layout) for source, layout in seen if layout.metrics)
    keys = [aligned.keys.get(layout, ()) for _, layout in seen]
    sides = [Side(told, own, {key: i for i, key in enumerate(own)}) for told, own in zip(tolds, keys, strict=True)]
    kinds = frozenset(source for source, layout in seen if layout.metrics)
    sheet = Sheet(_rows(sides, selection, aligned.rows), kinds, page, short_names([side.name for side in sides]))
    tables = _tables(sides, sheet) if sheet.rows else []
    if tables is None:
        return [line for told in tolds for line in ("", *table_of(told, selection, page))][1:]
    head = [line for told in tolds for line in _head(told, selection)]
    return [*wrapped(head, page.width), *tables, *wrapped(_left_over(sides, selection, sheet), page.width)]


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Return names in a few characters, in as many as it takes to tell one from another.

    >>> list(short_names(["ns1", "https://ns1.example.com", "https://ns2.example.com"]).values())
    ['ns1', 'ns1.e…le.com', 'ns2.e…le.com']
    >>> list(short_names(["appliance-1.example.com", "appliance-2.example.com"]).values())
    ['appliance-1.example.com', 'appliance-2.example.com']
    """
    bare = {name: name.partition("://")[2] or name for name in names}
    tries = (
        {name: shortened(said, width) for name, said in bare.items()}
        for width in range(SHORT_NAME, max(map(len, names)))
    )
    return next((short for short in tries if len(set(short.values())) == len(bare)), {name: name for name in names})


def _left_over(sides: Sequence[Side], selection: Selection, sheet: Sheet) -> list[str]:
    tolds = [side.told for side in sides]
    selected = {key for side in sides for key in side.rows_of(i for i, _ in selection.metrics(side.told.observation))}
    hidden = len(selected) - len(sheet.rows)
    return [f"  {hidden} {_why_hidden(selection, tolds)}"] if hidden else []


def _why_hidden(selection: Selection, tolds: Sequence[Told]) -> str:
    if selection.summary:
        return "more are zero on all of them, or not in the summary (all of them: --detail)"
    if selection.changed and any(told.compared for told in tolds):
        return f"did not move on any of them{or_ambiguous(tolds, selection)} (to see them: --zeros)"
    return "are zero on all of them (to see them: --zeros)"


def _rows(sides: Sequence[Side], selection: Selection, rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return the rows in which a target has something to say, panel by panel; what not all can have comes last."""
    read = [side for side in sides if side.told.observation.failure is None]
    worth = {key for side in read for key in side.rows_of(column for column, _ in selection.shown(side.told))}
    groups = {group: place for place, group in enumerate(Group)}
    kinds = {side.told.observation.target.source for side in sides if side.keys}
    found = (row for row in rows if row.key in worth)
    return tuple(sorted(found, key=lambda row: (groups[row.metric.group], row.only(kinds))))


def _head(told: Told, selection: Selection) -> Iterator[str]:
    yield from head_of(told)
    if told.observation.failure is None:
        for pattern in selection.without_any(told.observation):
            yield f"  {lacks(pattern, told.observation.target.source)}"


def _tables(sides: Sequence[Side], sheet: Sheet) -> list[str] | None:
    """Return the lines of the tables: as few as the width allows. None where not even two targets fit into one."""
    lines: list[str] = []
    left = list(sides)
    while left:
        needed = {SINCE, *(side.name for side in left)}
        sizes = range(len(left), min(2, len(left)) - 1, -1)
        tries = ((size, _fitted(left[:size], sheet)) for size in sizes)
        size, fitted = next((one for one in tries if needed.isdisjoint(one[1].left_out)), (0, None))
        if fitted is None:
            return None
        (head,), *rows = fitted.rows
        lines.append(f"{' ' * sheet.page.indent}{head}")
        lines += under_panels(zip((row.metric.group for row in sheet.rows), rows, strict=True), sheet.page)
        lines += (f"  {said}" for said in left_out(fitted.left_out, sheet.page.width))
        left = left[size:]
    return lines


def _fitted(sides: Sequence[Side], sheet: Sheet) -> Fitted:
    """Return the table of some targets, their names in its first line."""
    rows, alike = sheet.rows, len(sheet.kinds) == 1
    names = [row.metric.name if alike else row.metric.label for row in rows]
    beside = [row.metric.label if alike else ", ".join(_owners_names(sides, row)) for row in rows]
    columns = [
        Column("name", ["", *names], least=26),
        *(_column(side, sheet) for side in sides),
        Column(SINCE, ["", *(_since(sides, row) for row in rows)], 9),
        Column("rising", ["", *(_rising(sides, row) for row in rows)], 3),
        Column("label" if alike else "counter", ["", *beside], 2),
    ]
    return fit(columns, sheet.page.room, abbreviate=not sheet.page.full_values)


def _column(side: Side, sheet: Sheet) -> Column:
    return Column(
        side.name,
        [side.name, *(_cell(side, row, sheet.page, None) for row in sheet.rows)],
        10,
        [sheet.heads[side.name], *(_cell(side, row, sheet.page, SHORT_COUNT) for row in sheet.rows)],
        least=10,
        right=True,
    )


def _cell(side: Side, row: Row, page: Page, width: int | None) -> str:
    """Return the number of a target in a row, "" where it has no such counter."""
    observation, column = side.told.observation, side.columns.get(row.key)
    if column is None:
        return "" if side.keys else text.UNKNOWN
    if observation.failure is not None:
        return text.UNKNOWN
    change = observation.change_at(column)
    if row.metric.kind is Kind.COUNTER and page.rate:
        return rate_text(change) or text.UNKNOWN
    if row.metric.kind is Kind.COUNTER and page.growth and side.told.moved is not None:
        return increase_text(change.increase, width) or text.UNKNOWN
    return text.count(change.value) if width is None else text.short_count(change.value, width)


def _owners_names(sides: Sequence[Side], row: Row) -> dict[str, None]:
    """Return what those who have a counter call it, each name once."""
    having = ((side, side.columns[row.key]) for side in sides if row.key in side.columns)
    return {side.told.observation.layout.metrics[column].name: None for side, column in having}


def _since(sides: Sequence[Side], row: Row) -> str:
    """Return since when growth is counted, by those targets of which that is not said above."""
    counted = ((side.name, side.told.base_said(side.columns[row.key])) for side in sides if row.key in side.columns)
    return ", ".join(f"{name} {since}" for name, since in counted if since)


def _rising(sides: Sequence[Side], row: Row) -> str:
    """Return on which targets a counter rises."""
    names = [
        side.name
        for side in sides
        if (column := side.columns.get(row.key)) is not None and side.told.observation.change_at(column).rising
    ]
    return f"rising on {', '.join(names)}" if names else ""
