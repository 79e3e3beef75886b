"""What the dashboard costs on the wire and the machine, beside htop, glances and a minimal Textual app.

    uv run python -m benchmarks.screen [--quick] [--only ours,htop] [--sizes 80x24,120x40]

All programs run in turn, round by round, on ptys as over ssh, while MPTCP connections come and go in a network
namespace that ours watches. Compare only figures of one run.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Final

from benchmarks import load, programs, report
from benchmarks.meter import Plan, Program, Run, measure
from benchmarks.rows import text

SIZES: Final = "80x24,120x40,200x50"
EVERYONE: Final = "ours,htop,glances,minimal"
DATA: Final = r"SYN\D*\s\d[\d,]*"
LOAD_LIMIT_SECONDS: Final = 3600.0
BUSY_CORES: Final = 0.3
"""What the load, the meter and any of the programs use together stays far below this."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How often everything is repeated."""

    rounds: int
    starts: int
    """Runs of a start and a quit, after each whole run: start-up times scatter most."""


def _rotated(everyone: Sequence[Program], by: int) -> list[Program]:
    """Return the programs in another order, so that none always runs after the same one."""
    by %= len(everyone)
    return [*everyone[by:], *everyone[:by]]


def measure_size(
    everyone: Sequence[Program], plan: Plan, effort: Effort, environment: Mapping[str, str]
) -> report.Runs:
    """Measure all programs at one size of the terminal, in turn, after one start each that does not count."""
    start_only = replace(plan, steady_seconds=0)
    runs: report.Runs = {program.name: [] for program in everyone}
    for program in everyone:
        measure(program, start_only, environment)
    for round_number in range(effort.rounds):
        for each in (plan, *[start_only] * effort.starts):
            for program in _rotated(everyone, round_number):
                runs[program.name].append(measure(program, each, environment))
    return runs


def unmeasured(runs: Mapping[str, Sequence[Run]]) -> list[str]:
    """Name the programs that never showed their data or did not end when asked to."""
    lines = []
    for name, each in runs.items():
        if not report.known(each, lambda run: run.first_data_ms):
            last = (each[-1].screen.split("\n") if each else []) or [""]
            said = next((line.strip() for line in reversed(last) if line.strip()), "nothing")
            lines.append(f"{name}: its data never appeared on the screen, which ends with: {said}")
        elif not report.known(each, lambda run: run.quit_ms):
            lines.append(f"{name}: it did not end when asked to")
    return lines


def print_size(size: str, runs: report.Runs, names: Sequence[str], *, show: bool) -> list[str]:
    """Print the table and the ratios of one size; return what could not be measured."""
    busy = [value for each in runs.values() for value in report.known(each, lambda run: run.machine_busy)]
    cores = f"{statistics.median(busy):.2f} (up to {max(busy):.2f})" if busy else report.UNKNOWN
    print(f"\n{size}: medians; the whole machine was {cores} cores busy meanwhile")
    if busy and max(busy) > BUSY_CORES:
        print("something else was running: repeat this on a quiet machine before you quote it")
    print(report.table(runs))
    problems = unmeasured(runs)
    if report.OURS in names:
        found, missing = report.rows(runs)
        print("\n".join(map(text, found)))
        problems += [f"the ratio: {what}" for what in missing]
    if show:
        for name, each in runs.items():
            screen = next((run.screen for run in each if run.refreshes is not None), each[-1].screen)
            print(f"\n--- {name}, {size} ---\n{screen}")
    return [f"{problem} at {size}" for problem in problems]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round, fewer starts and keys")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--starts", type=int, default=3, help="additional starts a round")
    parser.add_argument("--steady", type=int, default=8, help="seconds of steady state a run")
    parser.add_argument("--only", default=EVERYONE, help=f"of {','.join(programs.PROGRAMS)}")
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--ours", help="our command; {target} is what it is to watch")
    parser.add_argument("--ours-data", default=DATA, help="what our screen shows once it shows data (a regex)")
    parser.add_argument("--load", type=float, default=50, help="MPTCP connections a second beside it all")
    parser.add_argument("--show", action="store_true", help="print each program's last screen too")
    return parser.parse_args()


def _measure_all(options: argparse.Namespace, running: load.Load, home: str) -> list[str]:
    """Measure and print every size; return what could not be measured."""
    names = options.only.split(",")
    wanted = programs.Wanted(options.ours, options.ours_data, running.target)
    here, missing = programs.find(names, wanted)
    problems = list(missing.values())
    print(
        f"{os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}, "
        f"textual {version('textual')}, {programs.versions(here)}; ours watches {running.target}"
    )
    effort = Effort(1, 2) if options.quick else Effort(options.rounds, options.starts)
    for size in options.sizes.split(","):
        columns, lines = map(int, size.split("x"))
        steady, keys = (5, 10) if options.quick else (options.steady, 20)
        plan = Plan(columns, lines, steady_seconds=steady, keys=keys)
        runs = measure_size(here, plan, effort, programs.ssh_environment(home))
        problems += print_size(size, runs, names, show=options.show)
    return problems


def main() -> int:
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="mptcp-top-bench-") as home,
        load.beside(options.load, LOAD_LIMIT_SECONDS) as running,
    ):
        problems = _measure_all(options, running, home)
        print(f"\nbeside it: {running.report()}")
    for problem in problems:
        print(f"not measured: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
