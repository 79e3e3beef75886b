"""Tell somebody else what alarms: run a command of the user's, without a shell, without waiting, and not too often.

It runs in threads of its own, so that neither polls nor screens ever wait for it. What is silenced is not announced.
A replay starts none of this: who looks at last night's recording must not wake anybody.
"""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections import deque
from contextlib import suppress
from queue import Full, Queue, SimpleQueue
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from mptcp_top import text
from mptcp_top.config_alerts import PLACEHOLDERS
from mptcp_top.engine.events import Event, Happening, Remark
from mptcp_top.model import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mptcp_top.engine.store import Store

SCHEMA: Final = 1
MOST_A_MINUTE: Final = 20
AT_ONCE: Final = 4
WAITING: Final = 100
RUN_SECONDS: Final = 30.0
"""How long a command may take."""

GRACE_SECONDS: Final = 2.0
"""How long a command may go on when the dashboard ends."""

ANNOUNCED: Final = frozenset({Happening.RISE, Happening.ALERT, Happening.FIRST})
_SECRETS: Final = frozenset({"MPTCP_TOP_PASSWORD", "MPTCP_TOP_SIMULATE_PASSWORD"})
_PLACEHOLDER: Final = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")


class Announcement(NamedTuple):
    """What is told: ``counter`` is the name of a counter or an alert, ``left_out`` how many before were dropped."""

    target: str
    kind: str
    counter: str
    says: str
    since: str
    severity: str
    left_out: int = 0

    def arguments(self, command: Sequence[str]) -> list[str]:
        """Return a command with its placeholders filled in. The program itself has none.

        >>> told = Announcement("ns1", "alert", "joins fail", "joins fail: 81 %", "10:00", "warning")
        >>> told.arguments(["notify", "{target}: {says}", "{x}"])
        ['notify', 'ns1: joins fail: 81 %', '{x}']
        """
        values = self._asdict()
        return [command[0], *(_PLACEHOLDER.sub(lambda match: values[match[1]], part) for part in command[1:])]

    def json(self) -> bytes:
        """Return it as the one line of JSON that the command reads."""
        return json.dumps({"schema": SCHEMA, **self._asdict()}, ensure_ascii=True).encode() + b"\n"


def announcement_of(event: Event, left_out: int = 0) -> Announcement:
    """Return what is told of an event."""
    metric = event.episode.metric if event.episode else None
    hint = f": {metric.hint}" if metric and metric.hint else ""
    says = f"{metric.group} {metric.label} rises{hint}" if metric else event.says
    severity = metric.severity if metric else event.severity or Severity.WARNING
    return Announcement(
        event.target, event.kind, event.subject, says, text.iso_time(event.wall), severity.value, left_out
    )


class Limit:
    """How often is announced: the same of the same target once in so many seconds, all together so many a minute."""

    def __init__(self, every_seconds: float) -> None:
        self._every = every_seconds
        self._last: dict[tuple[str, str], float] = {}
        self._minute: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self.left_out = 0

    def allows(self, event: Event) -> bool:
        """Whether an event may be announced. Saying so counts as announcing it."""
        what, now = (event.target, event.subject), event.monotonic
        if now - self._last.get(what, float("-inf")) < self._every:
            return False
        if len(self._minute) == MOST_A_MINUTE and now - self._minute[0] < 60:
            self.left_out += 1
            return False
        self._last[what] = now
        self._minute.append(now)
        return True

    def taken(self) -> int:
        """Return how many were left out since it was last asked."""
        left_out, self.left_out = self.left_out, 0
        return left_out


