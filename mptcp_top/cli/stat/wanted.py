"""What a call of ``stat`` wants, and which wishes exclude each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.cli.selection import Selection
from mptcp_top.errors import SettingsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

TABLE: Final = "table"
FORMS: Final = ("json", "csv", "openmetrics", "prometheus")
EXPOSITIONS: Final = frozenset({"openmetrics", "prometheus"})


class Wanted(NamedTuple):
    """What to print, how, how often, and what the numbers are. ``samples`` is None where there is no end."""

    selection: Selection = Selection()
    form: str = TABLE
    samples: int | None = 1
    rate: bool = False
    full_values: bool = False
    since_last: bool = False
    update: bool = True
    reset: bool = False

    @property
    def silent(self) -> bool:
        """Whether nothing is to be printed but failures: only a new zero is set."""
        return self.reset and not self.since_last

    @property
    def compares(self) -> bool:
        """Whether each sample is told beside the one before, so that the first of all is not worth telling."""
        return self.selection.changed and not self.since_last

    @property
    def rates_wanted(self) -> bool:
        """Whether a sample is of no use without rates, other than those since the last call."""
        return self.rate and not self.since_last


def wanted_of(options: argparse.Namespace) -> Wanted:
    """Return what the command line wants.

    Raises:
        SettingsError: it wants two things that exclude each other.
    """
    form = next((form for form in FORMS if getattr(options, form)), TABLE)
    changed = options.changed or (options.since_last and form == TABLE)
    wanted = Wanted(
        Selection(tuple(options.pattern), options.zeros, options.detail, changed),
        form,
        options.count or None,
        options.rate,
        options.full_values,
        options.since_last,
        not options.no_update,
        options.reset,
    )
    for excluded, says in _EXCLUDED:
        if excluded(wanted):
            raise SettingsError(says)
    return wanted


_ONE_MOMENT: Final = (
    "--openmetrics and --prometheus print one moment, in totals: give them without --count, --rate, --changed, "
    "--since-last and --reset; whoever collects them works out the rest"
)
_NEEDS_SINCE_LAST: Final = "--no-update is about --since-last, which then leaves its zero where it is: give both"
_CONTRADICTORY: Final = "--reset sets a new zero and --no-update keeps the old one: drop one of them"
_ONCE: Final = "--reset by itself sets the zero once and prints nothing: give it without --count, or with --since-last"


def _is_more_than_totals(wanted: Wanted) -> bool:
    moving = wanted.rate or wanted.selection.changed or wanted.since_last or wanted.reset
    return wanted.form in EXPOSITIONS and (wanted.samples != 1 or moving)


_EXCLUDED: Final[tuple[tuple[Callable[[Wanted], bool], str], ...]] = (
    (_is_more_than_totals, _ONE_MOMENT),
    (lambda wanted: not wanted.update and not wanted.since_last, _NEEDS_SINCE_LAST),
    (lambda wanted: not wanted.update and wanted.reset, _CONTRADICTORY),
    (lambda wanted: wanted.silent and wanted.samples != 1, _ONCE),
)
