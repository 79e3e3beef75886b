"""The counters in a reply to ``stat protocol mptcp``: which it has, what they read, and its own rates beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.catalogue.catalogue import netscaler
from mptcp_top.errors import BadReply, Unsupported
from mptcp_top.sources.nitro.reply import Fields, counter_of, number_of

if TYPE_CHECKING:
    from mptcp_top.model import Layout

RESOURCE: Final = "protocolmptcp"
UNKNOWN_AT_MOST: Final = 500
PLANS_AT_MOST: Final = 8
KEYS_AT_MOST: Final = 5_000
"""From this many keys on a reply is not worth remembering beside others; a real one has 157."""

_OURS: Final = re.compile(r"mptcp[a-z0-9_]{1,59}", re.ASCII)


class Reading(NamedTuple):
    """One reply's numbers, in the order of a layout."""

    layout: Layout
    values: tuple[int | None, ...]
    own_rates: tuple[float | None, ...]


class _Plan(NamedTuple):
    """Where in the reply each column stands. Made once for each order of keys, of which an appliance has one."""

    layout: Layout
    values: tuple[tuple[int, ...], ...]
    rates: tuple[tuple[int, ...], ...]


class Counters:
    """The reader of one appliance's replies; it keeps the layouts, which are compared by identity."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._last: tuple[Fields, Reading] | None = None

    def read(self, document: Fields) -> Reading:
        """Return the numbers in a reply.

        Raises:
            BadReply: it holds something else.
            Unsupported: it holds no MPTCP counters.
        """
        if self._last is not None and self._last[0] is document:
            return self._last[1]
        fields = resource_of(document)
        keys = tuple([key for key, _ in fields])
        plan = self._plans.get(keys)
        if plan is None:
            if len(self._plans) >= PLANS_AT_MOST or len(keys) > KEYS_AT_MOST:
                self._plans.clear()
            plan = self._plans[keys] = _plan_of(keys)
        if not plan.values:
            raise Unsupported("the reply holds no MPTCP counter", "MPTCP counters need NetScaler 12.1 or later")
        values = tuple([_one(counter_of, fields, places) for places in plan.values])
        reading = Reading(plan.layout, values, tuple([_one(number_of, fields, places) for places in plan.rates]))
        self._last = document, reading
        return reading


def resource_of(document: Fields, name: str = RESOURCE) -> Fields:
    """Return the object a reply is about. Appliances send it bare; their documents show it in a list of one.

    Raises:
        BadReply: it is neither.
        Unsupported: there is none.
    """
    found = document.last(name)
    if isinstance(found, list) and not isinstance(found, Fields):
        if len(found) > 1:
            raise BadReply(
                f"the reply holds {name} {len(found)} times, as a cluster's address may give it",
                "give the address of each node (NSIP) as a target of its own",
            )
        found = found[0] if found else None
    if found is None:
        raise Unsupported(f"the reply holds no {name}", "MPTCP counters need NetScaler 12.1 or later")
    if not isinstance(found, Fields):
        raise BadReply(f"{name} in the reply is not an object")
    return found


def rate_name(name: str) -> str:
    """Return the key under which an appliance gives its own rate of a counter (NITRO reference, protocolmptcp).

    >>> rate_name("mptcptotmpcapsyn"), rate_name("mptcperrunknowntoken")
    ('mptcpmpcapsynrate', 'mptcperrunknowntokenrate')
    """
    return name.replace("mptcptot", "mptcp", 1) + "rate"


def _plan_of(keys: tuple[str, ...]) -> _Plan:
    places: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        if _OURS.fullmatch(key):
            places.setdefault(key, []).append(place)
    known = netscaler().entries
    rates = {rate_name(name) for name in places}
    unknown = [name for name in places if name not in known and name not in rates and not name.endswith("rate")]
    names = [name for name in known if name in places] + unknown[:UNKNOWN_AT_MOST]
    layout = netscaler().layout(names)
    return _Plan(
        layout,
        tuple(tuple(places[name]) for name in names),
        tuple(tuple(places.get(rate_name(metric.name), ())) if metric.grows else () for metric in layout.metrics),
    )


def _one(read: Any, fields: Fields, places: tuple[int, ...]) -> Any:  # noqa: ANN401  # int or float, as ``read`` gives
    """Return the value at a key's places; where a key stands twice with two values, neither is to be trusted."""
    if len(places) == 1:
        return read(fields[places[0]][1])
    found = {read(fields[place][1]) for place in places}
    return found.pop() if len(found) == 1 else None
