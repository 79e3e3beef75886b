"""Run a scenario, or the continuous mix, for someone to look at."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from concurrent.futures import wait
from typing import TYPE_CHECKING, Final, NoReturn

from . import SCENARIOS, Lab, LabError, Scenario, leftovers, mixing, why_not
from .namespace import ip

if TYPE_CHECKING:
    from collections.abc import Mapping

STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MIXED, CLEAN = "mixed", "clean"


def _arguments() -> argparse.Namespace:
    deeds = "\n".join(f"  {name:<18}{(each.deed.__doc__ or '').splitlines()[0]}" for name, each in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.lab",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__,
        epilog=f"scenarios:\n{deeds}\n"
        f"  {MIXED:<18}Steady connections and every few seconds some trouble, until stopped.\n"
        f"  {CLEAN:<18}Delete the namespaces of laboratories that were killed.",
    )
    parser.add_argument("scenario", choices=[*SCENARIOS, MIXED, CLEAN], metavar="SCENARIO")
    parser.add_argument("--hold", type=float, metavar="SECONDS", help="keep the namespaces for so long")
    parser.add_argument("--every", type=float, metavar="SECONDS", help="meanwhile do it again so often")
    return parser.parse_args()


def _line(host: str, moved: Mapping[str, int]) -> str:
    return f"  {host}  " + (" ".join(f"{name}+{increase}" for name, increase in moved.items()) or "nothing moved")


def _run(lab: Lab, scenario: Scenario, hold: float, every: float | None) -> None:
    """Do a deed once, or again and again, and say what it moved."""
    end = time.monotonic() + hold
    while True:
        moved = scenario.observe(lab)
        print(_line("client", moved.client), _line("server", moved.server), sep="\n", flush=True)
        left = max(0.0, end - time.monotonic())
        time.sleep(min(left, every or left))
        if time.monotonic() >= end:
            return


def _exit_on(number: int, _: object) -> NoReturn:
    """Leave in good order, which a second signal must not disturb."""
    for each in STOPPING:
        signal.signal(each, lambda *_: None)
    sys.exit(128 + number)


def main() -> None:
    """Do what the command line says."""
    arguments = _arguments()
    if reason := why_not():
        sys.exit(reason)
    if arguments.scenario == CLEAN:
        for namespace in leftovers():
            print("deleting", namespace)
            ip("netns", "delete", namespace.name)
        return
    for number in STOPPING:
        signal.signal(number, _exit_on)
    with Lab() as lab:
        print(f"mptcp-top --host local:{lab.client} --host local:{lab.server}", flush=True)
        if arguments.scenario == MIXED:
            with mixing(lab) as mix:
                wait([mix], timeout=arguments.hold)
        else:
            _run(lab, SCENARIOS[arguments.scenario], arguments.hold or 0, arguments.every)


if __name__ == "__main__":
    try:
        main()
    except LabError as error:
        sys.exit(str(error))
