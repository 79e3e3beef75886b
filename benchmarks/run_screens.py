"""The parts of `benchmarks.run` that run on a pty: our dashboard beside what a user would have instead."""

import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks import fleet_screens, history, load, programs, report
from benchmarks.effort import Effort
from benchmarks.meter import Plan, Program
from benchmarks.nitro_poll import USER
from benchmarks.report import COLUMNS, OURS, Budget
from benchmarks.rows import Found, Row, Unmeasured, figure, ratio
from benchmarks.screen import DATA, LOAD_LIMIT_SECONDS, measure_size, unmeasured
from benchmarks.screen import Effort as Turns

LARGE: Final = "120x40"
SMALL: Final = "80x24"
NEEDED: Final = {LARGE: ("ours", "htop", "glances", "minimal"), SMALL: ("ours", "htop")}
OTHERS: Final = ("ours", "top", "btop", "nstat", "watch")
"""There are no goals against these: a round of them is enough."""
PEERS: Final = {"top": "`top`", "htop": "htop", "btop": "btop", "nstat": "`nstat` a second",
                "watch -d nstat": "`watch -d nstat`", "glances": "glances"}  # fmt: skip
MANY: Final = 20
CONNECTIONS_A_SECOND: Final = 50.0
KEY_MS: Final = 5.0
HEAVY: Final = 0.75
MINIMAL: Final = "a minimal Textual app"
GOALS: Final = {
    LARGE: (
        Budget("bytes a refresh, {size}", COLUMNS[5].read, "htop", COLUMNS[5].read, 0.75),
        Budget("bytes to the first full screen, {size}", COLUMNS[2].read, "htop", COLUMNS[2].read, 1.0),
        Budget("CPU, one target at 1 Hz, recorded", COLUMNS[6].read, "glances", COLUMNS[6].read, 0.3),
        Budget("start to first data, this kernel", COLUMNS[1].read, "minimal", COLUMNS[0].read, 1.1),
    ),
    SMALL: (
        Budget("bytes a refresh, {size}", COLUMNS[5].read, "htop", COLUMNS[5].read, 0.75),
        Budget("bytes to the first full screen, {size}", COLUMNS[2].read, "htop", COLUMNS[2].read, 1.0),
    ),
}
NO_KEYS: Final = {"nstat", "watch -d nstat"}
"""What comes back there is the terminal's echo."""
COMPARED: Final = tuple(
    Budget(what, COLUMNS[at].read, peer, COLUMNS[at].read, None)
    for what, at in (("bytes a refresh", 5), ("bytes to the first screen", 2), ("CPU", 6), ("memory", 7),
                     ("start to first data", 1), ("key to screen, median", 8))
    for peer in PEERS if at != 8 or peer not in NO_KEYS
)  # fmt: skip
NOT_HERE: Final = Unmeasured("anything / dolphie", "it shows a MySQL server, and there is none: not measured")


def screen(effort: Effort) -> Found:
    """Measure the dashboard over one kernel, beside everybody, while connections come and go."""
    yield NOT_HERE
    with (
        tempfile.TemporaryDirectory(prefix="mptcp-top-bench-") as home,
        load.beside(CONNECTIONS_A_SECOND, LOAD_LIMIT_SECONDS) as running,
    ):
        wanted = programs.Wanted(None, DATA, running.target)
        environment = programs.ssh_environment(home)
        for size, names, rounds in ((LARGE, NEEDED[LARGE], effort.rounds), (LARGE, OTHERS, 1),
                                    (SMALL, NEEDED[SMALL], effort.rounds)):  # fmt: skip
            here, missing = programs.find(names, wanted)
            yield from (Unmeasured(f"anything / {name}", advice) for name, advice in missing.items())
            columns, lines = map(int, size.split("x"))
            plan = Plan(columns, lines, steady_seconds=effort.steady_seconds, keys=effort.keys)
            runs = measure_size(here, plan, Turns(rounds, effort.starts), environment)
            yield from (Unmeasured(f"{what} at {size}", "") for what in unmeasured(runs))
            yield from _compared(runs) if names is OTHERS else _rows(size, runs)


def _rows(size: str, runs: report.Runs) -> Found:
    """Yield what one size comes to."""
    goals = [replace(budget, what=budget.what.format(size=size)) for budget in GOALS[size]]
    found, _ = report.rows(runs, goals)
    yield from (row._replace(against=MINIMAL) if row.against == "minimal" else row for row in found)
    each = [late for run in runs[OURS] if (late := report.percentile(run.key_ms, 0.9)) is not None]
    every = report.percentile([late for run in runs[OURS] for late in run.key_ms], 0.9)
    if every is not None:
        yield figure(f"key to screen, p90, {size}", each, KEY_MS, "ms")._replace(value=every)
    if size == LARGE:
        yield from _memory(runs)
        yield from _compared(runs)


def _memory(runs: report.Runs) -> Found:
    """Yield the memory of the dashboard and, added to it, of an hour of what it saw."""
    read = COLUMNS[7].read
    hour = history.hour(0, "linux")
    ours = [value + hour for value in report.known(runs[OURS], read)]
    theirs = report.known(runs.get("minimal", ()), read)
    if ours and theirs:
        yield ratio("memory, one target and an hour of it", ours, (MINIMAL, theirs), 1.6)


