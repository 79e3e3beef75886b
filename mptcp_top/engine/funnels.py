"""Where handshakes die: how many reached each step in a stretch of time, what became of the others, what got worse."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from mptcp_top.engine.handshake import HANDSHAKES, RESTS, UNNAMED, Cause, Handshake
from mptcp_top.engine.losses import Flow, Past, past_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mptcp_top.engine.store import Store
    from mptcp_top.engine.track import Track
    from mptcp_top.engine.trend import Growth
    from mptcp_top.model import Layout, Metric


class Part(NamedTuple):
    """Some of those that got lost between two steps, by the counter that speaks of them; the rest has none.

    What is ``perhaps`` may or may not have ended there: it is no part of the sum.
    """

    says: str
    number: int
    metric: Metric | None = None
    perhaps: bool = False


class Reached(NamedTuple):
    """A step: how many reached it, and what became of the others since the step before.

    ``beyond`` is by how much the causes, or those that arrived, exceed what can be: they began before this stretch.
    """

    metric: Metric
    number: int | None
    lost: int | None = None
    parts: tuple[Part, ...] = ()
    rest: int = 0
    beyond: int = 0


class Passage(NamedTuple):
    """What went through one kind of handshake in one stretch of time. ``unsent`` never took the first step."""

    handshake: Handshake
    steps: tuple[Reached, ...]
    unsent: tuple[Part, ...]
    seconds: float

    @property
    def began(self) -> int | None:
        """How many took the first step."""
        return self.steps[0].number

    def share(self, step: int) -> float | None:
        """Return the share of those that began that reached a step; None if none began."""
        count = self.steps[step].number
        return min(1.0, count / self.began) if self.began and count is not None else None

    def lost_share(self, step: int) -> float | None:
        """Return the share of those at the step before that did not reach this one; None if none was there."""
        before, lost = self.steps[step - 1].number, self.steps[step].lost
        return lost / before if before and lost is not None else None


def passage(handshake: Handshake, growth: Growth) -> Passage | None:
    """Return what went through a handshake, None where the source counts less than two of its steps.

    The numbers add up: those at a step are those at the next one, the parts that are sure, and the rest.
    """
    layout = growth.layout
    found: list[Reached] = []
    waiting: list[Cause] = []
    for step in handshake.steps:
        waiting += step.causes
        column = layout.concepts.get(step.concept)
        if column is not None:
            reached = Reached(layout.metrics[column], growth.counts[column])
            found.append(_after(found[-1], reached, waiting, growth) if found else reached)
            waiting = []
        elif not found:
            return None
    if len(found) < 2:
        return None
    return Passage(handshake, tuple(found), tuple(_parts(handshake.unsent, growth)), growth.seconds)


def passages(growth: Growth) -> tuple[Passage, ...]:
    """Return what went through every handshake that the source counts."""
    return tuple(found for handshake in HANDSHAKES if (found := passage(handshake, growth)) is not None)


def _after(before: Reached, reached: Reached, causes: Sequence[Cause], growth: Growth) -> Reached:
    parts = tuple(_parts(causes, growth))
    if before.number is None or reached.number is None:
        return reached._replace(parts=parts)
    missing = before.number - reached.number
    rest = missing - sum(part.number for part in parts if not part.perhaps)
    return reached._replace(lost=max(0, missing), parts=parts, rest=max(0, rest), beyond=max(0, -rest))


def _parts(causes: Sequence[Cause], growth: Growth) -> Iterator[Part]:
    for cause in causes:
        column = growth.layout.concepts.get(cause.concept)
        count = None if column is None else growth.counts[column]
        if column is not None and count is not None:
            shared = growth.layout.concepts.get(cause.unless)
            perhaps = cause.perhaps or (shared is not None and growth.counts[shared] != 0)
            metric = growth.layout.metrics[column]
            yield Part(metric.label, count, metric, perhaps)


def rest_name(before: Metric, step: Metric) -> str:
    """Return what to call those that got lost between two steps and that no counter speaks of."""
    return RESTS.get((before.concept, step.concept), UNNAMED)


class Worse(NamedTuple):
    """A step that fewer reach than before: shares lost of those at the step before, until when it was so.

    ``since`` is a wall-clock stamp. ``cause`` names where most of the loss goes now: the label of a counter, which
    ``metric`` is, or the name of the rest.
    """

    handshake: str
    title: str
    step: str
    concept: str
    share: float
    before: float
    since: float
    cause: str
    metric: Metric | None = None

    @property
    def by(self) -> float:
        """By how much more is lost."""
        return self.share - self.before


_KNOWN: Final[WeakKeyDictionary[Track, tuple[tuple[float, float | None], tuple[Worse, ...]]]] = WeakKeyDictionary()
"""The last answer for each target: all screens ask the same, and once more for every line they draw."""


def worse_steps(
    store: Store, target: str, cursor: float | None = None, since: float | None = None
) -> tuple[Worse, ...]:
    """Return every step that got worse, in the order of the handshakes. See `turning` for the rule.

    It speaks of the newest good sample: whether that is old by now is for the caller to say. Cheap while little is
    lost; else it looks at some 150 moments of the history, once for each new sample.

    Given ``since`` (monotonic, of a mark), the time after it is held against the time before it.
    """
    track = store.track(target, cursor, whole=True)
    with track.lock:
        past = past_of(track, cursor)
        if past is None:
            return ()
        known = _KNOWN.get(track)
        moment = past.history.times(past.last)[0], since
        if known is not None and known[0] == moment:
            return known[1]
        worse = (_worse(past, pair, since) for pair in _steps_of(past.layout))
        found = tuple(one for one in worse if one is not None)
        _KNOWN[track] = moment, found
        return found


class _Pair(NamedTuple):
    """Two steps of a handshake that follow each other in what a source counts."""

    handshake: Handshake
    before: Metric
    step: Metric


def _steps_of(layout: Layout) -> Iterator[_Pair]:
    for handshake in HANDSHAKES:
        columns = [layout.concepts.get(step.concept) for step in handshake.steps]
        if columns[0] is not None:
            known = [layout.metrics[column] for column in columns if column is not None]
            yield from (_Pair(handshake, *two) for two in pairwise(known))


def _worse(past: Past, pair: _Pair, since: float | None) -> Worse | None:
    found = past.turn(Flow((pair.before,), arrive=(pair.step,)), since)
    if found is None:
        return None
    row, turn = found
    wall = past.history.times(row)[1]
    growth = past.growth_since(row)
    passed = passage(pair.handshake, growth) if growth else None
    place = next((n for n, step in enumerate(passed.steps) if step.metric == pair.step), 0) if passed else 0
    says, metric = main_cause(passed, place) if passed and place else (UNNAMED, None)
    names = (pair.handshake.name, pair.handshake.title, pair.step.label, pair.step.concept)
    return Worse(*names, turn.now, turn.before, wall, says, metric)


def main_cause(passed: Passage, place: int) -> tuple[str, Metric | None]:
    """Return what most of the loss before a step is put down to: a counter, a likely one, or the name of the rest."""
    reached, before = passed.steps[place], passed.steps[place - 1]
    sure = max((part for part in reached.parts if not part.perhaps), key=lambda part: part.number, default=None)
    if sure is not None and sure.number > reached.rest:
        return sure.says, sure.metric
    likely = max((part for part in reached.parts if part.perhaps), key=lambda part: part.number, default=None)
    if likely is not None and 2 * likely.number > reached.rest:
        return f"perhaps {likely.says}", likely.metric
    return rest_name(before.metric, reached.metric), None
