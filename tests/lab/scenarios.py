"""What can be done to MPTCP in a laboratory; every deed is over, and counted, when its function returns."""

from __future__ import annotations

import struct
from contextlib import ExitStack, contextmanager
from functools import partial
from socket import AF_INET, IPPROTO_TCP, SO_LINGER, SOCK_RAW, SOL_SOCKET, socket
from typing import TYPE_CHECKING

from .laboratory import FIRST, SECOND, WATCHED, Lab, Route
from .namespace import received_bytes
from .packets import ACK, MP_CAPABLE, MP_JOIN, SYN, Segment, forged_capable, forged_join
from .traffic import Connection, Watch, awaiting, connected, listening, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .middlebox import Rule


@contextmanager
def joined(lab: Lab, on: Route = FIRST) -> Iterator[Connection]:
    """Open a connection on a route and have the client join it by the second."""
    with lab.client_joins_by(SECOND), connected(lab, on) as connection:
        with awaiting(lab.server, MPJoinAckRx=1):
            connection.exchange()
        connection.exchange()
        yield connection


def two_subflows(lab: Lab, size: int = 4 << 20) -> dict[str, int]:
    """Transfer in bulk over two healthy paths: handshake, join and window counters, no error.

    Return how many bytes arrived by each interface.
    """
    before = received_bytes(lab.server)
    with joined(lab) as connection:
        connection.upload(size)
        connection.finish()
    return {name: total - before[name] for name, total in received_bytes(lab.server).items()}


def churn(lab: Lab, connections: int = 20, route: Route = FIRST) -> None:
    """Open, use and close short connections one after the other: handshake counters only."""
    for _ in range(connections):
        with connected(lab, route) as connection:
            connection.exchange()
            connection.finish()


def joins(lab: Lab, connections: int = 5) -> None:
    """Open short connections one after the other, each of which is joined by a second path: handshake counters only."""
    with lab.client_joins_by(SECOND):
        for _ in range(connections):
            with connected(lab) as connection:
                with awaiting(lab.server, MPJoinAckRx=1):
                    connection.exchange()
                connection.exchange()
                connection.finish()


def syn_flood(lab: Lab, syns: int = 500) -> None:
    """Ask the server for connections and never finish a handshake: MPCapableSYNRX each time, and nothing else."""
    with listening(lab) as listener, lab.client.call(socket, AF_INET, SOCK_RAW, IPPROTO_TCP) as raw:
        destination = (FIRST.server, listener.getsockname()[1])
        with awaiting(lab.server, MPCapableSYNRX=syns):
            for number in range(syns):
                raw.sendto(forged_capable((FIRST.client, 20_000 + number), destination, number), destination)


def join_rejected(lab: Lab) -> None:
    """Let the server refuse a join: MPJoinRejected there, MPRstTx at the client."""
    with lab.server.limits(0, 0), lab.client_joins_by(SECOND), connected(lab) as connection:
        with awaiting(lab.client, MPRstTx=1), awaiting(lab.server, MPJoinRejected=1):
            connection.exchange()
        connection.finish()


def join_no_token(lab: Lab, joins: int = 10) -> None:
    """Ask the server to join connections it does not have: MPJoinNoTokenFound each time."""
    with listening(lab) as listener, lab.client.call(socket, AF_INET, SOCK_RAW, IPPROTO_TCP) as raw:
        destination = (FIRST.server, listener.getsockname()[1])
        with awaiting(lab.server, MPJoinNoTokenFound=joins):
            for number in range(joins):
                raw.sendto(forged_join((FIRST.client, 20_000 + number), destination, number), destination)


def join_blackholed(lab: Lab, connections: int = 1) -> None:
    """Drop joins on their way: MPJoinSynTx at the client and nothing else."""
    dropped: set[int] = set()

    def drop_joins(segment: Segment) -> Sequence[bytes]:
        if MP_JOIN not in segment.mptcp_subtypes:
            return (segment.frame,)
        dropped.add(segment.sequence)
        return ()

    def holds(joins_dropped: set[int], least: int) -> bool:
        return len(joins_dropped) >= least

    with lab.middlebox.applying(drop_joins), lab.client_joins_by(WATCHED):
        for number in range(1, connections + 1):
            with connected(lab) as connection:
                connection.exchange()
                wait_until(partial(holds, dropped, number), "the middlebox dropped the join")
                connection.finish()


