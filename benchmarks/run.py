"""All that mptcp-top costs, in one run, beside what a user would have instead: one table of ratios, and the goals.

    uv run python -m benchmarks.run [--quick] [--only screen,local,…] [--markdown FILE]

Everything is measured in turn with what it is compared with; compare only figures of one run. What this machine lacks
is left out, with what to install. On a machine that does other things the ratios of CPU time hold best, those of
waiting (key to screen, start) least. The exit code is 1 where a goal is missed.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from benchmarks import programs, run_headless, run_screens
from benchmarks.effort import FULL, QUICK, Effort
from benchmarks.rows import Found, Row, Unmeasured, markdown, text
from benchmarks.screen import DATA

SECTIONS: Final[Mapping[str, Callable[[Effort], Found]]] = {
    "screen": run_screens.screen,
    "appliance": run_screens.appliance,
    "fleet": run_screens.fleet,
    "views": run_screens.views,
    "local": run_headless.local,
    "nitro": run_headless.nitro,
    "scraped": run_headless.scraped,
    "many": run_headless.many,
    "memory": run_headless.memory,
    "record": run_headless.record,
    "going_back": run_headless.going_back,
    "start": run_headless.start,
}


def measured(names: list[str], effort: Effort) -> tuple[list[Row], list[Unmeasured]]:
    """Measure section by section, each printed as it comes."""
    rows, missing = [], []
    for name in names:
        print(f"{name} (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)
        for found in SECTIONS[name](effort):
            if isinstance(found, Row):
                rows.append(found)
                print(text(found), flush=True)
            else:
                missing.append(found)
    return rows, list(dict.fromkeys(missing))


def machine() -> str:
    """Return where it was measured, and against which versions."""
    here, _ = programs.find(list(programs.PROGRAMS), programs.Wanted(None, DATA, ""))
    load = " ".join(f"{average:.1f}" for average in os.getloadavg())
    return (
        f"{os.cpu_count()} cores (load {load}), Linux {platform.release()}, Python {platform.python_version()}, "
        f"{programs.versions(here)}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round of everything: what is roughly so")
    parser.add_argument("--only", default=",".join(SECTIONS), help=f"of {','.join(SECTIONS)}")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    options = parser.parse_args()
    names = options.only.split(",")
    if unknown := [name for name in names if name not in SECTIONS]:
        parser.error(f"there is no section {unknown[0]}: choose of {', '.join(SECTIONS)}")
    where = machine()
    rows, missing = measured(names, QUICK if options.quick else FULL)
    table = "\n".join(markdown(rows))
    print(f"\n{where}\n\n{table}\n")
    if options.markdown:
        options.markdown.write_text(f"{where}\n\n{table}\n", encoding="utf-8")
    for what, advice in missing:
        print(f"not measured: {what}{': ' * bool(advice)}{advice}")
    missed = [row for row in rows if row.missed]
    print(f"{sum(row.goal is not None for row in rows)} goals, {len(missed)} missed")
    for row in missed:
        print(text(row))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
