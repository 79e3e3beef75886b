"""What each screen costs on the wire and the machine with 8 appliances, beside htop (bytes) and glances (CPU).

    uv run python -m benchmarks.fleet_screens [--seconds 20] [--sizes 120x40,80x24] [--only fleet,host] [--show]

The appliances are simulated, in a process of their own, with the trouble of the demo all the time, and polled once a
second. Everything runs in turn on ptys as over ssh, htop and glances again and again between our screens. Compare only
figures of one run.
"""

import argparse
import re
import shlex
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import load, programs, report
from benchmarks.meter import Plan, Program, Start
from benchmarks.nitro_poll import PASSWORD, USER
from benchmarks.processes import in_a_child
from benchmarks.session import Session
from mptcp_top.simulator.running import Simulation
from mptcp_top.simulator.scenario import Incident, Scenario, load_scenario
from mptcp_top.simulator.traffic import Strength

TARGETS: Final = 8
REFRESH_SECONDS: Final = 7.0
"""How often an appliance renews its numbers; ours do so one after the other, not together."""
WARM_UP_SECONDS: Final = 5.0
"""Until everybody is logged in, known by name and has rates."""
SETTLE_SECONDS: Final = 5.0
"""Between the keys that lead to a screen and the measurement."""
LOAD_LIMIT_SECONDS: Final = 3600.0
AT_ONCE: Final = 3
"""Of our screens between two turns of the others."""
HTOP: Final = "htop"
GLANCES: Final = "glances"
BYTES_LIMIT: Final = 0.75
CPU_LIMIT: Final = 0.5


class View(NamedTuple):
    """One of our screens: the keys that lead to it from the first one, and what it alone shows."""

    name: str
    keys: bytes
    shows: re.Pattern[str]


VIEWS: Final = (
    View("fleet", b"", re.compile(r"target +state")),
    View("compare", b"c", re.compile(r"per second, .*last minute")),
    View("split", b"s", re.compile(rf"of {TARGETS} targets, the worst first")),
    View("events", b"e", re.compile(r"rose by")),
    View("host", b"\r", re.compile(rf"\d/{TARGETS} \(Tab\)")),
    View("chart", b"g", re.compile(r"a point is")),
    View("handshakes", b"h", re.compile(r"MP_CAPABLE inbound")),
    View("moved", b"M", re.compile(r"counters in all")),
)


class Reading(NamedTuple):
    """What one run showed: bytes and core-seconds a second, the bytes of a refresh, how busy the machine was."""

    bytes_per_second: float
    refresh_bytes: float
    cpu: float
    busy: float
    screen: str


Readings = dict[str, list[Reading]]
"""By the name of a screen of ours, or of a program."""


def _lasting(incident: Incident, clones: Mapping[str, Sequence[str]]) -> Incident:
    """Return an incident that never ends, and meets every appliance made after one it meets."""
    on = tuple(name for original in incident.on for name in clones.get(original, ()))
    strength = Strength(0.0, every=incident.strength.every, lasting=incident.strength.lasting)
    return incident._replace(on=on, strength=strength)


def fleet(count: int = TARGETS) -> Scenario:
    """Return the demo with so many appliances, each like one of its own, and all its trouble all the time."""
    demo = load_scenario("demo")
    originals = [demo.appliances[number % len(demo.appliances)] for number in range(count)]
    plans = tuple(
        replace(plan, name=f"ns{number + 1}", phase=number * REFRESH_SECONDS / count)
        for number, plan in enumerate(originals)
    )
    clones: dict[str, list[str]] = {}
    for plan, original in zip(plans, originals, strict=True):
        clones.setdefault(original.name, []).append(plan.name)
    incidents = tuple(one for incident in demo.incidents if (one := _lasting(incident, clones)).on)
    return replace(demo, appliances=plans, incidents=incidents, repeat=None)


def serve(told: Connection, count: int) -> None:
    """Be the appliances until the other side hangs up."""
    with Simulation(fleet(count), user=USER, password=PASSWORD) as simulation:
        told.send({name: simulation.url(name) for name in simulation.appliances})
        with suppress(EOFError):
            told.recv()


@contextmanager
def appliances(count: int = TARGETS) -> Iterator[dict[str, str]]:
    """Run the appliances in a process of their own, and give their URLs by name."""
    with in_a_child(serve, count) as pipe:
        yield pipe.recv()


def configured(home: str, urls: Mapping[str, str]) -> dict[str, str]:
    """Write the config file that has the appliances, and return the environment everything is started in."""
    path = Path(home) / "fleet.toml"
    tables = [f'[defaults]\nuser = "{USER}"\ninterval = 1\nallow_http = true\n']
    tables += [f'[targets.{name}]\nhost = "{url}"\n' for name, url in urls.items()]
    tables.append(f"[groups.fleet]\ntargets = {list(urls)}\n")
    path.write_text("\n".join(tables), encoding="utf-8")
    variables = {"MPTCP_TOP_CONFIG": str(path), "MPTCP_TOP_PASSWORD": PASSWORD}
    return {**programs.ssh_environment(home), **variables}


