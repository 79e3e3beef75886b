"""Incidents of real kernels: what the screens of either host say, and after how many polls.

How it is counted: a kernel is read every second, so each poll is a refresh. An error is beyond chance with the first
one. A handshake that fails is beyond chance when the likelihood says so (`mptcp_top.engine.slumps`), which at five
handshakes a second is at the second poll, and it is named at the next look, the third. Where it is named by a share
that is no good whatever it was before, it is named earlier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.incidents.kernels import Bench
from tests.incidents.screens import clock, transcript
from tests.lab import why_not
from tests.lab.scenarios import (
    churn,
    csum_single,
    join_blackholed,
    join_no_token,
    join_rejected,
    joins,
    path_dark,
    strip_synack,
    syn_blackhole,
    syn_flood,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab import Lab

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "")

CALM_POLLS = 20
FIRST = CALM_POLLS + 1


class Side(NamedTuple):
    """What one host's screens say once the incident is named there; ``polls`` is how many that takes. 0: never."""

    polls: int = 0
    names: str = ""
    verdict: tuple[str, ...] = ()
    rising: tuple[str, ...] = ()
    worse: tuple[tuple[str, str, str], ...] = ()
    explained: tuple[str, ...] = ()


class Incident(NamedTuple):
    """What is done before and then, a poll each time, and what client and server say after so many ``polls``."""

    name: str
    before: Callable[[Lab], object]
    deed: Callable[[Lab], object]
    polls: int
    client: Side
    server: Side


def joins_and_strays(lab: Lab) -> None:
    """Healthy joins, and twice as many that reach the wrong host."""
    joins(lab)
    join_no_token(lab)


def few(lab: Lab) -> None:
    """Healthy connections."""
    churn(lab, 5)


def five(deed: Callable[[Lab], object]) -> Callable[[Lab], None]:
    def done(lab: Lab) -> None:
        for _ in range(5):
            deed(lab)

    return done


def flooded(lab: Lab) -> None:
    """Healthy connections, and many handshakes that are never finished."""
    few(lab)
    syn_flood(lab, 300)


