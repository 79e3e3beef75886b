"""What a screen says of the recording it shows: which moment of it, how fast time goes by, whether it still grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.ui.columns import Fact, fitting
from mptcp_top.ui.glyphs import FOLDED, LIVE, NOTICE, PAUSED
from mptcp_top.ui.line import Line, Look, Piece

if TYPE_CHECKING:
    from mptcp_top.ui.frame import Moment

AT_THE_END_SECONDS: Final = 0.5


class Replay(NamedTuple):
    """What a screen says of the recording it shows.

    It is ``following`` where it shows the end of one that is ``growing``, whose newest data are ``newest_seconds`` old;
    where it should have grown by now it is ``silent``. ``today`` and ``looked`` are by the clocks of whoever looks, and
    ``left_seconds`` is what is left to play. A ``still`` one is the picture of a moment, which takes no keys.
    """

    name: str
    today: float = 0.0
    looked: float = 0.0
    speed: float = 1.0
    playing: bool = False
    following: bool = False
    newest_seconds: float = 0.0
    silent: bool = False
    left_seconds: float = 0.0
    trouble: str = ""
    growing: bool = False
    still: bool = False

    @property
    def over(self) -> bool:
        """Whether there is nothing left to play, and nothing to wait for."""
        return not self.growing and not self.following and self.left_seconds < AT_THE_END_SECONDS

    @property
    def grows(self) -> Fact:
        """What is said of one that may have grown since, where an earlier moment is shown."""
        if not self.growing:
            return Fact("", Look.QUIET, 50)
        return Fact(self.newest, Look.WARN, 50) if self.silent else Fact("still growing", Look.QUIET, 50)

    @property
    def state(self) -> str:
        """Whether time goes by, and how fast.

        >>> Replay("a.db", playing=True, speed=0.5).state, Replay("a.db").state, Replay("a.db", following=True).state
        ('playing x0.5', 'paused', 'following')
        """
        if self.following:
            return "following"
        return f"playing x{self.speed:g}" if self.playing else "paused"

    @property
    def newest(self) -> str:
        """How old the end of a recording is that grows, or for how long it has not grown."""
        old = text.duration(self.newest_seconds)
        return f"it has not grown for {old}" if self.silent else f"newest data {old} old"

    @property
    def remark(self) -> Fact:
        """What is wrong with the recording, else which it is, where there is no line of its own to say it."""
        wrong = self.trouble or (self.newest if self.following and self.silent else "")
        if wrong:
            return Fact(wrong, Look.BAD if self.trouble else Look.WARN, 97)
        return Fact(text.shortened(self.name, 30), Look.QUIET, 25)

    @property
    def fact(self) -> Fact:
        """What a screen says in the place where others say that they are live."""
        if self.trouble:
            return Fact(f"{NOTICE} not readable", Look.BAD, 100)
        if self.still:
            return Fact(f"{PAUSED} recorded", Look.WARN, 100)
        if self.following:
            return Fact(f"{LIVE} following", Look.WARN if self.silent else Look.GOOD, 100)
        return Fact(f"{FOLDED if self.playing else PAUSED} replay, {self.state}", Look.WARN, 100)


def time_line(now: Moment, width: int) -> Line:
    """Return the line that says plainly that this is a recording, which moment is shown, and how to move."""
    replay = now.replay or Replay("")
    left = [replay.fact, *_where(replay, now)]
    kept = fitting(left, width - 2)
    pieces = [piece for fact in kept for piece in (Piece("  "), Piece(fact.text, fact.look))][1:]
    room = width - 2 - sum(len(piece.text) for piece in pieces)
    tail = next((way for way in _ways(replay) if len(way) + 3 <= room), "")
    return Line((Piece(" "), *pieces, Piece(" " * max(0, room - len(tail))), Piece(f"{tail} ", Look.QUIET)))


def _ways(replay: Replay) -> tuple[str, ...]:
    """Return how to move from here, in as many words as there may be room for."""
    if replay.still:
        return ()
    if replay.over:
        return "← step  [ events  @ time", "[ events  @ time", "@ time"
    if replay.following:
        return ("p pauses  [ ] events  @ time",)
    keys = "p pauses" if replay.playing else "p plays on"
    return f"{keys}  ← → step  [ ] events  @ time", keys


def _where(replay: Replay, now: Moment) -> list[Fact]:
    """Return which moment is shown, and of which recording."""
    name = Fact(text.shortened(replay.name, 30), Look.PLAIN, 40)
    time = Fact(text.date_and_clock(now.shown_wall, replay.today), Look.WARN, 90)
    if replay.trouble:
        return [time, name, Fact(replay.trouble, Look.BAD, 80)]
    if replay.still:
        return [time, name]
    if replay.following:
        return [name, Fact(replay.newest, Look.WARN if replay.silent else Look.QUIET, 90)]
    at_the_end = replay.left_seconds < AT_THE_END_SECONDS
    left = "its end" if at_the_end else f"{text.duration(replay.left_seconds)} before its end"
    return [time, Fact(left, Look.QUIET, 60), name, replay.grows]
