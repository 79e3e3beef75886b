"""The states of a verdict, and how text gets into a plugin's output without breaking it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from mptcp_top.model import Severity
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST: Final = 600
"""Characters of what a verdict says. Monitoring systems keep some thousand of a line, numbers included."""


class State(IntEnum):
    """What a verdict is. The values are the exit codes of the Monitoring Plugins."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3

    @property
    def rank(self) -> int:
        """How bad it is. What is known to be bad is worse than what is not known, as in the plugins' own library."""
        return _ORDER.index(self)


_ORDER: Final = (State.OK, State.UNKNOWN, State.WARNING, State.CRITICAL)


def worst(states: Iterable[State]) -> State:
    """Return the worst of several states.

    >>> worst([State.UNKNOWN, State.WARNING, State.OK]).name, worst([]).name
    ('WARNING', 'OK')
    """
    return max(states, key=lambda state: state.rank, default=State.OK)


def state_of(severity: Severity) -> State:
    """Return what a rule of some severity makes of a target.

    >>> [state_of(severity).name for severity in (Severity.WARNING, Severity.ERROR, Severity.SECURITY)]
    ['WARNING', 'CRITICAL', 'CRITICAL']
    """
    return State.WARNING if severity is Severity.WARNING else State.CRITICAL


def unbarred(says: str, limit: int = LONGEST) -> str:
    r"""Return text for one line of a plugin: what follows a bar is taken for numbers there.

    >>> unbarred("no\nanswer | 'x'=1")
    "no·answer ¦ 'x'=1"
    """
    return printable(says, limit).replace("|", "¦")


def first_line(state: State, says: str) -> str:
    """Return the line that a monitoring system shows.

    >>> first_line(State.OK, "ns1: 5 rules")
    'MPTCP OK: ns1: 5 rules'
    """
    return f"MPTCP {state.name}: {unbarred(says)}"
