"""What an appliance may do instead of telling its counters, by what is then said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mptcp_top.model import Secret
from mptcp_top.simulator.accounts import NO_MPTCP, Account
from tests.nitro.appliances import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.simulator.running import Box


def without_access(box: Box) -> None:
    box.add_account(Account(USER, Secret("another")))


def without_rights(box: Box) -> None:
    box.add_account(Account(USER, Secret(PASSWORD), NO_MPTCP))


TROUBLES: dict[str, Callable[[Box], None]] = {
    "auth_failed": without_access,
    "no_access": without_rights,
    "unsupported": lambda box: box.switch(old_firmware=True),
    "unreachable": lambda box: box.fault("unavailable"),
    "bad_reply": lambda box: box.fault("login-page", on="protocolmptcp"),
}
