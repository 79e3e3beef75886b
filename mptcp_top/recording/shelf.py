"""The files of one run: the one it is recorded into, another one where that is lost, and those that are too old."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mptcp_top import clock
from mptcp_top.errors import SettingsError
from mptcp_top.recording.beside import Beside
from mptcp_top.recording.open_file import OpenFile, Session
from mptcp_top.recording.place import shown
from mptcp_top.recording.retention import delete_others
from mptcp_top.recording.trouble import NotRecorded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mptcp_top.engine.store import Store
    from mptcp_top.recording.recorder import Plan
    from mptcp_top.recording.waiting import Batch

FORGET_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 1.0
TAKE_OVER_SECONDS: Final = 15.0
"""So much at most is missing where only the file itself is copied."""


class Shelf:
    """Where one run is recorded, as its plan says. All of it belongs to one thread, and raises `NotRecorded`."""

    def __init__(self, store: Store, plan: Plan, say: Callable[[str], None]) -> None:
        self._store, self._plan, self._say = store, plan, say
        self._file: OpenFile | None = None
        self._beside: Beside | None = None
        self._ahead: float | None = None
        self._spoilt: set[Path] = set()
        self._forgot = self._looked = self._took_over = float("-inf")
        self.has_more_to_forget = False

    def open(self, batch: Batch) -> OpenFile:
        """Return the file that is written: another one where it was removed or replaced.

        Raises:
            SettingsError: there is no file for us.
        """
        if self._file is not None and not self._file.is_there:
            self._say(f"{shown(self._file.path)} was removed or replaced: recording anew")
            self._give_up()
        if self._file is None:
            first = batch.seen[0].reading if batch.seen else None
            began, wall = (first.monotonic, first.wall) if first else (clock.monotonic(), time.time())
            if self._ahead is not None:
                wall = began + self._ahead  # within a run the recording's clock is never stepped
            targets = self._store.targets
            self._file = self._first_of(Session(targets, began, wall, self._plan.hold_seconds, self._plan.keep))
            self._use(self._file)
        return self._file

    def write(self, batch: Batch, why_lost: str) -> Path:
        """Write a batch, and return into which file.

        Raises:
            SettingsError: as above.
        """
        file = self.open(batch)
        try:
            file.write(batch, self._store.marks, why_lost)
        except NotRecorded as error:
            if error.spoilt:
                self._spoilt.add(file.path)
                self._give_up()
            raise
        return file.path

    def look_after(self) -> None:
        """Forget what is too old or too much, and let the store know how far the recording has come."""
        now = clock.monotonic()
        if self._file is not None and (self.has_more_to_forget or now - self._forgot >= FORGET_SECONDS):
            self._forgot, self.has_more_to_forget = now, False
            with suppress(NotRecorded):  # then later: what is new comes first
                self.has_more_to_forget = self._file.forget(now)
        if self._file is not None and now - self._took_over >= TAKE_OVER_SECONDS:
            self._took_over = now
            with suppress(NotRecorded):
                self._file.take_over()
        if self._beside is not None and now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._beside.catch_up()

    def finish(self) -> None:
        """Close the file in good order."""
        if self._beside is not None:
            self._beside.close()
        file, self._file = self._file, None
        if file is not None:
            file.finish()

    def _first_of(self, session: Session) -> OpenFile:
        """Open the first file that may be ours."""
        complaint: NotRecorded | SettingsError = NotRecorded("the file is damaged: give another one", spoilt=True)
        found = [path for path in self._plan.paths() if path not in self._spoilt]
        for path in found:
            try:
                return OpenFile(path, session)
            except SettingsError as error:
                complaint = error if path == found[0] else complaint
            except NotRecorded as error:
                if not error.spoilt:
                    raise
                self._spoilt.add(path)
                self._say(f"{shown(path)}: {error.why}")
                complaint = error if path == found[0] else complaint
        raise complaint

    def _use(self, file: OpenFile) -> None:
        """Let the store read a file that was opened, and make room among the other ones the first time."""
        if self._plan.seam:
            self._beside = self._beside or Beside(self._store, self._plan.hold_seconds)
            self._beside.open(file.path, file.ahead_seconds)
            self._store.archive = self._beside
        if self._plan.rids and self._ahead is None:
            delete_others(file.path.parent, file.path, time.time())
        if self._ahead is None:
            file.resumed.tell(self._store.resume)
        else:
            file.resumed.forget()  # what rises is known from this run itself
        self._ahead, self.has_more_to_forget = file.ahead_seconds, True

    def _give_up(self) -> None:
        """Let go of a file that is of no use any more."""
        if self._beside is not None:
            self._beside.close()
        if self._file is not None:
            self._file.close()
        self._file = None
