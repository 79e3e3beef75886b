"""What one NITRO poll costs, beside a bare aiohttp read of the same URL and beside ``json.loads`` of its body.

    uv run python -m benchmarks.nitro_poll [--rounds 15]

The ways take turns poll by poll, each on a kept connection of its own to the same simulated appliance, which runs in a
process of its own over plain HTTP. Times are the client's CPU time.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Final, NamedTuple

import aiohttp

from benchmarks.processes import in_a_child
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.store import Store
from mptcp_top.model import Secret
from mptcp_top.settings import Access
from mptcp_top.simulator.running import Simulation
from mptcp_top.simulator.scenario import load_scenario
from mptcp_top.sources.netscaler import STAT
from mptcp_top.sources.registry import Source, source_of, target_of

USER: Final = "monitor"
PASSWORD: Final = "benchmark"
LOGIN: Final = "/nitro/v1/config/login"
POLLS_A_ROUND: Final = 60
JSON: Final = "json.loads"
BARE: Final = "bare aiohttp"
OURS: Final = "ours"
ENGINE: Final = "ours + engine"
BUDGETS: Final = ((OURS, BARE, 2.0), (ENGINE, BARE, None), (OURS, JSON, None))

Way = Callable[[], Awaitable[object]]
"""Take one sample."""
Times = dict[str, list[float]]
"""Microseconds of CPU by way, one number a round."""


class Known(NamedTuple):
    """The credentials of the simulated appliances."""

    user: str = USER

    def password(self) -> Secret:
        """Return the password."""
        return Secret(PASSWORD)

    def refused(self) -> None:
        """Cannot happen: the password is that of the appliance made here."""


def serve(told: Connection, names: list[str]) -> None:
    """Be some appliances in ordinary traffic until the other side hangs up."""
    day = load_scenario("day")
    plans = tuple(replace(day.appliances[0], name=name, phase=number % 7) for number, name in enumerate(names))
    with Simulation(replace(day, appliances=plans), user=USER, password=PASSWORD) as simulation:
        told.send([simulation.url(name) for name in names])
        with suppress(EOFError):
            told.recv()


@contextmanager
def appliances(count: int, processes: int = 1) -> Iterator[list[str]]:
    """Run so many simulated appliances in processes of their own and give their URLs."""
    shares = [[f"ns{number}" for number in range(first, count, processes)] for first in range(processes)]
    with ExitStack() as stack:
        pipes = [stack.enter_context(in_a_child(serve, names)) for names in shares]
        yield [url for pipe in pipes for url in pipe.recv()]


def source_at(url: str, interval: float = 1.0) -> Source:
    """Return our source that reads an appliance."""
    access = Access(url, allow_http=True, interval=interval)
    return source_of(target_of(url, access), access, Known())


async def bare(url: str, open_until: AsyncExitStack) -> tuple[Way, bytes]:
    """Return the limit, the body is read and nobody looks at it; and such a body."""
    client = await open_until.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
    asked = {"login": {"username": USER, "password": PASSWORD}}
    async with client.post(url + LOGIN, json=asked) as response:
        token = (await response.json())["sessionid"]
    headers = {"Cookie": f"NITRO_AUTH_TOKEN={token}"}

    async def read() -> bytes:
        async with client.get(url + STAT, headers=headers) as response:
            return await response.read()

    return read, await read()


def ours(url: str, open_until: AsyncExitStack) -> Way:
    """Return what the budget is about: one poll of our source."""
    source = source_at(url)
    open_until.push_async_callback(source.close)
    return source.poll


def ours_with_engine(url: str, open_until: AsyncExitStack) -> Way:
    """Return all that a poll causes before it is drawn: rates, episodes and history too."""
    source = source_at(url)
    open_until.push_async_callback(source.close)
    engine = Engine(Store([source.target]))

    async def sample() -> None:
        engine.observe(await source.poll(), 1.0)

    return sample


def parsing(body: bytes) -> Way:
    """Return what the body alone costs."""

    async def parse() -> None:
        json.loads(body)

    return parse


async def poll_round(ways: Mapping[str, Way], times: Times) -> None:
    """Let the ways take turns, poll by poll, and note the median of each."""
    spent: dict[str, list[int]] = {name: [] for name in ways}
    for _ in range(POLLS_A_ROUND):
        for name, way in ways.items():
            began = time.thread_time_ns()
            await way()
            spent[name].append(time.thread_time_ns() - began)
    for name, nanoseconds in spent.items():
        times[name].append(statistics.median(nanoseconds) / 1e3)


async def measure(url: str, rounds: int) -> tuple[Times, int]:
    """Return the times of every way and the size of the body; the first round warms up and does not count."""
    async with AsyncExitStack() as open_until:
        read, body = await bare(url, open_until)
        ways = {
            JSON: parsing(body),
            BARE: read,
            OURS: ours(url, open_until),
            ENGINE: ours_with_engine(url, open_until),
        }
        times: Times = {name: [] for name in ways}
        for _ in range(rounds + 1):
            await poll_round(ways, times)
    return {name: values[1:] for name, values in times.items()}, len(body)


def ratio(times: Times, mine: str, other: str, limit: float | None) -> str:
    """Return the line of one ratio: the median over the rounds, as two ways of one round are side by side."""
    by_round = [one / another for one, another in zip(times[mine], times[other], strict=True)]
    value = statistics.median(by_round)
    spread = f"({min(by_round):.2f} to {max(by_round):.2f})"
    verdict = "" if limit is None else f"budget {limit:.2f}  {'within' if value <= limit else 'OVER'}"
    return f"  {f'{mine} / {other}':<30} {value:5.2f} x  {spread:<16} {verdict}".rstrip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds: int = parser.parse_args().rounds
    with appliances(1) as (url,):
        times, size = asyncio.run(measure(url, rounds))
    print(f"a body has {size:,} bytes")
    for name, values in times.items():
        middle, low, high = statistics.median(values), min(values), max(values)
        print(f"{name:<14} {middle:9,.1f} us CPU a poll  ({low:,.1f} to {high:,.1f})")
    for mine, other, limit in BUDGETS:
        print(ratio(times, mine, other, limit))
    return 0


if __name__ == "__main__":
    sys.exit(main())
