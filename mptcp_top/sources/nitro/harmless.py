"""What may be asked of an appliance without changing it: the login, the logout, and reads without side effects.

Everything else is refused before it is sent, so no bug elsewhere can wipe an appliance's counters, and nobody has to
look through the program to know that.
"""

from __future__ import annotations

from typing import Final

LOGIN: Final = "/nitro/v1/config/login"
LOGOUT: Final = "/nitro/v1/config/logout"
DETAIL: Final = "args=detail:true"
QUERIES: Final = frozenset({"", DETAIL})
_PLACES: Final = ("/nitro/v1/stat/", "/nitro/v1/config/")


def is_harmless(method: str, path: str) -> bool:
    """Whether a request changes nothing. What is not known to be harmless is not.

    >>> is_harmless("GET", "/nitro/v1/stat/protocolmptcp"), is_harmless("POST", LOGIN)
    (True, True)
    >>> is_harmless("GET", "/nitro/v1/stat/protocolmptcp?args=detail:true,fullvalues:true")
    False
    >>> is_harmless("POST", "/nitro/v1/config/nsstats?action=clear"), is_harmless("GET", LOGOUT + "/%3f")
    (False, False)
    """
    if method != "GET":
        return method == "POST" and path in {LOGIN, LOGOUT}
    place, _, query = path.partition("?")
    name = next((place.removeprefix(known) for known in _PLACES if place.startswith(known)), "")
    return query in QUERIES and name.isascii() and name.isalpha()
