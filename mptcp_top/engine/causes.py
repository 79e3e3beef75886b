"""Which error explains which: a middlebox that edits payload also makes MP_FAILs, infinite maps and plain TCP.

The table is by concept, so it holds for every source. It only orders what is said: what follows from an error that
rises as well stands after it, and nothing is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mptcp_top.model import Episode

_NO_MEMORY: Final = frozenset({"output_no_subflow", "steering_filter_failed", "join_ack_no_context", "reset_tx"})
_MAPPING_LOST: Final = frozenset(
    {"fallback_dss", "reset_dss", "infinite_map_rx", "infinite_map_tx", "fallback_infinite_map", "reset_tx", "reset_rx"}
)

EXPLAINS: Final[Mapping[str, frozenset[str]]] = {
    "session_alloc_failed": _NO_MEMORY,
    "session_pcb_alloc_failed": _NO_MEMORY,
    "subflow_pcb_alloc_failed": _NO_MEMORY,
    "subflow_map_alloc_failed": _NO_MEMORY,
    "output_alloc_failed": _NO_MEMORY,
    "dss_bad_checksum": _MAPPING_LOST
    | {"mp_fail_tx", "mp_fail_rx", "fallback_first_data", "fallback_plain_ack", "data_no_map", "fallback_failed"},
    "mp_fail_rx": frozenset({"mp_fail_tx", "infinite_map_tx", "fallback_failed", "reset_rx", "reset_tx"}),
    "dss_map_conflict": _MAPPING_LOST,
    "dss_map_off_stream": _MAPPING_LOST,
    "dss_map_mismatch": _MAPPING_LOST,
    "fallback_dss_corrupt": frozenset({"reset_tx", "reset_rx"}),
    "reset_dss_corrupt": frozenset({"reset_tx", "reset_rx"}),
    "reset_dss": frozenset({"reset_tx", "reset_rx"}),
    "blackhole_detected": frozenset({"fallback_syn_timeout", "fallback_paused"}),
    "join_unknown_token": frozenset({"reset_bad_option", "option_no_session", "reset_tx"}),
    "join_synack_bad_hmac": frozenset({"reset_tx"}),
    "join_ack_bad_hmac": frozenset({"reset_tx"}),
    "join_refused": frozenset({"reset_tx"}),
    "subflow_stale": frozenset({"data_reinjected", "reset_tx", "reset_rx"}),
}
"""The concepts that follow from one, by RFC 8684: section 3.2 for joins, 3.3 and 3.7 for mappings and fallback."""


def causes_first(rising: Iterable[Episode]) -> list[Episode]:
    """Return episodes in the order they are to be looked at.

    First those that no other one explains, then the rest; of either the more severe before, then what began first.
    """
    episodes = list(rising)
    follows = {follower for episode in episodes for follower in EXPLAINS.get(episode.metric.concept, ())}
    return sorted(
        episodes,
        key=lambda one: (one.metric.concept in follows, -one.metric.severity.rank, one.started),
    )


def explained(first: Episode, others: Iterable[Episode]) -> bool:
    """Whether an error explains one of the others."""
    follows = EXPLAINS.get(first.metric.concept, frozenset())
    return any(other.metric.concept in follows for other in others)
