"""When the polls of one target were, on a clock that never steps: worked out from what its lines say."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.recording.collected import Poll

SLACK_MICROSECONDS: Final = 2500
"""How far two differences of the same times can be apart: those by the wall clock are cut to milliseconds."""

STEADY: Final = 0.001
"""How much faster or slower than time passes a clock that is being set right may go."""

STEPS: Final = 9
"""After so many polls at another pace, it has changed."""

FURTHER: Final = 1.5


class OutOfOrder(ValueError):
    """A line is not later than the one before it."""


class Course:
    """The polls of one target so far. Times are microseconds of the import's clock, on which its session begins at 0.

    ``counted`` is whether a line said how long after another it was: then one that does not begins another call.
    """

    def __init__(self, began: int, every: float = 0.0) -> None:
        self.at = began
        self.pace = Pace(every)
        self.counted = False
        self._before: Poll | None = None
        self._sample: tuple[int, Poll] | None = None

    @property
    def sample(self) -> Poll | None:
        """The newest poll that was read."""
        return None if self._sample is None else self._sample[1]

    def begins_another_call(self, poll: Poll) -> bool:
        """Whether a poll is the first one of another call of ``stat``, which knew of none before."""
        if poll.values is not None:
            return self.counted and poll.elapsed_seconds is None
        return self.sample is not None and self.sample.identity[:3] != poll.identity[:3] == ("", "", None)

    def take(self, poll: Poll) -> int:
        """Take the next poll in and return when it was.

        Raises:
            OutOfOrder: it was not later than the one before.
        """
        at = self._when(poll)
        if self._before is not None:
            self.pace.note((at - self.at) / 1e6)
        self.at, self._before = at, poll
        self.counted |= poll.elapsed_seconds is not None
        if poll.values is not None:
            self._sample = at, poll
        return at

    def _when(self, poll: Poll) -> int:
        if self._before is None:
            return self.at
        if self._sample is not None and poll.elapsed_seconds is not None:
            (then, sample), elapsed = self._sample, round(poll.elapsed_seconds * 1e6)
            passed = (poll.milliseconds - sample.milliseconds) * 1000
            if is_alike(passed, elapsed) or follows(sample, poll):  # else lines are missing between the two
                return max(then + elapsed, self.at + 1)
        self.refuse_what_is_earlier(poll)
        return self.at + (poll.milliseconds - self._before.milliseconds) * 1000

    def refuse_what_is_earlier(self, poll: Poll) -> None:
        """Refuse a poll that is not later than the one before it, by the wall clock.

        Raises:
            OutOfOrder: it is so.
        """
        if self._before is not None and poll.milliseconds <= self._before.milliseconds:
            raise OutOfOrder(f"it is not later than the line of {poll.target} before it: lines go in the order of time")


class Pace:
    """How often a target is polled: what most of the last polls say."""

    def __init__(self, every: float = 0.0) -> None:
        self.every = every
        self._steps: deque[float] = deque(maxlen=STEPS)

    def note(self, seconds: float) -> None:
        """Take in how long after the poll before one was."""
        self._steps.append(seconds)
        usual = usual_of(self._steps)
        if not self.every or (len(self._steps) == STEPS and not 1 / FURTHER < usual / self.every < FURTHER):
            self.every = usual


def usual_of(steps: Iterable[float]) -> float:
    """Return a pace in two digits, as people set one.

    >>> usual_of([1.003, 0.998, 7.0]), usual_of([])
    (1.0, 0.0)
    """
    known = list(steps)
    return float(f"{median(known):.2g}") if known else 0.0


def is_alike(passed: int, elapsed: int) -> bool:
    """Whether two differences, in microseconds, are of the same times: by the wall clock, and as a line says.

    >>> is_alike(1_002_000, 1_000_000), is_alike(2_000_000, 1_000_000)
    (True, False)
    """
    return abs(passed - elapsed) <= SLACK_MICROSECONDS + STEADY * elapsed


def follows(before: Poll, now: Poll) -> bool:
    """Whether one sample is the very next after another: what it says that its counters rose is what they did.

    Where nothing rose it cannot be told, and is taken for so: then every rate is 0 all the same.
    """
    if before.values is None or now.values is None:
        return False
    known = dict(zip((metric.name for metric in before.layout.metrics), before.values, strict=True))
    rows = zip(now.layout.metrics, now.values, now.increases, strict=True)
    told = [(known.get(metric.name), value, said) for metric, value, said in rows if said is not None]
    return bool(told) and all(
        was is not None and value is not None and value - was == said for was, value, said in told
    )
