"""A simulated appliance over real HTTP, polled at the pace of a clock that nobody has to wait for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from mptcp_top.errors import SourceError
from mptcp_top.model import Failure, Status, Target
from mptcp_top.simulator.scenario import load_scenario
from tests.incidents.screens import Screens, Seen
from tests.sources.scene import Scene

if TYPE_CHECKING:
    from types import TracebackType

REFRESH_SECONDS = 7


@dataclass
class Watched:
    """One appliance of a scenario as the screens show it, from ``begins`` (a time of the scenario) on.

    The source is the real one: its login, its requests, what it makes of the replies; only the clock is turned by hand.
    """

    scenario: str
    box: int = 0
    interval_seconds: float = 5.0
    begins: float = 0.0
    calm: bool = False
    seen: list[Seen] = field(default_factory=list)

    def __enter__(self) -> Self:
        played = load_scenario(self.scenario)
        played = replace(played, incidents=(), events=()) if self.calm else played
        self._scene = Scene(played)
        self._scene.__enter__()
        self._scene.clock.now = self._next = self.begins
        self.target = Target(f"ns{self.box + 1}", "netscaler")
        self._scene.use(self._scene.source_at(self._scene.boxes[self.box].url, self.target.name))
        self.screens = Screens([self.target], self.interval_seconds)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._scene.close_and_wait()
                self._scene.assert_well_behaved()
        finally:
            self._scene.__exit__(kind, error, trace)

    def truth(self, name: str, at: float) -> int:
        """What a counter of the box really shows at a moment."""
        return self._scene.boxes[self.box].truth(name, at)

    def poll(self, **look: Any) -> Seen:  # noqa: ANN401  # width and the like
        """Poll once, one interval after the last time, and look."""
        at, self._next = self._next, self._next + self.interval_seconds
        self._scene.clock.now = at
        try:
            self.screens.take(self._scene.poll(), at)
        except SourceError as error:
            reason, advice = error.reason, error.advice
            failure = Failure(self.target, Status(error.status), reason, at, at, advice, self.interval_seconds)
            self.screens.take(failure, at)
        self.seen.append(self.screens.seen(self.target, at, **look))
        return self.seen[-1]

    def poll_until(self, at: float) -> list[Seen]:
        """Poll up to a moment of the scenario."""
        while self._next <= at:
            self.poll()
        return self.seen

    def ticks(self, since: float) -> list[float]:
        """The moments at which this box takes stock, the first one that can show what happens ``since`` then first."""
        phase = load_scenario(self.scenario).appliances[self.box].phase
        first = phase + -(-(since - phase) // REFRESH_SECONDS) * REFRESH_SECONDS
        return [first + number * REFRESH_SECONDS for number in range(100)]

    def explained(self) -> str:
        """The page that Enter opens now."""
        return self.screens.explained(self.target, self.seen[-1].at)
