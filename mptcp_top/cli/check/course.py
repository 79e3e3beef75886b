"""How a check goes: how many samples, how far apart, and until when. It is worked out before anybody is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.cli.check.rules import grows, is_for
from mptcp_top.collector import BURST
from mptcp_top.errors import SettingsError
from mptcp_top.settings import is_typed
from mptcp_top.sources.registry import SOURCES
from mptcp_top.text import interval as seconds_text
from mptcp_top.text import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mptcp_top.cli.alerting import Origin
    from mptcp_top.config import Asked
    from mptcp_top.model import Target

APART_SECONDS: Final = 5.0
"""Between the samples of what counts at every moment."""

BEYOND_A_BEAT_SECONDS: Final = 3.0
"""How much longer than its beat the samples of an appliance are apart: the first one comes late, for the login."""

SURE_BEYOND_SECONDS: Final = 1.0
"""By how much two samples must be further apart than a beat, so that there is one in between."""

LEAVING_SECONDS: Final = 0.5
"""What the end of the program may take."""

LOGGING_OUT_SECONDS: Final = 2.0
"""What a log-out that is not answered may take before that."""


SLACK_SECONDS: Final = 0.5
"""What a busy machine may need beyond all that is worked out."""


class Course(NamedTuple):
    """How often one target is read and how far apart, and how long an answer and the leaving may take."""

    samples: int
    interval_seconds: float
    timeout_seconds: float
    leaving_seconds: float = LEAVING_SECONDS

    @property
    def span_seconds(self) -> float:
        """From the first sample to the last one."""
        return (self.samples - 1) * self.interval_seconds


def courses_of(
    asked: Asked, targets: Sequence[Target], rules: Sequence[Origin], samples: int | None
) -> Mapping[str, Course]:
    """Return the course for each target.

    The interval of the config file is the dashboard's; here only one that was typed counts.

    Raises:
        SettingsError: so few samples, or so close together, could never show what the rules ask.
    """
    needy = [one for one in rules if grows(one.watch.rule)]
    number = samples or (2 if needy else 1)
    if needy and number < 2:
        raise SettingsError(
            f"one sample shows levels only, and {printable(str(needy[0].watch.rule.when), 80)!r} asks what grows: "
            "give --samples 2 or more"
        )
    typed = asked.settings.interval if is_typed(asked.origins["interval"]) else None
    found = {}
    for target in targets:
        kind = SOURCES[target.source]
        own = kind.beat_seconds + BEYOND_A_BEAT_SECONDS if kind.beat_seconds else APART_SECONDS
        leaving = LEAVING_SECONDS + (LOGGING_OUT_SECONDS if kind.logs_in else 0.0)
        course = Course(number, typed or own, asked.access_of(target.name).timeout, leaving)
        if any(is_for(one, target.name) for one in needy):
            _refuse_within_a_beat(target, course, kind.beat_seconds)
        found[target.name] = course
    return found


def _refuse_within_a_beat(target: Target, course: Course, beat: float) -> None:
    least = beat + SURE_BEYOND_SECONDS
    if not beat or course.span_seconds >= least:
        return
    raise SettingsError(
        f"{printable(target.name)}: {course.samples} samples {seconds_text(course.interval_seconds)} apart may all be "
        f"of one moment, for {SOURCES[target.source].called} takes stock every {beat:g} s only: give --interval "
        f"{least / (course.samples - 1):g} or more, or --samples {1 + int(-(-least // course.interval_seconds))}"
    )


def refuse_deadline(courses: Mapping[str, Course], given: float) -> None:
    """Refuse a deadline that the samples can never keep.

    Raises:
        SettingsError: it is one.
    """
    span = _longest([one._replace(leaving_seconds=0.0) for one in courses.values()], timeouts=0)
    needed = span + LEAVING_SECONDS
    if given > needed:
        return
    if not span:
        raise SettingsError(f"--deadline {given:g}: to end takes {needed:g} s: give more than that")
    raise SettingsError(
        f"--deadline {given:g}: the samples alone take {span:g} s, and to end {LEAVING_SECONDS:g} s: give more than "
        f"{needed:g}, or an --interval or --samples that take less"
    )


def deadline_of(courses: Mapping[str, Course]) -> float:
    """Return how long it may take from the first request to the answer: what the samples need, and one timeout."""
    return _longest(courses.values(), timeouts=1) + SLACK_SECONDS


def _longest(courses: Collection[Course], timeouts: int) -> float:
    turns = max(one.interval_seconds for one in courses) if len(courses) > BURST else 0.0
    each = (one.span_seconds + one.leaving_seconds + timeouts * one.timeout_seconds for one in courses)
    return turns + max(each)


def leaving_of(courses: Mapping[str, Course], seconds: float) -> float:
    """Return how long before a deadline of ``seconds`` the reading has to end, so that everybody is logged out by then.

    Where there is little time, two thirds of what the samples leave of it are for the answers.

    >>> [leaving_of({"ns1": Course(2, 10.0, 5.0, 2.5)}, deadline) for deadline in (18.0, 13.0, 10.6)]
    [2.5, 1.0, 0.5]
    """
    span = max(one.span_seconds for one in courses.values())
    longest = max(one.leaving_seconds for one in courses.values())
    return min(longest, max(LEAVING_SECONDS, (seconds - span) / 3))
