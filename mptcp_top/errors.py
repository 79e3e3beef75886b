"""What can go wrong, one class for each *reaction* it calls for.

MptcpTopError
├── SettingsError       the user asked for something that cannot be: say what to do, exit with 2
└── SourceError         a target could not be read: show it, go on with the others
├── Unreachable     try again later, by itself
├── AuthFailed      never try again by itself: accounts get locked
├── BadReply        it answered, but not sense: try again, keep the reason on the screen
├── Unsupported     there is nothing to read there: try rarely
└── NoAccess        a right is missing: say which
"""

from __future__ import annotations

from typing import ClassVar, Final

from mptcp_top.text import printable

LONGEST: Final = 400
"""Characters of a reason or an advice: room for a fingerprint and what to do with it."""


class MptcpTopError(Exception):
    """Anything that is the user's or a target's doing, with a text made for people."""


class SettingsError(MptcpTopError):
    """What the user asked for cannot be done; the text says what to do instead."""


class SourceError(MptcpTopError):
    """A target could not be read.

    ``reason`` says what happened and ``advice`` what to do about it; both are clean, whatever the target sent.
    """

    status: ClassVar[str] = "unreachable"

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(printable(reason, LONGEST))
        self.reason = printable(reason, LONGEST)
        self.advice = printable(advice, LONGEST)


class Unreachable(SourceError):
    """Nothing answers there now; it may come back."""


class AuthFailed(SourceError):
    """The credentials were refused. Trying again by itself would lock the account."""

    status = "auth_failed"


class BadReply(SourceError):
    """It answered, but what it sent cannot be understood."""

    status = "bad_reply"


class Unsupported(SourceError):
    """It answers, and has no MPTCP counters to give."""

    status = "unsupported"


class NoAccess(SourceError):
    """A right is missing to read it."""

    status = "no_access"
