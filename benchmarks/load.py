"""A bounded MPTCP load on loopback, so that something moves: short connections, joins, announcements, aborts.

Run as a script it is the load itself; ``beside()`` starts that, in a network namespace of its own where the user may.
"""

import argparse
import contextlib
import math
import os
import select
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MPTCP: Final = 262
ABORT: Final = struct.pack("ii", 1, 0)
SWING: Final = 0.4
JOIN_SECONDS: Final = 0.004
"""How long a connection stays, so that its second subflow can join."""


@dataclass(frozen=True, slots=True)
class Load:
    """A load that runs: which target it moves and the process that makes it."""

    target: str
    process: subprocess.Popen[str]

    def report(self) -> str:
        """Stop the load and return its own account of itself."""
        return self.process.communicate()[0].strip() or "the load ended without a report"


def counters() -> dict[str, int]:
    """Return this namespace's MPTCP counters, or none if its kernel has no MPTCP."""
    lines = [line.split() for line in Path("/proc/net/netstat").read_text().splitlines()]
    rows = [line[1:] for line in lines if line[0] == "MPTcpExt:"]
    return {name: int(value) for name, value in zip(*rows, strict=True)} if rows else {}


def _serve(listener: socket.socket) -> None:
    """Echo one message a connection and wait for the other side to close."""
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(ConnectionError):
            connection.sendall(connection.recv(64))
            connection.recv(64)


def _connect_once(address: tuple[str, int], *, abort: bool) -> None:
    """Open one connection, exchange a few bytes, let a subflow join, close or abort."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP) as client:
        client.connect(address)
        client.sendall(b"a few bytes")
        client.recv(64)
        time.sleep(JOIN_SECONDS)
        if abort:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)


def gap_seconds(rate: float, elapsed: float) -> float:
    """Return the pause between two connections: the rate swings, since a steady one would leave rates and trends still.

    >>> round(1 / gap_seconds(50, 0.0)), round(1 / gap_seconds(50, 0.65)), round(1 / gap_seconds(50, 1.95))
    (50, 70, 30)
    """
    return 1 / (rate * (1 + SWING * math.sin(elapsed * 2.4)))


def run(rate: float, seconds: float) -> str:
    """Make the load until the time is over or the starter closes our input."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    threading.Thread(target=_serve, args=(listener,), daemon=True).start()
    moving: list[int] = []
    before, count = counters(), 0
    began = due = time.monotonic()
    while (now := time.monotonic()) < began + seconds:
        _connect_once(listener.getsockname(), abort=count % 10 == 9)
        count += 1
        due += gap_seconds(rate, due - began)
        if now >= began + len(moving) + 1:
            after = counters()
            moving.append(sum(after[name] != value for name, value in before.items()))
            before = after
        if select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
            break
    return (
        f"{count / (now - began):.0f} MPTCP connections/s, "
        f"{statistics.median(moving or [0]):.0f} of {len(before)} MPTCP counters moved each second"
    )


@contextlib.contextmanager
def _namespace() -> Iterator[str | None]:
    """Make a network namespace with a second loopback path, or None where the user may not."""
    if os.geteuid() != 0 or not (ip := shutil.which("ip")):
        yield None
        return
    name = f"mptcp-top-bench-{os.getpid()}"
    subprocess.run([ip, "netns", "add", name], check=True)
    try:
        for command in (
            "link set lo up",
            "mptcp limits set subflow 2 add_addr_accepted 2",
            "mptcp endpoint add 127.0.0.2 subflow",
            "mptcp endpoint add 127.0.0.3 signal",
        ):
            subprocess.run([ip, "-n", name, *command.split()], check=True)
        yield name
    finally:
        subprocess.run([ip, "netns", "del", name], check=True)


@contextlib.contextmanager
def beside(rate: float, limit_seconds: float) -> Iterator[Load]:
    """Run the load while the context lasts, at most so long; it also ends when this process does."""
    with _namespace() as namespace:
        enter = ("ip", "netns", "exec", namespace) if namespace else ()
        command = (*enter, sys.executable, __file__, f"--rate={rate}", f"--seconds={limit_seconds}")
        pipe = subprocess.PIPE
        with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as process:
            try:
                yield Load(f"local:{namespace}" if namespace else "local", process)
            finally:
                if process.stdin and not process.stdin.closed:
                    process.communicate()  # its input closes, so it reports and ends


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    print(run(options.rate, options.seconds))


if __name__ == "__main__":
    main()
