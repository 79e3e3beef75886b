"""Standard output, written by one thread while another collects: a slow reader delays no poll and loses no sample."""

from __future__ import annotations

import os
import select
from collections import deque
from contextlib import contextmanager, suppress
from threading import Condition
from typing import TYPE_CHECKING, Final

from mptcp_top.cli.signals import heard
from mptcp_top.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

CHUNK_BYTES: Final = 4096
"""What a pipe that can take anything takes at once, without making us wait (PIPE_BUF)."""

WAITING_AT_MOST_BYTES: Final = 64 << 20
"""What may wait for a slow reader. Beyond that the polls wait, too: memory is not without end either."""


class Output:
    """Text on its way to standard output. `pump` belongs to the main thread, `put` and `end` to any other.

    Signals are heard while nothing is written: who hears one calls `interrupt`.
    """

    def __init__(self, stream: TextIO | None) -> None:
        if stream is None:  # closed by whoever started us; the number 1 may be anything by now
            raise SettingsError("standard output: it is closed")
        stream.flush()
        self._descriptor = stream.fileno()
        self._encoding = stream.encoding
        self._waiting: deque[memoryview] = deque()
        self._bytes = 0
        self._changed = Condition()
        self._ended = self._closed = self._interrupted = False
        self._bell, self._ring = os.pipe()
        for end in (self._bell, self._ring):
            os.set_blocking(end, False)

    def put(self, text: str) -> None:
        """Have text written; wait while too much of it waits already."""
        data = text.encode(self._encoding, "replace")
        with self._changed:
            self._changed.wait_for(lambda: self._bytes < WAITING_AT_MOST_BYTES or self._closed)
            self._waiting.append(memoryview(data))
            self._bytes += len(data)
        self._wake()

    def end(self) -> None:
        """Say that no more will come."""
        self._ended = True
        self._wake()

    def interrupt(self) -> None:
        """Have `pump` return as soon as it can; a signal handler may call this at any moment."""
        self._interrupted = True
        self._wake()

    def pump(self) -> None:
        """Write what is put, until the end of it. After an interruption: only what can be written at once.

        Raises:
            OSError: it cannot be written; a `BrokenPipeError` if the reader has gone.
        """
        poll = select.poll()
        poll.register(self._bell, select.POLLIN)
        while self._waiting or not (self._ended or self._interrupted):
            poll.register(self._descriptor, select.POLLOUT if self._waiting else 0)
            happened = dict(poll.poll(0 if self._interrupted else None))
            if self._bell in happened:
                with suppress(BlockingIOError):
                    os.read(self._bell, CHUNK_BYTES)
            state = happened.get(self._descriptor, 0)
            if self._waiting and state:
                self._write()
            elif state & (select.POLLERR | select.POLLHUP | select.POLLNVAL):
                raise BrokenPipeError
            elif self._interrupted:
                return

    def close(self) -> None:
        """Let go of whoever waits in `put`; what was not written never will be."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _write(self) -> None:
        data = self._waiting[0]
        try:
            written = os.write(self._descriptor, data[:CHUNK_BYTES])
        except BlockingIOError:  # somebody else's writes came first
            return
        with self._changed:
            self._waiting.popleft()
            if written < len(data):
                self._waiting.appendleft(data[written:])
            self._bytes -= written
            self._changed.notify_all()

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # it rings already
            os.write(self._ring, b"\0")


@contextmanager
def interrupted_by_signals(output: Output) -> Iterator[list[int]]:
    """Have signals interrupt the output, and list those that came."""
    came: list[int] = []

    def end(number: int, _: object) -> None:
        came.append(number)
        output.interrupt()

    with heard(end):
        yield came
