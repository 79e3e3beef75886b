"""A day of the dashboard over twenty appliances, one poll in a hundred failing, in as few minutes as it can be had.

    uv run python -m benchmarks.soak [--hours 24] [--targets 20]

Real are the appliances' answers over loopback sockets, from a process of their own, with real faults; the collector,
the engine, the recorder with its thread and file, the screens, drawn on a pty, and the keys that lead through all of
them. Not real is the clock: the loop jumps to its next timer when there is nothing to do, so collector and screens
share one loop, where a user's dashboard has two. Memory holds the last hour, as for targets polled once a second.
Two cores that are busy with other things take a minute and a half for an hour: ``--hours 3`` is for the impatient.
"""

import argparse
import json
import mmap
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks import programs
from benchmarks.fast_time import MOMENT, clock_file
from benchmarks.nitro_poll import PASSWORD, USER
from benchmarks.processes import in_a_child
from benchmarks.session import Session
from benchmarks.soaked import HOUR, INTERVAL_SECONDS, WALL
from mptcp_top.simulator.running import Simulation
from mptcp_top.simulator.scenario import Scenario, load_scenario

SIZE: Final = (120, 40)
RESOURCE: Final = "protocolmptcp"
FAULTS: Final = ("unavailable", "empty-body", "truncated-json", "login-page", "reset", "hang-up", "expired", "stall")
FAULTY: Final = 0.01
PENS: Final = re.compile(r"\x1b\[[\d;?]*[a-zA-Z]")
GROWTH_KIB: Final = 5 * 1024
OFF_TICK_SECONDS: Final = 0.05
SCREENS: Final = 11
"""That many kinds there are: the fleet, a host, the chart, the help, the commands and the rest."""
POOL: Final = 6
"""Threads that the loop makes one by one for what would hold it up, on two cores, and keeps."""
LIMIT_SECONDS: Final = 3600.0


class Verdict(NamedTuple):
    """One line of the result, and whether it is as it should be."""

    what: str
    found: str
    holds: bool


def fleet(targets: int) -> Scenario:
    """Return the demo with so many appliances; the trouble is that of the first ones."""
    demo = load_scenario("demo")
    kinds = demo.appliances
    clones = tuple(
        replace(kinds[number % len(kinds)], name=f"ns{number + 1}", phase=number * 7.0 / targets)
        for number in range(targets)
    )
    return replace(demo, appliances=clones)


def skips(polls: int, seed: int) -> list[int]:
    """Return how many requests each fault lets pass, those that met an earlier fault not counted."""
    chance = random.Random(seed)
    return [at - earlier for earlier, at in enumerate(sorted(chance.sample(range(5, polls), int(polls * FAULTY))))]


def serve(told: Connection, share: str, targets: int, polls: int) -> None:
    """Be the appliances, in the time of that file, until the other side hangs up."""
    with Path(share).open("r+b") as file:
        moment = mmap.mmap(file.fileno(), MOMENT.size)
    scenario = fleet(targets)
    clock = lambda: float(MOMENT.unpack_from(moment)[0])  # noqa: E731  # one line of it
    with Simulation(scenario, user=USER, password=PASSWORD, clock=clock, wall=WALL) as simulation:
        for number, box in enumerate(simulation.appliances.values()):
            for turn, skip in enumerate(skips(polls, number)):
                box.fault(FAULTS[turn % len(FAULTS)], on=RESOURCE, times=1, skip=skip)
        told.send([simulation.url(name) for name in simulation.appliances])
        with suppress(EOFError):
            told.recv()


@contextmanager
def appliances(share: Path, targets: int, polls: int) -> Iterator[Sequence[str]]:
    """Run the appliances in a process of their own and give their URLs."""
    with in_a_child(serve, str(share), targets, polls) as pipe:
        yield pipe.recv()


