"""What this host's kernel can do: its MPTCP, the settings that matter, its counters and its network namespaces."""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING, Final

from mptcp_top.catalogue.catalogue import linux
from mptcp_top.cli.doctor.finding import Area, Finding, fails, fine, note, skipped
from mptcp_top.errors import SourceError
from mptcp_top.model import Target
from mptcp_top.sources import namespace
from mptcp_top.sources.linux import LinuxSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mptcp_top.model import Sample

IPPROTO_MPTCP: Final = 262
NAMESPACES_AT_MOST: Final = 20
SYSCTLS: Final = (
    "enabled",
    "path_manager",
    "pm_type",
    "scheduler",
    "checksum_enabled",
    "allow_join_initial_addr_port",
    "add_addr_timeout",
    "stale_loss_cnt",
    "blackhole_timeout",
)
"""The settings that change what the counters say (`Documentation/networking/mptcp-sysctl.rst`)."""

ODD: Final[Mapping[tuple[str, str], str]] = {
    ("path_manager", "userspace"): "paths are left to a daemon (path_manager=userspace): is mptcpd running?",
    ("pm_type", "1"): "paths are left to a daemon (pm_type=1): is mptcpd running?",
    ("allow_join_initial_addr_port", "0"): "joins to the first address are not taken: others have to be announced",
    ("add_addr_timeout", "0"): "addresses are announced once and never repeated (add_addr_timeout=0)",
    ("blackhole_timeout", "0"): "where SYNs with MPTCP are dropped, nothing makes it pause (blackhole_timeout=0)",
}
_NO_SOCKET: Final[Mapping[int, str]] = {
    errno.ENOPROTOOPT: "MPTCP is switched off, so programs get an error where they ask for it",
    errno.EPROTONOSUPPORT: "this kernel has no MPTCP",
}


def kernel(*, needed: bool) -> Area:
    """Look at the kernel; what does not work is only noted unless it is ``needed``."""
    system = os.uname()
    return Area(f"kernel (Linux {system.release})", (*_counting(needed=needed), _namespaces()))


def _counting(*, needed: bool) -> Iterator[Finding]:
    yield _socket(needed=needed)
    source = LinuxSource(Target("local", "linux"))
    try:
        sample = source.read()
    except SourceError as error:
        yield fails("counters", error.reason, error.advice, needed=needed)
        yield skipped("settings", "there are no counters")
        return
    finally:
        source.close_now()
    yield counted(sample)
    yield from settings_of(sample)


def _socket(*, needed: bool) -> Finding:
    """Open a socket and close it: no counter moves by that."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP).close()
    except OSError as error:
        says = _NO_SOCKET.get(error.errno or 0, f"no MPTCP socket can be opened: {error.strerror}")
        return fails(
            "MPTCP", says, "it takes Linux 5.6 or later with CONFIG_MPTCP, and net.mptcp.enabled=1", needed=needed
        )
    return fine("MPTCP", "built in, and programs can open MPTCP sockets")


def counted(sample: Sample) -> Finding:
    """Return how many counters there are, and whether all of them can be explained."""
    known = linux().entries
    names = [metric.name for metric in sample.layout.metrics]
    unknown = [name for name in names if name not in known]
    says = f"{len(names)} of the {len(known)} that are known of any kernel"
    if unknown:
        return note("counters", f"{says}, and {len(unknown)} that are not: {', '.join(unknown[:5])}")
    return fine("counters", says)


def settings_of(sample: Sample) -> Iterator[Finding]:
    """Yield the kernel's settings that matter, and what is odd about them."""
    values = {name.removeprefix("net.mptcp."): value for name, value in sample.identity.facts.items()}
    told = [f"{name}={values[name]}" for name in SYSCTLS if name in values]
    yield fine("settings", " ".join(told)) if told else note("settings", "net.mptcp.* cannot be read")
    for notice in sample.identity.notices:
        says, _, advice = notice.partition("; to switch it on: ")
        yield note("settings", says, advice)
    for (name, value), says in ODD.items():
        if values.get(name) == value:
            yield note("settings", says)


def _namespaces() -> Finding:
    names = namespace.named()
    if not names:
        return fine("namespaces", "ip netns has named none")
    closed = []
    for name in names[:NAMESPACES_AT_MOST]:
        try:
            namespace.inside(name, lambda: None)
        except SourceError as error:
            closed.append(error)
    shown = ", ".join(names[:NAMESPACES_AT_MOST]) + (" ..." if len(names) > NAMESPACES_AT_MOST else "")
    if closed:
        return note("namespaces", f"{len(names)} ({shown}); {closed[0].reason}", closed[0].advice)
    return fine("namespaces", f"{len(names)}, readable as local:NAME: {shown}")
