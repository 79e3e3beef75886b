"""When an appliance took stock: its counters move on a beat of its own, whatever the pace of our polls.

Between two beats every poll reads the same numbers. Dividing a growth by the time between two polls would give a
saw-tooth; dividing it by the number of beats in between gives the rate. Which polls have how many beats between them
follows from what each poll saw, because the beat's length is known (seven seconds on a NetScaler) and only its phase
is not: a poll that reads something new has a beat before it, one that reads nothing new has none.
"""

from __future__ import annotations

from collections import deque
from math import ceil, floor
from typing import Final, NamedTuple

SLACK_SECONDS: Final = 0.5
"""How much earlier or later than on the beat a refresh may come without being called another beat."""

LATE_SECONDS: Final = 1.5
"""How late nothing new may be before that is taken for idleness, and the beat for passed."""

DRIFT: Final = 0.01
"""How far the true beat may be from the one we are told: what is known of its phase loses that much a second."""

REMEMBERED: Final = 12
MISFITS_AT_MOST: Final = 1
CLEAR_SHARE: Final = 0.2
CONTRADICTIONS: Final = 2
"""How often in a row the owner's own rates must speak against the phase until they are believed."""


class Look(NamedTuple):
    """One poll: when it was asked for, when it was answered, and whether it read anything new.

    ``growth`` is how far all counters together grew since the poll before, and ``a_beat`` how far they grew in the
    newest beat by the owner's own rates; None where that is not known.
    """

    asked: float
    answered: float
    changed: bool
    growth: int | None = None
    a_beat: float | None = None


class Refreshes:
    """The beat of one source, learned from its polls. ``data_time`` moves by whole beats, and `counted_at` says when.

    A source that does not keep to its beat (twice something new within one) is taken to count at every poll.
    """

    def __init__(self, period_seconds: float) -> None:
        self._period = period_seconds
        self._misfits: deque[bool] = deque(maxlen=REMEMBERED)
        self._growths: deque[int] = deque(maxlen=4)
        self._after = self._until = 0.0  # the newest refresh was after the one and not later than the other
        self._last: Look | None = None
        self._last_change = 0.0
        self._contradictions = 0
        self.idle = False
        self.data_time = 0.0

    @property
    def on_the_beat(self) -> bool:
        """Whether the source keeps to its beat."""
        return sum(self._misfits) <= MISFITS_AT_MOST

    @property
    def counted_at(self) -> float:
        """About when the numbers of the last poll were counted, on the clock of the polls."""
        return (self._after + self._until) / 2 if self.on_the_beat else self._last_change

    def restart(self, look: Look) -> None:
        """Forget the phase: another box answers, or this one began anew."""
        self._growths.clear()
        since = look.answered - self._last.answered if self._last else 0.0
        self.data_time += since if self._last else look.answered
        self._last, self._last_change, self.idle = look, look.answered, False
        self._forget_phase(look)

    def note(self, look: Look) -> None:
        """Take one more poll in."""
        before, self._last = self._last, look
        if before is None:
            self._last = None
            self.restart(look)
            return
        slack = DRIFT * (look.answered - before.answered)
        self._after -= slack
        self._until += slack
        if look.growth:
            self._growths.append(look.growth)
        if look.changed:
            self._note_change(look, before)
        else:
            self._note_silence(look, before)

    def _note_silence(self, look: Look, before: Look) -> None:
        """Nothing new: no refresh yet, as long as something was moving. What stands still tells nothing of the beat."""
        self.idle |= look.asked > self._until + self._period + LATE_SECONDS
        self._misfits.append(False)
        if self.idle:
            self.data_time += look.answered - before.answered
            self._forget_phase(look)
        else:
            self._after = min(max(self._after, look.asked - self._period), self._until - 0.001)

    def _note_change(self, look: Look, before: Look) -> None:
        """Something new: one refresh or more since the poll before."""
        beats = self._beats(look, before)
        self._misfits.append(beats is None)
        since_change = look.answered - self._last_change
        if beats is None or self.idle:
            self._after, self._until = before.asked, look.answered
        else:
            self._after = max(self._after + beats * self._period, before.asked, look.asked - self._period)
            self._until = min(self._until + beats * self._period, look.answered)
            if self._after >= self._until:  # it came late or early: it is where this poll found it
                self._after, self._until = before.asked, look.answered
        on_beat = self._period * beats if beats is not None else min(self._period, since_change)
        self.data_time += on_beat if self.on_the_beat else since_change
        self._last_change, self.idle = look.answered, False

    def _forget_phase(self, look: Look) -> None:
        self._after, self._until = look.asked - self._period, look.answered

    def _beats(self, look: Look, before: Look) -> int | None:
        """Return how many beats there were since the poll before; None if it saw one that cannot have been."""
        if self.idle:
            fewest = max(1, floor((look.asked - before.answered) / self._period))
            most = max(fewest, ceil((look.answered - before.asked) / self._period))
        else:
            fewest = max(1, floor((look.asked - self._until - SLACK_SECONDS) / self._period))
            most = ceil((look.answered - self._after + SLACK_SECONDS) / self._period) - 1
        worth = self._worth(look, fewest)
        clear = round(worth) if worth is not None and abs(worth - round(worth)) <= CLEAR_SHARE else None
        possible = clear and (clear - 1) * self._period < look.answered - before.asked < (clear + 2) * self._period
        if clear is not None and possible and not fewest <= clear <= most and look.a_beat:
            self._contradictions += 1
            if self._contradictions >= CONTRADICTIONS:
                self._contradictions = 0
                self._after, self._until = before.asked - clear * self._period, look.answered - clear * self._period
                return clear
        else:
            self._contradictions = 0
        if most < fewest:
            return None
        if clear is not None and fewest <= clear <= most:
            return clear
        likely = floor((look.answered - (self._after + self._until) / 2) / self._period)
        return min(max(likely, fewest), most)

    def _worth(self, look: Look, fewest: int) -> float | None:
        """Return how many beats a growth is worth: by the owner's own rates, else beside the least of the last ones.

        Of four polls more than a beat apart, one at least has no more beats than there must be.
        """
        if not look.growth:
            return None
        if look.a_beat:
            return look.growth / look.a_beat
        return fewest * look.growth / min(self._growths) if len(self._growths) == 4 else None
