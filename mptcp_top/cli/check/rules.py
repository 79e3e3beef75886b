"""Which rules a check judges by: those typed, else those of the alerts, and the errors that rise."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.alerting import Origin, alerting_of, rules_of
from mptcp_top.errors import SettingsError
from mptcp_top.model import Severity
from mptcp_top.rules.names import Sort, sort_of
from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import Watch, comparisons_of
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.config import Config
    from mptcp_top.rules.rule import Comparison, Rule

TYPED: Final = "--rule"
SHIPPED: Final = "default"
ERRORS_RISE: Final = "errors rise"
"""What the dashboard flags by itself, and a check has a rule for."""

SEVERITIES: Final = {
    "warning": Severity.WARNING,
    "critical": Severity.ERROR,
    "error": Severity.ERROR,
    "security": Severity.SECURITY,
}
"""What may stand before a typed rule, and the severity it means; `critical` is the plugins' own word."""


def rules_for(typed: Sequence[str], config: Config) -> tuple[Origin, ...]:
    """Return the rules to judge by, the members of groups in the place of their names.

    Raises:
        SettingsError: one that was typed says nothing.
    """
    if typed:
        return tuple(Origin(typed_rule(text), TYPED) for text in typed)
    own = zip(rules_of(config.alerts), alerting_of(config).watched.watches, strict=True)
    found = tuple(Origin(watch, one.origin) for one, watch in own)
    flagged = config.alerts.get("defaults", True) and ERRORS_RISE not in config.alerts.get("rules", {})
    return (*((Origin(_errors_rise(), SHIPPED),) if flagged else ()), *found)


def typed_rule(text: str) -> Watch:
    """Return the rule that an option says, with its severity before it if it has one.

    >>> str(typed_rule("critical: errors > 3/s").rule), typed_rule("critical: errors > 3/s").severity.value
    ('errors > 3/s', 'error')

    Raises:
        SettingsError: it says none.
    """
    before, colon, _ = text.partition(":")
    word = before.strip().casefold() if colon else "warning"
    where = f"{TYPED} {printable(text, 80)!r}"
    if word not in SEVERITIES:
        raise SettingsError(f"{where}: before the colon stands {', '.join(SEVERITIES)} or nothing at all")
    skipped = len(before) + 1 if colon else 0
    try:
        return Watch("", parse(" " * skipped + text[skipped:]), SEVERITIES[word])  # columns are those of the option
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from error


def is_meant(one: Origin, target: str) -> bool:
    """Whether a rule is for this target in so many words: then it must be possible to judge it there."""
    return one.origin == TYPED or target in one.watch.targets


def is_for(one: Origin, target: str) -> bool:
    """Whether a rule is to be judged on a target."""
    return not one.watch.targets or target in one.watch.targets


def is_of_growth(asked: Comparison) -> bool:
    """Whether it takes two samples to say what a comparison asks.

    >>> [is_of_growth(parse(text).when) for text in ("sessions < 10", "subflows / sessions < 1.5", "joins_in < 90%")]
    [False, False, True]
    """
    return any(sort_of(name) is not Sort.LEVEL for name in asked.operand if name)


def grows(rule: Rule) -> bool:
    """Whether it takes two samples to judge a rule."""
    return any(is_of_growth(asked) for asked in comparisons_of(rule.when))


@cache
def _errors_rise() -> Watch:
    return Watch(ERRORS_RISE, parse("errors rises"))
