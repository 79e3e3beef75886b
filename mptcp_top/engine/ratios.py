"""Ratios derived from counters: handshake funnels, join success, fallback by cause, subflow failures.

They work on concepts, the source-neutral names of the catalogue, and on how far each grew over one and the same
stretch of time. What a source does not count is None, never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mptcp_top.engine.trend import Growth


class Funnel(NamedTuple):
    """A handshake: how many began, how many arrived. RFC 8684 sections 3.1 and 3.2."""

    name: str
    began: str
    arrived: str


class Passed(NamedTuple):
    """What went through a funnel in one stretch of time."""

    began: int
    arrived: int

    @property
    def share(self) -> float | None:
        """The share that arrived; None if none began. Never above 1: what began earlier may arrive now."""
        return min(1.0, self.arrived / self.began) if self.began else None

    @property
    def lost(self) -> int:
        """How many did not arrive: lost, refused, filtered, or still under way."""
        return max(0, self.began - self.arrived)


class Ratios(NamedTuple):
    """Every derived figure over one stretch of time."""

    funnels: Mapping[str, Passed]
    fallbacks: Mapping[str, int]
    fallback_share: float | None = None
    subflow_failures: int | None = None
    subflows_a_connection: float | None = None


ACCEPTED: Final = "accepted"
CONNECTED: Final = "connected"
JOINS_IN: Final = "joins in"
JOINS_OUT: Final = "joins out"

FUNNELS: Final = (
    Funnel(ACCEPTED, began="capable_syn_rx", arrived="capable_ack_rx"),
    Funnel(CONNECTED, began="capable_syn_tx", arrived="capable_synack_rx"),
    Funnel(JOINS_IN, began="join_syn_rx", arrived="join_ack_rx"),
    Funnel(JOINS_OUT, began="join_syn_tx", arrived="join_synack_rx"),
)

FALLBACKS: Final = (
    "fallback_ack",
    "fallback_synack",
    "fallback_syn_timeout",
    "fallback_paused",
    "fallback_no_token",
    "fallback_first_data",
    "fallback_dss",
    "fallback_dss_corrupt",
    "fallback_simultaneous",
    "fallback_md5",
    "infinite_map_tx",
    "fallback_plain_ack",
    "fallback_infinite_map",
)
"""Every way in which a connection becomes plain TCP on this side; RFC 8684 section 3.7. No connection is in two."""

ATTEMPTS: Final = ("capable_syn_rx", "capable_syn_tx", "fallback_paused", "fallback_md5")
"""Connections that wanted MPTCP. The last two are turned to TCP before a SYN is counted."""

RESETS: Final = (("reset_tx", "fastclose_tx"), ("reset_rx", "fastclose_rx"))

CONCEPTS: Final = frozenset(
    {concept for funnel in FUNNELS for concept in (funnel.began, funnel.arrived)}
    | {*FALLBACKS, *ATTEMPTS}
    | {concept for pair in RESETS for concept in pair}
)
"""Every concept a ratio is made of."""


def ratios_of(grown: Mapping[str, int]) -> Ratios:
    """Return the ratios of one stretch of time, given how far each concept grew in it.

    >>> ratios_of({"join_syn_rx": 10, "join_ack_rx": 9}).funnels["joins in"].share
    0.9
    >>> ratios_of({"reset_tx": 5, "fastclose_tx": 2}).subflow_failures
    3
    >>> ratios_of({}).fallback_share is None
    True
    """
    funnels = {
        funnel.name: Passed(grown[funnel.began], grown[funnel.arrived])
        for funnel in FUNNELS
        if funnel.began in grown and funnel.arrived in grown
    }
    fallbacks = {concept: grown[concept] for concept in FALLBACKS if concept in grown}
    attempts = sum(grown.get(concept, 0) for concept in ATTEMPTS)
    fallen = sum(fallbacks.values())
    # More fallbacks than attempts: connections made earlier fell back now, and a share of the new ones says nothing.
    share = fallen / attempts if fallbacks and 0 < attempts >= fallen else None
    failures = [max(0, grown[reset] - grown[close]) for reset, close in RESETS if reset in grown and close in grown]
    return Ratios(funnels, fallbacks, share, sum(failures) if failures else None, _subflows_a_connection(funnels))


def ratios_in(growth: Growth | None) -> Ratios:
    """Return the ratios of the stretch of time in which the counters of a target grew; none where that is not known."""
    if growth is None:
        return ratios_of({})
    counts = {concept: growth.counts[column] for concept, column in growth.layout.concepts.items()}
    return ratios_of({concept: count for concept, count in counts.items() if concept in CONCEPTS and count is not None})


def together(funnels: Mapping[str, Passed], names: Iterable[str]) -> Passed | None:
    """Return several funnels as one: inbound and outbound are one question to the reader."""
    found = [funnels[name] for name in names if name in funnels]
    return Passed(sum(one.began for one in found), sum(one.arrived for one in found)) if found else None


def _subflows_a_connection(funnels: Mapping[str, Passed]) -> float | None:
    """Return the mean number of subflows of the connections made in that time: the first, and those joined."""
    connections = [funnels[name].arrived for name in (ACCEPTED, CONNECTED) if name in funnels]
    joined = [funnels[name].arrived for name in (JOINS_IN, JOINS_OUT) if name in funnels]
    if not sum(connections) or not joined:
        return None
    return 1 + sum(joined) / sum(connections)