def soaked(home: Path, hours: float, targets: int) -> dict[str, Any]:
    """Have it live, read what it draws, and return what it was like."""
    share, result, recording = clock_file(home / "clock"), home / "result.json", home / "soak.db"
    polls = int(hours * HOUR / INTERVAL_SECONDS)
    with appliances(share, targets, polls) as urls:
        argv = [sys.executable, "-m", "benchmarks.soaked", str(share), str(recording), str(result)]
        with Session((*argv, str(hours * HOUR), *urls), SIZE, programs.ssh_environment(str(home))) as session:
            drawn, last, began = 0, b"", time.monotonic()
            while not session.over and time.monotonic() - began < LIMIT_SECONDS:
                session.pump(5.0)
                read = b"".join(received for _, received in session.reads)
                drawn, last = drawn + len(read), (last + read)[-4000:]
                session.reads.clear()
            took = time.monotonic() - began
    if not result.exists():
        raise SystemExit(f"it did not end well:\n{last.decode('utf-8', 'replace')}")
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    if found["wrong"]:
        print(PENS.sub("", last.decode("utf-8", "replace")))
    with closing(sqlite3.connect(recording)) as connection:
        count = connection.execute("SELECT (SELECT count(*) FROM netscaler_samples) + (SELECT count(*) FROM missed)")
        gaps = connection.execute("SELECT count(*) FROM gaps").fetchone()[0]
        found |= {"recorded": count.fetchone()[0], "gaps": gaps}
    return found | {"drawn": drawn, "took": took, "recording": recording.stat().st_size}


def verdicts(found: dict[str, Any]) -> Iterator[Verdict]:
    """Say of everything how it was."""
    hours = [hour for hour in found["hours"] if hour["hour"] >= 1] or found["hours"]
    first, last = hours[0], hours[-1]
    grown = last["rss_kib"] - first["rss_kib"]
    rss = f"{first['rss_kib'] / 1024:.1f} MiB after hour 1, {last['rss_kib'] / 1024:.1f} at the end"
    yield Verdict("memory", f"{rss}: {grown / 1024:+.1f}", grown < GROWTH_KIB)
    for what in ("descriptors", "tasks", "threads"):
        counts = [hour[what] for hour in hours]
        spare = POOL if what == "threads" else 0
        yield Verdict(what, f"{min(counts)} to {max(counts)}", counts[-1] <= counts[0] + spare)
    kinds = f"{len(found['screens'])} kinds, {found['screens'].get('FleetScreen', 0)} looks at the fleet"
    yield Verdict("screens", kinds, len(found["screens"]) >= SCREENS)
    share = found["failures"] / found["polls"]
    yield Verdict("polls", f"{found['polls']:,}, {share:.1%} failed, {found['missed']} missed", not found["missed"])
    yield Verdict("furthest from its tick", f"{found['off_tick'] * 1e3:.1f} ms", found["off_tick"] < OFF_TICK_SECONDS)
    whole = found["recorded"] == found["polls"] and not found["gaps"]
    size = f"{found['recording'] / 1e6:.0f} MB"
    yield Verdict("recorded", f"{found['recorded']:,} polls, {found['gaps']} gaps, {size}", whole)
    yield Verdict("unhandled exceptions", "; ".join(found["wrong"][:3]) or "none", not found["wrong"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--targets", type=int, default=20)
    parser.add_argument("--every-hour", action="store_true", help="print how it stood after each hour")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mptcp-top-bench-") as home:
        found = soaked(Path(home), options.hours, options.targets)
    print(
        f"{options.hours:g} h of {options.targets} appliances in {found['took'] / 60:.1f} min, {found['drawn']:,} bytes"
    )
    for hour in found["hours"] if options.every_hour else ():
        print(f"  {hour}")
    if not found["hours"]:
        raise SystemExit(f"it ended before its first round was over: {found}")
    results = list(verdicts(found))
    for what, said, holds in results:
        print(f"  {what:24}{said:60}{'' if holds else 'NOT AS IT SHOULD BE'}".rstrip())
    return 0 if all(verdict.holds for verdict in results) else 1


if __name__ == "__main__":
    sys.exit(main())
