"""Tables of medians, and ratios with their budgets."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.meter import Run
from benchmarks.rows import Row, ratio

Runs = dict[str, list[Run]]
UNKNOWN: Final = "–"
OURS: Final = "ours"


@dataclass(frozen=True, slots=True)
class Column:
    """One measured thing: how it is read from a run, and how it is printed, under a title of two lines."""

    title: str
    read: Callable[[Run], float | None]
    style: str = ",.0f"


@dataclass(frozen=True, slots=True)
class Budget:
    """A ratio that must hold: ours over another's, both read from the runs of one round. No limit: to be told only."""

    what: str
    ours: Callable[[Run], float | None]
    other: str
    theirs: Callable[[Run], float | None]
    limit: float | None


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which so large a share lies, or None without values.

    >>> percentile([5.0, 1.0, 2.0, 3.0, 4.0], 0.9)
    5.0
    """
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else None


def _megabytes(run: Run) -> float | None:
    return None if run.peak_rss is None else run.peak_rss / 1e6


def _millicores(run: Run) -> float | None:
    return None if run.cpu is None else run.cpu * 1e3


COLUMNS: Final = (
    Column("first|paint ms", lambda run: run.first_paint_ms),
    Column("first|data ms", lambda run: run.first_data_ms),
    Column("bytes to|1st screen", lambda run: run.start_bytes),
    Column("bytes a|refresh", lambda run: run.refresh_bytes),
    Column("refreshes|seen", lambda run: run.refreshes),
    Column("bytes a|second", lambda run: run.bytes_per_second),
    Column("CPU|millicores", _millicores, ",.2f"),
    Column("peak|RSS MB", _megabytes, ",.1f"),
    Column("key ms|p50", lambda run: percentile(run.key_ms, 0.5), ",.1f"),
    Column("key ms|p90", lambda run: percentile(run.key_ms, 0.9), ",.1f"),
    Column("quit|ms", lambda run: run.quit_ms),
)

BUDGETS: Final = (
    Budget("bytes a refresh (median burst)", COLUMNS[3].read, "htop", COLUMNS[3].read, 0.75),
    Budget("bytes a second (mean)", COLUMNS[5].read, "htop", COLUMNS[5].read, 0.75),
    Budget("bytes to the first full screen", COLUMNS[2].read, "htop", COLUMNS[2].read, 1.0),
    Budget("CPU", COLUMNS[6].read, "glances", COLUMNS[6].read, 0.3),
    Budget("first data / its first paint", COLUMNS[1].read, "minimal", COLUMNS[0].read, 1.1),
    Budget("peak RSS", COLUMNS[7].read, "minimal", COLUMNS[7].read, 1.6),
)


def known(runs: Sequence[Run], read: Callable[[Run], float | None]) -> list[float]:
    """Return what was measured, leaving out what was not."""
    return [value for run in runs if (value := read(run)) is not None]


def _cell(runs: Sequence[Run], column: Column) -> str:
    """Return the median, or the sign for unknown."""
    values = known(runs, column.read)
    return format(statistics.median(values), column.style) if values else UNKNOWN


def table(runs: Runs) -> str:
    """Return one line a program, medians over its runs."""
    rows = [["", *line] for line in zip(*(column.title.split("|") for column in COLUMNS), strict=True)]
    rows += [[name, *(_cell(each, column) for column in COLUMNS)] for name, each in runs.items()]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS) + 1)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )


def _row(budget: Budget, runs: Runs) -> Row | None:
    """Return one ratio, or None if a side is missing."""
    ours, theirs = (
        known(runs.get(name, ()), read) for name, read in ((OURS, budget.ours), (budget.other, budget.theirs))
    )
    return ratio(budget.what, ours, (budget.other, theirs), budget.limit) if ours and any(theirs) else None


def rows(runs: Runs, budgets: Sequence[Budget] = BUDGETS) -> tuple[list[Row], list[str]]:
    """Return the ratios to who ran, and the names of those that could not be measured."""
    found = {budget.what: _row(budget, runs) for budget in budgets if budget.other in runs}
    return [row for row in found.values() if row], [what for what, row in found.items() if row is None]
