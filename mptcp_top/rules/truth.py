"""What a condition says, given what its operands are: true, false, or None where that is not known."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mptcp_top.rules.names import ERRORS, FALLBACK_SHARE, SHARES, metric_of
from mptcp_top.rules.rule import AllOf, AnyOf, Comparison, Condition, Rule, comparisons_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.model import Layout


class Figure(NamedTuple):
    """What an operand is: None where that is not known, and ``least`` where it may be more."""

    value: float | None = None
    least: bool = False


def truth_of(condition: Condition, figure_of: Callable[[Comparison], Figure], *, lenient: bool = False) -> bool | None:
    """Return whether a condition is true; what is not known decides nothing that something known decides.

    >>> from mptcp_top.rules.parser import parse
    >>> both = parse("sessions < 10 and errors > 3/s").when
    >>> [truth_of(both, lambda one: Figure(known.get(one.operand.name))) for known in ({"sessions": 20.0}, {})]
    [False, None]
    """
    if isinstance(condition, Comparison):
        value, least = figure_of(condition)
        return None if value is None else condition.says(value, least=least, lenient=lenient)
    decides = isinstance(condition, AnyOf)
    found = [truth_of(part, figure_of, lenient=lenient) for part in condition.parts]
    if decides in found:
        return decides
    return None if None in found else not decides


def true_ones(condition: Condition, figure_of: Callable[[Comparison], Figure]) -> tuple[Comparison, ...]:
    """Return the comparisons that make a condition true."""
    return tuple(one for one in comparisons_of(condition) if truth_of(one, figure_of))


@lru_cache(maxsize=256)
def rule_on(rule: Rule, layout: Layout) -> Rule | None:
    """Return what of a rule can be asked of a source with this layout, None if it does not apply there.

    What a source does not count is left out of an ``or``; an ``and`` with it is never true and never asked.
    """
    when = _on(rule.when, layout)
    if when is None:
        return None
    return rule._replace(when=when, until=None if rule.until is None else _on(rule.until, layout))


def _on(condition: Condition, layout: Layout) -> Condition | None:
    if isinstance(condition, Comparison):
        names = [name for name in condition.operand if name]
        return condition if all(_is_counted(name, layout) for name in names) else None
    parts = [_on(part, layout) for part in condition.parts]
    kept = tuple(part for part in parts if part is not None)
    if not kept or (isinstance(condition, AllOf) and len(kept) < len(parts)):
        return None
    return kept[0] if len(kept) == 1 else type(condition)(kept)


def _is_counted(name: str, layout: Layout) -> bool:
    if name == ERRORS:
        return bool(layout.flagged)
    return name in SHARES or name == FALLBACK_SHARE or metric_of(layout, name) is not None