class Fresh:
    """What happened to each target since it was last asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: dict[str, float] = {}
        self._known: dict[str, set[str]] = {}

    def events(self, target: str) -> list[Event]:
        """Return what is new, the oldest first."""
        since = self._last.get(target, float("-inf"))
        known = self._known.get(target, set())
        found = [event for event in self._store.events(target, since=since) if event.key not in known]
        if found:
            newest = found[-1].monotonic
            same = {event.key for event in found if event.monotonic == newest}
            self._known[target] = same | known if newest == since else same
            self._last[target] = newest
        return found


class Announcer:
    """A command at work. `observed` may be called from any thread and returns at once."""

    def __init__(
        self, store: Store, command: Sequence[str], every_seconds: float, run_seconds: float = RUN_SECONDS
    ) -> None:
        self._store = store
        self._command = tuple(command)
        self._limit = Limit(every_seconds)
        self._run_seconds = run_seconds
        self._fresh = Fresh(store)
        self._observed: SimpleQueue[str | None] = SimpleQueue()
        self._jobs: Queue[tuple[Event, Announcement] | None] = Queue(WAITING)
        self._running: set[Popen[bytes]] = set()
        self._stopped = False
        self._lock = Lock()  # of the two above
        self._told: set[str] = set()
        self._threads = [self._thread(self._sort_out), *(self._thread(self._work) for _ in range(AT_ONCE))]
        self.crash: BaseException | None = None

    def start(self) -> None:
        """Begin to announce."""
        for thread in self._threads:
            thread.start()

    def observed(self, target: str) -> None:
        """Say that something was read from a target."""
        self._observed.put(target)

    def stop(self) -> None:
        """End, with what was observed announced if that is done soon. No command outlives this.

        Raises the bug that ended a thread, if one did.
        """
        self._observed.put(None)
        end = time.monotonic() + GRACE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        with self._lock:
            self._stopped = True
            for process in self._running:
                _kill(process)
        if self.crash is not None:
            raise self.crash

    def _thread(self, work: Callable[[], None]) -> Thread:
        def guarded() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001  # raised again by stop(), in the thread that can end loudly
                self.crash = error

        return Thread(target=guarded, name=work.__name__, daemon=True)

    def _sort_out(self) -> None:
        """Pass on what is to be announced, in the order it happened."""
        while (target := self._observed.get()) is not None:
            for event in self._fresh.events(target):
                quiet = event.subject in self._store.silences.of(target, event.wall)
                if event.kind in ANNOUNCED and not quiet and self._limit.allows(event):
                    self._pass_on(event)
        for _ in range(AT_ONCE):
            self._jobs.put(None)

    def _pass_on(self, event: Event) -> None:
        try:
            self._jobs.put_nowait((event, announcement_of(event, self._limit.taken())))
        except Full:
            self._limit.left_out += 1

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            event, announcement = job
            complaint = self._run(announcement)
            if complaint and complaint not in self._told:
                self._told.add(complaint)
                says = f"alerts command {text.printable(self._command[0])}: {complaint}"
                remark = Remark(Happening.FAILED, says, "command", Severity.WARNING)
                self._store.note(event.target, remark, event.monotonic, event.wall)

    def _run(self, announcement: Announcement) -> str:
        """Run the command once, and return what is wrong with it."""
        try:
            process = self._started(announcement.arguments(self._command))
        except OSError as error:
            return error.strerror or str(error)
        if process is None:
            return ""
        with process:
            try:
                process.communicate(announcement.json(), self._run_seconds)
            except TimeoutExpired:
                return f"had not ended after {self._run_seconds:g} s and was killed"
            finally:
                _kill(process)
                with self._lock:
                    self._running.discard(process)
        return f"ended with exit code {process.returncode}" if process.returncode > 0 else ""

    def _started(self, arguments: list[str]) -> Popen[bytes] | None:
        environment = {name: value for name, value in os.environ.items() if name not in _SECRETS}
        with self._lock:
            if self._stopped:
                return None
            process = Popen(  # noqa: S603  # the user's own command, from a file that nobody else writes
                arguments, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, env=environment, start_new_session=True
            )
            self._running.add(process)
            return process


def _kill(process: Popen[bytes]) -> None:
    """Kill a command that has not ended, and what it started in its session."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
