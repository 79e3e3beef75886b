"""The rules that are shipped: few, and quiet on a box that is well.

They are about shares of what is asked for, not about single errors: those are flagged already when they rise. A host
whose own connections go to servers without MPTCP falls back all day, so only sessions from outside count here.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from mptcp_top.rules.parser import parse
from mptcp_top.rules.rule import Watch

TEXTS: Final = {
    "joins fail": "join_success < 90% for 30s until > 95%",
    "handshakes fail": "accepted < 70% for 1m until > 80%",
    "sessions fall back": (
        "fallback_ack / capable_syn_rx > 10% or fallback_plain_ack / capable_syn_rx > 10%"
        " or fallback_infinite_map / capable_syn_rx > 10% for 2m"
    ),
    "no memory for sessions": (
        "session_alloc_failed rises or session_pcb_alloc_failed rises or subflow_pcb_alloc_failed rises"
        " or subflow_map_alloc_failed rises or fallback_no_token rises"
    ),
}


@cache
def default_watches() -> tuple[Watch, ...]:
    """Return the rules that are shipped, by the names they are told with."""
    return tuple(Watch(name, parse(text)) for name, text in TEXTS.items())
