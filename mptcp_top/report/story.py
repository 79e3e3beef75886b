"""What there is to tell of a stretch of a recording: the same verdicts and episodes as the screens show then."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top.catalogue.catalogue import CATALOGUES, catalogue_of
from mptcp_top.engine.causes import causes_first
from mptcp_top.engine.funnels import worse_steps
from mptcp_top.engine.judge import Look, verdict_at
from mptcp_top.engine.standing import Concern, Standing
from mptcp_top.ui.explain_commands import steps_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mptcp_top.catalogue.entry import Entry
    from mptcp_top.engine.episodes import Kept
    from mptcp_top.engine.funnels import Worse
    from mptcp_top.engine.marks import Mark
    from mptcp_top.engine.store import Store
    from mptcp_top.engine.verdict import Verdict
    from mptcp_top.model import Metric, Target
    from mptcp_top.recording.reader import Session, Unread
    from mptcp_top.report.course import Course
    from mptcp_top.report.span import Span
    from mptcp_top.ui.explain_commands import Step

_PREFIX: Final = re.compile(r"(ip netns exec |nsenter --net=)([\w./=@-]+|'[^']+') ", re.ASCII)
"""The only things that are put before a command to copy: who made the recording may be anybody."""


SAYS_SOMETHING: Final = 50
"""Letters from which on a sentence is likely to say something by itself."""


class Rise(NamedTuple):
    """A counter that rose: its episodes, the oldest first. Times are of the wall clock.

    It is ``lost`` where its target could not be read at the end.
    """

    target: Target
    metric: Metric
    episodes: tuple[Kept, ...]
    prefix: str = ""
    lost: bool = False

    @property
    def since(self) -> float:
        """When it rose first."""
        return self.episodes[0].episode.started

    @property
    def until(self) -> float:
        """When it rose last."""
        return max(one.episode.last_rise for one in self.episodes)

    @property
    def ongoing(self) -> bool:
        """Whether it still rose at the end."""
        return any(one.episode.ongoing for one in self.episodes)

    @property
    def total(self) -> int:
        """How far it rose in all."""
        return sum(one.episode.total for one in self.episodes)

    @property
    def peak_rate(self) -> float:
        """How fast at most, from one reading to the next, a second."""
        return max(one.episode.peak_rate for one in self.episodes)

    @property
    def entry(self) -> Entry | None:
        """What the catalogue says of it."""
        source = self.target.source
        return catalogue_of(source).entries.get(self.metric.name) if source in CATALOGUES else None

    @property
    def means(self) -> str:
        """What a rise means, in a sentence, or two where the first is short."""
        return beginning(self.entry.on_rise if self.entry else self.metric.hint)

    @property
    def steps(self) -> list[Step]:
        """What to check next."""
        return (
            steps_of(self.entry.check_next, self.prefix if _PREFIX.fullmatch(self.prefix) else "") if self.entry else []
        )


class Account(NamedTuple):
    """What there is to tell of one target.

    ``moment`` is the worst one, by the recording's clock, ``wall`` the same by the wall clock, and ``then`` the verdict
    of it; where nothing was wrong there is none. ``finally_`` is the verdict at the end.
    """

    course: Course
    rises: tuple[Rise, ...]
    finally_: Verdict
    moment: float | None = None
    wall: float = 0.0
    then: Verdict | None = None
    worse: tuple[Worse, ...] = ()

    @property
    def target(self) -> Target:
        """Whose account it is."""
        return self.course.target


class Story(NamedTuple):
    """All there is to tell; the accounts are in the order of how bad it was, ``unread`` is what cannot be read."""

    recording: str
    span: Span
    accounts: tuple[Account, ...]
    marks: tuple[Mark, ...]
    sessions: tuple[Session, ...]
    unread: tuple[Unread, ...] = ()

    @property
    def affected(self) -> tuple[Account, ...]:
        """The accounts of targets at which something was wrong."""
        return tuple(one for one in self.accounts if one.moment is not None)

    @property
    def rises(self) -> tuple[Rise, ...]:
        """Every counter that rose, of the worst target first."""
        return tuple(rise for account in self.accounts for rise in account.rises)


def beginning(said: str) -> str:
    """Return as many sentences from the beginning as say something.

    >>> beginning("Should stay at zero. Find the sender: a client with the wrong port. Or else.")
    'Should stay at zero. Find the sender: a client with the wrong port.'
    """
    found = ""
    for sentence in re.split(r"(?<=[.!?]) ", said):
        found = f"{found} {sentence}".strip()
        if len(found) >= SAYS_SOMETHING:
            break
    return found


def account_of(store: Store, course: Course, end: float) -> Account:
    """Return what there is to tell of one target."""
    name = course.target.name
    account = Account(course, rises_of(course), verdict_at(store, Look(name, end, closely=True)))
    found = _worst(course)
    if found is None:
        return account
    moment, wall = found
    then = verdict_at(store, Look(name, moment, closely=True))
    return account._replace(moment=moment, wall=wall, then=then, worse=worse_steps(store, name, moment))


def ordered(accounts: Sequence[Account]) -> tuple[Account, ...]:
    """Return accounts with the worst first; those that are alike in the order they had.

    Who was lost and came back was no worse than that: what rose may still have to be found.
    """

    def badness(account: Account) -> tuple[object, ...]:
        then = account.then.standing if account.then else Standing()
        concern = Concern.ALERT if then.concern is Concern.DOWN else then.concern  # it is back, or else:
        last, worst = account.finally_.standing, account.course.worst
        rate = then.rate if account.then else last.rate
        return (account.moment is not None, max(concern, last.concern), worst[:3] if worst else (0, 0, 0.0), rate)

    return tuple(sorted(accounts, key=badness, reverse=True))


def rises_of(course: Course) -> tuple[Rise, ...]:
    """Return the counters of a target that rose, what explains others first."""
    by_name: dict[str, list[Kept]] = {}
    for kept in sorted(course.episodes, key=lambda one: one.first):
        by_name.setdefault(kept.episode.metric.name, []).append(kept)
    firsts = causes_first(kept[0].episode for kept in by_name.values())
    prefix = course.last.identity.prefix if course.last else ""
    lost = course.newest is not None and course.newest.values is None
    return tuple(Rise(course.target, one.metric, tuple(by_name[one.metric.name]), prefix, lost) for one in firsts)


def _worst(course: Course) -> tuple[float, float] | None:
    """Return the moment to look at a target, by both clocks: errors come first, then handshakes, then what alarmed."""
    if course.worst is not None:
        return course.worst.monotonic, course.worst.wall
    if course.slumps:
        return course.slumps[-1].first, course.slumps[-1].started
    alarming = [event for event in course.events if event.alarming]
    if alarming:
        return alarming[-1].monotonic, alarming[-1].wall
    return None
