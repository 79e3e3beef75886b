"""The parts of `benchmarks.run` that need no terminal."""

import asyncio
import resource
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks import headless_start, history, local_sample, nitro_poll, recording, scrape
from benchmarks import recording_seek as seek
from benchmarks.canned import answers, canned
from benchmarks.effort import Effort
from benchmarks.many_targets import watch
from benchmarks.nitro_poll import PASSWORD, USER, appliances
from benchmarks.recording_day import lived
from benchmarks.report import percentile
from benchmarks.rows import Found, Row, Unmeasured, figure, ratio

SEEKS: Final = 100
HISTORY_MB: Final = 5.5
MANY: Final = 1000
MANY_CORES: Final = 0.3
SCRAPED: Final = 100
SCRAPE: Final = 0.6


def _of(what: str, times: Mapping[str, Sequence[float]], mine: str, other: tuple[str, str], goal: float | None) -> Row:
    """Return the row of one way over another, called as it shall be in the table."""
    way, called = other
    return ratio(what, times[mine], (called, times[way]), goal)


def local(effort: Effort) -> Found:
    """Measure one sample of this kernel."""
    what = "one sample of this kernel, CPU"
    try:
        times = local_sample.measure(effort.rounds * 5)
    except OSError as error:
        yield Unmeasured(what, f"this kernel opens no MPTCP sockets ({error}): sysctl -w net.mptcp.enabled=1")
        return
    ours = local_sample.OURS
    yield _of(what, times, ours, (local_sample.BARE, "a bare `pread` of the file"), 1.75)
    if local_sample.NSTAT in times:
        yield _of(what, times, ours, (local_sample.NSTAT, "an `nstat -az`"), 0.05)
    else:
        yield Unmeasured(f"{what} / nstat", "apt-get install iproute2")


def nitro(effort: Effort) -> Found:
    """Measure one poll of an appliance."""
    with appliances(1) as (url,):
        times, _ = asyncio.run(nitro_poll.measure(url, effort.rounds * 4))
    bare = (nitro_poll.BARE, "aiohttp reading the body")
    yield _of("one poll of an appliance, CPU", times, nitro_poll.OURS, bare, 2.0)
    yield _of("one poll of an appliance with the engine, CPU", times, nitro_poll.ENGINE, bare, None)


def scraped(effort: Effort) -> Found:
    """Measure our polls of many appliances beside Prometheus scraping as many numbers of as many."""
    what = f"a poll, {SCRAPED} targets at 1 Hz, CPU"
    names = [f"mptcp_{number}" for number in range(scrape.numbers_of(answers(USER, PASSWORD)))]
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(effort.rounds):
        if (cost := scrape.prometheus(names, SCRAPED, effort.many_seconds)) is None:
            yield Unmeasured(what, "no scrape was seen: apt-get install prometheus, or its machine was too busy")
            return
        theirs.append(cost)
        with canned(SCRAPED, USER, PASSWORD) as urls:
            seen = asyncio.run(watch(urls, effort.many_seconds))
        ours.append(seen.cpu_seconds / seen.good * 1e6)
    yield ratio(what, ours, ("a Prometheus scrape of as many numbers", theirs), SCRAPE)


def many(effort: Effort) -> Found:
    """Measure the collector with very many appliances."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    what = f"{MANY:,} appliances at 1 Hz, no screen"
    with canned(MANY, USER, PASSWORD) as urls:
        seen = [asyncio.run(watch(urls, effort.many_seconds)) for _ in range(min(2, effort.rounds))]
    yield figure(what, [each.cpu_seconds / each.seconds for each in seen], MANY_CORES, "core")
    yield figure(f"{what}: missed or failed polls", [each.missed + each.failed for each in seen], 0, "polls")


def memory(_: Effort) -> Found:
    """Measure what an hour takes in memory."""
    yield figure(f"an hour at 1 Hz in memory, {history.COUNTERS} counters", [history.hour()], HISTORY_MB, "MB")


def record(effort: Effort) -> Found:
    """Measure what it takes to record."""
    with tempfile.TemporaryDirectory(prefix="mptcp-top-recording-") as folder:
        ways, times = recording.written(effort.rounds * 3, Path(folder))
        ours = recording.BUDGETED[0]
        size = ways[ours].bytes_a_sample()
    yield figure("a recorded sample, 170 counters, 40 move at each", [size], recording.BYTES, "B")
    yield figure("a recorded sample, CPU", times[ours], recording.MICROSECONDS, "µs")
    yield figure(
        "a recorded sample of 20 targets together, CPU", times[recording.BUDGETED[1]], recording.MICROSECONDS, "µs"
    )
    yield _of("a recorded sample, CPU", times, ours, (recording.BARE, "SQLite, a wide row"), None)


def going_back(effort: Effort) -> Found:
    """Measure how long it takes to show another moment of a recorded day."""
    with tempfile.TemporaryDirectory(prefix="mptcp-top-recording-") as folder:
        path = Path(folder) / "day.db"
        lived(path, effort.recorded_hours)
        for name, show in recording.shows().items():
            late = [percentile(seek.seeks(path, show, SEEKS).took, 0.99) or 0.0 for _ in range(effort.rounds)]
            yield figure(f"to another moment of {effort.recorded_hours} h, {name}, p99", late, recording.SEEK_MS, "ms")


def start(effort: Effort) -> Found:
    """Measure a command without a screen from start to end."""
    times = headless_start.measure(effort.rounds * 5)
    other = (headless_start.ASYNCIO, "`python -c 'import asyncio'`")
    for name in ("stat", "stat --json"):
        yield _of(f"`{name}`, from start to end", times, name, other, headless_start.BUDGET)
