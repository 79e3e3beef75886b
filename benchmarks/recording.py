"""What recording costs, and what it costs to go back in a recording.

    uv run python -m benchmarks.recording write [--rounds 9]      beside bare SQLite: time and bytes a sample
    uv run python -m benchmarks.recording day [--hours 24]        a day of 20 appliances and a kernel; going back in it
    uv run python -m benchmarks.recording viewers [--seconds 20]  the writer with and without two viewers

The clock of what is recorded is simulated; files, transactions and reads are real. Times are CPU time where it is not
said otherwise. The ways of writing take turns, tick by tick.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks import recording_seek as seek
from benchmarks.recorded import BEGAN, WALL, Feed, Scene
from benchmarks.recording_day import lived
from benchmarks.recording_viewers import beside
from benchmarks.recording_ways import Bare, Ours, Way, as_json
from mptcp_top.engine.store import Store
from mptcp_top.recording import place
from mptcp_top.recording.writer import Writer

SAMPLES_A_ROUND: Final = 400
ALONE: Final = Scene()
TOGETHER: Final = Scene(targets=20)
WORST: Final = Scene(moving=170, errors=80, seldom=1, step=10**6)
BARE: Final = "bare wide row"
BUDGETED: Final = ("ours", "ours, 20 targets a tick")
MICROSECONDS: Final = 60.0
BYTES: Final = 450.0
SEEK_MS: Final = 100.0
FLAT_MIB: Final = 5.0
SEEKS: Final = 100
SLOWED: Final = 1.1
QUOTED: Final = (
    ("atop -w", "6.0 KB and 9,800 us a sample"),
    ("dolphie daemon", "about 4.6 KB and 7,500 us a row"),
)
"""Measured once, beside each other, on a quiet machine: other programs, with other numbers in a sample."""


def within(value: float, limit: float) -> str:
    return f"budget {limit:g}  {'within' if value <= limit else 'OVER'}"


def written(rounds: int, folder: Path) -> tuple[dict[str, Way], dict[str, list[float]]]:
    """Write samples in all ways, and return them with the microseconds of CPU a sample took, a number a round."""
    ways: dict[str, Way] = {
        BARE: Bare(folder / "bare.db", ALONE),
        BUDGETED[0]: Ours(folder / "ours.db", ALONE),
        "bare, 20 targets a tick": Bare(folder / "bare20.db", TOGETHER),
        BUDGETED[1]: Ours(folder / "ours20.db", TOGETHER),
        "ours, all 170 leap": Ours(folder / "worst.db", WORST),
        "bare, a JSON text a row": Bare(folder / "json.db", ALONE, as_json),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        spent = dict.fromkeys(ways, 0)
        for tick in range(SAMPLES_A_ROUND):
            for name, way in ways.items():
                if tick % way.scene.targets == 0:
                    spent[name] += way.tick()
        for name, nanoseconds in spent.items():
            times[name].append(nanoseconds / SAMPLES_A_ROUND / 1e3)
    return ways, {name: each[1:] for name, each in times.items()}


def write(options: argparse.Namespace, folder: Path) -> int:
    """Print what it costs to write samples in all ways, beside bare SQLite."""
    return _ways_table(*written(options.rounds, folder))


def _ways_table(ways: dict[str, Way], times: dict[str, list[float]]) -> int:
    over = 0
    for name, way in ways.items():
        took, size = statistics.median(times[name]), way.bytes_a_sample()
        ratio = statistics.median(one / other for one, other in zip(times[name], times[BARE], strict=True))
        budgeted = name in BUDGETED
        verdict = f"{within(took, MICROSECONDS)}; {within(size, BYTES)}" if budgeted else ""
        over += budgeted and (took > MICROSECONDS or size > BYTES)
        spread = f"({min(times[name]):.0f} to {max(times[name]):.0f})"
        print(
            f"{name:<25} {took:6.1f} us a sample {spread:<13} {ratio:5.2f} x bare  {size:6,.0f} B  {verdict}".rstrip()
        )
    for name, said in QUOTED:
        print(f"{name:<25} {said} (quoted, not measured here)")
    return int(over > 0)


def day(options: argparse.Namespace, folder: Path) -> int:
    """Record a day, and go back in it."""
    path = folder / "day.db"
    found = lived(path, options.hours)
    grown = max(found.rss[1:], default=found.rss[0]) - found.rss[0]
    print(f"{options.hours} h of 20 appliances every 5 s and a kernel every second: {found.samples:,} samples")
    print(f"  file       {found.file_bytes / 1e6:8.1f} MB, {found.file_bytes / found.samples:.0f} B a sample; "
          f"its WAL at most {found.wal_bytes / 1e6:.1f} MB")  # fmt: skip
    print(f"  writing    {found.microseconds:8.1f} us a sample  {within(found.microseconds, MICROSECONDS)}")
    print(
        f"  memory     {found.rss[0]:8.1f} MiB after an hour, {grown:+.1f} MiB at most since  {within(grown, FLAT_MIB)}"
    )
    _, close, took = seek.opened(path)
    close()
    print(f"  opening    {took:8.1f} ms")
    worst = 0.0
    for name, show in shows().items():
        for cold in (False, True):
            seeks = seek.seeks(path, show, SEEKS // 5 if cold else SEEKS, cold=cold)
            worst = max(worst, statistics.median(seeks.spent))
            print(f"  to {name:<17} {'cold' if cold else 'warm'}  {seeks.says()}")
    floor = seek.bare(path, SEEKS)
    print(f"  fetching   {floor:8.1f} ms of CPU, the rows alone; going back is {worst / floor:.1f} times that")
    print(f"  going back {worst:8.1f} ms of CPU, the slowest median  {within(worst, SEEK_MS)}")
    return int(worst > SEEK_MS or grown > FLAT_MIB or found.microseconds > MICROSECONDS)


def shows() -> dict[str, Callable[[Store, float], None]]:
    """Return what is shown of another moment: a screen of one target, and of all."""
    return {
        "the kernel": lambda store, cursor: seek.host(store, "linux0", cursor),
        "an appliance": lambda store, cursor: seek.host(store, "netscaler3", cursor),
        "all 21 at a glance": seek.fleet,
    }


def viewers(options: argparse.Namespace, folder: Path) -> int:
    """Record in real time with and without viewers, and print whether they slow the writer."""
    path = folder / "watched.db"
    feed = Feed(TOGETHER)
    claim = place.claim(path)
    connection = place.to_write(path)
    writer = Writer(connection, feed.targets, BEGAN, WALL)
    for _ in range(400):
        writer.write(feed.tapped(feed.polled()))
    spent: dict[int, list[float]] = {0: [], 2: []}
    largest = 0
    for count in (0, 2, 0, 2):
        with beside(path, count):
            until = time.monotonic() + options.seconds / 4
            while time.monotonic() < until:
                observations = feed.polled()
                began = time.thread_time_ns()
                writer.write(feed.tapped(observations))
                spent[count].append((time.thread_time_ns() - began) / len(observations) / 1e3)
                largest = max(largest, path.with_name(f"{path.name}-wal").stat().st_size)
                time.sleep(0.05)
    connection.close()
    assert claim
    return _viewers_table(spent, largest)


def _viewers_table(spent: dict[int, Sequence[float]] | dict[int, list[float]], largest: int) -> int:
    alone, watched = (statistics.fmean(spent[count]) for count in (0, 2))
    print(f"  alone {alone:.1f} us a sample, with two viewers {watched:.1f} us")
    print(
        f"  ratio {watched / alone:.2f}  {within(watched / alone, SLOWED)}; the WAL was at most {largest / 1e6:.1f} MB"
    )
    return int(watched / alone > SLOWED)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for run, option, usual in ((write, "--rounds", 9), (day, "--hours", 24), (viewers, "--seconds", 20)):
        command = commands.add_parser(run.__name__)
        command.add_argument(option, type=int, default=usual)
        command.set_defaults(run=run)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mptcp-top-recording-") as folder:
        found: int = options.run(options, Path(folder))
    return found


if __name__ == "__main__":
    sys.exit(main())
