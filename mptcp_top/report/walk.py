"""Go through a stretch of a recording once, in the order of time: what each target did, and a copy of it beside."""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain
from typing import TYPE_CHECKING, Final

from mptcp_top.engine.recalled import RecalledTrack
from mptcp_top.recording.writer import Seen
from mptcp_top.report.course import Course, Unseen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.episodes import Kept
    from mptcp_top.engine.events import Event
    from mptcp_top.engine.recalled import Reading
    from mptcp_top.engine.slumps import Slump
    from mptcp_top.model import Target
    from mptcp_top.recording.reader import Reader, Session
    from mptcp_top.report.excerpt import Excerpt
    from mptcp_top.report.span import Span

AT_ONCE_SECONDS: Final = 600.0
"""How much of a recording is in memory at a time."""

UNREADABLE: Final = "what was recorded cannot be read"


class _Told:
    """What was found out about a target at the time, handed out as the readings come to it."""

    def __init__(self, events: Sequence[Event], slumps: Sequence[Slump], alerts: Sequence[Alert]) -> None:
        self._events = list(reversed(events))
        self._slumps = self._near_slumps = slumps
        self._alerts = self._near_alerts = alerts

    def look(self, begin: float, end: float) -> None:
        """Be asked of moments between two next: there may be thousands of the past."""
        self._near_slumps = [one for one in self._slumps if one.first <= end and one.until > begin]
        self._near_alerts = [
            one for one in self._alerts if one.monotonic <= end and (one.ended is None or one.ended > begin)
        ]

    def events(self, until: float) -> list[Event]:
        """Return what happened up to a moment, and was not handed out yet."""
        found = []
        while self._events and self._events[-1].monotonic <= until:
            found.append(self._events.pop())
        return found

    def slumps(self, at: float) -> list[Slump]:
        """Return the slumps that went on at a moment."""
        return [one for one in self._near_slumps if one.first <= at < one.until]

    def alerts(self, at: float) -> list[Alert]:
        """Return the alerts that held at a moment."""
        return [one for one in self._near_alerts if one.monotonic <= at and (one.ended is None or at < one.ended)]


class _Follower:
    """Follows one target: what it did, and what there is to copy."""

    def __init__(self, track: RecalledTrack, course: Course, told: _Told, known: float) -> None:
        self.track = track
        self.course = course
        self._told = told
        self._known = known
        self._episodes: dict[tuple[str, float], Kept] = {}

    def take(self, readings: Sequence[Reading], span: Span) -> Iterator[Seen]:
        """Yield what is to be copied of some readings; what is from before the stretch is only learned from."""
        if not readings:
            return
        self._told.look(readings[0].monotonic, readings[-1].monotonic)
        learned = [one for one in readings if one.monotonic <= self._known]
        for recorded, reading in zip(
            readings, chain(learned, self.track.follow(readings[len(learned) :])), strict=True
        ):
            if reading.monotonic < span.begin:
                continue
            rising, at = self.track.episodes.rising(), reading.monotonic
            self.course.note(reading, rising)
            ongoing = self.track.episodes.ongoing()
            yield Seen(recorded, ongoing, self._told.events(at), self._told.slumps(at), self._told.alerts(at))
        self.course.settle()
        for kept in self.track.episodes.begun_by(float("inf")):  # a track forgets the oldest in the end
            if kept.last >= span.begin:
                self._episodes[kept.episode.metric.name, kept.first] = kept

    def course_with_episodes(self) -> Course:
        """Return what it did, with all that rose."""
        self.course.episodes = sorted(self._episodes.values(), key=lambda one: one.first)
        return self.course


