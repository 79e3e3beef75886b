"""What no counter speaks of, explained: those that got lost between two steps and were not counted by any cause."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.funnels import rest_name
from mptcp_top.ui.line import Line, Look, Piece

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mptcp_top.engine.funnels import Passage


class Words(NamedTuple):
    """What the rest between two steps can be, and what tells them apart."""

    may_be: str
    check: str


_NO_WORDS: Final = Words("The source counts no cause of its own for these.", "A packet capture of the handshakes.")

WORDS: Final[Mapping[tuple[str, str], Words]] = {
    ("capable_syn_rx", "capable_ack_rx"): Words(
        "The client never finished: a flood of SYNs with forged senders, final ACKs or SYN/ACKs lost on the way, a "
        "client that gave up, or one that is under way at this moment.",
        "ss -Htn state syn-recv | wc -l: many half-open ones from everywhere are a flood, many from one network a path "
        "that loses packets. Clients behind a filter show MPCapableSYNTXDrop.",
    ),
    ("capable_syn_rx", "capable_synack_tx"): Words(
        "The appliance did not answer the SYN with MP_CAPABLE: it took the client for one of plain TCP, because of the "
        "version, flags or checksum it asked for, or because it was short of memory.",
        "The rows with an at-most sign are what the appliance counted meanwhile. RFC 8684 section 3.1 says when to "
        "answer without MP_CAPABLE.",
    ),
    ("capable_synack_tx", "capable_ack_rx"): Words(
        "The client got a SYN/ACK, or should have, and its final ACK with MP_CAPABLE never came: a flood of SYNs with "
        "forged senders, packets lost, or a middlebox that takes MPTCP out of the answer.",
        "A flood raises the SYNs many times over and leaves the final ACKs as they are. If the SYNs are as usual, "
        "trace one client: does its ACK leave with MP_CAPABLE?",
    ),
    ("capable_ack_rx", "capable_sessions_created"): Words(
        "The handshake was finished and no session came of it: the appliance was short of memory, or the final ACK did "
        "not prove itself.",
        "stat system memory; and the rows with an at-most sign, if there are any.",
    ),
    ("capable_syn_tx", "capable_synack_rx"): Words(
        "The server refused the connection, nobody answered, or the answer is under way at this moment. What fell back "
        "to plain TCP is counted by its own rows.",
        "ss -tn state syn-sent: to which servers? A single one that is down is no matter of MPTCP.",
    ),
    ("join_syn_rx", "join_ack_rx"): Words(
        "The join never finished: a packet of it lost or filtered on that path, the MP_JOIN option stripped from the "
        "SYN/ACK or the final ACK, a flood of SYNs with a known token, or one under way at this moment.",
        "A capture on that path of MP_JOIN SYNs and what answers them. The client counts MPRstTx where it met an "
        "answer it could not use, and nothing but MPJoinSynTx where nothing came back.",
    ),
    ("join_syn_rx", "join_synack_tx"): Words(
        "The appliance did not answer the join, and no cause of its own was counted: dropped for the order in which "
        "packets came, for memory, or refused in a way it does not count.",
        "stat protocol mptcp -detail: what else rises with it? The rows with an at-most sign come first.",
    ),
    ("join_synack_tx", "join_ack_arrived"): Words(
        "The client's final ACK never came: packets lost on the second path, MP_JOIN stripped on it, or a flood of "
        "SYNs with a known token.",
        "Pending joins now (mptcpcurpendingjoin): many of them are a flood or one path that is dead. Which client "
        "networks are they from?",
    ),
    ("join_ack_arrived", "join_ack_rx"): Words(
        "The final ACK came and was not validated, and that its HMAC was wrong was not counted either: the session "
        "may have ended meanwhile.",
        "Now and then it is a race with a session that closes. A lasting share: trace one join.",
    ),
    ("join_syn_tx", "join_synack_rx"): Words(
        "The peer answered with a reset or without MP_JOIN, the join is filtered on that path, no listener is bound to "
        "the address that was announced, or the endpoint has no route that works.",
        "ip mptcp endpoint show; ss -tn state syn-sent; a capture of MP_JOIN SYNs on that path: is there any answer?",
    ),
}


def rest_lines(passage: Passage, place: int, target: str, width: int) -> list[Line]:
    """Return the page of the rest before a step."""
    before, step = passage.steps[place - 1], passage.steps[place]
    words = WORDS.get((before.metric.concept, step.metric.concept), _NO_WORDS)
    name = rest_name(before.metric, step.metric)
    lines = [
        Line((Piece(f" {name}", Look.TITLE), Piece("   no counter: what is left over", Look.QUIET))),
        Line((Piece(f" {passage.handshake.title}: {before.metric.label}, not {step.metric.label}", Look.QUIET),)),
        Line(),
    ]
    sure = sum(part.number for part in step.parts if not part.perhaps)
    lines += _pair(
        "Now",
        f"{text.count(before.number)} {before.metric.label} - {text.count(step.number)} {step.metric.label}"
        f" - {text.count(sure)} of counted causes = {text.count(step.rest)}"
        f" in {text.duration(passage.seconds)} on {target}",
        width,
    )
    if step.beyond:
        lines += _pair("Beyond", f"{text.count(step.beyond)} more were counted than can be: they began before", width)
    lines += [Line(), *_pair("It may be", words.may_be, width), *_pair("Check next", words.check, width)]
    counters = f"{before.metric.name}, {step.metric.name}"
    return [*lines, *_pair("Counters", counters, width)]


def _pair(title: str, words: str, width: int) -> list[Line]:
    first, *more = textwrap.wrap(words, max(20, width - 15))
    lines = [Line((Piece(f"  {title:<12} ", Look.QUIET), Piece(first)))]
    return lines + [Line((Piece(" " * 15), Piece(line))) for line in more]