def _compared(runs: report.Runs) -> Found:
    found: list[Row] = []
    for budget in COMPARED:
        rows, _ = report.rows(runs, [budget])
        found += [row._replace(against=PEERS[row.against]) for row in rows]
    yield from found


def _ours(arguments: str, data: re.Pattern[str]) -> Program:
    """Return our dashboard, with arguments."""
    return Program(OURS, (str(Path(sys.executable).with_name("mptcp-top")), *shlex.split(arguments)), data)


def appliance(effort: Effort) -> Found:
    """Measure the start of the dashboard over an appliance."""
    minimal = programs.find(["minimal"], programs.Wanted(None, DATA, ""))[0]
    with tempfile.TemporaryDirectory(prefix="mptcp-top-bench-") as home, fleet_screens.appliances(1) as urls:
        environment = fleet_screens.configured(home, urls)
        ours = _ours(f"--host {next(iter(urls))} --user {USER}", re.compile(DATA, re.MULTILINE))
        turns, plan = Turns(effort.rounds, effort.starts), Plan(steady_seconds=0)
        runs = measure_size([ours, *minimal], plan, turns, environment)
    budget = Budget("start to first data, an appliance", COLUMNS[1].read, "minimal", COLUMNS[0].read, 1.6)
    rows, missing = report.rows(runs, [budget])
    yield from (row._replace(against=f"{MINIMAL}'s first paint") for row in rows)
    yield from (Unmeasured(what, f"the screen was: {runs[OURS][-1].screen}") for what in missing)


def fleet(effort: Effort) -> Found:
    """Measure the fleet screen with many appliances, recorded."""
    view = fleet_screens.VIEWS[0]
    everyone, missing = _everyone()
    yield from missing
    plan = Plan(steady_seconds=effort.steady_seconds)
    readings: fleet_screens.Readings = {}
    with tempfile.TemporaryDirectory(prefix="mptcp-top-bench-") as home, fleet_screens.appliances(MANY) as urls:
        environment = fleet_screens.configured(home, urls)
        for _ in range(effort.rounds):
            for name, program in everyone.items():
                reading, seen = fleet_screens.measure(program, view if name == OURS else None, plan, environment)
                if reading is None:
                    yield Unmeasured(f"{name} with {MANY} targets", f"the screen was:\n{seen}")
                else:
                    readings.setdefault(name, []).append(reading)
    what = f"{{}}, {MANY} appliances at 1 Hz, recorded"
    yield from _against(readings, OURS, what.format("CPU"), ("glances", _cpu, 0.5))
    yield from _against(readings, OURS, what.format("bytes a refresh"), (fleet_screens.HTOP, _rate, None))


def views(effort: Effort) -> Found:
    """Measure every screen over some appliances, and tell the dearest."""
    everyone, missing = _everyone()
    yield from missing
    plan = Plan(steady_seconds=effort.steady_seconds)
    with tempfile.TemporaryDirectory(prefix="mptcp-top-bench-") as home, fleet_screens.appliances() as urls:
        environment = fleet_screens.configured(home, urls)
        chosen = fleet_screens.VIEWS[: 3 if effort.rounds == 1 else None]
        readings, problems = fleet_screens.measure_size(everyone, chosen, plan, environment)
    yield from (Unmeasured("a screen", problem) for problem in problems)
    ours = [view.name for view in chosen if view.name in readings]
    for what, other, read, goal in (
        ("bytes a refresh", fleet_screens.HTOP, _rate, HEAVY),
        ("CPU", fleet_screens.GLANCES, _cpu, fleet_screens.CPU_LIMIT),
    ):
        if ours:
            worst = max(ours, key=lambda name: read(readings[name][0]))
            called = f"{what}, {len(urls)} appliances, the dearest of {len(ours)} screens: {worst}"
            yield from _against(readings, worst, called, (other, read, goal))


def _everyone() -> tuple[dict[str, Program], list[Unmeasured]]:
    found, missing = programs.find([fleet_screens.HTOP, fleet_screens.GLANCES], programs.Wanted(None, DATA, ""))
    ours = _ours("--group fleet", fleet_screens.VIEWS[0].shows)
    advice = [Unmeasured(f"anything / {name}", what) for name, what in missing.items()]
    return {program.name: program for program in (ours, *found)}, advice


def _against(
    readings: Mapping[str, Sequence[fleet_screens.Reading]],
    mine: str,
    what: str,
    other: tuple[str, Callable[[fleet_screens.Reading], float], float | None],
) -> Found:
    """Yield the row of a screen of ours; one run of ours is held against each of theirs."""
    name, read, goal = other
    theirs = [read(reading) for reading in readings.get(name, ())]
    ours = [read(reading) for reading in readings.get(mine, ())]
    ours = ours if len(ours) > 1 else ours * len(theirs)
    if ours and any(theirs):
        yield ratio(what, ours, (name, theirs), goal)


def _cpu(reading: fleet_screens.Reading) -> float:
    return reading.cpu


def _rate(reading: fleet_screens.Reading) -> float:
    return reading.bytes_per_second