SINCE = f"since {clock(FIRST)}"
LOOKED = f"since {clock(FIRST + 1)}"
SURE = f"since {clock(FIRST + 2)}"
INCIDENTS = [
    Incident(
        "joins that reach the wrong host",
        joins,
        joins_and_strays,
        polls=4,
        client=Side(),
        server=Side(
            polls=1,
            names="unknown token",
            verdict=(
                f"▲ 1 error rising  MP_JOIN unknown token  {SINCE}  join reaches the wrong host?",
                f"! joins in 33.3 %, was 100 %  {SURE}  lost before final ACK received: unknown token",
            ),
            rising=("MP_JOIN unknown token",),
            worse=(("joins in", "final ACK received", "unknown token"),),
            explained=(
                "What it is A host asked to add a subflow with a token that no connection",
                "A rise means Mostly a load balancer or NAT that sends joins to another backend",
            ),
        ),
    ),
    Incident(
        "joins that are refused",
        joins,
        five(join_rejected),
        polls=3,
        client=Side(
            polls=1,
            names="reset sent",
            verdict=(f"▲ 1 error rising  termination reset sent  {SINCE}  subflows fail or joins refused?",),
            rising=("termination reset sent",),
            explained=("What it is This host reset one of its subflows", "On a client think of refused joins first"),
        ),
        server=Side(
            polls=1,
            names="MP_JOIN refused",
            verdict=(
                f"▲ 1 error rising  MP_JOIN refused  {SINCE}  subflow limit reached?",
                f"! joins in 0 %, was 100 %  {LOOKED}  lost before final ACK received: refused",
            ),
            rising=("MP_JOIN refused",),
            worse=(("joins in", "final ACK received", "refused"),),
            explained=("What it is A join proved itself genuine and was turned down all the same",),
        ),
    ),
    Incident(
        "a path that swallows joins",
        joins,
        lambda lab: join_blackholed(lab, 5),
        polls=3,
        client=Side(
            polls=2,
            names="joins",
            verdict=(f"! joins out 0 %, was 100 %  {LOOKED}  lost before SYN/ACK received: reset, filtered or lost",),
            worse=(("joins out", "SYN/ACK received", "reset, filtered or lost"),),
            explained=(
                "What it is This host tried to add a subflow: a SYN with MP_JOIN left",
                "Far above it, with no error beside it, joins vanish: the path is filtered",
            ),
        ),
        server=Side(),
    ),
    Incident(
        "a middlebox that strips MPTCP from SYN/ACKs",
        few,
        five(strip_synack),
        polls=3,
        client=Side(
            polls=3,
            names="connected 0 %, was 100 %",
            verdict=(f"! connected 0 %, was 100 %  {LOOKED}  lost before SYN/ACK received: SYN/ACK not MPTCP",),
            worse=(("connected", "SYN/ACK received", "SYN/ACK not MPTCP"),),
            explained=("What it is A server answered our MPTCP request with an ordinary SYN/ACK.",),
        ),
        server=Side(
            polls=1,
            names="final ACK not MPTCP",
            verdict=(
                f"▲ 1 error rising  MP_CAPABLE final ACK not MPTCP  {SINCE}  options stripped after the SYN?",
                f"! accepted 0 %, was 100 %  {LOOKED}  lost before final ACK received: final ACK not MPTCP",
            ),
            rising=("MP_CAPABLE final ACK not MPTCP",),
            worse=(("accepted", "final ACK received", "final ACK not MPTCP"),),
            explained=("A rise means A middlebox removes MPTCP options",),
        ),
    ),
    Incident(
        "a firewall that drops MPTCP SYNs",
        few,
        syn_blackhole,
        polls=1,
        client=Side(
            polls=1,
            names="blackhole detected",
            verdict=(f"▲ 3 errors rising  cause: MP_CAPABLE blackhole detected  {SINCE}  firewall drops MPTCP SYNs?",),
            rising=(
                "MP_CAPABLE blackhole detected",
                "MP_CAPABLE SYN unanswered, now TCP",
                "MP_CAPABLE paused, sent as TCP",
            ),
            explained=("A rise means A firewall on the way discards SYNs with MPTCP options.",),
        ),
        server=Side(),
    ),
    Incident(
        "a middlebox that changes payload",
        joins,
        csum_single,
        polls=1,
        client=Side(
            polls=1,
            names="MP_FAIL received",
            verdict=(f"▲ 3 errors rising  cause: MP_FAIL received  {SINCE}  peer got altered payload?",),
            rising=("MP_FAIL received", "MP_FAIL sent", "DSS infinite map sent"),
            explained=("What it is A peer sent MP_FAIL: it found a wrong DSS checksum in data of ours",),
        ),
        server=Side(
            polls=1,
            names="bad checksum",
            verdict=(f"▲ 5 errors rising  cause: DSS bad checksum  {SINCE}  middlebox edits payload?",),
            rising=(
                "DSS bad checksum",
                "MP_FAIL sent",
                "MP_FAIL received",
                "DSS bad mapping, now TCP",
                "DSS infinite map received",
            ),
            explained=("A rise means Payload is changed on the way to us",),
        ),
    ),
    Incident(
        "a flood of half-open SYNs",
        few,
        flooded,
        polls=3,
        client=Side(),
        server=Side(
            polls=1,
            names="only 25.0 % of inbound handshakes come through",
            verdict=(f"▲ 61 x as many MP_CAPABLE SYNs  accepted 1.6 %, was 100 %  {LOOKED}  a flood of SYNs?",),
            worse=(("accepted", "final ACK received", "lost, flood or filtered"),),
            explained=(
                "What it is A client asked this host for MPTCP: its first SYN carried MP_CAPABLE",
                "If that falls behind, clients do not finish: a SYN flood",
            ),
        ),
    ),
    Incident(
        "a path that goes dark",
        joins,
        path_dark,
        polls=1,
        client=Side(
            polls=1,
            names="path gone stale",
            verdict=(f"▲ 1 error rising  DSS path gone stale  {SINCE}  a path is dead or lossy?",),
            rising=("DSS path gone stale",),
            explained=("A rise means A path is dead or loses a lot",),
        ),
        server=Side(),
    ),
]


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.name)
def test_an_incident_of_a_kernel_is_named_at_either_end(incident: Incident) -> None:
    with Bench() as bench:
        for _ in range(CALM_POLLS):
            assert all(seen.calm for seen in bench.poll(incident.before)), transcript(bench.seen[-1])
        polls = [bench.poll(incident.deed) for _ in range(incident.polls)]
        for place, side in enumerate((incident.client, incident.server)):
            seen = [poll[place] for poll in polls]
            told = transcript(seen)
            named = [number for number, one in enumerate(seen, 1) if side.names and side.names in " ".join(one.verdict)]
            assert named[:1] == ([side.polls] if side.polls else []), told
            assert (seen[-1].verdict if side.polls else ()) == side.verdict, told
            assert (seen[-1].rising, seen[-1].worse) == (side.rising, side.worse), told
            assert side.polls or seen[-1].calm, told
            page = bench.explained(place) if side.explained else ""
            for words in side.explained:
                assert words in page
