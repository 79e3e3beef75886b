"""What it costs to poll many appliances once a second, and whether any poll is missed: no screen, one process.

    uv run python -m benchmarks.many_targets [--targets 200] [--seconds 20]
    uv run python -m benchmarks.many_targets --canned --targets 1000
    uv run python -m benchmarks.many_targets --screen [--targets 200] [--seconds 30]

The simulated appliances run in processes of their own, over plain HTTP. CPU time is the collector's process, engine
and history included; a poll is missed if a target has no new sample for a tick. More than some hundreds of appliances
want ``--canned`` ones, or their server takes all there is. With ``--screen`` it is the dashboard on a pty, with a
recording, and each appliance at its own interval: arrow keys are pressed and timed, polls counted in the recording.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks import processes, programs
from benchmarks.canned import canned
from benchmarks.nitro_poll import PASSWORD, USER, appliances, source_at
from benchmarks.session import Session
from benchmarks.stall import LATE, missed
from mptcp_top.collector import Collector, Job, Pace
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.sources.registry import SOURCES

if TYPE_CHECKING:
    from mptcp_top.model import Observation

INTERVAL_SECONDS: Final = 1.0
WARM_UP_SECONDS: Final = 4.0
WARM_UP_OF_A_HUNDRED: Final = 2.0
"""Until everybody is logged in, known by name, and no longer in the way: they all come at once."""
SIZE: Final = (120, 40)
OPEN_SECONDS: Final = 20.0
"""Until the dashboard has logged in everywhere, and knows everybody for some polls."""
APPLIANCE_SECONDS: Final = SOURCES["netscaler"].interval_seconds
KEY_SECONDS: Final = 0.25
KEY_LIMIT_MS: Final = 20.0


class Poll(NamedTuple):
    """What is kept of a poll: as little as may be, since the collector is charged with looking after it."""

    monotonic: float
    latency_seconds: float
    good: bool


def poll_of(observation: Observation) -> Poll:
    return Poll(observation.monotonic, observation.latency_seconds or 0.0, observation.failure is None)


class Result(NamedTuple):
    """What was seen between two moments after the warm-up."""

    seconds: float
    cpu_seconds: float
    latencies: list[float]
    good: int
    failed: int
    missed: int


async def watch(urls: list[str], seconds: float) -> Result:
    """Poll all of them for so many seconds after the warm-up."""
    seen: dict[str, list[Poll]] = defaultdict(list)
    sources = [source_at(url, INTERVAL_SECONDS) for url in urls]
    collector = Collector(
        [Job(source, Pace(INTERVAL_SECONDS)) for source in sources],
        Engine(Store([source.target for source in sources])),
        lambda observation: seen[observation.target.name].append(poll_of(observation)),
    )
    running = asyncio.create_task(collector.run())
    await asyncio.sleep(WARM_UP_SECONDS + WARM_UP_OF_A_HUNDRED * len(urls) / 100)
    began, cpu = time.monotonic(), time.process_time()
    await asyncio.sleep(seconds)
    ended, spent = time.monotonic(), time.process_time() - cpu
    collector.stop()
    await running
    within = {url: [one for one in seen[url] if began < one.monotonic <= ended] for url in urls}
    good = [one for each in within.values() for one in each if one.good]
    return Result(
        ended - began,
        spent,
        [one.latency_seconds for one in good],
        len(good),
        sum(map(len, within.values())) - len(good),
        sum(map(lacking, within.values())),
    )


def lacking(polls: list[Poll]) -> int:
    """Return how many polls of a target are missing between others."""
    gaps = ((after.monotonic - before.monotonic) / INTERVAL_SECONDS for before, after in pairwise(polls))
    return sum(round(gap) - 1 for gap in gaps if gap > LATE) if polls else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--screen", action="store_true", help="with the dashboard open")
    parser.add_argument("--canned", action="store_true", help="appliances that say what was made up before")
    options = parser.parse_args()
    if options.screen:
        return shown(options.targets, options.seconds)
    with canned(options.targets, USER, PASSWORD) if options.canned else appliances(options.targets) as urls:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result = asyncio.run(watch(urls, options.seconds))
    latencies = sorted(result.latencies) or [0.0]
    print(f"{options.targets} targets at {1 / INTERVAL_SECONDS:g} Hz for {result.seconds:.1f} s")
    print(f"  CPU        {result.cpu_seconds / result.seconds:7.3f} of a core")
    print(f"  a poll     {result.cpu_seconds / max(1, result.good) * 1e6:7.0f} us CPU")
    print(f"  latency    {statistics.median(latencies) * 1e3:7.1f} ms median, {_late(latencies) * 1e3:.1f} ms p99")
    print(f"  polls      {result.good:7,} good, {result.failed} failed, {result.missed} missed")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"  memory     {peak / 1024:7.1f} MB peak, {(peak - before) / options.targets:.0f} KB a target")
    return int(result.failed + result.missed > 0)


def shown(targets: int, seconds: float) -> int:
    """Open the dashboard over so many appliances, press keys, and say how long each took and what was missed."""
    with tempfile.TemporaryDirectory(prefix="mptcp-top-bench-") as home, appliances(targets) as urls:
        script = str(Path(sys.executable).with_name("mptcp-top"))
        hosts = [word for url in urls for word in ("--host", url)]
        argv = (script, "--allow-http", "--user", USER, *hosts)
        state = {"MPTCP_TOP_PASSWORD": PASSWORD, "MPTCP_TOP_RECORD": "yes", "XDG_STATE_HOME": home}
        with Session(argv, SIZE, programs.ssh_environment(home) | state) as session:
            session.pump(OPEN_SECONDS)
            began, cpu = time.time(), processes.cpu_seconds(session.pid)
            keys = sorted(session.press_arrows(int(seconds / KEY_SECONDS)))
            session.pump(max(0.0, began + seconds - time.time()))
            ended, spent = time.time(), processes.cpu_seconds(session.pid) - cpu
            rss = processes.peak_rss_bytes(session.pid) / 2**20
            session.quit(b"q")
        recording = next(Path(home).glob("mptcp-top/recordings/*.db"))
        count, lacking = missed(recording, began, ended, APPLIANCE_SECONDS)
    due = int((ended - began) / APPLIANCE_SECONDS - 0.5) * targets
    late = keys[min(len(keys) - 1, int(0.95 * len(keys)))]
    print(f"{targets} targets every {APPLIANCE_SECONDS:g} s for {ended - began:.0f} s, with the dashboard open")
    print(f"  CPU        {spent / (ended - began):7.3f} of a core, {rss:.0f} MiB")
    print(f"  keys       {statistics.median(keys):7.1f} ms median, {late:.1f} ms p95 of {len(keys)}")
    print(f"  polls      {count:7,} recorded, at least {due:,} were due, {lacking} missed")
    return int(lacking > 0 or count < due or late > KEY_LIMIT_MS)


def _late(latencies: list[float]) -> float:
    return latencies[min(len(latencies) - 1, int(0.99 * len(latencies)))]


if __name__ == "__main__":
    sys.exit(main())
