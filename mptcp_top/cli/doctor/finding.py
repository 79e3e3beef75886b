"""What the doctor found, one thing each."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How it stands with a thing. Public values of ``doctor --json``."""

    OK = "ok"
    NOTE = "note"
    FAILS = "fails"
    SKIPPED = "skipped"


class Finding(NamedTuple):
    """One thing that was looked at: what it is, how it stands, what to do. All of it is clean text.

    What ``fails`` is needed for what was asked for; what merely could be better is a ``note``.
    """

    name: str
    state: State
    says: str
    advice: str = ""


class Area(NamedTuple):
    """What was found in one place: here, or at a target."""

    title: str
    findings: tuple[Finding, ...]
    target: str | None = None

    @property
    def works(self) -> bool:
        """Whether all that is needed is there."""
        return all(finding.state is not State.FAILS for finding in self.findings)


def fine(name: str, says: str) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(name, State.OK, says)


def note(name: str, says: str, advice: str = "") -> Finding:
    """Return what is to be known of a thing that works all the same."""
    return Finding(name, State.NOTE, says, advice)


def fails(name: str, says: str, advice: str = "", *, needed: bool = True) -> Finding:
    """Return that a thing does not work, which is only a note where nobody needs it."""
    return Finding(name, State.FAILS if needed else State.NOTE, says, advice)


def skipped(name: str, says: str) -> Finding:
    """Return that a thing was not looked at, and why."""
    return Finding(name, State.SKIPPED, says)