def measure(
    program: Program, view: View | None, plan: Plan, environment: Mapping[str, str]
) -> tuple[Reading | None, str]:
    """Measure a program in steady state, ours after the keys of a screen; None and the last screen if it cannot be."""
    with Session(program.argv, (plan.columns, plan.lines), environment) as session:
        start = Start(session, program, plan)
        if start.wait() is None:
            return None, start.screen(len(session.reads))
        session.pump(WARM_UP_SECONDS)
        if view is not None:
            session.type(view.keys)
            session.pump(SETTLE_SECONDS)
        steady = session.watch(plan.steady_seconds)
        screen = start.screen(len(session.reads))
        if session.over or (view is not None and not view.shows.search(screen)):
            return None, screen
        session.quit(program.quit_keys)
    reading = Reading(
        sum(steady.bursts) / steady.seconds,
        statistics.median(steady.bursts or [0]),
        steady.cpu_seconds / steady.seconds,
        steady.busy_seconds / steady.seconds,
        screen,
    )
    return reading, screen


def turns(ours: Program, others: Sequence[Program], views: Sequence[View]) -> list[tuple[Program, View | None]]:
    """Return who is measured after whom: the others before, between and after our screens."""
    between: list[tuple[Program, View | None]] = [(other, None) for other in others]
    order = list(between)
    for number, view in enumerate(views, 1):
        order.append((ours, view))
        if number % AT_ONCE == 0 or number == len(views):
            order += between
    return order


def measure_size(
    everyone: Mapping[str, Program], views: Sequence[View], plan: Plan, environment: Mapping[str, str]
) -> tuple[Readings, list[str]]:
    """Measure everything at one size; return that, and what could not be measured."""
    readings: Readings = {}
    problems = []
    others = [program for name, program in everyone.items() if name != report.OURS]
    for program, view in turns(everyone[report.OURS], others, views):
        name = view.name if view else program.name
        print(f"{plan.columns}x{plan.lines} {name}", file=sys.stderr, flush=True)
        reading, screen = measure(program, view, plan, environment)
        if reading is None:
            problems.append(f"{name} at {plan.columns}x{plan.lines}, whose screen was:\n{screen}")
        else:
            readings.setdefault(name, []).append(reading)
    return readings, problems


def _ratio(value: float, others: Sequence[float], limit: float) -> tuple[str, bool]:
    """Return a ratio to the median of the others, with the spread their own scatter gives it, and whether it holds."""
    if not others or not all(others):
        return report.UNKNOWN, True
    ratio, low, high = (value / of(others) for of in (statistics.median, max, min))
    verdict = "" if ratio <= limit else "  OVER"
    return f"{ratio:5.2f} ({low:.2f} to {high:.2f}){verdict}", not verdict


def lines_of(size: str, readings: Readings) -> tuple[list[str], bool]:
    """Return the lines of the table for one size, and whether every budget holds."""
    within, lines = True, []
    htop = [reading.bytes_per_second for reading in readings.get(HTOP, ())]
    glances = [reading.cpu for reading in readings.get(GLANCES, ())]
    for name, each in readings.items():
        rate, refresh, cpu, busy = (
            statistics.median(values) for values in zip(*(one[:4] for one in each), strict=True)
        )
        shares = ["", ""]
        if name not in {HTOP, GLANCES}:
            (bytes_share, bytes_hold), (cpu_share, cpu_holds) = (
                _ratio(rate, htop, BYTES_LIMIT),
                _ratio(cpu, glances, CPU_LIMIT),
            )
            shares, within = [bytes_share, cpu_share], within and bytes_hold and cpu_holds
        lines.append(
            f"{size:<8}{name:<9}{rate:9,.0f}{refresh:11,.0f}{cpu * 1e3:9.1f}{busy:7.2f}   {shares[0]:<29}{shares[1]}"
        )
    return lines, within


TITLES: Final = (
    f"{'':<17}{'bytes/s':>9}{'a refresh':>11}{'mcores':>9}{'busy':>7}   "
    f"{f'bytes/s / htop, <= {BYTES_LIMIT}':<29}CPU / glances, <= {CPU_LIMIT}"
)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--sizes", default="120x40,80x24")
    parser.add_argument("--only", default=",".join(view.name for view in VIEWS), help="which of our screens")
    parser.add_argument("--load", type=float, default=50, help="MPTCP connections a second beside it all")
    parser.add_argument("--show", action="store_true", help="print the last screens too")
    return parser.parse_args()


def main() -> int:
    options = _options()
    script = shlex.quote(str(Path(sys.executable).with_name("mptcp-top")))
    wanted = programs.Wanted(f"{script} --group fleet", VIEWS[0].shows.pattern, "")
    found, missing = programs.find([report.OURS, HTOP, GLANCES], wanted)
    everyone = {program.name: program for program in found}
    if report.OURS not in everyone:
        print(missing[report.OURS])
        return 1
    views = [view for view in VIEWS if view.name in options.only.split(",")]
    problems, table, within = list(missing.values()), [TITLES], True
    with (
        tempfile.TemporaryDirectory(prefix="mptcp-top-bench-") as home,
        load.beside(options.load, LOAD_LIMIT_SECONDS),
        appliances() as urls,
    ):
        environment = configured(home, urls)
        for size in options.sizes.split(","):
            columns, lines = map(int, size.split("x"))
            readings, unmeasured = measure_size(
                everyone, views, Plan(columns, lines, steady_seconds=options.seconds), environment
            )
            rows, holds = lines_of(size, readings)
            table += rows
            problems += unmeasured
            within = within and holds
            if options.show:
                for name, each in readings.items():
                    print(f"\n--- {name}, {size} ---\n{each[-1].screen}")
    print(f"{len(urls)} appliances at 1 s, {options.seconds} s a run; {programs.versions(found)}")
    print("\n".join(table))
    for problem in problems:
        print(f"not measured: {problem}")
    return 0 if within and not problems else 1


if __name__ == "__main__":
    sys.exit(main())
