"""What one local sample costs, read + parse + delta, beside a bare pread and beside ``nstat -az``.

    uv run python -m benchmarks.local_sample [--rounds 15]

The ways take turns sample by sample, and MPTCP connections over this host's loopback move counters in between. Times
are CPU time.
"""

import argparse
import os
import shutil
import socket
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final

from mptcp_top.engine.engine import Engine
from mptcp_top.engine.rates import increases
from mptcp_top.engine.store import Store
from mptcp_top.sources.linux import LinuxSource
from mptcp_top.sources.registry import target_of

NETSTAT: Final = "/proc/net/netstat"
MPTCP: Final = 262
ABORT: Final = struct.pack("ii", 1, 0)
ENOUGH_BYTES: Final = 1 << 16
SAMPLES_A_ROUND: Final = 200
PROCESSES_A_ROUND: Final = 20
BARE: Final = "bare pread"
OURS: Final = "ours"
ENGINE: Final = "ours + engine"
NSTAT: Final = "nstat -az"
BUDGETS: Final = ((OURS, BARE, 1.75), (OURS, NSTAT, 0.05), (ENGINE, BARE, None))

Way = Callable[[], object]
"""Take one sample."""
Times = dict[str, list[float]]
"""Microseconds of CPU by way, one number a round."""


def bare() -> Way:
    """Return the limit: the kernel formats the text, and nobody looks at it."""
    descriptor = os.open(NETSTAT, os.O_RDONLY)
    return lambda: os.pread(descriptor, ENOUGH_BYTES, 0)


def ours() -> Way:
    """Return what the budget is about: read, parse, and the increase of every counter."""
    source = LinuxSource(target_of("local"))
    last = source.read()

    def sample() -> None:
        nonlocal last
        now = source.read()
        increases(last.values, now.values, now.layout.gauges, now.wrap_bits)
        last = now

    return sample


def ours_with_engine() -> Way:
    """Return all that a sample causes before it is drawn: episodes and history too."""
    target = target_of("local")
    source, engine = LinuxSource(target), Engine(Store([target]))
    return lambda: engine.observe(source.read(), 1.0)


@contextmanager
def traffic() -> Iterator[Callable[[], None]]:
    """Listen on loopback; each call opens and aborts a connection, which moves a dozen MPTCP counters."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def move() -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP) as client:
                client.connect(listener.getsockname())
                server, _ = listener.accept()
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)  # leaves no TIME_WAIT behind
            server.close()

        yield move


def sample_round(ways: Mapping[str, Way], move: Callable[[], None], times: Times) -> None:
    """Let the ways take turns, sample by sample, and note the median of each."""
    spent: dict[str, list[int]] = {name: [] for name in ways}
    for _ in range(SAMPLES_A_ROUND):
        for name, way in ways.items():
            move()
            began = time.thread_time_ns()
            way()
            spent[name].append(time.thread_time_ns() - began)
    for name, nanoseconds in spent.items():
        times[name].append(statistics.median(nanoseconds) / 1e3)


def nstat_round(path: str, history: str, times: Times) -> None:
    """Run nstat as processes and note the median; its history file is ours, not the user's."""
    spent = []
    for _ in range(PROCESSES_A_ROUND):
        to_null = ((os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),)
        child = os.posix_spawn(path, (path, "-az"), {"NSTAT_HISTORY": history}, file_actions=to_null)
        _, _, usage = os.wait4(child, 0)
        spent.append(usage.ru_utime + usage.ru_stime)
    times[NSTAT].append(statistics.median(spent) * 1e6)


def measure(rounds: int) -> Times:
    """Return the times of every way; the first round warms up and does not count."""
    ways = {BARE: bare(), OURS: ours(), ENGINE: ours_with_engine()}
    nstat = shutil.which("nstat")
    times: Times = {name: [] for name in (*ways, NSTAT)}
    with ExitStack() as resources:
        move = resources.enter_context(traffic())
        history = resources.enter_context(tempfile.NamedTemporaryFile(prefix="nstat-")).name
        for _ in range(rounds + 1):
            sample_round(ways, move, times)
            if nstat:
                nstat_round(nstat, history, times)
    return {name: values[1:] for name, values in times.items() if values}


def ratio(times: Times, mine: str, other: str, limit: float | None) -> str:
    """Return the line of one ratio: the median over the rounds, as two ways of one round are side by side."""
    title = f"  {mine} / {other}".ljust(30)
    if other not in times:
        return f"{title} not measured"
    by_round = [one / another for one, another in zip(times[mine], times[other], strict=True)]
    value = statistics.median(by_round)
    spread = f"({min(by_round):.3f} to {max(by_round):.3f})"
    verdict = "" if limit is None else f"budget {limit:.2f}  {'within' if value <= limit else 'OVER'}"
    return f"{title} {value:6.3f} x  {spread:<18} {verdict}".rstrip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds: int = parser.parse_args().rounds
    try:
        times = measure(rounds)
    except OSError as error:
        print(f"not measured: this kernel opens no MPTCP sockets ({error}): sysctl -w net.mptcp.enabled=1")
        return 1
    for name, values in times.items():
        middle, low, high = statistics.median(values), min(values), max(values)
        print(f"{name:<14} {middle:9,.1f} us CPU a sample  ({low:,.1f} to {high:,.1f})")
    for mine, other, limit in BUDGETS:
        print(ratio(times, mine, other, limit))
    if NSTAT not in times:
        print("not measured: nstat is not here: apt-get install iproute2")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
