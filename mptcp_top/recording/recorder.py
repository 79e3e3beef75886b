"""Record what is collected, in a thread of its own: no poll ever waits for a disk, and no screen for a recording.

What must be there before the first paint is here; all that opens and writes files is imported when it comes to that.
"""

from __future__ import annotations

import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import clock, text
from mptcp_top.errors import SettingsError
from mptcp_top.recording.keep import Keep
from mptcp_top.recording.tap import Tap
from mptcp_top.recording.trouble import NotRecorded, why_first
from mptcp_top.recording.waiting import Batch, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mptcp_top.engine.store import Store
    from mptcp_top.model import Observation
    from mptcp_top.recording.shelf import Shelf

GATHER_SECONDS: Final = 0.25
"""How long a batch gathers: so much at most is lost when the program is killed."""

RETRY_SECONDS: Final = 5.0
BITE_SECONDS: Final = 0.05
"""How long nothing is done between two bites of what is to be forgotten."""

TOLD_SECONDS: Final = 20.0
END_SECONDS: Final = 5.0
WAITING_A_TARGET: Final = 60
"""How many readings of each target wait for a disk that takes none."""

TOO_SLOW: Final = "the disk was too slow"


class Plan(NamedTuple):
    """What is recorded how: the files that may take it, in the order they are tried, and how much of it is kept.

    With ``rids`` other recordings beside it are deleted when they are old. ``seam``: the store reads the recording
    where its memory ends.
    """

    paths: Callable[[], Sequence[Path]]
    hold_seconds: float
    keep: Keep = Keep()
    rids: bool = False
    seam: bool = False
    retry_seconds: float = RETRY_SECONDS


class State(NamedTuple):
    """How it stands: into which file it is recorded since when by the wall clock, or why not since when."""

    since: float
    path: Path | None = None
    why_not: str = ""


class Recorder:
    """A recording at work. `observed` belongs to the thread that collects; what changes is told in another one."""

    def __init__(
        self,
        store: Store,
        plan: Plan,
        tell: Callable[[str], None] = lambda _: None,
        on_crash: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._plan, self._tell, self._on_crash = store, plan, tell, on_crash
        self._tap = Tap(store)
        self._waiting = Waiting(WAITING_A_TARGET * max(2, len(store.targets)))
        self._news, self._ended = Event(), Event()
        self._thread = Thread(target=self._run, name="recorder", daemon=True)
        self._shelf: Shelf | None = None
        self._told: tuple[str, float] = ("", 0.0)
        self.state = State(time.time())
        self.crash: BaseException | None = None

    def observed(self, observation: Observation) -> None:
        """Have an observation recorded soon."""
        seen = self._tap.seen(observation)
        if seen is not None:
            self._waiting.put(seen)
            self._news.set()

    def open(self) -> Path | None:
        """Open the file now, before `start`, and return which; None where that may be possible later.

        Raises:
            SettingsError: there is no file for us.
        """
        try:
            return self._made().open(Batch()).path
        except NotRecorded as error:
            if error.spoilt:
                raise SettingsError(error.why) from error
            self._not_now(error.why)
            return None

    def start(self) -> None:
        """Begin to record."""
        self._thread.start()

    def stop(self) -> None:
        """Record what still waits, close the file, and raise the bug that ended the recording, if one did."""
        self._ended.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(END_SECONDS)
        elif self._thread.ident is None:
            self._close()
        if self._thread.is_alive():
            self._say("the newest readings are not recorded: the disk does not answer")
        if self.crash is not None:
            raise self.crash

    def words(self, monotonic: float) -> str:
        """Return what is worth telling of the recording now: what has just changed, or that it is interrupted."""
        words, at = self._told
        if words and monotonic - at < TOLD_SECONDS:
            return words
        why_not = self.state.why_not
        return f"not recording since {text.clock(self.state.since)}: {why_not}" if why_not else ""

    def where(self) -> str:
        """Return where it is recorded and how much of it is kept, or why it is not."""
        state, keep = self.state, self._plan.keep
        kept = f"the last {keep.days:g} days are kept, {keep.megabytes:g} MB at most"
        if state.path is not None:
            return text.printable(f"into {state.path} since {text.clock(state.since)}; {kept}", 4000)
        if state.why_not:
            again = "" if self.crash else f"; it is tried again every {text.interval(self._plan.retry_seconds)}"
            return f"nothing is recorded since {text.clock(state.since)}: {state.why_not}{again}"
        return f"begins with the first counters; {kept}"

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001  # raised again by stop(), in the thread that can end loudly
            self.crash = error
            self._not_now("mptcp-top has made a mistake, and tells it when it ends")
            self._on_crash()

    def _work(self) -> None:
        while True:
            last = self._ended.is_set()
            self._record(self._waiting.take())
            if last:
                break
            self._pause()
        self._close()

    def _pause(self) -> None:
        """Wait until there is something to do: news, and what comes with it, or the time for another try."""
        if self.state.why_not:
            self._ended.wait(self._plan.retry_seconds)
        elif self._shelf is not None and self._shelf.has_more_to_forget:
            self._ended.wait(BITE_SECONDS)
        else:
            self._news.wait()
            self._ended.wait(GATHER_SECONDS)
        self._news.clear()

    def _record(self, batch: Batch) -> None:
        shelf = self._made()
        try:
            path = shelf.write(batch, self.state.why_not or TOO_SLOW)
        except (NotRecorded, SettingsError) as error:
            self._waiting.put_back(batch)
            self._not_now(why_first(str(error)))
        else:
            self._note(path, batch.lost)
            shelf.look_after()

    def _made(self) -> Shelf:
        if self._shelf is None:
            from mptcp_top.recording.shelf import Shelf  # noqa: PLC0415  # there is a screen by now

            self._shelf = Shelf(self._store, self._plan, self._say)
        return self._shelf

    def _note(self, path: Path, lost: int) -> None:
        """Take in that a batch was written."""
        if self.state.path == path:
            return
        before, self.state = self.state, State(time.time(), path)
        if before.why_not:
            missing = f"; {lost} readings are missing" if lost else ""
            self._say(f"recording again, after {text.duration(self.state.since - before.since)}{missing}")

    def _not_now(self, why: str) -> None:
        if why != self.state.why_not:
            self.state = State(self.state.since if self.state.why_not else time.time(), None, why)
            self._say(f"not recording: {why}; trying again" if self.crash is None else f"not recording: {why}")

    def _close(self) -> None:
        if self._shelf is not None:
            try:
                self._shelf.finish()
            except NotRecorded as error:
                self._say(f"the end is not recorded: {error.why}")

    def _say(self, words: str) -> None:
        self._told = (words, clock.monotonic())
        self._tell(words)