def strip_synack(lab: Lab) -> None:
    """Strip MP_CAPABLE from the SYN/ACK: MPCapableFallbackSYNACK (client), MPCapableFallbackACK (server)."""

    def strip(segment: Segment) -> Sequence[bytes]:
        synack = segment.flags & (SYN | ACK) == SYN | ACK
        return (segment.without_mptcp() if synack else segment.frame,)

    with lab.middlebox.applying(strip), awaiting(lab.server, MPCapableFallbackACK=1):
        churn(lab, 1, WATCHED)


def syn_blackhole(lab: Lab) -> None:
    """Drop SYNs with MP_CAPABLE: MPCapableSYNTXDrop and Blackhole, then MPCapableSYNTXDisabled (client)."""

    def drop_capable(segment: Segment) -> Sequence[bytes]:
        return () if segment.flags & SYN and MP_CAPABLE in segment.mptcp_subtypes else (segment.frame,)

    forgetting = lab.client.sysctl("blackhole_timeout", 60)  # any write makes the kernel forget what it found
    with forgetting, lab.middlebox.applying(drop_capable):
        churn(lab, 2, WATCHED)


def rm_addr(lab: Lab) -> None:
    """Signal a second address, let the client join it, withdraw it: RmAddr (client), RmSubflow (server)."""
    with connected(lab) as connection, ExitStack() as signalled:
        connection.exchange()
        with awaiting(lab.server, MPJoinAckRx=1, EchoAdd=1):
            signalled.enter_context(lab.server_signals(SECOND))
        with awaiting(lab.client, RmAddr=1), awaiting(lab.server, RmSubflow=1):
            signalled.close()
        connection.exchange()
        connection.finish()


def path_dark(lab: Lab, size: int = 1 << 18) -> None:
    """Darken a path under load, then light it: SubflowStale, MPTCPRetrans, SubflowRecover (client)."""
    with lab.client.sysctl("stale_loss_cnt", 1), joined(lab, on=WATCHED) as connection:
        watch = Watch(lab.client)

        def moved_under_load(**least: int) -> bool:
            connection.upload(size)
            return watch.moved(**least)

        with lab.middlebox.applying(lambda _: ()):
            wait_until(lambda: moved_under_load(SubflowStale=1, MPTCPRetrans=1), "the dark path went stale")
        wait_until(lambda: moved_under_load(SubflowRecover=1), "the path recovered")
        connection.finish()


@contextmanager
def _checksummed(lab: Lab) -> Iterator[Connection]:
    """Open a connection on the watched route that uses DSS checksums."""
    both = lab.client.sysctl("checksum_enabled", 1), lab.server.sysctl("checksum_enabled", 1)
    with both[0], both[1], connected(lab, WATCHED) as connection:
        yield connection


def _damaging_one(connection: Connection) -> Rule:
    """Return a rule that alters the payload of the first data to come by towards the server."""
    damaged = False

    def damage(segment: Segment) -> Sequence[bytes]:
        nonlocal damaged
        if damaged or segment.destination_port != connection.port or not segment.payload:
            return (segment.frame,)
        damaged = True
        return (segment.with_damaged_payload(),)

    return damage


def csum_single(lab: Lab) -> None:
    """Alter data in mid-connection: DataCsumErr, InfiniteMapRx, DssFallback (server), MPFail at both."""
    with _checksummed(lab) as connection:
        connection.exchange()
        with (
            lab.middlebox.applying(_damaging_one(connection)),
            awaiting(lab.server, DataCsumErr=1, MPFailRx=1),
            awaiting(lab.client, MPFailRx=1),
        ):
            connection.upload(100)
        with awaiting(lab.server, InfiniteMapRx=1, DssFallback=1):
            connection.upload(100)
        connection.finish()


def csum_first(lab: Lab) -> None:
    """Alter the first data of a connection: DataCsumErr, DssFallback (server), MPCapableDataFallback."""
    with _checksummed(lab) as connection, lab.middlebox.applying(_damaging_one(connection)):
        with awaiting(lab.server, DataCsumErr=1), awaiting(lab.client, MPCapableDataFallback=1):
            connection.upload(100)
        connection.finish()


def fastclose_linger(lab: Lab) -> None:
    """Abort a connection of two subflows (SO_LINGER 0): MPFastclose and MPRst, both twice, Tx at the client."""
    with joined(lab) as connection, awaiting(lab.server, MPFastcloseRx=2, MPRstRx=2):
        connection.client.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        connection.client.close()


def fastclose_unread(lab: Lab) -> None:
    """Close a server that has unread data: MPFastcloseTx and MPRstTx there, Rx at the client."""
    with connected(lab) as connection:
        connection.exchange()
        with awaiting(lab.client, MPFastcloseRx=1, MPRstRx=1):
            connection.client.sendall(b"nobody reads this")
            connection.server.close()
