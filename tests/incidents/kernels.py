"""Two real kernels' worth of MPTCP, in namespaces, read a virtual second apart while real faults are made."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from mptcp_top.sources.linux import LinuxSource
from mptcp_top.sources.registry import target_of
from tests.incidents.screens import Screens, Seen
from tests.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable

    from mptcp_top.model import Target

BEGINS = 1_000_000.0
"""What the monotonic clock shows when it all begins: later than any clock that is running."""


@dataclass
class Bench:
    """The two hosts of a laboratory as the screens show them. What is done to them takes no time on their clock.

    The counters are those of the running kernel; only the time they were read at is given.
    """

    seen: list[tuple[Seen, Seen]] = field(default_factory=list)

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            self.lab = opened.enter_context(Lab())
            hosts = (self.lab.client, self.lab.server)
            self.targets: list[Target] = [target_of(f"local:{host.name}") for host in hosts]
            self._sources = [LinuxSource(target) for target in self.targets]
            for source in self._sources:
                opened.callback(source.close_now)
            self.screens = Screens(self.targets, 1.0, BEGINS)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @property
    def now(self) -> float:
        """Seconds since the first poll, which is at 1."""
        return float(len(self.seen))

    def poll(self, deed: Callable[[Lab], object]) -> tuple[Seen, Seen]:
        """Do something, read client and server a second after the last time, and look."""
        deed(self.lab)
        at = self.now + 1
        for source in self._sources:
            self.screens.take(source.read(), at)
        client, server = (self.screens.seen(target, at) for target in self.targets)
        self.seen.append((client, server))
        return client, server

    def explained(self, side: int) -> str:
        """The page that Enter opens at the client (0) or the server (1)."""
        return self.screens.explained(self.targets[side], self.now)
