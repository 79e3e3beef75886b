"""Ten thousand hostile inputs for each parser: how many were a crash, what CPU time the slowest took, and what it kept.

    uv run python -m benchmarks.hostile [--inputs 10000] [PARSER ...]

The inputs are those of `tests/hostile`, the same at every run. Each parser has a process of its own. What the
slowest takes and how the memory grows is measured while it is given all of them once more, because hypothesis keeps a
hundred MiB of its own. The exit code is 1 if anything failed.
"""

import argparse
import gc
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings

from tests.hostile.inputs import HOSTILE, inputs_of
from tests.hostile.parsers import PARSERS_OF

GROWN_AT_MOST_MIB = 32.0
SLOW_SECONDS = 0.1


def resident_mib() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def tried(name: str, inputs: int) -> bool:
    """Try one parser in this process, print its line, and return whether it held."""
    parser = PARSERS_OF[name]
    taken: dict[bytes, float] = {}
    runs = 0

    @settings(HOSTILE, max_examples=inputs)
    @given(inputs_of(parser))
    def whatever(raw: bytes) -> None:
        nonlocal runs
        runs += 1
        taken[raw] = 0.0
        parser.take(raw)

    for seed in parser.seeds:
        parser.take(seed)
    begun = time.process_time()
    crashed = 0
    try:
        whatever()
    except BaseException:  # noqa: BLE001  # of hypothesis: a group of whatever failed
        traceback.print_exc()
        crashed = 1
    seconds, before = time.process_time() - begun, resident_mib()
    gc.collect()
    gc.freeze()  # what hypothesis keeps is not to be looked through again and again
    for raw in taken:
        again = time.process_time()
        with suppress(Exception):  # has been told
            parser.take(raw)
        taken[raw] = time.process_time() - again
    grown = resident_mib() - before
    slowest = max(taken, key=taken.__getitem__, default=b"")
    figures = f"{crashed:>9}{taken.get(slowest, 0.0) * 1000:>12.1f}{grown:>12.1f}{seconds:>10.0f}"
    print(f"{name:<16}{runs:>8,}{figures}", flush=True)
    if slow := [raw for raw, time_taken in taken.items() if time_taken > SLOW_SECONDS]:
        print(f"  {len(slow)} above {SLOW_SECONDS:g} s, the slowest {slowest[:60]!r}", flush=True)
    return not crashed and grown < GROWN_AT_MOST_MIB


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("parsers", nargs="*", metavar="PARSER", help=f"of {', '.join(PARSERS_OF)}")
    arguments.add_argument("--inputs", type=int, default=10_000)
    arguments.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if unknown := set(asked.parsers) - set(PARSERS_OF):
        arguments.error(f"there is no parser {', '.join(sorted(unknown))}: there are {', '.join(PARSERS_OF)}")
    if asked.here:
        return 0 if tried(asked.parsers[0], asked.inputs) else 1
    print(f"{'parser':<16}{'inputs':>8}{'crashes':>9}{'slowest ms':>12}{'grown MiB':>12}{'seconds':>10}", flush=True)
    command = [sys.executable, "-m", "benchmarks.hostile", "--here", "--inputs", str(asked.inputs)]
    return max(subprocess.run([*command, name], check=False).returncode for name in asked.parsers or PARSERS_OF)


if __name__ == "__main__":
    sys.exit(main())
