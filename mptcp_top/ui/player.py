"""A recording as it is played: where it ends, and how fast time goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from mptcp_top import text
from mptcp_top.ui.replayed import Replay

if TYPE_CHECKING:
    from collections.abc import Callable

SPEEDS: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 60.0, 600.0)
STEP_AT_MOST_SECONDS: Final = 2.0
"""How long a tick counts at most: what was missed while the terminal stood still is played, not left out."""

EMPTY_SECONDS: Final = 60.0
"""From how long on a time in which nothing was recorded is passed over."""

SILENT_SECONDS: Final = 10.0
GUESSES: Final = 4


class Tape(Protocol):
    """A recording, as it is played. Moments are on its own clock."""

    @property
    def extent_of_all(self) -> tuple[float, float] | None:
        """When the first and the last poll were, as of the last look."""

    def catch_up(self) -> bool:
        """Look how much is recorded by now, and return whether that is more than at the last look."""

    def poll_beside(self, moment: float, step: int) -> float | None:
        """Return when the next poll after a moment was (1), or the last before it (-1)."""

    def skew(self, moment: float) -> float | None:
        """Return how far the wall clock was ahead at a moment."""

    def read_again(self) -> None:
        """Read anew what is asked for next."""

    def trouble_at(self, cursor: float | None) -> str:
        """Return what could not be read while a moment was shown."""


class Player:
    """Moves the time cursor over a recording. Without one (None) its growing end is followed.

    Both clocks come in with what is asked; ``pace`` says how often its targets were polled at the cursor,
    and ``look`` is told when there is more of it, and says what of that is worth a word.
    """

    def __init__(
        self,
        name: str,
        tape: Tape,
        pace: Callable[[], float],
        *,
        growing: bool,
        look: Callable[[], str] = lambda: "",
    ) -> None:
        self.name = name
        self.tape = tape
        self.speed = 1.0
        self.playing = False
        self.growing = growing
        self._pace = pace
        self._look = look
        self._ticked: float | None = None
        self._grown: tuple[float, float] | None = None
        self._skew = self._skew_at_the_end()

    @property
    def begins(self) -> float:
        """The moment of the first poll; 0 where there is none."""
        return self.tape.extent_of_all[0] if self.tape.extent_of_all else 0.0

    @property
    def ends(self) -> float:
        """The moment of the last poll that is known; 0 where there is none."""
        return self.tape.extent_of_all[1] if self.tape.extent_of_all else 0.0

    def tick(self, cursor: float | None, monotonic: float, wall: float) -> tuple[float | None, str]:
        """Look at the file, let time go by, and return the moment to show and what there is to tell."""
        news = ""
        if self.tape.catch_up():
            self._skew, self._grown = self._skew_at_the_end(), None
            self.growing = True
            news = self._look()
        if self._grown is None:
            age = wall - self.ends - self._skew if self.tape.extent_of_all else 0.0
            self._grown = monotonic, max(0.0, age)
        passed = 0.0 if self._ticked is None else min(max(0.0, monotonic - self._ticked), STEP_AT_MOST_SECONDS)
        self._ticked = monotonic
        if not self.playing or cursor is None:
            return cursor, news
        moment, said = self._played(cursor, passed * self.speed)
        return moment, said or news

    def _played(self, cursor: float, seconds: float) -> tuple[float | None, str]:
        following = self.tape.poll_beside(cursor, 1)
        if following is None:
            return self.rest(None), "" if self.growing else "this is the end of the recording"
        if following - cursor > max(EMPTY_SECONDS, 2 * seconds, 3 * self._pace()):
            return following, f"nothing was recorded for {text.duration(following - cursor)}: passed over"
        return min(cursor + seconds, self.ends), ""

    def rest(self, cursor: float | None) -> float | None:
        """Stop playing at a moment, and return it as there is one; the end (None) of a file that grows is followed."""
        self.playing = False
        return self.within(cursor)

    def within(self, cursor: float | None) -> float | None:
        """Return a moment as there is one in the recording."""
        if cursor is None:
            return None if self.growing else self.ends
        return min(max(cursor, self.begins), self.ends)

    def turn(self, cursor: float | None) -> float | None:
        """Play on from a moment, or stop there: that of the end, where it is followed."""
        if cursor is None:
            return self.rest(self.ends)
        self.playing = not self.playing and (self.growing or cursor < self.ends)
        return cursor

    def faster(self, step: int) -> str:
        """Play faster (1), or slower (-1), and say how fast that is."""
        place = min(range(len(SPEEDS)), key=lambda place: abs(SPEEDS[place] - self.speed))
        nearest = SPEEDS[place]
        if (nearest > self.speed) != (step > 0) or nearest == self.speed:
            nearest = SPEEDS[min(max(place + step, 0), len(SPEEDS) - 1)]
        least = nearest == self.speed
        self.speed = nearest
        return f"speed x{nearest:g}{', that is the ' + ('most' if step > 0 else 'least') if least else ''}"

    def now(self, cursor: float | None, monotonic: float) -> tuple[float, float]:
        """Return what is now in this recording, by its clock and the wall clock: its end, or later where it grows."""
        now = self.ends + (self._age(monotonic) if cursor is None else 0.0)
        return now, now + self._skew

    def replay(self, cursor: float | None, monotonic: float, wall: float) -> Replay:
        """Return what the head says."""
        age = self._age(monotonic)
        return Replay(
            self.name,
            wall,
            monotonic,
            self.speed,
            self.playing,
            cursor is None,
            age,
            self.growing and age > max(SILENT_SECONDS, 3 * self._pace()),
            0.0 if cursor is None else self.ends - cursor,
            self.tape.trouble_at(cursor),
            self.growing,
        )

    def _age(self, monotonic: float) -> float:
        """Return how old the end of the recording is."""
        return 0.0 if self._grown is None else self._grown[1] + max(0.0, monotonic - self._grown[0])

    def _skew_at_the_end(self) -> float:
        return self.tape.skew(self.ends) or 0.0


def moment_of(wall: float, guess: float, skew_at: Callable[[float], float | None]) -> float:
    """Return the moment at which the wall clock showed a time, however often it was set: near it, from a guess on.

    >>> moment_of(1000.0, 0.0, lambda moment: 100.0 if moment < 850.0 else 40.0)
    960.0
    """
    moment = guess
    for _ in range(GUESSES):
        skew = skew_at(moment)
        if skew is None or abs(wall - skew - moment) < 1e-3:
            break
        moment = wall - skew
    return moment
