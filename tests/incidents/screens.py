"""What the screens say after a poll, read off the lines they draw: the same functions, on the same store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.engine.engine import Engine
from mptcp_top.engine.funnels import worse_steps
from mptcp_top.engine.store import Store
from mptcp_top.ui.explain import known_of, spread_of
from mptcp_top.ui.explain_subject import subject_of
from mptcp_top.ui.frame import Frame, Moment, frame_of
from mptcp_top.ui.glance import glance_of
from mptcp_top.ui.glyphs import DOWN, LIVE, NOTICE, PAUSED, RISING
from mptcp_top.ui.header import counter_to_look_at, header_lines
from mptcp_top.ui.panels import error_lines
from mptcp_top.ui.plan import Shape
from tests.feed import WALL, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mptcp_top.model import Failure, Sample, Target

WIDTH: Final = 119
NARROW: Final = 79
_SIGNS: Final = (RISING, NOTICE, DOWN, LIVE, PAUSED)


def clock(seconds: float) -> str:
    """The time of day so many seconds after the scenario began, as screens say it."""
    return text.clock(WALL + seconds)


class Seen(NamedTuple):
    """What the screens say at a moment.

    ``verdict`` are the lines of the host screen that begin with a sign, ``rising`` the labels of its error rows that
    rise, from top to bottom, ``why`` is the last column of the fleet, ``worse`` the handshake, step and cause that the
    handshakes screen marks.
    """

    at: float
    verdict: tuple[str, ...]
    rising: tuple[str, ...]
    why: str
    worse: tuple[tuple[str, str, str], ...]

    @property
    def calm(self) -> bool:
        """Whether it says that all is well."""
        return not self.rising and not self.worse and self.verdict[0].startswith(LIVE)


@dataclass
class Screens:
    """The screens over some targets. ``at`` is the time on the clock of the scenario."""

    targets: Iterable[Target]
    interval_seconds: float
    begins: float = 0.0
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store(self.targets)
        self._engine = Engine(self.store)

    def take(self, reading: Sample | Failure, at: float) -> None:
        """Let a reading come in, as read at a moment of the scenario."""
        self._engine.observe(reading._replace(monotonic=self.begins + at, wall=WALL + at), self.interval_seconds)

    def frame(self, target: Target, at: float, cursor: float | None = None) -> Frame:
        """Everything the host screen is drawn from."""
        moment = Moment(self.begins + at, WALL + at, None if cursor is None else self.begins + cursor)
        return frame_of(self.store, target, moment, self.interval_seconds)

    def seen(self, target: Target, at: float, width: int = WIDTH, cursor: float | None = None) -> Seen:
        """Return what the screens say of a target, now or at an earlier moment."""
        frame = self.frame(target, at, cursor)
        head = [line.strip() for line in text_of(header_lines(frame, width))[1:]]
        errors = text_of(error_lines(frame, Shape.MOVED, WIDTH, ""))
        return Seen(
            at,
            tuple(line for line in head if line.startswith(_SIGNS)),
            tuple(line[2:].split("  ")[0] for line in errors if line.startswith(RISING)),
            glance_of(self.store, target, frame.moment, self.interval_seconds).standing.reason,
            tuple(
                (one.handshake, one.step, one.cause)
                for one in worse_steps(self.store, target.name, frame.moment.cursor)
            ),
        )

    def explained(self, target: Target, at: float) -> str:
        """Return the page that Enter opens when no row is chosen: that of the counter the verdict names."""
        frame = self.frame(target, at)
        metric = counter_to_look_at(frame)
        assert metric is not None, "the verdict names no counter"
        page = subject_of(frame, metric.name)
        return " ".join(" ".join(text_of(spread_of(page, known_of(page), NARROW, 20).words)).split())


def transcript(seen: Iterable[Seen]) -> str:
    """Return what was seen, poll by poll, for somebody to read."""
    lines = []
    for one in seen:
        lines += [
            f"{one.at:6.0f}  {line}" if not number else f"        {line}" for number, line in enumerate(one.verdict)
        ]
        lines.append(f"        why: {one.why or '-'}   rising: {', '.join(one.rising) or '-'}")
        lines += [f"        worse: {handshake}, before {step}: {cause}" for handshake, step, cause in one.worse]
    return "\n".join(lines)
