"""The handshakes of MPTCP as tables: their steps, and what is counted of those that get lost on the way.

All by concept, the source-neutral names of the catalogue. A source that does not count a step has one step less, and
what is lost before it is lost before the next one. RFC 8684 section 3.1 (MP_CAPABLE: SYN, SYN/ACK, ACK), section 3.2
(MP_JOIN: SYN, SYN/ACK, ACK, and a fourth packet that confirms) and section 3.7 (what falls back to plain TCP).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.ratios import ACCEPTED, CONNECTED, JOINS_IN, JOINS_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping


class Cause(NamedTuple):
    """A counter of handshakes that end here.

    ``perhaps``: its owner does not say that they end here. ``unless`` is the first step of another handshake that
    shares the counter: while that one moves nobody knows whose they are.
    """

    concept: str
    perhaps: bool = False
    unless: str = ""


class Step(NamedTuple):
    """How far a handshake can get, and what is counted between this step and the one before."""

    concept: str
    causes: tuple[Cause, ...] = ()


class Handshake(NamedTuple):
    """One kind of handshake in one direction. ``unsent`` are causes for which the first step is never taken.

    Who begins a handshake sees that it was answered; whether the other side then completes it is not counted here.
    """

    name: str
    title: str
    steps: tuple[Step, ...]
    unsent: tuple[Cause, ...] = ()
    done: str = "complete"

    @property
    def begins(self) -> str:
        """The concept of its first step."""
        return self.steps[0].concept


def _perhaps(*concepts: str) -> tuple[Cause, ...]:
    return tuple(Cause(concept, perhaps=True) for concept in concepts)


def _counted(*concepts: str) -> tuple[Cause, ...]:
    return tuple(Cause(concept) for concept in concepts)


HANDSHAKES: Final = (
    Handshake(
        ACCEPTED,
        "MP_CAPABLE inbound",
        (
            Step("capable_syn_rx"),
            Step(
                "capable_synack_tx",
                (
                    *_counted("capable_endpoint_attempt"),
                    Cause("fallback_no_token", unless="capable_syn_tx"),
                    # RFC 8684 has a SYN of another version answered, others not; what an appliance does is not said.
                    *_perhaps(
                        "capable_version_unsupported",
                        "capable_crypto_unsupported",
                        "capable_extension_flag",
                        "capable_reserved_flag",
                        "mss_unsupported",
                    ),
                ),
            ),
            Step("capable_ack_rx", (*_counted("fallback_ack"), *_perhaps("capable_ack_bad_cookie"))),
            Step("capable_sessions_created", _perhaps("session_alloc_failed", "session_pcb_alloc_failed")),
        ),
    ),
    Handshake(
        CONNECTED,
        "MP_CAPABLE outbound",
        (
            Step("capable_syn_tx"),
            Step("capable_synack_rx", _counted("fallback_synack", "fallback_syn_timeout", "fallback_simultaneous")),
        ),
        unsent=(*_counted("fallback_paused", "fallback_md5"), Cause("fallback_no_token", unless="capable_syn_rx")),
        done="answered",
    ),
    Handshake(
        JOINS_IN,
        "MP_JOIN inbound",
        (
            Step("join_syn_rx"),
            Step(
                "join_synack_tx",
                (
                    *_counted("join_unknown_token", "join_refused", "join_threshold_reached", "join_after_fallback"),
                    *_counted("join_syn_wrong_port", "join_no_address_id"),
                    *_perhaps("subflow_pcb_alloc_failed", "subflow_map_alloc_failed"),
                ),
            ),
            Step("join_ack_arrived"),
            Step(
                "join_ack_rx",
                _counted(
                    "join_ack_bad_hmac",
                    "join_ack_no_option",
                    "join_ack_no_context",
                    "join_ack_wrong_port",
                    "join_not_established",
                ),
            ),
        ),
    ),
    Handshake(
        JOINS_OUT,
        "MP_JOIN outbound",
        (Step("join_syn_tx"), Step("join_synack_rx", _counted("join_synack_bad_hmac", "join_synack_no_option"))),
        unsent=_counted("join_tx_socket_error", "join_tx_bind_error", "join_tx_connect_error"),
        done="answered",
    ),
)
"""Every handshake that is counted somewhere. A fallback later on (first data, DSS) is no loss of the handshake."""

RESTS: Final[Mapping[tuple[str, str], str]] = {
    ("capable_syn_rx", "capable_ack_rx"): "lost, flood or filtered",
    ("capable_syn_rx", "capable_synack_tx"): "not answered as MPTCP",
    ("capable_synack_tx", "capable_ack_rx"): "lost, flood or filtered",
    ("capable_ack_rx", "capable_sessions_created"): "no session came of it",
    ("capable_syn_tx", "capable_synack_rx"): "refused or no answer",
    ("join_syn_rx", "join_ack_rx"): "lost, stripped or flood",
    ("join_syn_rx", "join_synack_tx"): "not answered, not counted",
    ("join_synack_tx", "join_ack_arrived"): "lost, stripped or flood",
    ("join_ack_arrived", "join_ack_rx"): "not validated",
    ("join_syn_tx", "join_synack_rx"): "reset, filtered or lost",
}
"""What to call those that no counter speaks of, by the two steps between which they got lost."""

UNNAMED: Final = "not counted"
"""What to call them between two steps that no source we know counts without the ones between."""
