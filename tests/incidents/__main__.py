"""Print what the screens say of an incident, poll by poll: ``python -m tests.incidents token-mismatch --until 120``."""

from __future__ import annotations

import argparse

from mptcp_top.simulator.scenario import scenario_names
from tests.incidents.appliances import Watched
from tests.incidents.screens import transcript


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.incidents", description=__doc__)
    parser.add_argument("scenario", choices=scenario_names())
    parser.add_argument("--box", type=int, default=0, help="which appliance of the scenario (default 0)")
    parser.add_argument("--interval", type=float, default=5.0, help="seconds between polls (default 5)")
    parser.add_argument("--since", type=float, default=0.0, help="the first poll (default 0)")
    parser.add_argument("--until", type=float, default=120.0, help="the last poll (default 120)")
    told = parser.parse_args()
    with Watched(told.scenario, told.box, told.interval, told.since) as box:
        print(transcript(box.poll_until(told.until)))


if __name__ == "__main__":
    main()
