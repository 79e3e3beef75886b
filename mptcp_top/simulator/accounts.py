"""Who may log in, and what each may do. A right is a pattern over CLI commands, as in an appliance's own policies."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Final

from mptcp_top.model import Secret  # noqa: TC001  # the doctest makes one

SUPERUSER: Final = ".*"
READ_ONLY: Final = r"(^man.*)|(^show\s+(?!system)(?!ns ns.conf)(?!ns runningConfig).*)|(^stat.*)"
"""The built-in read-only policy. It lets ``stat protocol mptcp -clearstats full`` pass, as the real one does."""
NO_MPTCP: Final = r"^(?!stat protocol mptcp)(stat|show)\s.*"
TIGHT: Final = r"^stat protocol mptcp$|^stat (system|ha node)$|^show (ns version|ns hostName|HA node)$"
"""What a monitoring user needs and no more; clearing statistics is not in it."""


@dataclass(frozen=True)
class Account:
    """A user, the commands it may give, and the errorcode a login ends with although the password is right.

    Such outcomes are 1046 (the password must be changed), 1047 (it is the default password), 1045 (the licence
    agreement was not accepted) and 1034 (a second factor is wanted).
    """

    name: str
    password: Secret
    policy: str = READ_ONLY
    outcome: int = 0

    def may(self, command: str) -> bool:
        """Whether the policy lets a CLI command pass.

        >>> Account("monitor", Secret(""), TIGHT).may("stat protocol mptcp -clearstats full")
        False
        """
        return re.search(self.policy, command) is not None

    def proves(self, password: str) -> bool:
        """Whether this is the password."""
        return hmac.compare_digest(self.password.reveal().encode(), password.encode())
