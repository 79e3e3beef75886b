"""What happened, target by target: the log behind the events screen. Episodes are kept beside it, by counter."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.engine.slumps import Slump
    from mptcp_top.model import Episode, Failure, Observation, Sample, Severity

KEPT: Final = 500
"""Events of one target that are remembered; the oldest go first."""

NOT_SURE: Final = "counters were reset, or another box answers"
"""What is told where the source cannot say which."""


class Happening(StrEnum):
    """The kinds of events. Each is one word on the screen."""

    RISE = "rising"
    RESET = "reset"
    ROLE = "role"
    LOST = "lost"
    BACK = "back"
    WORSE = "worse"
    PACE = "interval"
    MARK = "mark"
    ALERT = "alert"
    OVER = "over"
    FIRST = "first"
    FAILED = "failed"


class Remark(NamedTuple):
    """Something found out about a target: ``about`` which counter or alert. A ``severity`` can make it alarming."""

    kind: Happening
    says: str
    about: str = ""
    severity: Severity | None = None


class Event(NamedTuple):
    """One thing that happened; ``episode`` is there for a rise. ``alarming`` ones are also told on every screen.

    ``about`` names the alert, or the counter where there is no episode of it, and ``severity`` says how bad that is.
    ``failure`` is there where a target was lost.
    """

    kind: Happening
    target: str
    monotonic: float
    wall: float
    says: str
    alarming: bool = False
    episode: Episode | None = None
    about: str = ""
    severity: Severity | None = None
    failure: Failure | None = None

    @property
    def subject(self) -> str:
        """What can be silenced: the counter or the alert it is about."""
        return self.episode.metric.name if self.episode else self.about

    @property
    def key(self) -> str:
        """What it is told apart by, however an episode goes on."""
        return f"{self.kind} {self.target} {self.monotonic!r} {self.subject}"


def in_order(event: Event) -> tuple[float, bool, str]:
    """Return what events are sorted by: what rose at one moment comes after the rest, by its name."""
    return event.monotonic, event.episode is not None, event.says if event.episode is not None else ""


def rise_of(target: str, first: float, episode: Episode) -> Event:
    """Return an episode as the event of its first rise."""
    return Event(Happening.RISE, target, first, episode.started, episode.metric.label, alarming=True, episode=episode)


class Log:
    """The events of one target, the newest last. Written by one thread, read by any, under the track's lock."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._lost_since: float | None = None
        self.told = 0
        """How many there ever were: they are only added."""

    def recall(self, events: Iterable[Event]) -> None:
        """Take in what happened as it was told then, the oldest first; what was known before is forgotten."""
        self._events = deque(events, maxlen=KEPT)

    def latest(self, number: int) -> list[Event]:
        """Return so many of the newest, the oldest of them first."""
        return list(self._events)[-number:] if number else []

    def between(self, since: float, until: float) -> list[Event]:
        """Return what happened in a stretch of time, the oldest first."""
        newest_first = takewhile(lambda event: event.monotonic >= since, reversed(self._events))
        return [event for event in newest_first if event.monotonic <= until][::-1]

    def newest_alarming(self, until: float) -> Event | None:
        """Return the newest alarming event of all up to a moment."""
        alarming = (event for event in reversed(self._events) if event.alarming and event.monotonic <= until)
        return next(alarming, None)

    def lost(self, since: float, until: float) -> Failure | None:
        """Return the newest failure that is remembered of a stretch of time, as its first poll told it."""
        return next((event.failure for event in reversed(self.between(since, until)) if event.failure), None)

    def note_sample(self, before: Observation | None, now: Sample, *, reset: bool) -> None:
        """Take in a sample that was read."""
        if before is not None and before.failure is not None:
            since = self._lost_since
            lasted = "" if since is None else f" after {text.duration(now.monotonic - since)}"
            self._add(Happening.BACK, now.monotonic, now.wall, f"read again{lasted}", alarming=False)
        self._lost_since = None
        host, was_host = now.identity.host, before.identity.host if before else ""
        if host and was_host and host != was_host:
            says = f"{host} answers here, no longer {was_host}: other counters"
            self._add(Happening.ROLE, now.monotonic, now.wall, says, alarming=True)
        elif reset:
            self._add(Happening.RESET, now.monotonic, now.wall, _why_anew(before, now), alarming=True)
        role, was = now.identity.role, before.identity.role if before else ""
        if role and was and role != was:
            self._add(Happening.ROLE, now.monotonic, now.wall, f"{was} became {role}", alarming=True)

    def note_failure(self, before: Observation | None, failure: Failure) -> None:
        """Take in a poll that failed; only the first of a row, and one with another status, is an event."""
        same = before is not None and before.failure is not None and before.failure.status is failure.status
        if self._lost_since is None:
            self._lost_since = failure.monotonic
        if not same:
            lost = Event(Happening.LOST, self._target, failure.monotonic, failure.wall, failure.reason, alarming=True)
            self._tell(lost._replace(failure=failure))

    def note_slump(self, monotonic: float, wall: float, slump: Slump) -> None:
        """Take in that a handshake comes through less often than before."""
        says = f"{slump.funnel} {text.percent(slump.shows.share)}, was {text.percent(slump.was.share)}"
        self._add(Happening.WORSE, monotonic, wall, says, alarming=True)

    def note_pace(self, monotonic: float, wall: float, seconds: float) -> None:
        """Take in that the interval is another."""
        self._add(Happening.PACE, monotonic, wall, f"polled every {text.interval(seconds)}", alarming=False)

    def note(self, found: Remark, monotonic: float, wall: float) -> None:
        """Take in what others found out. It stands after all that was told before, whenever it was found out."""
        kind, says, about, severity = found
        after = max(monotonic, self._events[-1].monotonic) if self._events else monotonic
        alarming = severity is not None and severity.alarming
        self._tell(Event(kind, self._target, after, wall, says, alarming, None, about, severity))

    def _tell(self, event: Event) -> None:
        self._events.append(event)
        self.told += 1

    def _add(self, kind: Happening, monotonic: float, wall: float, says: str, *, alarming: bool) -> None:
        self._tell(Event(kind, self._target, monotonic, wall, says, alarming))


def _why_anew(before: Observation | None, now: Sample) -> str:
    """Say why counters began anew, as far as the target tells when it booted."""
    booted, was_booted = now.identity.boot, before.identity.boot if before else None
    if now.reset:
        return NOT_SURE
    if booted is None or was_booted is None:
        return "counters began anew"
    return "rebooted: counters began anew" if booted != was_booted else "cleared: counters began anew"
