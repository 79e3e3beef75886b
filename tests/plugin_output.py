"""What a monitoring system makes of a plugin's output: strictly by the guidelines, so that nothing is forgiven."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import subprocess

_NUMBER = r"-?\d+(?:\.\d+)?"
_RANGE = rf"@?(?:(?:~|{_NUMBER}):)?(?:{_NUMBER})?"
_ITEM = re.compile(
    rf"'(?P<label>[^'=|]+)'=(?:(?P<value>{_NUMBER})(?P<unit>s|%|[KMGT]?B|c)?|U)"
    rf"(?:;(?P<warn>{_RANGE}))?(?:;(?P<crit>{_RANGE}))?(?:;(?P<min>{_NUMBER})?)?(?:;(?P<max>{_NUMBER})?)?(?= |$)"
)
STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


class Number(NamedTuple):
    """One number of the performance data."""

    value: float | None
    unit: str
    warn: str
    crit: str
    least: str
    most: str


class Output(NamedTuple):
    """A plugin's verdict: its state by exit code and by word, what it says, the numbers, and the lines below."""

    state: str
    says: str
    numbers: dict[str, Number]
    below: list[str]


def understood(done: subprocess.CompletedProcess[str]) -> Output:
    """Return what a monitoring system would make of this; whatever the guidelines forbid fails the test."""
    assert done.stderr == ""
    assert 0 <= done.returncode <= 3
    first, *below = done.stdout.splitlines()
    assert all("|" not in line for line in below)
    text, bar, data = first.partition("|")
    assert "|" not in data
    assert bar == "" or (text.endswith(" ") and data.startswith(" "))
    state = STATES[done.returncode]
    assert text.startswith(f"MPTCP {state}: ")
    return Output(state, text.removeprefix(f"MPTCP {state}: ").rstrip(), numbers_in(data.removeprefix(" ")), below)


def numbers_in(data: str) -> dict[str, Number]:
    """Return performance data, every character of which must have a meaning."""
    found: dict[str, Number] = {}
    at = 0
    while at < len(data):
        match = _ITEM.match(data, at)
        assert match, f"no performance data: {data[at:]!r}"
        label, value, *rest = match.groups(default="")
        assert label not in found, f"twice: {label}"
        found[label] = Number(float(value) if value else None, *rest)
        at = match.end() + 1
    return found
