"""What it takes to start ``stat`` and have it print this kernel's counters, beside Python importing asyncio.

    uv run python -m benchmarks.headless_start [--rounds 25]

The programs take turns, so that what else the machine does falls on all of them. Times are from the start of the
process to its end.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Final

ASYNCIO: Final = "import asyncio"
PYTHON: Final = "nothing"
BUDGET: Final = 3.0
PROGRAMS: Final[Mapping[str, Sequence[str]]] = {
    PYTHON: ("-c", "pass"),
    ASYNCIO: ("-c", "import asyncio"),
    "stat": ("-m", "mptcp_top", "stat"),
    "stat --json": ("-m", "mptcp_top", "stat", "--json"),
    "stat --csv": ("-m", "mptcp_top", "stat", "--csv"),
    "stat --openmetrics": ("-m", "mptcp_top", "stat", "--openmetrics"),
    "stat --since-last": ("-m", "mptcp_top", "stat", "--since-last"),
}


def seconds_of(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    """Return how long one process takes, its output thrown away."""
    to_null = ((os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),)
    began = time.perf_counter()
    child = os.posix_spawn(sys.executable, (sys.executable, *arguments), environment, file_actions=to_null)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - began


def measure(rounds: int) -> dict[str, list[float]]:
    """Return the seconds each program takes, by its name; the first round warms up and does not count."""
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory(prefix="headless-") as folder:
        environment = {**os.environ, "XDG_STATE_HOME": folder}
        for _ in range(rounds + 1):
            for name, arguments in PROGRAMS.items():
                times[name].append(seconds_of(arguments, environment))
    return {name: each[1:] for name, each in times.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    times = measure(parser.parse_args().rounds)
    medians = {name: statistics.median(values) for name, values in times.items()}
    over = False
    for name, median in medians.items():
        ratio = median / medians[ASYNCIO]
        over |= ratio > BUDGET
        verdict = f"budget {BUDGET:.1f}  {'within' if ratio <= BUDGET else 'OVER'}" if "stat" in name else ""
        print(f"{name:<20} {median * 1e3:7.1f} ms  {ratio:5.2f} x  {verdict}".rstrip())
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
