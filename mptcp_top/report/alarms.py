"""The alerts of a stretch: since when, until when, and which of them nobody saw the end of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.engine.events import Happening
from mptcp_top.report.words import lasted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mptcp_top.engine.alerts import Alert
    from mptcp_top.engine.events import Event
    from mptcp_top.model import Severity
    from mptcp_top.report.clocks import Clock
    from mptcp_top.report.course import Course

SAME_SECONDS: Final = 0.01


class Alarm(NamedTuple):
    """An alert, by the wall clock. ``until`` is None where it still held at the end of the stretch.

    It is ``cut`` where it still held when a run stopped recording: what became of it nobody knows.
    """

    target: str
    name: str
    severity: Severity
    says: str
    since: float
    until: float | None = None
    cut: bool = False


def alarms_of(course: Course, end: float) -> Iterator[Alarm]:
    """Yield the alerts that held in a stretch of a recording up to its end, those from before it among them."""
    for alert in course.alerts:
        over = alert.ended if alert.ended is not None and alert.ended <= end else None
        stopped = over is not None and any(abs(over - stop) < SAME_SECONDS for stop in course.stops)
        cut = stopped and not _event(course, Happening.OVER, alert.name, alert.ended)
        until = None if over is None else alert.wall + over - alert.monotonic
        yield Alarm(course.target.name, alert.name, alert.severity, _says(alert, course), alert.wall, until, cut)


def until_words(alarm: Alarm, clock: Clock) -> str:
    """Say until when an alert held.

    >>> from mptcp_top.model import Severity
    >>> from mptcp_top.report.clocks import Clock
    >>> alarm = Alarm("ns1", "joins fail", Severity.ERROR, "joins fail: 30.0 %", 0.0, 90.0)
    >>> until_words(alarm, Clock(0.0, 99.0)).partition("(")[2]
    '1 min 30 s)'
    >>> until_words(alarm._replace(cut=True), Clock(0.0, 99.0))
    'the recording stopped 1 min 30 s later'
    """
    if alarm.until is None:
        return "**still so** at the end"
    if alarm.cut:
        return f"the recording stopped {lasted(alarm.since, alarm.until)} later"
    return f"{clock.short(alarm.until)} ({lasted(alarm.since, alarm.until)})"


def _says(alert: Alert, course: Course) -> str:
    """Return what was told when an alert began; of one from before the stretch, what it is about."""
    began = _event(course, Happening.ALERT, alert.name, alert.monotonic)
    return began.says if began else f"{alert.name}: {', '.join(map(str, alert.asked))}"


def _event(course: Course, kind: Happening, about: str, moment: float | None) -> Event | None:
    """Return what was told of an alert at a moment, None where nothing was."""
    told = (one for one in course.events if one.kind is kind and one.about == about)
    return next((one for one in told if moment is not None and abs(one.monotonic - moment) < SAME_SECONDS), None)
