"""The dashboard as a soak has it: in time that goes as fast as it can, with a hand at its keys.

Started by `benchmarks.soak` on a pty; it writes what it was like, hour by hour, into a file.
"""

from benchmarks.fast_time import BEGAN, FastClock, FastLoop  # isort: skip - first of all: see there

import asyncio
import gc
import json
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, Final, NamedTuple

HOUR: Final = 3600.0
KEY_SECONDS: Final = 20.0
"""Between two keys: a screen is drawn some twenty times before the next."""
INTERVAL_SECONDS: Final = 5.0
LATE_SECONDS: Final = 1.0
WALL: Final = 1_795_255_200.0
TOUR: Final = (
    "down down o i i space slash n s 1 escape escape escape",
    "enter z z down down down enter down enter escape escape tab tab / j o i n enter escape v v v v w w n n n n",
    "g left right plus minus escape escape f",
    "c down down enter escape n n n n f",
    "e down enter escape t T slash j o i n escape escape f",
    "s tab right f",
    "h down down f",
    "M down enter escape f",
    "question_mark pagedown escape ctrl+p e v escape f2 f2 f2 f2 b b",
    "p left left left_square_bracket left_square_bracket right_square_bracket 0 at escape enter x escape f",
)
"""Every screen, and back to the fleet at the end."""


class Hour(NamedTuple):
    """How it stood at the end of an hour, on the first screen and with no poll under way."""

    hour: int
    rss_kib: int
    descriptors: int
    tasks: int
    threads: int
    objects: int


@dataclass
class Schedule:
    """When one target was asked: on its ticks, whatever became of it, or how far from them at most."""

    first: float | None = None
    last: float = 0.0
    failed: bool = False
    polls: int = 0
    failures: int = 0
    missed: int = 0
    off_tick: float = 0.0

    def asked(self, now: float) -> None:
        """Take in that it is asked now. After a failure the next poll may be late: that is how it should be."""
        if self.first is None:
            self.first = self.last = now
        gap = now - self.last
        if not self.failed:
            self.missed += max(0, round(gap / INTERVAL_SECONDS) - 1)
            phase = (now - self.first) % INTERVAL_SECONDS
            self.off_tick = max(self.off_tick, min(phase, INTERVAL_SECONDS - phase))
        self.last = now
        self.polls += 1


@dataclass
class Soak:
    """What is kept of it all, and written down after each round."""

    clock: FastClock
    result: Path
    schedules: dict[str, Schedule] = field(default_factory=dict)
    under_way: int = 0
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    hours: list[Hour] = field(default_factory=list)
    screens: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def ask(self) -> None:
        """Take in that somebody is asked."""
        self.under_way += 1
        self.quiet.clear()

    def answer(self) -> None:
        """Take in that somebody has answered, or has not."""
        self.under_way -= 1
        if not self.under_way:
            self.quiet.set()

    def awaits(self) -> bool:
        """Tell whether an answer is due."""
        return self.under_way > 0

    def note(self) -> None:
        """Take in how it stands now."""
        rss = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
        hour = int((self.clock.now() - BEGAN) / HOUR)
        tasks, threads = len(asyncio.all_tasks()), threading.active_count()
        now = Hour(hour, rss, len([*Path("/proc/self/fd").iterdir()]), tasks, threads, len(gc.get_objects()))
        self.hours = [*(each for each in self.hours if each.hour != hour), now]
        self.result.write_text(json.dumps(self.told()), encoding="utf-8")

    def told(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        schedules = self.schedules.values()
        return {
            "hours": [each._asdict() for each in self.hours],
            "screens": self.screens,
            "wrong": self.wrong,
            "polls": sum(each.polls for each in schedules),
            "failures": sum(each.failures for each in schedules),
            "missed": sum(each.missed for each in schedules),
            "off_tick": max(each.off_tick for each in schedules),
            "fewest": min(each.polls for each in schedules),
        }


def keys() -> Iterator[str]:
    """Return the keys of the tour, again and again; an empty one at its end.

    One mark is set, for all of it: each is kept, up to a hundred, with what all targets had counted then.
    """
    yield from ("m", "escape")
    for stretch in cycle((*TOUR, "")):
        yield from stretch.split() or [""]


def soak(clock: FastClock, result: Path, recording: Path, seconds: float, urls: list[str]) -> Soak:
    """Have the dashboard live for so long."""
    from benchmarks.soaked_parts import live  # noqa: PLC0415  # all that shall live in the fast time

    soaked = Soak(clock, result)
    threading.excepthook = lambda args: soaked.wrong.append(f"thread: {args.exc_value!r}")
    sys.unraisablehook = lambda unraisable: soaked.wrong.append(f"unraisable: {unraisable.exc_value!r}")
    loop = FastLoop(clock, soaked.awaits)
    loop.set_exception_handler(lambda _, context: soaked.wrong.append(f"loop: {context}"))
    asyncio.set_event_loop(loop)
    loop.run_until_complete(live(soaked, recording, seconds, urls))
    loop.close()
    return soaked


def main() -> None:
    share, recording, result, seconds, *urls = sys.argv[1:]
    clock = FastClock(Path(share), WALL)
    clock.take_over()
    told = soak(clock, Path(result), Path(recording), float(seconds), urls).told()
    Path(result).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