def walk(reader: Reader, span: Span, targets: Sequence[Target], excerpt: Excerpt) -> list[Course]:
    """Return what each target did, and copy the stretch into the excerpt.

    Raises:
        SettingsError: the copy cannot be written.
    """
    sessions = reader.sessions()
    followers = _followers(reader, span, targets, sessions)
    marks = [mark for mark in reader.marks() if span.begin <= mark.monotonic <= span.end]
    minute = reader.minute(span.begin)
    for begin, end, session in _pieces(sessions, span, span.begin if minute is None else min(minute, span.begin)):
        read = reader.readings(begin, end)
        batch = [seen for name, one in followers.items() for seen in one.take(read[name], span)]
        batch.sort(key=lambda seen: seen.reading.monotonic)
        if batch or end >= span.begin:
            excerpt.write(
                session, max(begin, span.begin, session.began), batch, [mark for mark in marks if mark.monotonic <= end]
            )
    unread = [(one.begin, one.end, f"{UNREADABLE} ({one.why})") for one in reader.unread]
    gaps = [one for one in [*reader.gaps(), *unread] if one[1] > span.begin and one[0] < span.end]
    for gap in gaps:
        excerpt.note_gap(*gap)
    ahead = span.clock.begin - span.begin
    found = []
    for follower in followers.values():
        course = follower.course_with_episodes()
        course.unseen = explained(course.unseen, [Unseen(one[0] + ahead, one[1] + ahead, one[2]) for one in gaps])
        found.append(course)
    return found


def explained(silences: Sequence[Unseen], gaps: Sequence[Unseen]) -> list[Unseen]:
    """Return the silences, with the reason of those that the recorder itself knows of; and what else it knows of.

    >>> explained([Unseen(9.0, 41.0, "?")], [Unseen(10.0, 40.0, "disk full"), Unseen(70.0, 71.0, "disk full")])
    [Unseen(began=9.0, ended=41.0, why='disk full'), Unseen(began=70.0, ended=71.0, why='disk full')]
    """

    def meet(one: Unseen, other: Unseen) -> bool:
        return one.began < other.ended and other.began < one.ended

    known = [one._replace(why=next((gap.why for gap in gaps if meet(one, gap)), one.why)) for one in silences]
    more = [gap for gap in gaps if not any(meet(one, gap) for one in silences)]
    return sorted([*known, *more], key=lambda one: one.began)


def _followers(
    reader: Reader, span: Span, targets: Sequence[Target], sessions: Sequence[Session]
) -> dict[str, _Follower]:
    """Return who follows each target, having learned how it stood when the stretch began."""
    minute, hold = reader.minute(span.begin), hold_of(sessions, span.begin)
    events, slumps, alerts = (
        reader.events(span.begin - 1e-6, span.end),
        reader.slumps(span.end),
        reader.alerts(span.end),
    )
    known = {} if minute is None else reader.episodes(minute)
    inside = [mark.monotonic for mark in reader.marks() if span.begin < mark.monotonic < span.end]
    stops = [stop for one in sessions[1:] if (stop := reader.poll_beside(one.began, -1)) is not None]
    found = {}
    for target in targets:
        track, name, before = RecalledTrack(target, hold), target.name, None
        if minute is not None:
            track.restore(known[name])
            before = reader.newest_sample(name, minute)
            track.recall([] if before is None else [before])
        course = Course(target, inside[-1] if inside else None)
        course.slumps = [one for one in slumps[name] if one.until > span.begin]
        course.alerts = [one for one in alerts[name] if one.ended is None or one.ended > span.begin]
        course.events, course.stops = events[name], stops
        learned = float("-inf") if before is None else before.monotonic
        found[name] = _Follower(track, course, _Told(events[name], course.slumps, course.alerts), learned)
    return found


def hold_of(sessions: Sequence[Session], moment: float) -> float:
    """Return how long an error stayed flagged in the session of a moment."""
    return _session_at(sessions, moment).hold_seconds


def _session_at(sessions: Sequence[Session], moment: float) -> Session:
    if not sessions:
        raise ValueError("no run is recorded")
    place = bisect_right([one.began for one in sessions], moment)
    return sessions[max(0, place - 1)]


def _pieces(sessions: Sequence[Session], span: Span, begin: float) -> Iterator[tuple[float, float, Session]]:
    """Yield the stretch in pieces that are not too long, none in more than one session: after when, up to when."""
    edges = [one.began - 1e-6 for one in sessions if begin < one.began <= span.end] + [span.end]
    after = begin - 1e-6 if begin >= span.begin else begin
    for edge in edges:
        while after < edge:
            until = min(after + AT_ONCE_SECONDS, edge)
            yield after, until, _session_at(sessions, until)
            after = until
